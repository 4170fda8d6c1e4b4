"""The OpenAPI document, made from the operations and their shapes, so that it cannot say anything else than they do."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from pydantic import BaseModel

from wearemany import __version__
from wearemany.api.asking import FORM, JSON, ROOT, Operation
from wearemany.api.operations import OPERATIONS
from wearemany.api.shapes import LANGUAGE_PATTERN, TroubleAnswer, schema_of

_PICTURE = "image/jpeg"
_ABOUT = """\
The door of a campaign for programs: read what is asked, send photos, post, and keep a post with its secret code.
No account, no key, no cookie; pages of other origins are refused, programs are not.

**Please** show people what the posting page shows them, agree to nothing in their name, and keep secret codes out of
paths, logs and your own storage.

Every error is `{"error": {"code", "sentence"}}`: the code is stable, the sentence is for people, in the language of
`?language` or `Accept-Language`. Photos over a bad line go by the tus protocol 1.0.0 at `/upload`, with
`Upload-Metadata: form <base64 of the form's token>`; the last part of the address that it gives is the upload's id.
"""
_ANY = {
    400: "The body or the query cannot be read (`request-unreadable`, `where` names the field), or a text is too long.",
    405: "The address does not take this method (`method-unknown`).",
    503: "Very many people are here, or the server is in trouble: try again after `Retry-After` seconds.",
}
_SENDING = {
    403: "A page of another origin asks (`other-origin`).",
    408: "The body took too long (`body-too-slow`).",
    413: "The body is larger than is taken (`body-too-large`).",
    415: "The body is of another content type (`body-type-unknown`).",
}
_LANGUAGE = {
    "name": "language",
    "in": "query",
    "required": False,
    "description": "The language of sentences and of the campaign's words, before `Accept-Language`; what there is not "
    "comes in the nearest one.",
    "schema": {"type": "string", "pattern": LANGUAGE_PATTERN},
    "example": "en",
}
_HANDLE = {
    "name": "handle",
    "in": "path",
    "required": True,
    "description": "The campaign's handle, as in the addresses of its pages.",
    "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{1,38}[a-z0-9]$"},
    "example": "red",
}


def openapi(request: HttpRequest) -> HttpResponse:
    """Answer with the document."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return HttpResponse(_text(), content_type=JSON)


@lru_cache(maxsize=1)
def _text() -> str:
    return json.dumps(document(), ensure_ascii=False)


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"{ROOT}{operation.path}", {})[operation.method.lower()] = _operation(
            operation, schemas
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The door",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [],
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _operation(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.describes,
        "parameters": [
            *([_HANDLE] if "{handle}" in operation.path else []),
            _LANGUAGE,
        ],
        "responses": _responses(operation, schemas),
    }
    if operation.takes is not None:
        kind = FORM if operation.is_form else JSON
        content = {kind: {"schema": _named(operation.takes, schemas, answer=False)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _responses(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    fine: dict[str, Any] = {_PICTURE: {"schema": {"type": "string", "format": "binary"}}}
    if operation.answers is not None:
        fine = {JSON: {"schema": _named(operation.answers, schemas, answer=True)}}
    sending = _SENDING if operation.method == "POST" else {}
    told = {**_ANY, **sending, **operation.refuses}
    trouble = {JSON: {"schema": _named(TroubleAnswer, schemas, answer=True)}}
    refusals = {str(status): {"description": told[status], "content": trouble} for status in sorted(told)}
    refusals["503"]["headers"] = {
        "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}
    }
    return {str(operation.status): {"description": "Done.", "content": fine}, **refusals}


def _named(shape: type[BaseModel], schemas: dict[str, Any], *, answer: bool) -> dict[str, str]:
    """Put a shape and its parts among the schemas, and return the reference to it."""
    whole = schema_of(shape, answer=answer)
    for name, part in whole.pop("$defs", {}).items():
        schemas.setdefault(name, _tidy(part))
    schemas.setdefault(shape.__name__, _tidy(whole))
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _tidy(schema: dict[str, Any]) -> dict[str, Any]:
    """Drop the titles that are only made from names, and the line ends of docstrings."""
    kept = {name: value for name, value in schema.items() if name != "title"}
    if "description" in kept:
        kept["description"] = re.sub(r"\s+", " ", str(kept["description"]))
    for name, part in kept.get("properties", {}).items():
        kept["properties"][name] = {key: value for key, value in part.items() if key != "title"}
    return kept
