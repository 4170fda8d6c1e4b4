"""The house stays liveable: small rooms, pure hearts, no import hidden in a function, no forbidden names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "src" / "wearemany"
ROOMS = sorted(path for path in HOUSE.rglob("*.py") if "migrations" not in path.parts)

PURE_FOLDERS = ("darkroom", "tlog", "hashtags")
PURE_FILES = (
    "doors.py",
    "errors.py",
    "ids.py",
    "languages.py",
    "campaigns/presets.py",
    "moderation/policy.py",
    "mail/addressing.py",
    "mail/letter.py",
    "mail/parts.py",
    "photos/keepcode.py",
    "rendering/calendar.py",
    "rendering/contacts.py",
    "photos/typos.py",
    "wall/entry.py",
    "wall/tally.py",
    "wall/audit.py",
    "wall/doors_note.py",
    "wall/receipt.py",
)
PURE = [path for path in ROOMS if path.relative_to(HOUSE).parts[0] in PURE_FOLDERS] + [
    HOUSE / name for name in PURE_FILES
]
WINDOWS = {
    "asyncio", "django", "glob", "http", "logging", "multiprocessing", "obstore", "onnxruntime", "os", "pathlib",
    "psycopg", "random", "secrets", "shutil", "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile",
    "threading", "time", "urllib", "uuid",
}  # fmt: skip
HARMLESS = {("urllib", "urllib.parse")}
FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "common",
    "data",
    "info",
    "process",
    "misc",
    "stuff",
}


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every imported module and its line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_pure_room_has_no_windows(path: Path) -> None:
    """A pure module imports nothing that reads clocks, chance, files, networks or Django."""
    through = [
        f"{module} (line {line})"
        for module, line in imports_of(path)
        if module.split(".")[0] in WINDOWS and (module.split(".")[0], module) not in HARMLESS
    ]
    assert not through


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_room_is_small(path: Path) -> None:
    """A file has at most 400 lines, so that one person can hold it in mind."""
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_function_fits_on_a_screen(path: Path) -> None:
    """A function has at most 60 lines."""
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 60
    ]
    assert not long


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_import_hides_in_a_function(path: Path) -> None:
    """Imports stand at the top; one inside a function would dodge the layers."""
    hidden = [
        inner.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_room_says_what_lives_in_it(path: Path) -> None:
    """Every module that holds code begins with a docstring, and none has a name that says nothing."""
    tree = ast.parse(path.read_text())
    assert not tree.body or ast.get_docstring(tree)
    assert path.stem not in FORBIDDEN_NAMES


def test_the_serving_border_is_light() -> None:
    """What the serving process imports brings neither numpy nor Pillow nor the inference runtime."""
    code = (
        "import sys, wearemany.adapters.server, wearemany.adapters.cards;"
        "import wearemany.darkroom.orders, wearemany.darkroom.developed;"
        "print([name for name in ('numpy', 'PIL', 'onnxruntime', 'onnx') if name in sys.modules])"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "wearemany.config.settings", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_locks_carry_no_addresses() -> None:
    """The locks name packages and digests only, so that no mirror leaks and every index serves."""
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text()


def test_the_project_speaks_of_itself_alone() -> None:
    """No tracked text holds a path of somebody's machine."""
    tracked = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.splitlines()
    pattern = re.compile(r"/(home|root|Users|work)/[a-z]")
    found = []
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".html", ".js", ".css", ".toml", ".svg", ""} and path.is_file():
            text = path.read_text(errors="replace")
            found += [
                f"{name}: {match.group()}" for match in pattern.finditer(text) if path != Path(__file__)
            ]
    assert not found


OUTWARD = (
    "aiohttp", "asyncio.streams", "ftplib", "http.client", "httpx", "imaplib", "poplib", "requests", "smtplib",
    "socket", "ssl", "telnetlib", "urllib.request", "urllib3", "xmlrpc",
)  # fmt: skip
OUTWARD_CALLS = {
    "create_connection",
    "create_datagram_endpoint",
    "open_connection",
    "open_unix_connection",
    "urlopen",
}
WHO_MAY = {
    "adapters/fetch.py": "the one way out",
    "adapters/fetch_line.py": "its connections",
    "adapters/relay.py": "the mail server nearby that an option names",
    "front/serve.py": "listens",
    "cli/demo.py": "asks whether a port is free, and which way the network lies; sends nothing",
}


def test_there_is_one_way_out() -> None:
    """Nothing but `adapters.fetch` goes to others' servers: no other room opens a socket or knows a library that does.

    The database and the bucket are this server's own, reached by their libraries from the settings alone.
    """
    found = set()
    for path in ROOMS:
        tree = ast.parse(path.read_text())
        imported = [
            f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        ]
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if called & OUTWARD_CALLS or any(
            name == outward or name.startswith(f"{outward}.") for name in imported for outward in OUTWARD
        ):
            found.add(str(path.relative_to(HOUSE)))
    assert found == set(WHO_MAY), "each goes through `adapters.fetch`, or is named here with its reason"
