"""A metric that has no value on some rows."""


class UndefinedMetric(ValueError):
    """The metric has no value on these rows. The message is a sentence that names the cause."""


def listed(names: list[str]) -> str:
    """Names as a sentence has them: ``a, b and c``; of more than six the first five and how many others there are."""
    if len(names) > 6:
        names = [*names[:5], f"{len(names) - 5:,} others"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
