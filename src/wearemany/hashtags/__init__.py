"""Hashtags in any script: find them, tell when two spellings are one tag, join a phrase, spot look-alikes.

Pure. What a tag is (our dialect) is written down in docs/develop/hashtags.md. No letter is ever folded for
display or federation: `extract` returns what was written, in NFC; only keys and handles are folded.
"""

from wearemany.hashtags.characters import is_tag
from wearemany.hashtags.finding import extract
from wearemany.hashtags.handles import handle_for, is_handle
from wearemany.hashtags.joining import joined_tag
from wearemany.hashtags.keys import match_key, match_keys, matches
from wearemany.hashtags.likeness import Lookalike, lookalikes, mixes_scripts
from wearemany.hashtags.markup import extract_html

__all__ = [
    "Lookalike",
    "extract",
    "extract_html",
    "handle_for",
    "is_handle",
    "is_tag",
    "joined_tag",
    "lookalikes",
    "match_key",
    "match_keys",
    "matches",
    "mixes_scripts",
]
