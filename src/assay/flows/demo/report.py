"""What the demo found, month by month."""

import msgspec


class DemoRelease(msgspec.Struct, frozen=True):
    """A release of the year."""

    release: str
    month: int
    """Whose data it was trained on."""
    run: int
    mae: float | None
    """On its gate rows, in minutes."""
    reason: str


class Refusal(msgspec.Struct, frozen=True):
    """A retrained model that the gate did not let pass."""

    month: int
    run: int
    trigger: str
    verdict: str
    reason: str


class Month(msgspec.Struct, frozen=True):
    """A month's flights, as predicted before any of their labels was known; January: on the rows held out for the gate."""

    month: int
    rows: int
    mae: float
    """Minutes, with retraining: by the release that was live when the month began."""
    mae_without_retraining: float
    """Minutes, by January's model."""
    release: str
    """Which release predicted."""
    interval: tuple[float, float] | None
    limit: float | None
    state: str
    psi: float
    """The largest index of any input against January."""


class DemoReport(msgspec.Struct, frozen=True):
    """The year."""

    folder: str
    releases: tuple[DemoRelease, ...]
    refusals: tuple[Refusal, ...]
    months: tuple[Month, ...]
    seconds: float
    chart: str
    """The picture's path."""
