"""Secrets are stars wherever something is shown or recorded."""

from assay.core.problem import Problem
from assay.core.run import Metric, StepResult, Trace
from assay.execute.masks import Mask


def test_every_value_becomes_stars_the_longer_one_first():
    assert Mask(("hunter22", "hunter22-long")).text("a hunter22-long b hunter22") == "a ***** b *****"


def test_each_line_of_a_key_of_several_is_one():
    assert Mask(("-----KEY\nabcdef\nghijkl",)).text("it says abcdef") == "it says *****"


def test_what_is_too_short_or_empty_is_no_secret():
    assert Mask(("", "abc")).text("abc abc") == "abc abc"


def test_a_result_is_masked_wherever_the_value_stands():
    secret = 'pa"ss\\word'
    result = StepResult(
        "Train",
        "failed",
        f"because of {secret}",
        metrics=(Metric("accuracy", 0.5),),
        trace=Trace(traced=True, reads=(f"data/{secret}.csv",)),
        problem=Problem("x", secret, (secret,)),
    )
    masked = Mask((secret,)).result(result)
    assert masked.reason == "because of *****"
    assert masked.trace.reads == ("data/*****.csv",)
    assert masked.problem == Problem("x", "*****", ("*****",))
    assert masked.metrics == result.metrics
    assert Mask().result(result) is result
