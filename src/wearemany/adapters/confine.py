"""What a darkroom child may still do once its models are loaded: compute, read its pipe, write its pipe.

Best effort by design: limits of memory, time and files hold everywhere; the filter of system calls holds on x86-64
and ARM64 with Linux 3.17 or newer. It names what is allowed, not what is forbidden, so that a call invented
tomorrow is forbidden too. `confine` returns what it could set, and `wearemany doctor` shows it.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

PR_SET_NO_NEW_PRIVS = 38
PR_SET_DUMPABLE = 4
SET_MODE_FILTER = 1
ALL_THREADS = 1
ALLOW = 0x7FFF0000
DENY = 0x00050000 | 1  # the call fails with EPERM; the process goes on and reports a broken photo
ABSENT = 0x00050000 | 38  # as on a kernel without the call, so that the C library takes the older one
KILL = 0x80000000
A_THREAD = 0x00010000

Step = tuple[int, int, int, int]
LOAD, EQUAL, ANY_BIT, GIVE = 0x20, 0x15, 0x45, 0x06
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT, THIRD_ARGUMENT_AT = 0, 4, 16, 32

# Numbers of system calls on x86-64 and on ARM64. Nothing here opens, creates, connects, signals or runs anything.
ARCHITECTURES = {"x86_64": (0, 0xC000003E, 317), "aarch64": (1, 0xC00000B7, 277)}
ALLOWED: dict[str, tuple[int, int]] = {
    "read": (0, 63),
    "write": (1, 64),
    "poll": (7, 73),
    "futex": (202, 98),
    "madvise": (28, 233),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "clock_gettime": (228, 113),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "getcpu": (309, 168),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "set_robust_list": (273, 99),
    "set_tid_address": (218, 96),
    "rseq": (334, 293),
    "membarrier": (324, 283),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
MMAP, MPROTECT, CLONE, CLONE3, PRLIMIT = (9, 222), (10, 226), (56, 220), (435, 435), (302, 261)

RESIDENT_BYTES = 470_000_000
PHOTO_CPU_S = 8
CHILD_CPU_S = 1_200
MOST_DESCRIPTORS = 1_024


def confine(*, resident_bytes: int = RESIDENT_BYTES, cpu_s: int = CHILD_CPU_S) -> tuple[str, ...]:
    """Give up everything that developing photos does not need; return the names of what holds.

    Called once, after imports and models, before the first upload. Nothing here can be undone.
    """
    holds = ["processor-time"]
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    used, resident = _memory_bytes()
    if used:
        # What is reserved and not used costs nothing, so room is given beyond what is reserved now; a decoded photo of
        # 48 megapixels needs 330 MB of it, and all in all a child shall stay under 512 MB.
        limit = used + max(0, resident_bytes - resident)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        holds.append("memory")
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Standard input, output and errors, and not one more: a file, a socket or a pipe would need a fourth. What a
    # library may have opened for itself is closed.
    os.closerange(3, MOST_DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    # No limit of processes: it counts all threads of the user, and the HEIC decoder needs one. The filter forbids
    # new processes and lets threads be.
    holds.append("no-files")
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0:
            holds.append("no-dumps")
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
            holds.append("no-new-privileges")
            if _filter_system_calls(libc):
                holds += ["no-network", "no-processes", "no-new-code"]
    return tuple(holds)


def allow_photo_time() -> None:
    """Give the next photo its share of processor time; the kernel ends a child that takes more."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime) + PHOTO_CPU_S + 1
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, CHILD_CPU_S), CHILD_CPU_S))


def _memory_bytes() -> tuple[int, int]:
    """Return how much address space is in use and how much of it is resident; zeros where the system does not tell."""
    try:
        pages = [int(count) for count in Path("/proc/self/statm").read_text("ascii").split()[:2]]
    except (OSError, ValueError):
        return 0, 0
    return pages[0] * resource.getpagesize(), pages[1] * resource.getpagesize()


def _filter_system_calls(libc: ctypes.CDLL) -> bool:
    """Install the filter in every thread; False where the machine or its kernel does not offer it."""
    known = ARCHITECTURES.get(platform.machine())
    if known is None:
        return False
    column, architecture, seccomp = known
    program = b"".join(struct.pack("HBBI", *step) for step in _filter(column, architecture))
    buffer = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    held = ctypes.create_string_buffer(head, len(head))
    return bool(libc.syscall(seccomp, SET_MODE_FILTER, ALL_THREADS, held) == 0)


def _filter(column: int, architecture: int) -> Iterator[Step]:
    """Yield a classic BPF program: kill on another architecture, allow what is listed, deny the rest.

    A step is (operation, how far to jump when true, how far when false, operand).
    """
    yield from ((LOAD, 0, 0, ARCHITECTURE_AT), (EQUAL, 1, 0, architecture), (GIVE, 0, 0, KILL))
    yield (LOAD, 0, 0, NUMBER_AT)
    for numbers in ALLOWED.values():
        yield from ((EQUAL, 0, 1, numbers[column]), (GIVE, 0, 0, ALLOW))
    # Memory, but none that could be run as a program.
    for numbers in (MMAP, MPROTECT):
        yield from _unless(numbers[column], THIRD_ARGUMENT_AT, (ANY_BIT, 0, 1, mmap.PROT_EXEC))
    # Threads, but no processes; its own limits, but nobody else's.
    yield from _unless(CLONE[column], FIRST_ARGUMENT_AT, (ANY_BIT, 1, 0, A_THREAD))
    yield from _unless(PRLIMIT[column], FIRST_ARGUMENT_AT, (EQUAL, 1, 0, 0))
    yield from ((EQUAL, 0, 1, CLONE3[column]), (GIVE, 0, 0, ABSENT), (GIVE, 0, 0, DENY))


def _unless(number: int, argument_at: int, test: Step) -> Iterator[Step]:
    """Yield the steps for one call that depends on an argument: `test` jumps over the denial when it may pass."""
    yield from (
        (EQUAL, 0, 4, number),
        (LOAD, 0, 0, argument_at),
        test,
        (GIVE, 0, 0, DENY),
        (GIVE, 0, 0, ALLOW),
    )
