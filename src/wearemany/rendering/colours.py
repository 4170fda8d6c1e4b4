"""Colour words as people read them. Whole sentences, because most languages bend a colour to fit its sentence."""

from __future__ import annotations

from django.utils.translation import gettext

from wearemany.errors import N_

_WEARING = {
    "red": N_("A supporter wearing red"),
    "orange": N_("A supporter wearing orange"),
    "yellow": N_("A supporter wearing yellow"),
    "green": N_("A supporter wearing green"),
    "blue": N_("A supporter wearing blue"),
    "purple": N_("A supporter wearing purple"),
    "pink": N_("A supporter wearing pink"),
    "brown": N_("A supporter wearing brown"),
    "black": N_("A supporter wearing black"),
    "white": N_("A supporter wearing white"),
    "grey": N_("A supporter wearing grey"),
}
_IN = {
    "red": N_("in red"),
    "orange": N_("in orange"),
    "yellow": N_("in yellow"),
    "green": N_("in green"),
    "blue": N_("in blue"),
    "purple": N_("in purple"),
    "pink": N_("in pink"),
    "brown": N_("in brown"),
    "black": N_("in black"),
    "white": N_("in white"),
    "grey": N_("in grey"),
}


def wearing(colour: str) -> str:
    """Return what a picture shows when its author described nothing and the colour is worn."""
    return gettext(_WEARING[colour])


def in_colour(colour: str) -> str:
    """Return the words for posts in the campaign's colour."""
    return gettext(_IN[colour])
