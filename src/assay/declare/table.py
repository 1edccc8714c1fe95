"""The table of assay.yaml: every key, what it says, what its value may be, and whether it is built.

The reader, the JSON Schema for editors and the reference in the docs all come from this one table. A key without a kind is
known but not built: it is refused as such, never ignored.
"""

from assay.core.pipeline import ACTION_NAMES, Resources, Retries
from assay.declare.cells import FOREACH, MATRIX
from assay.declare.dataset import DATASET
from assay.declare.filled import WHEN, filled, filled_command
from assay.declare.gate import GATE
from assay.declare.kinds import Key, either, into, list_of, mapping_of, section
from assay.declare.nodes import Scalar, Sequence
from assay.declare.of_all import DATASET_NAME
from assay.declare.param_keys import PARAMS
from assay.declare.scalars import number, place_of_state, whole_number
from assay.declare.secrets import SECRET, SECRETS, VALUE, VARIABLE
from assay.declare.steps import steps_of
from assay.declare.values import (
    ANY_PATH,
    COLUMN,
    COMMAND,
    DECAY,
    DURATION,
    NAME,
    NOTIFY_ON,
    PREDICT,
    PROJECT_PATH,
    PYTHON_PATH,
    RATE,
    RETRAIN_ON,
    RETRY_ON,
    RUNS,
    SHELL,
    SIZE,
    TIME_LIMIT,
    TRACE,
    URL,
    WATCHED_METRIC,
    WORKDIR,
)

# Lists and sections

PATHS = list_of(filled(ANY_PATH))
PROJECT_PATHS = list_of(filled(PROJECT_PATH))
STEP_COMMAND = filled_command(COMMAND)
COMMANDS = into(list_of(STEP_COMMAND, least=1), lambda lines: "\n".join(line for line in lines if line is not None))

ENV = into(
    mapping_of(VARIABLE, filled(VALUE), "variables with values such as SEED: 1"), lambda pairs: tuple(sorted(pairs))
)
RETRIES = either(
    into(
        section(
            Key(
                "attempts",
                "How often it is tried in all.",
                "attempts: 3",
                whole_number("a whole number from 1 to 100", least=1, most=100),
                required=True,
            ),
            Key(
                "backoff",
                "The wait before the second attempt, doubled before each further one.",
                "backoff: 10s",
                DURATION,
            ),
            Key(
                "on",
                "The causes after which it is tried again; any, where nothing is said.",
                "on: [oom]",
                list_of(RETRY_ON, least=1),
            ),
        ),
        lambda values: Retries(values.get("attempts", 1), values.get("on", ()), values.get("backoff", 1.0)),
    ),
    into(whole_number("a number of further attempts such as 2", least=0, most=99), lambda number: Retries(number + 1)),
    is_second=lambda node: isinstance(node, Scalar),
)
RESOURCES = into(
    section(
        Key(
            "cpus",
            "Processors; parts of one are allowed.",
            "cpus: 4",
            number("a number over 0 such as 4 or 0.5", over=0),
        ),
        Key("gpus", "Graphics processors.", "gpus: 1", whole_number("a whole number of 0 or more", least=0)),
        Key(
            "memory",
            "Memory of all its processes together; beyond it they are ended.",
            "memory: 16GB",
            SIZE,
            also=("mem", "ram"),
        ),
        least=1,
    ),
    lambda values: Resources(values.get("cpus", 0.0), values.get("gpus", 0), values.get("memory")),
)
NOTIFY = section(
    Key(
        "run",
        "A command; what happened comes to it on standard input, as JSON.",
        "run: ./tell.sh",
        filled_command(COMMAND),
    ),
    Key("url", "An address to which what happened is posted, as JSON.", 'url: "${TEAM_WEBHOOK}"', URL),
    Key("secret", "The variable whose value signs what is posted.", "secret: WEBHOOK_KEY", SECRET, goes_with=("url",)),
    Key("on", "Of what; of everything, where nothing is said.", "on: [failed, refused]", list_of(NOTIFY_ON, least=1)),
    says="`run: COMMAND` or `url: ADDRESS`",
    one_of=("run", "url"),
)

MODEL = section(
    Key("path", "The file or folder that a step writes.", "path: models/delay.onnx", ANY_PATH, required=True),
    Key("label", "The column that is predicted.", "label: late", COLUMN, also=("target",)),
    Key("id", "The column that names a row; predictions and later labels meet by it.", "id: flight_id", COLUMN),
    Key("time", "The column that says when the row happened.", "time: departure", COLUMN),
    Key(
        "predict",
        "`file.py:function`; `function(path)` loads the model and returns `predict(columns)`. Not needed for "
        "`.onnx`, `.skops`, `.pkl`, `.joblib`, and XGBoost's, LightGBM's and CatBoost's own files.",
        "predict: predict.py:load",
        PREDICT,
    ),
)

