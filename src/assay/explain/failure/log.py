"""The tail of a failed step's log, read for what it says: Python's last exception, and lines that speak of a missing file.

Programs word the same failure in a hundred ways. So a line is first asked whether it speaks of something missing at all,
and then for the paths in it; which of these paths is missing is for the evidence to say.
"""

import re
from collections.abc import Iterator

import msgspec

from assay.explain.paths import is_known_suffix

LONGEST_LINE = 2000
NEARBY_LINES = 30
"""How far back a line may lie from the end of the log, or from an exception, and still be about the failure."""


class Frame(msgspec.Struct, frozen=True):
    """A line of a Python traceback: where, and the source there if it was shown."""

    file: str
    line: int
    source: str = ""


class Raised(msgspec.Struct, frozen=True):
    """An exception as Python prints it; frames from the outermost in."""

    kind: str
    message: str
    frames: tuple[Frame, ...]

    @property
    def text(self) -> str:
        """``KeyError: 'price'``"""
        return f"{self.kind}: {self.message}" if self.message else self.kind

    @property
    def is_deliberate(self) -> bool:
        """Raised to tell something, by a ``raise`` of its own or for a command that failed; not a slip of the code."""
        source = self.frames[-1].source if self.frames else ""
        return source.startswith(("raise ", "assert ", "sys.exit(", "exit(")) or self.kind.endswith(
            "CalledProcessError"
        )


class Log(msgspec.Struct, frozen=True):
    """A log's lines, with the last traceback taken apart."""

    lines: tuple[str, ...]
    chain: tuple[Raised, ...] = ()
    """The last exception with those that led to it, first cause first; empty where no traceback was printed."""
    start: int = 0
    """The first line of the chain."""
    end: int = 0
    """The line after the chain."""

    @property
    def last(self) -> Raised | None:
        """The exception that ended it."""
        return self.chain[-1] if self.chain else None

    def statements(self) -> tuple[str, ...]:
        """Lines that may say why it failed, the most telling first.

        What was printed after the traceback, the exceptions from the last back to their cause, and what was printed
        before, unless the exception is a slip of the code: then what came before was survived.
        """
        chain = [line for raised in reversed(self.chain) for line in reversed(raised.text.splitlines())]
        last = self.last
        before = self.lines[: self.start] if last is None or last.is_deliberate else ()
        after = reversed(self.lines[self.end :])
        return (*after, *chain, *reversed(before[-NEARBY_LINES:]))


class Missing(msgspec.Struct, frozen=True):
    """A line that speaks of something missing, and the paths it names."""

    line: str
    paths: tuple[str, ...]
    """As written, the most likely first; empty where it names none."""
    names: tuple[str, ...] = ()
    """Words that could be paths too, if something else speaks for it."""
    is_certain: bool = False
    """In the operating system's own words: the program was told that there is no such file."""


def read_log(text: str) -> Log:
    """The log taken apart. Colours, progress bars and blank lines are left out."""
    lines = tuple(cleaned for line in text.split("\n") if (cleaned := _clean(line)).strip())
    chain: list[Raised] = []
    start = end = 0
    for first, after, raised in _tracebacks(lines):
        is_linked = chain and any(_LINK.match(line) for line in lines[end:first])
        if not is_linked:
            chain, start = [], first
        chain.append(raised)
        end = after
    return Log(lines, tuple(chain), start, end)


def read_missing(line: str) -> Missing | None:
    """What the line says is missing; None where it is not about that, or only a warning."""
    plain = (
        line.replace("n't", "nt")
        .replace("\N{LEFT SINGLE QUOTATION MARK}", "'")
        .replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )
    if _EXCUSED.search(plain) or _OTHER_SENSE.search(plain) or not _SPEAKS.search(plain):
        return None
    is_certain = bool(_CERTAIN.search(plain))
    words = tuple(word for word in dict.fromkeys(_words(plain)) if word)
    told = _TOLD.search(plain)
    named = (told[1] or told[2],) if told else ()
    paths = tuple(dict.fromkeys((*named, *(word for word in words if _is_path(word)))))
    if not paths and not (is_certain or _NOUN.search(plain)):
        return None
    return Missing(line.strip(), paths, tuple(word for word in words if _is_name(word)), is_certain)


