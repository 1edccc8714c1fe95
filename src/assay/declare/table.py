"""The table of assay.yaml: every key, what it says, what its value may be, and whether it is built.

The reader, the JSON Schema for editors and the reference in the docs all come from this one table. A key without a kind is
known but not built: it is refused as such, never ignored.
"""

import msgspec

from assay.core.pipeline import ACTION_NAMES
from assay.core.rules import COLUMN_TYPES, RuleMistake, parse_column, parse_rows
from assay.declare.gate import GATE
from assay.declare.kinds import Key, either, into, list_of, mapping_of, named_list, section, unless, unset_or
from assay.declare.nodes import Mapping, Scalar, Sequence
from assay.declare.scalars import choice, flag, parsed, place_of_state
from assay.declare.values import (
    ANY_PATH,
    COLUMN,
    COMMAND,
    DECAY,
    DURATION,
    NAME,
    PREDICT,
    PROJECT_PATH,
    RATE,
    RETRAIN_ON,
    WATCHED_METRIC,
)

# Lines of the small languages

COLUMN_RULE = parsed(
    "a rule such as int 1..12",
    rf"^\s*(?:{'|'.join(COLUMN_TYPES)})(?:[^A-Za-z0-9_]|$)",
    lambda line: parse_column("", line),
    RuleMistake,
    "bad-column-rule",
)
ROWS_TEXT = parsed(
    "a number of rows such as 1000.. or 1000..5000",
    r"^\s*(?:[0-9_]+\s*(?:\.\.\s*[0-9_]*)?|\.\.\s*[0-9_]+)\s*$",
    parse_rows,
    RuleMistake,
    "bad-rows",
)
ROWS = msgspec.structs.replace(ROWS_TEXT, schema={"anyOf": [{"type": "integer", "minimum": 0}, ROWS_TEXT.schema]})

# Lists and sections

PATHS = list_of(ANY_PATH)
PROJECT_PATHS = list_of(PROJECT_PATH)
COMMANDS = into(list_of(COMMAND, least=1), lambda lines: "\n".join(line for line in lines if line is not None))
KEY_COLUMNS = list_of(COLUMN, least=1)
SELECTED = mapping_of(ANY_PATH, unset_or(list_of(NAME, least=1)), "files with keys")
PARAMS = list_of(either(NAME, SELECTED, is_second=lambda node: isinstance(node, Mapping)))

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

DATASET = unless(
    lambda node: isinstance(node, Scalar) and isinstance(node.value, str),
    section(
        Key("rows", "How many rows there are.", "rows: 1000..", ROWS),
        Key(
            "unique",
            "The columns that together name a row; or a list of such lists.",
            "unique: [carrier, flight]",
            either(
                into(KEY_COLUMNS, lambda columns: (columns,)),
                list_of(KEY_COLUMNS, least=1),
                is_second=lambda node: (
                    isinstance(node, Sequence) and any(isinstance(item, Sequence) for item in node.items)
                ),
            ),
            also=("key",),
        ),
        Key("closed", "A column that is not listed fails the check; else it is only told.", "closed: true", flag()),
        Key(
            "columns",
            "A rule for each column.",
            "columns: {month: int 1..12}",
            mapping_of(COLUMN, COLUMN_RULE, "columns with rules such as month: int 1..12"),
        ),
        Key("fresh", "How old the newest row may be.", "fresh: {time_hour: 2 days}"),
        Key("rules", "SQL expressions that must hold for each row.", "rules: {order: arrival >= departure}"),
        Key("slices", "Columns by whose values failures are counted.", "slices: [carrier]"),
        Key("drift", "How far the data may be from earlier data.", "drift: {since: champion}"),
        least=1,
    ),
    "a file of rules",
    "write the rules in place",
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
        either(COMMAND, COMMANDS, is_second=lambda node: isinstance(node, Sequence)),
        also=("cmd", "command", "script"),
    ),
    Key(
        "check",
        "Rules on datasets, by path or glob; a broken rule stops the run.",
        "check: {data/flights.parquet: {rows: 1000..}}",
        mapping_of(ANY_PATH, DATASET, "paths with rules, such as data/flights.parquet"),
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
        goes_with="run",
        also=("outs",),
    ),
    Key("metrics", "Files in which it leaves its metrics.", "metrics: [metrics.json]", PROJECT_PATHS, goes_with="run"),
    Key("needs", "Steps that must have ended well.", "needs: [Prepare]", list_of(NAME), also=("depends_on", "after")),
    Key(
        "params",
        "Keys of the file of parameters that it reads, or `{FILE: [KEYS]}`; only their values decide about reuse.",
        "params: [train, split.seed]",
        PARAMS,
        goes_with="run",
    ),
    Key("timeout", "How long it may take.", "timeout: 2h"),
    Key("retries", "How often it is tried again, and after what.", "retries: {attempts: 3, on: [oom, network]}"),
    Key("resources", "What it takes of the machine.", "resources: {cpus: 4, memory: 16GB}"),
    Key("env", "Environment variables for it.", "env: {SEED: 1}"),
    Key("secrets", "Secrets, by name, that it alone gets.", "secrets: [API_TOKEN]"),
    Key("matrix", "Run it once for each combination.", "matrix: {model: [linear, forest]}"),
    Key("foreach", "Run it once for each item.", "foreach: [EWR, JFK]"),
    Key("when", "Run it only under a condition.", "when: branch == 'main'"),
    Key("trace", "How closely its files are watched.", "trace: strict"),
    Key(
        "workdir",
        "The folder in which it runs.",
        "workdir: training",
        PROJECT_PATH,
        goes_with="run",
        also=("wdir", "cwd"),
    ),
    Key("shell", "The words before its command.", "shell: [bash, -c]", list_of(NAME, least=1), goes_with="run"),
    Key(
        "runs",
        "When it runs: `changed`, where what it declares has changed; `always`; `never`, it then counts as done.",
        "runs: always",
        choice(("changed", "always", "never")),
        goes_with="run",
    ),
    Key(
        "clears",
        "What of its outputs is removed before its command starts.",
        "clears: [models]",
        PROJECT_PATHS,
        goes_with="run",
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
        named_list(STEP, "a list of steps (`- name: Train`)", "write each step as `- name: ...` with `run: ...` below"),
        required=True,
        also=("stages", "jobs", "tasks"),
    ),
    Key("watch", "What is measured on live rows, and what follows.", "watch: {data: data/arriving/*.csv}", WATCH),
    Key("ledger", "The file of everything that happened.", "ledger: .assay/ledger.sqlite", place_of_state("ledger")),
    Key("store", "The folder of everything that was kept.", "store: .assay/store", place_of_state("store")),
    Key("params", "The file of parameters.", "params: params.yaml"),
    Key("notify", "Who is told of refusals, decay and failures.", "notify: [{run: ./tell.sh}]"),
    Key("on", "What starts a run besides a person.", "on: {push: {}}"),
    Key("env", "Environment variables for every step.", "env: {SEED: 1}"),
    Key("secrets", "Secrets that steps may name.", "secrets: [API_TOKEN]"),
    Key("trace", "How closely the files of steps are watched.", "trace: warn"),
    Key("shell", "The shell that runs the steps.", "shell: bash"),
)
