"""A metric that has no value on some rows."""

FINITE = "let predict answer a finite number for every row"
"""What to do about answers that are missing where a metric needs them all."""


class UndefinedMetric(ValueError):
    """The metric has no value on these rows. The message is a sentence that names the cause.

    ``code`` and ``fix`` are for a gate that refuses because of it. ``under_seal`` is the message without what only labels could
    tell beyond that a class is absent; empty where the message tells no more. ``is_of_every_part``: no part of the rows has a
    value either.
    """

    def __init__(
        self,
        because: str,
        code: str,
        fix: str = "mend what is told as the cause, or require another metric",
        *,
        under_seal: str = "",
        is_of_every_part: bool = False,
    ) -> None:
        super().__init__(because)
        self.code = code
        self.fix = fix
        self.under_seal = under_seal or because
        self.is_of_every_part = is_of_every_part


def listed(names: list[str]) -> str:
    """Names as a sentence has them: ``a, b and c``; of more than six the first five and how many others there are."""
    if len(names) > 6:
        names = [*names[:5], f"{len(names) - 5:,} others"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