_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+)(?:, in .*)?$')
HEAD = "Traceback (most recent call last):"
_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]*)(?:: (.*))?$")
_LINK = re.compile(r"^(During handling of the above exception|The above exception was the direct cause)")
_MARKS = re.compile(r"^[\s~^]+$")

_CERTAIN = re.compile(r"no such file|\bENOENT\b|\(os error 2\)", re.IGNORECASE)
_TOLD = re.compile(
    r"no such file or directory: '([^']+)'|^[\w./-]+: (?:line \d+: )?(?:cannot [a-z]+ )?'?(?!ENOENT)([^\s']+)'?: no such file",
    re.IGNORECASE,
)
"""The two forms that name any path at all, whatever it looks like: Python's, and that of cat, cp, ls and the shell."""
_SPEAKS = re.compile(
    r"no such file|no files found|\bENOENT\b|FileNotFound|NoSuchFile|not found|nt exist|not exist|non-?existent|\bis missing\b|\bmissing (model|file)"
    r"|\bno (\w+ )?(model|file|artifact|checkpoint)s?\b"
    r"|\b(cannot|cant|can not|could not|couldnt|failed to|unable to|error) (open|find|load|read|access|stat|locate)(ing)?\b"
    r"|\b(open|load|read)ing \S+ failed|\bload(ed)? model .*failed",
    re.IGNORECASE,
)
_NOUN = re.compile(r"\b(model|file|artifact|artefact|checkpoint|weights|dataset|pickle|parquet|csv)\b", re.IGNORECASE)
_EXCUSED = re.compile(
    r"\bwarn|\busing (the )?default|\bdefault(s|ing) to|\bskip|\bignor|\bfall(ing|s)? ?back|\boptional|\bcreating|\bdebug\b",
    re.IGNORECASE,
)
_OTHER_SENSE = re.compile(
    r"command not found|No module named|\b404\b|://|not found in axis|DLL|shared object", re.IGNORECASE
)

_QUOTED = re.compile(r"""'([^']{1,300})'|"([^"]{1,300})"|`([^`]{1,300})`|\[([^\]]{1,300})\]""")
_NAME = re.compile(r"^[\w.+@-]+(/[\w.+@-]+)*/?$")
_SOURCE_LINE = re.compile(r"\.\w+:\d+")
_EDGES = ".,;:!?()[]{}<>\"'"


def _clean(line: str) -> str:
    return _ESCAPE.sub("", line.rstrip().rsplit("\r", 1)[-1])[:LONGEST_LINE]


def _tracebacks(lines: tuple[str, ...]) -> Iterator[tuple[int, int, Raised]]:
    """(first line, line after, exception) of every traceback; one whose head was cut off counts too."""
    frames: list[Frame] = []
    first: int | None = None
    for at, line in enumerate(lines):
        if line.strip() == HEAD:
            frames, first = [], at
        elif frame := _FRAME.match(line):
            first = at if first is None else first
            frames.append(Frame(frame[1], int(frame[2])))
        elif frames and line[:1].isspace():
            frames[-1] = _with_source(frames[-1], line)
        else:
            exception = _EXCEPTION.match(line)
            if frames and first is not None and exception:
                yield first, at + 1, Raised(exception[1], exception[2] or "", tuple(frames))
            frames, first = [], None


def _with_source(frame: Frame, line: str) -> Frame:
    if frame.source or _MARKS.match(line):
        return frame
    return Frame(frame.file, frame.line, line.strip())


def _words(line: str) -> Iterator[str]:
    """Candidates for paths: what stands in quotes, then what stands bare."""
    for match in _QUOTED.finditer(line):
        yield next(group for group in match.groups() if group)
    for token in re.split(r"[\s=]+", _QUOTED.sub(" ", line)):
        if not _SOURCE_LINE.search(token):
            yield token.rstrip(_EDGES).lstrip(_EDGES.replace(".", ""))


def _is_path(text: str) -> bool:
    """A path by its looks: a suffix that files have, or a beginning that paths have."""
    return is_known_suffix(text) or (text.startswith(("./", "../", "/")) and len(text) > 2)


def _is_name(text: str) -> bool:
    """What could be a path or a file's name, and could be anything else."""
    return bool(_NAME.match(text))
