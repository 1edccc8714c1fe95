"""All that is asked of one column, as one line, with rules on rows beside it for what the line cannot say.

A line has one tolerance and one severity. So it takes what may be broken by no row at all, with the column's severity; what may be
broken by some rows, or only warns, becomes a rule of its own. Where one tolerant demand is all there is, and no type was stated
that it would loosen, the line takes it: ``str? ~ '^N', nulls <= 5%, allow 9.5%``.

``mostly`` is a share of the rows that are not NULL, ``allow`` of all rows. They are the same where NULL is refused. Where at most a
share q may be NULL, ``allow`` is (1 - q) times as much, which never lets through more. Where nothing bounds the NULLs, no share
of all rows is as strict, and the demand is left.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from assay.check.suites.column_demands import is_empty
from assay.check.suites.demands import OnColumn
from assay.check.suites.line_text import clause, mistake_in, percent, reads
from assay.check.suites.nouns import NotCarried, WrittenRule
from assay.check.suites.sql_text import name
from assay.core.finding import Severity
from assay.core.rules import Bounds, ColumnType

_OF_ROWS = ("bounds", "set", "pattern", "length", "unique", "condition")
"""Slots that speak of single rows."""
_ORDER = ("bounds", "set", "pattern", "length", "unique", "mean", "stddev", "quantile")
_MERGED = ("bounds", "length", "mean", "stddev")
"""Slots of which two demands make one: the part that both ranges share."""
_FAMILIES = {"int": "number", "float": "number", "date": "moment", "time": "moment", "str": "text", "bool": "truth"}
"""Types whose values can be compared."""
REPEATS_COUNTED = "its `mostly` counts every row whose value stands twice, and `allow` those that repeat an earlier one"
_UNBOUNDED = "its `mostly` is of the rows that are not NULL, and `allow` is of all: nothing says how many may be NULL"


class Composed(msgspec.Struct):
    """A column's line, if it has a type, and what became of each demand: where it stands, or why it has no words."""

    column: str
    line: str = ""
    is_assumed: bool = False
    """The suite states no type: it follows from what is asked."""
    rules: list[tuple[OnColumn, WrittenRule]] = []
    carried: list[tuple[OnColumn, str]] = []
    """Demands that the line says, each with a note or nothing."""
    keys: list[OnColumn] = []
    """That the values are unique, where the line does not say it."""
    left: list[tuple[OnColumn, NotCarried]] = []


def composed(column: str, demands: Sequence[OnColumn]) -> Composed:
    """The line of a column, from all that is asked of it."""
    return _Column(column, demands).compose()


def null_share(demands: Iterable[OnColumn]) -> float | None:
    """The largest share of NULLs that a column may have; None where nothing bounds it."""
    bounds = [
        demand.value for demand in demands if demand.slot == "nulls" and demand.severity == "error" and not demand.given
    ]
    return min((share for share in bounds if isinstance(share, float)), default=None)


