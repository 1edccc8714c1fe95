"""A step's key: the digest of everything declared that decides about its result.

Content, never time: command, shell and folder, the digests of declared inputs, the values of the selected parameters, the
promised outputs, and the environment (lock file, Python, platform). What a step read without declaring it is not in the key; ``reuse.py`` compares it beside the key.
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
    step: Step, inputs: tuple[Artifact, ...], environment: Environment, params: Mapping[str, Any] | None = None
) -> Digest | None:
    """The key of a ``run`` step with declared inputs; None for a step that always runs."""
    if not isinstance(step.action, RunAction) or step.always_runs:
        return None
    rare = {"params": params, "workdir": step.workdir.removeprefix("."), "shell": step.shell}
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
    """The key of a ``check`` step: its rules, and the digests of what they are held against."""
    found = sorted((artifact.path, artifact.digest) for artifact in datasets)
    return value_digest({"schema": KEY_SCHEMA, "check": action, "datasets": found})
