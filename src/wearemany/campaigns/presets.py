"""How careful a campaign is with people: the three presets as plain numbers. Pure.

A campaign's own settings may make a rule stricter, never looser: `tighten` sees to that. What the rules are called
where people read them is in `rule_words`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from wearemany.errors import N_, Refused


@dataclass(frozen=True)
class PresetRules:
    """What a preset means.

    `held`: which posts wait for a person ("doubtful" or "all"). `cover`: "choose" (the author must
    choose) or "everybody". `release_batch` posts at least go out together, not before `release_every_s`
    seconds after the batch before. `main_px` is the longest public side. `comments`: "shown", "held"
    or "no". `pictures_out`: whether feeds carry pictures. `by_mail`: whether a photo may be sent by e-mail, where the
    provider sees who sends it. There is no rule of a place or of the fediverse: nobody is asked for a country here, and
    nothing is sent there, so there is nothing that a switch could turn off.
    """

    held: str
    cover: str
    release_batch: int
    release_every_s: int
    main_px: int
    comments: str
    pictures_out: bool
    by_mail: bool


RULES = {
    "everyday": PresetRules("doubtful", "choose", 1, 0, 1600, "shown", True, True),
    "careful": PresetRules("all", "choose", 5, 600, 1280, "held", True, True),
    "dangerous": PresetRules("all", "everybody", 20, 0, 640, "no", False, False),
}

# For each rule, its values from loose to strict; numbers have an order of their own.
_LADDERS: dict[str, tuple[object, ...]] = {
    "held": ("doubtful", "all"),
    "cover": ("choose", "everybody"),
    "comments": ("shown", "held", "no"),
    "pictures_out": (True, False),
    "by_mail": (True, False),
}
_MORE_IS_STRICTER = frozenset({"release_batch", "release_every_s"})
_LESS_IS_STRICTER = frozenset({"main_px"})
_STEPS: dict[str, tuple[int, ...]] = {
    "release_batch": (5, 10, 20, 50, 100),
    "release_every_s": (600, 3_600, 21_600, 86_400),
    "main_px": (1_280, 960, 640, 320),
}
LEAST_MAIN_PX = 320
MOST_BATCH = 500
MOST_EVERY_S = 7 * 86_400


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
            is_looser = wish < now if name in _MORE_IS_STRICTER else wish > now
            if not _is_sensible(name, wish):
                raise _unknown(name)
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


def is_stricter_or_same(preset: str, than: str) -> bool:
    """Tell whether one preset is as careful with people as another, or more."""
    return list(RULES).index(preset) >= list(RULES).index(than)


def strictest(one: PresetRules, other: PresetRules) -> PresetRules:
    """Return the stricter value of each rule."""
    return PresetRules(
        **{name: _stricter(name, value, getattr(other, name)) for name, value in asdict(one).items()}
    )


def stricter_values(rules: PresetRules, name: str) -> tuple[object, ...]:
    """Return what a rule could be made, from what it is to the strictest; for numbers, a few that make sense."""
    now = getattr(rules, name)
    if name in _LADDERS:
        ladder = _LADDERS[name]
        return ladder[ladder.index(now) :]
    return (now, *(step for step in _STEPS[name] if step != now and _stricter(name, step, now) == step))


def wishes_beyond(rules: PresetRules, preset: str) -> dict[str, object]:
    """Return what a campaign with these rules asks beyond its preset: what is kept in its settings."""
    base = asdict(RULES[preset])
    return {name: value for name, value in asdict(rules).items() if value != base[name]}


def wish_read(name: str, text: str) -> object:
    """Return a rule's value as it was typed; Refused `preset-unknown` when it names no rule or no value of one."""
    for value in _LADDERS.get(name, ()):
        if text.strip().lower() == written(value):
            return value
    if name in _STEPS and text.strip().isascii() and text.strip().isdigit():
        return int(text)
    raise _unknown(name[:40])


def written(value: object) -> str:
    """Return a rule's value as it is typed: yes, no, a word or a number."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _stricter(name: str, one: Any, other: Any) -> Any:
    if name in _LADDERS:
        return max(one, other, key=_LADDERS[name].index)
    return max(one, other) if name in _MORE_IS_STRICTER else min(one, other)


def _is_sensible(name: str, wish: int) -> bool:
    limits = {
        "main_px": (LEAST_MAIN_PX, 4_096),
        "release_batch": (1, MOST_BATCH),
        "release_every_s": (0, MOST_EVERY_S),
    }
    least, most = limits[name]
    return least <= wish <= most


def _unknown(name: str) -> Refused:
    return Refused("preset-unknown", N_("There is no such setting or value: %(name)s."), name=name)