class _Column:
    def __init__(self, column: str, demands: Sequence[OnColumn]) -> None:
        self.column = column
        self.demands = [_with_null_share(demand) for demand in demands]
        self.found = Composed(column)
        self.nulls = null_share(self.demands)
        self.severity: Severity = "warn" if all(each.severity == "warn" for each in self.demands) else "error"
        stated = [each for each in self.demands if each.slot == "type" and not each.given]
        self.kind: ColumnType | None = next((each.value for each in stated if each.value), None)  # type: ignore[misc]
        self.is_stated = self.kind is not None
        if self.kind is None:
            self.kind = _assumed(self.demands) or ("str" if stated else None)
            self.found.is_assumed = self.kind is not None

    def compose(self) -> Composed:
        of_line, others = self._sorted_out()
        if self.kind is None:
            for demand in of_line:
                self._without_type(demand)
        else:
            self._write_line(of_line)
        for demand in others:
            self._apart(demand)
        return self.found

    def _sorted_out(self) -> tuple[list[OnColumn], list[OnColumn]]:
        """(demands that the line may say, those that need a rule of their own)."""
        of_rows = [demand for demand in self.demands if demand.slot in _OF_ROWS]
        is_alone = len(of_rows) == 1 and not self.is_stated and self.nulls is not None
        of_line: list[OnColumn] = []
        others: list[OnColumn] = []
        for demand in self.demands:
            is_tolerant = demand.tolerated and not (is_alone and demand.slot not in ("condition", "unique"))
            is_other = is_tolerant or demand.severity != self.severity or demand.given or demand.slot == "condition"
            is_said_anyway = demand.slot == "exists" and not demand.given
            (others if is_other and not is_said_anyway else of_line).append(demand)
        return of_line, others

    def _write_line(self, demands: list[OnColumn]) -> None:
        assert self.kind is not None
        clauses: dict[str, OnColumn] = {}
        for demand in demands:
            if demand.slot == "exists":
                self.found.carried.append((demand, ""))
            elif demand.slot == "type":
                self._type(demand)
            elif demand.slot != "nulls" and not self._took(demand, clauses):
                self._apart(demand)
        tolerant = next((each for each in clauses.values() if each.tolerated), None)
        self.found.line = self._line(clauses, self._nulls(demands), tolerant)
        mistake = mistake_in(self.column, self.found.line)
        assert mistake is None, f"{self.found.line}: {mistake}"

    def _type(self, demand: OnColumn) -> None:
        if demand.value is None and not self.is_stated:
            self.found.carried.append((demand, f"it may hold anything; {self.kind} is asked"))
        elif demand.value in (None, self.kind):
            self.found.carried.append((demand, ""))
        else:
            self.found.left.append(
                (demand, NotCarried(f"another rule asks for {self.kind}, and a column has one type"))
            )

    def _took(self, demand: OnColumn, clauses: dict[str, OnColumn]) -> bool:
        """Whether the line has a place for it; two ranges of the same become one."""
        assert self.kind is not None
        if not reads(demand, self.kind):
            return False
        place = clause("quantile", demand.value).split()[0] if demand.slot == "quantile" else demand.slot  # type: ignore[union-attr]
        known = clauses.get(place)
        if known is None or known.value == demand.value:
            clauses.setdefault(place, demand)
        else:
            shared = _shared(known, demand) if demand.slot in _MERGED else None
            if shared is None or not reads(shared, self.kind):
                return False
            clauses[place] = shared
        self.found.carried.append((demand, self._note(demand)))
        return True

    def _nulls(self, demands: list[OnColumn]) -> float | None:
        """The share of NULLs that the line names; 0 stands for a type without `?`, None for no limit."""
        shares = []
        for demand in demands:
            if demand.slot == "nulls" and isinstance(demand.value, float):
                shares.append(demand.value)
                self.found.carried.append((demand, ""))
        return min(shares, default=None)

    def _line(self, clauses: dict[str, OnColumn], nulls: float | None, tolerant: OnColumn | None) -> str:
        is_nullable = nulls != 0 or tolerant is not None  # a tolerance beside a plain type would let NULLs through
        said = [
            text
            for slot in _ORDER
            for demand in clauses.values()
            if demand.slot == slot and (text := clause(slot, demand.value, self.kind))
        ]
        if nulls is not None and is_nullable:
            said.append(f"nulls <= {percent(nulls)}")
        if tolerant is not None:
            said.append(f"allow {self._allow(tolerant)}")
        if self.severity == "warn":
            said.append("warn")
        return f"{self.kind}{'?' if is_nullable else ''}{' ' if said else ''}{', '.join(said)}"

    def _without_type(self, demand: OnColumn) -> None:
        """The column has no line: what speaks of its rows becomes a rule."""
        if demand.slot == "exists":
            pass  # whoever joins the columns knows whether a rule names it
        elif demand.slot == "unique":
            self.found.keys.append(demand)
        else:
            self._apart(demand)

    def _apart(self, demand: OnColumn) -> None:
        """A rule of its own, a key of its own where the values are to differ, or the reason why there is neither."""
        if demand.slot == "unique" and not demand.given and not demand.tolerated:
            self.found.keys.append(demand)
            return
        try:
            self.found.rules.append((demand, self._rule(demand)))
        except NotCarried as reason:
            self.found.left.append((demand, reason))

    def _rule(self, demand: OnColumn) -> WrittenRule:
        if not demand.holds or self._is_of_another_kind(demand):
            raise self._no_rule(demand)
        if demand.slot == "nulls":
            if demand.given and demand.value:
                raise NotCarried("its `mostly` is of the rows that meet its condition, and `allow` is of all")
            allow = percent(demand.value) if demand.value and isinstance(demand.value, float) else ""
        else:
            allow = self._allow(demand) if demand.tolerated else ""
        return WrittenRule(f"{self.column} {demand.called}", demand.holds, demand.given, allow, demand.severity)

    def _is_of_another_kind(self, demand: OnColumn) -> bool:
        """It compares values of the column with what no such value can be compared with."""
        implied = _implied(demand.slot, demand.value)
        return implied is not None and self.kind is not None and _FAMILIES[implied] != _FAMILIES[self.kind]

    def _no_rule(self, demand: OnColumn) -> NotCarried:
        said = clause(demand.slot, demand.value) or ("its type" if demand.slot == "type" else "that it is there")
        if self._is_of_another_kind(demand):
            mistake = mistake_in(self.column, f"{self.kind}? {said}")
            expected = f": expected {mistake.expected}" if mistake else ""
            return NotCarried(f"`{said}` is not asked of {self.kind}{expected}")
        if demand.given:
            return NotCarried(f"{said} is asked of all rows, never of some")
        if demand.tolerated and demand.slot == "unique":
            return NotCarried(
                REPEATS_COUNTED, f"write `unique, allow {percent(demand.tolerated)}`, if so many may repeat"
            )
        if demand.tolerated:
            return NotCarried(f"{said} is asked without exception, or with so many rows that may break the whole line")
        if demand.severity != self.severity:
            because = f"{said} only warns, where the column's other rules fail, and a line has one severity"
            return NotCarried(because, "add it to the column's line, if it may fail")
        if self.kind is None:
            return NotCarried(
                "the suite says no type for the column, which begins its line", f"write a line `TYPE? {said}`"
            )
        mistake = mistake_in(self.column, f"{self.kind}? {said}")
        if mistake is None:
            return NotCarried(f"the line has its {demand.slot} from another rule, and no place for a second")
        return NotCarried(f"`{self.kind}? {said}` does not read: expected {mistake.expected}")

    def _allow(self, demand: OnColumn) -> str:
        if demand.given:
            raise NotCarried("its `mostly` is of the rows that meet its condition, and `allow` is of all")
        if demand.holds == f"{name(self.column)} is null":
            return percent(demand.tolerated)  # of all rows there, too
        if self.nulls is None:
            raise NotCarried(_UNBOUNDED, self._instead(demand))
        return percent(float(f"{demand.tolerated * (1 - self.nulls):.10g}"))

    def _note(self, demand: OnColumn) -> str:
        """What is different now."""
        if demand.asks_for_a_value and self.nulls != 0:
            return "a column without a single value passes"
        if not demand.tolerated or not self.nulls:
            return ""
        return f"mostly is of the rows that are not NULL; {self._allow(demand)} of all rows is never more"

    def _instead(self, demand: OnColumn) -> str:
        said = clause(demand.slot, demand.value, self.kind)
        if said is None or self.kind is None:
            return "say how many may be NULL, or write `allow` as a share of all rows"
        return f"write `{self.kind}? {said}, allow {percent(demand.tolerated)}`, which is of all rows"


