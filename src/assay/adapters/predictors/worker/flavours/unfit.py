"""The one exception of the flavours."""

from __future__ import annotations

from typing import Any


class Unfit(Exception):
    """The model or the rows do not fit: a code that Assay has words for, the facts, and what stands in those words."""

    def __init__(self, code: str, *because: str, **named: Any) -> None:
        super().__init__(code)
        self.code = code
        self.because = because
        self.named = named
