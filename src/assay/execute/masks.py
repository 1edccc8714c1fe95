"""Secrets out of everything that is shown or recorded."""

import msgspec

from assay.core.run import StepResult

STARS = "*****"
LEAST_CHARACTERS = 4
"""A shorter value would blot out half of every log; whoever has such a secret has none."""


class Mask:
    """Replaces values by stars. One of no values changes nothing, and costs nothing."""

    def __init__(self, values: tuple[str, ...] = ()) -> None:
        lines = {line for value in values for line in (value, *value.splitlines()) if len(line) >= LEAST_CHARACTERS}
        self._values = sorted(lines, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without the values."""
        for value in self._values:
            text = text.replace(value, STARS)
        return text

    def result(self, result: StepResult) -> StepResult:
        """The result without the values, wherever in it they stand."""
        if not self._values:
            return result
        data = msgspec.json.encode(result)
        for value in self._values:
            data = data.replace(msgspec.json.encode(value)[1:-1], STARS.encode())
        return msgspec.json.decode(data, type=StepResult)
