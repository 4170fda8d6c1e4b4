"""What presets and their rules are called where people read them, and what becoming stricter destroys. Pure words."""

from __future__ import annotations

from dataclasses import dataclass

from wearemany.errors import N_


@dataclass(frozen=True)
class PresetWords:
    """A preset in plain words: its name, when it is the right one, what it does, and what it cannot prevent."""

    name: str
    when: str
    does: str
    remains: str


PRESETS = {
    "everyday": PresetWords(
        N_("everyday"),
        N_("Nobody is in danger for taking part."),
        N_(
            "Posts appear at once, a person looks only where the machine is in doubt, and everyone decides whether "
            "to be seen."
        ),
        N_(
            "Whoever watches somebody's line and the wall at the same moment can tell which post is theirs. Faces "
            "that are shown are there for everybody, also for programs that recognise faces."
        ),
    ),
    "careful": PresetWords(
        N_("careful"),
        N_("Taking part could cost somebody a job, a place at school, or peace at home."),
        N_(
            "A person looks at every post. Posts appear in shuffled batches of at least five, smaller than they "
            "came; comments wait for a person."
        ),
        N_(
            "Faces that are shown are there for everybody, also for programs that recognise faces. A provider sees "
            "who visited this site. Whoever takes a post back is seen doing so by somebody who watches just then."
        ),
    ),
    "dangerous": PresetWords(
        N_("dangerous"),
        N_("People are questioned, dismissed or arrested for less."),
        N_(
            "Every face is covered, a person looks at every post, and posts appear in shuffled batches of at least "
            "twenty, however long that takes. No comments, no e-mail, no pictures in feeds, mirrors or the press."
        ),
        N_(
            "A provider sees who visited this site and sent something. A phone that is taken holds the photo. A "
            "covered face does not hide a tattoo, a coat or a room. A server that is taken over while it runs sees "
            "photos as they arrive. No setting makes this safe: help people decide whether to post at all."
        ),
    ),
}

LABELS = {
    "held": N_("Who looks before a post appears"),
    "cover": N_("Faces"),
    "release_batch": N_("How many posts appear together at least"),
    "release_every_s": N_("Minutes between two batches at least"),
    "main_px": N_("Longest side of public pictures, in pixels"),
    "comments": N_("Comments"),
    "pictures_out": N_("Pictures in feeds, mirrors and for the press"),
    "by_mail": N_("Photos by e-mail"),
}

VALUES: dict[str, dict[object, str]] = {
    "held": {"doubtful": N_("a person where the machine is in doubt"), "all": N_("a person, every post")},
    "cover": {
        "choose": N_("each decides; others in the picture are covered"),
        "everybody": N_("all covered"),
    },
    "comments": {
        "shown": N_("shown at once"),
        "held": N_("wait for a person"),
        "no": N_("none"),
    },
    "pictures_out": {True: N_("with consent"), False: N_("none")},
    "by_mail": {True: N_("taken"), False: N_("not taken")},
}
"""Of the rules that are no numbers."""

LOSSES = {
    "held": N_("New posts wait for a person. Those on the wall stay."),
    "cover": N_(
        "Every face on the wall is covered, and the pictures as they are now are destroyed. Where a face may have "
        "been missed, the post leaves the wall until a person has looked."
    ),
    "release_batch": N_("Posts that wait now wait until more are there."),
    "release_every_s": N_("Posts that wait now may wait longer."),
    "main_px": N_("The larger copies of the pictures on the wall are destroyed."),
    "comments": N_("Comments that were shown at once are hidden until a person has read them."),
    "comments-no": N_(
        "All comments are erased, those that wait too. Words of the campaign's own voices stay."
    ),
    "pictures_out": N_(
        "Feeds, mirrors and the press get no pictures any more. What others have copied is with them."
    ),
    "by_mail": N_("Photos by e-mail are not taken any more."),
}
"""What becoming stricter does to what is there already, said first; `comments-no` where there are to be none."""


def loss_of(name: str, value: object) -> str:
    """Return what is lost when a rule becomes this value."""
    return LOSSES["comments-no" if (name, value) == ("comments", "no") else name]
