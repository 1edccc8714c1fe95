"""``assay data check --accept``: what findings propose, written into the files in which the rules stand.

All changes of a file are written at once, alone with it, and into what it says by then: a check takes its time, and other people and
commands change rules meanwhile. A rule that reads otherwise than when the data was checked is left and told.
"""

import codecs
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from assay.core.finding import Proposal
from assay.core.problem import Place
from assay.core.rules import Rules, parse_column
from assay.core.rules.writing import line_of
from assay.flows.data_check import Asked, Held, declared, under_file
from assay.flows.whole_file import replaced_whole
from assay.workspace import Workspace


class Change(msgspec.Struct, frozen=True):
    """A rule that was written anew, or is to be by hand."""

    says: str
    place: Place
    key: str
    line: str
    is_written: bool
    is_outdated: bool = False
    """The rule has changed since the data was checked: it was left, and the data is to be checked again."""


class _Wanted(msgspec.Struct, frozen=True):
    """What the findings on one dataset propose for one rule. The proposals build on one another."""

    asked: Asked
    key: str
    proposals: tuple[Proposal, ...]

    @property
    def place(self) -> Place:
        """Where the rule stood when the data was checked."""
        return self.asked.places[self.key]

    @property
    def line(self) -> str:
        """The rule with all that is proposed."""
        return self.proposals[-1].line

    def place_among(self, standing: Mapping[str, Asked]) -> Place | None:
        """Where the rule stands now; None where it reads neither as it was checked nor as it is proposed."""
        now = standing.get(self.asked.where)
        if now is None or self._reads(now.rules) not in (self._reads(self.asked.rules), self._proposed()):
            return None
        place = now.places.get(self.key)
        return None if place is None or place.file != self.place.file else place

    def _proposed(self) -> str:
        column = self.proposals[-1].column
        return self.line if column is None else line_of(parse_column(column, self.line))

    def _reads(self, rules: Rules) -> str:
        if self.key == "rows":
            return str(rules.rows)
        return next((line_of(rule) for rule in rules.columns if rule.column == self.proposals[-1].column), "")


def accept(workspace: Workspace, held: Sequence[Held], rules: str | None = None) -> tuple[Change, ...]:
    """Write what the findings propose, file by file; ``rules`` is the one that was named for the data. What cannot be written is told."""
    wanted = [each for one in held for each in _wanted(one)]
    changes: list[Change] = []
    for file in dict.fromkeys(each.place.file for each in wanted):
        changes += _accepted(workspace, [each for each in wanted if each.place.file == file], rules)
    return tuple(changes)


def _wanted(held: Held) -> Iterator[_Wanted]:
    by_key: dict[str, list[Proposal]] = {}
    for proposal in (finding.proposal for finding in held.report.findings):
        if proposal is not None:
            by_key.setdefault(proposal.key or f"columns.{proposal.column}", []).append(proposal)
    for key, proposals in by_key.items():
        if key in held.asked.places:
            yield _Wanted(held.asked, key, tuple(proposals))


def _accepted(workspace: Workspace, wanted: Sequence[_Wanted], rules: str | None) -> Iterator[Change]:
    """The changes of one file."""
    path = (workspace.root / wanted[0].place.file).resolve()  # a link to a file that is shared stays one
    lines: dict[Place, str] = {}
    with replaced_whole(path) as put:
        standing = _standing(workspace, wanted[0].asked.name, rules)
        for each in wanted:
            place = each.place_among(standing)
            if place is not None:
                lines.setdefault(place, each.line)
        written = _write_lines(path, lines, put)
    for each in wanted:
        place = each.place_among(standing)
        is_outdated = place is None or lines[place] != each.line
        yield Change(
            "; ".join(proposal.says for proposal in each.proposals),
            place or each.place,
            each.proposals[-1].column or each.proposals[-1].key,
            each.line,
            is_written=not is_outdated and place in written,
            is_outdated=is_outdated,
        )


def _standing(workspace: Workspace, data: str, rules: str | None) -> dict[str, Asked]:
    """The rules as their files have them now, by where they stand."""
    if rules is not None:
        return {"": under_file(workspace, data, rules)}
    return {asked.where: asked for asked in declared(Workspace(workspace.root, workspace.environ, workspace.on))}


def _write_lines(path: Path, lines: Mapping[Place, str], put: Callable[[bytes], None]) -> set[Place]:
    """Write each line at its place, and say where that could be: with the file's line ends and mark. From the last place to the
    first, as a line moves what stands behind it."""
    from assay.declare.rewrite import rewritten

    data = path.read_bytes()
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    text = data.removeprefix(mark).decode()
    written = set()
    for place in sorted(lines, key=lambda place: (place.line, place.column), reverse=True):
        found = rewritten(text, place, lines[place])
        if found is not None:
            text = found
            written.add(place)
    new = mark + text.encode()
    if new != data:
        put(new)
    return written
