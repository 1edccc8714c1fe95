"""All findings on a dataset, in the order of its rules."""

from collections.abc import Iterator

from assay.check.findings.apart import apart_finding, is_shared
from assay.check.findings.cause import Judged
from assay.check.findings.column import broken_quantiles, column_findings, misses
from assay.check.findings.keys import DISTINCT, distinct_rows_finding, key_finding, wants_repeats
from assay.check.findings.named import named_in_vain
from assay.check.findings.row import row_finding
from assay.check.findings.whole import fresh_finding, missing, row_count, unknown_columns
from assay.check.measured import Measured
from assay.check.wording import written
from assay.core.rules import ColumnRule, Rules


def judged(rules: Rules, measured: Measured, now_s: float | None = None) -> Iterator[Judged]:
    """Each finding. ``now_s`` is when rows must be fresh: seconds since the epoch."""
    if rules.rows is not None:
        yield row_count(rules.rows, rules.terms_of("rows"), measured)
    for fresh in rules.fresh:
        yield fresh_finding(fresh, measured, now_s)
    for rule in rules.columns:
        if rule.column in measured.names:
            yield from column_findings(rule, measured)
        elif not _may_be_absent(rule, rules):
            yield Judged(missing(f"{rule.column}: {written(rule)}", [rule.column], measured, rule.severity))
    for key in rules.unique:
        yield key_finding(key, rules.terms_of(f"key {', '.join(key)}"), measured)
    if rules.distinct_rows:
        yield distinct_rows_finding(rules.terms_of(DISTINCT), measured)
    for dataset in rules.apart_from:
        yield apart_finding(dataset, rules.terms_of(f"apart {dataset}"), measured)
    for row_rule in rules.row_rules:
        yield row_finding(row_rule, measured)
    yield from unknown_columns(rules, measured)
    yield from named_in_vain(rules, measured)


def failing_subjects(rules: Rules, measured: Measured) -> tuple[str, ...]:
    """What has to be asked about before it can be told how it fails."""
    columns = [
        f"column {rule.column}" for rule in rules.columns if rule.column in measured.names and misses(rule, measured)
    ]
    shared = [f"apart {dataset}" for dataset in rules.apart_from if is_shared(dataset, measured)]
    quantiles = [
        subject
        for rule in rules.columns
        if rule.column in measured.names
        for subject in broken_quantiles(rule, measured)
    ]
    return (*columns, *quantiles, *wants_repeats(rules, measured), *shared)


def _may_be_absent(rule: ColumnRule, rules: Rules) -> bool:
    return rules.environment == "serve" and rule.column in rules.train_only
