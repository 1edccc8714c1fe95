"""From the ``run:`` steps of a GitHub workflow. What cannot be said in assay.yaml is left out whole and named, never bent."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assay.core.problem import DeclarationError, Problem, UsageError
from assay.declare import parse_params
from assay.flows.init.draft import Draft, DraftStep, Item, Note, Ready, ready
from assay.flows.init.github_language import NotOurs, condition, in_command, in_value, secret_of

FOLDER = ".github/workflows"
LONGEST_NAME = 100
SHELLS = ("sh", "python", "pwsh")
_SETS_UP = re.compile(
    r"(?:sudo\s+)?(?:python3?\s+-m\s+)?(?:pip3?|uv|poetry|conda|mamba|apt-get|apt|pipx|pdm|npm|brew)\s.*(?:install|sync|update|upgrade|create|venv).*"
)
_SPEAKS_TO_GITHUB = re.compile(r"GITHUB_(?:ENV|OUTPUT|PATH|STEP_SUMMARY|STATE)|^\s*echo ['\"]?::", re.MULTILINE)


def has_workflows(root: Path) -> bool:
    """There is a workflow with a ``run:`` step."""
    return bool(_with_steps(root))


def from_github(root: Path, file: str | None = None) -> Ready:
    """The steps of the one workflow that has some; of ``file`` where it is named."""
    if file is not None:
        return ready(_read(root, file))
    found = _with_steps(root)
    if len(found) != 1:
        names = ", ".join(found) or f"no file in {FOLDER} has a `run:` step"
        what = "there are several workflows" if found else "there is no workflow to start from"
        code = "several-workflows" if found else "nothing-to-start-from"
        fix = f"assay init --from github --file {found[0]}" if found else "assay init"
        raise UsageError(Problem(code, what, (names,), fix))
    return ready(_read(root, found[0]))


def _with_steps(root: Path) -> list[str]:
    files = sorted(path for path in (root / FOLDER).glob("*.y*ml") if path.is_file())
    paths = [path.relative_to(root).as_posix() for path in files]
    return [path for path in paths if any(_runs(job) for job in _jobs(_values(root, path)).values())]


def _values(root: Path, file: str) -> dict[str, Any]:
    try:
        data = (root / file).read_bytes()
    except OSError as error:
        fix = f"name a file below {FOLDER}"
        raise UsageError(Problem("no-such-workflow", f"cannot read {file}", (str(error.strerror),), fix)) from error
    values, problems = parse_params(data, file)
    if problems:
        raise DeclarationError(problems)
    return values


def _jobs(workflow: dict[str, Any]) -> dict[str, dict[str, Any]]:
    jobs = workflow.get("jobs")
    return {name: job for name, job in jobs.items() if isinstance(job, dict)} if isinstance(jobs, dict) else {}


def _runs(job: dict[str, Any]) -> list[dict[str, Any]]:
    steps = job.get("steps")
    found = steps if isinstance(steps, list) else []
    return [step for step in found if isinstance(step, dict) and isinstance(step.get("run"), str)]


def _read(root: Path, file: str) -> Draft:
    workflow = _values(root, file)
    jobs = _jobs(workflow)
    bearing = _Bearing(workflow, jobs)
    items = [item for name in _in_order(jobs) for item in bearing.items(name, jobs[name])]
    head = (
        f"Written by `assay init --from github` from {file}. Try it: assay plan --check, then assay run",
        "What stood there and is no step of a pipeline, or cannot be said here, is named where it stood.",
    )
    return Draft(file, tuple(items), head)


def _in_order(jobs: dict[str, dict[str, Any]]) -> list[str]:
    """The jobs, each after those that it needs."""
    done: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in jobs and name not in done and name not in above:
            for other in _needs(jobs[name]):
                visit(other, (*above, name))
            done.append(name)

    for name in jobs:
        visit(name, ())
    return done


def _needs(job: dict[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else [each for each in needs if isinstance(each, str)]


class _Bearing:
    """What stands for a whole workflow, and which step each job has ended with so far."""

    def __init__(self, workflow: dict[str, Any], jobs: dict[str, dict[str, Any]]) -> None:
        self._workflow = workflow
        self._is_one = sum(bool(_runs(job)) for job in jobs.values()) == 1
        self._last: dict[str, list[str]] = {}
        self._names: set[str] = set()

    def items(self, name: str, job: dict[str, Any]) -> Iterator[Item]:
        """The steps of a job and the notes on it."""
        title = job["name"] if isinstance(job.get("name"), str) and "${{" not in job["name"] else name
        before = [step for needed in _needs(job) for step in self._last.get(needed, [])]
        self._last[name] = before
        if "uses" in job:
            yield Note(f"job {name} uses {job['uses']}")
        for key in ("container", "services"):
            if key in job:
                yield Note(f"`{key}:` of job {name}: start what it needs yourself")
        try:
            keys = _of_job(job)
        except NotOurs as reason:
            yield Note(f"job {name}: {reason}")
            return
        steps = job.get("steps")
        for step in steps if isinstance(steps, list) else []:
            if not isinstance(step, dict):
                continue
            if not isinstance(step.get("run"), str):
                yield Note(f"uses: {step.get('uses', '?')}")
                continue
            found = self._item(name, title, job, step, keys, before)
            yield found
            if isinstance(found, DraftStep):
                before = [found.name]
                self._last[name] = before

    def _item(
        self, name: str, title: str, job: dict[str, Any], step: dict[str, Any], keys: dict[str, Any], before: list[str]
    ) -> Item:
        said = step["name"] if isinstance(step.get("name"), str) else step["run"].strip().splitlines()[0]
        label = " ".join((said if self._is_one else f"{title}: {said}").split())[: LONGEST_NAME - 4].strip()
        try:
            return self._step(self._distinct(label), job, step, keys, before)
        except NotOurs as reason:
            return Note(f"{label} ({reason})")

    def _step(
        self, label: str, job: dict[str, Any], step: dict[str, Any], keys: dict[str, Any], before: list[str]
    ) -> DraftStep:
        _refuse(step)
        command, named = in_command(step["run"])
        env, secrets = self._env(job, step)
        found: dict[str, Any] = {} if self._is_one else {"needs": before}
        found |= {key: value for key, value in keys.items() if key != "when"} | _when(keys, step)
        if env:
            found["env"] = env
        if named or secrets:
            found["secrets"] = sorted({*named, *secrets})
        found |= self._place(job, step, env)
        if isinstance(step.get("timeout-minutes"), int):
            found["timeout"] = f"{step['timeout-minutes']}m"
        self._names.add(label)
        return DraftStep(label, command, found)

    def _place(self, job: dict[str, Any], step: dict[str, Any], env: dict[str, str]) -> dict[str, str]:
        """Where it runs, and in what."""
        found = {}
        folder, shell = (self._default(job, step, key) for key in ("working-directory", "shell"))
        if folder.strip("./"):
            found["workdir"] = in_value(folder.removeprefix("./").rstrip("/"), env)
        if shell in SHELLS:
            found["shell"] = shell
        elif shell not in ("", "bash"):
            raise NotOurs(f"`shell: {shell}`")
        return found

    def _env(self, job: dict[str, Any], step: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
        """(variables, names of secrets): a secret is given under the name that it has there."""
        env: dict[str, str] = {}
        secrets: set[str] = set()
        for part in (self._workflow.get("env"), job.get("env"), step.get("env")):
            for name, value in (part if isinstance(part, dict) else {}).items():
                text = str(value).lower() if isinstance(value, bool) else str("" if value is None else value)
                env.pop(name, None)
                secrets.discard(name)
                if secret_of(text) is None:
                    env[name] = in_value(text, env)
                else:
                    secrets.add(name)
        return env, tuple(secrets)

    def _default(self, job: dict[str, Any], step: dict[str, Any], key: str) -> str:
        defaults = [each.get("defaults") for each in (job, self._workflow)]
        runs = [each.get("run") for each in defaults if isinstance(each, dict)]
        found = (each.get(key) for each in (step, *runs) if isinstance(each, dict) and each.get(key))
        return str(next(found, ""))

    def _distinct(self, label: str) -> str:
        found, number = label, 2
        while found in self._names:
            found, number = f"{label} {number}", number + 1
        return found


def _refuse(step: dict[str, Any]) -> None:
    """``NotOurs`` for what is no step of a pipeline, or would mean something else as one."""
    lines = [line.strip() for line in step["run"].splitlines() if line.strip()]
    if all(_SETS_UP.fullmatch(line) for line in lines):
        raise NotOurs("it sets up the machine: do that once, before assay run")
    if _SPEAKS_TO_GITHUB.search(step["run"]):
        raise NotOurs("it speaks to GitHub")
    if step.get("continue-on-error"):
        raise NotOurs(
            "`continue-on-error`: here a failure stops what waits for it; write `|| true` where that is meant"
        )


def _when(keys: dict[str, Any], step: dict[str, Any]) -> dict[str, str]:
    """The condition of the job and that of the step, together."""
    found = [each for each in (keys.get("when"), condition(str(step["if"])) if "if" in step else "") if each]
    joined = found[0] if len(found) == 1 else " and ".join(f"({each})" for each in found)
    return {"when": joined} if found else {}


def _of_job(job: dict[str, Any]) -> dict[str, Any]:
    """The keys that every step of a job gets. ``NotOurs`` for one whose steps cannot be said."""
    found: dict[str, Any] = {}
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    if matrix is not None:
        found["matrix"] = _matrix(matrix)
    when = condition(str(job["if"])) if "if" in job else ""
    if when:
        found["when"] = when
    if isinstance(job.get("timeout-minutes"), int):
        found["timeout"] = f"{job['timeout-minutes']}m"
    return found


def _matrix(matrix: Any) -> dict[str, Any]:
    if not isinstance(matrix, dict) or "include" in matrix:
        raise NotOurs("its matrix is computed, or has `include`; write it as `foreach:`")
    axes = {name: values for name, values in matrix.items() if name != "exclude"}
    for values in axes.values():
        is_plain = isinstance(values, list) and values and all(isinstance(each, str | int | float) for each in values)
        if not is_plain or any("${{" in str(each) for each in values):
            raise NotOurs("its matrix is computed, or holds more than single values")
    return axes | ({"exclude": matrix["exclude"]} if matrix.get("exclude") else {})
