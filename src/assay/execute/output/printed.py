"""Find metrics and saved models in what a step printed.

    Training accuracy: 0.92              <words>: <number>
    loss=0.31 acc=0.9                    <name>=<number>
    {'loss': 0.5, 'epoch': 1.0}          a line that is one flat dict
    Model saved to models/model_v1.pkl

Before the name come, and are left out: time, level and logger of a log line, bullets, ``Epoch 3/10``, and whatever stands
before a comma, a bracket, a bar, `` - `` or ``: ``. What overwrites itself with carriage returns, as progress bars do, is
read line by line; colours are stripped.

A number ends where a space, a comma, a bracket or the line does: ``12.3s``, ``3/10``, ``12:30:45``, ``2.1.0`` and
``0.92-0.95`` are none. ``93.1%`` is 0.931, for ``%`` means a share everywhere in Assay, so that ``accuracy >= 0.80`` means
what it says. NaN and infinities are none either, for JSON has none; ``not_finite`` tells which metrics ended as one.

This is a reading of prose: a script that prints ``seed = 42`` has a metric of that name. Who wants exactly the numbers that
matter declares a metrics file.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from assay.core.run import Metric
from assay.execute.output.series import MAX_METRICS, NotFinite, SeriesCollector

MAX_LINE_BYTES = 4096
"""What a line holds beyond this is not read."""


class Printed(msgspec.Struct, frozen=True):
    """What a step's output says."""

    metrics: tuple[Metric, ...] = ()
    model_paths: tuple[str, ...] = ()
    """Each path that a model was said to be saved to, once, in the order of last mention."""
    not_finite: tuple[NotFinite, ...] = ()
    """Metrics whose last value is NaN or infinite; they are not among the metrics."""


def read_output(lines: Iterable[bytes]) -> Printed:
    """The metrics and saved models in a log: an open binary file, or pieces of one in order, with their line ends.

    Reads as it goes: a log of any length, or one line without end, costs no memory.
    """
    collected = SeriesCollector()
    models: dict[str, None] = {}
    for line in _telling_lines(lines):
        text = line.decode("utf-8", "replace")
        for name, value in _metrics_in(text):
            collected.add(name, value)
        path = _saved_path(text)
        if path is not None and (path in models or len(models) < MAX_METRICS):
            models.pop(path, None)
            models[path] = None
    reported = collected.reported("printed")
    return Printed(reported.metrics, tuple(models), reported.not_finite)


_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_VALUE = rf"(?P<value>{_NUMBER}|[-+]?(?i:nan|inf(?:inity)?))(?P<percent>\s?%)?"

_AFTER_SIGN = rb"""(?:
      (?: (?<==)[^\S\n]* | (?<=:)[^\S\n]+ | (?<=['"]:)[^\S\n]* ) (?:[\w.]*\(|['"])? [-+]?(?:\.?\d|[nN][aA][nN]|[iI][nN][fF])
    | (?<=:) [-+]?(?:\d*\.\d|\d+\.?[eE]|[nN][aA][nN]|[iI][nN][fF]|[\w.]+\([-+]?\.?\d)
    )"""
_HINT = re.compile(rb"[=:]" + _AFTER_SIGN, re.VERBOSE)
_HINT_OR_COLOUR = re.compile(rb"[=:\x1b](?:(?<=\x1b)|" + _AFTER_SIGN + rb")", re.VERBOSE)
_SAVED_HINTS = (b"saved", b"Saved", b"SAVED")
"""What every line that matters has. Most lines of most logs do not, and are passed over many at a time: patterns that begin with
one of few characters and never leave their line do this at a tenth of the price of asking each line."""

_PAIR = re.compile(rf"(?P<sign>[:=])(?P<space>\s*){_VALUE}(?=$|[\s;)\]}}|]|,(?!\d)|\.(?:\s|$))")
_ITEM = re.compile(rf"""["'](?P<name>[^"']{{1,80}})["']\s*:\s*(?P<quote>["']?){_VALUE}(?P=quote)(?=\s*[,}}])""")

_ANSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
_LOG_PREFIX = re.compile(
    r"""\s*(?:(?:
        [\[(]?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|\s?[+-]\d\d:?\d\d)?[\])]?
      | [\[(]?\d\d:\d\d:\d\d(?:[.,]\d+)?[\])]?
      | [\[(<]?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b[\])>]?(?::[\w.]+:)?
    )[\s:|-]*)+""",
    re.VERBOSE,
)
_NUMBER_OBJECT = re.compile(
    rf"\b(?:\w+\.)?(?:(?:float|int|uint)\d+\(({_NUMBER}|nan|inf)\)|(?:tensor|Array)\(({_NUMBER}|nan|inf)[^()]*\))"
)
"""``np.float64(0.5)`` and ``tensor(0.5, device='cuda:0')``, as numpy and PyTorch show a number."""
_CALL = re.compile(r"\b\w+\([^()=]*=.*")
"""``RandomForestClassifier(n_estimators=100, ...``: parameters, not metrics."""
_BETWEEN_FIELDS = re.compile(
    r"[;|\[\]]| [-–—] |,\s|(?<=\d),(?=[A-Za-z_])"  # noqa: RUF001 - dashes as people print them
    r"|\((?![^()]*\)\s*[:=])|\)(?!\s*[:=])"  # brackets, but for those that end a name: F1 (macro): 0.9
    r"|(?<![:=\s])\s{2,}(?![:=\s])"
)

