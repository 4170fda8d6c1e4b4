"""What programs send and get, as types: the one place from which bodies are read, answers written, and both described.

Nothing is coerced and no field is ignored: a mistyped name is an error, not a silent default.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from wearemany.campaigns.models import Phase, Preset
from wearemany.photos.orders import ALT_MAX, BOXES_MAX, CAPTION_MAX, NAME_MAX, PEOPLE_MAX, PHOTOS_MAX
from wearemany.wall.queries import PostState

CODE_EXAMPLE = "amber birch cedar delta ember frost grove"
_ID = r"^[a-z2-7]{26}$"
_ID_EXAMPLE = "mfzwi3lfnvrgc43fna2wm6lsoq"

Id = Annotated[str, Field(pattern=_ID, examples=[_ID_EXAMPLE])]
FormToken = Annotated[
    str, Field(pattern=_ID, examples=[_ID_EXAMPLE], description="The token that came with the form.")
]
FreshCode = Annotated[
    str,
    Field(
        pattern=r"^[a-zа-яё]{2,20}( [a-zа-яё]{2,20}){6}$",
        examples=[CODE_EXAMPLE],
        description="The secret code that came with the form, as it came: it owns the post from now on.",
    ),
]
TypedCode = Annotated[
    str,
    Field(
        max_length=400,
        examples=[CODE_EXAMPLE],
        description="The post's secret code as its author typed it: slips, hyphens and capitals are understood.",
    ),
]
Caption = Annotated[str, Field(max_length=CAPTION_MAX, examples=["We are not indifferent"])]
Name = Annotated[
    str, Field(max_length=NAME_MAX, description="The name to show; empty for none.", examples=["Vera"])
]
People = Annotated[
    int,
    Field(ge=1, le=PEOPLE_MAX, description="How many people are in the picture."),
    # In JSON 2.0 is a whole number too.
    BeforeValidator(lambda given: int(given) if isinstance(given, float) and given.is_integer() else given),
]
Alts = Annotated[
    list[Annotated[str, Field(max_length=ALT_MAX)]],
    Field(
        max_length=PHOTOS_MAX,
        description="A description for each photo, for people who do not see it.",
        examples=[["Me in red"]],
    ),
]
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"
LanguageTag = Annotated[
    str,
    Field(pattern=LANGUAGE_PATTERN, examples=["en"], description="A BCP 47 language tag."),
]
Consents = Annotated[
    list[Literal["fediverse", "press", "mosaic", "mirrors"]],
    Field(
        max_length=4,
        description="What is agreed to beside the wall, each on its own: names out of the campaign's `consents`. "
        "With `press` in the post itself a larger covered copy (up to 3200 pixels) is kept for newspapers, so send the "
        "photo as it is; given later it means the public size. Taken back, that copy is erased.",
    ),
]
Cover = Literal["everybody", "others", "nobody"]
Stage = Literal["waiting", "developed", "refused"]


class Shape(BaseModel):
    """The ground of all shapes."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Trouble(Shape):
    """What went wrong. `code` is stable and for programs; `sentence` is for people, in the language asked for."""

    code: Annotated[str, Field(examples=["campaign-closed"])]
    sentence: Annotated[str, Field(examples=["The campaign has ended and takes no new posts."])]
    where: Annotated[
        str | None,
        Field(description="Which field of the body or the query, where it is one.", examples=["people"]),
    ] = None


class TroubleAnswer(Shape):
    """The form of every error."""

    error: Trouble


class Choice(Shape):
    """Something to choose or to agree to: its name for the program, its words to be shown to the person."""

    name: str
    words: str
    more: Annotated[str, Field(description="A second sentence; often empty.")] = ""


class Limits(Shape):
    """How much is taken."""

    photo_bytes: Annotated[int, Field(description="Largest photo.")]
    photos: Annotated[int, Field(description="Photos in one post.")]
    uploads_a_form: Annotated[int, Field(description="Uploads that one form can have.")]
    upload_hours: Annotated[int, Field(description="Hours for which an upload waits to be posted with.")]
    caption: int
    name: int
    alt: int
    people: int


