"""Datasets none of whose rows may stand in this one."""

from assay.check.findings.cause import Judged
from assay.check.findings.keys import rows_finding
from assay.check.measured import Measured
from assay.core.counted import share
from assay.core.finding import Finding
from assay.core.rules import Terms


def is_shared(dataset: str, measured: Measured) -> bool:
    """Rows of the other dataset seem to stand in this one, so that more is asked of them."""
    return measured.count("shared", dataset) > 0


def apart_finding(dataset: str, terms: Terms, measured: Measured) -> Judged:
    """How many rows stand in the other dataset too. Where nothing can be compared that is a failure: nothing was shown."""
    line = f"apart_from: [{dataset}]"
    by, left_out = measured.value("compared by", dataset), measured.value("not compared", dataset)
    untold = f"; not by {left_out}" if left_out else ""
    if not by:
        why = (
            f"what both have cannot be compared: {left_out}"
            if left_out
            else "no column of one is a column of the other"
        )
        detail = f"it cannot be told from {dataset}: {why}"
        return Judged(Finding(line, False, terms.severity, detail, rows=measured.rows))
    shared = measured.count("shared", dataset)
    if not shared:
        return Judged(Finding(line, True, terms.severity, f"compared by {by}{untold}", rows=measured.rows))
    is_are = "stands" if shared == 1 else "stand"
    detail = f"{share(shared, measured.rows)} {is_are} in {dataset} too, compared by {by}{untold}"
    found = Finding(line, False, terms.severity, detail, None, shared, measured.rows)
    return rows_finding(found, terms, f"apart {dataset}", "shared")
