"""A step's key: the digest of everything declared that decides about its result.

Content, never time: command, shell and folder, the digests of declared inputs, the values of the selected parameters, declared
environment variables, the names of secrets (never a value), the promised outputs, and the environment (lock file or packages,
Python, platform). What a step read without declaring it is not in the key; ``reuse.py`` compares it beside the key.
"""

from collections.abc import Mapping
from typing import Any

from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.digest import Digest
from assay.core.pipeline import CheckAction, RunAction, Step
from assay.core.release import Environment

KEY_SCHEMA = "assay.key/1"


def declared_key(
    step: Step, inputs: tuple[Artifact, ...], params: Mapping[str, Any], environment: Environment
) -> Digest | None:
    """The key of a ``run`` step with declared inputs or parameters; None for a step that always runs."""
    if not isinstance(step.action, RunAction) or step.always_runs:
        return None
    rare = {
        "params": params,
        "env": step.env,
        "secrets": sorted(step.secrets),
        "workdir": "" if step.workdir == "." else step.workdir,
        "shell": step.shell,
    }
    return value_digest(
        {
            "schema": KEY_SCHEMA,
            "command": step.action.command,
            "inputs": sorted((artifact.path, artifact.digest) for artifact in inputs),
            "outputs": sorted(step.promised),
            "environment": environment,
            **{name: value for name, value in rare.items() if value},
        }
    )


def check_key(action: CheckAction, datasets: tuple[Artifact, ...]) -> Digest:
    """The key of a ``check`` step: its rules, and the digests of what they are held against and of what they look into."""
    found = sorted((artifact.path, artifact.digest) for artifact in datasets)
    return value_digest({"schema": KEY_SCHEMA, "check": action, "datasets": found})


def settings_of(step: Step) -> dict[str, str]:
    """What decides beside command, inputs, outputs and parameters, by name: to say later which of it has changed."""
    found = {f"environment variable {name}": value for name, value in step.env}
    found |= {f"secret {name}": "" for name in step.secrets}
    if step.workdir != ".":
        found["folder"] = step.workdir
    if step.shell:
        found["shell"] = " ".join(step.shell)
    return found
