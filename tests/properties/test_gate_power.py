"""As many rows as the planner asks for show what it says, nine times in ten: a quick part of bench/gates.py, with fixed seeds.

Within two points, and four standard errors of ``TRIES`` sets of rows beside them. Exact tests may show it a little more often, as
their power climbs in a saw-tooth and the planner goes to where it does not fall back.
"""

import math

import pytest
from gate_trials.power import cases, check

TRIES = 400
SLACK = 4 * math.sqrt(0.9 * 0.1 / TRIES)


@pytest.mark.parametrize(
    "case",
    [
        "accuracy > champion, gain .02 of d .10",
        "accuracy > champion + .01, gain .03 of d .10",
        "accuracy > champion - .02, equal, d .10",
        "accuracy > .83, truth .85",
        "accuracy > .97, truth .99",
        "f1 better",
        "auc better",
        "average_precision better",
        "mae < champion, skewed errors, much better",
        "log_loss better",
        "mae better",
        "rmse better",
        "mae < number, 5 % above the truth",
    ],
)
def test_the_planned_rows_show_what_is_worth_detecting_nine_times_in_ten(case):
    planned = next(each for each in cases() if each[0].startswith(case))
    found = check(*planned, tries=TRIES)
    assert 0.88 - SLACK <= found.passed <= 0.94 + SLACK, found
