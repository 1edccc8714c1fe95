"""How much of its error probability a sentence has left on rows that were asked before.

The t-th decision on a test set, after j passes, may err with probability delta / (t (t + 1)) / 2^(j + 1) / C(t - 1, j). The sum over
every history of answers is at most delta, whatever the models were tuned on, as long as nothing but pass or not pass is known of
the labels (a union bound over histories; no number of decisions need be fixed beforehand).
"""

import math

import msgspec


class Wear(msgspec.Struct, frozen=True):
    """What a test set has been through."""

    decisions: int = 0
    passes: int = 0
    """How many of the decisions were passes."""

    def left(self, delta: float) -> float:
        """The error probability for the next decision, at a sentence's own ``delta``."""
        asked, passed = self.decisions, self.passes
        histories = math.lgamma(asked + 1) - math.lgamma(passed + 1) - math.lgamma(asked - passed + 1)
        share = math.log((asked + 1) * (asked + 2)) + (passed + 1) * math.log(2) + histories
        return delta * math.exp(-share)
