"""Draws one test picture and ends: a wish comes by standard input, the JPEG and its caption go to standard output.

Run as `python -m wearemany.samples.easel`, so that neither numpy nor Pillow is loaded where pages are served. Unlike
the demo's samples these carry no mark: nobody but the team ever sees them.
"""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from PIL import Image

from wearemany.adapters.child_pipe import answer_write, order_read
from wearemany.samples.gallery import SENT_PX
from wearemany.samples.painter import picture_of
from wearemany.samples.palette import Dye
from wearemany.samples.people import Person, dressed
from wearemany.samples.scenes import Scene, scene

CLOTH: dict[str, str] = {
    "red": "#c81c28",
    "orange": "#e6761c",
    "yellow": "#e8c22c",
    "green": "#2e8a4e",
    "blue": "#2c5fb4",
    "purple": "#6c3c9c",
    "pink": "#e886ac",
    "brown": "#6e4628",
    "black": "#1c1c20",
    "white": "#f0eeea",
    "grey": "#84888e",
}
"""Cloth that nobody would call by another word, by the colour that a campaign asks for."""

FAR = {
    "red": ("blue", "green", "grey"),
    "orange": ("blue", "green", "black"),
    "yellow": ("blue", "purple", "black"),
    "green": ("red", "blue", "pink"),
    "blue": ("red", "yellow", "green"),
    "purple": ("green", "yellow", "white"),
    "pink": ("green", "blue", "black"),
    "brown": ("blue", "white", "green"),
    "black": ("red", "yellow", "white"),
    "white": ("red", "blue", "black"),
    "grey": ("red", "yellow", "green"),
}
"""Colours that nobody would take for the one that is asked for."""

PLAIN = {
    "en": ("With you.", "Here I am.", "From all of us at home.", "Thinking of you today.", "I care.", ""),
    "ru": ("Я с вами.", "Вот и я.", "От всех нас.", "Думаю о вас сегодня.", "Мне не всё равно.", ""),
}
AMISS = {
    "en": (
        "My neighbour at 14 Lime Street, flat 3, has hung out a flag too. The door downstairs is never locked.",
        "Phones at half price this week only! Order at cheap-phones.example, code WALL50.",
        "The woman beside me works at the tax office, second floor, and says what she thinks there too.",
    ),
    "ru": (
        "Соседка из дома 14 по Липовой, квартира 3, тоже вывесила флаг. Дверь внизу никогда не заперта.",
        "Телефоны за полцены только на этой неделе! Заказ на сайте telefony.example, код STENA50.",
        "Женщина рядом со мной работает в налоговой на втором этаже и говорит там то же самое.",
    ),
}
"""Words that must not stand on a wall: they lead to somebody, or sell something. Nobody real is meant."""


def draw(*, shows: str, colour: str, picked: str, people: int, language: str, seed: int) -> tuple[bytes, str]:
    """Return a picture as a phone on a slow line would send it, and its caption; the same seed always draws the same.

    `shows` is "colour" (worn), "other" (another one is worn), "words" (worn, but the words are amiss) or "poster".
    """
    rng = np.random.default_rng([seed, 7])
    if shows == "poster":
        return _jpeg(scene(seed, "raid")), ""
    made = scene(seed, "two_people" if people > 1 else "ordinary")
    far = FAR[colour][int(rng.integers(3))]
    dye = _dye(CLOTH[far] if shows == "other" else picked or CLOTH[colour])
    persons = tuple(_in(person, dye) for person in made.persons)
    lines = (AMISS if shows == "words" else PLAIN).get(language, ("",))
    return _jpeg(replace(made, persons=persons)), lines[int(rng.integers(len(lines)))]


def _in(person: Person, dye: Dye) -> Person:
    bare = person.hair in ("headscarf", "kerchief", "beanie")
    plain = replace(person, hair="bob" if person.woman else "crop") if bare else person
    return dressed(plain, garment=person.garment, dye=dye)


def _dye(hexadecimal: str) -> Dye:
    red, green, blue = (int(hexadecimal[place : place + 2], 16) for place in (1, 3, 5))
    deep = (round(red * 0.6), round(green * 0.6), round(blue * 0.6))
    lit = (red + (255 - red) // 4, green + (255 - green) // 4, blue + (255 - blue) // 4)
    return Dye(deep, (red, green, blue), lit, "", ("", ""))


def _jpeg(made: Scene) -> bytes:
    out = io.BytesIO()
    picture_of(made).resize(SENT_PX, Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()


def main() -> None:
    """Draw what is asked for, once."""
    answer_write({"ready": True})
    header, _ = order_read()
    picture, caption = draw(**header["wish"])
    answer_write({"caption": caption}, (picture,))


if __name__ == "__main__":
    main()