DEPLOY = section(
    Key("canary", "Shares of the traffic, step by step.", "canary: [5%, 25%, 100%]"),
    Key("hold", "How long each share is held.", "hold: 15m"),
    may_be_empty=True,
)

STEP = section(
    Key("name", "What the step is called; each name once.", "name: Train", NAME, required=True, also=("id", "title")),
    Key(
        "run",
        "A command for the shell, or a list of them.",
        "run: python train.py",
        either(STEP_COMMAND, COMMANDS, is_second=lambda node: isinstance(node, Sequence)),
        also=("cmd", "command", "script"),
    ),
    Key(
        "check",
        "Rules on datasets, by path, glob or table, in place or in a file; a broken rule stops the run.",
        "check: {data/flights.parquet: {rows: 1000..}}",
        mapping_of(DATASET_NAME, DATASET, "paths with rules, such as data/flights.parquet"),
        also=("checks",),
    ),
    Key(
        "gate",
        "What a challenger must show before it may be released.",
        "gate: {data: data/test.parquet, require: [mae <= 15]}",
        GATE,
    ),
    Key("release", "Join code, data and model in a release.", "release: {}", section(may_be_empty=True)),
    Key("deploy", "Give the run's release the live traffic.", "deploy: {}", DEPLOY),
    Key(
        "inputs",
        "Files and folders that the step reads.",
        "inputs: [data/flights.parquet, train.py]",
        PATHS,
        also=("deps",),
    ),
    Key(
        "outputs",
        "Files and folders that it writes.",
        "outputs: [models/delay.onnx]",
        PROJECT_PATHS,
        goes_with=("run",),
        also=("outs",),
    ),
    Key(
        "metrics",
        "Files in which it leaves its metrics.",
        "metrics: [metrics.json]",
        PROJECT_PATHS,
        goes_with=("run",),
        also=("live", "plots"),
    ),
    Key(
        "needs",
        "Steps that must have ended well.",
        "needs: [Prepare]",
        list_of(filled(NAME)),
        also=("depends_on", "after"),
    ),
    Key(
        "params",
        "Keys of the file of parameters that it reads, or `{FILE: [KEYS]}`; only their values decide about reuse.",
        "params: [train, split.seed]",
        PARAMS,
        goes_with=("run",),
    ),
    Key(
        "timeout",
        "How long an attempt may take; of a gate, how long a model may take to answer all rows (10 minutes).",
        "timeout: 2h",
        TIME_LIMIT,
        goes_with=("run", "gate"),
    ),
    Key(
        "retries",
        "How often it is tried, and after what it is tried again; a plain number is of further attempts.",
        "retries: {attempts: 3, backoff: 10s, on: [oom, network]}",
        RETRIES,
        goes_with=("run",),
        also=("retry",),
    ),
    Key(
        "resources",
        "What it takes of the machine while it runs.",
        "resources: {cpus: 4, memory: 16GB}",
        RESOURCES,
        goes_with=("run",),
    ),
    Key("env", "Environment variables for it.", "env: {SEED: 1}", ENV, goes_with=("run",), also=("environment",)),
    Key(
        "secrets",
        "Environment variables, by name, that it alone gets; their values are masked wherever they show.",
        "secrets: [API_TOKEN]",
        SECRETS,
        goes_with=("run",),
    ),
    Key(
        "matrix",
        "Run it once for each combination; `${matrix.AXIS}` is its value.",
        "matrix: {model: [linear, forest], depth: [2, 8], exclude: [{model: linear, depth: 8}]}",
        MATRIX,
        goes_with=("run",),
        also=("strategy",),
    ),
    Key(
        "foreach",
        "Run it once for each item; `${item}` is the item, `${item.KEY}` a value in it, `${key}` its key.",
        "foreach: [EWR, JFK]",
        FOREACH,
        goes_with=("run",),
    ),
    Key("when", "Run it only under a condition, else skip it.", "when: branch == 'main'", WHEN, also=("if",)),
    Key(
        "trace",
        "What becomes of files that it reads undeclared: a warning, a failure, or they are not looked for.",
        "trace: strict",
        TRACE,
        goes_with=("run",),
    ),
    Key(
        "workdir",
        "The folder in which it runs; its other paths are relative to the project all the same.",
        "workdir: training",
        filled(WORKDIR),
        goes_with=("run",),
        also=("wdir", "cwd"),
    ),
    Key(
        "shell",
        "What runs its command; a list of words is followed by the command.",
        "shell: bash",
        SHELL,
        goes_with=("run",),
    ),
    Key(
        "runs",
        "When it runs: `changed`, where what it declares has changed; `always`; `never`, it then counts as done.",
        "runs: always",
        RUNS,
        goes_with=("run",),
    ),
    Key(
        "clears",
        "What of its outputs is removed before its command starts.",
        "clears: [models]",
        PROJECT_PATHS,
        goes_with=("run",),
    ),
    Key(
        "keeps",
        "What of its outputs it may leave as it was, because it writes only what differs.",
        "keeps: [report.html]",
        PROJECT_PATHS,
        goes_with=("run",),
    ),
    says="a step (`name:` and one action such as `run:`)",
    one_of=tuple(ACTION_NAMES.values()),
)

