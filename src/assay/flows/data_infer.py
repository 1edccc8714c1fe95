"""``assay data infer``: rules for review, from one or several batches of data."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from assay.check import check
from assay.check.infer import (
    Batch,
    FoundKey,
    ProposedColumn,
    ProposedRules,
    failing_columns,
    few_repeats,
    find_key,
    propose,
    repeats,
    sample_texts,
    without_failing,
)
from assay.check.profile import profile_columns
from assay.check.questions import SOURCE
from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.ports import Opened
from assay.core.problem import EvidenceError, Problem, UsageError
from assay.core.rules import ColumnRule, RuleMistake, Rules, parse_column
from assay.flows.data_engine import open_profiler
from assay.flows.data_source import NamedSource, find_source
from assay.flows.rules_text import NamedBatch, rules_text
from assay.flows.whole_file import write_whole
from assay.workspace import open_engine

_VALUES = 64
"""So many values of a column may be all that there are."""
_MOST_ROUNDS = 8


class InferredColumn(msgspec.Struct, frozen=True):
    """A column's line."""

    name: str
    line: str
    """Empty where nothing can be said of it."""
    seen: str
    """From what it was inferred."""


class Inferred(msgspec.Struct, frozen=True):
    """Rules that the data suggests, and that it keeps."""

    data: tuple[str, ...]
    rows: str
    unique: tuple[str, ...]
    columns: tuple[InferredColumn, ...]
    text: str
    """The file."""


def infer(folder: Path, environ: Mapping[str, str], names: Sequence[str]) -> Inferred:
    """What the batches suggest. ``EvidenceError`` for what is no dataset."""
    found = [find_source(folder, environ, name) for name in names]
    key: FoundKey | None = None
    batches = []
    for source in found:
        batch, key = _profiled(source, key)
        batches.append(batch)
    assert key is not None
    proposed = _verified(propose(batches), found)
    columns = tuple(InferredColumn(c.name, c.line if c.type else "", c.seen) for c in proposed.columns)
    unique = () if key.repeats else key.columns
    return Inferred(tuple(names), proposed.rows, unique, columns, rules_text(proposed, key, _told(found)))


def write_rules(folder: Path, out: str, text: str, *, force: bool) -> None:
    """Write the file. ``UsageError`` where one is there and ``force`` was not said, or it cannot be written."""
    place = folder / out
    if place.exists() and not force:
        fix = f"review {out} beside the new one (`assay data infer DATA > new.yaml`), or say --force"
        raise UsageError(
            Problem("already-there", f"{out} is there already", ("rules that people wrote are kept",), fix)
        )
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, text)
    except OSError as error:
        what, fix = f"cannot write {out}", "name a place that you may write to"
        raise UsageError(Problem("not-writable", what, (str(error.strerror or error),), fix)) from error


def _told(sources: Sequence[NamedSource]) -> tuple[NamedBatch, ...]:
    return tuple(NamedBatch(source.name, source.files) for source in sources)


def _profiled(source: NamedSource, key: FoundKey | None) -> tuple[Batch, FoundKey]:
    """The batch, and the key of those before it as far as it holds here too; the first is looked through for one."""
    engine = open_profiler(source)
    with engine.open({SOURCE: source.source}) as opened:
        found = profile_columns(opened, engine.dialect, frequent=_VALUES, has_lengths=True, has_mostly=True)
        texts = {each.name for each in found.columns if each.type == "str" and not each.are_all}
        columns = [column for column in opened.columns[SOURCE] if column.name in texts]
        sampled = sample_texts(opened, columns, engine.dialect, SOURCE)
        if key is None:
            key = find_key(opened, SOURCE, found.columns, found.rows)
        elif key.columns:
            key = _still_key(opened, key, found.rows)
    return Batch(source.name, found.rows, found.columns, sampled), key


def _still_key(opened: Opened, key: FoundKey, rows: int) -> FoundKey:
    names = {column.name for column in opened.columns[SOURCE]}
    if not names.issuperset(key.columns):
        return FoundKey(())
    found = repeats(opened, SOURCE, key.columns)
    most = few_repeats(rows) if len(key.columns) == 1 else 0
    return FoundKey(key.columns, key.repeats + found) if found <= most else FoundKey(())


def _verified(proposed: ProposedRules, sources: Sequence[NamedSource]) -> ProposedRules:
    """The proposal as far as all batches keep it. What fails is said in a wider way, or no more."""
    for _ in range(_MOST_ROUNDS):
        rules = Rules(columns=tuple(rule for rule, _ in map(_rule_of, proposed.columns) if rule is not None))
        failing = {name for rule, name in map(_rule_of, proposed.columns) if rule is None and name}
        if not failing and rules.columns:
            failing = {name for source in sources for name in _failing(source, rules)}
        if not failing:
            return proposed
        proposed = without_failing(proposed, failing)
    raise EvidenceError(
        Problem(
            "data-changed", "no rules could be inferred that the data keeps", ("it may be changing",), "run it again"
        )
    )


def _rule_of(column: ProposedColumn) -> tuple[ColumnRule | None, str]:
    """The rule that the line spells, None for a line that does not read, and then the column's name."""
    if not column.type:
        return None, ""
    try:
        return parse_column(column.name, column.line), column.name
    except RuleMistake:
        return None, column.name


def _failing(source: NamedSource, rules: Rules) -> frozenset[str]:
    dataset = Artifact(source.name, value_digest(["batch", source.name]), "file", source.size_bytes)
    return failing_columns(check(dataset, source.source, rules, open_engine(source.engine), sample_rows=1))
