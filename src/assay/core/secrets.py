"""Which environment variables are secret: their names. Values are in the environment of whoever runs Assay, and nowhere else."""

import re
from collections.abc import Mapping

from assay.core.pipeline import Notify, Pipeline

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def secret_names(pipeline: Pipeline) -> frozenset[str]:
    """All that a pipeline names as secrets: at the top of its file, in its steps, and to tell people."""
    steps = (name for step in pipeline.steps if step.secrets for name in step.secrets)
    return frozenset((*pipeline.secrets, *steps, *(name for each in pipeline.notify for name in secrets_of(each))))


def secrets_of(notify: Notify) -> tuple[str, ...]:
    """The variables of an address, which is a secret itself for most services, and the one that signs."""
    return (*variables_in(notify.url or ""), *((notify.secret,) if notify.secret else ()))


def variables_in(address: str) -> tuple[str, ...]:
    """The names of the variables of ``${NAME}`` in an address."""
    return tuple(_VARIABLE.findall(address))


def filled_in(address: str, environ: Mapping[str, str]) -> str:
    """The address with the values in place; all of its variables must be there."""
    return _VARIABLE.sub(lambda match: environ[match[1]], address)