class Number(Shape):
    """The campaign's number, as of the public checkpoint. Anyone can recount it from the log."""

    posts: int
    people: Annotated[int, Field(description="People in the posts, as their authors declared.")]
    distinct: Annotated[int, Field(description="Posts without repeats of the same picture.")]
    in_colour: Annotated[int, Field(description="Posts in the campaign's colour.")]
    removed: Annotated[int, Field(description="Posts that were on the wall and are not any more.")]
    size: Annotated[int, Field(description="Entries of the log under the checkpoint.")]
    witnesses: Annotated[
        list[str],
        Field(description="Who countersigned the newest countersigned state; empty: not witnessed."),
    ]
    witnessed_size: Annotated[int, Field(description="Entries of the log that they have seen.")]
    checkpoint: Annotated[
        str, Field(description="Path of the signed checkpoint.", examples=["/log/red/checkpoint"])
    ]
    explained: Annotated[
        str, Field(description="Path of the page that explains it.", examples=["/en/red/check"])
    ]


class CampaignAnswer(Shape):
    """A campaign: what it asks, and everything that must be shown before somebody posts."""

    handle: str
    phase: Phase
    takes_posts: bool
    notice: Annotated[str, Field(description="What the organisers say about a pause or the end; else empty.")]
    phrase: str
    hashtag: str
    colour: str
    honouree: str
    title: str
    call: str
    about_honouree: str
    run_by: Annotated[str, Field(description="Who runs the campaign; say it before a photo is taken.")]
    run_from: Annotated[str, Field(description="Where they are; empty where they have not said.")]
    legal_aid: Annotated[
        list[str], Field(description="Whom to call when questioned or detained, line by line.")
    ]
    text_language: Annotated[
        str, Field(description="The language that the campaign's own words really are in.")
    ]
    languages: Annotated[list[str], Field(description="The languages that the campaign has words in.")]
    preset: Preset
    covers: Annotated[list[Choice], Field(description="Whose faces can be covered; the author must choose.")]
    ticks: Annotated[
        list[Choice],
        Field(description="The two sentences that the author agrees to. Never tick for anybody."),
    ]
    terms_version: Annotated[str, Field(description="The version of these sentences; send it with the post.")]
    consents: Annotated[
        list[Choice],
        Field(description="What may be agreed to beside the wall; never required, never ticked before."),
    ]
    before: Annotated[
        str,
        Field(
            description="Path of the page that says what is kept, who sees it and what happens if the server is "
            "seized: show it or lead there before a photo is taken.",
            examples=["/en/red/join"],
        ),
    ]
    wall: Annotated[str, Field(examples=["/en/red/"])]
    number: Number
    limits: Limits


class FormAnswer(Shape):
    """A fresh posting form. Give the code to the author before anything else can go wrong."""

    form: FormToken
    code: FreshCode


class UploadAnswer(Shape):
    """A photo that arrived: name it in the post."""

    upload: Id


class UploadForm(Shape):
    """One photo with the form it belongs to, as multipart/form-data."""

    form: FormToken
    photo: Annotated[
        str,
        Field(
            min_length=1,
            json_schema_extra={"format": "binary"},
            description="JPEG, PNG, WebP, HEIC, AVIF or GIF. A file's name is dropped unread.",
        ),
    ]


class Ticks(Shape):
    """The two sentences, agreed to by the author. There is no default and no other value."""

    show: Literal[True]
    agreed: Literal[True]


class PostBody(Shape):
    """A post. The same code again gives the same post, whatever else is sent with it."""

    form: FormToken
    code: FreshCode
    uploads: Annotated[
        list[Id], Field(min_length=1, max_length=PHOTOS_MAX, description="In the order to show.")
    ]
    cover: Cover
    ticks: Ticks
    terms_version: Annotated[
        str, Field(max_length=20, description="The version that was shown.", examples=["2"])
    ]
    language: LanguageTag
    caption: Caption = ""
    name: Name = ""
    people: People = 1
    alts: Alts = []
    consents: Consents = []


