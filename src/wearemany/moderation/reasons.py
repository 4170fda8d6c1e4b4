"""Why a post is rejected, and why one waits for a person: stable codes and the sentences people read. Pure."""

from __future__ import annotations

from wearemany.errors import N_, Refused

APPEAL_DAYS = 14
"""How long a rejected post is kept, hidden, in case its author asks for a second look."""

REJECTIONS: dict[str, str] = {
    "not-agreed": N_(
        "It seems that not everybody in the picture agreed to be shown. Please choose another one."
    ),
    "not-own": N_("This does not seem to be your own photo. Please take one yourself and send that."),
    "child": N_(
        "A child can be recognised in the picture. Please send one where no child can be recognised."
    ),
    "unsafe": N_(
        "The picture or the text could put somebody in danger: a place, a name, a sign. Please leave that out."
    ),
    "nudity": N_("There is nudity in the picture. Please send another one."),
    "violence": N_("There is violence in the picture or the text. Please send another one."),
    "hate": N_("The picture or the text hurts people for who they are. It cannot be shown here."),
    "advertising": N_("This advertises something. Please send a photo that is about the campaign alone."),
    "off-call": N_(
        "This is not what the campaign asks for. Please read the call again and send another photo."
    ),
    "copy": N_("The same picture is on the wall already. Thank you; once is enough."),
}
"""Codes that a moderator chooses from. The author reads the sentence, never who decided."""

REVIEWS: dict[str, str] = {
    "all-held": N_("In this campaign a person looks at every post before it is shown."),
    "colour-doubtful": N_("We were not sure of the colour, so a person looks at the picture."),
    "colour-other": N_("We saw another colour, so a person looks at the picture."),
    "several-people": N_("There is more than one person in the picture, so a person looks at it."),
    "faces-doubtful": N_("We were not sure that every face was found, so a person looks at the picture."),
    "edited": N_("The words were changed, so a person looks at them before they are shown."),
    "by-mail": N_("It came by e-mail, so a person looks at it first."),
    "group-minors": N_("There are children in the picture, so a person looks at it first."),
    "group-held": N_("A person looks at everything that came from this group."),
    "like-refused": N_("A picture like this one was refused lately, so a person looks at it."),
    "alike": N_("Others sent nearly the same picture, so a person looks at this one."),
    "word": N_("A person looks whether the word of the day is in the picture."),
    "unproven": N_(
        "The campaign is under attack, and your browser did not show that it is one. So a person looks at your post."
    ),
    "raid-held": N_("Many posts like this one came at once, so a person looks at it."),
    "link": N_("A person looks where the link leads before it is shown."),
    "reopened": N_("A person looks at this post again."),
    "reported": N_("Somebody reported this post, so a person looks at it."),
    "appeal": N_("You asked that another person looks at it."),
    "claim-lost-code": N_("Somebody says that this is their post and that its code is lost."),
    "claim-pictured": N_("Somebody says that they are in this picture and do not agree to it."),
}
"""Codes of reviews. The author reads the sentence while waiting; the desk sees the codes."""


TAKE_DOWNS: dict[str, str] = {
    "claim-pictured": N_("Somebody in the picture did not agree to be shown."),
    "claim-lost-code": N_("Its author had lost the code and asked us to take it down."),
    "claim-unsure": N_("We could not be sure whose post it is, and chose the safer way."),
}
"""Codes by which a person takes a post down for good, because somebody claimed it."""

PURGED = "purged"
"""The reason of a post that the team erases for good, on the word of two or after a delay."""

ENDED: dict[str, str] = {**TAKE_DOWNS, PURGED: N_("Everything of it is erased, or will be soon.")}
"""Every code by which the team ends a post for good; its author reads the sentence."""

REPORTED, APPEAL = "reported", "appeal"
"""Reasons of reviews that a stranger or the author asked for."""

REPORT_KEPT = "report-kept"
"""The reason of an approval that answers reports."""

CLAIM_SHOWN = "claim-shown"
"""The reason of an approval that answers a claim: from then on no stranger hides the post again."""


def take_down_checked(code: str) -> str:
    """Return the code; Refused `reason-missing` when it is no reason to take a post down for good."""
    if code not in TAKE_DOWNS:
        raise Refused(
            "reason-missing",
            N_("Please give one of the reasons: %(codes)s."),
            codes=", ".join(TAKE_DOWNS),
        )
    return code


def rejection_checked(code: str) -> str:
    """Return the code; Refused `reason-missing` when it is none of the rejections."""
    if code not in REJECTIONS:
        raise Refused(
            "reason-missing",
            N_("Please give one of the reasons: %(codes)s."),
            codes=", ".join(REJECTIONS),
        )
    return code
