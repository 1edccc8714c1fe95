"""Sentences that somebody gives to a command, instead of writing them in assay.yaml."""

from collections.abc import Iterable

from assay.core.detect import detect_mistake
from assay.core.expected import what_to_write
from assay.core.problem import Problem, UsageError
from assay.core.sentence import Sentence, SentenceMistake, parse_sentence


def read_sentences(lines: Iterable[str]) -> tuple[Sentence, ...]:
    """The sentences; ``UsageError`` names the first that does not read, and where."""
    return tuple(map(_read, lines))


def read_sentences_of_rows(lines: Iterable[str]) -> tuple[Sentence, ...]:
    """The sentences; ``UsageError`` also for one that rows of answers cannot tell about."""
    sentences = read_sentences(lines)
    for sentence in sentences:
        if not sentence.is_of_rows:
            problem = Problem(
                "bad-sentence",
                f"{sentence.metric} cannot be judged from a table",
                (f"in the sentence {sentence.text!r}", "a table holds answers; it does not say how they were made"),
                "require a metric of the table's rows",
            )
            raise UsageError(problem)
    return sentences


def demand_detect(detect: float | None, sentences: Iterable[Sentence]) -> None:
    """``UsageError`` where nothing can be better by so much."""
    because = detect_mistake(detect, sentences)
    if because:
        what = f"a gain of {detect:g} is more than there can be"
        raise UsageError(Problem("bad-detect", what, (because,), "give what is worth finding, such as 0.02"))


def _read(line: str) -> Sentence:
    try:
        return parse_sentence(line)
    except SentenceMistake as mistake:
        because = (line, " " * mistake.offset + "^", *([mistake.because] if mistake.because else []))
        fix = what_to_write(mistake.expected, line[mistake.offset :])
        problem = Problem("bad-sentence", f"a sentence does not read: expected {mistake.expected}", because, fix)
        raise UsageError(problem) from mistake
