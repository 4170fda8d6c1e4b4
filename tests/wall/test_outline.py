"""The published outline of a recount, run as it stands in the documentation."""

import re
import subprocess
import sys
from pathlib import Path

from tests.wall.drawn import DAY
from tests.wall.logs import log_of, long_story, write_files
from wearemany.wall.entry import RemovedEntry

PAGE = Path(__file__).parents[2] / "docs" / "audit" / "recount.md"


def test_the_outline_in_the_documentation_counts(tmp_path: Path) -> None:
    """Thirty lines of plain Python, copied from the page, come to the same number as we do."""
    folder = write_files(tmp_path, log_of([*long_story(300), RemovedEntry(DAY, of=5)]))
    found = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    assert found
    script = found[1].replace("https://example.org/log/red/", folder.as_uri() + "/")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "299 posts\n"
