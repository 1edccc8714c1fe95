"""Before a gate: are the rows that the model is judged on among those that it was trained on?

Tables that the model was made from are held against the gate's rows, those that carry the label: others can teach no answer.

- Where ``model.id`` stands in both, it names the row, together with ``model.time`` where that stands in both (a customer's
  row of May is another than that of June). One shared row refuses.
- Whatever names them, rows are also compared by what they hold in the columns that both have: the label too, but in a sealed
  gate, whose labels nothing may tell of. Rows can be alike by chance, so it refuses where more of them are than chance explains
  (``judge.alike``), and tells the number otherwise; under other ids only where it is more than rows of one file are alike.

What could not be compared is told: a table that is gone, changed or not readable, a step whose reads were not seen.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import short
from assay.core.pipeline import GateAction, ModelSpec
from assay.core.ports import Overlap, Tables
from assay.core.problem import EvidenceError, Problem
from assay.core.run import StepResult
from assay.execute import TrainedOn, trained_on
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.trained_tables import TrainedTable, trained_tables

_SHOWN = 10
_ODD = 3
"""So many equal rows under other ids are told, where rows of one file are never equal."""


class _Rows(msgspec.Struct, frozen=True):
    """The gate's rows as they are asked about."""

    data: str
    paths: tuple[Path, ...]
    columns: tuple[str, ...]
    telling: tuple[str, ...]
    """The columns by which whole rows are compared."""


def demand_unseen(
    context: RunContext, gate: GateAction, rows: Sequence[Artifact], results: tuple[StepResult, ...]
) -> tuple[Problem, ...]:
    """Warnings; ``EvidenceError`` where the model was trained on rows of the gate. ``results`` are those of the steps before it."""
    assert gate.data is not None
    tables, files = context.workspace.tables, context.workspace.files
    known = trained_on(context.pipeline, gate.data, results)
    paths = tuple(files.locate(row.path) for row in rows)
    columns = tuple(name for name, _ in tables.schema(paths))
    sealed = {context.model.label} if gate.reveal == "verdict" else set()
    asked = _Rows(gate.data, paths, columns, tuple(name for name in columns if name not in sealed))
    trained, lost = trained_tables(files, known.reads, frozenset(row.path for row in rows))
    compared: list[tuple[Problem, ...]] = []
    for table in trained:
        told, unreadable = _held_against(tables, context.model, asked, table)
        compared += told
        lost = (*lost, *unreadable)
    found = [problem for problems in compared for problem in problems]
    refused = [problem for problem in found if problem.code == "gate-rows-trained-on"]
    if refused:
        facts = tuple(fact for problem in refused for fact in problem.because)
        raise EvidenceError(msgspec.structs.replace(refused[0], because=(*facts, "no verdict was given")))
    untold = _not_compared(context.model, asked, known, lost, is_compared=bool(compared))
    return (*found, *untold)


def same_rows(context: RunContext, rows: Sequence[Artifact]) -> None:
    """``EvidenceError`` where a file of the gate is not any more what it was when it was read."""
    for row in rows:
        now = context.workspace.files.artifact(row.path)
        if now is None or now.digest != row.digest:
            is_now = "it is gone" if now is None else f"it is {short(now.digest)} now"
            raise EvidenceError(
                Problem(
                    "gate-data-changed",
                    f"{row.path} changed while the models were scored on it",
                    (f"it was {short(row.digest)} when it was read; {is_now}", "no verdict was given"),
                    f"see that nothing writes to {row.path} meanwhile (predict.py, another run), and run again",
                )
            )


def _held_against(
    tables: Tables, model: ModelSpec, rows: _Rows, table: TrainedTable
) -> tuple[list[tuple[Problem, ...]], list[str]]:
    """What is to be told of each table that could be compared, and of what could not be. One bad part spoils no other."""
    try:
        return _compared(tables, model, rows, table), []
    except EvidenceError as error:
        if len(table.names) == 1:
            return [], [f'"{table.step}" read {table.name}: {error.problem.what}']
    each = [_held_against(tables, model, rows, part) for part in table.parts]
    return [found for compared, _ in each for found in compared], [line for _, lost in each for line in lost]


def _compared(tables: Tables, model: ModelSpec, rows: _Rows, table: TrainedTable) -> list[tuple[Problem, ...]]:
    """What is to be told of the rows that both have; an empty list where the table has nothing to compare by."""
    theirs = {name for name, _ in tables.schema(table.paths)}
    both = tuple(name for name in rows.columns if name in theirs)
    labels = tuple(name for name in both if name == model.label)
    told = []
    if model.id in both:
        key = tuple(name for name in (model.id, model.time) if name is not None and name in both)
        overlap = tables.overlap(rows.paths, table.paths, key, (model.id, *labels), _SHOWN)
        told = [_by_id(rows, table, overlap, key, has_label=bool(labels))]
        if any(problem.code == "gate-rows-trained-on" for problem in told[0]):
            return told
    held = tuple(name for name in both if name in rows.telling and name != model.id)
    if not labels or not set(held) - set(labels):
        return told

    def alike(columns: tuple[str, ...]) -> Overlap:
        return tables.overlap(rows.paths, table.paths, columns, labels, 1)

    return [*told, _by_contents(rows, table, alike, held, model) if told else _by_row(rows, table, alike(held), held)]


