"""Near fingerprints are all found; two pictures are the same when they agree in every place."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.fingerprint import fingerprint
from wearemany.darkroom.nearness import distance
from wearemany.darkroom.prints import BLOCK_ROWS, Prints, as_rows
from wearemany.darkroom.sameness import NOT_ALIKE, Sight, look_again
from wearemany.darkroom.turning import WAYS, turnings


def turned_bits(row: np.ndarray, bits: int, chance: np.random.Generator) -> np.ndarray:
    """Return a print with so many bits turned, anywhere."""
    spread = np.unpackbits(row.view(np.uint8))
    spread[chance.choice(256, bits, replace=False)] ^= 1
    return np.packbits(spread).view(np.uint64)


@pytest.fixture(scope="module")
def filled() -> tuple[Prints, np.ndarray]:
    """More than a block of prints, some of them in crowded buckets."""
    chance = np.random.default_rng(7)
    rows = chance.integers(0, 2**64, size=(BLOCK_ROWS * 5 + 3000, 4), dtype=np.uint64)
    rows[1000:9000, 0] = rows[0, 0]
    prints = Prints()
    prints.add(np.arange(len(rows)), rows)
    return prints, rows


@pytest.mark.parametrize("bits", [0, 1, 15, 16, 17, 30, 31])
def test_nothing_within_31_bits_is_missed(filled: tuple[Prints, np.ndarray], bits: int) -> None:
    """Recall is one, in full blocks, merged ones and among the newest."""
    prints, rows = filled
    chance = np.random.default_rng(bits)
    picks = [0, 1500, len(rows) - 1, *chance.integers(0, len(rows), 40)]
    asked = np.stack([turned_bits(rows[pick], bits, chance) for pick in picks])
    near = prints.near(asked)
    for place, pick in enumerate(picks):
        assert (bits, pick) in near.of(place)
    assert all(found[0] <= 31 for place in range(len(picks)) for found in near.of(place))


def test_the_worst_spread_of_differences_is_found() -> None:
    """Two differing bits in fifteen words and one in the last: only that word leads there."""
    row = np.random.default_rng(1).integers(0, 2**64, size=(1, 4), dtype=np.uint64)
    words = row.view(np.uint16).copy()
    words[0] ^= np.array([3] * 15 + [1 << 9], dtype=np.uint16)
    filler = np.random.default_rng(2).integers(0, 2**64, size=(BLOCK_ROWS, 4), dtype=np.uint64)
    prints = Prints()
    prints.add([1, *range(2, BLOCK_ROWS + 2)], np.concatenate([row, filler]))
    assert prints.near(words.view(np.uint64)).of(0) == [(31, 1)]


def test_the_wide_look_reads_everything(filled: tuple[Prints, np.ndarray]) -> None:
    """Up to any distance, exactly what counting says."""
    prints, rows = filled
    asked = turned_bits(rows[77], 58, np.random.default_rng(3))
    true = np.bitwise_count(rows ^ asked).sum(axis=1)
    expected = sorted((int(true[at]), int(at)) for at in np.flatnonzero(true <= 90))
    assert prints.near(asked[None], within_bits=90).of(0) == expected


def test_what_is_taken_out_is_gone_at_once() -> None:
    """From a full block and from the newest; what stays is still found, and absent labels are no error."""
    chance = np.random.default_rng(9)
    rows = chance.integers(0, 2**64, size=(BLOCK_ROWS + 50, 4), dtype=np.uint64)
    prints = Prints()
    prints.add(np.arange(len(rows)), rows)
    gone = [5, BLOCK_ROWS + 7, 10**9]
    assert prints.remove(gone) == 2
    assert len(prints) == len(rows) - 2
    assert len(prints.near(rows[gone[:2]])) == 0
    assert prints.near(rows[[6]]).of(0) == [(0, 6)]
    prints.add([5], rows[[5]])
    assert prints.near(rows[[5]]).of(0) == [(0, 5)]


def test_a_print_has_32_bytes() -> None:
    """Anything else is refused before it gets in."""
    with pytest.raises(ValueError):
        as_rows([b"short"])


def drawn(seed: int = 1) -> Image.Image:
    """A picture with something in every place."""
    chance = np.random.default_rng(seed)
    rough = Image.fromarray(chance.integers(0, 255, (12, 9, 3), dtype=np.uint8))
    return rough.resize((450, 600), Image.Resampling.BICUBIC)


def sight(image: Image.Image, covers: tuple[tuple[float, ...], ...] = ()) -> Sight:
    """The picture as it is looked at: 160 pixels long, as WebP."""
    buffer = io.BytesIO()
    Picture(np.asarray(image)).within(160).image.save(buffer, "WEBP", quality=78)
    return Sight(buffer.getvalue(), covers)


def test_the_same_picture_agrees_everywhere() -> None:
    """Re-saved, smaller, darker: the same in its worst place."""
    image, buffer = drawn(), io.BytesIO()
    image.save(buffer, "JPEG", quality=30)
    for other in (
        Image.open(buffer),
        image.resize((225, 300)),
        ImageEnhance.Brightness(image).enhance(0.8),
    ):
        seen = look_again(sight(image), sight(other.convert("RGB")))
        assert seen.worst > 0.4 and seen.share > 0.95


def test_something_else_in_one_place_is_seen() -> None:
    """A small person in front of the same wall: nearly all agrees, and the worst place does not."""
    image = drawn()
    other = image.copy()
    other.paste(drawn(2).resize((70, 110)), (200, 400))
    seen = look_again(sight(image), sight(other))
    assert seen.worst < 0.2 and seen.share > 0.7


def test_covers_are_left_out_unless_they_hide_too_much() -> None:
    """A cover that lies a little otherwise changes nothing; one over most of the picture proves nothing."""
    image, other = drawn(), drawn()
    box = (0.4, 0.2, 0.6, 0.4)
    ImageDraw.Draw(image).rectangle((180, 120, 270, 240), fill=(178, 34, 44))
    ImageDraw.Draw(other).rectangle((184, 126, 274, 246), fill=(178, 34, 44))
    assert look_again(sight(image), sight(other)).worst < 0.3
    assert look_again(sight(image, (box,)), sight(other, (box,))).worst > 0.4
    assert look_again(sight(image, ((0.0, 0.0, 1.0, 0.7),)), sight(other)) == NOT_ALIKE


def test_a_moved_or_cropped_picture_is_laid_over() -> None:
    """A crop of five per cent and two degrees agree nearly everywhere once they lie in place."""
    image = drawn()
    for other in (image.crop((11, 15, 439, 585)), image.rotate(2, Image.Resampling.BICUBIC)):
        assert look_again(sight(image), sight(other)).share > 0.85
    assert look_again(sight(image), sight(drawn(3))).share < 0.6


@pytest.mark.parametrize("way", range(WAYS))
def test_a_fingerprint_tells_how_it_would_lie(way: int) -> None:
    """Mirrored it is within 20 bits of what the turned pixels give, in rarer ways within 40, and looks the same."""
    pixels = np.asarray(drawn(4))
    turned = np.ascontiguousarray(np.rot90(pixels[:, ::-1] if way & 4 else pixels, way & 3))
    told = turnings(fingerprint(Picture(pixels)).content)
    assert distance(told[way], fingerprint(Picture(turned)).content) <= (20 if way in (0, 4) else 40)
    seen = look_again(sight(Image.fromarray(turned)), sight(drawn(4)), turned=way)
    assert seen.share > 0.95
