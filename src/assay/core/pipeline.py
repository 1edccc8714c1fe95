"""What assay.yaml declares: a Pipeline of Steps, the model that it is about, and what is watched.

Built from YAML by ``declare`` or in Python by hand; the two are equal where they say the same. Paths are as written,
relative to the project. ``matrix`` and ``${...}`` are gone: each combination is a step of its own, each value stands in place.
"""

from typing import Any, Literal, TypeAlias

import msgspec

from assay.core.condition import Condition
from assay.core.dataset import parse_dataset
from assay.core.digest import Digest
from assay.core.metrics import MetricSettings
from assay.core.problem import Place
from assay.core.rules import Rules
from assay.core.sentence import Sentence
from assay.core.verdict import Reveal

Opponent = Literal["champion", "archived"]


class RunAction(msgspec.Struct, frozen=True, tag="run"):
    """A command for the shell; several lines are one script."""

    command: str


class CheckAction(msgspec.Struct, frozen=True, tag="check"):
    """Rules on datasets; the step fails where a dataset breaks one of severity ``error``."""

    datasets: tuple[tuple[str, Rules], ...]
    """(dataset, rules) in file order: a path, a folder or a glob, whose files are one dataset, or a table of a database."""

    @property
    def rests_on_time(self) -> bool:
        """What it finds may change though no file has: rows grow old, and a database's server is asked."""
        return any(
            rules.fresh or not all(parse_dataset(each).is_local for each in (name, *rules.others))
            for name, rules in self.datasets
        )


class GateAction(msgspec.Struct, frozen=True, tag="gate"):
    """Sentences that a challenger must satisfy on rows that nothing else has seen."""

    data: str | None
    """None where ``metrics`` are compared instead of rows."""
    require: tuple[Sentence, ...]
    detect: float | None = None
    """The smallest gain worth finding, in the metric's unit; None: .02 for shares and indices, 5 % of the reference for amounts."""
    confidence: float = 0.95
    """The level of every sentence that has no ``at`` of its own."""
    metrics: str | None = None
    """A file of numbers to compare where there are no rows; such a pass protects nothing."""
    reveal: Reveal = "metrics"
    group: str | None = None
    """The column whose rows belong together: tests count its values, not rows."""
    time: str | None = None
    """The column of times; rows of one day belong together."""
    against: tuple[Opponent, ...] = ("champion",)
    min_rows: int = 100
    """A slice with fewer rows is pooled into ``other``."""
    settings: MetricSettings = MetricSettings()
    may_tell: tuple[str, ...] = ()
    """Columns that may give the label away."""

    @property
    def question(self) -> dict[str, Any]:
        """What is asked of the models, as plain values: by its digest a verdict is known again. What only lets a gate begin is no part."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        del found["may_tell"]
        return found


class ReleaseAction(msgspec.Struct, frozen=True, tag="release"):
    """Join code, data and model in a release."""


class DeployAction(msgspec.Struct, frozen=True, tag="deploy"):
    """Give the release of this run all of the live traffic."""


Action: TypeAlias = RunAction | CheckAction | GateAction | ReleaseAction | DeployAction
ActionName = Literal["run", "check", "gate", "release", "deploy"]


RetryCause = Literal["oom", "network", "timeout", "signal"]
TraceMode = Literal["warn", "strict", "off"]
"""What becomes of reads that a step does not declare: a warning, a failure, or they are not looked for."""
RunsWhen = Literal["changed", "always", "never"]
"""``never``: it counts as done, whatever has changed."""


class Retries(msgspec.Struct, frozen=True):
    """How often a step is tried, and after what it is tried again."""

    attempts: int = 1
    """In all, the first one included."""
    on: tuple[RetryCause, ...] = ()
    """Only after failures of these causes; empty: after any."""
    backoff_s: float = 1.0
    """Before the second attempt; doubled before each further one."""


class Resources(msgspec.Struct, frozen=True):
    """What a step takes of the machine while it runs."""

    cpus: float = 0.0
    """0: they are not counted."""
    gpus: int = 0
    memory_bytes: int | None = None
    """Of all its processes together; None: it is not counted and not limited."""


class ParamSelection(msgspec.Struct, frozen=True):
    """Keys of a file of parameters. Only their values enter the step's key."""

    path: str
    keys: tuple[str, ...] = ()
    """Dotted, such as ``train.rate``; empty: the whole file."""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step: exactly one action, and what it reads and writes."""

    name: str
    action: Action
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    """Files in which the step leaves its metrics; they are outputs too."""
    needs: tuple[str, ...] = ()
    params: tuple[ParamSelection, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    """(name, value) in the order of names; they enter the key."""
    secrets: tuple[str, ...] = ()
    """Environment variables that it alone gets. Names enter the key, values nothing at all."""
    workdir: str = "."
    """Where its command runs. Other paths of the step are relative to the project all the same."""
    shell: tuple[str, ...] = ()
    """The words before the command; empty: bash with ``-eo pipefail``, or ``sh -e`` where there is no bash.
    ``("$SHELL",)``: the caller's own shell, told to read none of its settings."""
    timeout_s: float | None = None
    """Of one attempt; of a gate, of one model's answer to all rows."""
    retries: Retries = Retries()
    resources: Resources = Resources()
    when: Condition | None = None
    """It is skipped where this does not hold."""
    trace: TraceMode = "warn"
    runs: RunsWhen | None = None
    """None: ``changed`` where it declares inputs or params, else ``always``."""
    is_free: bool = False
    """``needs: []`` is written: it waits only for what it names, and holds nothing, though it may declare nothing at all."""
    clears: tuple[str, ...] = ()
    """Of what it writes: removed before its command starts, as DVC does."""
    keeps: tuple[str, ...] = ()
    """Of what it writes: it may leave that as it was, where it finds it good."""
    cell_of: str | None = None
    """The declared step of which this is one combination of ``matrix`` or item of ``foreach``; its name then ends in ``@...``."""
    cell: tuple[tuple[str, Any], ...] = ()
    """(axis, value) of that combination."""

    @property
    def kind(self) -> ActionName:
        """The action's name, as in the file."""
        return ACTION_NAMES[type(self.action)]

    @property
    def always_runs(self) -> bool:
        """No earlier result ever stands for it."""
        return self.runs == "always" or (self.runs is None and not self.inputs and not self.params)

    @property
    def promised(self) -> tuple[str, ...]:
        """Every path that the step has promised to write."""
        return self.outputs + tuple(path for path in self.metrics if path not in self.outputs)


