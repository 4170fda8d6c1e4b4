"""What the server saw, in plain words: the colour, how it counts, the faces. Advice, never a judgement.

Whole sentences for every colour, because most languages bend a colour to fit its sentence.
"""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from wearemany.errors import N_
from wearemany.photos.showing import PhotoView
from wearemany.rendering.colours import in_colour

_LOOKS = {
    "red": N_("The clothing that we outlined looks red to us."),
    "orange": N_("The clothing that we outlined looks orange to us."),
    "yellow": N_("The clothing that we outlined looks yellow to us."),
    "green": N_("The clothing that we outlined looks green to us."),
    "blue": N_("The clothing that we outlined looks blue to us."),
    "purple": N_("The clothing that we outlined looks purple to us."),
    "pink": N_("The clothing that we outlined looks pink to us."),
    "brown": N_("The clothing that we outlined looks brown to us."),
    "black": N_("The clothing that we outlined looks black to us."),
    "white": N_("The clothing that we outlined looks white to us."),
    "grey": N_("The clothing that we outlined looks grey to us."),
}
_CIRCUMSTANCES = {
    "partly-in-the-colour": N_("Part of it has another colour."),
    "near-the-colour": N_("It is close to another colour, and people may differ about it."),
    "little-garment-seen": N_("Only little of your clothing is in the picture, so we are less sure."),
    "odd-light": N_("The light in the picture is unusual, so we are less sure."),
    "too-dark": N_("The picture is rather dark, so we are less sure."),
}
_FACE_DOUBTS = {
    "small-face": N_("One face is small. Please look closely whether it is covered as you wish."),
    "faint-face": N_("One face is hard to see. Please look closely whether it is covered as you wish."),
    "fewer-faces-than-heads": N_("There may be more people than faces that we found. Please look closely."),
    "first-frame": N_("This is a moving picture; we took its first moment."),
}


def colour_words(photo: PhotoView, *, colour: str) -> tuple[str, ...]:
    """Return sentences on the clothing's colour and how the photo counts in a campaign of `colour`."""
    looks = gettext(_LOOKS[photo.garment_colour]) if photo.garment_colour in _LOOKS else ""
    doubts = tuple(gettext(_CIRCUMSTANCES[code]) for code in photo.reasons if code in _CIRCUMSTANCES)
    values = {"in_colour": in_colour(colour)}
    if not photo.outline or not looks:
        unseen = gettext(
            "We could not make out the clothing, so we cannot say its colour. A person will look."
        )
        return (unseen,)
    if photo.verdict == "accept":
        counts = gettext("So your photo counts among those %(in_colour)s.") % values
    elif photo.verdict == "refuse":
        counts = (
            gettext(
                "Your photo is welcome all the same. It does not count among those %(in_colour)s, "
                "unless a person sees it differently."
            )
            % values
        )
    else:
        counts = (
            gettext(
                "We are not sure enough. Your photo is welcome either way; a person says whether it counts "
                "among those %(in_colour)s."
            )
            % values
        )
    return (looks, *doubts, counts)


def face_words(photo: PhotoView) -> tuple[str, ...]:
    """Return sentences on how many faces were found and covered, and where to look closely."""
    found = len(photo.faces)
    covered = sum(1 for face in photo.faces if face.get("covered"))
    sentences = [_found_words(found, covered)]
    if drawn := len(photo.drawn):
        sentences.append(
            ngettext(
                "%(count)d place is covered by your own hand.",
                "%(count)d places are covered by your own hand.",
                drawn,
            )
            % {"count": drawn}
        )
    sentences += [gettext(_FACE_DOUBTS[code]) for code in photo.advice if code in _FACE_DOUBTS]
    return tuple(sentences)


def _found_words(found: int, covered: int) -> str:
    values = {"count": found, "covered": covered}
    if not found:
        return gettext("We found no face in this picture.")
    if not covered:
        visible = ngettext(
            "We found %(count)d face; it is visible.", "We found %(count)d faces; they are visible.", found
        )
        return visible % values
    if covered >= found:
        all_covered = ngettext(
            "We found %(count)d face and covered it.", "We found %(count)d faces and covered them all.", found
        )
        return all_covered % values
    return (
        ngettext(
            "We found %(count)d face and covered %(covered)d.",
            "We found %(count)d faces and covered %(covered)d of them.",
            found,
        )
        % values
    )
