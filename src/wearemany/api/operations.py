"""The API's operations, one table: what each is for, what it takes, what it answers, and what it may refuse and why.

The texts are for the people who write programs; they are part of the OpenAPI document.
"""

from __future__ import annotations

from wearemany.api import campaigns, keeping, posting, reporting
from wearemany.api.asking import Operation
from wearemany.api.shapes import (
    AmendBody,
    CampaignAnswer,
    CodeBody,
    ConfirmBody,
    CoverBody,
    FormAnswer,
    PhotoBody,
    PostAnswer,
    PostBody,
    ReplaceBody,
    TakeBackBody,
    TakenBackAnswer,
    UploadAnswer,
    UploadForm,
)
from wearemany.api.shapes_reports import NumberBody, ReportAnswer, ReportBody, ReportFormAnswer

_NO_CAMPAIGN = "There is no campaign at this address (`campaign-unknown`)."
_NO_POST = "No post has this code, or it was taken back or erased (`code-unknown`)."
_NO_PHOTO = "No post has this code (`code-unknown`), or the photo is not part of it (`photo-unknown`)."
_NO_REPORT = "No report has this number, or it was answered long ago (`report-unknown`)."
_NOT_NOW = "The campaign is paused or has ended (`campaign-paused`, `campaign-closed`)."

