"""What programs send and get when somebody reports a post; the same rules as all shapes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wearemany.api.shapes import Choice, Shape
from wearemany.moderation.reports import WORDS_MAX

NUMBER_EXAMPLE = "mfzw-i3lf-nvrg-c43f"
_POSITION_MOST = 2**53 - 1

Kind = Literal["unsafe", "not-own", "child", "nudity", "violence", "hate", "advertising", "other"]
Place = Literal["", "picture", "words", "link"]
Outcome = Literal["", "taken-down", "kept", "gone", "withdrawn"]
FreshNumber = Annotated[
    str,
    Field(
        pattern=r"^[a-z2-7]{4}(-[a-z2-7]{4}){3}$",
        examples=[NUMBER_EXAMPLE],
        description="The number that came with the form, as it came: it shows the outcome from now on.",
    ),
]
TypedNumber = Annotated[
    str,
    Field(
        max_length=60,
        examples=[NUMBER_EXAMPLE],
        description="The report's number as it was typed: capitals, spaces and 0 for o are understood.",
    ),
]


class ReportFormAnswer(Shape):
    """A fresh form to report with. Give the number to the person: it is the only way to the outcome."""

    number: FreshNumber
    kinds: Annotated[list[Choice], Field(description="What can be wrong; the person must choose one.")]
    places: Annotated[list[Choice], Field(description="Where in the post it is; may be left out.")]
    words_max: Annotated[int, Field(description="How many characters the words may have.")]


class ReportBody(Shape):
    """A report. The same number again gives the same report, whatever else is sent with it."""

    number: FreshNumber
    post: Annotated[
        int,
        Field(
            ge=0,
            le=_POSITION_MOST,
            description="The post's number: it stands at the end of its address.",
            examples=[1],
        ),
    ]
    kind: Kind
    place: Place = ""
    words: Annotated[
        str,
        Field(
            max_length=WORDS_MAX,
            description="A few words, if the person likes. They are read by the team alone.",
            examples=["There is a street sign behind her."],
        ),
    ] = ""


class NumberBody(Shape):
    """Which report."""

    number: TypedNumber


class ReportAnswer(Shape):
    """How a report stands. It never hides anything: a person of the team decides."""

    is_open: bool
    kind: Annotated[str, Field(description="What was said to be wrong, in words.")]
    place: Annotated[str, Field(description="Where, in words; often empty.")]
    outcome: Annotated[Outcome, Field(description="What became of it; empty while it is open.")]
    sentences: Annotated[list[str], Field(description="The same for people, to be shown as they are.")]
    kept_days: Annotated[int, Field(description="For so many days after the outcome the number shows it.")]
