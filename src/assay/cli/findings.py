"""How findings are shown in a terminal: the answer first, then the broken rules with their rows, the warnings, and how many rules hold."""

import shutil
from collections.abc import Iterable, Iterator, Sequence

import click

from assay.cli.screen import Mark, faint, marked, say, strong
from assay.cli.terminal_lines import cells, cut, wrapped
from assay.core.counted import counted
from assay.core.finding import CheckReport, Finding
from assay.explain.findings import ToldRule, finding_facts, headline, outcome_of, told_rules
from assay.explain.findings.cells import are_numbers, columns_of, in_order, key_of, shown, telling_columns
from assay.explain.findings.facts import PROPOSAL, SINCE, WOULD_READ, Fact, say_detail, say_rule
from assay.explain.findings.told import Outcome, failing, of_outcome, worst_first
from assay.explain.findings.words import dataset_line
from assay.explain.texts import clipped

_MARKS: dict[Outcome, Mark] = {"broken": "failed", "warns": "warn", "holds": "ok"}
_COLOURS: dict[Outcome, str] = {"broken": "red", "warns": "yellow", "holds": "green"}
_WORD = len("broken  ")
_INDENT = 3
_NARROWEST = 30
_WHOLE = 12
"""So many failing rules are told with all their facts; of further ones what was seen."""
_NAMED = 40
_ROWS = 5
_MOST_COLUMNS = 8
_VALUES = 5
_LONGEST_CELL = 32


def show_findings(reports: Sequence[CheckReport], width: int | None = None, *, all_rules: bool = False) -> None:
    """Print ``finding_lines``, as wide as the terminal is where ``width`` is None."""
    for line in finding_lines(reports, width or shutil.get_terminal_size().columns, all_rules=all_rules):
        say(line)


def finding_lines(reports: Sequence[CheckReport], width: int, *, all_rules: bool = False) -> list[str]:
    """The findings in lines of at most ``width`` columns (never fewer than 30), with the colours that ``say`` takes away where none
    are wanted. ``all_rules`` tells those that hold as well, and every sample whole in rows."""
    return list(_Screen(max(_NARROWEST, width), all_rules=all_rules).lines(reports))


