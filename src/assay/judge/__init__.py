"""Judge: the challenger against the champion, sentence by sentence, with evidence.

Every sentence is a test whose error probability is stated and kept (``shares.py`` exactly, ``means.py`` approximately); what is
not shown is a fail where there were rows enough, else undecided with the labels still needed (``power.py``).
Pure: values in, values out. This door loads numpy, so it is imported where a gate or a watch has rows to judge, not at start-up.
"""

from assay.judge.budget import Wear
from assay.judge.decide import decide, judge_sentence
from assay.judge.evidence import Evidence, LabelledRows, labelled_rows
from assay.judge.measure import Measurement, measure
from assay.judge.power import LabelPlan, plan_labels
from assay.judge.question import Question, Tested, question_of

__all__ = [
    "Evidence",
    "LabelPlan",
    "LabelledRows",
    "Measurement",
    "Question",
    "Tested",
    "Wear",
    "decide",
    "judge_sentence",
    "labelled_rows",
    "measure",
    "plan_labels",
    "question_of",
]
