"""Rules on a dataset: what is asked of its columns, its rows, and of all of it."""

from datetime import date, timedelta
from typing import Literal, TypeAlias

import msgspec

from assay.core.finding import Severity

ColumnType = Literal["int", "float", "str", "bool", "date", "time"]
COLUMN_TYPES: tuple[ColumnType, ...] = ("int", "float", "str", "bool", "date", "time")

Scalar: TypeAlias = int | float | str | bool

Environment = Literal["train", "serve"]


class Bounds(msgspec.Struct, frozen=True):
    """A range of numbers, or of days and times as ISO 8601 writes them; None leaves that side open. The ends belong to it
    unless said otherwise."""

    low: float | int | str | None = None
    high: float | int | str | None = None
    low_open: bool = False
    high_open: bool = False

    @property
    def of_times(self) -> "Bounds":
        """The same for times: a day as the upper end belongs to the range up to its last moment, a lower end from its first."""
        if not isinstance(self.high, str) or self.high_open or len(self.high) != len("2013-01-31"):
            return self
        day = date.fromisoformat(self.high)
        if day == date.max:
            return msgspec.structs.replace(self, high=f"{self.high} 23:59:59.999999")
        return msgspec.structs.replace(self, high=str(day + timedelta(days=1)), high_open=True)

    def __str__(self) -> str:
        if self.low_open or self.high_open:
            low = None if self.low is None else f"{'>' if self.low_open else '>='} {self.low}"
            high = None if self.high is None else f"{'<' if self.high_open else '<='} {self.high}"
            return ", ".join(side for side in (low, high) if side)
        return f"{'' if self.low is None else self.low}..{'' if self.high is None else self.high}"


class MembersOf(msgspec.Struct, frozen=True):
    """The values in a column of another dataset, NULL aside."""

    dataset: str
    """As the file names it: a path, a glob or a table."""
    column: str

    def __str__(self) -> str:
        return f"{self.dataset}:{self.column}"


class QuantileBounds(msgspec.Struct, frozen=True):
    """Where a quantile must lie, decided by counting rows that are not NULL: the quantile is the least value that so large a
    share of them does not exceed. ``p95 <= x`` where at least 95 % are <= x, ``p95 >= x`` where fewer than 95 % are < x; ``<``
    and ``>`` likewise."""

    share: float
    """.95 for p95."""
    bounds: Bounds


class Tolerance(msgspec.Struct, frozen=True):
    """So many rows may break a rule before it fails; the larger of the two counts."""

    rows: int = 0
    share: float | None = None
    """Of all rows."""


class ColumnRule(msgspec.Struct, frozen=True):
    """What one column's values must be."""

    column: str
    type: ColumnType
    nullable: bool = False
    bounds: Bounds | None = None
    one_of: tuple[Scalar, ...] | None = None
    length: Bounds | None = None
    max_null_share: float | None = None
    """Only with ``nullable``: at most this share of the rows is NULL."""
    allow: Tolerance = Tolerance()
    """Of rows that break the rule in any way but the share of NULLs, which is a limit of its own."""
    text: str = ""
    """The line as it was written, for reports."""
    members: MembersOf | None = None
    """With ``one_of`` beside it: these are its values, which were read where the dataset is."""
    pattern: str | None = None
    """Some part of the text is matched by it, in the language of ``pattern.py``."""
    mean: Bounds | None = None
    """Of the values that are not NULL, as are the next two. Of a column without values they say nothing."""
    stddev: Bounds | None = None
    """Of the sample: divided by n - 1."""
    quantiles: tuple[QuantileBounds, ...] = ()
    is_unique: bool = False
    """No value stands in two rows; NULL aside."""
    severity: Severity = "error"


class RowRule(msgspec.Struct, frozen=True):
    """A boolean expression that holds for every row, or for those that ``given`` holds for. NULL passes."""

    name: str
    holds: str
    """In the SQL of ``row_sql.py``."""
    given: str | None = None
    allow: Tolerance = Tolerance()
    severity: Severity = "error"


class QueryRule(msgspec.Struct, frozen=True):
    """A query of the user's own, which returns the rows that fail."""

    name: str
    path: str
    """The file of the query. In it ``data`` is the dataset, its columns under their own names."""
    allow: Tolerance = Tolerance()
    severity: Severity = "error"


