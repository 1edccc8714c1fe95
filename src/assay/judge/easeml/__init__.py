"""ease.ml/ci's language as an import: what a condition says, how many labels it asks for, and the same in Assay's words.

From Renggli, Karlas, Ding, Liu, Schawinski, Wu and Zhang, Continuous Integration of Machine Learning Models with ease.ml/ci:
Towards a Rigorous Yet Practical Treatment (MLSys 2019). The formulas are theirs; nothing here is their code, and nothing here
judges a model by them: gates ask Assay's own sentences.
"""

from assay.judge.easeml.condition import Clause, Condition, ConditionMistake, Term, parse_condition
from assay.judge.easeml.counterpart import Counterpart, Mode, assay_equivalent, counterparts
from assay.judge.easeml.labels import (
    Adaptivity,
    EasemlClause,
    EasemlPlan,
    Estimator,
    NoVarianceBound,
    disagreement_bound,
    labels_needed,
)

__all__ = [
    "Adaptivity",
    "Clause",
    "Condition",
    "ConditionMistake",
    "Counterpart",
    "EasemlClause",
    "EasemlPlan",
    "Estimator",
    "Mode",
    "NoVarianceBound",
    "Term",
    "assay_equivalent",
    "counterparts",
    "disagreement_bound",
    "labels_needed",
    "parse_condition",
]
