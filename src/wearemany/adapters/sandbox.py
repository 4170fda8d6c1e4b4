"""The darkroom as the rest of the server sees it: uploads go into limited children, developed photos come back.

Standard library only, on purpose: numpy, Pillow and the models live in the children, the serving process stays
small. Children are spawned, started ahead, ended after a number of photos or at the first odd sign; what one
upload does to its child happens to no other photo.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import wearemany
from wearemany.adapters.frames import Header, packed, read_frame
from wearemany.darkroom.developed import Developed
from wearemany.darkroom.orders import DevelopOrder
from wearemany.darkroom.refusals import REFUSALS, refusal
from wearemany.errors import N_, Broken, Refused, TryAgain, WeAreManyError

CHILD_MODULE = "wearemany.adapters.darkroom_child"
# Processor time is what a photo may cost (`confine.PHOTO_CPU_S`, which the kernel enforces); on a busy machine the
# same photo takes longer by the clock, and that is no fault of the photo.
PHOTO_DEADLINE_S = 30.0
COSTLY_S = 5.0
# A start takes a second or two of processor time. A child that got none of it is waiting, like everything else on the
# machine; one that used all this, or is as old as that, will never be ready.
START_DEADLINE_S = 30.0
START_CPU_S = 20.0
START_PATIENCE_S = 300.0
WAIT_DEADLINE_S = 60.0
PHOTOS_PER_CHILD = 64
_PIECE_BYTES = 1 << 18


class ChildGoneError(Exception):
    """The child died, closed its pipe, or answered something that is no frame."""


class ChildFullError(Exception):
    """A child that had developed other photos before had not enough memory left for this one."""


class ChildLateError(Exception):
    """The child did not answer in time; it has been ended. `costly` says that it had been computing, not waiting."""

    def __init__(self, *, costly: bool) -> None:
        super().__init__("no answer before the deadline")
        self.costly = costly


class ChildStarvedError(Exception):
    """The child is still starting and has hardly been let to work; it goes on."""


class Darkroom:
    """A pool of darkroom children; thread-safe.

    `develop` and `cover_more` block until a child is free and has answered. Raises Refused for a photo that
    cannot be developed (also when it broke or exhausted its child: asking again would do it again), TryAgain when
    no child could be had or did not get to work in time, Broken when children cannot be started at all.
    """

    def __init__(self, *, models: Path | None = None, children: int = 1) -> None:
        self._models = models or default_models_folder()
        self._free: queue.Queue[Child | None] = queue.Queue()
        self._closed = threading.Event()
        self._all: set[Child] = set()
        self._lock = threading.Lock()
        for _ in range(max(1, children)):
            self._free.put(self._started())

    def develop(self, upload: bytes, order: DevelopOrder) -> Developed:
        """Develop one upload."""
        return self._asked("develop", upload, order)

    def cover_more(self, main_rendition: bytes, order: DevelopOrder) -> Developed:
        """Lay the order's drawn boxes over an already covered picture, and make its renditions anew."""
        return self._asked("cover-more", main_rendition, order)

    def pids(self) -> tuple[int, ...]:
        """Return the process ids of the children, for measurements."""
        with self._lock:
            return tuple(sorted(child.pid for child in self._all))

    def contained(self) -> tuple[str, ...]:
        """Wait for a child that is ready and return what holds it: names of `confine`, for `wearemany doctor`."""
        child = self._taken()
        self._free.put(child)
        return child.holds

    def close(self) -> None:
        """End all children at once; photos in them are developed again by whoever asks next. Twice is once."""
        self._closed.set()
        with self._lock:
            children, self._all = list(self._all), set()
        for child in children:
            child.end()

    def __enter__(self) -> Darkroom:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _asked(self, verb: str, blob: bytes, order: DevelopOrder) -> Developed:
        try:
            return self._asked_once(verb, blob, order, most_photos=PHOTOS_PER_CHILD)
        except ChildFullError:
            # Memory that other photos left in pieces is no fault of this one: a fresh child has the whole of it.
            return self._asked_once(verb, blob, order, most_photos=0)

    def _asked_once(self, verb: str, blob: bytes, order: DevelopOrder, *, most_photos: int) -> Developed:
        if len(blob) > order.limits.bytes:
            # Said here too, so that no child is fed what it would refuse anyway.
            raise refusal("upload-too-large", megabytes=order.limits.bytes // 1_000_000)
        child = self._taken(most_photos=most_photos)
        keep = False
        try:
            header, blobs = child.exchange({"verb": verb, "order": order.to_json()}, (blob,))
            keep = not header.get("tired") and child.photos < PHOTOS_PER_CHILD
            if header.get("full") and child.photos > 1:
                raise ChildFullError
            return _read_answer(header, blobs)
        except ChildLateError as error:
            if error.costly:
                raise refusal("photo-took-too-long", cause=str(error)) from error
            raise _slow() from error
        except ChildGoneError as error:
            if self._closed.is_set():
                raise _closing() from error
            raise _why_gone(child.ended_by(), cause=str(error)) from error
        finally:
            self._given_back(child, keep=keep)

    def _taken(self, *, most_photos: int = PHOTOS_PER_CHILD) -> Child:
        """Take a free child that is ready and has had at most so many photos."""
        if self._closed.is_set():
            raise _closing()
        try:
            child = self._free.get(timeout=WAIT_DEADLINE_S)
        except queue.Empty as error:
            raise TryAgain(
                "darkroom-busy", N_("Many photos are being checked right now. Please try again in a minute.")
            ) from error
        if child is not None and child.photos > most_photos:
            self._ended(child)
            child = None
        if child is None:
            child = self._started()
        try:
            child.wait_ready()
        except ChildStarvedError as error:
            self._free.put(child)
            raise _slow() from error
        except (ChildGoneError, ChildLateError) as error:
            ended_by = child.ended_by() if isinstance(error, ChildGoneError) else 0
            self._ended(child)
            # The place in the pool stays; the next photo tries to start a child in it.
            self._free.put(None)
            if self._closed.is_set():
                raise _closing() from error
            if was_taken(ended_by):
                raise _why_gone(ended_by, cause=str(error)) from error
            raise Broken(
                "darkroom-does-not-start",
                N_("Photos cannot be checked at the moment. The operator has to look: wearemany doctor."),
                cause=str(error),
            ) from error
        return child

    def _given_back(self, child: Child, *, keep: bool) -> None:
        if keep and not self._closed.is_set():
            self._free.put(child)
            return
        self._ended(child)
        if not self._closed.is_set():
            self._free.put(self._started())

    def _started(self) -> Child:
        child = Child(CHILD_MODULE, str(self._models))
        with self._lock:
            self._all.add(child)
        return child

    def _ended(self, child: Child) -> None:
        with self._lock:
            self._all.discard(child)
        child.end()


class Child:
    """One child process and its two pipes. Used by one thread at a time; `end` may come from any.

    `module` is what it runs: it says ready, then answers each order with one frame.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        source = str(Path(wearemany.__file__).parents[1])
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # No secrets of the server, no proxies, no user's settings: the child gets this and nothing else.
            env={
                "PYTHONPATH": source,
                "PYTHONDONTWRITEBYTECODE": "1",
                "LC_ALL": "C.UTF-8",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "MALLOC_ARENA_MAX": "1",
                # Memory is kept within a photo, but the blocks of the very largest photos lie apart: in the holes that
                # the photos before have left, the next large one would not find room.
                "MALLOC_TRIM_THRESHOLD_": "268435456",
                "MALLOC_MMAP_THRESHOLD_": "33554432",
            },
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        os.set_blocking(self._in.fileno(), False)
        os.set_blocking(self._out.fileno(), False)
        self.pid = self._process.pid
        self.photos = 0
        self.holds: tuple[str, ...] = ()
        self._ready = False
        self._born_s = time.monotonic()
        self._cpu_before_s = 0.0

    def wait_ready(self) -> None:
        """Wait until the models are loaded and the rights given up; a child that starves may be asked again."""
        if self._ready:
            return
        if not _comes(self._out.fileno(), select.POLLIN, time.monotonic() + START_DEADLINE_S) and (
            self._cpu_s() < START_CPU_S and time.monotonic() - self._born_s < START_PATIENCE_S
        ):
            raise ChildStarvedError
        header, _ = self._read(time.monotonic() + START_DEADLINE_S)
        if header.get("ready") is not True:
            raise ChildGoneError("the first frame did not say ready")
        self.holds = tuple(str(name) for name in header.get("holds", ()))
        self._ready = True

    def exchange(self, header: Header, blobs: Sequence[bytes]) -> tuple[Header, list[bytes]]:
        """Send one order and return the answer; after either error the child is of no more use."""
        deadline = time.monotonic() + PHOTO_DEADLINE_S
        self.photos += 1
        self._cpu_before_s = self._cpu_s()
        for part in packed(header, blobs):
            self._write(part, deadline)
        return self._read(deadline)

    def end(self) -> None:
        """Kill and reap the process, close the pipes. Twice is once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        for pipe in (self._in, self._out):
            with contextlib.suppress(OSError):
                pipe.close()

    def ended_by(self) -> int:
        """Return the signal that ended the child; 0 when none did."""
        try:
            return -min(0, self._process.wait(timeout=1.0))
        except subprocess.TimeoutExpired:
            # It closed its pipe and lives on: whatever it is doing now, it is about to be ended.
            return 0

    def _cpu_s(self) -> float:
        """Return the processor time used so far, 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _read(self, deadline: float) -> tuple[Header, list[bytes]]:
        try:
            return read_frame(lambda count: self._read_exactly(count, deadline))
        except (EOFError, OSError, ValueError) as error:
            raise ChildGoneError(f"{error!r}, exit status {self._process.poll()}") from error

    def _read_exactly(self, count: int, deadline: float) -> bytes:
        parts, left = [], count
        while left:
            self._wait(self._out.fileno(), select.POLLIN, deadline)
            part = os.read(self._out.fileno(), min(left, _PIECE_BYTES))
            if not part:
                raise EOFError
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _write(self, part: bytes, deadline: float) -> None:
        view = memoryview(part)
        while view:
            self._wait(self._in.fileno(), select.POLLOUT, deadline)
            try:
                view = view[os.write(self._in.fileno(), view[:_PIECE_BYTES]) :]
            except OSError as error:
                raise ChildGoneError(repr(error)) from error

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        if not _comes(descriptor, event, deadline):
            costly = self._cpu_s() - self._cpu_before_s > COSTLY_S
            self._process.kill()
            raise ChildLateError(costly=costly)


def _comes(descriptor: int, event: int, deadline: float) -> bool:
    """Wait for a pipe to have or take something, or to be closed; False when nothing comes before the deadline."""
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


def default_models_folder() -> Path:
    """Return the folder where the set-up puts the models."""
    return Path(sys.prefix) / "share" / "wearemany" / "models"


def was_taken(ended_by: int) -> bool:
    """Say whether a child that this signal ended was ended from outside."""
    return ended_by in (signal.SIGKILL, signal.SIGTERM)


def _why_gone(ended_by: int, *, cause: str) -> WeAreManyError:
    """Tell a photo that broke its child from a child that was taken from its photo.

    A child cannot kill itself: SIGKILL and SIGTERM come from outside, from a person, or from a system that has no
    memory left. That is no fault of the photo, so it may come again; how often, its row counts.
    """
    if was_taken(ended_by):
        return TryAgain(
            "darkroom-interrupted",
            N_("Checking was interrupted. Nothing is lost; please try again in a minute."),
            cause=cause,
        )
    return refusal(
        "photo-took-too-long" if ended_by == signal.SIGXCPU else "photo-broke-the-checker", cause=cause
    )


def _slow() -> TryAgain:
    return TryAgain(
        "darkroom-slow", N_("Checking takes longer than usual right now. Please try again in a minute.")
    )


def _closing() -> TryAgain:
    return TryAgain("darkroom-closed", N_("The server is being restarted. Please try again in a minute."))


def _read_answer(header: Header, blobs: Sequence[bytes]) -> Developed:
    """Read the child's answer with suspicion: codes from our own table, values as plain short text."""
    if "refused" in header:
        raise _refused(header)
    try:
        return Developed.from_json(header["developed"], blobs=blobs)
    except (KeyError, ValueError, TypeError) as error:
        raise ChildGoneError(f"not a developed photo: {error!r}") from error


def _refused(header: Header) -> Refused:
    code = str(header["refused"])
    values = header.get("values")
    if code not in REFUSALS or not isinstance(values, dict):
        return refusal("photo-broke-the-checker", cause="an unknown code")
    plain = {str(name): str(value)[:40] for name, value in values.items()}
    return refusal(code, cause=str(header.get("cause", ""))[:500], **plain)
