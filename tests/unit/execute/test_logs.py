"""Following a log that grows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.execute.logs import LAST_LINES, MAX_PENDING_BYTES, MAX_SHOWN_BYTES, Gained, LogTail, shown


class Log:
    """A log in memory that gives at most ``piece`` bytes at a time."""

    def __init__(self, content: bytes = b"", piece: int = 1000) -> None:
        self.content = content
        self.piece = piece

    def fetch(self, offset: int) -> bytes:
        return self.content[offset : offset + self.piece]


def news(tail: LogTail, now_s: float = 0.0) -> Gained:
    """What has come, told at once."""
    pieces = list(tail.read(now_s))
    lines = tuple(line for piece in pieces for line in piece.lines)
    return Gained(sum(piece.more for piece in pieces), lines, pieces[-1].current if pieces else b"")


def everything(tail: LogTail) -> list[bytes]:
    return [line for gained in tail.rest() for line in gained.lines]


def test_a_line_comes_when_it_is_whole():
    log = Log(b"one\ntw")
    tail = LogTail(log.fetch)
    assert news(tail, 0.0) == Gained(lines=(b"one",))
    log.content += b"o\n"
    assert news(tail, 0.0) == Gained(lines=(b"two",))
    assert news(tail, 0.0) == Gained()


def test_the_rest_holds_a_last_line_without_an_end():
    log = Log(b"a\nb\nc", piece=2)
    assert everything(LogTail(log.fetch)) == [b"a", b"b", b"c"]


@pytest.mark.parametrize("most", [None, 10])
def test_a_line_without_end_comes_in_pieces(most):
    log = Log(b"x" * (3 * MAX_PENDING_BYTES), piece=MAX_PENDING_BYTES + 1)
    pieces = everything(LogTail(log.fetch, most))
    assert len(pieces) == 3
    assert max(map(len, pieces)) <= (MAX_PENDING_BYTES + 1 if most is None else MAX_SHOWN_BYTES)
    if most is None:
        assert b"".join(pieces) == log.content


def test_nothing_is_nothing():
    assert everything(LogTail(Log().fetch)) == []


def test_of_more_lines_than_a_second_may_have_the_last_are_shown_and_the_others_counted():
    log = Log(b"".join(b"%d\n" % line for line in range(10)))
    assert news(LogTail(log.fetch, 3), 0.0) == Gained(7, (b"7", b"8", b"9"))
    assert news(LogTail(log.fetch, 10), 0.0) == Gained(0, tuple(b"%d" % line for line in range(10)))


def test_what_is_left_out_of_one_second_is_told_of_in_the_next():
    log = Log(b"1\n2\n")
    tail = LogTail(log.fetch, 2)
    assert news(tail, 5.0) == Gained(0, (b"1", b"2"))
    log.content += b"3\n4\n"
    assert news(tail, 5.9) == Gained()
    log.content += b"5\n"
    assert news(tail, 6.0) == Gained(2, (b"5",))


def test_the_last_lines_are_shown_however_many_there_were_before():
    log = Log(b"".join(b"%d\n" % line for line in range(10_000)) + b"and this")
    tail = LogTail(log.fetch, 1)
    assert news(tail, 0.0) == Gained(276, (b"276",), b"27")
    [last] = tail.rest()
    assert last.lines == (*(b"%d" % line for line in range(10_000 - LAST_LINES, 10_000)), b"and this")
    assert last.more == 10_000 - LAST_LINES - 277


@given(st.lists(st.binary(max_size=5).map(lambda line: line.replace(b"\n", b"")), max_size=60), st.integers(1, 30))
def test_shown_and_left_out_lines_are_all_there_were(lines, piece):
    log = Log(b"".join(line + b"\n" for line in lines), piece)
    tail = LogTail(log.fetch, 3)
    gained = [news(tail, at / 2) for at in range(5)] + list(tail.rest())
    assert sum(each.more + len(each.lines) for each in gained) == len(lines)


def test_where_lines_are_counted_a_line_without_an_end_is_seen_as_it_grows():
    log = Log(b"10%\r50%")
    tail = LogTail(log.fetch, 10)
    assert news(tail, 0.0) == Gained(current=b"50%")
    log.content += b"\r100%\n"
    assert news(tail, 0.0) == Gained(lines=(b"100%",))


def test_a_progress_bar_shows_its_last_state_and_bytes_that_are_no_text_show_as_escapes():
    assert shown(b"10%\r50%\r100%") == "100%"
    assert shown(b"done\r") == "done"
    assert shown(b"caf\xe9") == "caf\\xe9"