WATCH = section(
    Key(
        "data",
        "Arriving batches: a path or glob, each file a batch.",
        "data: data/arriving/*.csv",
        ANY_PATH,
        required=True,
    ),
    Key("labels", "Files with id and label, which may come later.", "labels: data/labels/*.csv", ANY_PATH),
    Key(
        "performance",
        "When the live model counts as decayed.",
        "performance: {metric: mae, decay: 15%}",
        section(
            Key("metric", "What is measured on the live rows.", "metric: mae", WATCHED_METRIC, required=True),
            Key(
                "decay",
                "How much worse than the champion's value on its gate rows, shown at 95 %.",
                "decay: 15%",
                DECAY,
                required=True,
            ),
        ),
    ),
    Key("drift", "When the live rows count as drifted.", "drift: {since: champion, window: 7 days}"),
    Key(
        "retrain",
        "What starts a run, and how often it may. Times are on the data's clock.",
        "retrain: {on: [decay], cooldown: 1 day, at_most: 3 per week}",
        section(
            Key("on", "What starts a run.", "on: [decay, data]", list_of(RETRAIN_ON, least=1)),
            Key("cooldown", "The least time between two runs.", "cooldown: 1 day", DURATION),
            Key("at_most", "How many runs in how much time.", "at_most: 3 per week", RATE),
            Key("schedule", "Times at which a run starts.", 'schedule: "0 3 * * 1"', also=("cron",)),
        ),
    ),
)

FILE = section(
    Key("name", "What runs, releases and the champion are filed under; else the project's name.", "name: delays", NAME),
    Key("model", "The model that the pipeline is about.", "model: {path: models/delay.onnx}", MODEL),
    Key(
        "steps",
        "What happens, in order.",
        "steps: [{name: Train, run: python train.py}]",
        steps_of(STEP, "a list of steps (`- name: Train`)", "write each step as `- name: ...` with `run: ...` below"),
        required=True,
        also=("stages", "jobs", "tasks"),
    ),
    Key("watch", "What is measured on live rows, and what follows.", "watch: {data: data/arriving/*.csv}", WATCH),
    Key("ledger", "The file of everything that happened.", "ledger: .assay/ledger.sqlite", place_of_state("ledger")),
    Key("store", "The folder of everything that was kept.", "store: .assay/store", place_of_state("store")),
    Key("params", "The file of parameters: YAML, JSON or TOML.", "params: params.yaml", ANY_PATH, also=("vars",)),
    Key(
        "notify",
        "Who is told of failures, refusals, decay, drift and rollbacks.",
        "notify: [{run: ./tell.sh}]",
        list_of(NOTIFY),
        also=("notifications",),
    ),
    Key("on", "What starts a run besides a person.", "on: {push: {}}"),
    Key("env", "Environment variables for every `run` step.", "env: {SEED: 1}", ENV, also=("environment",)),
    Key(
        "secrets",
        "The secrets that there are; where this is written, no step may name another.",
        "secrets: [API_TOKEN]",
        SECRETS,
    ),
    Key("trace", "`trace` of every step that has none of its own.", "trace: warn", TRACE),
    Key("shell", "`shell` of every step that has none of its own.", "shell: bash", SHELL),
)

PYTHON_FILE = section(
    Key(
        "python",
        "The Python file that declares the pipeline with `assay.Pipeline`; the one key of the file then.",
        "python: pipeline.py",
        PYTHON_PATH,
        required=True,
    ),
)
"""In place of all other keys."""
