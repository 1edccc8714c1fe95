"""Has a dataset drifted? Counted through an engine, held against a reference, and told in findings.

The reference is a profile, which was made when it was checked, or data that can be opened now. What is counted of the dataset itself is
twofold: its newest rows at the reference's edges, to decide, and all of it at its own, to be a reference one day.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from assay.check.counting import Counting, time_column
from assay.check.drift import alarm_words, measure_drift
from assay.check.drift.profile import CountedData, held_against, pack_profile, unpack_profile
from assay.check.drift_asked import Batching, Since
from assay.check.findings.drift import drift_findings, unmeasured
from assay.check.findings.whole import ZONES_S
from assay.check.kept import first_type
from assay.check.questions import OWN_TYPES, SOURCE
from assay.core.artifact import Artifact
from assay.core.dataset import DataColumn, Dialect, Files, Source
from assay.core.drift import DriftReport, Separation
from assay.core.finding import Finding
from assay.core.ports import Engine, Opened
from assay.core.problem import EvidenceError, Problem
from assay.core.reference_profile import ReferenceProfile
from assay.core.rules import ColumnType, DriftRule

SAMPLE_ROWS = 10_000
"""Of each side, for the classifier."""
_SEED = 5


class Drifted(msgspec.Struct, frozen=True):
    """What became of it."""

    findings: tuple[Finding, ...]
    profile: ReferenceProfile
    """Of the dataset, to be kept."""
    report: DriftReport | None = None
    """None where there is nothing to hold it against."""


def drift(
    dataset: Artifact,
    source: Source,
    rule: DriftRule,
    since: Since,
    engine: Engine,
    *,
    time: str | None = None,
    types: Mapping[str, ColumnType] | None = None,
    now_s: float | None = None,
    code_version: str = "",
) -> Drifted:
    """How far the newest rows of a dataset lie from a reference, and the dataset's own profile.

    ``time``: the column that says when a row happened, unless the rule does. ``types``: as what texts are read; of others it is tried.
    ``now_s``: rows of more than a day later are of no batch; None: all are. ``EvidenceError`` where the data cannot be read, or the
    rule makes no sense for it.
    """
    until_s = None if now_s is None else now_s + ZONES_S
    how = _How(rule, rule.time or time, types or {}, engine, until_s)
    with how.counting(source) as counting:
        own = counting.own()
        profile = pack_profile(
            own, dataset.label, dataset.digest, batch_s=rule.batch_s, time=how.time, code_version=code_version
        )
        why = since.missing or _why_not(dataset, counting, since)
        reference = None if why else how.reference(since)
        if reference is None:
            why = why or f"that of {since.told} was counted in other batches, and its rows are not at hand"
            return Drifted((unmeasured(rule, since.told, why),), profile)
        survey, width = counting.survey, how.width
        assert survey.last is not None
        first = max(0, survey.last - width + 1) if rule.batch_s is None else survey.last - width + 1
        window = counting.newest(reference, first)
        report = measure_drift(held_against(reference, window), window_batches=width, context=rule.context)
        notes = [*_notes(rule, counting, own, reference)]
        if rule.classifier:
            separation, note = _separated(how, counting, since, report, first)
            report = msgspec.structs.replace(report, separation=separation)
            notes += [note] if note else []
    findings = drift_findings(rule, since.told, report, notes, rates=alarm_words(report))
    return Drifted(findings, profile, report)


class _How(msgspec.Struct, frozen=True):
    """A rule, and what else says how to count."""

    rule: DriftRule
    column: str | None
    types: Mapping[str, ColumnType]
    engine: Engine
    until_s: float | None = None

    @property
    def time(self) -> str | None:
        """The column that decides about batches; None where files do."""
        if self.rule.batch_s is None:
            return None
        if self.column is None:
            raise EvidenceError(
                Problem(
                    "no-time-column",
                    "drift: no column is named that says when a row happened",
                    ("`batch:` puts rows into spans of time",),
                    "name it: `drift: {time: ...}`, or `model.time`",
                )
            )
        return self.column

    @property
    def width(self) -> int:
        """The window, in batches."""
        if self.rule.window_s is None:
            return 1
        if self.rule.batch_s is None:
            raise EvidenceError(
                Problem(
                    "drift-without-batch",
                    "drift: the window is a span of time, and batches are files",
                    ("`window:` is so many batches of `batch:`; without `batch:` it is the newest file",),
                    "write `batch: 1 day` beside it, or leave `window:` out",
                )
            )
        return max(1, math.ceil(self.rule.window_s / self.rule.batch_s))

    @contextmanager
    def counting(self, source: Source) -> Iterator[Counting]:
        """A dataset, open to be counted."""
        time = self.time
        assert self.width
        files = _files(source) if time is None else ()
        relations = {f"file{place}": file for place, file in enumerate(files)}
        with self.engine.open({SOURCE: source, **relations}) as opened:
            columns = opened.columns[SOURCE]
            batching = None
            if time is not None:
                batching = Batching(_dated(columns, time), float(self.rule.batch_s or 0), self.until_s)
            counting = Counting(opened, self.engine.dialect, self._counted(opened), batching, tuple(relations))
            if counting.survey.rows and not counting.survey.dated:
                raise EvidenceError(_timeless(str(time)))
            yield counting

    def reference(self, since: Since) -> CountedData | None:
        """Its profile, where it was counted in the same batches; else its rows, counted now."""
        profile = since.profile
        if profile is not None and profile.batch_s == self.rule.batch_s:
            return unpack_profile(profile)
        if since.source is None:
            return None
        with self.counting(since.source) as counting:
            return counting.own()

    def _counted(self, opened: Opened) -> dict[str, ColumnType]:
        """The columns that are counted, each as what it is."""
        left_out = {*self.rule.ignore, self.time}
        columns = [column for column in opened.columns[SOURCE] if column.name not in left_out]
        found = types_of(opened, columns, self.types, self.engine.dialect)
        return {name: type_ for name, type_ in found.items() if type_ in ("int", "float", "str", "bool")}


def types_of(
    opened: Opened, columns: Sequence[DataColumn], declared: Mapping[str, ColumnType], dialect: Dialect
) -> dict[str, ColumnType]:
    """What each column is: by its own type, by a rule where its cells are texts that may be anything, else by trying them. A column of
    a type that is none of ours is left out."""
    from assay.check.compile import compile_tries

    texts = [column for column in columns if column.held in ("csv", "json")]
    found = {column.name: own for column in columns if (own := OWN_TYPES.get(column.held)) is not None}
    found |= {column.name: declared[column.name] for column in texts if column.name in declared}
    asked = [column for column in texts if column.name not in declared]
    if asked:
        question = compile_tries(asked, dialect)
        (row,) = opened.rows(question.query)
        counts = dict(zip(question.asked, row, strict=True))
        found |= {column.name: first_type(column, counts) for column in asked}
    return found


def _files(source: Source) -> tuple[Source, ...]:
    if isinstance(source, Files):
        return tuple(Files((path,)) for path in source.paths)
    raise EvidenceError(
        Problem(
            "drift-without-batch",
            "drift: a table has no files that could be its batches",
            ("without `batch:` each file of a dataset is one",),
            "write `batch: 1 day`, and `time:`, the column that says when a row happened",
        )
    )


def _why_not(dataset: Artifact, counting: Counting, since: Since) -> str:
    """Why a reference that is there cannot be held against the dataset; empty where it can."""
    if since.digest == dataset.digest and dataset.kind != "table":
        return f"{dataset.label} is the reference itself: nothing newer is there to hold against it"
    if not counting.survey.rows:
        return "the dataset has no rows"
    if since.profile is None and since.source is None:
        return f"nothing is known of {since.told}"
    return ""


def _notes(rule: DriftRule, counting: Counting, own: CountedData, reference: CountedData) -> Iterator[str]:
    """What a reader has to know beside the columns' drift."""
    if own.undated:
        yield f"{own.undated:,} of {counting.survey.rows:,} rows have no time, or one still to come, and are in no batch"
    now, before = ({column.name: column.kind for column in side.columns} for side in (own, reference))
    left_out = {*rule.ignore, rule.time}
    for told, names in (
        ("only in the reference", [name for name in before if name not in now and name not in left_out]),
        ("not in the reference", [name for name in now if name not in before]),
        ("of another type than in the reference", [name for name in now if before.get(name, now[name]) != now[name]]),
    ):
        if names:
            yield f"{told}: {', '.join(names)}"


