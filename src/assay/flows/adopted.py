"""What DVC has done already, taken over: stages that dvc.lock shows to be current, and data that its cache still has.

A stage is current where its command, its parameters and the MD5 of everything that it reads are as recorded, and everything that it
writes is either here as recorded or in DVC's cache. It then has a result under our own key, so that no MD5 is taken again.
DVC's files are read and never written.
"""

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from math import isfinite
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any

import msgspec

from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.digest import Digest, digest_of
from assay.core.order import overlaps
from assay.core.pipeline import RunAction, Step
from assay.core.problem import AssayError, Problem
from assay.core.run import Metric, StepResult
from assay.execute import Past, declared_key, read_numbers
from assay.flows.params import Params
from assay.workspace import Workspace

if TYPE_CHECKING:  # the parser is loaded where DVC has something to say
    from assay.declare.dvc import LockedStage, Recorded

CURRENT = "current by dvc.lock; its MD5 was checked once"


class AdoptedPast:
    """Earlier results, and behind them those that DVC stands for."""

    def __init__(self, past: Past, adopted: tuple[StepResult, ...]) -> None:
        self._past = past
        self._adopted = adopted

    def of_key(self, key: Digest) -> Iterator[StepResult]:
        """Results under a key, newest first."""
        yield from self._past.of_key(key)
        yield from (result for result in self._adopted if result.key == key)

    def last_good(self, step: str) -> StepResult | None:
        """The step's last good result."""
        found = next((result for result in self._adopted if result.step == step), None)
        return self._past.last_good(step) or found

    def whole(self, result: StepResult) -> StepResult:
        """The result with all that is known of it."""
        return self._past.whole(result)

    def failed_in(self, step: str) -> int | None:
        """The last run in which it failed."""
        return self._past.failed_in(step)

    def run_that_made(self, output: Artifact) -> int | None:
        """The last run that is recorded to have left it."""
        return self._past.run_that_made(output)


class Adopted(msgspec.Struct, frozen=True):
    """The steps that dvc.lock shows to be current."""

    current: tuple[str, ...] = ()
    results: tuple[StepResult, ...] = ()
    """Of those that have none of our own yet."""


def adopt(workspace: Workspace, steps: tuple[Step, ...], past: Past) -> Adopted:
    """Which of ``steps`` (in an order in which they could run) dvc.lock shows to be current. Those that were once recorded
    are not looked at again while dvc.lock stays as it is."""
    if not steps or not workspace.has_dvc:
        return Adopted()
    found = tuple(_Adopting(workspace).results(steps))
    fresh = tuple(result for result in found if not any(each.is_good for each in past.of_key(result.key or Digest(""))))
    return Adopted(tuple(result.step for result in found), fresh)


def bring_data(workspace: Workspace, steps: tuple[Step, ...]) -> None:
    """Put back the data that these steps read, that ``.dvc`` files stand for, and that is in DVC's cache but not here."""
    for path, recorded in _lost(workspace, steps).items():
        if workspace.dvc_cache.has(recorded.name):
            place = workspace.files.locate(path)
            workspace.dvc_cache.restore(recorded.name, place)
            if recorded.is_executable:
                place.chmod(0o755)


def data_to_bring(workspace: Workspace, steps: tuple[Step, ...]) -> dict[str, Artifact]:
    """What ``bring_data`` would put back, by its path."""
    kept = {path: _kept(workspace, recorded, path) for path, recorded in _lost(workspace, steps).items()}
    return {path: artifact for path, artifact in kept.items() if artifact is not None}


def _kept(workspace: Workspace, recorded: "Recorded", path: str) -> Artifact | None:
    """What DVC's cache would put back at a path; the cache itself does not say what is executable."""
    kept = workspace.dvc_cache.kept(recorded.name, path)
    return msgspec.structs.replace(kept, mode="executable") if kept and recorded.is_executable else kept


def _lost(workspace: Workspace, steps: tuple[Step, ...]) -> dict[str, "Recorded"]:
    """What ``.dvc`` files stand for, that these steps read, and that is not here; by its path.

    The project is looked through for such files only where something may be lost: a source that is not here, or a folder.
    """
    if not steps or not workspace.has_dvc:
        return {}
    made = {path for step in workspace.pipeline.steps for path in step.promised}
    sources = {path for step in steps for path in step.inputs} - made
    wanted = [path for path in sources if not workspace.files.locate(path).is_file()]
    tracked = _tracked(workspace).items() if wanted else ()
    lost = {path: recorded for path, (_, recorded) in tracked if not workspace.files.locate(path).exists()}
    return {path: recorded for path, recorded in lost.items() if any(overlaps(path, read) for read in wanted)}


