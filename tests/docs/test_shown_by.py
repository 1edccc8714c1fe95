"""The commands that show what is said of data checks name files that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/checks-shown.md"


def test_what_the_page_names_is_there():
    named = re.findall(r"(?:tests|bench)/[\w/.]+", PAGE.read_text())
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_targets_of_the_page_are_there():
    targets = set(re.findall(r"`make ([a-z-]+)", PAGE.read_text()))
    makefile = (ROOT / "Makefile").read_text()
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
