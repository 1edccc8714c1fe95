"""A verdict as a command's answer: its exit code, its JSON, and the files that were asked for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

if TYPE_CHECKING:
    from assay.core.verdict import Verdict

NOT_PASSED = 3
FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


def exit_code(*verdicts: "Verdict | None") -> int:
    """0 where each is a pass; None is a gate that has not judged."""
    return 0 if all(verdict is not None and verdict.outcome == "pass" for verdict in verdicts) else NOT_PASSED


def as_answer(verdict: "Verdict", **about: Any) -> dict[str, Any]:
    """What JSON tells of it; what is not finite is null there."""
    from assay.explain.verdict import tellable

    told = msgspec.json.decode(msgspec.json.encode(tellable(verdict)))
    return {"verdict": told.pop("outcome"), **told, **about}


def write_files(
    verdict: "Verdict", html: Path | None, markdown: Path | None, title: str, when: str = "", run: str = ""
) -> None:
    """Write the verdict as a page and as Markdown, where paths are given."""
    from assay.flows.verdict_report import write_markdown, write_page

    if html is not None:
        write_page(html, verdict, title, when, run)
    if markdown is not None:
        write_markdown(markdown, verdict, title)
