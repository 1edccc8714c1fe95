"""The keys of `gate:`: what a challenger is judged by, against whom, and what the metrics must be told."""

from assay.core.metrics import CostColumn, CostMatrix
from assay.core.sentence import Sentence, SentenceMistake, parse_sentence
from assay.declare.kinds import Key, either, into, list_of, mapping_of, section, such_that
from assay.declare.nodes import Scalar
from assay.declare.scalars import choice, literal, number, number_or_percent, parsed, path_mistake, text, whole_number
from assay.declare.values import ANY_PATH, COLUMN, LEVEL, PROJECT_PATH


def parse_requirement(line: str) -> Sentence:
    """The sentence that a line spells, its cases a local path; ``SentenceMistake`` for anything else."""
    sentence = parse_sentence(line)
    cases = sentence.behaviour.path if sentence.behaviour is not None else None
    if cases is not None and (wrong := _cases_mistake(cases)):
        raise SentenceMistake(line, max(line.find(cases), 0), f"a path such as tests/cases.csv: {wrong}")
    return sentence


def _cases_mistake(cases: str) -> str:
    if "://" in cases or "${" in cases:
        return "it is a local path"
    return path_mistake(cases, inside_project=False)


def _against_mistake(opponents: tuple[str, ...]) -> str:
    if "champion" not in opponents:
        return "the champion is missing: it is always the one to beat"
    return "a word stands twice" if len(set(opponents)) < len(opponents) else ""


SENTENCE = parsed("a sentence such as mae < champion.mae", r"\S", parse_requirement, SentenceMistake, "bad-sentence")
AGAINST = such_that(
    list_of(choice(("champion", "archived")), least=1),
    "[champion] or [champion, archived]",
    _against_mistake,
    "wrong-type",
    "write [champion] or [champion, archived]",
    contains={"const": "champion"},
    uniqueItems=True,
)
TWO_NUMBERS = such_that(
    list_of(number("a number")),
    "two numbers such as [0, 5]",
    lambda numbers: "" if len(numbers) == 2 else f"expected two numbers, got {len(numbers)}",
    "wrong-type",
    "write [LOWEST, HIGHEST]",
    minItems=2,
    maxItems=2,
)
SCORE_RANGE = such_that(
    TWO_NUMBERS,
    "two numbers such as [0, 5], the lower first",
    lambda ends: "" if ends[0] < ends[1] else "the first number must be lower than the second",
    "empty-range",
    "write [LOWEST, HIGHEST]",
)
CLASS = text("a class, as text", r"[\s\S]*\S[\s\S]*")
COST_MATRIX = mapping_of(
    CLASS,
    mapping_of(CLASS, number("a cost of 0 or more", least=0), "predictions with costs such as on time: 5"),
    "labels with predictions and costs such as late: {on time: 5}",
)
COST = either(
    into(
        COST_MATRIX,
        lambda rows: CostMatrix(tuple((label, guess, cost) for label, costs in rows for guess, cost in costs)),
    ),
    into(COLUMN, CostColumn),
    is_second=lambda node: isinstance(node, Scalar) and isinstance(node.value, str),
)

LEAKAGE = section(
    Key("allow", "Columns that may give the label away.", "allow: [dep_delay]", list_of(COLUMN, least=1), required=True)
)

GATE = section(
    Key(
        "data",
        "Rows with labels that no step before has trained on, to score challenger and champion on. A gate has this or `metrics`.",
        "data: data/test.parquet",
        ANY_PATH,
    ),
    Key(
        "metrics",
        "A file of numbers, to compare as they are where there are no rows; its pass is marked unprotected.",
        "metrics: metrics.json",
        PROJECT_PATH,
    ),
    Key(
        "require",
        "What must be shown of the challenger, sentence by sentence.",
        "require: [mae < champion.mae, mae <= 15]",
        list_of(SENTENCE, least=1),
        required=True,
    ),
    Key(
        "detect",
        "The smallest gain worth finding, in the metric's unit; it decides how many labels are asked for.",
        "detect: 0.02",
        number_or_percent("a number over 0, or a percentage such as 2%"),
    ),
    Key("confidence", "The level of every sentence without an `at` of its own.", "confidence: 95%", LEVEL),
    Key(
        "reveal",
        "What leaves the gate: what was measured; or the verdict alone, so that nothing can be tuned by it.",
        "reveal: verdict",
        choice(("metrics", "verdict")),
    ),
    Key(
        "group",
        "The column whose rows belong together, such as a customer: tests count its values, not rows.",
        "group: customer_id",
        COLUMN,
        also=("cluster", "groups"),
    ),
    Key("time", "The column of times: rows of one day belong together.", "time: departure", COLUMN),
    Key(
        "against",
        "Whom the challenger is judged against; with archived, earlier champions are judged against the one in force too.",
        "against: [champion, archived]",
        AGAINST,
    ),
    Key(
        "min_rows",
        "A slice with fewer rows is pooled into `other`; 100 unless told.",
        "min_rows: 200",
        whole_number("a whole number of 1 or more", least=1),
    ),
    Key(
        "positive",
        "The class that precision, recall, f1, auc and average_precision speak of; 1 or true unless told.",
        "positive: late",
        literal("a class, as text, number or boolean"),
        also=("pos_label", "positive_class"),
    ),
    Key(
        "quantile",
        "The quantile that quantile_loss is about, between 0 and 1.",
        "quantile: 0.9",
        number("a number between 0 and 1", over=0, below=1),
    ),
    Key(
        "cost",
        "What predictions cost, by label and prediction; or the column that says what a wrong one costs.",
        "cost: {late: {on time: 5}, on time: {late: 1}}",
        COST,
        also=("costs", "cost_matrix"),
    ),
    Key(
        "score_range",
        "The lowest and highest score there can be; it allows an exact test of `score`.",
        "score_range: [0, 5]",
        SCORE_RANGE,
    ),
    Key(
        "leakage",
        "A column that gives the label away stops the gate; these may, for they are known before it.",
        "leakage: {allow: [dep_delay]}",
        LEAKAGE,
    ),
    Key(
        "behaviour",
        "How predictions must react to changed rows.",
        "behaviour: [{invariant: [tail_number]}]",
        instead="write a sentence such as `violations(invariant COLUMN) <= 1%` below `require:`",
        also=("behaviours", "behavior", "behaviors"),
    ),
    says="keys such as data and require",
    one_of=("data", "metrics"),
    not_both=("group", "time"),
)
