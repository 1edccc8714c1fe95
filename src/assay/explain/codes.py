"""The page of every error code: what it means, why it happens, what to do. The same text is shown offline and in the docs."""

import re
from pathlib import Path

_PAGES = Path(__file__).with_name("codes.md")


def page(code: str) -> str | None:
    """The section of ``code`` without its heading; None where there is no such code."""
    return pages().get(code)


def pages() -> dict[str, str]:
    """Every code with its section, in the order of the page."""
    parts = re.split(r"^## (\S+)\n", _PAGES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {code: text.strip() for code, text in zip(parts[1::2], parts[2::2], strict=True)}
