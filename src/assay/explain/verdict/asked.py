"""What a sentence asks, as far as it can be told and drawn: its units, its bar, and the side of it that passes."""

import msgspec

from assay.core.metrics import METRICS
from assay.core.sentence import (
    MODEL_SIZE,
    VIOLATIONS,
    Comparison,
    Sentence,
    SentenceMistake,
    is_resource,
    parse_sentence,
)
from assay.explain.amounts import CHANGE, GAIN, GAP, NUMBER, RARE, SHARE, Scale
from assay.explain.texts import clipped

_COMPARED: dict[Comparison, str] = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}


class Asked(msgspec.Struct, frozen=True):
    """A sentence, read again from its text. One that does not read (an imported one) is only numbers."""

    sentence: Sentence | None
    values: Scale = NUMBER
    """Of the challenger's and the champion's value."""
    tested: Scale = NUMBER
    """Of the estimate, its interval and the bar."""
    bar: float | None = None
    """What the estimate is held against."""
    is_above: bool = True
    """The side of the bar that passes."""

    @property
    def is_relative(self) -> bool:
        """It compares with the champion: an estimate of 0 is no difference."""
        return self.sentence is not None and self.sentence.is_relative

    @property
    def is_forbidding(self) -> bool:
        """It passes unless harm is shown."""
        return self.sentence is not None and self.sentence.is_forbidding

    @property
    def is_of_gap(self) -> bool:
        """It is about the greatest difference between two slices, and no slice's own value."""
        return self.sentence is not None and self.sentence.quantifier == "gap"

    @property
    def is_of_behaviour(self) -> bool:
        """It counts violations among cases that were tried."""
        return self.sentence is not None and self.sentence.behaviour is not None

    @property
    def unit(self) -> str:
        """What its evidence counts: rows, cases that were tried, or calls that were timed."""
        if self.is_of_behaviour:
            return "case"
        return "call" if self.sentence is not None and is_resource(self.sentence.metric) else "row"

    @property
    def is_better(self) -> bool | None:
        """It asks for a challenger that is better than the champion, and not only for one that is little worse; None where
        neither is what it asks."""
        if self.sentence is None or not self.is_relative or self.is_forbidding:
            return None
        spec = METRICS.get(self.sentence.metric)
        if spec is not None and spec.higher_is_better != self.is_above:
            return None
        number, operator = self.sentence.right.number, self.sentence.right.operator
        shift = number - 1 if operator == "*" else -number if operator == "-" else number
        return shift >= 0 if self.is_above else shift <= 0

    def say_bar(self) -> str:
        """``at least 80.00 % is asked``, ``less than -5.00 points is forbidden``; empty where it is not known."""
        if self.sentence is None or self.bar is None:
            return ""
        is_forbidden = "forbidden" if self.is_forbidding else "asked"
        bar = self.tested.say(self.bar) if self.bar else f"0 {self.tested.unit}".rstrip()
        return f"{_COMPARED[self.sentence.comparison]} {bar} is {is_forbidden}"

    def say_tested(self, champion: str) -> str:
        """What the estimate is of: ``challenger - 1.05 x r2``."""
        if self.sentence is None or not self.is_relative:
            return "challenger"
        right = self.sentence.right
        return f"challenger - {f'{right.number:g} x ' if right.operator == '*' else ''}{champion}"


def asked_by(text: str) -> Asked:
    """What the sentence asks."""
    try:
        sentence = parse_sentence(text)
    except SentenceMistake:
        return Asked(None)
    values, tested = _scales(sentence)
    is_above = (sentence.comparison[0] == ">") != sentence.is_forbidding
    return Asked(sentence, values, tested, _bar(sentence), is_above)


def champion_name(release: str | None) -> str:
    """``r2``, or ``the champion`` where no release names it."""
    return clipped(release, 24).replace("`", "'") if release else "the champion"


def _scales(sentence: Sentence) -> tuple[Scale, Scale]:
    values = scale_of(sentence.metric)
    if sentence.quantifier == "gap":
        values = GAP if values == SHARE else values
        return values, values
    if not sentence.is_relative:
        return values, values
    if values == SHARE:
        return SHARE, GAIN
    return values, Scale(values.unit, is_signed=True) if values.unit else CHANGE


def scale_of(metric: str) -> Scale:
    """How a value of the metric is written."""
    if is_resource(metric):
        return Scale("MB" if metric == MODEL_SIZE else "ms")
    if metric == VIOLATIONS:
        return RARE
    if metric in METRICS and METRICS[metric].kind == "share":
        return SHARE
    return NUMBER


def _bar(sentence: Sentence) -> float:
    """With a factor, the estimate is what is left of the challenger's value."""
    right = sentence.right
    if right.metric is None:
        return right.number
    return {"+": right.number, "-": -right.number, "*": 0.0}[right.operator]
