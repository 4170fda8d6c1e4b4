"""Files bent by a fuzzer that sees which lines of intake and decoders they reach: `mutations` bends them blindly.

Not part of any test run, since atheris is no dependency of ours: it needs an environment of its own beside this one.

    python3.11 -m venv FUZZ && FUZZ/bin/pip install atheris
    PYTHONPATH=src:.venv/lib/python3.11/site-packages FUZZ/bin/python -m tests.darkroom.guided SECONDS FOLDER

FOLDER takes the corpus (`corpus`, seeded by the trials where they are beside the project) and the findings (`found`).
What is looked for: anything but a picture within its size or a refusal with a whole sentence, a file that takes
ten seconds or a gigabyte, a decoder that dies. Exit code 1 when there is any.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
import traceback
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["PIL", "pi_heif", "wearemany.darkroom"]):
    from tests.darkroom.mutations import seeds
    from wearemany.darkroom.decode import decode
    from wearemany.darkroom.intake import admit
    from wearemany.darkroom.orders import Limits
    from wearemany.errors import Refused

# Fewer pixels than on the server, so that many more files can be tried; large ones are the trial's own.
LIMITS = Limits(pixels=4_000_000)
LONG_PX = 320
MOST_BYTES = 200_000
LONGEST_S, MOST_MB = 10, 1024


def look(content: bytes) -> None:
    """Take or refuse one file; AssertionError, or whatever escapes, is a finding."""
    try:
        picture = decode(admit(content, LIMITS), long_px=LONG_PX)
    except Refused as refused:
        assert "%(" not in str(refused), f"half a sentence: {refused}"
        return
    assert picture.pixels.dtype.name == "uint8" and picture.pixels.shape[2:] == (3,), picture.pixels.shape
    assert 1 <= picture.size.long_px <= LONG_PX, picture.size


def look_and_keep(content: bytes, found: Path) -> None:
    """Look, and keep the file of every new kind of finding: one finding must not end the run."""
    try:
        look(content)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{type(error).__name__}-{Path(frames[-1].filename).stem}-{frames[-1].lineno}"
        path = found / place
        if not path.exists():
            path.write_bytes(content)
            print(f"found {place}: {error!r}", file=sys.stderr, flush=True)


def fuzz(folder: Path, seconds: float) -> None:
    """Run the fuzzer in this process; it ends the process itself."""
    found = folder / "found"
    options = [
        sys.argv[0], str(folder / "corpus"), f"-max_total_time={int(seconds)}", f"-max_len={MOST_BYTES}",
        f"-timeout={LONGEST_S}", f"-rss_limit_mb={MOST_MB}", f"-artifact_prefix={found}/", "-print_final_stats=1",
        "-len_control=0", "-reload=0", "-verbosity=1",
    ]  # fmt: skip
    atheris.Setup(options, lambda content: look_and_keep(content, found))
    atheris.Fuzz()


def main(seconds: float, folder: Path) -> int:
    """Fuzz in children until the time is over: a decoder that dies ends its child, and the next one goes on."""
    for name in ("corpus", "found"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for content in seeds():
        (folder / "corpus" / hashlib.sha256(content).hexdigest()[:20]).write_bytes(content)
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 1:
        subprocess.run(
            [sys.executable, "-m", "tests.darkroom.guided", str(left), str(folder), "--child"], check=False
        )
    findings = sorted(path.name for path in (folder / "found").iterdir())
    print(f"{len(findings)} findings, {len(list((folder / 'corpus').iterdir()))} files in the corpus")
    print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    if sys.argv[3:] == ["--child"]:
        fuzz(Path(sys.argv[2]), float(sys.argv[1]))
    sys.exit(main(float(sys.argv[1]), Path(sys.argv[2])))
