"""The darkroom's children: what they may not do, and what becomes of a photo that breaks its child."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.darkroom.conftest import encoded, person
from wearemany.adapters import sandbox
from wearemany.adapters.face_model import PARTS, ensure
from wearemany.adapters.frames import packed, read_frame
from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom.orders import DevelopOrder
from wearemany.errors import Broken, Refused, TryAgain

ORDER = DevelopOrder(main_px=640)
PHOTO = encoded(person(), "JPEG")
# With its models; while it works it holds half as much again.
AT_REST_MB = 130


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


@pytest.mark.parametrize("name", PARTS)
def test_the_model_is_made_once_and_mended_when_damaged(tmp_path: Path, name: str) -> None:
    """Twice is the same as once; a damaged file is made anew."""
    path = ensure(tmp_path) / name
    before = path.read_bytes()
    ensure(tmp_path)
    assert path.read_bytes() == before
    path.write_bytes(before[:-100])
    ensure(tmp_path)
    assert path.read_bytes() == before


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


def test_the_model_runtime_tells_nobody_that_it_runs(tmp_path: Path) -> None:
    """It writes no name for this machine and opens nothing for itself: its reports to its maker are off."""
    program = (
        "import os, wearemany.adapters.inference\n"
        "names = [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') "
        "if os.path.lexists(f'/proc/self/fd/{n}')] if os.path.isdir('/proc/self/fd') else []\n"
        "print([name for name in names if 'socket' in name or os.environ['HOME'] in name])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(tmp_path), "PYTHONPATH": str(Path(sandbox.__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "[]"
    assert list(tmp_path.rglob("*")) == []


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


def ended(darkroom: Darkroom, by: signal.Signals) -> None:
    """Have the only child end by a signal."""
    darkroom.develop(PHOTO, ORDER)
    child = next(iter(darkroom._all))
    child._process.send_signal(by)
    child._process.wait()


def test_a_photo_that_breaks_its_child_takes_nothing_else_with_it(darkroom: Darkroom) -> None:
    """The photo is refused, since it would do the same again; the next one finds a new child."""
    before = darkroom.pids()
    ended(darkroom, signal.SIGSEGV)
    with pytest.raises(Refused) as refused:
        darkroom.develop(PHOTO, ORDER)
    assert refused.value.code == "photo-broke-the-checker"
    assert darkroom.develop(PHOTO, ORDER).verdict is not None
    assert darkroom.pids() != before


def test_a_child_that_is_killed_costs_its_photo_one_attempt(darkroom: Darkroom) -> None:
    """A system without memory, or a person, killed it: the photo is not blamed and comes again."""
    ended(darkroom, signal.SIGKILL)
    with pytest.raises(TryAgain) as interrupted:
        darkroom.develop(PHOTO, ORDER)
    assert interrupted.value.code == "darkroom-interrupted"
    assert darkroom.develop(PHOTO, ORDER).verdict is not None


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


def test_a_photo_for_which_others_left_no_room_gets_a_fresh_child(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of memory in a child that had photos before: asked again in a new one, and only once."""
    answers: list[int] = []
    exchange = sandbox.Child.exchange

    def full(child: sandbox.Child, header: Any, blobs: Any) -> Any:
        answer = exchange(child, header, blobs)
        answers.append(child.photos)
        refused = {"refused": "photo-too-complicated", "values": {}, "full": True, "tired": True}
        return (refused, []) if len(answers) > 1 else answer

    with Darkroom(models=models, children=2) as room:
        room.develop(PHOTO, ORDER)
        room.develop(PHOTO, ORDER)
        answers.append(0)
        monkeypatch.setattr(sandbox.Child, "exchange", full)
        with pytest.raises(Refused, match="unusually complicated"):
            room.develop(PHOTO, ORDER)
    assert answers == [0, 2, 1]