def _by_contents(
    rows: _Rows,
    table: TrainedTable,
    alike: Callable[[tuple[str, ...]], Overlap],
    held: tuple[str, ...],
    model: ModelSpec,
) -> tuple[Problem, ...]:
    """What is to be told of rows with other ids that hold the same. Numbering rows anew changes no time, so that many rows which
    are equal but for the time refuse nothing: a customer may be the same in May and in June."""
    untimed = tuple(name for name in held if name != model.time)
    if not set(untimed) - {model.label}:
        return ()
    overlap = alike(untimed)
    how = f"compared by {', '.join(untimed)}, whatever their ids are"
    if not _is_beyond_chance(overlap):
        is_odd = overlap.shared >= _ODD + 2 * overlap.repeated
        return (_alike(rows, table, overlap, how, _IDS_DIFFER),) if is_odd else ()
    if untimed != held and not _is_beyond_chance(alike(held)):
        return (_alike(rows, table, overlap, f"{how}; they differ in {model.time}", _IDS_DIFFER),)
    return (_refusal(rows, table, overlap, f"{how}; more are equal than chance explains"),)


def _by_id(
    rows: _Rows, table: TrainedTable, overlap: Overlap, key: tuple[str, ...], *, has_label: bool
) -> tuple[Problem, ...]:
    if not overlap.shared:
        return ()
    if has_label:
        return (_refusal(rows, table, overlap, f"compared by {' and '.join(key)}"),)
    read = Problem(
        "gate-rows-read",
        f"{table.name}, which {table.step} read, holds {_share(overlap)} without the label",
        (
            f"compared by {' and '.join(key)}; the first of them: {_listed(overlap)}",
            "without the label they teach no answer, unless it stands there under another name",
        ),
        f"if it does, take these rows out of what {table.step} reads",
    )
    return (read,)


def _by_row(rows: _Rows, table: TrainedTable, overlap: Overlap, columns: tuple[str, ...]) -> tuple[Problem, ...]:
    how = f"compared by {', '.join(columns)}"
    if _is_beyond_chance(overlap):
        return (_refusal(rows, table, overlap, f"{how}; more are equal than chance explains"),)
    nameless = (
        "so many can be alike by chance: no id says whether they are the same",
        "name the column that tells rows apart as `model.id`, in both files",
    )
    return (_alike(rows, table, overlap, how, nameless),) if overlap.shared else ()


def _is_beyond_chance(overlap: Overlap) -> bool:
    from assay.judge import are_more_alike_than_chance

    return are_more_alike_than_chance(overlap.shared, overlap.rows, overlap.others, overlap.repeated)


_IDS_DIFFER = (
    "their ids are others: they are other rows, or the same under new ids",
    "if they are the same, take them out of one of the two files",
)


def _alike(rows: _Rows, table: TrainedTable, overlap: Overlap, how: str, said: tuple[str, str]) -> Problem:
    """``said``: what may be thought of it, and what to do."""
    return Problem(
        "gate-rows-alike",
        f"{table.name}, which {table.step} read, holds rows equal to {_share(overlap)}",
        (f"{how}; the first of them: {_listed(overlap)}", said[0]),
        said[1],
    )


def _refusal(rows: _Rows, table: TrainedTable, overlap: Overlap, how: str) -> Problem:
    return Problem(
        "gate-rows-trained-on",
        f"the model was trained on {_share(overlap)}",
        (
            f'step "{table.step}" read {table.name}, which holds {overlap.shared:,} of the rows of {rows.data}',
            f"{how}; the first of them: {_listed(overlap)}",
        ),
        f"take these rows out of {table.names[0]}, or name rows that no step trains on as `data:` of the gate",
    )


def _not_compared(
    model: ModelSpec, rows: _Rows, known: TrainedOn, lost: tuple[str, ...], *, is_compared: bool
) -> tuple[Problem, ...]:
    """A warning where the rows were not held against all that the model was trained on."""
    because = [*lost, *(f'what "{step}" read was not seen, and it declares no table' for step in known.unseen)]
    if not known.makers:
        because.append(f"no step is known to have made {model.path}")
    if known.splitter is not None:
        because.append(f'"{known.splitter}" makes both the model and {rows.data}: what it trains on cannot be told')
    if not (is_compared or because):
        lacks = "no table with the label or the id was seen to be read"
        because.append(f"{lacks} by {' or '.join(known.makers)}")
    if not because:
        return ()
    what = "some of what the model was trained on" if is_compared else "any rows that the model was trained on"
    return (
        Problem(
            "gate-rows-not-compared",
            f"{rows.data} could not be held against {what}",
            tuple(because),
            "declare the table that training reads in `inputs:` of its step, as Parquet, CSV or JSON Lines",
        ),
    )


def _share(overlap: Overlap) -> str:
    return f"{overlap.shared:,} of the gate's {overlap.rows:,} rows ({100 * overlap.shared / overlap.rows:.3g} %)"


def _listed(overlap: Overlap) -> str:
    return "; ".join(", ".join(f"{name} {value}" for name, value in row.items()) for row in overlap.sample)
