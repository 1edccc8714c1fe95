"""Assay: CI/CD for machine learning."""

__version__ = "0.1.0"

__all__ = ["__version__", "log_metric"]


def log_metric(name: str, value: float, step: int | None = None) -> None:
    """Make ``value`` a metric of the step that runs this script; outside a run, nothing.

    The last value of a name stands; all of them, in the order of the calls, are kept as its series. ``value`` may be
    anything that ``float()`` takes, such as numpy's and PyTorch's numbers; NaN and infinities are not recorded. ``step``,
    an epoch say, is noted beside the value. ``ValueError`` or ``TypeError`` for what is no name, number or whole step; a
    full disk is no error.
    """
    import json
    import os

    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"a metric needs a name, such as 'accuracy'; this is {name!r}")
    if step is not None and not hasattr(step, "__index__"):
        raise TypeError(f"a step is a whole number; this is {step!r}")
    number = float(value)
    path = os.environ.get("ASSAY_METRICS")
    if not path or number - number != 0.0:  # false for every finite number
        return
    entry = {"name": name.strip(), "value": number, "step": None if step is None else int(step)}
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            os.write(descriptor, json.dumps(entry).encode() + b"\n")
        finally:
            os.close(descriptor)
    except OSError:  # a metric that cannot be noted must not end hours of training
        pass