def test_a_child_that_really_has_no_memory_left_blames_no_photo(models: Path) -> None:
    """Squeezed by the kernel in the middle of its life: a fresh child takes the photo."""
    large = encoded(person(height=2400), "JPEG")
    with Darkroom(models=models, children=1) as room:
        room.develop(PHOTO, ORDER)
        (pid,) = room.pids()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + 4_000_000
        resource.prlimit(pid, resource.RLIMIT_AS, (most, most))
        assert room.develop(large, DevelopOrder()).height_px == 1600
        assert room.pids() != (pid,)


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


def test_a_child_that_starves_while_it_starts_is_waited_for(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine that lets it do nothing the photo comes again, and the same child goes on starting."""
    monkeypatch.setattr(sandbox, "START_DEADLINE_S", 0.1)
    with Darkroom(models=models, children=1) as room:
        before = room.pids()
        os.kill(before[0], signal.SIGSTOP)
        with pytest.raises(TryAgain) as slow:
            room.develop(PHOTO, ORDER)
        assert slow.value.code == "darkroom-slow"
        os.kill(before[0], signal.SIGCONT)
        monkeypatch.setattr(sandbox, "START_DEADLINE_S", 30.0)
        assert room.develop(PHOTO, ORDER).verdict is not None
        assert room.pids() == before


def test_a_child_that_never_gets_ready_is_ended(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has had its time and says nothing is not waited for again."""
    monkeypatch.setattr(sandbox, "START_DEADLINE_S", 0.1)
    monkeypatch.setattr(sandbox, "START_PATIENCE_S", 0.1)
    with Darkroom(models=models, children=1) as room:
        before = room.pids()
        os.kill(before[0], signal.SIGSTOP)
        with pytest.raises(Broken) as broken:
            room.develop(PHOTO, ORDER)
        assert broken.value.code == "darkroom-does-not-start"
        monkeypatch.setattr(sandbox, "START_DEADLINE_S", 30.0)
        assert room.develop(PHOTO, ORDER).verdict is not None
        assert room.pids() != before


def test_a_child_that_is_killed_while_it_starts_is_no_fault_of_the_server(models: Path) -> None:
    """The photo comes again, and the next child starts."""
    with Darkroom(models=models, children=1) as room:
        os.kill(room.pids()[0], signal.SIGKILL)
        with pytest.raises(TryAgain) as interrupted:
            room.develop(PHOTO, ORDER)
        assert interrupted.value.code == "darkroom-interrupted"
        assert room.develop(PHOTO, ORDER).verdict is not None


def test_a_closed_darkroom_asks_to_come_again(models: Path) -> None:
    """After closing, photos are for another process; closing twice is closing once."""
    room = Darkroom(models=models, children=1)
    room.close()
    room.close()
    with pytest.raises(TryAgain):
        room.develop(PHOTO, ORDER)


CONFINED = """
import ctypes, mmap, os, resource, signal, socket, sys, threading
sys.path.insert(0, {source!r})
from wearemany.adapters.confine import confine
libc = ctypes.CDLL(None, use_errno=True)
thread = threading.Thread(target=lambda: None)
holds = confine()
def tried(act):
    try:
        act()
    except (OSError, MemoryError, ValueError) as error:
        return type(error).__name__
    return "worked"
tries = dict(
    connect=lambda: socket.socket(),
    write=lambda: open("/tmp/trace", "w"),
    read=lambda: open("/etc/hostname"),
    look=lambda: os.stat("/"),
    list=lambda: os.listdir("/"),
    pipe=os.pipe,
    remove=lambda: os.unlink("/tmp/none"),
    fork=os.fork,
    run=lambda: os.execv("/bin/true", ["true"]),
    kill=lambda: os.kill(os.getppid(), 0),
    limit_others=lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
    code=lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    memory=lambda: bytearray(600_000_000),
    thread=thread.start,
    compute=lambda: sum(range(1000)),
)
print(holds, "|", *(f"{{name}}:{{tried(act)}}" for name, act in tries.items()))
"""
FORBIDDEN = (
    "connect",
    "write",
    "read",
    "look",
    "list",
    "pipe",
    "remove",
    "fork",
    "run",
    "kill",
    "limit_others",
    "code",
)


def confined() -> tuple[str, dict[str, str]]:
    """Return what a confined process says it is held by, and how each of its attempts ended."""
    program = CONFINED.format(source=str(Path(sandbox.__file__).parents[2]))
    # As a child of the darkroom runs: nothing to do at exit, which a confined process could not do.
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    holds, _, tries = answer.partition("|")
    return holds, dict(attempt.split(":") for attempt in tries.split())


def test_a_confined_process_can_only_compute() -> None:
    """No network, no file even to read, no program, no process but threads, no signal or limit for others."""
    holds, tries = confined()
    if "no-network" not in holds:
        pytest.skip(
            "this kernel or architecture has no filter of system calls; memory, time and files are held"
        )
    assert {name: tries[name] for name in FORBIDDEN} == dict.fromkeys(FORBIDDEN, "PermissionError")
    assert tries["memory"] == "MemoryError"
    assert (tries["thread"], tries["compute"]) == ("worked", "worked")


def test_limits_hold_where_there_is_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """On another architecture the kernel's limits alone keep files, sockets and memory away."""
    other = "import platform; platform.machine = lambda: 'riscv64'; holds = confine()"
    program = CONFINED.replace("holds = confine()", other).replace("tries.items()", "list(tries.items())[:6]")
    monkeypatch.setattr(sys.modules[__name__], "CONFINED", program)
    holds, tries = confined()
    assert "no-network" not in holds and "no-files" in holds
    assert {tries[name] for name in ("connect", "write", "read", "list", "pipe")} == {"OSError"}


def descendants(pid: int) -> set[int]:
    """Return all processes below a process."""
    below: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            below |= {child, *descendants(child)}
    return below


@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="the process tree is read from Linux's /proc"
)
def test_the_process_tree_stays_what_it_is(models: Path) -> None:
    """Whatever is sent, the children are all there is: none has a child, a file or a socket; none is left behind."""
    before = descendants(os.getpid())
    hostile = (
        b"%PDF-1.4",
        PHOTO[:2000],
        b"\x89PNG\r\n\x1a\n" + bytes(60),
        b"<svg/>",
        PHOTO,
        b"GIF89a" + bytes(9),
    )
    with Darkroom(models=models, children=2) as room:
        room.develop(PHOTO, ORDER)
        for upload in hostile:
            with contextlib.suppress(Refused):
                room.develop(upload, ORDER)
            assert descendants(os.getpid()) - before == set(room.pids())
        for pid in room.pids():
            open_files = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
            assert sorted(name.split(":")[0] for name in open_files) == ["/dev/null", "pipe", "pipe"]
            assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1
        ended(room, signal.SIGKILL)
    assert descendants(os.getpid()) == before


