"""The darkroom's children: what they may not do, and what becomes of a photo that breaks its child."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.darkroom.conftest import encoded, person
from wearemany.adapters import sandbox
from wearemany.adapters.face_model import ensure
from wearemany.adapters.frames import packed, read_frame
from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom.orders import DevelopOrder
from wearemany.errors import Broken, Refused, TryAgain

ORDER = DevelopOrder(main_px=640)
PHOTO = encoded(person(), "JPEG")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checked face model."""
    folder = tmp_path_factory.mktemp("models")
    ensure(folder)
    return folder


@pytest.fixture(scope="module")
def darkroom(models: Path) -> Iterator[Darkroom]:
    """A darkroom with one child."""
    with Darkroom(models=models, children=1) as room:
        yield room


def test_the_model_is_made_once_and_mended_when_damaged(tmp_path: Path) -> None:
    """Twice is the same as once; a damaged file is made anew."""
    path = ensure(tmp_path)
    before = path.read_bytes()
    assert ensure(tmp_path).read_bytes() == before
    path.write_bytes(before[:-100])
    assert ensure(tmp_path).read_bytes() == before


def test_the_parent_stays_small(models: Path) -> None:
    """Whoever imports the sandbox imports neither numpy nor Pillow nor a model runtime."""
    program = (
        "import sys, wearemany.adapters.sandbox\n"
        "print([name for name in ('numpy', 'PIL', 'onnxruntime', 'onnx', 'pi_heif', 'django') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_child_imports_no_django() -> None:
    """A child that is taken over holds no settings, no database, no keys."""
    program = "import sys, wearemany.adapters.darkroom_child\nprint('django' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_a_photo_comes_back_developed(darkroom: Darkroom) -> None:
    """The whole way through a child and back."""
    developed = darkroom.develop(PHOTO, ORDER)
    assert developed.verdict is not None and developed.ms > 0
    assert len(developed.fingerprint.content) == 32
    again = darkroom.cover_more(developed.rendition("main", format="webp").content, ORDER)
    assert again.verdict is None


def test_a_refusal_keeps_its_code_and_sentence(darkroom: Darkroom) -> None:
    """What the child refuses, the parent says in our own words; the child goes on."""
    before = darkroom.pids()
    with pytest.raises(Refused) as refused:
        darkroom.develop(b"%PDF-1.4", ORDER)
    assert refused.value.code == "upload-document"
    assert darkroom.pids() == before


def test_a_child_that_dies_takes_one_photo_with_it(darkroom: Darkroom) -> None:
    """The photo is refused; the next one finds a new child."""
    darkroom.develop(PHOTO, ORDER)
    before = darkroom.pids()
    child = next(iter(darkroom._all))
    child._process.kill()
    child._process.wait()
    with pytest.raises(Refused) as refused:
        darkroom.develop(PHOTO, ORDER)
    assert refused.value.code == "photo-broke-the-checker"
    assert darkroom.develop(PHOTO, ORDER).verdict is not None
    assert darkroom.pids() != before


def test_a_child_that_hangs_is_ended(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that stands still is ended at the deadline; that was no fault of the photo, so it may come again."""
    darkroom.develop(PHOTO, ORDER)
    child = next(iter(darkroom._all))
    monkeypatch.setattr(sandbox, "PHOTO_DEADLINE_S", 0.3)
    child._process.send_signal(signal.SIGSTOP)
    with pytest.raises(TryAgain) as late:
        darkroom.develop(PHOTO, ORDER)
    assert late.value.code == "darkroom-slow"
    monkeypatch.undo()
    assert darkroom.develop(PHOTO, ORDER).verdict is not None


def test_a_photo_that_uses_up_its_processor_time_is_refused(darkroom: Darkroom) -> None:
    """The kernel ends the child; the photo is told that checking it took too long."""
    darkroom.develop(PHOTO, ORDER)
    child = next(iter(darkroom._all))
    child._process.send_signal(signal.SIGXCPU)
    child._process.wait()
    with pytest.raises(Refused) as refused:
        darkroom.develop(PHOTO, ORDER)
    assert refused.value.code == "photo-took-too-long"


def test_children_are_replaced_after_a_number_of_photos(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever took a child over has it for a few photos only."""
    monkeypatch.setattr(sandbox, "PHOTOS_PER_CHILD", 2)
    with Darkroom(models=models, children=1) as room:
        before = room.pids()
        room.develop(PHOTO, ORDER)
        assert room.pids() == before
        room.develop(PHOTO, ORDER)
        assert room.pids() != before


def test_many_threads_share_few_children(darkroom: Darkroom) -> None:
    """Eight photos at once through one child all come back, each its own."""
    shades = [encoded(np.full((120, 90, 3), shade, np.uint8)) for shade in range(0, 240, 30)]
    results: dict[int, str] = {}

    def work(at: int) -> None:
        results[at] = darkroom.develop(shades[at], ORDER).renditions[0].sha256

    threads = [threading.Thread(target=work, args=(at,)) for at in range(len(shades))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {
        at: darkroom.develop(shade, ORDER).renditions[0].sha256 for at, shade in enumerate(shades)
    }


def test_without_models_the_darkroom_says_so(tmp_path: Path) -> None:
    """No model, no covering: the darkroom does not start instead of going on without."""
    with Darkroom(models=tmp_path, children=1) as room, pytest.raises(Broken) as broken:
        room.develop(PHOTO, ORDER)
    assert broken.value.code == "darkroom-does-not-start"


def test_a_closed_darkroom_asks_to_come_again(models: Path) -> None:
    """After closing, photos are for another process; closing twice is closing once."""
    room = Darkroom(models=models, children=1)
    room.close()
    room.close()
    with pytest.raises(TryAgain):
        room.develop(PHOTO, ORDER)


CONFINED = """
import os, socket, sys
sys.path.insert(0, {source!r})
from wearemany.adapters.confine import confine
holds = confine()
def tried(act):
    try:
        act()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "worked"
print(holds, tried(socket.socket), tried(lambda: open("/tmp/trace", "w")), tried(os.fork),
      tried(lambda: os.execv("/bin/true", ["true"])), tried(lambda: os.kill(os.getppid(), 0)),
      tried(lambda: bytearray(600_000_000)), tried(lambda: open("/proc/self/statm").read()))
"""


def test_a_confined_process_can_only_compute() -> None:
    """No network, no file to write, no new process, no signal to others, no more memory than a photo needs."""
    source = str(Path(sandbox.__file__).parents[2])
    program = CONFINED.format(source=source)
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    if "no-network" not in answer:
        pytest.skip(
            "this kernel or architecture has no system-call filter; the limits of memory and files hold"
        )
    assert answer.rstrip().endswith(" ".join(["PermissionError"] * 5 + ["MemoryError", "worked"]))


def test_a_frame_with_a_lie_about_its_length_is_refused() -> None:
    """The parent never reserves what a child merely promises."""
    parts = b"".join(packed({"a": 1}, (b"xyz",)))
    position = 0

    def read(count: int) -> bytes:
        nonlocal position
        position += count
        return parts[position - count : position]

    assert read_frame(read) == ({"a": 1}, [b"xyz"])
    parts, position = b"\xff" * 64, 0
    with pytest.raises(ValueError):
        read_frame(read)
