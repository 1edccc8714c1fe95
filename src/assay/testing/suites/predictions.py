"""What every prediction log keeps."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from assay.core.ports import PredictionLog


class PredictionLogContract:
    """Override ``open_log``: a function that opens the same log each time it is called; empty at first."""

    @pytest.fixture
    def open_log(self) -> Callable[[], PredictionLog]:
        """Opens the log under test."""
        raise NotImplementedError("override the fixture `open_log`")

    @pytest.fixture
    def log(self, open_log: Callable[[], PredictionLog]) -> PredictionLog:
        """The log under test."""
        return open_log()

    def test_an_empty_log_has_no_records(self, log: PredictionLog) -> None:
        assert list(log.records()) == []
        log.append([])
        assert list(log.records()) == []

    def test_records_come_back_in_order_as_they_were(self, log: PredictionLog) -> None:
        first = {
            "id": "a",
            "release": "r1",
            "features": {"carrier": "UA", "dist\N{LATIN SMALL LETTER A WITH GRAVE}": None},
        }
        log.append([first, {"id": "b", "prediction": 31.5}])
        log.append([{"id": "c", "text": "two\nlines"}])
        log.close()
        assert list(log.records()) == [first, {"id": "b", "prediction": 31.5}, {"id": "c", "text": "two\nlines"}]

    def test_what_was_kept_before_stays_in_front(self, open_log: Callable[[], PredictionLog]) -> None:
        for number in range(3):
            log = open_log()
            log.append([{"id": number}])
            log.close()
        assert [record["id"] for record in open_log().records()] == [0, 1, 2]

    def test_records_can_be_read_before_the_log_is_closed(self, open_log: Callable[[], PredictionLog]) -> None:
        log = open_log()
        log.append([{"id": 1}])
        assert list(open_log().records()) == [{"id": 1}]
        log.close()

    def test_threads_do_not_tear_each_others_lines(self, log: PredictionLog) -> None:
        def write(writer: int) -> None:
            for number in range(50):
                log.append([{"writer": writer, "number": number, "part": part} for part in range(3)])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))
        log.close()
        records = list(log.records())
        assert len(records) == 8 * 50 * 3
        assert [record["number"] for record in records if record["writer"] == 5 and record["part"] == 0] == list(
            range(50)
        )
        assert all([r["part"] for r in records[at : at + 3]] == [0, 1, 2] for at in range(0, len(records), 3))
