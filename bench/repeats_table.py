"""What of a picture posted again is caught, and what is linked falsely. Usage: bench/repeats_table.py PHOTOS [COUNT]

PHOTOS is a folder with `ccp/photos` and `garments/photos`. Photos are changed as phones, networks and people change
them, then go through our own covering, fingerprint, renditions, and the matcher's own limits: linked by itself, left to
a person, or missed. With covers, the finder runs again on the changed picture, as it does for a second post. False
links are looked for over all pairs of the sets, and among different people cut out by the set's masks and put before
one wall, their heads covered: the pairs that share a fingerprint and must not be linked. From COUNT 100 on all pairs
are compared, below that those of as many pictures less.
"""

from __future__ import annotations

import csv
import io
import itertools
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageDraw, ImageEnhance

from wearemany.adapters.inference import face_network
from wearemany.adapters.sandbox import default_models_folder
from wearemany.darkroom.cover import cover, head_of
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.faces import choose_covered, find_faces
from wearemany.darkroom.fingerprint import fingerprint
from wearemany.darkroom.nearness import distance
from wearemany.darkroom.prints import Prints
from wearemany.darkroom.sameness import Sight, look_again
from wearemany.darkroom.turning import turnings

NEAR_BITS, PERHAPS_BITS, LEAST_QUALITY = 31, 60, 50
SAME_IN_WORST_PLACE, SAME_IN_ALL, PERHAPS_IN_ALL = 0.3, 0.9, 0.85
PEOPLE, WALL_PX = 12, (450, 600)
NETWORK = face_network(default_models_folder())

Change = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True)
class Posted:
    """What is known of a posted picture."""

    print: bytes
    quality: int
    sight: Sight


def posted(image: Image.Image, *, covers: bool) -> Posted:
    """Do what the darkroom does."""
    picture = Picture(np.asarray(image.convert("RGB")))
    boxes: tuple[tuple[float, ...], ...] = ()
    if covers:
        faces = [face.box for face in choose_covered(find_faces(picture, NETWORK).faces, cover="everybody")]
        picture = cover(picture, heads=faces, drawn=(), colour="red")
        boxes = tuple((head.left, head.top, head.right, head.bottom) for head in map(head_of, faces))
    buffer = io.BytesIO()
    picture.within(640).within(160).image.save(buffer, "WEBP", quality=78, method=2)
    seen = fingerprint(picture)
    return Posted(seen.content, seen.quality, Sight(buffer.getvalue(), boxes))


def judged(earlier: Posted, later: Posted) -> str:
    """Return what the matcher would do with a pair: link it, ask a person, or nothing."""
    if min(earlier.quality, later.quality) < LEAST_QUALITY:
        return "missed"
    bits = [distance(earlier.print, way) for way in turnings(later.print)]
    asked = "missed"
    for way, apart in enumerate(bits):
        if apart <= (NEAR_BITS if way else PERHAPS_BITS):
            seen = look_again(earlier.sight, later.sight, turned=way)
            is_same = seen.worst >= SAME_IN_WORST_PLACE and seen.share >= SAME_IN_ALL
            if way == 0 and apart <= NEAR_BITS and is_same:
                return "linked"
            if seen.share >= PERHAPS_IN_ALL:
                asked = "asked"
    return asked


def saved(quality: int) -> Change:
    """Save as JPEG."""

    def change(image: Image.Image) -> Image.Image:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        return Image.open(buffer).convert("RGB")

    return change


def cropped(share: float) -> Change:
    """Cut so much of each side's length away, half at either end."""

    def change(image: Image.Image) -> Image.Image:
        x, y = image.width * share / 2, image.height * share / 2
        return image.crop((round(x), round(y), round(image.width - x), round(image.height - y)))

    return change


