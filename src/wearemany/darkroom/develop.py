"""A photo's way through the darkroom, on one page.

    admit → decode upright → find faces, and heads → read garment → judge → cover → fingerprint → renditions

The order is a promise. Faces and garment are read on the uncovered working picture; then faces are covered, and
everything that is kept, fingerprint and renditions, is made of the covered picture. Where newspapers may have a larger
copy, the larger picture is covered, and all smaller ones are made of that: there is one covering, not two.
Bytes in, values out: no file, network, clock or randomness; the child that calls this measures the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wearemany.darkroom.cover import cover
from wearemany.darkroom.decode import Picture, decode
from wearemany.darkroom.developed import Developed, FaceBox, GarmentReading, Verdict
from wearemany.darkroom.face_maps import FaceNetwork
from wearemany.darkroom.faces import advise, choose_covered, find_faces
from wearemany.darkroom.fingerprint import fingerprint
from wearemany.darkroom.garment import read_garment
from wearemany.darkroom.heads import find_heads
from wearemany.darkroom.intake import admit
from wearemany.darkroom.orders import DevelopOrder
from wearemany.darkroom.parse import ParserNetwork
from wearemany.darkroom.renditions import choose_crop, make_placeholder, make_press, make_renditions
from wearemany.darkroom.verdict import judge


@dataclass(frozen=True)
class Eyes:
    """The models: one finds faces, one parses what people wear (without it: usual places), one sees heads.

    The last is a parser too, an earlier one, which sees heads better (decision 37).
    """

    faces: FaceNetwork
    parser: ParserNetwork | None = None
    parser_digest: str = ""
    heads: ParserNetwork | None = None


def develop(upload: bytes, order: DevelopOrder, eyes: Eyes) -> Developed:
    """Make an untrusted upload into a clean, covered, judged photo; Refused with a code when it cannot be."""
    admitted = admit(upload, order.limits)
    picture, is_moving = decode(admitted, long_px=order.longest_px), admitted.is_moving
    del admitted  # and with it the decoder's picture, twice as large as ours
    working = picture.within(order.main_px)
    seen = find_faces(picture, eyes.faces)
    if eyes.heads and not seen.suspected:
        # Where a face is suspected, a person looks in any case.
        seen = replace(seen, heads=find_heads(working, seen.faces, eyes.heads))
    reading = read_garment(working, seen.faces, eyes.parser, order.spec)
    reading = replace(reading, model=eyes.parser_digest)
    verdict = judge(order.spec, reading, seen.faces)
    faces = choose_covered(seen.faces, cover=order.cover)
    covered = _covered(picture, faces, order)
    advice = (*advise(seen, working.size), *(("first-frame",) if is_moving else ()))
    del picture, working
    return _developed(covered, order, verdict=verdict, reading=reading, faces=faces, advice=advice)


def cover_more(largest_rendition: bytes, order: DevelopOrder) -> Developed:
    """Cover the order's heads and drawn boxes in a picture that was developed before; nothing is judged again."""
    picture = decode(admit(largest_rendition, order.limits), long_px=order.longest_px)
    return _developed(_covered(picture, (), order), order, verdict=None, reading=None, faces=(), advice=())


def _covered(picture: Picture, faces: Sequence[FaceBox], order: DevelopOrder) -> Picture:
    heads = [*order.heads, *(face.box for face in faces if face.covered)]
    return cover(picture, heads=heads, drawn=order.drawn, colour=order.spec.colour)


def _developed(
    covered: Picture,
    order: DevelopOrder,
    *,
    verdict: Verdict | None,
    reading: GarmentReading | None,
    faces: tuple[FaceBox, ...],
    advice: tuple[str, ...],
) -> Developed:
    """Everything that is kept is made here, of the covered picture alone."""
    main = covered.within(order.main_px)
    press = (make_press(covered, press_px=order.press_px),) if order.press_px else ()
    return Developed(
        verdict=verdict,
        reading=reading,
        faces=faces,
        advice=advice,
        fingerprint=fingerprint(main),
        renditions=(*make_renditions(main, main_px=order.main_px, sizes_px=order.sizes_px), *press),
        placeholder=make_placeholder(main),
        crop=choose_crop(main, faces, reading),
        width_px=main.size.width_px,
        height_px=main.size.height_px,
        ms=0,
    )
