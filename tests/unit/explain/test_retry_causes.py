"""What a failed attempt may be tried again after: only what was seen."""

import pytest

from assay.core.run import StepResult
from assay.explain.failure import cause_of

TRACEBACK = 'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    {source}\n{error}\n'


def failed(exit_code: int | None = 1, **fields) -> StepResult:
    return StepResult("Train", "failed", "", exit_code, **fields)


def raised(error: str, source: str = "fetch()") -> str:
    return TRACEBACK.format(error=error, source=source)


def test_what_the_executor_saw_stands_before_what_was_printed():
    assert cause_of(failed(-9, timed_out=True), raised("MemoryError")) == "timeout"
    assert cause_of(failed(137, oom_kills=1), "Connection reset by peer\n") == "oom"


@pytest.mark.parametrize(
    "log",
    [
        raised("MemoryError"),
        raised("numpy._core._exceptions._ArrayMemoryError: Unable to allocate 8.00 TiB for an array").replace(
            "_ArrayMemoryError", "MemoryError"
        ),
        raised("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."),
        "terminate called after throwing an instance of 'std::bad_alloc'\nAborted (core dumped)\n",
        "fork: Cannot allocate memory\n",
    ],
)
def test_a_program_that_says_it_has_no_memory_left(log):
    assert cause_of(failed(), log) == "oom"


@pytest.mark.parametrize(
    "log",
    [
        raised("ConnectionResetError: [Errno 104] Connection reset by peer"),
        raised("urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>"),
        raised("urllib.error.HTTPError: HTTP Error 429: Too Many Requests"),
        raised("requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://a.example/b"),
        raised(
            "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='a.example', port=443): Max retries exceeded"
        )
        + "(Caused by NameResolutionError: Failure in name resolution)\n",
        "curl: (6) Could not resolve host: data.example\n",
        "curl: (22) The requested URL returned error: 503\n",
        "fatal: unable to access 'https://a.example/': Could not resolve host: a.example\n",
        raised("ConnectionRefusedError: [Errno 111] Connection refused"),
    ],
)
def test_a_network_that_failed(log):
    assert cause_of(failed(), log) == "network"


@pytest.mark.parametrize("exit_code", [-9, 137, -15, 139])
def test_a_signal_of_which_nothing_more_is_known(exit_code):
    assert cause_of(failed(exit_code), "epoch 1\n") == "signal"


@pytest.mark.parametrize(
    "log",
    [
        "Connection reset by peer, retrying\nepoch 3\n" + raised("ValueError: accuracy too low", "raise ValueError(x)"),
        raised("KeyError: 'price'"),
        raised("urllib.error.HTTPError: HTTP Error 404: Not Found"),
        raised("urllib.error.HTTPError: HTTP Error 401: Unauthorized"),
        raised("ValueError: 429 rows, expected 503"),
        'psql: connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused\n',
        "WARNING: connection timed out, retrying\nno rows left\n",
        "",
    ],
)
def test_a_failure_that_would_come_again_has_no_such_cause(log):
    assert cause_of(failed(), log) is None


def test_a_step_that_did_not_fail_or_left_an_output_unwritten_is_not_tried_again():
    assert cause_of(StepResult("Train", "ok", "", 0), "Connection reset by peer") is None
    assert cause_of(failed(0), "Connection reset by peer") is None
    assert cause_of(StepResult("Train", "interrupted", "", -2), "") is None
