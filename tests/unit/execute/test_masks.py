"""Secrets are stars wherever something is shown or recorded."""

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.notice import Notice
from assay.core.problem import Problem
from assay.core.release import Environment
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


def result_of(**more):
    digest = digest_of(b"1")
    return StepResult(
        "file-1796",
        "ok",
        "it has not run yet",
        key=digest,
        inputs=(Artifact("file.csv", digest, "file", 1796),),
        outputs=(Artifact("out/file", digest, "folder", 1796),),
        metrics=(Metric("loss", 1796.0, (1796.0,)),),
        command="file 1796",
        environment=Environment("3.12", "linux-x86_64"),
        started_s=1796.5,
        **more,
    )


def test_numbers_digests_names_and_what_is_declared_stay_as_they_are():
    result = result_of(problem=Problem("file", "in file 1796", step="file-1796"))
    digits = result.key[10:14]
    masked = Mask(("1796", "file", "folder", "linux", "step", digits)).result(result)
    assert masked.problem == Problem("file", "in ***** *****", step="file-1796")
    assert msgspec.structs.replace(masked, problem=result.problem) == result


def test_a_result_that_rests_on_a_path_with_a_secret_in_it_stands_for_no_other_run():
    assert Mask(("hunter22",)).result(result_of(trace=Trace(missing=("cache/hunter22",)))).key is None
    assert Mask(("hunter22",)).result(result_of(trace=Trace(reads=("/data/hunter22",)))).key is not None


def test_a_notice_keeps_its_kind_and_its_names():
    notice = Notice("run-3-failed", "failed", "failed", "it failed", 1.0, step="failed")
    assert Mask(("failed",)).noun(notice) == msgspec.structs.replace(notice, text="it *****")
