"""Hold the last line of ``assay demo --exit --json`` (standard input) to what the README promises."""

import json
import sys

report = json.loads(sys.stdin.readlines()[-1])
months = {month["month"]: month for month in report["months"]}
broken = [
    claim
    for claim, holds in {
        "the schema is assay.demo/1": report["schema"] == "assay.demo/1",
        "all twelve months are there": sorted(months) == list(range(1, 13)),
        "at least two releases follow the first": len(report["releases"]) >= 3,
        "at least one retrained model was refused": len(report["refusals"]) >= 1,
        "June to September are at least 25 % better with retraining": all(
            months[month]["mae"] <= 0.75 * months[month]["mae_without_retraining"] for month in (6, 7, 8, 9)
        ),
        "a PSI alarm at .13 would have seen nothing": all(month["psi"] < 0.13 for month in months.values()),
    }.items()
    if not holds
]
sys.exit("\n".join(f"the demo does not show that {claim}" for claim in broken) or 0)
