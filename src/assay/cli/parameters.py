"""Values that options take, beyond what click knows: each is a callback that reads the text, or says what would have been right."""

from collections.abc import Callable
from typing import TypeAlias

import click

from assay.core.number_text import level_of, number_of

Reads: TypeAlias = Callable[[click.Context, click.Parameter, str | None], float | None]


def share(low: float = 0.0, high: float = 1.0) -> Reads:
    """``5%`` or ``0.05``, as .05; within both ends."""

    def read(ctx: click.Context, param: click.Parameter, text: str | None) -> float | None:
        value = None if text is None else number_of(text)
        if text is not None and (value is None or not low <= value <= high):
            ends = f"{100 * low:.12g}% to {100 * high:.12g}%"
            raise click.BadParameter(f"{text!r} is no share from {ends}", ctx, param)
        return value

    return read


def level(ctx: click.Context, param: click.Parameter, text: str | None) -> float | None:
    """``99%``, as .99."""
    value = None if text is None else level_of(text)
    if text is not None and (value is None or not 0.5 < value < 1):
        said = f"a level is over 50% and below 100%, such as 99%; this is {text!r}"
        raise click.BadParameter(said, ctx, param)
    return value


def number_or_share(ctx: click.Context, param: click.Parameter, text: str | None) -> float | None:
    """``14.2``, or ``90%`` as .9."""
    value = None if text is None else number_of(text)
    if text is not None and value is None:
        raise click.BadParameter(f"{text!r} is no number, such as 14.2 or 90%", ctx, param)
    return value


def over_0(ctx: click.Context, param: click.Parameter, text: str | None) -> float | None:
    """``0.02``, or ``2%`` as .02; finite, over 0."""
    value = None if text is None else number_of(text)
    if text is not None and (value is None or value <= 0):
        raise click.BadParameter(f"{text!r} is no finite number over 0", ctx, param)
    return value


def low_and_high(ctx: click.Context, param: click.Parameter, text: str | None) -> tuple[float, float] | None:
    """``0,5``, as two numbers of which the first is lower."""
    if text is None:
        return None
    ends = [number_of(part) for part in text.split(",")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] >= ends[1]:
        raise click.BadParameter(f"{text!r} is no range: two numbers, the lower first, such as 0,5", ctx, param)
    return ends[0], ends[1]