_BAR = re.compile(r"\d+%\|")
"""How far tqdm has come; its name is no metric."""
_BULLET = re.compile(r"(?:[-*>=#+]+\s+|[^\x00-\x7f\w]+\s*)+")
_HEADING = re.compile(r"(?:epoch|step|iter(?:ation)?|batch|round)\b[ #]*\d+(?:\s*/\s*\d+)?[\s,.-]*", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d][\w .\-/@'^²%#&+*()]{0,79}")
_NO_METRIC = re.compile(
    r"(?i:(?:^|[\s_.-])(?:versions?|port|pid|line|date))$"
    r"|\w(?:Error|Exception|Warning)$"
    r"|\.(?:py|ipynb|csv|tsv|jsonl?|ya?ml|toml|txt|log|parquet|pkl|joblib|onnx|pth?|h5|np[yz])$"
)
_MAX_WORDS = 8


def _telling_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines that may matter, without ends or colours. A backspace ends one too: Keras goes back over its bar with them."""
    pending = b""
    for piece in pieces:
        block = piece.replace(b"\r", b"\n").replace(b"\x08", b"\n")
        first, last = block.find(b"\n"), block.rfind(b"\n")
        pending += block[: min(first if first >= 0 else len(block), MAX_LINE_BYTES - len(pending))]
        if first < 0:
            continue
        yield from _if_telling(pending)
        for begin, end in _hinted(block, first + 1, last):
            yield from _if_telling(block[begin : min(end, begin + MAX_LINE_BYTES)])
        pending = block[last + 1 : last + 1 + MAX_LINE_BYTES]
    yield from _if_telling(pending)


def _hinted(block: bytes, begin: int, end: int) -> list[tuple[int, int]]:
    """Begin and end of the lines of ``block[begin:end]`` that have a hint, in order."""
    found: dict[int, int] = {}
    hints = [match.start() for match in _HINT_OR_COLOUR.finditer(block, begin, end)]
    for at in (*hints, *(at for word in _SAVED_HINTS for at in _places(word, block, begin, end))):
        start = block.rfind(b"\n", begin, at) + 1 or begin
        if start not in found:
            stop = block.find(b"\n", at, end)
            found[start] = stop if stop >= 0 else end
    return sorted(found.items())


def _places(word: bytes, block: bytes, begin: int, end: int) -> Iterator[int]:
    at = block.find(word, begin, end)
    while at >= 0:
        yield at
        at = block.find(word, at + 1, end)


def _if_telling(line: bytes) -> tuple[bytes, ...]:
    """The line, where it has a hint in what is read of it."""
    line = _ANSI.sub(b"", line) if b"\x1b" in line else line
    return (line,) if _HINT.search(line) or any(word in line for word in _SAVED_HINTS) else ()


def _metrics_in(text: str) -> Iterator[tuple[str, float]]:
    text = text.strip()
    if text.startswith("{") and text.endswith("}"):
        if text.count("{") == 1:
            text = _NUMBER_OBJECT.sub(r"\1\2", text)
            yield from ((item["name"].strip(), _value(item)) for item in _ITEM.finditer(text))
        return
    text = _LOG_PREFIX.sub("", text, count=1) if _LOG_PREFIX.match(text) else text
    text = _NUMBER_OBJECT.sub(r"\1\2", _BAR.sub("|", text.replace("\t", "  ")))
    text = _CALL.sub("", text.partition("{")[0])
    for field in _BETWEEN_FIELDS.split(text):
        yield from _metrics_of_field(field)


def _metrics_of_field(field: str) -> Iterator[tuple[str, float]]:
    begin = 0
    for pair in _PAIR.finditer(field):
        before = field[begin : pair.start()]
        begin = pair.end()
        is_tight = not pair["space"] and not before.endswith(" ")
        if is_tight and pair["sign"] == ":" and pair["value"].isdecimal():
            continue  # host:8080, train.py:12
        name = _name(before, is_word=is_tight and pair["sign"] == "=")
        if name:
            yield name, _value(pair)


def _name(before: str, *, is_word: bool) -> str | None:
    """The name at the end of a text; None where what stands there names no metric."""
    words = before.rpartition(": ")[2].strip(" ,\"'").split()
    name = " ".join(words[-1:] if is_word else words)
    if not is_word:
        name = _HEADING.sub("", _BULLET.sub("", name, count=1), count=1) if name else name
    if not _NAME.fullmatch(name) or _NO_METRIC.search(name) or len(words) > _MAX_WORDS:
        return None
    return name


def _value(match: re.Match[str]) -> float:
    text = match["value"].replace(",", "")
    if not match["percent"]:
        return float(text)
    is_plain = text.lstrip("+-").replace(".", "").isdecimal()
    return float(f"{text}e-2") if is_plain else float(text) / 100  # 93.1 / 100 is not the float 0.931


_SAVED = re.compile(
    r"""\b(?: model (?:\s+(?:file|weights|checkpoint))? (?:\s+(?:was|is|has|been|successfully))* \s+ saved
            | saved (?:\s+(?:the|our|best|final|new|trained|fitted))* \s+ model )
        (?:\s+successfully)? \s* (?:\b(?:to|at|as|in|under)\b\s*:?|:) \s* (?P<rest>\S.*)""",
    re.VERBOSE | re.IGNORECASE,
)
_QUOTED = re.compile(r"""(?:\w*Path\()?(?P<quote>["'`])(?P<path>.+?)(?P=quote)""")
_PATH = re.compile(r".*/.*|.*\.[A-Za-z]\w{0,9}")
_PLAIN_WORD = re.compile(r"[A-Za-z_][\w-]*")
_NO_PATH = frozenset({"disk", "file", "memory", "storage", "cache", "database", "registry", "mlflow"})


def _saved_path(text: str) -> str | None:
    """The path of ``Model saved to PATH``. One with spaces needs quotes; an address (s3://...) is no path."""
    saved = _SAVED.search(text)
    if saved is None:
        return None
    quoted = _QUOTED.match(saved["rest"])
    if quoted:
        return quoted["path"]
    first, _, more = saved["rest"].partition(" ")
    path = first.rstrip(".,;:!)")
    is_word = not more and _PLAIN_WORD.fullmatch(path) and path.lower() not in _NO_PATH
    if "://" in path or not (_PATH.fullmatch(path) or is_word):
        return None
    return path.rstrip("/") or path
