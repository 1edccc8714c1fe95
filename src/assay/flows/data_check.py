"""``assay data check``: datasets against their rules, now, without a run."""

import shlex
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from assay.check.drift_asked import Since
from assay.core.dataset import parse_dataset
from assay.core.events import Checked
from assay.core.finding import CheckReport
from assay.core.near import near_miss
from assay.core.pipeline import CheckAction
from assay.core.ports import ProjectFiles
from assay.core.problem import NotFound, Place, Problem, UsageError
from assay.core.rules import DriftRule, Environment, Rules
from assay.flows.actions.check import check_dataset, check_in, demanded, demanded_in, of_one_version
from assay.flows.check_history import with_since
from assay.flows.datasets import FoundDataset, table_paths
from assay.flows.drift import drifted
from assay.flows.drift_reference import find_reference, find_standing, is_of_a_project, open_reference, open_standing
from assay.workspace import Workspace, open_files


class Asked(msgspec.Struct, frozen=True):
    """A dataset, its rules, and where these stand."""

    name: str
    rules: Rules
    where: str
    """The beginning of its places; empty for rules in a file of their own."""
    places: Mapping[str, Place]
    """By ``columns.month`` or ``rows``: the file and line of each rule."""


class Held(msgspec.Struct, frozen=True):
    """A dataset that was held against its rules."""

    report: CheckReport
    asked: Asked


def check_data(
    workspace: Workspace,
    data: str | None = None,
    *,
    rules: str | None = None,
    environment: Environment | None = None,
) -> tuple[Held, ...]:
    """Every dataset of assay.yaml that is checked, or the one that ``data`` names, or ``data`` under a file of ``rules``.

    ``NotFound`` where no step checks ``data``; nothing is recorded.
    """
    if rules is not None:
        if data is None:
            raise UsageError(
                Problem("no-data-named", "--rules is about one dataset", (), "assay data check DATA --rules FILE")
            )
        found = _under(workspace, under_file(workspace, data, rules), environment)
        command = shlex.join(["assay", "data", "check", data, "--rules", rules, "--accept"])
        return (msgspec.structs.replace(found, report=_accepted_by(command, found.report)),)
    asked = declared(workspace)
    chosen = asked if data is None else tuple(_about(workspace, data, asked))
    if not chosen:
        raise NotFound(_nothing_checked(data, asked))
    entries = tuple(workspace.ledger.entries(workspace.pipeline.name, Checked))
    held = []
    for each in chosen:
        report = check_in(workspace, demanded_in(workspace, each.name, _in(each.rules, environment)))
        held.append(Held(with_since(report, entries), each))
    return tuple(held)


def declared(workspace: Workspace) -> tuple[Asked, ...]:
    """Every dataset that assay.yaml checks."""
    found = []
    for step in workspace.pipeline.steps:
        if isinstance(step.action, CheckAction):
            for name, rules in step.action.datasets:
                where = f"steps.{step.cell_of or step.name}.check.{name}."
                places = {
                    full.removeprefix(where): place
                    for full, place in workspace.places.items()
                    if full.startswith(where)
                }
                found.append(Asked(name, rules, where, places))
    return tuple(found)


def under_file(workspace: Workspace, data: str, rules: str) -> Asked:
    """A dataset under the rules of a file."""
    from assay.declare.rules_file import read_rules

    try:
        text = (workspace.root / rules).read_bytes()
    except OSError as error:
        raise UsageError(
            Problem("no-rules-file", f"there is no file of rules {rules}", (str(error.strerror),), "correct the path")
        ) from error
    found = read_rules(text, rules, lambda path: (workspace.root / path).read_bytes())
    return Asked(data, found.rules, "", found.places)


def _about(workspace: Workspace, data: str, asked: Sequence[Asked]) -> Iterator[Asked]:
    """The datasets of that name; else the rules of those among whose files it is, on this file alone."""
    named = [each for each in asked if each.name == data]
    if named:
        yield from named
        return
    for each in asked:
        name = parse_dataset(each.name)
        if name.table is None and data in table_paths(workspace.files, name.place):
            yield msgspec.structs.replace(each, name=data)


def _under(workspace: Workspace, asked: Asked, environment: Environment | None) -> Held:
    files = open_files(workspace.root)  # there may be no project to keep anything in
    demand = demanded(files, workspace.environ, asked.name, _in(asked.rules, environment))
    now_s = workspace.clock.now_s()
    report = check_dataset(files, demand, now_s, None)
    if demand.rules.drift is not None:
        since = _since(workspace, files, demand.rules.drift, demand.found)
        with of_one_version(files, demand):
            report, _ = drifted(report, demand.found, demand.rules, since, demand.rules.drift_time(None), now_s)
    return Held(report, asked)


def _accepted_by(command: str, report: CheckReport) -> CheckReport:
    findings = tuple(
        msgspec.structs.replace(each, proposal=msgspec.structs.replace(each.proposal, command=command))
        if each.proposal
        else each
        for each in report.findings
    )
    return msgspec.structs.replace(report, findings=findings)


def _since(workspace: Workspace, files: ProjectFiles, rule: DriftRule, found: FoundDataset) -> Since:
    """What a drift rule's ``since`` names; a champion, a release and a version are those of the project in this folder."""
    if not workspace.is_dvc:
        return open_reference(workspace, find_reference(workspace, rule, found.name, found.engine))
    since = rule.since.strip()
    if is_of_a_project(since, files):
        return Since(since, missing=f"there is no assay.yaml here, whose {since} could be meant")
    return open_standing(find_standing(files, workspace.environ, since, found.engine))


def _in(rules: Rules, environment: Environment | None) -> Rules:
    return rules if environment is None else msgspec.structs.replace(rules, environment=environment)


def _nothing_checked(data: str | None, asked: Sequence[Asked]) -> Problem:
    if data is None:
        return Problem(
            "nothing-checked",
            "no step of assay.yaml is a check",
            (),
            "add one, or name data and rules: assay data check DATA --rules FILE",
        )
    names = [each.name for each in asked]
    near = near_miss(data, names)
    because = (f"checked are {', '.join(names)}",) if names else ("no step of assay.yaml is a check",)
    fix = f"did you mean {near}?" if near else f"name the rules: assay data check {data} --rules FILE"
    return Problem("nothing-checked", f"no step of assay.yaml checks {data}", because, fix)
