"""The public interface as a user would write it; read by mypy, never run."""

from assay import __version__, log_metric

version: str = __version__
log_metric("accuracy", 0.93)
log_metric("loss", 0.25, step=3)
