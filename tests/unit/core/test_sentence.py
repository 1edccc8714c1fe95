"""Gate sentences are read exactly, and a mistake names its place and what would have been right."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assay.core.metrics import METRICS, REQUIRABLE
from assay.core.sentence import (
    Behaviour,
    Reference,
    Sentence,
    SentenceMistake,
    SliceOf,
    is_resource,
    latency_share,
    parse_sentence,
)

UA = SliceOf("carrier", "UA")
CARRIERS = SliceOf("carrier")
EIGHTY = Reference(0.8)


def sentence(metric: str, comparison: str, right: Reference, **more: object) -> Sentence:
    return msgspec.structs.replace(Sentence(metric, comparison, right), **more)


def violations(behaviour: Behaviour, limit: float = 0.01) -> Sentence:
    return sentence("violations", "<=", Reference(limit), behaviour=behaviour)


def read(text: str) -> Sentence:
    """The sentence without its text."""
    return msgspec.structs.replace(parse_sentence(text), text="")


def of_slice(text: str) -> SliceOf | None:
    return read(f"slice({text}).mae < 3").slice


PLAIN = {
    "accuracy >= 0.80": sentence("accuracy", ">=", EIGHTY),
    "mae<=15": sentence("mae", "<=", Reference(15.0)),
    "rmse < 1.5e1": sentence("rmse", "<", Reference(15.0)),
    "accuracy > .8": sentence("accuracy", ">", EIGHTY),
    "recall >= 80%": sentence("recall", ">=", EIGHTY),
    "error_rate < 0.1 %": sentence("error_rate", "<", Reference(0.001)),
    "r2 > -0.5": sentence("r2", ">", Reference(-0.5)),
    "score >= -1e2": sentence("score", ">=", Reference(-100.0)),
    "auc > 1": sentence("auc", ">", Reference(1.0)),
    "cost <= 12.50": sentence("cost", "<=", Reference(12.5)),
}

RELATIVE = {
    "accuracy > champion.accuracy": sentence("accuracy", ">", Reference(0.0, "accuracy")),
    "accuracy > champion.accuracy at 99%": sentence("accuracy", ">", Reference(0.0, "accuracy"), confidence=0.99),
    "error_rate < champion.error_rate - .01": sentence("error_rate", "<", Reference(0.01, "error_rate", "-")),
    "mae < champion.mae + 0.5": sentence("mae", "<", Reference(0.5, "mae", "+")),
    "mae < champion.mae * 0.95 at 99.9 %": sentence("mae", "<", Reference(0.95, "mae", "*"), confidence=0.999),
    "mae < champion.mae \N{MULTIPLICATION SIGN} 0.95": sentence("mae", "<", Reference(0.95, "mae", "*")),
    "r2 > champion.r2 + 1.5": sentence("r2", ">", Reference(1.5, "r2", "+")),
}

SLICED = {
    "every slice(carrier).accuracy >= 0.80": sentence("accuracy", ">=", EIGHTY, quantifier="every", slice=CARRIERS),
    "slice(carrier=UA).accuracy >= 0.80": sentence("accuracy", ">=", EIGHTY, slice=UA),
    "no slice(carrier=UA).accuracy < 0.8": sentence("accuracy", "<", EIGHTY, quantifier="no", slice=UA),
    "no slice(carrier).accuracy < champion.accuracy - 0.05 at 99%": sentence(
        "accuracy", "<", Reference(0.05, "accuracy", "-"), confidence=0.99, quantifier="no", slice=CARRIERS
    ),
    "no accuracy < champion.accuracy - 0.01": sentence(
        "accuracy", "<", Reference(0.01, "accuracy", "-"), quantifier="no"
    ),
    "gap(sex).recall <= 0.05": sentence("recall", "<=", Reference(0.05), quantifier="gap", slice=SliceOf("sex")),
    "gap(sex).recall < 5% at 90%": sentence(
        "recall", "<", Reference(0.05), confidence=0.9, quantifier="gap", slice=SliceOf("sex")
    ),
    "gap(region).r2 <= 1.5": sentence("r2", "<=", Reference(1.5), quantifier="gap", slice=SliceOf("region")),
}

BEHAVIOURS = {
    "violations(invariant tail_number) <= 1%": violations(Behaviour("invariant", ("tail_number",))),
    "violations(invariant a, b , c) <= 0.01": violations(Behaviour("invariant", ("a", "b", "c"))),
    "violations(missing dep_delay) <= 1%": violations(Behaviour("missing", ("dep_delay",))),
    "violations(dep_delay up, prediction up) <= 1%": violations(
        Behaviour("direction", ("dep_delay",), "up", "up"),
    ),
    "violations(age down,prediction up) <= 1%": violations(Behaviour("direction", ("age",), "down", "up")),
    "violations(cases tests/cases.csv) <= 0": violations(Behaviour("cases", path="tests/cases.csv"), 0.0),
    "violations(cases tests/hard rows-2.csv ) <= 0": violations(Behaviour("cases", path="tests/hard rows-2.csv"), 0.0),
    'violations(cases "rows (hard).csv") <= 0': violations(Behaviour("cases", path="rows (hard).csv"), 0.0),
    'violations("dep delay" up, prediction down) <= 1%': violations(
        Behaviour("direction", ("dep delay",), "up", "down")
    ),
    'violations("invariant" up, prediction up) <= 1%': violations(Behaviour("direction", ("invariant",), "up", "up")),
    'violations("cases" down, prediction up) <= 1%': violations(Behaviour("direction", ("cases",), "down", "up")),
}

RESOURCES = {
    "latency_p99_ms <= 20": sentence("latency_p99_ms", "<=", Reference(20.0)),
    "latency_p50_ms < 5 at 99%": sentence("latency_p50_ms", "<", Reference(5.0), confidence=0.99),
    "latency_p999_ms < champion.latency_p999_ms * 1.1": sentence(
        "latency_p999_ms", "<", Reference(1.1, "latency_p999_ms", "*")
    ),
    "model_size_mb <= 200": sentence("model_size_mb", "<=", Reference(200.0)),
    "model_size_mb <= champion.model_size_mb + 5": sentence(
        "model_size_mb", "<=", Reference(5.0, "model_size_mb", "+")
    ),
}

READ = PLAIN | RELATIVE | SLICED | BEHAVIOURS | RESOURCES


@pytest.mark.parametrize("text", READ)
def test_a_sentence_reads_as_what_it_says(text):
    assert parse_sentence(f"  {text} ") == msgspec.structs.replace(READ[text], text=text)


@pytest.mark.parametrize("metric", REQUIRABLE)
def test_every_metric_that_can_be_required_is_a_word(metric):
    assert read(f"{metric} < champion.{metric}") == sentence(metric, "<", Reference(0.0, metric))


@pytest.mark.parametrize(
    "written, expected",
    [
        ("carrier=UA", SliceOf("carrier", "UA")),
        ("carrier = 9E", SliceOf("carrier", "9E")),
        ("month=1", SliceOf("month", "1")),
        ("ratio=0.50", SliceOf("ratio", "0.50")),
        ("delay=-5", SliceOf("delay", "-5")),
        ("delay=- 1e3", SliceOf("delay", "-1e3")),
        ("größe=groß", SliceOf("größe", "groß")),
        ("城市=北京", SliceOf("城市", "北京")),
        ('"time of day"="early morning"', SliceOf("time of day", "early morning")),
        ('day="2013-01-01"', SliceOf("day", "2013-01-01")),
        ('kind=")("', SliceOf("kind", ")(")),
        ('size="12"" disc"', SliceOf("size", '12" disc')),
        ('"every"="no"', SliceOf("every", "no")),
        ("slice=champion", SliceOf("slice", "champion")),
    ],
)
def test_columns_and_values_may_be_called_anything(written, expected):
    assert of_slice(written) == expected


@pytest.mark.parametrize("percent, share", [("99", 0.99), ("99.9", 0.999), ("50.5", 0.505), ("99.9999", 0.999999)])
def test_a_level_is_a_share(percent, share):
    assert parse_sentence(f"mae < 3 at {percent}%").confidence == share
    assert parse_sentence(f"no slice(a).mae > 3 at {percent} %").confidence == share


def test_only_a_sentence_about_the_champion_is_relative():
    assert parse_sentence("mae < champion.mae").is_relative
    assert not parse_sentence("mae < 15").is_relative


def test_only_no_forbids():
    assert parse_sentence("no mae > 15").is_forbidding
    assert not parse_sentence("every slice(a).mae < 15").is_forbidding


def test_behaviours_and_resources_are_about_no_metric_of_rows():
    assert parse_sentence("gap(a).mae < 15").is_of_rows
    assert not any(item.is_of_rows for item in (BEHAVIOURS | RESOURCES).values())


def test_a_latency_names_its_share_of_requests():
    names = ["latency_p50_ms", "latency_p99_ms", "latency_p975_ms", "latency_p999_ms"]
    assert [latency_share(name) for name in names] == [0.5, 0.99, 0.975, 0.999]
    assert all(is_resource(name) for name in (*names, "model_size_mb"))
    assert [latency_share(name) for name in ("latency_p00_ms", "latency_p100_ms", "latency_p990_ms", "mae")] == [
        None
    ] * 4


A_METRIC = (
    "a metric: accuracy, error_rate, precision, recall, f1, auc, average_precision, log_loss, brier, mae, rmse, r2, quantile_loss, "
    "cost or score"
)
A_SENTENCE = "a sentence such as accuracy > champion.accuracy at 99%"
A_COLUMN = 'a column, in "quotes" where it is no plain word'
A_VALUE = 'a value, in "quotes" where it is no plain word'
A_LEVEL = "a level over 50% and below 100%, such as 99%"
A_BEHAVIOUR = "one of invariant COLUMN; missing COLUMN; COLUMN up, prediction up; cases FILE"
LATENCIES = "latency_p50_ms, latency_p95_ms, latency_p99_ms or latency_p999_ms"
QUOTES = ', or "quotes" around what is no plain word'
A_SHARE = "a share from 0 to 1, or a percentage (0.9 or 90%)"
POINTS = "a difference from 0 to 1 (0.05 for 5 points)"
A_FACTOR = "a factor over 0, such as 0.95"
THE_END = "the end, or a level such as at 99%"
UP_OR_DOWN = "up or down"
AFTER_NO = "a metric or slice(COLUMN). after no"
AFTER_EVERY = "slice(COLUMN). after every"
OF_ROWS = "a metric of rows, such as accuracy"

OPENINGS = [
    ("", 0, A_SENTENCE),
    ("   ", 3, A_SENTENCE),
    ("5", 0, A_SENTENCE),
    ("> 5", 0, A_SENTENCE),
    ("acuracy > 0.8", 0, "a metric; did you mean accuracy?"),
    ("Accuracy > 0.8", 0, "a metric; did you mean accuracy?"),
    ('"accuracy" > 0.8', 0, "a metric; did you mean accuracy?"),
    (" roc_auc > 0.8", 1, "a metric; did you mean auc?"),
    ("mse < 3", 0, "a metric; did you mean rmse?"),
    ("bleu > 0.8", 0, A_METRIC),
    ("not(accuracy) > 0.8", 0, "no"),
    ("Every slice(a).mae < 3", 0, "every"),
    ("all slice(a).mae < 3", 0, "every"),
    ("slcie(a).mae < 3", 0, "slice"),
    ("violation(cases a.csv) <= 0", 0, "violations"),
    ("foo(a) < 3", 0, "slice(COLUMN)., gap(COLUMN). or violations(...)"),
    ("champion.mae > mae", 0, "a metric: the champion stands on the right"),
    ("latency < 3", 0, LATENCIES),
    ("latency_p100_ms < 3", 0, LATENCIES),
    ("latency_p99_s < 3", 0, LATENCIES),
    ("every", 5, AFTER_EVERY),
    ("every accuracy > 0.8", 6, AFTER_EVERY),
    ("every gap(a).recall < 0.8", 6, AFTER_EVERY),
    ("every violations(cases a.csv) < 0.8", 6, AFTER_EVERY),
    ("no", 2, A_METRIC),
    ("no every slice(a).mae < 3", 3, OF_ROWS),
    ("no gap(a).recall > 0.1", 3, AFTER_NO),
    ("no latency_p99_ms > 5", 3, AFTER_NO),
    ("no model_size_mb > 5", 3, AFTER_NO),
    ("no violations(cases a.csv) > 1%", 3, AFTER_NO),
]

SLICES = [
    ("slice.mae < 3", 5, "(COLUMN)"),
    ("slice().mae < 3", 6, A_COLUMN),
    ('slice("").mae < 3', 6, A_COLUMN),
    ('slice("a).mae < 3', 6, A_COLUMN),
    ("slice(5=a).mae < 3", 6, A_COLUMN),
    ("slice(a=).mae < 3", 8, A_VALUE),
    ('slice(a="").mae < 3', 8, A_VALUE),
    ("slice(a=-b).mae < 3", 8, A_VALUE),
    ("slice(a b).mae < 3", 8, ") or =VALUE" + QUOTES),
    ("slice(a=N/A).mae < 3", 9, ")" + QUOTES),
    ("slice(a=2013-01-01).mae < 3", 12, ")" + QUOTES),
    ("slice(a=b", 9, ")" + QUOTES),
    ("slice(a).mae < 3", 7, "=VALUE, or every or no before slice(a)"),
    ("every slice(a=b).mae < 3", 15, ") without a value: every slice(a) is each of its values"),
    ("slice(a=b) mae < 3", 11, ".METRIC"),
    ("slice(a=b).acc < 0.3", 11, "a metric; did you mean accuracy?"),
    ("slice(a=b).bleu < 0.3", 11, A_METRIC),
    ("slice(a=b).slice(c=d).mae < 3", 11, OF_ROWS),
    ("slice(a=b).latency_p99_ms < 3", 11, OF_ROWS),
    ("slice(a=b).model_size_mb < 3", 11, OF_ROWS),
    ("slice(a=b).violations(cases x) < 3", 11, OF_ROWS),
    ("gap.mae < 3", 3, "(COLUMN)"),
    ("gap(a=b).mae < 3", 5, "), as a gap is between all values of its column"),
    ("gap(a b).mae < 3", 6, ")" + QUOTES),
    ("gap(a) < 3", 7, ".METRIC"),
]

KINDS_OF_BEHAVIOUR = [
    ("violations < 3", 11, "(BEHAVIOUR)"),
    ("violations() < 3", 11, A_BEHAVIOUR),
    ("violations(5) < 3", 11, A_BEHAVIOUR),
    ("violations(invariant) < 3", 20, A_COLUMN),
    ("violations(missing a,) < 3", 21, A_COLUMN),
    ("violations(invariant a b) < 3", 23, ")"),
    ("violations(dep) < 3", 14, UP_OR_DOWN),
    ("violations(dep rises, prediction up) < 3", 15, UP_OR_DOWN),
    ('violations(dep "up", prediction up) < 3', 15, UP_OR_DOWN),
    ("violations(dep up) < 3", 17, ", prediction up or , prediction down"),
    ("violations(dep up", 17, ", prediction up or , prediction down"),
    ("violations(dep up, score up) < 3", 19, "prediction up or prediction down"),
    ("violations(dep up, prediction) < 3", 29, UP_OR_DOWN),
    ("violations(dep up, prediction up < 3", 33, ")"),
    ("violations(cases) < 3", 16, "a file of rows with labels"),
    ("violations(cases a.csv < 3", 26, ")"),
    ("violations(cases a.csv) >= 3", 24, "one of < <="),
]

COMPARISONS = [
    ("accuracy", 8, "one of > >= < <="),
    ("accuracy = 0.8", 9, "one of > >= < <="),
    ("accuracy => 0.8", 9, "one of > >= < <="),
    ('accuracy ">" 0.8', 9, "one of > >= < <="),
    ("gap(a).recall > 0.8", 14, "one of < <="),
    ("latency_p99_ms >= 3", 15, "one of < <="),
    ("model_size_mb == 3", 14, "one of < <="),
]

RIGHT_SIDES = [
    ("accuracy > ", 11, "a number or champion.accuracy"),
    ("accuracy > good", 11, "a number or champion.accuracy"),
    ("accuracy > -0.5", 11, "a number or champion.accuracy"),
    ("accuracy > 0.5e", 11, "a number or champion.accuracy"),
    ("accuracy > 0.5.1", 11, "a number or champion.accuracy"),
    ("accuracy > 1_000", 11, "a number or champion.accuracy"),
    ('accuracy > "0.5"', 11, "a number or champion.accuracy"),
    ("accuracy > mae", 11, "a number or champion.accuracy"),
    ("mae < 1e999", 6, "a number or champion.mae"),
    ("mae < -1", 6, "a number or champion.mae"),
    ("mae < \N{ARABIC-INDIC DIGIT ONE}", 6, "a number or champion.mae"),
    ("accuracy > accuracy", 11, "champion.accuracy"),
    ("latency_p99_ms < latency_p99_ms", 17, "champion.latency_p99_ms"),
    ("gap(a).recall < champion.recall", 16, "a number"),
    ("gap(a).r2 < -1", 12, "a number"),
    ("gap(a).recall < recall", 16, "a number"),
    ("violations(cases a) < champion.violations", 22, "a number"),
    ("accuracy >= 90", 12, A_SHARE),
    ("accuracy >= 101%", 12, A_SHARE),
    ("violations(cases a) <= 2", 23, A_SHARE),
    ("auc >= 90%", 7, "a number without %, as auc is no share of rows"),
    ("mae < 5%", 6, "a number without %, as mae is no share of rows"),
    ("latency_p99_ms < 5%", 17, "a number without %, as latency_p99_ms is no share of rows"),
    ("f1 >= 80", 6, "a number up to 1, as f1 is"),
    ("r2 >= 1.5", 6, "a number up to 1, as r2 is"),
    ("gap(a).auc <= 1.5", 14, "a number up to 1, as auc is"),
]

CHAMPIONS = [
    ("accuracy > champion", 19, ".accuracy"),
    ("accuracy > champion.acuracy", 20, "accuracy, the metric on the left"),
    ('accuracy > champion."accuracy"', 20, "accuracy, the metric on the left"),
    ("mae < champion.rmse", 15, "mae, the metric on the left"),
    ("latency_p99_ms < champion.latency_p95_ms", 26, "latency_p99_ms, the metric on the left"),
    ("no slice(a).mae > champion.slice(a).mae", 27, "mae: the champion's is taken on the same slice"),
    ("mae < champion.mae - much", 21, "a number"),
    ("mae < champion.mae - -3", 21, "a number"),
    ("accuracy > champion.accuracy + 2", 31, POINTS),
    ("accuracy > champion.accuracy + 1", 31, POINTS),
    ("accuracy > champion.accuracy + 2%", 31, POINTS),
    ("mae < champion.mae - 5%", 21, "a number without % (champion.mae * 0.95 is 5% less)"),
    ("mae < champion.mae * lots", 21, "a factor such as 0.95"),
    ("mae < champion.mae * 0", 21, A_FACTOR),
    ("mae < champion.mae * 95%", 21, A_FACTOR),
    ("mae < champion.mae / 2", 19, "one of + - *, a level such as at 99%, or the end"),
    ("mae < champion.mae 2", 19, THE_END),
]

LEVELS_AND_ENDS = [
    ("accuracy >= 0.9 at", 18, A_LEVEL),
    ("accuracy >= 0.9 at 0.99", 19, A_LEVEL),
    ("accuracy >= 0.9 at 99", 19, A_LEVEL),
    ("accuracy >= 0.9 at 100%", 19, A_LEVEL),
    ("accuracy >= 0.9 at 50%", 19, A_LEVEL),
    ("accuracy >= 0.9 at 99.99999999999999%", 19, A_LEVEL),
    ("accuracy >= 0.9 at -99%", 19, A_LEVEL),
    ("model_size_mb <= 20 at 99%", 20, "the end: a size is compared as it is, at no level"),
    ("accuracy >= 0.9 and mae < 3", 16, "the end: each requirement is a sentence of its own"),
    ("accuracy >= 0.9 or mae < 3", 16, THE_END),
    ("accuracy >= 0.9 at 99% again", 23, THE_END),
    ("accuracy >= 0.9;", 15, THE_END),
]


@pytest.mark.parametrize(
    "text, offset, expected",
    [*OPENINGS, *SLICES, *KINDS_OF_BEHAVIOUR, *COMPARISONS, *RIGHT_SIDES, *CHAMPIONS, *LEVELS_AND_ENDS],
)
def test_a_mistake_names_its_place_and_what_was_expected(text, offset, expected):
    with pytest.raises(SentenceMistake) as caught:
        parse_sentence(text)
    assert (caught.value.offset, caught.value.expected) == (offset, expected)
    assert caught.value.because == ""
    assert str(caught.value) == f"expected {expected} at {text[offset:] or 'the end'!r}"


@pytest.mark.parametrize(
    "text, offset, expected, because",
    [
        ("accuracy >= 0", 12, "a share over 0 (0.9 or 90%)", "accuracy >= 0 is so of any model"),
        ("error_rate <= 100%", 14, "a share below 1 (0.01 or 1%)", "error_rate <= 1 is so of any model"),
        ("violations(invariant c) <= 1", 27, "a share below 1 (0.01 or 1%)", "violations <= 1 is so of any model"),
        ("gap(sex).recall <= 1", 19, "a share below 1 (0.01 or 1%)", "recall <= 1 is so of any model"),
        ("accuracy >= 0.9%", 12, "a share such as 0.9 or 90%", "0.9% is 0.009, which hardly any model misses"),
    ],
)
def test_what_any_model_does_is_asked_by_mistake(text, offset, expected, because):
    with pytest.raises(SentenceMistake) as caught:
        parse_sentence(text)
    assert (caught.value.offset, caught.value.expected, caught.value.because) == (offset, expected, because)


@pytest.mark.parametrize(
    "text", ["accuracy > 0", "error_rate <= 0.5%", "accuracy >= 1%", "accuracy >= 0.009", "mae >= 0"]
)
def test_what_a_model_may_miss_can_be_asked(text):
    parse_sentence(text)


@pytest.mark.parametrize("text, offset", [("drift(hour) <= 0.1", 0), ("no drift(hour) > 0.1", 3)])
def test_a_known_word_that_is_not_built_is_refused_as_such(text, offset):
    with pytest.raises(
        SentenceMistake, match=r"^'drift' is not built yet; expected a metric such as accuracy "
    ) as caught:
        parse_sentence(text)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    "text, word, offset", [("calibration_error < 1", "calibration_error", 0), ("no ECE > 1", "ECE", 3)]
)
def test_a_metric_that_is_only_reported_says_why_and_what_to_require(text, word, offset):
    with pytest.raises(SentenceMistake) as caught:
        parse_sentence(text)
    assert caught.value.offset == offset
    assert caught.value.because == f"'{word}' is biased, so it is reported and not required"
    assert caught.value.expected == "brier or log_loss, which can be tested"


# Sentences written and read again

BELOW_ZERO = ("r2", "score")
NAMES = st.one_of(
    st.sampled_from(
        ["carrier", "tail number", "every", "prediction", "größe", "N/A", 'a"b', '"', "up", "invariant", "2013", "-5"]
    ),
    st.text(min_size=1, max_size=12).filter(lambda name: "\n" not in name),
)
SHARES = st.one_of(st.floats(0, 1, exclude_min=True, exclude_max=True), st.sampled_from([0.05, 0.8]))
AMOUNTS = st.floats(0, 1e300)
PATHS = st.text('abc/.-_ 01ü()"', min_size=1, max_size=12).filter(str.strip).map(str.strip)
TURNS = st.sampled_from(["up", "down"])


def kind_of(metric: str) -> str:
    return METRICS[metric].kind if metric in METRICS else "share" if metric == "violations" else "amount"


@st.composite
def references(draw: st.DrawFn, metric: str, *, is_limit: bool) -> Reference:
    kind = kind_of(metric)
    if not is_limit and metric != "violations" and draw(st.booleans()):
        operator = draw(st.sampled_from("+-*"))
        factors = AMOUNTS.filter(bool)
        return Reference(draw(factors if operator == "*" else SHARES if kind == "share" else AMOUNTS), metric, operator)
    if metric in BELOW_ZERO and not is_limit:
        return Reference(draw(st.floats(-1e300, 1 if metric == "r2" else 1e300)))
    return Reference(draw(AMOUNTS if kind == "amount" else SHARES))


BEHAVIOUR = st.one_of(
    st.builds(Behaviour, st.sampled_from(["invariant", "missing"]), st.lists(NAMES, min_size=1, max_size=3).map(tuple)),
    st.builds(Behaviour, st.just("direction"), st.tuples(NAMES), TURNS, TURNS),
    st.builds(Behaviour, st.just("cases"), path=PATHS),
)


@st.composite
def sentences(draw: st.DrawFn) -> Sentence:
    form = draw(st.sampled_from(["plain", "every", "no", "no slice", "slice", "gap", "behaviour", "resource"]))
    names = ["latency_p99_ms", "latency_p50_ms", "model_size_mb"] if form == "resource" else REQUIRABLE
    metric = "violations" if form == "behaviour" else draw(st.sampled_from(names))
    is_limit = form in ("gap", "behaviour", "resource")
    has_slice = form in ("every", "slice", "gap") or form == "no slice"
    value = draw(NAMES) if form == "slice" or (form == "no slice" and draw(st.booleans())) else None
    return Sentence(
        metric,
        draw(st.sampled_from(["<", "<="] if is_limit else ["<", "<=", ">", ">="])),
        draw(references(metric, is_limit=form == "gap")),
        None if metric == "model_size_mb" else draw(st.sampled_from([None, 0.95, 0.99, 0.999])),
        quantifier={"every": "every", "no": "no", "no slice": "no", "gap": "gap"}.get(form),
        slice=SliceOf(draw(NAMES), value) if has_slice else None,
        behaviour=draw(BEHAVIOUR) if form == "behaviour" else None,
    )


def quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def written(sentence: Sentence) -> str:
    """The sentence in one of its spellings."""
    level = "" if sentence.confidence is None else f" at {sentence.confidence * 100:.12g}%"
    return f"{left_of(sentence)} {sentence.comparison} {right_of(sentence.right)}{level}"


def left_of(sentence: Sentence) -> str:
    if sentence.behaviour is not None:
        return f"violations({inside_of(sentence.behaviour)})"
    if sentence.slice is None:
        return f"no {sentence.metric}" if sentence.quantifier else sentence.metric
    column, value = sentence.slice.column, sentence.slice.value
    inner = quoted(column) if value is None else f"{quoted(column)}={quoted(value)}"
    before = {None: "slice", "gap": "gap"}.get(sentence.quantifier, f"{sentence.quantifier} slice")
    return f"{before}({inner}).{sentence.metric}"


def inside_of(behaviour: Behaviour) -> str:
    if behaviour.kind == "cases":
        path = behaviour.path or ""
        needs_quotes = path != path.strip() or any(mark in path for mark in ')"')
        return f"cases {quoted(path) if needs_quotes else path}"
    columns = ", ".join(map(quoted, behaviour.columns))
    if behaviour.kind == "direction":
        return f"{columns} {behaviour.change}, prediction {behaviour.prediction}"
    return f"{behaviour.kind} {columns}"


def right_of(right: Reference) -> str:
    number = repr(right.number)
    return number if right.metric is None else f"champion.{right.metric} {right.operator} {number}"


@given(sentences())
def test_a_sentence_that_was_written_reads_as_itself(sentence):
    assert read(written(sentence)) == sentence


@given(sentences())
def test_a_sentence_survives_the_ledger(sentence):
    assert msgspec.json.decode(msgspec.json.encode(sentence), type=Sentence) == sentence


WORDS = st.sampled_from(
    [
        *(
            "every",
            "no",
            "slice",
            "gap",
            "violations",
            "invariant",
            "missing",
            "cases",
            "prediction",
            "up",
            "down",
            "at",
        ),
        *(
            "champion",
            "accuracy",
            "mae",
            "r2",
            "latency_p99_ms",
            "model_size_mb",
            "drift",
            "carrier",
            "UA",
            "99",
            "0.8",
        ),
        *"().,=<>+-*/%\"'",
        *(">=", "<=", " ", "\t", "1e999", "\N{MULTIPLICATION SIGN}", "\N{SUPERSCRIPT TWO}"),
    ]
)


@given(st.one_of(st.text(), st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=14).map("".join)))
@example("(" * 5000)
@example('slice("' + '""' * 5000)
@example("mae < " + "9" * 5000)
@example("\ud800 > 3")
@example("accuracy > \0")
def test_any_text_is_a_sentence_or_a_mistake_inside_it(text):
    try:
        parsed = parse_sentence(text)
    except SentenceMistake as mistake:
        offset, expected = mistake.offset, mistake.expected
    else:
        offset, expected = 0, "nothing else"
        assert read(written(parsed)) == msgspec.structs.replace(parsed, text="")
    assert 0 <= offset <= len(text)
    assert expected
