"""What a suite asks, as rules: a line for each column, rules on rows, and what holds of all the data.

Every rule of the suite comes out at one end or the other: in ``carried``, in ``left``, or in both where it is carried in part.
"""

import re
from collections.abc import Iterator

import msgspec

from assay.check.suites.compose_column import REPEATS_COUNTED, Composed, composed, null_share
from assay.check.suites.demands import Demand, OnColumn, OnColumns, OnCount, OnKey, OnRow, Suite
from assay.check.suites.line_text import percent, range_text
from assay.check.suites.nouns import Carried, ColumnLine, Imported, Left, NotCarried, WrittenRule
from assay.core.finding import Severity
from assay.core.rules import Bounds


def compose(suite: Suite) -> Imported:
    """The rules that ask what the suite asks, and what was left."""
    return _Composer(suite).compose()


class _Composer:
    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.carried: dict[Carried, None] = {}
        self.left: list[Left] = []
        self.rules: dict[str, WrittenRule] = {}
        self.taken: dict[str, int] = {}
        """How often a rule was to be called so."""
        self.keys: list[tuple[str, ...]] = []
        self.rows: Bounds | None = None
        self.is_closed = False
        self.severities: dict[str, Severity] = {}
        """Of what is asked of all the data: an error where any rule of the suite makes it one."""
        self.asked = self._by_column()
        self.columns = {column: composed(column, demands) for column, demands in self.asked.items()}
        self.named: set[str] = set()
        """Columns that something names which fails where they are missing."""

    def compose(self) -> Imported:
        for column in self.columns.values():
            self._column(column)
        for kind in (OnKey, OnRow, OnCount, OnColumns):  # columns last: they are there where something names them
            for demand in self._demands():
                if isinstance(demand, kind):
                    self._try(demand)
        for demand in self._demands():
            if isinstance(demand, OnColumn) and demand.slot == "exists":
                self._exists(demand)
        self._halves()
        return Imported(
            origin=self.suite.origin,
            rules_in_suite=len(self.suite.rules),
            rows="" if self.rows is None else _rows_text(self.rows),
            unique=tuple(self.keys),
            closed=self.is_closed,
            warned=tuple(subject for subject, severity in self.severities.items() if severity == "warn"),
            columns=tuple(ColumnLine(each.column, each.line) for each in self.columns.values() if each.line),
            rules=tuple(self.rules.values()),
            carried=tuple(sorted(self.carried, key=lambda each: each.number)),
            left=self._all_left(),
            notes=tuple(self._notes()),
        )

    def _demands(self) -> Iterator[Demand]:
        return (demand for rule in self.suite.rules for demand in rule.demands)

    def _by_column(self) -> dict[str, list[OnColumn]]:
        found: dict[str, list[OnColumn]] = {}
        for demand in self._demands():
            if isinstance(demand, OnColumn):
                found.setdefault(demand.column, []).append(demand)
        return found

    def _column(self, column: Composed) -> None:
        for demand, note in column.carried:
            self._carry(demand, f"columns.{column.column}", note)
            self.named.add(column.column)
        for demand, rule in column.rules:
            self._carry(demand, f"rules.{self._add(rule)}", "")
            self.named |= {column.column} if rule.severity == "error" else set()
        for demand, reason in column.left:
            self._leave(demand, reason)
        for demand in column.keys:
            self._try(demand)

    def _try(self, demand: Demand) -> None:
        try:
            self._take(demand)
        except NotCarried as reason:
            self._leave(demand, reason)

    def _take(self, demand: Demand) -> None:
        match demand:
            case OnKey():
                self._key(demand, demand.columns)
            case OnColumn():
                self._key(demand, (demand.column,))
            case OnRow():
                self._row(demand)
            case OnCount():
                self._count(demand)
            case OnColumns():
                self._column_set(demand)

    def _key(self, demand: OnKey | OnColumn, columns: tuple[str, ...]) -> None:
        _refuse_settings(demand, "unique")
        if columns not in self.keys:
            self.keys.append(columns)
        self._weigh(f"key {', '.join(columns)}", demand)
        is_same = isinstance(demand, OnKey) and demand.counts_null
        self.named.update(columns if demand.severity == "error" else ())
        is_same = is_same or all(self._is_filled(column) for column in columns)
        self._carry(demand, "unique", "" if is_same else "rows whose key is NULL count too")

    def _row(self, demand: OnRow) -> None:
        filled = [self._is_filled(column) for column in demand.columns]
        is_of_all = {"all": True, "with any": any(filled), "with all": all(filled)}[demand.counted]
        if demand.tolerated and not is_of_all:
            raise NotCarried("its `mostly` passes over rows with NULL, and `allow` is of all rows")
        allow = percent(demand.tolerated) if demand.tolerated else ""
        name = self._add(
            WrittenRule(f"{demand.columns[0]} {demand.called}", demand.holds, demand.given, allow, demand.severity)
        )
        self.named.update(demand.columns if demand.severity == "error" else ())
        self._carry(demand, f"rules.{name}", "")

    def _count(self, demand: OnCount) -> None:
        _refuse_settings(demand, "rows")
        bounds = demand.bounds
        if self.rows is not None and bounds != self.rows:
            raise NotCarried("another rule says how many rows there are", f"write `rows: {_rows_text(bounds)}`")
        self.rows = bounds
        self._weigh("rows", demand)
        self._carry(demand, "rows", "")

    def _column_set(self, demand: OnColumns) -> None:
        _refuse_settings(demand, "columns")
        without_line = [column for column in demand.columns if not self._has_line(column)]
        missing = [column for column in without_line if not (not demand.closed and column in self.named)]
        if missing:
            named = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
            because = f"a column is known by its line, which begins with a type, and the suite has none for {named}"
            closed = ", then `closed: true`" if demand.closed else ""
            raise NotCarried(because, f"write a line `TYPE?` for each{closed}")
        if demand.closed and (
            more := [each for each in self.columns if self._has_line(each) and each not in demand.columns]
        ):
            raise NotCarried(f"other rules speak of {more[0]}, which is not among its columns")
        if demand.closed:
            self.is_closed = True
            self._weigh("closed", demand)
        self._carry(demand, "closed" if demand.closed else "columns", "")

    def _weigh(self, subject: str, demand: Demand) -> None:
        if self.severities.get(subject) != "error":
            self.severities[subject] = demand.severity

    def _exists(self, demand: OnColumn) -> None:
        if demand.given or self._has_line(demand.column):
            return  # told with its column
        if demand.severity == "error" and demand.column in self.named:
            self._carry(demand, "rules", "")
        else:
            because = "a column is known by its line, which begins with a type, and the suite has none for it"
            self._leave(demand, NotCarried(because, "write a line `TYPE?` for it"))

    def _has_line(self, column: str) -> bool:
        return column in self.columns and bool(self.columns[column].line)

    def _is_filled(self, column: str) -> bool:
        """The column is asked to have no NULL."""
        return null_share(self.asked.get(column, ())) == 0

    def _add(self, rule: WrittenRule) -> str:
        """Take the rule under a name of its own, which it answers; one that says the same is taken once."""
        plain = re.sub(r"[^a-z0-9]+", "_", rule.name.lower()).strip("_") or "rule"
        at = self.taken[plain] = self.taken.get(plain, 0) + 1
        name = plain if at == 1 else f"{plain}_{at}"
        while name in self.rules:
            name += "_"
        self.rules[name] = msgspec.structs.replace(rule, name=name)
        return name

    def _carry(self, demand: Demand, to: str, note: str) -> None:
        self.carried[Carried(demand.number, self.suite.rules[demand.number - 1].words, to, note)] = None

    def _leave(self, demand: Demand, reason: NotCarried) -> None:
        rule = self.suite.rules[demand.number - 1]
        column = demand.column if isinstance(demand, OnColumn) else rule.column
        self.left.append(Left(demand.number, rule.words, reason.because, column, reason.instead))

    def _halves(self) -> None:
        numbers = {each.number for each in self.carried}
        for number, rule in enumerate(self.suite.rules, 1):
            if rule.demands and number not in numbers:
                continue  # why nothing of it is carried over says more
            for half in rule.halves:
                self.left.append(Left(number, rule.words, half.because, rule.column, half.instead))

    def _all_left(self) -> tuple[Left, ...]:
        """In the order of the suite, each thing once; told to be a part where another part was carried."""
        numbers = {each.number for each in self.carried}
        found = (
            Left(each.number, each.rule, each.because, each.column, each.instead, each.number in numbers)
            for each in self.left
        )
        return tuple(sorted(dict.fromkeys(found), key=lambda each: each.number))

    def _notes(self) -> Iterator[str]:
        yield from self.suite.notes
        if assumed := [each.column for each in self.columns.values() if each.is_assumed and each.line]:
            yield f"the suite states no type for {', '.join(assumed)}: it follows from what is asked of it"


def _refuse_settings(demand: Demand, key: str) -> None:
    """``NotCarried`` where the demand speaks of some rows: what holds of all the data is asked whole."""
    if demand.given:
        raise NotCarried(f"`{key}` is asked of all rows, never of some")
    if demand.tolerated and key == "unique":
        raise NotCarried(REPEATS_COUNTED)
    if demand.tolerated:
        raise NotCarried(f"`{key}` is asked without exception")


def _rows_text(bounds: Bounds) -> str:
    return range_text(bounds, is_count=True)
