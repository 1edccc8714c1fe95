"""Releases: one bill of materials, named by its digest, and known to people as r1, r2, ...

Identical inputs give an identical bill: no time, machine, person or run number enters. Those are in the events around it.
"""

from typing import Any

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.table import Schema
from assay.core.verdict import Verdict

BILL_SCHEMA = "assay.bill/1"


class CodeVersion(msgspec.Struct, frozen=True):
    """The code's semantic version, from git, over everything but assay.lock and data."""

    text: str
    """``1.4.0+3.g91bc2e.dirty``; ``0.0.0+nogit`` where there is no git."""
    commit: str | None = None
    dirty: bool = False


LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "requirements.lock", "requirements.txt")
"""Files that say which packages there should be; the first that is there counts."""


class Environment(msgspec.Struct, frozen=True):
    """Where the steps ran, as far as it decides about results."""

    python: str
    platform: str
    lock: Digest | None = None
    """Digest of the lock file (uv.lock, poetry.lock, requirements.txt); None where there is none."""
    packages: Digest | None = None
    """Where there is no lock file: digest of the names and versions of all that is installed."""

    def change_since(self, before: "Environment") -> str:
        """What of it is different, in a few words; empty where nothing is."""
        for name, then, now in (("Python", before.python, self.python), ("platform", before.platform, self.platform)):
            if then != now:
                return f"{name} changed: {then} -> {now}"
        if self.lock != before.lock:
            if self.lock is None:
                return f"there is no lock file any more, none of {', '.join(LOCK_FILES)}"
            return "the lock file changed" if before.lock else "there is a lock file now"
        return "what is installed changed" if self.packages != before.packages else ""


class Bill(msgspec.Struct, frozen=True):
    """All that a release is made of."""

    name: str
    """The pipeline's name."""
    code_version: CodeVersion
    code: Artifact
    """The code itself, as a folder in the store: what predicts with the model when the work tree has moved on."""
    data: tuple[Artifact, ...]
    model: Artifact
    environment: Environment
    predict: str | None
    """``file.py:function`` below the code, or the flavour by which the model is loaded: ``flavour:onnx``. None where neither is
    known: then nothing can be predicted."""
    input_schema: Schema
    verdicts: tuple[Verdict, ...]
    metrics: dict[str, float]
    parents: tuple[Digest, ...]
    """Bills of the champion at the time; empty for the first."""
    params: dict[str, Any] = {}
    ignores: tuple[str, ...] = ()
    """Columns of the gate's rows that the model takes no notice of, as its flavour tells: rows may have them."""
    schema: str = BILL_SCHEMA

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """Everything whose bytes the store must hold."""
        return (self.code, *self.data, self.model)
