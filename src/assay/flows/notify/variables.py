"""``${NAME}`` in an address: looked up when it is used."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def variables_in(address: str) -> tuple[str, ...]:
    """The names of the variables in it."""
    return tuple(_VARIABLE.findall(address))


def filled_in(address: str, environ: Mapping[str, str]) -> str:
    """The address with the values in place; all of its variables must be there."""
    return _VARIABLE.sub(lambda match: environ[match[1]], address)
