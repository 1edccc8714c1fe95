"""The values of a column that another engine reads, so that they can be a set of this one."""

from assay.check.questions import SOURCE
from assay.core.dataset import Source
from assay.core.near import near_miss
from assay.core.ports import Engine
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import ColumnRule, Scalar

MOST_MEMBERS = 10_000
"""So many values go into a query as they are."""


def members_of(rule: ColumnRule, source: Source, engine: Engine) -> tuple[Scalar, ...]:
    """The different values, NULL aside, as the rule's type has them. ``EvidenceError`` where there is no such column, or where they are
    too many to be sent to another engine."""
    from assay.check.compile import compile_members

    assert rule.members is not None
    with engine.open({SOURCE: source}) as opened:
        columns = {column.name: column for column in opened.columns[SOURCE]}
        column = columns.get(rule.members.column)
        if column is None:
            near = near_miss(rule.members.column, columns)
            fix = f"did you mean {rule.members.dataset}:{near}?" if near else f"its columns are {', '.join(columns)}"
            what = f"{rule.members.dataset} has no column `{rule.members.column}`"
            raise EvidenceError(Problem("no-column", what, (f"a rule asks for members of {rule.members}",), fix))
        found = opened.rows(compile_members(column, rule.type, engine.dialect, MOST_MEMBERS + 1))
    if len(found) > MOST_MEMBERS:
        what = f"{rule.members} has more than {MOST_MEMBERS:,} values, and another engine reads {rule.column}"
        raise EvidenceError(
            Problem(
                "set-too-large",
                what,
                ("a set that crosses engines is sent as it is",),
                "copy the set to where the data is",
            )
        )
    return tuple(value for (value,) in found)
