"""One operation of the API: what it takes, what it answers, what it may refuse; and the view that keeps to that.

The view reads and checks the body, calls the operation's handler, and writes the answer. Every error takes the
house's form. What the operations are is in `operations`, how they are described in `describing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import translation
from pydantic import BaseModel, ValidationError

from wearemany.adapters.received import ENVIRON_KEY, ReceivedFile
from wearemany.api.shapes import LANGUAGE_PATTERN, Trouble, TroubleAnswer
from wearemany.errors import N_, Refused
from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.rendering.troubles import known_of, note, retry_after_s, sentence_of, status_of

ROOT = "/api/v1"
JSON = "application/json"
FORM = "multipart/form-data"

# Beside what holds at every edge: mostly matters of the moment, and no fault of the request's form.
STATUS = {
    **dict.fromkeys(
        (
            "boxes-unusable",
            "code-taken",
            "consent-missing",
            "consent-not-here",
            "cover-required",
            "photo-last",
            "photo-stays",
            "report-known",
            "report-looked",
            "report-needless",
            "still-checking",
            "terms-changed",
            "upload-taken",
        ),
        409,
    ),
    "body-type-unknown": 415,
    "photo-unknown": 404,
    "post-gone": 404,
    "upload-unknown": 404,
    "uploads-too-many": 429,
}

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class Picture:
    """An answer that is a picture."""

    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class Asked:
    """A request as a handler needs it: its body, the language to answer in, what its path names, what it brought."""

    language: str
    named: Mapping[str, str]
    content: BaseModel | None = field(default=None, repr=False)
    received: Sequence[ReceivedFile] = ()

    def body(self, shape: type[Body]) -> Body:
        """Return the body, which the operation says has this shape."""
        assert isinstance(self.content, shape)
        return self.content


Handler = Callable[[Asked], BaseModel | Picture]


@dataclass(frozen=True)
class Operation:
    """`takes` is the body's shape (`is_form`: as a form with a file), `answers` the answer's, None for a picture.

    `refuses` says when each status of its own comes; those that any request may get are known to `describing`.
    """

    name: str
    method: str
    path: str
    summary: str
    describes: str
    handler: Handler
    answers: type[BaseModel] | None
    status: int = 200
    takes: type[BaseModel] | None = None
    is_form: bool = False
    refuses: Mapping[int, str] = field(default_factory=dict)


View = Callable[..., HttpResponse]


def view_of(operations: Sequence[Operation]) -> View:
    """Return the view of one path: all its operations, by method."""
    by_method = {operation.method: operation for operation in operations}
    allowed = [*by_method, *(["HEAD"] if "GET" in by_method else [])]

    def view(request: HttpRequest, **named: str) -> HttpResponse:
        operation = by_method.get("GET" if request.method == "HEAD" else str(request.method))
        if operation is None:
            # The error middleware gives it words.
            return HttpResponseNotAllowed(allowed)
        language = translation.get_language() or INTERFACE_LANGUAGES[0].code
        try:
            language = _language(request) or language
            with translation.override(_interface(language)):
                try:
                    return _answered(operation, request, language, named)
                except Exception as error:
                    return refusal(error)
        except Refused as error:
            return refusal(error)

    return view


def refusal(error: Exception, *, where: str | None = None) -> HttpResponse:
    """Return the answer to an error, in the language that is set."""
    known = known_of(error)
    note(error, known)
    trouble = Trouble(
        code=known.code, sentence=sentence_of(known), where=where or getattr(error, "where", None)
    )
    content = TroubleAnswer(error=trouble).model_dump_json(exclude_none=True)
    response = HttpResponse(content, content_type=JSON, status=STATUS.get(known.code) or status_of(known))
    if (wait_s := retry_after_s(known)) is not None:
        response.headers["Retry-After"] = str(wait_s)
    return response


class Unreadable(Refused):
    """A body or a query that is not what the operation takes; `where` names the field, never its value."""

    def __init__(self, where: str = "") -> None:
        super().__init__(
            "request-unreadable",
            N_("This app has sent something that we cannot read. Please tell the people who made it."),
            cause=where,
        )
        self.where = where or None


def _answered(
    operation: Operation, request: HttpRequest, language: str, named: Mapping[str, str]
) -> HttpResponse:
    asked = Asked(
        language=language,
        named=named,
        content=_body(operation, request),
        received=request.META.get(ENVIRON_KEY, ()),
    )
    answer = operation.handler(asked)
    if isinstance(answer, Picture):
        return HttpResponse(answer.content, content_type=answer.media_type)
    return HttpResponse(answer.model_dump_json(), content_type=JSON, status=operation.status)


def _body(operation: Operation, request: HttpRequest) -> BaseModel | None:
    if operation.takes is None:
        return None
    try:
        if operation.is_form:
            return operation.takes.model_validate(_form(request))
        if request.body and (request.content_type or "").lower() != JSON:
            raise Refused(
                "body-type-unknown",
                N_("What was sent is of a kind we do not take. Please use the form on the page."),
            )
        return operation.takes.model_validate_json(request.body)
    except ValidationError as error:
        raise Unreadable(_place(error)) from None


def _form(request: HttpRequest) -> dict[str, object]:
    """Return the fields of a form as the shape wants them; files are with the front already, their field is named."""
    received: Sequence[ReceivedFile] = request.META.get(ENVIRON_KEY, ())
    fields: dict[str, object] = {}
    for name in request.POST:
        values = request.POST.getlist(name)
        fields[name] = values[0] if len(values) == 1 else values
    for one in received:
        fields[one.field] = "sealed" if one.field not in fields else None
    return fields


def _place(error: ValidationError) -> str:
    """Return the dotted name of the first field that is wrong, as far as it is one of ours."""
    parts = [str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"]]
    return ".".join(part if re.fullmatch(r"[a-z_]{1,20}|\d{1,3}", part) else "?" for part in parts[:4])


def _language(request: HttpRequest) -> str | None:
    """Return the language that the query asks for; None when it asks for none."""
    asked = request.GET.getlist("language")
    if len(asked) > 1 or (asked and not re.fullmatch(LANGUAGE_PATTERN, asked[0])):
        raise Unreadable("language")
    return asked[0] if asked else None


def _interface(language: str) -> str:
    root = language.split("-")[0]
    codes = [known.code for known in INTERFACE_LANGUAGES]
    return root if root in codes else codes[0]
