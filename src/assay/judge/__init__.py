"""Judge: the challenger against the champion, sentence by sentence, with evidence.

Every sentence is a test whose error probability is stated and kept (``shares.py`` exactly, ``means.py`` approximately); what is
not shown is a fail where there were rows enough, else undecided with the labels still needed (``power.py``).
Pure: values in, values out. This door loads numpy, so it is imported where a gate or a watch has rows to judge, not at start-up.
"""

from assay.core.wear import Wear
from assay.judge.alike import are_more_alike_than_chance
from assay.judge.behaviour import Variant, variant_of, violated
from assay.judge.cases import case_columns, wrong_cases
from assay.judge.decide import decide, judge_sentence
from assay.judge.disagreement import label_first_rows
from assay.judge.evidence import Archived, Evidence, LabelledRows, clusters_in, labelled_rows
from assay.judge.labelling import are_chosen
from assay.judge.levels import delta_of
from assay.judge.measure import Measurement, measure
from assay.judge.numbers import compare_numbers
from assay.judge.observe import has_value
from assay.judge.power import LabelPlan, plan_labels
from assay.judge.question import Question, Tested, question_of
from assay.judge.resources import least_calls, plan_calls
from assay.judge.worn import Decision, packed, row_keys, shows_more, unpacked, wear_of_rows

__all__ = [
    "Archived",
    "Decision",
    "Evidence",
    "LabelPlan",
    "LabelledRows",
    "Measurement",
    "Question",
    "Tested",
    "Variant",
    "Wear",
    "are_chosen",
    "are_more_alike_than_chance",
    "case_columns",
    "clusters_in",
    "compare_numbers",
    "decide",
    "delta_of",
    "has_value",
    "judge_sentence",
    "label_first_rows",
    "labelled_rows",
    "least_calls",
    "measure",
    "packed",
    "plan_calls",
    "plan_labels",
    "question_of",
    "row_keys",
    "shows_more",
    "unpacked",
    "variant_of",
    "violated",
    "wear_of_rows",
    "wrong_cases",
]