OPERATIONS = (
    Operation(
        name="campaignRead",
        method="GET",
        path="/campaigns/{handle}",
        summary="What a campaign asks",
        describes="The call in the asked language, the choices of cover, the two sentences to agree to with their "
        "version, the limits, and the number with the checkpoint it stands under.",
        handler=campaigns.campaign_read,
        answers=CampaignAnswer,
        refuses={404: _NO_CAMPAIGN},
    ),
    Operation(
        name="formMake",
        method="POST",
        path="/campaigns/{handle}/forms",
        summary="A fresh posting form",
        describes="Begin here for every post. The secret code is made with the form, in the words of the asked "
        "language, so that the post can be sent again until its answer arrives. Nothing is stored yet. "
        "Send no body.",
        handler=campaigns.form_make,
        answers=FormAnswer,
        status=201,
        refuses={404: _NO_CAMPAIGN, 409: _NOT_NOW},
    ),
    Operation(
        name="uploadTake",
        method="POST",
        path="/uploads",
        summary="Send one photo in one request",
        describes="For good lines. Over a bad one use the tus protocol at `/upload`, which goes on after a cut; "
        "both give an upload to post with. It waits for a day.",
        handler=posting.upload_take,
        answers=UploadAnswer,
        status=201,
        takes=UploadForm,
        is_form=True,
        refuses={
            429: "This form has sent a dozen photos already (`uploads-too-many`): begin with a fresh form."
        },
    ),
    Operation(
        name="postMake",
        method="POST",
        path="/campaigns/{handle}/posts",
        summary="Post",
        describes="Needs at least one upload of the same form, the cover choice and both ticks, all of them the "
        "author's own. **Repeat it unchanged until an answer comes**: the same code gives the same post, "
        "also when the campaign has ended meanwhile.",
        handler=posting.post_make,
        answers=PostAnswer,
        takes=PostBody,
        refuses={
            404: f"{_NO_CAMPAIGN} Or an upload did not arrive, expired, or is another form's (`upload-unknown`).",
            409: f"{_NOT_NOW} Or an upload is in another post (`upload-taken`), the code is of another campaign "
            "(`code-taken`), everybody must be covered (`cover-required`), there is nothing more to agree to "
            "(`consent-not-here`), or the ticks' words have changed (`terms-changed`): show them again.",
        },
    ),
    Operation(
        name="postState",
        method="POST",
        path="/posts/state",
        summary="How a post stands",
        describes="Sentences are in the asked language and are to be shown as they are.",
        handler=keeping.state,
        answers=PostAnswer,
        takes=CodeBody,
        refuses={404: _NO_POST},
    ),
    Operation(
        name="postPicture",
        method="POST",
        path="/posts/picture",
        summary="One photo as it will be public",
        describes="As large and as covered as everybody will see it. Show it before the author confirms.",
        handler=keeping.picture,
        answers=None,
        takes=PhotoBody,
        refuses={404: _NO_PHOTO, 409: "It is still being prepared, or could not be used (`still-checking`)."},
    ),
    Operation(
        name="postConfirm",
        method="POST",
        path="/posts/confirm",
        summary="Confirm the covered pictures",
        describes="Where a cover was chosen nothing is public before its author has seen the result and said that it "
        "is right. Twice is once.",
        handler=keeping.confirm,
        answers=PostAnswer,
        takes=ConfirmBody,
        refuses={
            404: _NO_POST,
            409: "A picture is still being prepared (`still-checking`), or the ticks are missing (`consent-missing`).",
        },
    ),
    Operation(
        name="postCover",
        method="POST",
        path="/posts/cover",
        summary="Cover more of a photo",
        describes="Boxes are only ever added. The picture is hidden from everybody until they are on.",
        handler=keeping.cover,
        answers=PostAnswer,
        takes=CoverBody,
        refuses={404: _NO_PHOTO, 409: "There are too many boxes with those drawn before (`boxes-unusable`)."},
    ),
    Operation(
        name="postAmend",
        method="POST",
        path="/posts/amend",
        summary="Change words and consents",
        describes="What is left out stays as it is. Words may wait until a person has looked; consents count at once.",
        handler=keeping.amend,
        answers=PostAnswer,
        takes=AmendBody,
        refuses={
            404: _NO_POST,
            409: "In this campaign there is nothing more to agree to (`consent-not-here`).",
        },
    ),
    Operation(
        name="postReplacePhoto",
        method="POST",
        path="/posts/replace-photo",
        summary="Send another photo for one that could not be used",
        describes="The upload may be of any fresh form. The author confirms anew.",
        handler=keeping.replace,
        answers=PostAnswer,
        takes=ReplaceBody,
        refuses={
            404: f"{_NO_PHOTO} Or the upload did not arrive (`upload-unknown`).",
            409: f"The photo needs no other one (`photo-stays`). {_NOT_NOW} Or the upload is in a post "
            "(`upload-taken`).",
        },
    ),
    Operation(
        name="postDropPhoto",
        method="POST",
        path="/posts/drop-photo",
        summary="Leave out a photo that could not be used",
        describes="The rest of the post goes on.",
        handler=keeping.drop,
        answers=PostAnswer,
        takes=PhotoBody,
        refuses={
            404: _NO_PHOTO,
            409: "It is the only one (`photo-last`), or it is fine (`photo-stays`): take the post back instead.",
        },
    ),
    Operation(
        name="postTakeBack",
        method="POST",
        path="/posts/take-back",
        summary="Take a post back",
        describes="Gone everywhere with this request, and erased. Its code is nobody's then: a repeat is answered 404.",
        handler=keeping.take_back,
        answers=TakenBackAnswer,
        takes=TakeBackBody,
        refuses={404: _NO_POST},
    ),
    Operation(
        name="reportForm",
        method="POST",
        path="/reports/forms",
        summary="A fresh form to report a post with",
        describes="Its number is made now, so that the report can be sent again until its answer arrives. Nothing is "
        "stored yet. Send no body.",
        handler=reporting.form,
        answers=ReportFormAnswer,
        status=201,
    ),
    Operation(
        name="reportMake",
        method="POST",
        path="/campaigns/{handle}/reports",
        summary="Report a post",
        describes="Needs no account and no code. A report hides nothing: a person of the team looks. Who is in the "
        "picture is better served by the link under the post, which hides it at once. **Repeat it unchanged until an "
        "answer comes**: the same number gives the same report.",
        handler=reporting.make,
        answers=ReportAnswer,
        takes=ReportBody,
        refuses={
            404: f"{_NO_CAMPAIGN} Or no post has this number, or none any more (`post-unknown`).",
            409: "Nobody is shown the post now (`report-needless`), a person kept it for this very reason lately "
            "(`report-looked`), or many reported it already (`report-known`).",
        },
    ),
    Operation(
        name="reportState",
        method="POST",
        path="/reports/state",
        summary="How a report stands",
        describes="Sentences are in the asked language and are to be shown as they are.",
        handler=reporting.state,
        answers=ReportAnswer,
        takes=NumberBody,
        refuses={404: _NO_REPORT},
    ),
    Operation(
        name="reportWithdraw",
        method="POST",
        path="/reports/withdraw",
        summary="Take a report back",
        describes="The number goes on showing it. Twice is once.",
        handler=reporting.withdraw,
        answers=ReportAnswer,
        takes=NumberBody,
        refuses={404: _NO_REPORT},
    ),
)
