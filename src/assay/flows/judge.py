"""``assay gate judge``: any two models from a table of their answers, without project, store or ledger."""

from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from assay.core.canonical import value_digest
from assay.core.digest import Digest, digest_of
from assay.core.metrics import MetricSettings
from assay.core.near import near_miss
from assay.core.pipeline import GateAction
from assay.core.problem import EvidenceError, Problem, UsageError
from assay.core.table import Table
from assay.core.verdict import Verdict
from assay.core.wear import Wear
from assay.flows.sentences import demand_detect, read_sentences_of_rows
from assay.flows.spelling import Spelling, spell_problem, spell_verdict
from assay.flows.tables import keys_of
from assay.workspace import open_tables

if TYPE_CHECKING:
    import numpy as np

    from assay.judge import Evidence

OWN_COLUMNS = frozenset({"id", "label", "challenger", "champion", "challenger_score", "champion_score"})


class JudgeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How two models are judged; as the keys of ``gate:`` in assay.yaml."""

    require: tuple[str, ...]
    detect: float | None = None
    confidence: float = 0.95
    group: str | None = None
    time: str | None = None
    min_rows: int = 100
    metrics: MetricSettings = MetricSettings()
    decisions: int | None = None
    """Judge as a ledger would that has seen so many decisions on these rows; None: each level as written."""
    passes: int = 0


class AnsweredRows(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Labels, and what two models answered on their rows; all equally long."""

    digest: Digest
    """Of what the rows came from."""
    labels: "np.ndarray"
    challenger: "np.ndarray"
    champion: "np.ndarray | None" = None
    challenger_score: "np.ndarray | None" = None
    champion_score: "np.ndarray | None" = None
    columns: Table = {}
    ids: tuple[str, ...] | None = None


def read_rows(path: Path) -> AnsweredRows:
    """The rows of a table with the columns ``label``, ``challenger`` and ``champion`` (predictions), ``challenger_score`` and
    ``champion_score`` where metrics need them, and ``id``, each once; by any other column they can be sliced."""
    table, _ = open_tables().read([path])
    return AnsweredRows(
        digest=digest_of(path.read_bytes()),
        labels=_own_column(table, "label", path),
        challenger=_own_column(table, "challenger", path),
        champion=table.get("champion"),
        challenger_score=table.get("challenger_score"),
        champion_score=table.get("champion_score"),
        columns={name: values for name, values in table.items() if name not in OWN_COLUMNS},
        ids=tuple(keys_of(table, "id", str(path))) if "id" in table else None,
    )


def _own_column(table: Table, name: str, path: Path) -> "np.ndarray":
    """A column that the table must have; ``EvidenceError`` where it has none of that name."""
    if name in table:
        return table[name]
    near = near_miss(name, [other for other in table if other not in OWN_COLUMNS])
    holds = "what is true of a row" if name == "label" else "what the challenger predicts"
    because = (f"its columns are {', '.join(table)}", f"{name!r} is {holds}")
    fix = f"rename {near!r} to {name!r}" if near else f"name the column {name!r} that says {holds}"
    code = "label-missing" if name == "label" else "column-missing"
    raise EvidenceError(Problem(code, f"{path} has no column {name!r}", because, fix))


def judge_rows(rows: AnsweredRows, settings: JudgeSettings, spelling: Spelling = "option") -> Verdict:
    """The verdict; without a champion, sentences about one do not apply. ``UsageError`` where a setting makes no sense,
    ``EvidenceError`` where the question cannot be asked of these rows, both in the asker's ``spelling``."""
    try:
        return spell_verdict(_judged(rows, settings), spelling)
    except EvidenceError as error:
        raise EvidenceError(spell_problem(error.problem, spelling)) from error


def _judged(rows: AnsweredRows, settings: JudgeSettings) -> Verdict:
    from assay.judge import decide

    gate = _gate(settings)
    _demand_one_length(rows)
    wear = None if settings.decisions is None else Wear(settings.decisions, settings.passes)
    evidence = _evidence(rows, value_digest(gate.question))
    held = {"label": rows.labels, **{name: values for name, values in rows.columns.items() if name != settings.time}}
    return decide(gate, msgspec.structs.replace(evidence, contents=held, answers_tell=True), wear)