def explain_lost(workspace: Workspace, failed: StepResult) -> Problem | None:
    """Why a step that could not start lacks its data, where DVC knows of it; None for every other failure."""
    if failed.exit_code is not None or not workspace.has_dvc:
        return None
    step = workspace.pipeline.step(failed.step)
    lost = [path for path in step.inputs if not workspace.files.locate(path).exists()]
    for path, (file, recorded) in _tracked(workspace).items():
        if any(overlaps(path, read) for read in lost):
            because = f"{file} says that DVC tracks it ({recorded.name}), and the cache does not have it either"
            fix = f"dvc pull {file}, then assay run"
            return Problem("dvc-data-missing", f"{path} is not here", (because,), fix, step=failed.step)
    return None


def keep_outputs(workspace: Workspace, adopted: Adopted) -> None:
    """Take into the store what DVC's cache does not have (``cache: false``), so that it can be put back when it is lost."""
    outputs = (output for result in adopted.results for output in result.outputs)
    for output in outputs:
        if not workspace.store.has(output):
            workspace.store.add(workspace.files.locate(output.path), output.path)


def settle(workspace: Workspace, adopted: Adopted) -> None:
    """Remember that these are recorded."""
    if adopted.current:
        locks = _Locks(workspace)
        names = sorted({*locks.settled, *adopted.current})
        workspace.cache.remember(locks.memory, json.dumps(names).encode())


