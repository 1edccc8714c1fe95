"""Numbers, and the paths of models, from what a step left: printed lines, logged values, metrics files."""

from assay.execute.output.logged import read_logged
from assay.execute.output.metrics_file import read_metrics_file, read_no_numbers, read_numbers
from assay.execute.output.printed import Printed, read_output
from assay.execute.output.series import NotFinite, Reported

__all__ = [
    "NotFinite",
    "Printed",
    "Reported",
    "read_logged",
    "read_metrics_file",
    "read_no_numbers",
    "read_numbers",
    "read_output",
]
