"""What is drawn: a scene by kind and seed, with alt text and what the darkroom should make of it. Paints nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from wearemany.samples.palette import BURGUNDY, MUSTARD, OTHERS, REDS, Dye
from wearemany.samples.people import Person, dressed, pick_person
from wearemany.samples.places import ORDINARY_PLACES, PLACES

KINDS = (
    "ordinary",
    "two_people",
    "burgundy",
    "stripes",
    "no_face",
    "other_colour",
    "red_wall",
    "raid",
    "repeat",
    "opening",
)


_BARE_HEADED_PLACES = tuple(place for place in ORDINARY_PLACES if place != "snow")
_EVEN_LIGHT = ("curtain",)
"""Places whose light leaves a doubtful colour doubtful, whoever stands there."""


@dataclass(frozen=True)
class Scene:
    """One drawn sample: who and where, in words and as choices, and the verdict that is due for a call in red."""

    seed: int
    kind: str
    verdict: str
    people: int
    faces: int
    garment_colour: str
    place: str
    persons: tuple[Person, ...]
    framing: str
    description: str
    description_ru: str
    saved_again: bool = False


def scene(seed: int, kind: str = "ordinary") -> Scene:
    """Return the scene of this kind for this seed: always the same one."""
    rng = np.random.default_rng([KINDS.index(kind), seed])
    return _MAKERS[kind](rng, seed)


def repeat_of(original: Scene) -> Scene:
    """Return the same picture saved once more: smaller, a little brighter, recompressed."""
    return replace(original, kind="repeat", saved_again=True)


def cast(count: int, seed: int = 1) -> tuple[Scene, ...]:
    """Return ordinary scenes of which about one in eight shows two people."""
    return tuple(scene(seed * 100_000 + i, "two_people" if i % 8 == 5 else "ordinary") for i in range(count))


def _place(rng: np.random.Generator) -> str:
    return str(rng.choice(ORDINARY_PLACES))


def _suited(person: Person, place: str) -> Person:
    """Return the person dressed for the weather, keeping the colour."""
    if place == "snow" and person.garment in ("tshirt", "dress", "shirt"):
        return replace(person, garment="coat")
    if place in ("kitchen", "library", "sea") and person.garment == "coat":
        return replace(person, garment="sweater" if place != "sea" else "tshirt", scarf=None)
    return person


def _telling(persons: tuple[Person, ...], place: str, framing: str) -> tuple[str, str]:
    english, russian = zip(*(p.told() for p in persons), strict=True)
    how = {"selfie": ("selfie", "селфи"), "half": ("half-length portrait", "поясной портрет")}[framing]
    where, where_ru = PLACES[place][2], PLACES[place][3]
    return (
        f"A painted {how[0]}: {' and '.join(english)}, smiling {where}.",
        f"Рисованное {how[1]}: {' и '.join(russian)}, с улыбкой {where_ru}."
        if framing == "selfie"
        else f"Рисованный {how[1]}: {' и '.join(russian)}, с улыбкой {where_ru}.",
    )


def _with_people(
    seed: int, kind: str, verdict: str, persons: tuple[Person, ...], place: str, framing: str
) -> Scene:
    english, russian = _telling(persons, place, framing)
    colour = "red and white" if persons[0].pattern == "stripes" else persons[0].dye.english
    return Scene(
        seed, kind, verdict, len(persons), len(persons), colour, place, persons, framing, english, russian
    )


def _ordinary(rng: np.random.Generator, seed: int) -> Scene:
    place = _place(rng)
    person = _suited(pick_person(rng), place)
    framing = "half" if rng.random() < 0.28 else "selfie"
    return _with_people(seed, "ordinary", "accept", (person,), place, framing)


def _two_people(rng: np.random.Generator, seed: int) -> Scene:
    place = _place(rng)
    persons = (_suited(pick_person(rng), place), _suited(pick_person(rng), place))
    return _with_people(seed, "two_people", "accept", persons, place, "selfie")


def _in(
    dye: Dye, kind: str, verdict: str, pattern: str = "plain"
) -> Callable[[np.random.Generator, int], Scene]:
    def make(rng: np.random.Generator, seed: int) -> Scene:
        worn = str(rng.choice(["tshirt", "sweater"]))
        person = dressed(_bare_headed(pick_person(rng)), garment=worn, dye=dye, pattern=pattern)
        place = str(rng.choice(_EVEN_LIGHT if verdict == "refer" else _BARE_HEADED_PLACES))
        return _with_people(
            seed, kind, verdict, (person,), place, "half" if pattern == "stripes" else "selfie"
        )

    return make


def _bare_headed(person: Person) -> Person:
    if person.hair in ("headscarf", "kerchief", "beanie"):
        return replace(person, hair="bob" if person.woman else "crop")
    return person


def _other_colour(rng: np.random.Generator, seed: int) -> Scene:
    return _in(OTHERS[int(rng.integers(len(OTHERS)))], "other_colour", "refuse")(rng, seed)


def _red_wall(rng: np.random.Generator, seed: int) -> Scene:
    made = _in(OTHERS[int(rng.integers(2))], "red_wall", "refuse")(rng, seed)
    return _with_people(seed, "red_wall", "refuse", made.persons, "red_wall", "selfie")


def _no_face(rng: np.random.Generator, seed: int) -> Scene:
    place = _place(rng)
    person = replace(pick_person(rng), garment="sweater", scarf=None, pattern="plain")
    where, where_ru = PLACES[place][2], PLACES[place][3]
    if seed % 2:
        return Scene(
            seed, "no_face", "refer", 0, 0, "red", place, (person,), "held",
            f"A painting of a red jumper held up on a hanger {where}; nobody is in the picture.",
            f"Рисунок: красный джемпер на вешалке {where_ru}; людей на картинке нет.",
        )  # fmt: skip
    return Scene(
        seed, "no_face", "refer", 1, 0, "red", place, (person,), "behind",
        f"A painting of somebody in a red jumper seen from behind {where}.",
        f"Рисунок: кто-то в красном джемпере, вид со спины, {where_ru}.",
    )  # fmt: skip


def _raid(rng: np.random.Generator, seed: int) -> Scene:
    return Scene(
        seed, "raid", "refer", 0, 0, "none", "poster", (), "poster",
        "A crude poster with scribbles; nobody is in the picture.",
        "Грубый плакат с каракулями; людей на картинке нет.",
    )  # fmt: skip


def _repeat(rng: np.random.Generator, seed: int) -> Scene:
    return repeat_of(scene(seed))


def _opening(rng: np.random.Generator, seed: int) -> Scene:
    organiser = Person(
        woman=True, age=36, skin="fair", hair="curls", hair_colour="dark", eyes="green",
        glasses="round", beard="none",
        mouth="open", garment="coat", dye=REDS[0], head_dye=MUSTARD, scarf=None, pattern="plain",
        freckles=True, jaw=0.96, cheeks=1.02,
    )  # fmt: skip
    return _with_people(seed, "opening", "accept", (organiser,), "curtain", "selfie")


_MAKERS: dict[str, Callable[[np.random.Generator, int], Scene]] = {
    "ordinary": _ordinary,
    "two_people": _two_people,
    "burgundy": _in(BURGUNDY, "burgundy", "refer"),
    "stripes": _in(REDS[1], "stripes", "refer", "stripes"),
    "no_face": _no_face,
    "other_colour": _other_colour,
    "red_wall": _red_wall,
    "raid": _raid,
    "repeat": _repeat,
    "opening": _opening,
}