def test_the_darkroom_says_what_holds_its_children(darkroom: Darkroom) -> None:
    """Doctor shows these names."""
    assert {"processor-time", "no-files"} <= set(darkroom.contained())


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


@pytest.mark.skipif(sys.platform != "linux", reason="where the system tells what a process holds")
def test_a_child_at_rest_gives_memory_back(darkroom: Darkroom) -> None:
    """What a photo of 12 megapixels needed is with the system again soon after, and not only before the next photo."""
    darkroom.develop(encoded(np.zeros((3_000, 4_000, 3), np.uint8), "JPEG"), DevelopOrder())
    (pid,) = darkroom.pids()

    def held_mb() -> int:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))

    until = time.monotonic() + 20
    while held_mb() > AT_REST_MB and time.monotonic() < until:
        time.sleep(0.05)
    assert held_mb() <= AT_REST_MB


@pytest.mark.long
@pytest.mark.parametrize(("mode", "height"), [("RGB", 6_600), ("RGBA", 4_980)])
def test_the_largest_avif_that_is_admitted_fits_into_a_child(
    darkroom: Darkroom, mode: str, height: int
) -> None:
    """In full colour, at the number of pixels that the refusal of a larger one names."""
    image = Image.linear_gradient("L").resize((5_000, height)).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "AVIF", quality=40, speed=10, subsampling="4:4:4")
    assert darkroom.develop(buffer.getvalue(), ORDER).width_px == round(640 * 5_000 / max(5_000, height))
