"""The same road with the real darkroom: real children, real pictures, no stand-in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from tests.cast import Cast, campaign_order
from tests.rig import KEYS
from wearemany.adapters import server
from wearemany.adapters.inference import model_digest
from wearemany.adapters.sandbox import Darkroom, default_models_folder
from wearemany.campaigns.services import campaign_open
from wearemany.darkroom.garment import RULE_VERSION
from wearemany.darkroom.geometry import Box
from wearemany.photos.models import Development, Upload
from wearemany.photos.services import photo_cover, post_photos, rendition_open
from wearemany.photos.showing import press_open
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.samples.painter import paint
from wearemany.samples.palette import BLUE, Dye
from wearemany.samples.people import dressed
from wearemany.samples.scenes import scene
from wearemany.worker.loop import run_until_idle

pytestmark = pytest.mark.database
STEPS = (develop_pending, blobs_doom_pending)


@pytest.fixture
def real_darkroom(cast: Cast) -> Iterator[Darkroom]:
    """Put the real darkroom in the stand-in's place."""
    if not any(default_models_folder().glob("*.onnx")):
        pytest.skip("the face finder is not converted here; `./run test` does that first")
    with Darkroom(children=1) as darkroom:
        server.put(keys=KEYS, store=cast.house.store, darkroom=darkroom)
        yield darkroom


def picture() -> bytes:
    """Return a JPEG with a red shape on grey, and a camera's words in its metadata."""
    image = Image.new("RGB", (900, 1200), (120, 125, 130))
    ImageDraw.Draw(image).ellipse((200, 500, 700, 1190), fill=(200, 20, 30))
    exif = Image.Exif()
    exif[0x010F] = "A camera that gives its owner away"
    content = io.BytesIO()
    image.save(content, "JPEG", quality=90, exif=exif)
    return content.getvalue()


def test_a_real_photo_takes_the_whole_road(cast: Cast, real_darkroom: Darkroom) -> None:
    """A picture without a face is developed, put before a person, and every copy is clean."""
    post = cast.supporter.decided(picture())
    (photo,) = post_photos(post)
    assert photo.state == "developed"
    assert (photo.width_px, photo.height_px) == (900, 1200)
    assert "faces-doubtful" in post.review.reasons
    for found in photo.renditions:
        opened = rendition_open(found.file.split(".")[0])
        assert opened is not None
        assert b"camera" not in opened.content
        assert Image.open(io.BytesIO(opened.content)).size == (found.width_px, found.height_px)


PINK = Dye((150, 70, 105), (236, 130, 170), (250, 180, 205), "pink", ("розовом", "розовой"))


def in_a_dress(dye: Dye, *, seed: int) -> bytes:
    """Paint somebody in a dress."""
    made = scene(seed)
    worn = replace(dressed(made.persons[0], garment="dress", dye=dye), hair="bob")
    return paint(replace(made, persons=(worn,), place="curtain", framing="half"))


def test_a_pink_dress_goes_the_whole_road_of_a_campaign_in_pink(cast: Cast, real_darkroom: Darkroom) -> None:
    """Accepted, approved and named pink, with what it was judged by kept; a blue one is not accepted."""
    campaign = campaign_open(replace(campaign_order(handle="pink"), colour="pink"), organiser=cast.organiser)
    post = cast.somebody(campaign).decided(in_a_dress(PINK, seed=1))
    (photo,) = post_photos(post)
    assert (photo.verdict, photo.garment_colour) == ("accept", "pink"), photo
    assert photo.reasons == ("wears-the-colour",) and photo.outline
    kept = Development.objects.get(photo__post=post).judged_by
    assert kept["spec"]["colour"] == "pink" and kept["model"] == model_digest()
    assert kept["rule"] == RULE_VERSION and kept["likelihoods"]["pink"] > 0.7
    (other,) = post_photos(cast.somebody(campaign).decided(in_a_dress(BLUE, seed=1)))
    assert (other.verdict, other.garment_colour) == ("refuse", "blue")


def test_more_cover_is_really_laid_on(cast: Cast, real_darkroom: Darkroom) -> None:
    """What was drawn over is covered in every new copy; where nothing was drawn the picture is as before."""
    post = cast.supporter.decided(picture())
    photo_cover(photo=post.photos.get(), boxes=[Box(0.0, 0.0, 0.3, 0.3)])
    before = post_photos(post)
    run_until_idle(STEPS)
    (photo,) = post_photos(post)
    assert photo.renditions != before[0].renditions
    for found in photo.renditions:
        opened = rendition_open(found.file.split(".")[0])
        assert opened is not None
        image = Image.open(io.BytesIO(opened.content)).convert("RGB")
        inside = image.getpixel((image.width // 8, image.height // 8))
        outside = image.getpixel((image.width * 7 // 8, image.height // 8))
        assert _distance(inside, (120, 125, 130)) > 40
        assert _distance(outside, (120, 125, 130)) < 20


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "upload-empty"),
        (b"<html>hello</html>", "upload-web-page"),
        (b"%PDF-1.7 hello", "upload-document"),
        (picture()[:3000], "photo-damaged"),
    ],
    ids=("empty", "page", "document", "truncated"),
)
def test_what_is_no_photo_is_said(cast: Cast, real_darkroom: Darkroom, content: bytes, code: str) -> None:
    """Each kind of wrong file has its own sentence, and its bytes are gone."""
    post = cast.supporter.posts(content)
    run_until_idle(STEPS)
    (photo,) = post_photos(post)
    assert (photo.state, photo.refused_code) == ("refused", code)
    assert "%(" not in photo.refused_sentence % photo.refused_values
    assert not Upload.objects.exists()


def _distance(pixel: object, other: tuple[int, int, int]) -> int:
    assert isinstance(pixel, tuple)
    return max(abs(int(a) - b) for a, b in zip(pixel, other, strict=True))


def test_newspapers_get_a_clean_larger_copy(cast: Cast, real_darkroom: Darkroom) -> None:
    """Made by a real child within its limits: one more JPEG, larger than the public one, with nothing of the camera."""
    large = Image.open(io.BytesIO(picture())).resize((3024, 4032))
    exif = Image.Exif()
    exif[0x010F] = "A camera that gives its owner away"
    content = io.BytesIO()
    large.save(content, "JPEG", quality=90, exif=exif)
    post = cast.supporter.posted(content.getvalue(), consents=("press",))
    (photo,) = post_photos(post)
    assert photo.press is not None and (photo.press.width_px, photo.press.height_px) == (2400, 3200)
    opened = press_open(post.photos.get())
    assert opened is not None and b"camera" not in opened.content
    image = Image.open(io.BytesIO(opened.content))
    assert image.size == (2400, 3200) and not image.getexif() and "icc_profile" not in image.info
    assert (photo.width_px, photo.height_px) == (1200, 1600) and len(photo.renditions) == 6
