"""What Spark Connect finds on a file, as JSON: a process of its own, for one process is either a client or has a Spark of its own."""

import sys
from pathlib import Path

import msgspec
from both import found

from assay.adapters.engines.spark import SparkEngine
from assay.core.dataset import Values
from assay.core.problem import EvidenceError
from assay.core.rules import RowRule, Rules, parse_column

RULES = Rules(
    columns=(
        parse_column("id", "int < 5"),
        parse_column("name", "str? ~ '^a'"),
        parse_column("at", "time < 2013-01-02"),
    ),
    unique=(("id",),),
    row_rules=(RowRule("sum", "id * 2 < 9"),),
    slices=("name",),
)


def failure(query):
    try:
        with SparkEngine().open({"source": Values((1, 2))}) as opened:
            return opened.rows(query)
    except EvidenceError as error:
        return error.problem.code


if __name__ == "__main__":
    report = found(SparkEngine(), [Path(sys.argv[1])], RULES)
    failures = [
        failure(query)
        for query in (
            "SELECT nothing FROM source",
            "SELECT sum(c0) FROM source",
            "SELECT c0 + 9223372036854775807 FROM source",
        )
    ]
    sys.stdout.buffer.write(msgspec.json.encode([report.findings, failures]))
