"""How many labels a condition asks for, by the formulas that ease.ml/ci publishes.

With reliability 1 - delta, k clauses and H commits on one test set, each clause is estimated to within its tolerance e:

- the share of delta that a clause gets is delta / k, divided by H where developers do not learn the result (``none``) or the test
  set is renewed at the first pass (``firstChange``), and by 2^H, the number of answers that may have been seen, for ``full``;
- Hoeffding (1963): m variables share it evenly, and the tolerance, each ln(m / share) c^2 / (2 e_i^2) rows. With e_i in
  proportion to |c_i| all need equally many, so the largest is smallest: (sum of |c_i|)^2 ln(m / share) / (2 e^2);
- Bennett (1962), for ``c * n - c * o`` where the models differ on a share of rows of at most p: ln(2 / share) / (p h(e / (c p))),
  h(u) = (1 + u) ln(1 + u) - u. The bound on d takes a clause's share, whether it is written down or told.

Rows are counted as published, rounded up. Source: as in the package's docstring.
"""

import math
from typing import Literal

import msgspec

from assay.judge.easeml.condition import Clause, Condition

Adaptivity = Literal["full", "none", "firstChange"]
Estimator = Literal["hoeffding", "bennett"]


class EasemlClause(msgspec.Struct, frozen=True):
    """What one clause asks for."""

    text: str
    estimator: Estimator
    rows: int
    needs_labels: bool
    """False: rows without labels will do, as only the models' predictions are compared."""


class EasemlPlan(msgspec.Struct, frozen=True):
    """What a condition asks for."""

    labels: int
    """The size of the test set. By Hoeffding's inequality it is the largest that any clause asks for, as published, also where
    that clause could do without labels; by Bennett's the largest of the clauses that need labels."""
    active_labels_per_commit: int | None
    """Labels for one commit if only rows on which the models differ are labelled; None unless all labels are by Bennett."""
    clauses: tuple[EasemlClause, ...]


class NoVarianceBound(ValueError):
    """Bennett's inequality was asked for where it says nothing: no clause ``n - o``, or no bound on how often they differ."""


def labels_needed(
    condition: Condition,
    reliability: float,
    adaptivity: Adaptivity,
    steps: int,
    estimator: Estimator = "hoeffding",
    variance_bound: float | None = None,
) -> EasemlPlan:
    """The labels for ``steps`` commits at ``reliability`` (over 0, below 1).

    ``variance_bound`` is what is known of d beforehand; unless told, it is taken from a clause ``d < A``. By Bennett's inequality
    the clauses about something else than ``n - o`` keep Hoeffding's. ``NoVarianceBound`` where it applies to none of them.
    """
    bound = disagreement_bound(condition, variance_bound) if estimator == "bennett" else None
    if estimator == "bennett":
        _check_bennett(condition, bound)
    parts = len(condition.clauses) + (bound is not None and not _written_bounds(condition))
    log_inverse = _log_inverse(reliability, parts, adaptivity, steps)
    clauses = tuple(_clause(clause, log_inverse, bound) for clause in condition.clauses)
    counted = [clause.rows for clause in clauses if clause.needs_labels or bound is None]
    return EasemlPlan(max(counted), _active_labels(condition, reliability, parts, bound), clauses)


def disagreement_bound(condition: Condition, told: float | None = None) -> float | None:
    """The largest share of rows on which the models can differ: what is told, else the least A of clauses ``d < A``.

    A condition that holds implies its own clause, so the clause may be relied on wherever a wrong answer would be given.
    """
    return told if told is not None else min(_written_bounds(condition), default=None)


def _check_bennett(condition: Condition, bound: float | None) -> None:
    if not any(map(_is_difference, condition.clauses)):
        raise NoVarianceBound("no clause such as n - o > 0.02")
    if bound is None:
        raise NoVarianceBound("no bound on d")


def _written_bounds(condition: Condition) -> list[float]:
    of_d = [(clause, clause.factor("d")) for clause in condition.clauses if not clause.needs_labels]
    bounds = [clause.threshold / factor for clause, factor in of_d if (clause.order == "<") == (factor > 0)]
    return [bound for bound in bounds if bound > 0]


def _log_inverse(reliability: float, parts: int, adaptivity: Adaptivity, steps: int) -> float:
    """ln(1 / share) of the error probability that a clause gets; in logs, because 2^H leaves the range of floats."""
    answers = steps * math.log(2) if adaptivity == "full" else math.log(steps)
    return answers + math.log(parts) - math.log1p(-reliability)


def _clause(clause: Clause, log_inverse: float, bound: float | None) -> EasemlClause:
    if bound is not None and _is_difference(clause):
        return EasemlClause(clause.text, "bennett", math.ceil(_bennett(clause, log_inverse, bound)), needs_labels=True)
    return EasemlClause(clause.text, "hoeffding", math.ceil(_hoeffding(clause, log_inverse)), clause.needs_labels)


def _hoeffding(clause: Clause, log_inverse: float) -> float:
    """Rows until every variable of the clause is estimated well enough."""
    reach = sum(abs(term.factor) for term in clause.terms)
    return (log_inverse + math.log(len(clause.terms))) * (reach / clause.tolerance) ** 2 / 2


def _bennett(clause: Clause, log_inverse: float, bound: float) -> float:
    """Rows until the difference of the accuracies is estimated well enough, if the models differ on ``bound`` of the rows."""
    tolerance = clause.tolerance / abs(clause.factor("n"))
    return (log_inverse + math.log(2)) / (bound * _bennett_h(tolerance / bound))


def _bennett_h(u: float) -> float:
    if u < 1e-3:  # the closed form would cancel
        return u * u * (1 / 2 - u * (1 / 6 - u / 12))
    return (1 + u) * math.log1p(u) - u


def _active_labels(condition: Condition, reliability: float, parts: int, bound: float | None) -> int | None:
    """The rows of one commit that the models may differ on; the others are known to make no difference."""
    labelled = [clause for clause in condition.clauses if clause.needs_labels]
    if bound is None or not all(map(_is_difference, labelled)):
        return None
    log_inverse = _log_inverse(reliability, parts, "none", 1)
    return math.ceil(max(bound * _bennett(clause, log_inverse, bound) for clause in labelled))


def _is_difference(clause: Clause) -> bool:
    return len(clause.terms) == 2 and clause.factor("n") != 0 and clause.factor("n") == -clause.factor("o")