def _separated(
    how: _How, counting: Counting, since: Since, report: DriftReport, first: int
) -> tuple[Separation | None, str]:
    """What the classifier says, or why it was not asked."""
    if since.source is None:
        return None, f"classifier: not asked, as the rows of {since.told} are not at hand"
    from assay.check.drift.row_samples import separated

    names = [column.column for column in report.columns if column.state != "context"]
    kinds = [column.kind for column in report.columns if column.state != "context"]
    with how.counting(since.source) as before:
        reference = before.sample(names, SAMPLE_ROWS, before.survey.rows)
    window_rows = max((column.rows for column in report.columns), default=0)
    window = counting.sample(names, SAMPLE_ROWS, window_rows, first)
    found = separated(reference, window, names, kinds, seed=_SEED)
    return found, "" if found else "classifier: too few rows on one of the sides"


def _dated(columns: Sequence[DataColumn], time: str) -> DataColumn:
    """The column of times; one whose type admits none is refused before an engine is asked."""
    found = time_column(columns, time)
    if found.held not in ("date", "time", "zoned", "csv", "json"):
        raise EvidenceError(_timeless(time))
    return found


def _timeless(time: str) -> Problem:
    return Problem(
        "no-time-column",
        f"drift: column {time!r} holds no day and no time",
        ("no row of it says when it happened",),
        "name another: `drift: {time: ...}`; in texts a time is written 2013-01-31 or 2013-01-31 05:00:00",
    )
