"""What leaves the phone: small, upright, without metadata, never falsified; and what stays on it."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pi_heif
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.people import HANDLE, PATIENCE_S, Supporter
from tests.journeys.photos import needles_in, phone_photo, photo, selfie
from tests.rigs.line import Line, LineSpec, Sent, line_to
from tests.rigs.serving import Serving

pytestmark = [pytest.mark.journey, pytest.mark.database]

FINE_LINE = LineSpec()
FALSIFIED = """
(() => {
  const noise = (data) => { for (let i = 0; i < data.length; i += 1) data[i] = %(noise)s; return data; };
  const read = CanvasRenderingContext2D.prototype.getImageData;
  const blob = HTMLCanvasElement.prototype.toBlob;
  const spoilt = (canvas) => {
    const other = document.createElement("canvas");
    other.width = canvas.width; other.height = canvas.height;
    const pen = other.getContext("2d");
    pen.drawImage(canvas, 0, 0);
    const image = read.call(pen, 0, 0, other.width, other.height);
    noise(image.data);
    pen.putImageData(image, 0, 0);
    return other;
  };
  if (%(reads)s) CanvasRenderingContext2D.prototype.getImageData = function (...where) {
    const image = read.apply(this, where); noise(image.data); return image;
  };
  if (%(files)s) HTMLCanvasElement.prototype.toBlob = function (...how) { return blob.apply(spoilt(this), how); };
  if (%(large)s) HTMLCanvasElement.prototype.toBlob = function (...how) {
    return blob.apply(this.width > 64 ? spoilt(this) : this, how);
  };
  HTMLCanvasElement.prototype.toDataURL = () => "data:,";
  window.OffscreenCanvas = undefined;
})();
"""
LIES = {
    "noise everywhere": {"noise": "Math.random() * 256", "reads": "true", "files": "true", "large": "false"},
    "white everywhere": {"noise": "255", "reads": "true", "files": "true", "large": "false"},
    "noise in files only": {"noise": "Math.random() * 256", "reads": "false", "files": "true", "large": "false"},
    "noise in large files only": {"noise": "Math.random() * 256", "reads": "false", "files": "false", "large": "true"},
    "white large files": {"noise": "255", "reads": "false", "files": "false", "large": "true"},
    "a little noise": {
        "noise": "data[i] ^ (Math.random() < 0.05)", "reads": "true", "files": "true", "large": "false"
    },
}  # fmt: skip


@pytest.fixture
def line(server: Serving) -> Iterator[Line]:
    """A line as fast as this machine, which keeps what is sent."""
    with line_to(server.port, FINE_LINE) as opened:
        yield opened


def chosen(supporter: Supporter, line: Line, content: bytes, name: str) -> Page:
    """Open the form over the line, choose a photo and wait until it has arrived."""
    page = supporter.page()
    page.goto(f"{line.base}/en/{HANDLE}/join")
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "", "buffer": content})
    expect(page.locator(".photo__state")).to_contain_text("Arrived.", timeout=PATIENCE_S * 1000)
    return page


def photo_sent(line: Line) -> bytes:
    """Return the photo that was sent last, in pieces or in a form, out of the requests as they were captured."""
    requests = line.requests()
    begun = [at for at, one in enumerate(requests) if (one.method, one.path) == ("POST", "/upload")]
    requests = requests[begun[-1] :] if begun else requests
    forms = [one for one in requests if one.path.endswith("/join/photo")]
    if not forms:
        pieces = [one for one in requests if one.path.startswith("/upload") and one.body]
        return b"".join(one.body for one in sorted(pieces, key=offset_of))
    form = forms[0]
    boundary = form.headers["content-type"].partition("boundary=")[2].encode()
    part = next(part for part in form.body.split(b"--" + boundary) if b'name="photo"' in part)
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


def offset_of(request: Sent) -> int:
    """Return where in the photo a piece belongs."""
    return int(request.headers.get("upload-offset", "0"))


def captured(line: Line) -> bytes:
    """Return everything that was sent, heads and bodies."""
    return b"".join(bytes(stream) for stream in line.streams)


def unlike(one: Image.Image, other: Image.Image) -> float:
    """Return how far two pictures are apart: the mean difference of their small copies, 0 to 255."""
    small = [
        np.asarray(each.convert("RGB").resize((24, 32), Image.Resampling.BOX), float) for each in (one, other)
    ]
    return float(np.abs(small[0] - small[1]).mean())


def opened(content: bytes) -> Image.Image:
    """Open a picture and decode it."""
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("turn", [1, 3, 6, 8])
def test_a_large_photo_leaves_small_upright_and_bare(supporter: Supporter, line: Line, turn: int) -> None:
    """12 million pixels and 5 MB become at most 2,048 px and 480 kB, upright, with not a word of metadata."""
    content = phone_photo(seed=7, turn=turn)
    chosen(supporter, line, content, "IMG_20251231.jpg")
    sent = photo_sent(line)
    picture = opened(sent)
    assert len(sent) <= 480_000
    assert max(picture.size) <= 2048 and picture.format == "JPEG"
    assert not dict(picture.getexif())
    truth = opened(content)
    upright = {
        1: truth,
        3: truth.rotate(180, expand=True),
        6: truth.rotate(-90, expand=True),
        8: truth.rotate(90, expand=True),
    }
    assert unlike(picture, upright[turn]) < 4
    assert len(needles_in(content)) == 7 and needles_in(captured(line)) == []
    # Nor its name, which tells when it was taken.
    assert b"IMG_2025" not in captured(line)
    print(f"{len(content)} bytes became {len(sent)}, {picture.size}")


def test_where_newspapers_may_print_it_a_larger_one_leaves_as_bare(supporter: Supporter, line: Line) -> None:
    """The tick comes after the photo has arrived: it is made ready anew, with up to 3,200 px; unticked, small again."""
    content = phone_photo(seed=7, turn=6)
    page = chosen(supporter, line, content, "IMG_20251231.jpg")
    assert max(opened(photo_sent(line)).size) <= 2048
    page.get_by_text("For newspapers", exact=True).click()
    page.check("input[name=consent]")
    wait_for_uploads(page, line, count=2)
    large = opened(photo_sent(line))
    assert 2048 < max(large.size) <= 3200 and not dict(large.getexif())
    assert unlike(large, opened(content).rotate(-90, expand=True)) < 4
    page.uncheck("input[name=consent]")
    wait_for_uploads(page, line, count=3)
    assert max(opened(photo_sent(line)).size) <= 2048
    assert needles_in(captured(line)) == []


def wait_for_uploads(page: Page, line: Line, *, count: int) -> None:
    """Wait until so many photos were begun and the last of them has arrived."""
    deadline = time.monotonic() + PATIENCE_S
    while [(one.method, one.path) for one in line.requests()].count(("POST", "/upload")) < count:
        assert time.monotonic() < deadline, "nothing was sent anew"
        page.wait_for_timeout(50)
    expect(page.locator(".photo__state")).to_contain_text("Arrived.", timeout=PATIENCE_S * 1000)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("lie", LIES)
def test_a_falsified_canvas_changes_nothing(supporter: Supporter, line: Line, lie: str, kind: str) -> None:
    """Where a browser falsifies what it gives back, the file itself is sent: the same pixels, without metadata."""
    supporter.context.add_init_script(FALSIFIED % LIES[lie])
    source = selfie(11)
    content = photo(kind, source)
    page = chosen(supporter, line, content, "me")
    expect(page.locator(".photo__state")).to_have_text("Arrived.")
    sent = photo_sent(line)
    assert needles_in(content) and needles_in(captured(line)) == []
    picture = opened(sent)
    if lie != "a little noise" or picture.format == kind:
        assert picture.format == kind
        assert np.array_equal(np.asarray(picture), np.asarray(opened(content)))
    assert unlike(picture, source) < 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_honest_canvas_sends_no_metadata_either(supporter: Supporter, line: Line, kind: str) -> None:
    """Small photos of every kind: the picture arrives, its metadata does not."""
    source = selfie(12, grain=4.0)
    content = photo(kind, source)
    chosen(supporter, line, content, "me")
    assert needles_in(captured(line)) == []
    assert unlike(opened(photo_sent(line)), source) < 4


HEIC = (Path(__file__).parents[2] / "../shared/trials/metadata").resolve()


@pytest.mark.parametrize("name", ["51d26b47-L_xmp.heic", "1020cc4e-Issue_437_dotnet_.heic"])
def test_a_heic_that_the_browser_cannot_draw_leaves_bare(supporter: Supporter, line: Line, name: str) -> None:
    """EXIF and XMP are overwritten where they stand; the picture is the same to its last pixel."""
    if not HEIC.exists():
        pytest.skip("the metadata trial is not here (../shared/trials/metadata)")
    pi_heif.register_heif_opener()
    rows = [json.loads(row) for row in (HEIC / "manifest.jsonl").read_text().splitlines()]
    needles = next(row["needles"] for row in rows if row["file"].endswith(name))
    content = (HEIC / "files" / name).read_bytes()
    chosen(supporter, line, content, name)
    sent = photo_sent(line)
    profile = opened(content).info.get("icc_profile") or b""
    left = [
        needle for needle in needles if needle.encode() in captured(line) and needle.encode() not in profile
    ]
    assert needles and left == []
    assert unlike(opened(sent), opened(content)) < 4
