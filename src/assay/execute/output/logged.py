"""Read what ``assay.log_metric`` appended: one JSON object a line."""

import json
from collections.abc import Iterable

from assay.core.text import recordable_text
from assay.execute.output.series import Reported, SeriesCollector


def read_logged(lines: Iterable[bytes]) -> Reported:
    """The metrics that a script logged, of any number of lines in little memory. A line that was cut off, by a kill or a full disk, is passed over."""
    collected = SeriesCollector()
    for line in lines:
        try:
            entry = json.loads(line)
            name, value = recordable_text(str(entry["name"])), float(entry["value"])
        except (ValueError, TypeError, KeyError):
            continue
        collected.add(name, value)
    return collected.reported("logged")
