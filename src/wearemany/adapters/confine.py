"""What a darkroom child may still do once its models are loaded: compute, read its pipe, write its pipe.

Linux only and best effort by design: the limits of memory, time and files hold everywhere; the system-call filter
holds on x86-64 and ARM64 with Linux 3.5 or newer. `confine` returns what it could set, and `wearemany doctor` shows it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

PR_SET_NO_NEW_PRIVS = 38
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
ALLOW = 0x7FFF0000
DENY = 0x00050000 | 1  # the call fails with EPERM; the process goes on and reports a broken photo
ABSENT = 0x00050000 | 38  # as on a kernel without the call, so that the C library takes the older one
KILL = 0x80000000

OPEN_FLAGS_THAT_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

CLONE3 = 435
A_THREAD = 0x00010000


@dataclass(frozen=True)
class Calls:
    """Numbers of system calls on one architecture: the two that depend on their flags, and those denied always."""

    architecture: int
    openat: int
    clone: int
    denied: tuple[int, ...]


# Network, new programs and processes, other processes' memory, changes to the file system. By architecture.
ARCHITECTURES: dict[str, Calls] = {
    "x86_64": Calls(
        0xC000003E,
        257,
        56,
        (
            2, 41, 42, 43, 44, 46, 49, 50, 53, 57, 58, 59, 62, 76, 77, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 101,
            133, 155, 161, 165, 169, 175, 200, 234, 246, 250, 258, 259, 263, 264, 265, 266, 268, 288, 298, 304, 307,
            310, 311, 313, 316, 317, 319, 321, 322, 323, 425, 437, 438,
        ),
    ),
    "aarch64": Calls(
        0xC00000B7,
        56,
        220,
        (
            33, 34, 35, 36, 37, 38, 39, 40, 41, 45, 46, 51, 52, 53, 54, 105, 117, 129, 130, 131, 142, 198, 199, 200,
            201, 202, 203, 206, 211, 219, 221, 241, 242, 265, 270, 271, 273, 276, 277, 279, 280, 281, 282, 425,
            437, 438,
        ),
    ),
}  # fmt: skip

MEMORY_HEADROOM_BYTES = 340_000_000
PHOTO_CPU_S = 8


def confine() -> tuple[str, ...]:
    """Give up everything that developing photos does not need; return the names of what holds.

    Called once, after imports and models, before the first upload. Nothing here can be undone.
    """
    holds = []
    used = _address_space_bytes()
    if used:
        limit = used + MEMORY_HEADROOM_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        holds.append("memory")
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
    # No limit of processes: it counts all threads of the user, and the HEIC decoder needs one. The filter forbids
    # new processes and lets threads be.
    holds.append("files")
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0:
            holds.append("no-dumps")
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
            holds.append("no-new-privileges")
            if _filter_system_calls(libc):
                holds.append("no-network")
    return tuple(holds)


def allow_photo_time() -> None:
    """Give the next photo its share of processor time; the kernel ends a child that takes more."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime) + PHOTO_CPU_S + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _address_space_bytes() -> int:
    """Return how much address space is in use, 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return 0


def _filter_system_calls(libc: ctypes.CDLL) -> bool:
    """Install the filter; False where the machine or its kernel does not offer it."""
    known = ARCHITECTURES.get(platform.machine())
    if known is None:
        return False
    program = _filter(known)
    count = len(program) // 8
    buffer = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", count, ctypes.addressof(buffer))
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(head), 0, 0) == 0)


def _filter(calls: Calls) -> bytes:
    """Return a classic BPF program: kill on another architecture; deny the listed calls, opening to write, and
    new processes, but not new threads.

    A step is (operation, how far to jump when true, how far when false, operand).
    """
    load, jump_equal, jump_any, give = 0x20, 0x15, 0x45, 0x06
    number_at, architecture_at, first_argument_at, third_argument_at = 0, 4, 16, 32
    count = len(calls.denied)
    steps = [
        (load, 0, 0, architecture_at),
        (jump_equal, 1, 0, calls.architecture),
        (give, 0, 0, KILL),
        (load, 0, 0, number_at),
        (jump_equal, count + 3, 0, calls.openat),
        (jump_equal, count + 4, 0, calls.clone),
        (jump_equal, count + 7, 0, CLONE3),
        *((jump_equal, count - at + 4, 0, number) for at, number in enumerate(calls.denied)),
        (give, 0, 0, ALLOW),
        (load, 0, 0, third_argument_at),
        (jump_any, 2, 3, OPEN_FLAGS_THAT_WRITE),
        (load, 0, 0, first_argument_at),
        (jump_any, 1, 0, A_THREAD),
        (give, 0, 0, DENY),
        (give, 0, 0, ALLOW),
        (give, 0, 0, ABSENT),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