def captioned(image: Image.Image) -> Image.Image:
    """Lay a bar with words over the lowest seventh."""
    image, top = image.copy(), round(image.height * 6 / 7)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, top, image.width, image.height), fill="black")
    draw.text((10, top + 10), "WE ARE MANY", fill="white", font_size=(image.height - top) // 2)
    return image


def screenshot(image: Image.Image) -> Image.Image:
    """Put bars above and below, as a screenshot has."""
    page = Image.new("RGB", (image.width, round(image.height * 1.25)), (250, 250, 250))
    page.paste(image, (0, round(image.height * 0.125)))
    return page


def turned(degrees: float) -> Change:
    """Turn and cut away the corners that come empty."""

    def change(image: Image.Image) -> Image.Image:
        whole = image.rotate(degrees, Image.Resampling.BICUBIC)
        return cropped(2 * np.sin(np.radians(degrees)))(whole)

    return change


def toned(power: float) -> Change:
    """Apply a gamma."""
    return lambda image: image.point([round(255 * (tone / 255) ** power) for tone in range(256)] * 3)


CHANGES: dict[str, Change] = {
    **{f"saved at {quality}": saved(quality) for quality in (90, 75, 60, 45, 30)},
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "a third larger": lambda image: image.resize((image.width * 4 // 3, image.height * 4 // 3)),
    "darker by 20 %": lambda image: ImageEnhance.Brightness(image).enhance(0.8),
    "brighter by 20 %": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "less contrast, 20 %": lambda image: ImageEnhance.Contrast(image).enhance(0.8),
    "more contrast, 20 %": lambda image: ImageEnhance.Contrast(image).enhance(1.2),
    "gamma 0.8": toned(0.8),
    "gamma 1.3": toned(1.3),
    "crop of 2 %": cropped(0.02),
    "crop of 5 %": cropped(0.05),
    "crop of 10 %": cropped(0.10),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned by 1 degree": turned(1),
    "turned by 2 degrees": turned(2),
    "turned by 3 degrees": turned(3),
    "caption bar": captioned,
    "screenshot with bars": screenshot,
}


def table(files: Sequence[Path], *, covers: bool) -> None:
    """Print what becomes of each change."""
    print(
        f"\n| {len(files)} photos, {'covered' if covers else 'not covered'} | linked | asked | missed |"
        "\n| --- | --- | --- | --- |"
    )
    photos = [Image.open(file).convert("RGB") for file in files]
    first = [posted(photo, covers=covers) for photo in photos]
    for name, change in CHANGES.items():
        again = (posted(change(photo), covers=covers) for photo in photos)
        found = Counter(judged(one, other) for one, other in zip(first, again, strict=True))
        shares = " | ".join(f"{found[kind] / len(files):.0%}" for kind in ("linked", "asked", "missed"))
        print(f"| {name} | {shares} |", flush=True)


def false_links(files: Sequence[Path], *, covers: bool) -> None:
    """Compare all with all; nothing here is the same picture but what the sets hold twice, which is named."""
    every = [posted(Image.open(file), covers=covers) for file in files]
    prints = Prints()
    prints.add(range(len(every)), [one.print for one in every])
    near = [prints.near([way for one in every for way in turnings(one.print)])]
    pairs = {(at // 8, int(label)) for at, label in zip(near[0].asked.tolist(), near[0].labels, strict=True)}
    wide = prints.near([one.print for one in every], within_bits=PERHAPS_BITS)
    pairs |= set(zip(wide.asked.tolist(), wide.labels.tolist(), strict=True))
    looked = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
    found = Counter(judged(every[one], every[other]) for one, other in looked)
    total = len(every) * (len(every) - 1) // 2
    print(
        f"\n{len(every)} pictures, {'covered' if covers else 'not covered'}: {total:,} pairs, {len(looked)} near by "
        f"fingerprint, {found['linked']} linked, {found['asked']} asked",
        flush=True,
    )


def people(folder: Path) -> Iterator[tuple[Image.Image, Image.Image]]:
    """Yield people cut out, their heads under a cover, and their outlines."""
    rows = [row for row in csv.DictReader((folder / "selfie_boxes.csv").open()) if row["source"] == "mask"]
    for row in rows[:: len(rows) // PEOPLE][:PEOPLE]:
        image = Image.open(folder / "photos" / f"{row['id']}.jpg").convert("RGB")
        body = np.asarray(Image.open(folder / "masks" / f"{row['id']}.png")) > 0
        outline = Image.fromarray(body.astype(np.uint8) * 255)
        x0, y0, x1, y1 = (int(row[name]) for name in ("x0", "y0", "x1", "y1"))
        face, middle = (y1 - y0) / 4.22, (x0 + x1) / 2
        head = (middle - face * 0.6, y0, middle + face * 0.6, y0 + face * 1.8)
        ImageDraw.Draw(image).ellipse(head, fill=(178, 34, 44))
        ImageDraw.Draw(outline).ellipse(head, fill=255)
        yield image.crop(outline.getbbox()), outline.crop(outline.getbbox())


def one_wall(folder: Path) -> None:
    """Put different people before one wall, large and small, and say what the matcher makes of the pairs."""
    files, cut_out = sorted((folder / "photos").glob("*.jpg")), list(people(folder))
    print(
        "\n| different people before one wall | pairs | within 31 bits | linked | asked |"
        "\n| --- | --- | --- | --- | --- |"
    )
    for height in (0.9, 0.6, 0.4, 0.25, 0.15):
        near = pairs = 0
        found: Counter[str] = Counter()
        for wall in (files[5], files[300], files[800]):
            shots = [
                posted(_before(wall, person, outline, height), covers=False) for person, outline in cut_out
            ]
            for one, other in itertools.combinations(shots, 2):
                pairs += 1
                near += distance(one.print, other.print) <= NEAR_BITS
                found[judged(one, other)] += 1
        print(
            f"| {height:.0%} of its height | {pairs} | {near} | {found['linked']} | {found['asked']} |",
            flush=True,
        )


def _before(wall: Path, person: Image.Image, outline: Image.Image, height: float) -> Image.Image:
    ground = Image.open(wall).convert("RGB").resize(WALL_PX)
    size = (max(1, round(person.width * WALL_PX[1] * height / person.height)), round(WALL_PX[1] * height))
    place = ((WALL_PX[0] - size[0]) // 2, WALL_PX[1] - size[1] - 10)
    ground.paste(person.resize(size), place, outline.resize(size))
    return ground


def main() -> None:
    """Print both tables."""
    root, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    photos = sorted((root / "ccp" / "photos").glob("*.jpg"))
    garments = sorted((root / "garments" / "photos").glob("*.jpg"))
    print(f"numpy {np.__version__}, Pillow {PIL.__version__}, Python {sys.version.split()[0]}")
    one_wall(root / "ccp")
    for covers in (False, True):
        table(photos[:: max(1, len(photos) // count)][:count], covers=covers)
    for covers in (False, True):
        false_links([*photos, *garments][:: max(1, 100 // count)], covers=covers)


if __name__ == "__main__":
    main()
