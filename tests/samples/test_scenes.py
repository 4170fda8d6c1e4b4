"""What the drawn scenes promise: the same each time, told in two languages, marked."""

import io

import numpy as np
import pytest
from PIL import Image

from wearemany.samples import words
from wearemany.samples.painter import MARK_BOX_PX, marked, paint, picture_of
from wearemany.samples.scenes import KINDS, cast, repeat_of, scene


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_and_its_picture_follow_from_the_seed(kind):
    """The same kind and seed give the same scene and the same bytes."""
    assert scene(5, kind) == scene(5, kind)
    assert paint(scene(5, kind)) == paint(scene(5, kind))


def test_seeds_differ():
    """Different seeds give different people and different pictures."""
    told = {scene(seed).description for seed in range(60)}
    assert len(told) > 55
    assert paint(scene(1)) != paint(scene(2))


@pytest.mark.parametrize("kind", KINDS)
def test_every_scene_is_told_in_english_and_russian(kind):
    """Alt texts are whole sentences, each in its own script."""
    for seed in range(12):
        made = scene(seed, kind)
        assert made.description.endswith(".") and made.description.isascii() and len(made.description) > 40
        assert made.description_ru.endswith(".")
        assert not any("a" <= letter.lower() <= "z" for letter in made.description_ru)


def test_pictures_are_upright_jpegs_of_the_agreed_size():
    """A sample is a JPEG of 960 by 1200 pixels without metadata."""
    picture = Image.open(io.BytesIO(paint(scene(3))))
    assert (picture.format, picture.size) == ("JPEG", (960, 1200))
    assert not picture.getexif()


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_carries_its_mark(kind):
    """The words "drawn sample" stand in the lower corner and nowhere else."""
    plain = picture_of(scene(4, kind))
    changed = np.asarray(marked(plain.copy()), int) - np.asarray(plain, int)
    rows, columns = np.nonzero(np.abs(changed).sum(-1) > 60)
    left, top, right, bottom = MARK_BOX_PX
    assert len(rows) > 300
    assert columns.min() >= left and columns.max() <= right + 1
    assert rows.min() >= top and rows.max() <= bottom + 2


def test_a_repeat_is_the_same_picture_saved_again():
    """A repeat has other bytes and another size, yet looks the same when both are made small."""
    first = scene(9)
    again = repeat_of(first)
    one, other = (Image.open(io.BytesIO(paint(s))) for s in (first, again))
    assert one.size != other.size
    small = [np.asarray(p.convert("L").resize((32, 40)), float).ravel() for p in (one, other)]
    assert np.corrcoef(*small)[0, 1] > 0.99


def test_raid_posters_are_nearly_the_same():
    """Posters of one raid differ in bytes and hardly to the eye."""
    one, other = (Image.open(io.BytesIO(paint(scene(seed, "raid")))) for seed in (1, 2))
    assert one.tobytes() != other.tobytes()
    small = [np.asarray(p.convert("L").resize((32, 40)), float).ravel() for p in (one, other)]
    assert np.corrcoef(*small)[0, 1] > 0.9


def test_the_cast_is_varied():
    """A cast of the demo's size shows all skins and ages, many hairs, clothes and places, and some pairs."""
    scenes = cast(120)
    people = [person for made in scenes for person in made.persons]
    assert len({p.skin for p in people}) == 6
    assert len({p.hair for p in people}) >= 14
    assert len({p.garment for p in people}) == 7
    assert len({made.place for made in scenes}) >= 10
    assert min(p.age for p in people) < 30 and max(p.age for p in people) > 60
    assert 10 <= sum(made.people == 2 for made in scenes) <= 20


def test_captions_and_comments_come_in_both_languages_without_early_repeats():
    """About sixty captions and twenty comments, half in each language; none twice before all were used."""
    assert len(words.CAPTIONS) >= 60 and len(words.COMMENTS) >= 20
    for said in (words.CAPTIONS, words.COMMENTS):
        assert len({s.text for s in said}) == len(said)
        assert {s.language for s in said} == {"en", "ru"}
    heard = [words.caption(seed).text.removesuffix(" " + words.HASHTAG) for seed in range(60)]
    assert len(set(heard)) == 60