ACTION_NAMES: dict[type[Action], ActionName] = {
    RunAction: "run",
    CheckAction: "check",
    GateAction: "gate",
    ReleaseAction: "release",
    DeployAction: "deploy",
}


class ModelSpec(msgspec.Struct, frozen=True):
    """The model that the pipeline is about, and the columns that mean something."""

    path: str
    label: str | None = None
    id: str | None = None
    time: str | None = None
    predict: str | None = None
    """``file.py:function``; ``function(path)`` returns ``predict(columns)``. None: by the model's flavour."""


class Performance(msgspec.Struct, frozen=True):
    """When the live model counts as decayed."""

    metric: str
    decay: float
    """The share by which the metric may worsen against the champion's value on its gate rows: .15 for 15 %."""


class Retrain(msgspec.Struct, frozen=True):
    """What starts a run, and how often it may. Times are on the data's clock."""

    on: tuple[Literal["decay", "data"], ...] = ("decay",)
    cooldown_s: float = 0.0
    at_most: int | None = None
    per_s: float | None = None


class WatchSpec(msgspec.Struct, frozen=True):
    """What is measured on live rows, and what follows."""

    data: str
    """A path or glob of arriving batches, one file a batch."""
    labels: str | None = None
    """A path or glob of files with id and label, which may come later; None: the batches carry their labels."""
    performance: Performance | None = None
    retrain: Retrain | None = None


NoticeKind = Literal["failed", "refused", "decay", "drift", "rolled back"]


class Notify(msgspec.Struct, frozen=True):
    """Who is told, and of what: a command to run, or an address to post to; exactly one of the two."""

    run: str | None = None
    url: str | None = None
    """May name environment variables as ``${TEAM_WEBHOOK}``; they are looked up when it is used, and never recorded."""
    on: tuple[NoticeKind, ...] = ()
    """Empty: of everything."""
    secret: str | None = None
    """The environment variable whose value signs what is posted."""


class Pipeline(msgspec.Struct, frozen=True):
    """The whole loop of one project."""

    name: str
    steps: tuple[Step, ...]
    model: ModelSpec | None = None
    watch: WatchSpec | None = None
    notify: tuple[Notify, ...] = ()
    secrets: tuple[str, ...] = ()
    """Those that the file names at its top, whether a step names them or not."""
    ledger: str = ".assay/ledger.sqlite"
    store: str = ".assay/store"

    def step(self, name: str) -> Step:
        """The step of that name; ``KeyError`` where there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)


class Basis(msgspec.Struct, frozen=True):
    """A file beside assay.yaml on which the meaning of assay.yaml rests."""

    path: str
    digest: Digest | None
    """None: there was no such file."""


class Declaration(msgspec.Struct, frozen=True):
    """A file that was read: the pipeline, and where in the file its parts stand."""

    pipeline: Pipeline
    places: dict[str, Place]
    """By what stands there: ``name``, ``model.path``, ``steps.Train``, ``steps.Train.outputs``, ``steps.Train.outputs[0]``. Those
    of a cell lead to where its step is declared."""
    digest: Digest
    """Digest of the file's bytes."""
    rests_on: tuple[Basis, ...] = ()
    """Files of parameters that were looked into; where one has changed, the file must be read again."""
    params: dict[str, Any] = {}
    """Every selected parameter that was known when the file was read, as ``params.yaml:train.rate``; all of a file under its path."""
