"""The decisions that a ledger holds, of any pipeline, with the rows that they saw, which the store keeps."""

from typing import TYPE_CHECKING

import msgspec

from assay.core.digest import Digest
from assay.core.events import Judged
from assay.core.problem import IntegrityError, NotFound
from assay.core.verdict import Charge, Verdict
from assay.workspace import Workspace

if TYPE_CHECKING:
    from assay.judge import AskedRows, Decision, Seen
    from assay.judge.observe import Bools


class EarlierDecisions:
    """Those on labelled rows. They are read once, and then only what was recorded since."""

    def __init__(self, workspace: Workspace, test_set: Digest) -> None:
        self._workspace = workspace
        self._test_set = test_set
        self._read_to = 0
        self._decisions: list[Decision] = []
        self._seen: dict[tuple[Digest, Digest | None], Seen | None] = {}

    def read(self) -> "tuple[int, list[Decision]]":
        """The head of the ledger, and all decisions up to there at least."""
        head, _ = self._workspace.ledger.head()
        for entry in self._workspace.ledger.entries(None, Judged, after=self._read_to):
            assert isinstance(entry.event, Judged)
            self._read_to = entry.seq
            if entry.event.verdict.charge is not None:
                self._decisions.append(self._decision(entry.seq, entry.event.verdict, entry.event.verdict.charge))
        return head, self._decisions

    def _decision(self, seq: int, verdict: Verdict, charge: Charge) -> "Decision":
        """Whatever names its rows now, who saw the same file saw all of them."""
        from assay.judge import Decision

        seen = None if verdict.test_set == self._test_set else self._rows_of(charge)
        return Decision(seq, verdict.decisions, verdict.passed, seen, is_open=verdict.reveal == "metrics")

    def _rows_of(self, charge: Charge) -> "Seen | None":
        named = charge.rows, charge.marks
        if named not in self._seen:
            self._seen[named] = _kept(self._workspace, charge)
        return self._seen[named]


def keep_rows(workspace: Workspace, rows: "AskedRows", which: "Bools") -> tuple[Digest, Digest]:
    """Where the store keeps what some rows are known by: their names, and the marks beside them."""
    from assay.judge import packed

    marks = msgspec.msgpack.encode(rows.marks(which))
    return workspace.store.add_bytes(packed(rows.keys[which])), workspace.store.add_bytes(marks)


def _kept(workspace: Workspace, charge: Charge) -> "Seen | None":
    """The rows of an earlier decision; None where the store has lost any of it: then it counts for all rows."""
    from assay.judge import Marks, Seen, unpacked

    read = workspace.store.read
    try:
        marks = None if charge.marks is None else msgspec.msgpack.decode(read(charge.marks), type=Marks)
        return Seen(unpacked(read(charge.rows)), marks)
    except (NotFound, IntegrityError):
        return None