def _with_null_share(demand: OnColumn) -> OnColumn:
    """NULLs are tolerated by the share that the demand names, and by nothing besides."""
    if demand.slot != "nulls" or not demand.tolerated:
        return demand
    share = max(float(demand.value or 0.0), demand.tolerated)  # type: ignore[arg-type]
    return msgspec.structs.replace(demand, value=share, tolerated=0.0)


def _assumed(demands: Sequence[OnColumn]) -> ColumnType | None:
    """The type that values must have to be asked this: the widest that there is."""
    kinds = [kind for demand in demands if (kind := _implied(demand.slot, demand.value)) is not None]
    if "int" in kinds and "float" in kinds:
        return "float"
    return kinds[0] if kinds else None


def _implied(slot: str, value: Any) -> ColumnType | None:
    match slot, value:
        case "bounds", Bounds():
            return "time" if isinstance(value.low, str) or isinstance(value.high, str) else "float"
        case "set", (bool(), *_):
            return "bool"
        case "set", (str(), *_):
            return "str"
        case "set", tuple():
            return "int" if all(isinstance(each, int) for each in value) else "float"
        case (("pattern" | "length"), _):
            return "str"
        case (("mean" | "stddev" | "quantile"), _):
            return "float"
        case _:
            return None


def _shared(one: OnColumn, other: OnColumn) -> OnColumn | None:
    """The demand for what both ranges share; None where that is nothing."""
    assert isinstance(one.value, Bounds)
    assert isinstance(other.value, Bounds)
    low, low_open = _tighter(one.value.low, one.value.low_open, other.value.low, other.value.low_open, sign=1)
    high, high_open = _tighter(one.value.high, one.value.high_open, other.value.high, other.value.high_open, sign=-1)
    found = Bounds(low, high, low_open, high_open)
    return None if is_empty(found) else msgspec.structs.replace(one, value=found)


def _tighter(a: Any, a_open: bool, b: Any, b_open: bool, *, sign: int) -> tuple[Any, bool]:
    if a is None or b is None:
        return (b, b_open) if a is None else (a, a_open)
    if a == b:
        return a, a_open or b_open
    is_a = (a > b) == (sign > 0)
    return (a, a_open) if is_a else (b, b_open)
