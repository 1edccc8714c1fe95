"""A verdict as files: a page for a browser, Markdown for a job summary, and the ids of the rows to label first.

Each run with a gate leaves them in its folder: ``.assay/runs/18/gate.html`` and ``gate.md``.
"""

from collections.abc import Iterable
from pathlib import Path

from assay.core.verdict import Verdict
from assay.flows.paths import file_name
from assay.flows.whole_file import write_whole

NAME = "gate"


def write_reports(
    folder: Path, step: str, verdict: Verdict, *, is_only_gate: bool = True, when: str = ""
) -> tuple[Path, ...]:
    """Write the page and the Markdown of a gate's verdict into a run's folder, and say where; what is there is replaced.

    Where the pipeline has several gates the files are named with the step: ``gate-fairness.html``. ``when`` is told as it is
    given. ``OSError`` where the disk does not take them: the verdict is recorded by then, so a caller may go on.
    """
    page, markdown = report_paths(folder, step, is_only_gate=is_only_gate)
    folder.mkdir(parents=True, exist_ok=True)
    return write_page(page, verdict, step, when, folder.name), write_markdown(markdown, verdict, step)


def report_paths(folder: Path, step: str, *, is_only_gate: bool = True) -> tuple[Path, Path]:
    """Where ``write_reports`` writes the page and the Markdown."""
    name = _name(step, is_only_gate=is_only_gate)
    return folder / f"{name}.html", folder / f"{name}.md"


def ids_path(folder: Path, step: str, *, is_only_gate: bool = True) -> Path:
    """Where the ids of the rows to label first stand."""
    return folder / f"{_name(step, is_only_gate=is_only_gate)}.label-first.txt"


def write_page(path: Path, verdict: Verdict, title: str, when: str = "", run: str = "") -> Path:
    """Write the verdict as an HTML page that stands alone."""
    from assay.explain.verdict import verdict_page

    return write_whole(path, verdict_page(verdict, title, when, {"run": run} if run else None))


def write_markdown(path: Path, verdict: Verdict, title: str) -> Path:
    """Write the verdict as GitHub's Markdown."""
    from assay.explain.verdict import verdict_markdown

    return write_whole(path, verdict_markdown(verdict, title))


def write_ids(path: Path, ids: Iterable[str]) -> Path:
    """Write ids, one a line."""
    return write_whole(path, "".join(f"{name}\n" for name in ids))


def _name(step: str, *, is_only_gate: bool) -> str:
    return NAME if is_only_gate else f"{NAME}-{file_name(step)}"
