"""Findings as files: a page for a browser, Markdown for a job summary, JUnit XML for what shows tests.

A run with a check leaves the page in its folder: ``.assay/runs/18/data-validation.html``.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from assay.core.finding import CheckReport
from assay.core.problem import EvidenceError, Problem, UsageError
from assay.core.profile import Profile
from assay.flows.paths import file_name, run_folder
from assay.flows.whole_file import write_whole
from assay.workspace import Workspace

Face = Literal["html", "junit", "markdown"]
Profiles = Mapping[str, Profile | Problem]
"""How the columns of datasets are distributed, or why that is not known, by the dataset's path."""


def leave_page(
    workspace: Workspace, run: int, step: str, reports: Sequence[CheckReport], profiles: Profiles | None = None
) -> str:
    """Write the page into the run's folder, and say where from the project's folder on. Empty where the disk does not take it: the
    findings are recorded, so that the run goes on without it."""
    with suppress(OSError):
        folder = run_folder(workspace, run)
        folder.mkdir(parents=True, exist_ok=True)
        page = write_page(folder / f"{file_name(step)}.html", reports, step, run=str(run), profiles=profiles)
        return str(page.relative_to(workspace.root))
    return ""


def profiles_of(workspace: Workspace, reports: Sequence[CheckReport]) -> Profiles:
    """How the columns of the datasets are distributed, at the cost of a scan each. Where one cannot be profiled, the findings stand without
    it, and the page says why."""
    from assay.flows.data_show import show

    found: dict[str, Profile | Problem] = {}
    for path in dict.fromkeys(report.dataset.path for report in reports):
        try:
            found[path] = show(workspace.root, workspace.environ, path)
        except EvidenceError as error:
            found[path] = error.problem
    return found


def write_page(
    path: Path,
    reports: Sequence[CheckReport],
    title: str,
    when: str = "",
    run: str = "",
    profiles: Profiles | None = None,
) -> Path:
    """Write the findings as an HTML page that stands alone."""
    from assay.explain.findings.page import findings_page

    return write_whole(path, findings_page(reports, title, when, {"run": run} if run else None, profiles))


def told_as(face: Face, workspace: Workspace, reports: Sequence[CheckReport]) -> str:
    """The findings as a page, with how the columns are distributed, as JUnit XML or as GitHub's Markdown."""
    from assay.explain.findings.junit import findings_junit
    from assay.explain.findings.markdown import findings_markdown
    from assay.explain.findings.page import findings_page

    title = workspace.root.name
    match face:
        case "html":
            return findings_page(reports, title, profiles=profiles_of(workspace, reports))
        case "junit":
            return findings_junit(reports, title)
        case "markdown":
            return findings_markdown(reports, title)


def write_file(path: Path, text: str) -> None:
    """Write a file that a person named, whole or not at all, and its folder where there is none. ``UsageError`` where that cannot be
    made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what, fix = f"cannot write {path}", "name a place that you may write to"
        raise UsageError(Problem("not-writable", what, (str(error.strerror or error),), fix)) from error
    write_whole(path, text)
