"""How much of its error probability a sentence has left on rows that were asked before.

The t-th decision on a test set, after j passes, may err with probability delta / (t (t + 1)) / 2^(j + 1) / C(t - 1, j). The sum over
every history of answers is at most delta, whatever the models were tuned on, as long as nothing but pass or not pass is known of
the labels (a union bound over histories; no number of decisions need be fixed beforehand).
"""

import math

import msgspec

_BEYOND_RECKONING = 2_000
"""After so many passes what is left is below 2^-2000; divisors of a hundred thousand digits take seconds to say so."""


class Wear(msgspec.Struct, frozen=True):
    """What a test set has been through."""

    decisions: int = 0
    passes: int = 0
    """How many of the decisions were passes."""

    @property
    def divisors(self) -> tuple[int, int, int]:
        """What delta is divided by for the next decision: for its number, for how often the answer was yes, and for when it was.
        The last is 0 where more passed than were asked."""
        asked, passed = self.decisions, self.passes
        return (asked + 1) * (asked + 2), 2 ** (passed + 1), math.comb(asked, passed)

    def left(self, delta: float) -> float:
        """The error probability for the next decision, at a sentence's own ``delta``; 0 where a float holds none so small."""
        if self.passes > _BEYOND_RECKONING:
            return 0.0
        return delta * math.exp(-sum(map(math.log, self.divisors)))

    def whole(self, left: float) -> float:
        """The sentence's own delta, of which ``left`` is left. 0 where it is beyond reckoning."""
        if self.passes > _BEYOND_RECKONING:
            return 0.0
        times = math.prod(self.divisors)
        return left * times if times < 1e300 else 0.0