class _Locks:
    """The dvc.lock files of a project, each read once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stages: dict[str, dict[str, LockedStage]] = {}
        paths = sorted({_lock_of(step)[0] for step in workspace.pipeline.steps})
        self._data = {path: workspace.files.read(path) or b"" for path in paths}

    def stage(self, step: Step) -> "LockedStage | None":
        """What is recorded of a step."""
        path, name = _lock_of(step)
        if not self._data[path]:
            return None
        if path not in self._stages:
            from assay.declare.dvc import read_lock

            self._stages[path] = read_lock(self._data[path])
        return self._stages[path].get(name)

    @property
    def memory(self) -> str:
        """Where it is remembered which stages are recorded."""
        return f"dvc-settled/{value_digest({path: digest_of(data) for path, data in self._data.items()})}"

    @cached_property
    def settled(self) -> frozenset[str]:
        """The steps of which dvc.lock has nothing more to say."""
        try:
            return frozenset(json.loads(self._workspace.cache.recall(self.memory) or b"[]"))
        except (ValueError, TypeError):
            return frozenset()  # a cache may hold anything


class _Adopting:
    """Goes through the steps in order; what one will put back counts as there for the next."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._locks = _Locks(workspace)
        self._params = Params(workspace)
        self._coming: dict[str, tuple[str, Artifact]] = {}
        """(name, artifact) by path of what is not here and will be put back."""

    def results(self, steps: tuple[Step, ...]) -> Iterator[StepResult]:
        settled = self._locks.settled
        fresh = [step for step in steps if step.name not in settled and step.runs != "never" and not step.always_runs]
        pending = {step.name: locked for step in fresh if (locked := self._locks.stage(step)) and locked.is_whole}
        if pending:
            for path, recorded in _lost(self._workspace, tuple(fresh)).items():
                self._expect(path, recorded)
        for step in fresh:
            result = self._result(step, pending[step.name]) if step.name in pending else None
            if result is not None:
                yield result

    def _result(self, step: Step, locked: "LockedStage") -> StepResult | None:
        """Cheap things first: the MD5 of data is taken only where all else agrees."""
        from assay.declare.dvc import commands_of, script

        if not isinstance(step.action, RunAction) or script(commands_of(locked.cmd)) != step.action.command:
            return None
        deps, outs = _placed(locked.deps, step), _placed(locked.outs, step)
        if set(deps) != set(step.inputs) or set(outs) != set(step.promised):
            return None
        try:
            params = self._params.selected(step)
        except AssayError:
            return None
        if params != _locked_params(locked, step):
            return None
        inputs = self._all(deps, self._read)
        outputs = None if inputs is None else self._all(outs, self._written)
        if inputs is None or outputs is None:
            return None
        key = declared_key(step, inputs, params, self._workspace.environment)
        metrics = tuple(metric for path in step.metrics for metric in self._metrics(path))
        command = step.action.command
        return StepResult(
            step.name,
            "reused",
            CURRENT,
            key=key,
            inputs=inputs,
            outputs=outputs,
            metrics=metrics,
            params=params,
            command=command,
        )

    def _all(
        self, recorded: dict[str, "Recorded"], find: Callable[[str, "Recorded"], Artifact | None]
    ) -> tuple[Artifact, ...] | None:
        """What is there, each as recorded; None at the first that is not."""
        found = []
        for path, each in recorded.items():
            artifact = find(path, each)
            if artifact is None:
                return None
            found.append(artifact)
        return tuple(found)

    def _read(self, path: str, recorded: "Recorded") -> Artifact | None:
        return self._standing(path, recorded) or self._expected(path, recorded)

    def _written(self, path: str, recorded: "Recorded") -> Artifact | None:
        return self._standing(path, recorded) or self._expect(path, recorded)

    def _standing(self, path: str, recorded: "Recorded") -> Artifact | None:
        files = self._workspace.files
        artifact = files.artifact(path)
        if artifact is None or recorded.size_bytes not in (None, artifact.size_bytes):
            return None
        if not self._workspace.dvc_cache.agrees(files.locate(path), recorded.name):
            return None
        self._workspace.dvc_cache.link(artifact.digest, recorded.name)
        return artifact

    def _expect(self, path: str, recorded: "Recorded") -> Artifact | None:
        """It will be put back from DVC's cache, if that has it."""
        kept = _kept(self._workspace, recorded, path)
        if kept is not None:
            self._coming[path] = (recorded.name, kept)
        return kept

    def _expected(self, path: str, recorded: "Recorded") -> Artifact | None:
        """What will be put back at a path, or in a folder that will be."""
        if self._workspace.files.locate(path).exists():
            return None
        for coming, (name, artifact) in self._coming.items():
            if coming == path:
                return artifact if name == recorded.name else None
            if (
                path.startswith(f"{coming}/")
                and self._workspace.dvc_cache.within(name, path[len(coming) + 1 :]) == recorded.name
            ):
                return self._workspace.dvc_cache.kept(recorded.name, path)
        return None

    def _metrics(self, path: str) -> Iterator[Metric]:
        data = self._workspace.files.read(path)
        try:
            numbers = {} if data is None else read_numbers(path, data)
        except AssayError:
            numbers = {}
        return (Metric(name, value, source=path) for name, value in numbers.items() if isfinite(value))


def _lock_of(step: Step) -> tuple[str, str]:
    """(path of its dvc.lock, its name there): a stage of another dvc.yaml goes by ``folder/dvc.yaml:name``."""
    file, _, name = step.name.rpartition("dvc.yaml:")
    return f"{file}dvc.lock", name


def _locked_params(locked: "LockedStage", step: Step) -> dict[str, Any]:
    """The recorded values, named as ``Params.selected`` names them."""
    found: dict[str, Any] = {}
    whole = {selection.path for selection in step.params if not selection.keys}
    for name, values in locked.params.items():
        path = _beside(step, name)
        found |= {path: values} if path in whole else {f"{path}:{key}": each for key, each in values.items()}
    return found


def _placed(recorded: "tuple[Recorded, ...]", step: Step) -> dict[str, "Recorded"]:
    return {_beside(step, each.path): each for each in recorded}


def _beside(step: Step, path: str) -> str:
    """A path of a stage as the project has it: DVC's are relative to the stage's folder."""
    return normpath(join(step.workdir, path))


def _tracked(workspace: Workspace) -> dict[str, tuple[str, "Recorded"]]:
    """(.dvc file, what it says) of all data that one stands for, by its path."""
    from assay.declare.dvc import read_tracked

    found = {}
    for file in workspace.files.expand("**/*.dvc"):
        for recorded in read_tracked(workspace.files.read(file) or b""):
            found[normpath(join(dirname(file), recorded.path))] = (file, recorded)
    return found
