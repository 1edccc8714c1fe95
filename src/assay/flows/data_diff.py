"""``assay data diff``: what differs between two versions of a dataset."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.check.diff import AFTER, BEFORE, NoSuchKey, RepeatedKey, compare
from assay.core.data_diff import DataDiff, DiffSide
from assay.core.near import near_miss
from assay.core.pipeline import CheckAction
from assay.core.ports import Opened
from assay.core.problem import EvidenceError, Problem, UsageError
from assay.flows.data_engine import open_profiler
from assay.flows.data_source import NamedSource, find_source
from assay.workspace import Workspace


def diff(
    folder: Path, environ: Mapping[str, str], before: str, after: str, key: Sequence[str] = (), *, find: bool = False
) -> DataDiff:
    """What differs, by ``key`` or the one that the project's rules declare for either; ``find``: else by one that is looked for.

    ``EvidenceError`` where one is no dataset, or the key names no single row of both.
    """
    sides = [find_source(folder, environ, name) for name in (before, after)]
    engine = open_profiler(*sides)
    key = tuple(key) or declared_key(folder, environ, (before, after))
    with engine.open({BEFORE: sides[0].source, AFTER: sides[1].source}) as opened:
        try:
            found = compare(opened, engine.dialect, key, find=find)
        except NoSuchKey as error:
            raise EvidenceError(_no_column(str(error), opened, before, after)) from error
        except RepeatedKey as error:
            raise EvidenceError(_repeated(error, key, before if error.relation == BEFORE else after)) from error
        counts = [len(opened.columns[name]) for name in (BEFORE, AFTER)]
    return DataDiff(
        before=_side(sides[0], found.rows[0], counts[0]),
        after=_side(sides[1], found.rows[1], counts[1]),
        added_columns=found.added_columns,
        removed_columns=found.removed_columns,
        retyped=found.retyped,
        columns=found.columns,
        by_key=found.by_key,
        nearly_key=found.nearly_key,
        has_same_rows=found.has_same_rows,
    )


def declared_key(folder: Path, environ: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    """The first key that the rules of the project declare for one of the datasets; empty where there is none."""
    try:
        workspace = Workspace.find(folder, environ)
        steps = workspace.pipeline.steps
    except UsageError:
        return ()
    for step in steps:
        if isinstance(step.action, CheckAction):
            for name, rules in step.action.datasets:
                if rules.unique and any(_is_same_place(workspace.root, folder, name, each) for each in names):
                    return rules.unique[0]
    return ()


def _is_same_place(root: Path, folder: Path, declared: str, named: str) -> bool:
    return declared == named or root / declared == folder / named


def _side(source: NamedSource, rows: int, columns: int) -> DiffSide:
    return DiffSide(source.name, rows, columns, source.size_bytes)


def _no_column(name: str, opened: Opened, before: str, after: str) -> Problem:
    names = [[column.name for column in opened.columns[side]] for side in (BEFORE, AFTER)]
    without = [each for each, known in zip((before, after), names, strict=True) if name not in known]
    near = near_miss(name, [each for each in names[0] if each in names[1]])
    fix = f"did you mean {near}?" if near else "name columns that both have"
    what = f"rows cannot be joined by {name!r}: {' and '.join(without)} {'have' if len(without) > 1 else 'has'} no such column"
    return Problem("column-missing", what, (), fix)


def _repeated(error: RepeatedKey, key: Sequence[str], name: str) -> Problem:
    what = f"{', '.join(key)} names no single row of {name}"
    rows = f"{error.repeats:,} row{'' if error.repeats == 1 else 's'}"
    fix = "name more columns by --key, or leave it out to compare without one"
    return Problem("key-not-unique", what, (f"{rows} repeat{'s' if error.repeats == 1 else ''} an earlier key",), fix)
