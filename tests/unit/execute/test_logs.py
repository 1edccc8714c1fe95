"""Following a log that grows."""

from assay.execute.logs import MAX_PENDING_BYTES, LogTail, shown


class Log:
    """A log in memory that gives at most ``piece`` bytes at a time."""

    def __init__(self, content: bytes = b"", piece: int = 1000) -> None:
        self.content = content
        self.piece = piece

    def fetch(self, offset: int) -> bytes:
        return self.content[offset : offset + self.piece]


def test_a_line_comes_when_it_is_whole():
    log = Log(b"one\ntw")
    tail = LogTail(log.fetch)
    assert tail.read() == (b"one",)
    log.content += b"o\n"
    assert tail.read() == (b"two",)
    assert tail.read() == ()


def test_the_rest_holds_a_last_line_without_an_end():
    log = Log(b"a\nb\nc", piece=2)
    assert list(LogTail(log.fetch).rest()) == [b"a", b"b", b"c"]


def test_a_line_without_end_comes_in_pieces():
    log = Log(b"x" * (3 * MAX_PENDING_BYTES), piece=MAX_PENDING_BYTES + 1)
    pieces = list(LogTail(log.fetch).rest())
    assert b"".join(pieces) == log.content
    assert max(map(len, pieces)) <= MAX_PENDING_BYTES + 1


def test_nothing_is_nothing():
    assert list(LogTail(Log().fetch).rest()) == []


def test_a_progress_bar_shows_its_last_state_and_bytes_that_are_no_text_show_as_escapes():
    assert shown(b"10%\r50%\r100%") == "100%"
    assert shown(b"done\r") == "done"
    assert shown(b"caf\xe9") == "caf\\xe9"
