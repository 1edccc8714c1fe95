"""Judge: the challenger against the champion, sentence by sentence, with evidence.

Every sentence is a test whose error probability is stated and kept (``shares.py`` exactly, ``means.py`` approximately); what is
not shown is a fail where there were rows enough, else undecided with the labels still needed (``power.py``).
Pure: values in, values out. This door loads numpy, so it is imported where a gate or a watch has rows to judge, not at start-up.
"""

from assay.core.wear import Wear
from assay.judge.alike import are_more_alike_than_chance
from assay.judge.answerable import Unanswerable, unanswerable, unanswerable_by_labels
from assay.judge.behaviour import Variant, variant_of, violated
from assay.judge.cases import case_columns, wrong_cases
from assay.judge.decide import decide, judge_sentence
from assay.judge.disagreement import label_first_rows
from assay.judge.evidence import Archived, Evidence, LabelledRows, SomeRows, clusters_in, clusters_of, labelled_rows
from assay.judge.labelling import are_chosen
from assay.judge.levels import decisions_left, delta_of, smallest_shown
from assay.judge.measure import Measurement, measure
from assay.judge.numbers import compare_numbers
from assay.judge.observe import has_value
from assay.judge.power import LabelPlan, plan_labels
from assay.judge.question import Question, Tested, question_of
from assay.judge.resources import least_calls, plan_calls
from assay.judge.row_keys import content_keys, packed, row_keys, unpacked, value_keys
from assay.judge.seal import sealed_problem
from assay.judge.worn import AskedRows, Decision, Marks, Seen, Worn, parts_by_age, wear_of_rows

__all__ = [
    "Archived",
    "AskedRows",
    "Decision",
    "Evidence",
    "LabelPlan",
    "LabelledRows",
    "Marks",
    "Measurement",
    "Question",
    "Seen",
    "SomeRows",
    "Tested",
    "Unanswerable",
    "Variant",
    "Wear",
    "Worn",
    "are_chosen",
    "are_more_alike_than_chance",
    "case_columns",
    "clusters_in",
    "clusters_of",
    "compare_numbers",
    "content_keys",
    "decide",
    "decisions_left",
    "delta_of",
    "has_value",
    "judge_sentence",
    "label_first_rows",
    "labelled_rows",
    "least_calls",
    "measure",
    "packed",
    "plan_calls",
    "parts_by_age",
    "plan_labels",
    "question_of",
    "row_keys",
    "sealed_problem",
    "smallest_shown",
    "unanswerable",
    "unanswerable_by_labels",
    "unpacked",
    "value_keys",
    "variant_of",
    "violated",
    "wear_of_rows",
    "wrong_cases",
]
