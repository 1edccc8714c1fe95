"""Conditions under which a step runs: ``when: branch == 'main'``."""

import msgspec


class Condition(msgspec.Struct, frozen=True):
    """A condition as it was written; equal where the text is."""

    text: str
