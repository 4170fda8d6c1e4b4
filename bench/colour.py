"""How well the colour check does on photos with truth, on harder ones made of them, and beside simpler rules.

Usage: python bench/colour.py PHOTOS WORK [--most N] [--only NAME ...]

PHOTOS holds ccp/, garments/ and make_stress.py. WORK keeps what was made. Each photo is read by a network that did not
learn from it (training/folds/). Of real selfie boxes all are read; of whole photos and of each set of made pictures
`--most` clear reds and `--most` others. What was tuned on what stands in the card beside the network.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from colour_bars import Bar, bars_of_sets, calibration, diagram
from colour_fairness import tell_fairness
from colour_judging import HOW_MANY, OURS, PLACES, SIMPLE, Bench
from colour_marks import CHROMATIC, macro_f1
from colour_pictures import full_photos, given, harder
from colour_sets import SIDE_PX, UPPER
from PIL import Image

from wearemany.adapters.inference import PARSER_MODEL, parser_network
from wearemany.darkroom.colour import linear_of
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.garment import read_garment
from wearemany.darkroom.orders import COLOURS, CallSpec
from wearemany.darkroom.parse import Frame, parse
from wearemany.darkroom.verdict import judge

PARTS = ("overlap", "colours", "fairness", "nobody", "given", "full", "harder")


def tell_overlap(bench: Bench) -> list[Bar]:
    """Print the upper garment's overlap on selfie boxes, by the lightness of the face's skin."""
    found: list[tuple[float, float]] = []
    for name, row in bench.labels.items():
        network = bench.parser(name)
        if row["has_mask"] != "1" or network is None:
            continue
        sample = bench.sample(name)
        picture = Picture((sample.pixels * 255 + 0.5).astype(np.uint8))
        seen = parse(picture, Frame(0, 0, *SIDE_PX), network, closer=True)
        chances = np.stack([np.asarray(Image.fromarray(plane).resize(SIDE_PX)) for plane in seen.chances])
        said = chances[list(UPPER)].sum(axis=0) > np.delete(chances, UPPER, axis=0).max(axis=0)
        true = sample.is_one_of(*UPPER)
        if not true.any():
            continue
        skin = sample.is_one_of(1) & (np.arange(SIDE_PX[1])[:, None] < SIDE_PX[1] * 0.4)
        light = float(np.median(linear_of(picture.pixels)[skin].mean(axis=1))) if skin.sum() > 200 else np.nan
        found.append((light, float((said & true).sum() / (said | true).sum())))
    lights, overlaps = np.array(found).T
    third = np.nanpercentile(lights, [33, 67])
    groups = {
        "darker": lights < third[0],
        "between": (lights >= third[0]) & (lights < third[1]),
        "lighter": lights >= third[1],
    }
    told = ", ".join(f"{name} {overlaps[chosen].mean():.3f}" for name, chosen in groups.items())
    means = [float(overlaps[chosen].mean()) for chosen in groups.values()]
    print(
        f"upper garment, intersection over union, {len(found)} selfie boxes: {overlaps.mean():.3f} "
        f"(skin as photographed: {told})"
    )
    return [
        Bar("upper garment, intersection over union", 0.87, 0.90, (float(overlaps.mean()),)),
        Bar("  gap between groups of skin lightness", 0.04, 0.02, (max(means) - min(means),), less=True),
    ]


def tell_colours(bench: Bench) -> list[Bar]:
    """Print how well each judged colour is named on selfie boxes: does the call for it accept?"""
    truths, said = [], []
    for name, row in bench.labels.items():
        network = bench.parser(name)
        if not row["color"] or network is None:
            continue
        picture = bench.picture(name)
        faces = bench.faces_in(picture)
        reading = read_garment(picture, faces, network, CallSpec(garments="top"))
        truths.append(row["color"])
        said.append(
            {c for c in COLOURS if judge(CallSpec(colour=c, garments="top"), reading, faces).kind == "accept"}
        )
    mean, each = macro_f1(truths, said, CHROMATIC)
    print(
        f"judged colours, {len(truths)} selfie boxes: macro F1 {mean:.3f} "
        f"({', '.join(f'{c} {v:.2f}' for c, v in each.items())})"
    )
    return [Bar("all judged colours, chromatic ones: macro F1", 0.75, 0.85, (mean,))]


def tell_nobody(bench: Bench, folder: Path) -> list[Bar]:
    """Print how many photos of clothes without a person would be accepted, each for red and for what it seems to be."""
    paths = sorted((folder / "photos").glob("*.jpg"))
    accepted = faces_seen = 0
    network = parser_network()
    for path in paths:
        picture = Picture(np.asarray(Image.open(path).convert("RGB"))).within(1600)
        faces = bench.faces_in(picture)
        faces_seen += bool(faces)
        reading = read_garment(picture, faces, network)
        accepted += any(
            judge(CallSpec(colour=c), reading, faces).kind == "accept"
            for c in {"red", reading.garment_colour} - {""}
        )
    print(f"nobody in the picture, {len(paths)} photos: accepted {accepted}; a face was seen in {faces_seen}")
    return [Bar("nobody in the picture: accepts", 0, 0, (float(accepted),), less=True)]


def tell_pictures(bench: Bench, part: str, photos: Path) -> None:
    """Let everybody judge the pictures of a part, and print each set as it is done."""
    sources = {
        "given": lambda: given(bench, photos),
        "full": lambda: full_photos(bench),
        "harder": lambda: harder(bench),
    }
    last = ""
    for made in sources[part]():
        if last and made[0] != last:
            _print(bench, last)
        bench.judge(made)
        if made[0] in ("given: plain", "real: full photos"):
            bench.judge((f"{made[0]}, anything worn", *made[1:]), garments="anything")
        last = made[0]
    for group in [last] + [
        group for group in bench.marks if "anything" in group and group.startswith(last[:5])
    ]:
        _print(bench, group)


def tell_failures(bench: Bench) -> None:
    """Print the photos that were answered otherwise than people did, and how far scores are frequencies."""
    wanted = {"yes": "accept", "no": "refuse", "unsure": "refer"}
    for group in ("given: plain", "given: warm", "given: dim", "real: full photos"):
        rows = [row for row in bench.scores if row[0] == group]
        for truth, kind in wanted.items():
            wrong = [
                f"{name} ({said} {score:.2f})"
                for _, name, t, said, score in rows
                if t == truth and said != kind
            ]
            if wrong:
                print(f"{group}, {truth}, not {kind}: {', '.join(wrong)}")
        steps = ", ".join(
            f"{score:.2f}: {share:.2f} of {count}"
            for score, share, count in calibration((truth, score) for _, _, truth, _, score in rows)
        )
        if rows:
            print(f"{group}, score and share that wears it: {steps}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument(
        "--most", type=int, default=80, help="pictures of a set; the given red ones have as many"
    )
    parser.add_argument("--diagram", type=Path, help="write the reliability diagram of plain photos as SVG")
    parser.add_argument("--only", nargs="*", default=[], choices=PARTS)
    chosen = parser.parse_args()
    bench = Bench(chosen.photos, chosen.work, chosen.most)
    parts = chosen.only or PARTS
    print(f"networks that did not learn from the photo: folds {sorted(bench.parsers)} of {HOW_MANY}")
    rows: list[Bar] = []
    if "overlap" in parts:
        rows += tell_overlap(bench)
    if "colours" in parts:
        rows += tell_colours(bench)
    if "fairness" in parts:
        tell_fairness(bench)
    if "nobody" in parts:
        rows += tell_nobody(bench, chosen.photos / "garments")
    for part in ("given", "full", "harder"):
        if part in parts:
            tell_pictures(bench, part, chosen.photos)
    tell_failures(bench)
    if chosen.diagram:
        plain = ((truth, score) for group, _, truth, _, score in bench.scores if group == "given: plain")
        chosen.diagram.write_text(diagram(calibration(plain)))
    judges = (OURS, PLACES, *(rule.__name__.replace("_", " ") for rule in SIMPLE))
    rows += bars_of_sets(bench.marks, judges)
    if bench.ms:
        median, slow = np.median(bench.ms), np.percentile(bench.ms, 95)
        print(f"after decoding and faces: median {median:.0f} ms of processor time, 95 % {slow:.0f} ms")
        rows.append(Bar("time after decoding and faces, median, ms", 50, 25, (float(median),), less=True))
    rows.append(Bar("size of the model, MB", 5, 2, (PARSER_MODEL.stat().st_size / 1e6,), less=True))
    heads = "".join(f"{name:>9}" for name in ("ours", "places", "pic HSV", "body HSV", "Oklab"))
    print(f"\n{'':52}   bar    aim    {heads}")
    for row in rows:
        if row.figures[0] is not None:
            print(row.told())


def _print(bench: Bench, group: str) -> None:
    for judge_name, marks in bench.marks[group].items():
        print(f"{group:34} {len(marks.said):4} {judge_name:18} {marks.told()}", flush=True)


if __name__ == "__main__":
    main()
