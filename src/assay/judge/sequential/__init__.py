"""Tests for what comes one by one: canary and shadow requests, labels as they arrive, a metric that is watched.

Each is a frozen value: ``update`` gives the next one, ``is_shown`` answers. One may look after every update and stop when one likes: the
error probability is kept. (Decay has no such probability, for it is watched for ever: ``is_alarmed`` keeps an average run length.) States are of fixed size and go through msgspec (JSON, MessagePack), so that a server can keep them.
``share.py`` counts, ``mean.py`` averages bounded values, ``decay.py`` finds a rise that began at an unknown time.
"""

from assay.judge.sequential.decay import MeanRise, RateRise
from assay.judge.sequential.mean import MeanAbove, canary_is_not_worse, canary_is_worse
from assay.judge.sequential.share import PairsDiffer, ShareAbove, share_of_slow

__all__ = [
    "MeanAbove",
    "MeanRise",
    "PairsDiffer",
    "RateRise",
    "ShareAbove",
    "canary_is_not_worse",
    "canary_is_worse",
    "share_of_slow",
]
