"""How careful a campaign is with people: the three presets as plain numbers. Pure.

A campaign's own settings may make a rule stricter, never looser: `tighten` sees to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from wearemany.errors import N_, Refused


@dataclass(frozen=True)
class PresetRules:
    """What a preset means.

    `held`: which posts wait for a person ("doubtful" or "all"). `cover`: "choose" (the author must
    choose) or "everybody". `release_batch` posts at least go out together, not before `release_every_s`
    seconds after the batch before. `main_px` is the longest public side. `comments`: "shown", "held"
    or "no". `pictures_out`: whether feeds carry pictures. `place`: "country" or "no". `by_mail`: whether a
    photo may be sent by e-mail, where the provider sees who sends it.
    """

    held: str
    cover: str
    release_batch: int
    release_every_s: int
    main_px: int
    comments: str
    pictures_out: bool
    place: str
    by_mail: bool


RULES = {
    "everyday": PresetRules("doubtful", "choose", 1, 0, 1600, "shown", True, "country", True),
    "careful": PresetRules("all", "choose", 5, 600, 1280, "held", True, "no", True),
    "dangerous": PresetRules("all", "everybody", 20, 0, 640, "no", False, "no", False),
}

# For each rule, its values from loose to strict; numbers have an order of their own.
_LADDERS: dict[str, tuple[object, ...]] = {
    "held": ("doubtful", "all"),
    "cover": ("choose", "everybody"),
    "comments": ("shown", "held", "no"),
    "pictures_out": (True, False),
    "place": ("country", "no"),
    "by_mail": (True, False),
}
_MORE_IS_STRICTER = frozenset({"release_batch", "release_every_s"})
_LESS_IS_STRICTER = frozenset({"main_px"})


def tighten(rules: PresetRules, wishes: Mapping[str, object]) -> PresetRules:
    """Return `rules` with each wish applied.

    Raises Refused with code `preset-looser` when a wish would make a rule looser, and
    `preset-unknown` when it names no rule or no value of one.
    """
    tightened = rules
    for name, wish in wishes.items():
        if name in _LADDERS:
            ladder = _LADDERS[name]
            if wish not in ladder:
                raise _unknown(name)
            is_looser = ladder.index(wish) < ladder.index(getattr(rules, name))
        elif name in _MORE_IS_STRICTER | _LESS_IS_STRICTER and isinstance(wish, int) and wish >= 0:
            now = getattr(rules, name)
            is_looser = wish < now if name in _MORE_IS_STRICTER else wish > now or wish < 320
        else:
            raise _unknown(name)
        if is_looser:
            raise Refused(
                "preset-looser",
                N_("The setting %(name)s can only be made stricter than the chosen preset."),
                name=name,
            )
        tightened = replace(tightened, **cast(dict[str, Any], {name: wish}))
    return tightened


def _unknown(name: str) -> Refused:
    return Refused("preset-unknown", N_("There is no such setting or value: %(name)s."), name=name)
