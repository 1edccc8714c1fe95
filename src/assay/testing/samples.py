"""Small, valid events for tests, and the shortest ways to a champion."""

from assay.core.artifact import Artifact
from assay.core.digest import Digest, digest_of
from assay.core.events import Deployed, Entry, Event, Judged, Promoted, Released, RunEnded, RunStarted, StepEnded
from assay.core.plan import Plan
from assay.core.ports import Ledger
from assay.core.release import CodeVersion
from assay.core.run import StepResult
from assay.core.verdict import Outcome, Verdict
from assay.core.watch import BY_HAND

PIPELINE = "delays"


def digest(text: str) -> Digest:
    """A digest by a speaking name: ``digest("model of r1")``."""
    return digest_of(text.encode())


def artifact(path: str) -> Artifact:
    """A file at ``path`` whose bytes are the path itself."""
    return Artifact(path, digest(path), "file", len(path.encode()))


def run_started(run: int = 1) -> RunStarted:
    """Run number ``run`` begins, by hand, with an empty plan."""
    return RunStarted(run, BY_HAND, Plan(()), CodeVersion("1.4.0"), digest("assay.yaml"))


def run_ended(run: int = 1) -> RunEnded:
    """Run number ``run`` ended well."""
    return RunEnded(run, "ok", 0.5)


def step_ended(step: str = "train", run: int = 1, key: Digest | None = None) -> StepEnded:
    """A step of that run ended well."""
    return StepEnded(run, StepResult(step, "ok", "its inputs changed", exit_code=0, key=key, outputs=(artifact(step),)))


def judged(
    challenger: str, champion: str | None = None, champion_model: str | None = None, outcome: Outcome = "pass"
) -> Judged:
    """A verdict on the model ``challenger`` against the release ``champion`` with its model, both by speaking names."""
    return Judged(
        1,
        "gate",
        Verdict(
            outcome=outcome,
            sentences=(),
            gate=digest("gate"),
            test_set=digest("test set"),
            challenger=digest(challenger),
            champion=None if champion_model is None else digest(champion_model),
            champion_release=champion,
            rows=1000,
        ),
    )


def released(name: str, model: str, verdicts: tuple[int, ...] = (), override: str | None = None) -> Released:
    """The release ``name`` of the model with that speaking name."""
    return Released(name, 1, digest(f"bill of {name}"), digest(model), (artifact("data.csv"),), verdicts, override)


def champion_by_gate(
    ledger: Ledger, name: str, model: str, champion: str | None = None, champion_model: str | None = None
) -> Entry:
    """Let the release ``name`` pass its gate and become champion; the entry that made it so."""
    (verdict,) = ledger.append(PIPELINE, judged(model, champion, champion_model))
    entries = ledger.append(
        PIPELINE,
        released(name, model, (verdict.seq,)),
        Promoted(name, champion_seq(ledger), "release", verdict.seq),
    )
    return entries[-1]


def champion_seq(ledger: Ledger) -> int:
    """Sequence number of the last ``Promoted``; 0 where there is none."""
    return max((entry.seq for entry in ledger.entries(PIPELINE, Promoted)), default=0)


def one_of_each() -> tuple[Event, ...]:
    """A short life: a run with a step, a verdict, a release that becomes champion and is deployed, the run's end.

    Only for an empty ledger: the verdict must be event 3.
    """
    return (
        run_started(),
        step_ended(key=digest("key of train")),
        judged("model of r1"),
        released("r1", "model of r1", (3,)),
        Promoted("r1", 0, "release", 3),
        Deployed("r1", "deploy", 1),
        run_ended(),
    )
