"""A step as the executor gets it: its words, its environment with the secrets that it names, its place, its limits."""

from assay.core.order import reads, touches
from assay.core.pipeline import RunAction, Step
from assay.core.ports import Task, Tracing
from assay.core.problem import Problem, UsageError
from assay.core.secrets import secret_names
from assay.execute import Mask, shell_words
from assay.flows.paths import file_name, run_folder
from assay.flows.running import RunOptions, token_prefix
from assay.flows.watched import Watched
from assay.workspace import HERE, Workspace


class Tasks:
    """How the steps of a run are put to the executor."""

    def __init__(self, workspace: Workspace, run: int, options: RunOptions) -> None:
        self._workspace = workspace
        self._environ = workspace.environ
        self._root = str(workspace.root)
        self._folder = str(run_folder(workspace, run))
        self._token = token_prefix(workspace, run)
        self._options = options
        secrets = secret_names(workspace.pipeline)
        self._mask = Mask(tuple(self._environ.get(name, "") for name in secrets))
        self._watched = Watched(workspace)
        self._common = {name: value for name, value in workspace.interpreter.environ.items() if name not in secrets}
        """What every step gets: no secret, whoever names it."""
        self._is_elsewhere = workspace.on != HERE
        self._declared = [path for step in workspace.pipeline.steps for path in (*step.inputs, *step.promised)]

    def task(self, step: Step) -> Task:
        assert isinstance(step.action, RunAction)
        file = file_name(step.name)
        return Task(
            name=step.name,
            command=step.action.command,
            folder=self._root if step.workdir == "." else f"{self._root}/{step.workdir}",
            environment=self._environment(step),
            log=f"{self._folder}/{file}.log",
            trace=f"{self._folder}/{file}.trace",
            token=f"{self._token}{file}",
            project=self._root,
            shell=shell_words(step.shell, self._environ),
            timeout_s=step.timeout_s,
            memory_bytes=step.resources.memory_bytes,
            tracing=_tracing(self._options, step),
            masked=step.secrets,
            watched=self._watched.by(step),
            resources=step.resources,
            inputs=step.inputs,
            foreign=self._foreign(step) if self._is_elsewhere else (),
        )

    def _foreign(self, step: Step) -> tuple[str, ...]:
        """What other steps declare and this one does not; nothing for a step that may read anything."""
        own = (*reads(step), *step.promised, *(() if step.workdir == "." else (step.workdir,)))
        others = dict.fromkeys(self._declared) if step.inputs else {}
        return tuple(path for path in others if not any(touches(path, mine) for mine in own))

    def mask(self, step: Step) -> Mask:
        """Of every step the same: what one has named, another may come by in a file."""
        return self._mask

    def _environment(self, step: Step) -> dict[str, str]:
        own = {**self._workspace.step_variables(step.name), **dict(step.env), **self._secrets(step)}
        return {**self._common, **own} if own else self._common

    def _secrets(self, step: Step) -> dict[str, str]:
        missing = next((name for name in step.secrets if not self._environ.get(name)), None)
        if missing is not None:
            raise UsageError(
                Problem(
                    "secret-missing",
                    f"the secret {missing} is not there",
                    (f"no environment variable {missing} is set, or it is empty",),
                    f"set it where Assay runs: export {missing}=...; in CI hand it to the job that runs Assay",
                    step=step.name,
                )
            )
        return {name: self._environ[name] for name in step.secrets}


def _tracing(options: RunOptions, step: Step) -> Tracing:
    if (options.trace or step.trace) == "off":
        return "off"
    return "strace" if options.is_deep else "python"
