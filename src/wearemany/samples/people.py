"""Who is drawn: a person as frozen choices, picked by a seed, and told in English and Russian."""

from dataclasses import dataclass, replace

import numpy as np

from wearemany.samples.palette import HAIRS, OTHERS, REDS, SCARVES, SKINS, Dye

WOMAN_HAIR = ("bob", "long", "waves", "bun", "curls", "fringe", "braid", "pixie", "headscarf", "kerchief")
MAN_HAIR = ("crop", "parted", "curls", "thinning", "beanie", "quiff")
WORN = ("tshirt", "sweater", "rollneck", "coat", "shirt", "hoodie", "dress")

_CLOTHES = {
    "tshirt": ("T-shirt", "футболке", 1),
    "sweater": ("sweater", "свитере", 0),
    "rollneck": ("roll-neck", "водолазке", 1),
    "coat": ("coat", "пальто", 0),
    "shirt": ("shirt", "рубашке", 1),
    "hoodie": ("hoodie", "худи", 0),
    "dress": ("dress", "платье", 0),
}
_HAIR_WORDS = {
    "bob": ("{} bobbed hair", "{} волосами до подбородка"),
    "long": ("long {} hair", "длинными {} волосами"),
    "waves": ("wavy {} hair", "волнистыми {} волосами"),
    "bun": ("{} hair in a bun", "{} волосами, собранными в пучок"),
    "curls": ("curly {} hair", "кудрявыми {} волосами"),
    "fringe": ("{} hair and a fringe", "{} волосами и чёлкой"),
    "braid": ("{} hair in a braid", "{} волосами, заплетёнными в косу"),
    "pixie": ("short {} hair", "короткими {} волосами"),
    "crop": ("short {} hair", "короткими {} волосами"),
    "parted": ("parted {} hair", "{} волосами на пробор"),
    "thinning": ("thinning {} hair", "редеющими {} волосами"),
    "quiff": ("swept-up {} hair", "зачёсанными {} волосами"),
    "headscarf": ("a headscarf", "покрытой головой"),
    "kerchief": ("a flowered kerchief", "цветастым платком на голове"),
    "beanie": ("a knitted hat", "вязаной шапкой на голове"),
}


@dataclass(frozen=True)
class Person:
    """One drawn person; every choice that the brush will follow."""

    woman: bool
    age: int
    skin: str
    hair: str
    hair_colour: str
    eyes: str
    glasses: str
    beard: str
    mouth: str
    garment: str
    dye: Dye
    head_dye: Dye
    scarf: Dye | None
    pattern: str
    freckles: bool
    jaw: float
    cheeks: float

    def told(self) -> tuple[str, str]:
        """Return the person in words, English and Russian, from age to clothes."""
        band = 0 if self.age < 30 else 1 if self.age < 58 else 2
        who = ("young woman", "woman", "older woman") if self.woman else ("young man", "man", "older man")
        who_ru = (
            ("девушка", "женщина", "пожилая женщина")
            if self.woman
            else ("парень", "мужчина", "пожилой мужчина")
        )
        english, russian = who[band], who_ru[band]
        hair, hair_ru = _HAIR_WORDS[self.hair]
        colour = HAIRS[self.hair_colour]
        english = f"{'an' if english[0] == 'o' else 'a'} {english} with {hair.format(colour.english)}"
        hair_told = hair_ru.format(colour.russian)
        russian = f"{russian} {'со' if hair_told.startswith('св') else 'с'} {hair_told}"
        if self.beard != "none":
            english, russian = english + " and a beard", russian + " и бородой"
        if self.glasses != "none":
            english, russian = english + ", in glasses", russian + ", в очках"
        worn, worn_ru, gender = _CLOTHES[self.garment]
        if self.pattern == "stripes":
            return (
                f"{english}, in a red-and-white striped {worn}",
                f"{russian}, в {worn_ru} в красно-белую полоску",
            )
        scarf = (
            (f" and a {self.scarf.english} scarf", f" и {self.scarf.russian[0]} шарфе")
            if self.scarf
            else ("", "")
        )
        return (
            f"{english}, in a {self.dye.english} {worn}{scarf[0]}",
            f"{russian}, в {self.dye.russian[gender]} {worn_ru}{scarf[1]}",
        )


def pick_person(rng: np.random.Generator, *, dye: Dye | None = None) -> Person:
    """Return a person drawn by lot; the garment in the given dye, or in one of the honest reds."""
    woman = bool(rng.random() < 0.6)
    age = int(rng.choice([20, 24, 27, 33, 38, 44, 52, 64, 72]))
    skin = str(rng.choice(list(SKINS), p=[0.17, 0.25, 0.19, 0.14, 0.14, 0.11]))
    hair = str(rng.choice(WOMAN_HAIR if woman else MAN_HAIR))
    if hair == "thinning" and age < 40:
        hair = "crop"
    if hair == "kerchief" and age < 40:
        hair = "fringe"
    garment = str(rng.choice(WORN if woman else WORN[:-1]))
    if hair == "headscarf" and garment in ("dress", "hoodie"):
        garment = "coat"
    if hair == "beanie" and garment in ("tshirt", "shirt"):
        garment = "coat"
    bundled = garment == "coat" and hair not in ("headscarf", "kerchief") and rng.random() < 0.55
    return Person(
        woman=woman,
        age=age,
        skin=skin,
        hair=hair,
        hair_colour=_hair_colour(rng, skin, age),
        eyes=_eyes(rng, skin),
        glasses=str(rng.choice(["none", "round", "square"], p=[0.68, 0.18, 0.14])),
        beard="none"
        if woman
        else str(rng.choice(["none", "stubble", "short", "full"], p=[0.4, 0.2, 0.25, 0.15])),
        mouth=str(rng.choice(["closed", "open", "open", "laugh"])),
        garment=garment,
        dye=dye if dye is not None else REDS[int(rng.integers(len(REDS)))],
        head_dye=SCARVES[int(rng.integers(len(SCARVES)))],
        scarf=SCARVES[int(rng.integers(len(SCARVES)))] if bundled else None,
        pattern="plain",
        freckles=bool(skin in ("porcelain", "fair") and rng.random() < 0.35),
        jaw=float(rng.uniform(0.93, 1.0) if woman else rng.uniform(1.0, 1.1)),
        cheeks=float(rng.uniform(0.96, 1.06)),
    )


def _hair_colour(rng: np.random.Generator, skin: str, age: int) -> str:
    if age >= 60:
        return str(rng.choice(["grey", "white"]))
    if skin in ("brown", "deep"):
        return str(rng.choice(["black", "dark"]))
    if skin in ("olive", "tan"):
        return str(rng.choice(["black", "dark", "chestnut"]))
    return str(rng.choice(["dark", "chestnut", "auburn", "fair", "fair"]))


def _eyes(rng: np.random.Generator, skin: str) -> str:
    return str(
        rng.choice(
            ["brown", "blue", "green", "grey"]
            if skin in ("porcelain", "fair")
            else ["brown", "brown", "hazel"]
        )
    )


def dressed(person: Person, *, garment: str, dye: Dye, pattern: str = "plain") -> Person:
    """Return the same person in other clothes."""
    return replace(person, garment=garment, dye=dye, pattern=pattern, scarf=None)


OTHER_DYES = OTHERS