class Fresh(msgspec.Struct, frozen=True):
    """The newest value of a column of days or times is at most so old."""

    column: str
    within_s: float
    text: str = ""
    """The age as it was written."""
    severity: Severity = "error"


class Terms(msgspec.Struct, frozen=True):
    """On what terms a rule on all of a dataset is held, where it says so."""

    subject: str
    """``rows``, ``closed``, ``distinct rows``, ``key carrier, flight``, ``apart data/train.csv``."""
    severity: Severity = "error"
    allow: Tolerance = Tolerance()
    """So many rows may repeat a key or another row, or stand in the other dataset."""


class DriftRule(msgspec.Struct, frozen=True):
    """How far the newest rows may be from those of a reference."""

    since: str = "champion"
    """``champion``: what the champion was trained on; a release; a version such as ``flights@9c41e0d2``; or a path."""
    batch_s: float | None = None
    """Rows of one such span of ``time`` are one batch. None: each file of the dataset is one."""
    window_s: float | None = None
    """The newest rows that are held against the reference; None: the newest batch."""
    time: str | None = None
    """The column that says when a row happened; None: ``model.time``, else the one column that must be fresh."""
    ignore: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    """Columns whose distance is told and never fails: what is expected to change, such as flight numbers."""
    classifier: bool = False
    """Also ask how well a model tells the two sides apart."""
    severity: Severity = "warn"


class Leakage(msgspec.Struct, frozen=True):
    """No column gives the label away."""

    label: str
    allow: tuple[str, ...] = ()
    """Columns that may."""


class Rules(msgspec.Struct, frozen=True):
    """Everything that is asked of one dataset."""

    columns: tuple[ColumnRule, ...] = ()
    rows: Bounds | None = None
    unique: tuple[tuple[str, ...], ...] = ()
    """Keys: each a tuple of columns that together name a row."""
    closed: bool = False
    """An unknown column fails; otherwise it is only told."""
    fresh: tuple[Fresh, ...] = ()
    row_rules: tuple[RowRule, ...] = ()
    queries: tuple[QueryRule, ...] = ()
    slices: tuple[str, ...] = ()
    """Columns by whose values failures are counted."""
    drift: DriftRule | None = None
    leakage: Leakage | None = None
    apart_from: tuple[str, ...] = ()
    """Datasets none of whose rows may stand in this one."""
    distinct_rows: bool = False
    """No row stands twice."""
    train_only: tuple[str, ...] = ()
    """Columns that are absent when serving."""
    environment: Environment = "train"
    engine: str | None = None
    """What reads the dataset; None: what its name says (DuckDB for files)."""
    terms: tuple[Terms, ...] = ()
    """Of the rules on all of the dataset that are no errors, or allow some rows."""

    def terms_of(self, subject: str) -> Terms:
        """On what terms the rule on ``subject`` is held."""
        return next((terms for terms in self.terms if terms.subject == subject), Terms(subject))

    def drift_time(self, model_time: str | None) -> str | None:
        """The column that says when a row happened, for drift; None where nothing names one."""
        named = self.drift.time if self.drift is not None else None
        fresh = self.fresh[0].column if len(self.fresh) == 1 else None
        return named or model_time or fresh

    @property
    def others(self) -> tuple[str, ...]:
        """The other datasets that the rules look into, as the file names them."""
        named = [rule.members.dataset for rule in self.columns if rule.members is not None and rule.one_of is None]
        return tuple(dict.fromkeys((*named, *self.apart_from)))

    @property
    def files(self) -> tuple[str, ...]:
        """Files of the project beside the data that decide what is found."""
        return tuple(dict.fromkeys(query.path for query in self.queries))


class RuleMistake(ValueError):
    """A line does not read. ``offset`` counts characters from 0; ``expected`` says what would have been right.

    ``because`` is set where there is more to say than what was expected.
    """

    def __init__(self, text: str, offset: int, expected: str, because: str = "") -> None:
        said = f"expected {expected} at {text[offset:] or 'the end'!r}"
        super().__init__(f"{because}; {said}" if because else said)
        self.offset = offset
        self.expected = expected
        self.because = because
