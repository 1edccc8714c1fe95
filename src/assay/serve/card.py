"""What is told about the release that answers: the essentials of its bill and record, in plain values. Pure."""

from datetime import UTC, datetime
from typing import Any

from assay.core.digest import short
from assay.core.release import Bill
from assay.core.verdict import Verdict
from assay.serve.live import Loaded


def describe_release(loaded: Loaded, live_since_s: float) -> dict[str, Any]:
    """The versions, the verdict, since when it answers, what must be said of it, and what its rows look like."""
    bill = loaded.bill
    return {
        "schema": "assay.live/1",
        "name": bill.name,
        "release": loaded.release.name,
        "bill": loaded.release.released.bill,
        "code_version": bill.code_version.text,
        "data": [dataset.label for dataset in bill.data],
        "model": bill.model.label,
        "verdict": _verdict_line(bill),
        "live_since": datetime.fromtimestamp(live_since_s, UTC).isoformat(),
        "marks": list(loaded.release.marks),
        "columns": [
            {"name": field.name, "type": field.type, "nullable": field.nullable} for field in bill.input_schema
        ],
        "id": loaded.id_column,
    }


def _verdict_line(bill: Bill) -> str:
    return "; ".join(_one_verdict(verdict) for verdict in bill.verdicts) or "none"


def _one_verdict(verdict: Verdict) -> str:
    against = "" if verdict.champion is None else f" against {verdict.champion_release} ({short(verdict.champion)})"
    sentences = ", ".join(f"{one.sentence} ({one.verdict})" for one in verdict.sentences)
    rested = f"on {verdict.rows} rows" if verdict.has_rows else f"[{verdict.protection}]"
    return f"{verdict.outcome} {rested}{against}: {sentences}"
