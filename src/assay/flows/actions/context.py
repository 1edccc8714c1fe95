"""One run while it goes on: its number, and what its checks, gate and release have found so far."""

import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from assay.core.artifact import Artifact
from assay.core.events import Entry, Event
from assay.core.pipeline import ModelSpec, Pipeline
from assay.core.problem import EvidenceError, Problem
from assay.core.table import Schema
from assay.execute import StandingStep
from assay.flows.releases import SCORING_LIMIT_S, snapshot_code
from assay.flows.results import LedgerPast
from assay.workspace import Workspace


class RunContext:
    """What the actions of one run share."""

    def __init__(
        self,
        workspace: Workspace,
        run: int,
        last: Mapping[str, StandingStep],
        *,
        is_first: bool,
        is_forced: bool,
        override: str | None,
    ) -> None:
        self.workspace = workspace
        self.run = run
        self._last = last
        self.is_first = is_first
        """``--first``: an empty ledger is meant to be empty."""
        self.is_forced = is_forced
        """``--force``: steps and checks run even where nothing has changed."""
        self.override = override
        """The reason given to ``--override``; None without it."""
        self.datasets: list[Artifact] = []
        """Every file that was checked or judged on."""
        self.verdicts: list[int] = []
        self.judged: Artifact | None = None
        """The model that the gate judged."""
        self.is_overridden = False
        """A gate did not pass, and the run went on for the given reason."""
        self.is_champion_already = False
        """The model is the champion's: nothing to judge, release or deploy."""
        self.input_schema: Schema = ()
        self.ignores: tuple[str, ...] = ()
        """Columns of the gate's rows that the model takes no notice of."""
        self.release: str | None = None
        self.scoring_limit_s = SCORING_LIMIT_S
        """So long may a model take to answer all rows of the gate that is judged now."""

    @property
    def pipeline(self) -> Pipeline:
        return self.workspace.pipeline

    @property
    def model(self) -> ModelSpec:
        """The model section, which a gate, a release and a deployment need."""
        if self.pipeline.model is None:
            raise EvidenceError(
                Problem(
                    "no-model-section",
                    "assay.yaml does not say which model this is about",
                    ("gate, release and deploy need the section `model:`",),
                    "add `model: {path: ...}` to assay.yaml",
                )
            )
        return self.pipeline.model

    @cached_property
    def past(self) -> LedgerPast:
        """Earlier results of the pipeline's steps."""
        return LedgerPast(self.workspace.ledger, self.pipeline.name, self._last)

    @cached_property
    def code(self) -> Artifact:
        """The code as it is now, kept once a run: what is judged is what is released."""
        with tempfile.TemporaryDirectory(prefix="assay-code-") as folder:
            return snapshot_code(self.workspace, Path(folder))

    def challenger(self) -> Artifact | None:
        """The model that this run made, kept in the store; None where it is not there."""
        path = self.model.path
        if self.workspace.files.artifact(path) is None:
            return None
        return self.workspace.store.add(self.workspace.files.locate(path), path)

    def narrow(self, reads: frozenset[str] | None) -> None:
        """Keep of the input schema what the model is known to read; all of it where that is not known, or is nothing."""
        if reads:
            self.ignores = tuple(field.name for field in self.input_schema if field.name not in reads)
            self.input_schema = tuple(field for field in self.input_schema if field.name in reads)

    def record(self, *events: Event, after: int | None = None) -> tuple[Entry, ...]:
        """Append to the ledger, all or nothing, durably; the door may refuse. With ``after``, only if nothing came since."""
        return self.workspace.ledger.append(self.pipeline.name, *events, after=after)
