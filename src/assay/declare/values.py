"""Kinds of single values that several sections of assay.yaml share."""

from typing import get_args

from assay.core.metrics import METRICS
from assay.core.pipeline import NoticeKind, RetryCause, RunsWhen, TraceMode
from assay.core.reference import KEY_PATH
from assay.declare import quantities
from assay.declare.kinds import LONGEST_NAME, either, into, list_of
from assay.declare.nodes import Scalar, Sequence
from assay.declare.scalars import choice, path, quantity, share, text
from assay.declare.shell import KNOWN_SHELLS

NAME = text(f"a name of at most {LONGEST_NAME} characters on one line", rf"\S(?:[^\n\r\t]{{0,{LONGEST_NAME - 2}}}\S)?")
COLUMN = text("the name of a column", r"[\s\S]+")
COMMAND = text("a command, as text", r"[\s\S]*\S[\s\S]*")
ANY_PATH = path(inside_project=False, says="a path such as data/flights.csv")
PROJECT_PATH = path(inside_project=True, says="a path below the project such as models/delay.onnx")
PREDICT = text(
    "file.py:function, such as predict.py:load", r"(?![/~])(?!(?:.*/)?\.\./)[^\s:]+\.py:[A-Za-z_][A-Za-z0-9_]*"
)
PYTHON_PATH = text("a Python file such as pipeline.py", r"(?![/~])(?!(?:.*/)?\.\./)[^\s:\\]+\.py")
DURATION = quantity("a duration such as 1 day, 2h or 15m", quantities.DURATION, quantities.parse_duration)
RATE = quantity("a rate such as 3 per week", quantities.RATE, quantities.parse_rate)
DECAY = share("a percentage such as 15%", over=0, below=10, percentages=r"(?!0*[1-9][0-9]{3})(?!0*(?:\.0*)? ?%)")
LEVEL = share(
    "a level over 50% and below 100%, such as 95%",
    over=0.5,
    below=1,
    percentages=r"(?=0*(?:(?:5[1-9]|[6-9][0-9])(?![0-9])|50\.0*[1-9]))",
)
TIME_LIMIT = quantity("a duration such as 2h, 15m or 90s", quantities.TIME_LIMIT, quantities.parse_time_limit)
SIZE = quantity("a size such as 16GB", quantities.SIZE, quantities.parse_size)
PARAM_KEY = text("a key of the file of parameters such as train.rate", KEY_PATH)
RETRY_ON = choice(get_args(RetryCause))
NOTIFY_ON = choice(get_args(NoticeKind))
TRACE = choice(get_args(TraceMode))
RUNS = choice(get_args(RunsWhen))
WORKDIR = either(PROJECT_PATH, choice((".",)), is_second=lambda node: isinstance(node, Scalar) and node.text == ".")
SHELL = either(
    into(choice(tuple(KNOWN_SHELLS)), KNOWN_SHELLS.__getitem__),
    list_of(text("a word", r"[\s\S]*\S[\s\S]*"), least=1),
    is_second=lambda node: isinstance(node, Sequence),
)
URL = text(
    "an address such as https://example.com/hook, or a variable such as ${TEAM_WEBHOOK}",
    r"(?:https?://[^\s]+|\$\{[A-Za-z_][A-Za-z0-9_]*\}[^\s]*)",
)
RETRAIN_ON = choice(("decay", "data"), unbuilt=("drift", "schedule"))

WATCHED = tuple(
    name for name, spec in METRICS.items() if spec.needs == "prediction" and name not in ("quantile_loss", "cost")
)
"""What can be measured on live rows: metrics of predictions alone that need no settings."""
WATCHED_METRIC = choice(WATCHED, unbuilt=tuple(name for name in METRICS if name not in WATCHED))
