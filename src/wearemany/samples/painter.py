"""From a scene to a finished picture: place, people back to front, light over all, brush and paper, the mark, JPEG."""

from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from wearemany.samples.brush import HEIGHT_PX, WIDTH_PX, Array, Canvas, Frame
from wearemany.samples.clothes import paint_arm, paint_body
from wearemany.samples.face import paint_beard, paint_glasses, paint_head
from wearemany.samples.hair import paint_back, paint_front
from wearemany.samples.palette import LIGHTS, Light
from wearemany.samples.people import Person
from wearemany.samples.places import PLACES, paint_place
from wearemany.samples.props import paint_behind, paint_held, poster
from wearemany.samples.scenes import Scene
from wearemany.samples.texture import painted

MARK = "drawn sample"
MARK_BOX_PX = (WIDTH_PX - 162, HEIGHT_PX - 42, WIDTH_PX - 14, HEIGHT_PX - 12)
_QUALITY = 88


def paint(scene: Scene) -> bytes:
    """Return the scene as a JPEG; the same scene always gives the same bytes."""
    picture = marked(picture_of(scene))
    if scene.saved_again:
        smaller = picture.resize((WIDTH_PX * 3 // 4, HEIGHT_PX * 3 // 4), Image.Resampling.LANCZOS)
        picture = Image.fromarray(
            np.clip(np.asarray(smaller, np.float32) * 1.06 + 4, 0, 255).astype(np.uint8)
        )
    out = BytesIO()
    picture.save(out, "JPEG", quality=76 if scene.saved_again else _QUALITY, subsampling=0)
    return out.getvalue()


def picture_of(scene: Scene) -> Image.Image:
    """Return the scene painted, without its mark."""
    rng = np.random.default_rng([scene.seed, 4])
    if scene.framing == "poster":
        return painted(Canvas(poster(scene.seed)), _wash(LIGHTS["day"]))
    light = LIGHTS[PLACES[scene.place][1]]
    canvas = Canvas(paint_place(scene.place, rng))
    if scene.framing == "behind":
        paint_behind(canvas, scene.persons[0], rng, side=light.side)
    elif scene.framing == "held":
        paint_held(canvas, scene.persons[0], rng, side=light.side)
    elif len(scene.persons) > 1:
        for person, frame in zip(scene.persons, _pair_frames(scene.persons, rng), strict=True):
            _paint_person(canvas, person, frame, rng, light)
    else:
        frame = _single_frame(scene.framing, rng)
        _paint_person(canvas, scene.persons[0], frame, rng, light, reaching=scene.framing == "selfie")
    return painted(canvas, _wash(light))


def _single_frame(framing: str, rng: np.random.Generator) -> Frame:
    roll = float(rng.normal(0, 0.055))
    if framing == "half":
        return Frame(WIDTH_PX * rng.uniform(0.44, 0.56), rng.uniform(350, 390), rng.uniform(112, 124), roll)
    return Frame(WIDTH_PX * rng.uniform(0.45, 0.55), rng.uniform(400, 440), rng.uniform(144, 160), roll)


def _pair_frames(persons: tuple[Person, ...], rng: np.random.Generator) -> tuple[Frame, Frame]:
    unit = float(rng.uniform(112, 120))
    back = Frame(WIDTH_PX * 0.3, 400 + rng.uniform(-30, 30), unit, 0.05)
    return back, Frame(WIDTH_PX * 0.7, 440 + rng.uniform(-30, 40), unit * 1.04, -0.06)


def _paint_person(
    canvas: Canvas,
    person: Person,
    frame: Frame,
    rng: np.random.Generator,
    light: Light,
    *,
    reaching: bool = False,
) -> None:
    turn = float(rng.uniform(-0.09, 0.09))
    side = light.side
    hand = 1.0 if rng.random() < 0.5 else -1.0
    paint_back(canvas, person, frame, rng)
    paint_body(canvas, person, frame, rng, side=side)
    if reaching:
        paint_arm(canvas, person, frame, rng, side=side, hand=hand)
    face = paint_head(canvas, person, frame, side, turn)
    paint_beard(canvas, person, frame, face, turn)
    paint_front(canvas, person, frame, rng, side=side)
    paint_glasses(canvas, person, frame, turn)


@lru_cache(maxsize=8)
def _wash(light: Light) -> NDArray[np.uint8]:
    """Return the light of the picture as factors: warm on one side, cool on the other, darker at the rim."""
    across = np.linspace(-1, 1, WIDTH_PX, dtype=np.float32)[None, :] * np.float32(light.side)
    down = np.linspace(-1, 1, HEIGHT_PX, dtype=np.float32)[:, None]
    share = np.clip(0.5 + 0.42 * across - 0.18 * down, 0, 1)[..., None]
    key, shade = np.array(light.key, np.float32), np.array(light.shade, np.float32)
    rim = 1 - 0.07 * np.clip(across**2 + down**2 - 0.7, 0, 2)[..., None]
    factor: Array = (shade + (key - shade) * share) * rim * 128
    return np.clip(factor, 0, 255).astype(np.uint8)


@lru_cache(maxsize=1)
def _mark() -> Image.Image:
    size = (MARK_BOX_PX[2] - MARK_BOX_PX[0], MARK_BOX_PX[3] - MARK_BOX_PX[1])
    sheet = Image.new("L", size)
    pen = ImageDraw.Draw(sheet)
    pen.text((size[0] / 2, size[1] / 2), MARK, font=ImageFont.load_default(21), fill=255, anchor="mm")
    return sheet


def marked(picture: Image.Image) -> Image.Image:
    """Return the picture with the words that say what it is, small in its lower corner."""
    left, top = MARK_BOX_PX[:2]
    shadow = _mark().point(lambda v: v * 0.55)
    picture.paste((24, 18, 20), (left + 1, top + 2), shadow)
    picture.paste((255, 250, 240), (left, top), _mark().point(lambda v: v * 0.9))
    return picture