def first_to_label(rows: AnsweredRows) -> tuple[str, ...]:
    """The ids of the rows without a label on which the two models answer differently, in the order in which to label them:
    drawn by lot, always the same, so that whoever stops early has labelled a sample of them.

    ``UsageError`` where the rows have no ids, or there is only one model.
    """
    from assay.judge import label_first_rows

    if rows.champion is None or rows.ids is None:
        lost = "champion" if rows.champion is None else "id"
        problem = Problem(
            "nothing-to-label",
            f"which rows to label first cannot be told: the table has no column {lost!r}",
            ("these are the rows without a label on which two models differ, by their ids",),
            f"add the column {lost!r}, or leave --label-first out",
        )
        raise UsageError(problem)
    ids = rows.ids
    return tuple(ids[at] for at in label_first_rows(_evidence(rows, rows.digest)).tolist())


def digest_of_arrays(*arrays: "np.ndarray | None") -> Digest:
    """The digest of what arrays hold, in their order; the same values in another type of number have another."""
    parts = (b"" if array is None else _bytes_of(array) for array in arrays)
    return digest_of(b"".join(len(part).to_bytes(8, "big") + part for part in parts))


def _bytes_of(array: "np.ndarray") -> bytes:
    data = repr(array.tolist()).encode() if array.dtype.kind == "O" else array.tobytes()
    return f"{array.dtype.str} {array.shape} ".encode() + data


def _evidence(rows: AnsweredRows, gate: Digest) -> "Evidence":
    from assay.judge import Evidence

    return Evidence(
        labels=rows.labels,
        challenger=rows.challenger,
        champion=rows.champion,
        gate_digest=gate,
        test_set_digest=rows.digest,
        challenger_digest=digest_of_arrays(rows.challenger, rows.challenger_score),
        champion_digest=None if rows.champion is None else digest_of_arrays(rows.champion, rows.champion_score),
        champion_release=None if rows.champion is None else "the champion",
        challenger_score=rows.challenger_score,
        champion_score=rows.champion_score,
        columns=rows.columns,
    )


def _gate(settings: JudgeSettings) -> GateAction:
    if mistakes := _mistakes(settings):
        raise UsageError(mistakes[0])
    sentences = read_sentences_of_rows(settings.require)
    demand_detect(settings.detect, sentences)
    return GateAction(
        None,
        sentences,
        detect=settings.detect,
        confidence=settings.confidence,
        group=settings.group,
        time=settings.time,
        min_rows=settings.min_rows,
        settings=settings.metrics,
    )


def _mistakes(settings: JudgeSettings) -> list[Problem]:
    """What of the settings makes no sense."""
    quantile, range_ = settings.metrics.quantile, settings.metrics.score_range
    found = [
        Problem("bad-gate-setting", f"{name} must be {wanted}, and is {seen}", (), f"give a {name} that is {wanted}")
        for name, seen, wanted, is_good in (
            ("detect", settings.detect, "a finite number over 0", settings.detect is None or 0 < settings.detect < inf),
            ("confidence", settings.confidence, "over 0.5 and below 1", 0.5 < settings.confidence < 1),
            ("min_rows", settings.min_rows, "1 or more", settings.min_rows >= 1),
            ("quantile", quantile, "over 0 and below 1", quantile is None or 0 < quantile < 1),
            (
                "score_range",
                range_,
                "two finite numbers, the lower first",
                range_ is None or -inf < range_[0] < range_[1] < inf,
            ),
        )
        if not is_good
    ]
    if settings.decisions is not None and not 0 <= settings.passes <= settings.decisions:
        what = f"{settings.passes} of {settings.decisions} decisions cannot have passed"
        found.append(Problem("bad-wear", what, (), "give passes from 0 to the number of decisions"))
    if settings.group and settings.time:
        what = "rows belong together by one column"
        found.append(Problem("bad-clusters", what, (), "give group or time, not both"))
    if not settings.require:
        what = "nothing is required of the challenger"
        found.append(
            Problem("bad-gate-setting", what, (), 'require a sentence, such as "accuracy > champion.accuracy"')
        )
    return found


def _demand_one_length(rows: AnsweredRows) -> None:
    """Scores and columns have a value for each label; predictions are held to that where they are judged."""
    others = {"challenger_score": rows.challenger_score, "champion_score": rows.champion_score, **rows.columns}
    wrong = {
        name: len(values) for name, values in others.items() if values is not None and len(values) != len(rows.labels)
    }
    if wrong:
        because = tuple(f"{name}: {count:,} values" for name, count in wrong.items())
        what = "the labels and what stands beside them are not of the same rows"
        fix = "give one value for each row, in the order of the labels"
        raise EvidenceError(Problem("rows-do-not-match", what, (f"labels: {len(rows.labels):,} values", *because), fix))
