"""``assay gate judge``: any two models from a table of their answers, without project, store or ledger."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from assay.core.canonical import value_digest
from assay.core.digest import digest_of
from assay.core.metrics import MetricSettings
from assay.core.pipeline import GateAction
from assay.core.problem import Problem, UsageError
from assay.core.sentence import Sentence, SentenceMistake, parse_sentence
from assay.core.verdict import Verdict
from assay.flows.tables import column_of, keys_of
from assay.workspace import open_engine

OWN_COLUMNS = frozenset({"id", "label", "challenger", "champion", "challenger_score", "champion_score"})


class JudgeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a table is judged; as the keys of ``gate:`` in assay.yaml."""

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


def judge_table(path: Path, settings: JudgeSettings) -> Verdict:
    """The verdict on a table with the columns ``id``, ``label``, ``challenger`` and ``champion`` (predictions), and
    ``challenger_score`` and ``champion_score`` where metrics need them; by any other column it can be sliced."""
    from assay.judge import Evidence, Wear, decide

    gate = _gate(path, settings)
    wear = None if settings.decisions is None else Wear(settings.decisions, settings.passes)
    table, _ = open_engine().read([path])
    if "id" in table:
        keys_of(table, "id", str(path))
    digest = digest_of(path.read_bytes())
    evidence = Evidence(
        labels=column_of(table, "label", str(path), "label"),
        challenger=column_of(table, "challenger", str(path), "column"),
        champion=table.get("champion"),
        gate_digest=value_digest(gate),
        test_set_digest=digest,
        challenger_digest=digest,
        champion_digest=digest if "champion" in table else None,
        champion_release="the champion" if "champion" in table else None,
        challenger_score=table.get("challenger_score"),
        champion_score=table.get("champion_score"),
        columns={name: values for name, values in table.items() if name not in OWN_COLUMNS},
    )
    return decide(gate, evidence, wear)


def read_sentences(lines: Sequence[str]) -> tuple[Sentence, ...]:
    """The sentences; ``UsageError`` names the first that does not read, and where."""
    return tuple(_read(line) for line in lines)


def _gate(path: Path, settings: JudgeSettings) -> GateAction:
    if settings.decisions is not None and not 0 <= settings.passes <= settings.decisions:
        what = f"{settings.passes} of {settings.decisions} decisions cannot have passed"
        raise UsageError(Problem("bad-wear", what, (), "give --passes from 0 to --decisions"))
    if settings.group and settings.time:
        problem = Problem("bad-clusters", "rows belong together by one column", (), "give --group or --time, not both")
        raise UsageError(problem)
    return GateAction(
        str(path),
        read_sentences(settings.require),
        detect=settings.detect,
        confidence=settings.confidence,
        group=settings.group,
        time=settings.time,
        min_rows=settings.min_rows,
        settings=settings.metrics,
    )


def _read(line: str) -> Sentence:
    try:
        sentence = parse_sentence(line)
    except SentenceMistake as mistake:
        because = (line, " " * mistake.offset + "^", *([mistake.because] if mistake.because else []))
        problem = Problem("bad-sentence", "a sentence does not read", because, f"write {mistake.expected}")
        raise UsageError(problem) from mistake
    if not sentence.is_of_rows:
        problem = Problem(
            "bad-sentence",
            f"{sentence.metric} cannot be judged from a table",
            (f"in the sentence {line!r}", "a table holds answers; it does not say how they were made"),
            "require a metric of the table's rows",
        )
        raise UsageError(problem)
    return sentence