class _Screen:
    def __init__(self, room: int, *, all_rules: bool) -> None:
        self.room = room
        self.all_rules = all_rules
        self.whole = self.named = 10**9 if all_rules else 0

    def lines(self, reports: Sequence[CheckReport]) -> Iterator[str]:
        yield from self._answer(headline(reports), outcome_of(reports))
        if not self.all_rules:
            self.whole, self.named = _WHOLE, _NAMED
        for report in worst_first(reports):
            yield from self._dataset(report, is_alone=len(reports) == 1)

    def _answer(self, text: str, outcome: Outcome) -> Iterator[str]:
        first, *rest = wrapped(text, self.room - _INDENT)
        yield marked(_MARKS[outcome], strong(first))
        yield from (" " * _INDENT + strong(line) for line in rest)

    def _dataset(self, report: CheckReport, *, is_alone: bool) -> Iterator[str]:
        rules, path = told_rules(report), clipped(report.dataset.path, 200)
        if is_alone:
            yield from self._indented([path], faintly=True)
        else:
            yield ""
            yield from self._answer(f"{path}: {dataset_line(report)}", outcome_of([report]))
        for at, rule in enumerate(bad := failing(rules)):
            if self.whole > 0:
                self.whole -= 1
                yield ""
                yield from self._rule(rule, key_of(report))
            elif self.named > 0:
                self.named -= 1
                yield from [""] if self.named == _NAMED - 1 else []
                told = f"{say_rule(rule.rule)}: {say_detail(_failed(rule)[0])}"
                yield from self._head(rule, cut(told, self.room - _INDENT - _WORD))
            else:
                yield from self._indented([f"and {counted(len(bad) - at, 'more rule')}: --json has them all"])
                break
        yield from self._holding(of_outcome(rules, "holds"), is_spaced=bool(bad) or self.all_rules)

    def _holding(self, rules: Sequence[ToldRule], *, is_spaced: bool) -> Iterator[str]:
        """Of rules that hold their number is enough, unless all are wanted."""
        if rules and is_spaced:
            yield ""
        if self.all_rules:
            for rule in rules:
                details = "; ".join(say_detail(each) for each in rule.findings if each.detail)
                yield from self._head(rule, f"{say_rule(rule.rule)}{f': {details}' if details else ''}")
        elif rules and is_spaced:
            verb = "holds" if len(rules) == 1 else "hold"
            yield from self._head(rules[0], f"{len(rules):,} other {'rule' if len(rules) == 1 else 'rules'}", verb)

    def _head(self, rule: ToldRule, text: str, word: str = "") -> Iterator[str]:
        """The mark, its word, and the text beside them."""
        outcome = rule.outcome
        first, *rest = wrapped(text, self.room - _INDENT - _WORD)
        told = click.style((word or outcome).ljust(_WORD), fg=_COLOURS[outcome])
        yield marked(_MARKS[outcome], told + first)
        yield from (" " * (_INDENT + _WORD) + line for line in rest)

    def _rule(self, rule: ToldRule, key: Sequence[str]) -> Iterator[str]:
        head, *rest = self._head(rule, say_rule(rule.rule))
        yield head
        yield from rest
        for finding in _failed(rule):
            yield from self._indented(wrapped(say_detail(finding), self.room - _INDENT))
            facts = finding_facts(finding, 10 if self.all_rules else _VALUES)
            action = [fact for fact in facts if fact[0] in {PROPOSAL, WOULD_READ}]
            yield from self._facts([fact for fact in facts if fact not in action])
            yield from self._sample(finding, key)
            yield from self._facts(action)

    def _facts(self, facts: Sequence[Fact]) -> Iterator[str]:
        """Labels in a column, and beside them what they say; a label that repeats is not told again."""
        beside = _INDENT + len(SINCE) + 2
        before = ""
        for label, text in facts:
            first, *rest = wrapped(text, self.room - beside)
            yield " " * _INDENT + faint((label if label != before else "").ljust(beside - _INDENT)) + first
            yield from (" " * beside + line for line in rest)
            before = label

    def _sample(self, finding: Finding, key: Sequence[str]) -> Iterator[str]:
        """The first rows, in as many columns as are worth it and fit."""
        if not finding.sample:
            return
        rows = finding.sample if self.all_rules else finding.sample[:_ROWS]
        names = in_order(self._fitting(finding, rows, key), finding, key)
        table = [[shown(name, _LONGEST_CELL) for name in names]]
        table += [[shown(row.get(name), _LONGEST_CELL) for name in names] for row in rows]
        head, *lines = _aligned(table, [are_numbers(finding, name) for name in names], self.room - _INDENT - 2)
        yield from self._indented([head], faintly=True, by=_INDENT + 2)
        yield from self._indented(lines, by=_INDENT + 2)
        yield from self._indented(self._left_out(finding, len(rows), len(names)), faintly=True, by=_INDENT + 2)

    def _left_out(self, finding: Finding, rows: int, columns: int) -> Iterator[str]:
        """How much of the failing rows is shown here, and who has more."""
        all_rows, all_columns = max(finding.failing_rows, len(finding.sample)), len(columns_of(finding))
        counts = [(rows, counted(all_rows, "failing row")), (columns, counted(all_columns, "column"))]
        told = [f"{part:,} of {whole}" for part, whole in counts if f"{part:,}" != whole.split()[0]]
        has_more = rows < len(finding.sample) or columns < all_columns
        first = "the row" if len(finding.sample) == 1 else f"the first {len(finding.sample)} rows"
        more = f"; --json has {first} whole" if has_more else ""
        if told:
            yield from wrapped(f"{', '.join(told)}{more}", self.room - _INDENT - 2)

    def _fitting(self, finding: Finding, rows: Sequence[dict[str, object]], key: Sequence[str]) -> list[str]:
        """The columns that tell most, as many as fit."""
        chosen: list[str] = []
        left = self.room - _INDENT - 2
        for name in telling_columns(finding, key, _MOST_COLUMNS):
            texts = (shown(name, _LONGEST_CELL), *(shown(row.get(name), _LONGEST_CELL) for row in rows))
            left -= max(map(cells, texts)) + (2 if chosen else 0)
            if left >= 0 or not chosen:
                chosen.append(name)
        return chosen

    def _indented(self, lines: Iterable[str], *, by: int = _INDENT, faintly: bool = False) -> Iterator[str]:
        for line in lines:
            fitted = cut(line, self.room - by)
            yield " " * by + (faint(fitted) if faintly else fitted)


def _failed(rule: ToldRule) -> list[Finding]:
    return [finding for finding in rule.findings if not finding.passed]


def _aligned(rows: Sequence[Sequence[str]], to_the_right: Sequence[bool], room: int) -> Iterator[str]:
    """The rows of a table in columns, numbers to the right; the last column is cut where it leaves the room."""
    widths = [max(cells(row[at]) for row in rows) for at in range(len(to_the_right))]
    for row in rows:
        padded = [
            f"{blank}{cell}" if right else f"{cell}{blank}"
            for cell, width, right in zip(row, widths, to_the_right, strict=True)
            for blank in [" " * (width - cells(cell))]
        ]
        yield cut("  ".join(padded).rstrip(), room)