class CodeBody(Shape):
    """Whose post it is."""

    code: TypedCode


class ConfirmBody(CodeBody):
    """The author's word that the covered pictures are right."""

    ticks: Annotated[
        Ticks | None, Field(description="Needed where `asks_ticks` says so: a post that came without them.")
    ] = None


class BoxBody(Shape):
    """A box over what shall be covered, in fractions of the upright picture's width and height."""

    left: Annotated[float, Field(ge=0, le=0.99)]
    top: Annotated[float, Field(ge=0, le=0.99)]
    width: Annotated[float, Field(ge=0.01, le=1)]
    height: Annotated[float, Field(ge=0.01, le=1)]


class PhotoBody(CodeBody):
    """One photo of a post."""

    photo: Annotated[Id, Field(description="The photo's id, out of the post's state.")]


class CoverBody(PhotoBody):
    """What shall be covered of a photo beside what is covered already."""

    boxes: Annotated[list[BoxBody], Field(min_length=1, max_length=BOXES_MAX)]


class ReplaceBody(PhotoBody):
    """Another photo in the place of one that could not be used."""

    form: FormToken
    upload: Id


class AmendBody(CodeBody):
    """What to change; what is left out stays as it is. `consents` is the whole set that holds from now on."""

    caption: Caption | None = None
    name: Name | None = None
    people: People | None = None
    alts: Alts | None = None
    language: LanguageTag | None = None
    consents: Consents | None = None


class TakeBackBody(CodeBody):
    """Take the post back, everywhere and for good. `sure` is the author's, asked for on purpose."""

    sure: Literal[True]


class TakenBackAnswer(Shape):
    """The post is gone, and with it its code."""

    taken_back: Literal[True]


class ConsentState(Shape):
    """One thing that may be agreed to, and whether it is."""

    name: str
    words: str
    given: bool


class PhotoState(Shape):
    """One photo as its author sees it."""

    photo: Id
    number: Annotated[int, Field(description="Its place in the post, from 1.")]
    state: Stage
    alt: str
    width_px: int
    height_px: int
    seen: Annotated[
        list[str], Field(description="Sentences on the clothing: what was seen and how it counts.")
    ]
    faces: Annotated[list[str], Field(description="Sentences on the faces that were found and covered.")]
    outline: Annotated[
        list[list[list[float]]],
        Field(description="Where the clothing was seen: polygons of [x, y] in fractions of the picture."),
    ]
    refused: Annotated[str, Field(description="Why it could not be used and what to do; else empty.")]
    can_be_dropped: bool


class PostAnswer(Shape):
    """A post as its author sees it. Ask again while `is_moving`, every few seconds at most."""

    state: PostState
    label: Annotated[str, Field(description="The state in a few words, to be shown.")]
    sentences: Annotated[list[str], Field(description="What it means and what happens next, to be shown.")]
    is_moving: Annotated[bool, Field(description="Whether waiting makes sense: it will change by itself.")]
    mark: Annotated[str, Field(description="Changes whenever anything here changes by itself.")]
    wall: Annotated[str, Field(description="Path of the post on the wall; empty while it is not there.")]
    asks_ticks: Annotated[bool, Field(description="Whether confirming needs the two ticks.")]
    language: str
    caption: str
    name: str
    people: int
    waits_for_words: Annotated[bool, Field(description="Whether changed words wait to be looked at.")]
    consents: list[ConsentState]
    photos: list[PhotoState]


def schema_of(shape: type[BaseModel], *, answer: bool) -> dict[str, Any]:
    """Return the JSON schema of a shape, its parts referred to by name."""
    return shape.model_json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization" if answer else "validation"
    )
