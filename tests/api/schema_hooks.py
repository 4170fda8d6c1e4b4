"""What schemathesis is told of our door: a post that there is, and what a form cannot carry over the wire.

Loaded by its command, not by the tests.
"""

from __future__ import annotations

import os
from typing import Any

import schemathesis

CODE, PHOTO = os.environ["DOOR_CODE"], os.environ["DOOR_PHOTO"]
_SPARED = ("/posts", "/take-back")


@schemathesis.hook
def before_call(context: Any, case: Any, **kwargs: Any) -> None:
    """Let well-formed requests speak of a post that there is: what they do is only seen then."""
    if case.operation.path.endswith(_SPARED) or not isinstance(case.body, dict):
        return
    if case.meta is not None and case.meta.generation.mode.is_positive and "code" in case.body:
        case.body["code"] = CODE
        if "photo" in case.body:
            case.body["photo"] = PHOTO


@schemathesis.hook
def filter_body(context: Any, body: Any) -> bool:
    """Leave out fields that vanish on their way: an empty list has no place in a form."""
    if context.operation.path.endswith("/uploads") and isinstance(body, dict):
        return all(value not in ([], {}, None) for value in body.values())
    return True
