"""Looking for a keep-code where none may be."""

from __future__ import annotations

import re
from itertools import pairwise


def holds_code(text: str, code: str) -> bool:
    """Tell whether two neighbouring words of a code stand side by side in a text.

    One word alone says nothing: many are everyday words, and some are parts of others.
    """
    return any(
        re.search(rf"\b{re.escape(one)}\W{{1,3}}{re.escape(other)}\b", text, re.IGNORECASE)
        for one, other in pairwise(code.split())
    )
