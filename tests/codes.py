"""Looking for a keep-code where none may be."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import unquote_plus


def holds_code(text: str, code: str) -> bool:
    """Tell whether two neighbouring words of a code stand side by side in a text, or in an address however quoted.

    One word alone says nothing: many are everyday words, and some are parts of others.
    """
    plain = unquote_plus(text)
    return any(
        re.search(rf"{re.escape(one)}[\W_]{{0,3}}{re.escape(other)}", plain, re.IGNORECASE)
        for one, other in pairwise(code.split())
    )
