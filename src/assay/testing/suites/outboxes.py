"""What every outbox keeps."""

from collections.abc import Callable

import msgspec
import pytest

from assay.core.notice import Letter, Notice
from assay.core.pipeline import Notify
from assay.core.ports import Outbox


def letter(number: int = 0, written_s: float = 1.0) -> Letter:
    """A letter to recipient ``number``."""
    notice = Notice("0f" * 16, "failed", "delays", "delays: run 1 failed", 1.0, run=1)
    return Letter(notice, Notify(run="true"), number, written_s)


class OutboxContract:
    """Override ``open_outbox``: a function that opens the same outbox each time it is called; empty at first."""

    @pytest.fixture
    def open_outbox(self) -> Callable[[], Outbox]:
        """Opens the outbox under test."""
        raise NotImplementedError("override the fixture `open_outbox`")

    def test_an_empty_one_holds_nothing_and_has_read_nothing(self, open_outbox: Callable[[], Outbox]) -> None:
        assert open_outbox().letters() == ()
        assert open_outbox().read_up_to() is None

    def test_what_is_kept_is_there_for_others_the_oldest_first(self, open_outbox: Callable[[], Outbox]) -> None:
        open_outbox().keep((letter(0, 2.0), letter(1, 1.0)), 7)
        assert open_outbox().letters() == (letter(1, 1.0), letter(0, 2.0))
        assert open_outbox().read_up_to() == 7

    def test_the_same_letter_kept_again_is_one(self, open_outbox: Callable[[], Outbox]) -> None:
        for _ in range(2):
            open_outbox().keep((letter(),), 7)
        assert open_outbox().letters() == (letter(),)

    def test_a_letter_is_put_in_place_of_the_one_of_its_name(self, open_outbox: Callable[[], Outbox]) -> None:
        open_outbox().keep((letter(),), 7)
        tried = msgspec.structs.replace(letter(), attempts=3)
        open_outbox().put(tried)
        assert open_outbox().letters() == (tried,)

    def test_a_letter_may_be_removed_twice(self, open_outbox: Callable[[], Outbox]) -> None:
        open_outbox().keep((letter(),), 7)
        for _ in range(2):
            open_outbox().remove(letter())
        assert open_outbox().letters() == ()
        assert open_outbox().read_up_to() == 7
