"""Rows that belong together, slices, and whole gates: how often they pass what is false."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
from gate_trials.sizes import ask, questions
from gate_trials.worlds import (
    Draw,
    World,
    amounts,
    classes,
    clustered_amounts,
    clustered_classes,
    clustered_scores,
    sliced,
)

from assay.core.metrics import MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, decide, judge_sentence, labelled_rows

SLICES = 5


class Count(msgspec.Struct, frozen=True):
    """How often something happened that should not."""

    what: str
    rows: int
    delta: float
    happened: int
    tries: int
    refused: int = 0
    ignoring: int | None = None
    """How often it happened where the rows were taken to be independent."""


def clusters(icc: float, count: int, tries: int, seed: Sequence[int], delta: float = 0.05) -> Iterator[Count]:
    """Sentences that are false by nothing, about ten rows in each of so many clusters."""
    for world in (clustered_classes(icc), clustered_amounts(icc), clustered_scores(icc)):
        rng = np.random.default_rng(seed)
        asked = [(form, each) for form, each in questions(world, _CLUSTERED) if form != "back"]
        happened, ignoring, refused = (np.zeros(len(asked), int) for _ in range(3))
        for _ in range(tries):
            evidence = world.draw(rng, 10 * count)
            for at, (_, question) in enumerate(asked):
                together, is_refused = ask(question, labelled_rows(evidence, "group"), world.settings)
                happened[at] += together[_AT_05]
                refused[at] += is_refused
                ignoring[at] += ask(question, labelled_rows(evidence), world.settings)[0][_AT_05]
        for at, (form, question) in enumerate(asked):
            name = f"{question.metric}, {form}"
            yield Count(name, 10 * count, delta, int(happened[at]), tries, int(refused[at]), int(ignoring[at]))


_CLUSTERED = ("accuracy", "f1", "mae", "auc")
_AT_05 = 1


def slices(rows: int, tries: int, seed: int, delta: float = 0.05) -> Iterator[Count]:
    """Sentences about five slices of so many rows each."""
    level, better, worse = (classes(differ=0.1, gain=gain) for gain in (0.0, 0.06, -0.05))
    more, less = classes(right=0.9), classes(right=0.8)
    even, apart = amounts(), amounts(larger=1.1)
    cases: list[tuple[str, str, list[World]]] = [
        ("every: equal in one slice, better in four", "every slice(part).accuracy > champion.accuracy", [level] + [better] * 4),
        ("every: at its number in one slice", f"every slice(part).accuracy >= {less.truth['accuracy'][0]!r}", [less] + [more] * 4),
        ("no: worse by exactly what is forbidden in all", "no slice(part).accuracy < champion.accuracy - 0.05", [worse] * SLICES),
        ("no: equal in all", "no slice(part).accuracy < champion.accuracy", [level] * SLICES),
        ("no: mae, the champion's times 1.1 in all", f"no slice(part).mae > champion.mae * {1 / 1.1!r}", [apart] * SLICES),
        ("no: mae, equal in all", "no slice(part).mae > champion.mae", [even] * SLICES),
        ("gap: exactly at its limit", "gap(part).accuracy < 0.1", [more, less] + [classes(right=0.85)] * 3),
        ("gap: mae, exactly at its limit", f"gap(part).mae < {0.1 * even.truth['mae'][0]!r}", [even, amounts_scaled(1.1)] + [even] * 3),
    ]  # fmt: skip
    for what, text, worlds in cases:
        yield _count_sentence(what, text, sliced(worlds), SLICES * rows, tries, seed, delta)


def amounts_scaled(by: float) -> World:
    """``amounts`` in which both models' errors are ``by`` times as large."""
    world = amounts()

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        seen = world.draw(rng, rows)
        assert seen.champion is not None
        labels = seen.labels
        ours, theirs = (labels + by * (answers - labels) for answers in (seen.challenger, seen.champion))
        return msgspec.structs.replace(seen, challenger=ours, champion=theirs)

    return msgspec.structs.replace(world, draw=draw)


def whole_gate(rows: int, tries: int, seed: int, delta: float = 0.05) -> Iterator[Count]:
    """Gates of several sentences, some of them false by nothing."""
    world = classes(differ=0.1)
    right = world.truth["accuracy"][0]
    cases = (
        ("gate: one of three sentences false", ("accuracy > champion.accuracy", "accuracy > 0.5", "recall > 0.5")),
        ("gate: four sentences, all false", (
            "accuracy > champion.accuracy", f"accuracy > {right!r}", "f1 > champion.f1", "cost < champion.cost",
        )),
    )  # fmt: skip
    for what, texts in cases:
        gate = GateAction(
            "data/gate.csv", tuple(map(parse_sentence, texts)), confidence=1 - delta, settings=world.settings
        )
        yield _count(what, world.draw, rows, tries, seed, delta, lambda seen, gate=gate: decide(gate, seen).outcome)


def _count_sentence(what: str, text: str, draw: Draw, rows: int, tries: int, seed: int, delta: float) -> Count:
    sentence = parse_sentence(text)
    return _count(
        what,
        draw,
        rows,
        tries,
        seed,
        delta,
        lambda seen: judge_sentence(sentence, labelled_rows(seen), delta, None, MetricSettings(), 50).verdict,
        "fail" if sentence.is_forbidding else "pass",
    )


def _count(
    what: str,
    draw: Draw,
    rows: int,
    tries: int,
    seed: int,
    delta: float,
    judge: Callable[[Evidence], str],
    wrong: str = "pass",
) -> Count:
    rng = np.random.default_rng(seed)
    verdicts = [judge(draw(rng, rows)) for _ in range(tries)]
    return Count(what, rows, delta, verdicts.count(wrong), tries)
