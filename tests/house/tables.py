"""The reference pages that are made from the code: options, commands, error codes.

`python -m tests.house.tables` writes them anew; a test compares them with what stands in docs/.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from wearemany.cli.command import Command
from wearemany.cli.main import ROOMS, load
from wearemany.config.options import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
HOUSE = ROOT / "src" / "wearemany"
ERRORS = frozenset({"Refused", "TryAgain", "Broken"})


def options_page() -> str:
    """Return docs/run/options.md."""
    rows = [
        f"| `{option.variable}` | {f'`{option.default}`' if option.default else '-'} | {_cell(option.help)}"
        f"{' *Secret.*' if option.secret else ''} |"
        for option in OPTIONS
    ]
    return "\n".join(
        [
            "# Options",
            "",
            "Every option is an environment variable. A misspelt one stops the program: a safety option that is",
            "silently ignored would be worse than none.",
            "",
            "| Variable | Default | What for |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def commands_page() -> str:
    """Return docs/run/commands.md."""
    lines = [
        "# Commands",
        "",
        "`wearemany NOUN VERB`; from a checkout `./run wearemany NOUN VERB`. Exit codes: 0 done, 2 refused (a code",
        "and a sentence on standard error), 3 try again, 1 broken. `--help` after any of them says the same as here.",
        "",
    ]
    for command in commands():
        lines += [
            f"## `wearemany {command.noun}{' ' if command.verb else ''}{command.verb}`",
            "",
            command.help,
            "",
        ]
        lines += [f"    {command.example}", ""]
        for argument in command.arguments:
            names = ", ".join(f"`{name}`" for name in argument.names)
            choices = argument.options.get("choices")
            listed = f" One of: {', '.join(str(choice) for choice in choices)}." if choices else ""
            lines.append(f"- {names}: {argument.options.get('help', '')}{listed}")
        if command.arguments:
            lines.append("")
    return "\n".join(lines)


def commands() -> list[Command]:
    """Return every command, in the order of the help."""
    return [command for room in ROOMS for command in load(room)]


def codes_page() -> str:
    """Return docs/develop/errors.md."""
    rows = [
        f"| `{code}` | {kind} | {_cell(sentence)} |" for code, (kind, sentence) in sorted(codes().items())
    ]
    return "\n".join(
        [
            "# Error codes",
            "",
            "Codes are stable. *Refused*: as it is, the request cannot be granted (exit code 2). *TryAgain*: the same",
            "call may succeed later (3). *Broken*: a person has to look (1). People read sentences in their language.",
            "",
            "| Code | Kind | Sentence |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def codes() -> dict[str, tuple[str, str]]:
    """Return every error code in the source with its kind and its English sentence."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(HOUSE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or len(node.args) < 2:
                continue
            code, sentence = node.args[0], _marked(node.args[1])
            if not isinstance(code, ast.Constant) or not isinstance(code.value, str) or not sentence:
                continue
            if re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", code.value):
                kind = node.func.id if node.func.id in ERRORS else "Refused"
                found.setdefault(code.value, (kind, sentence))
    return found


def _marked(node: ast.expr) -> str:
    """Return the English text of `N_("...")`, else nothing."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_" and node.args:
        text = node.args[0]
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            return text.value
    return ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


PAGES = {
    DOCS / "run" / "options.md": options_page,
    DOCS / "run" / "commands.md": commands_page,
    DOCS / "develop" / "errors.md": codes_page,
}


def main() -> None:
    """Write the pages."""
    for path, page in PAGES.items():
        path.write_text(page())


if __name__ == "__main__":
    main()
