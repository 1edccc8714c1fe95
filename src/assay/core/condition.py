"""Conditions under which a step runs: ``when: branch == 'main'``."""

import msgspec


class Condition(msgspec.Struct, frozen=True):
    """A condition as it was written; equal where the text is."""

    text: str


class RunFacts(msgspec.Struct, frozen=True):
    branch: str | None = None
    tag: str | None = None
    event: str | None = None


def holds(condition: Condition, facts: RunFacts) -> bool:
    raise NotImplementedError
