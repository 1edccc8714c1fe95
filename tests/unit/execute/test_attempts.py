"""A failed step is tried again as often as it says, after what it says, each time later."""

from assay.core.pipeline import Retries
from assay.execute.attempts import Again, decide_retry


def test_without_retries_there_is_one_attempt():
    assert decide_retry(Retries(), 1, "network") is None


def test_after_any_failure_unless_causes_are_named():
    assert decide_retry(Retries(3), 1, None) == Again(2, 1.0, "attempt 2 of 3")
    assert decide_retry(Retries(3, ("oom", "network")), 1, None) is None
    assert decide_retry(Retries(3, ("oom", "network")), 1, "timeout") is None
    assert decide_retry(Retries(3, ("oom", "network")), 1, "oom") == Again(
        2, 1.0, "attempt 2 of 3, after it ran out of memory"
    )


def test_each_wait_is_twice_the_one_before_and_the_last_attempt_is_the_last():
    retries = Retries(4, backoff_s=5.0)
    assert [decide_retry(retries, attempt, None).wait_s for attempt in (1, 2, 3)] == [5.0, 10.0, 20.0]
    assert decide_retry(retries, 4, None) is None
