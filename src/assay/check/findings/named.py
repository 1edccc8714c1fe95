"""Lists that name columns which are not there: they do nothing, and would do it in silence."""

from collections.abc import Iterator, Sequence

from assay.check.findings.cause import Judged
from assay.check.measured import Measured
from assay.check.questions import FILE
from assay.check.wording import near_or_known
from assay.core.finding import Finding
from assay.core.rules import Rules


def named_in_vain(rules: Rules, measured: Measured) -> Iterator[Judged]:
    """A warning for each list, with the near miss of each name."""
    for key, names in _lists(rules):
        absent = [name for name in dict.fromkeys(names) if name not in measured.names]
        if absent:
            told = "; ".join(_told(key, name, measured.names) for name in absent)
            line = f"{key}: [{', '.join(names)}]"
            yield Judged(Finding(line, False, "warn", told, None, rows=measured.rows))


def _lists(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    """Rows are counted by file without being asked; when serving, columns of ``train_only`` are to be absent."""
    yield "slices", [name for name in rules.slices if name != FILE]
    if rules.environment == "train":
        yield "train_only", rules.train_only
    if rules.leakage is not None:
        yield "leakage.allow", rules.leakage.allow
    if rules.drift is not None:
        yield "drift.ignore", rules.drift.ignore
        yield "drift.context", rules.drift.context


def _told(key: str, name: str, names: Sequence[str]) -> str:
    return f"`{key}` names `{name}`, which is no column; {near_or_known(name, names)}"
