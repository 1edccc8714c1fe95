"""What sentences need before any label is bought: rows for the gain worth finding, for smaller and larger ones, and what some
number of rows would show.

The plan is that of the test which the gate will use (``judge/power.py``), for what is known or assumed of the rows (``Known``): so
the number is the one that an undecided verdict asks for. Pure.
"""

from assay.judge.plan.known import Known, known_of
from assay.judge.plan.planned import Reached, SentencePlan
from assay.judge.plan.sentence import plan_sentence

__all__ = ["Known", "Reached", "SentencePlan", "known_of", "plan_sentence"]
