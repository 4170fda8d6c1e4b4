"""Every sentence the darkroom can answer instead of a picture. Standard library only.

A child sends a code and plain values, never a sentence: what people read comes from this table, so a child
that an upload has taken over cannot put words into our mouth.
"""

from __future__ import annotations

from wearemany.errors import N_, Refused


def _row(code: str, sentence: str) -> tuple[str, str]:
    """Put a code beside its sentence; the page of error codes is written from these calls."""
    return code, sentence


REFUSALS: dict[str, str] = dict(
    (
        _row("upload-empty", N_("Nothing arrived. Please choose the photo again.")),
        _row(
            "upload-too-large",
            N_(
                "This file is too large. Please send a photo of at most %(megabytes)s MB; "
                "a photo straight from a phone is fine."
            ),
        ),
        _row(
            "upload-not-a-picture",
            N_(
                "We could not read this file as a photo. Please send a photo as JPEG, PNG, WebP, AVIF or HEIC."
            ),
        ),
        _row("upload-video", N_("This is a video. Please send a photo, for example a still of it.")),
        _row("upload-sound", N_("This is a sound recording. Please send a photo.")),
        _row("upload-document", N_("This is a document. Please send the photo itself.")),
        _row(
            "upload-drawing",
            N_("This is a drawing in a format that can carry programs. Please send a photo."),
        ),
        _row("upload-archive", N_("This is an archive. Please send the photo that is in it.")),
        _row("upload-web-page", N_("This is a web page or a text. Please send the photo itself.")),
        _row(
            "upload-other-format",
            N_(
                "We do not take %(format)s pictures. Please save it as JPEG or PNG, or take a "
                "screenshot, and send that."
            ),
        ),
        _row(
            "upload-raw", N_("This looks like a camera's raw file. Please send the JPEG of the same photo.")
        ),
        _row(
            "photo-damaged",
            N_(
                "This photo is damaged or did not arrive completely. Please open it, save it again, "
                "and send the new copy."
            ),
        ),
        _row(
            "photo-too-many-pixels",
            N_(
                "This picture has too many pixels. Please make it smaller than %(megapixels)s megapixels, "
                "for example with a screenshot."
            ),
        ),
        _row(
            "photo-side-too-long",
            N_("This picture is too long on one side. Please crop it to less than %(side_px)s pixels."),
        ),
        _row("photo-too-many-frames", N_("This is a long animation. Please send a single photo.")),
        _row(
            "photo-too-complicated",
            N_(
                "This photo is stored in an unusually complicated way. Please take a screenshot of it and send that."
            ),
        ),
        _row(
            "photo-broke-the-checker",
            N_("Our checker could not handle this photo. Please take a screenshot of it and send that."),
        ),
        _row(
            "photo-took-too-long",
            N_("Checking this photo took too long. Please take a screenshot of it and send that."),
        ),
    )
)


def refusal(code: str, *, cause: str = "", **values: object) -> Refused:
    """Return the refusal with the table's sentence; KeyError when the code is not in the table."""
    return Refused(code, REFUSALS[code], cause=cause, **values)
