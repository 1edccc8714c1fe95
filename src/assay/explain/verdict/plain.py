"""A verdict as plain text, for whoever prints it: the answer in the first line, then sentence by sentence, then what holds for all."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from assay.core.verdict import SentenceVerdict, Verdict
from assay.explain.texts import clipped
from assay.explain.verdict.facts import Fact, say_reason, sentence_facts, verdict_facts
from assay.explain.verdict.sealed import tellable
from assay.explain.verdict.words import ICONS, headline

WIDTH = 100


def verdict_text(verdict: Verdict, width: int = WIDTH) -> str:
    """The report without colours, in lines of at most ``width`` columns."""
    told = tellable(verdict)
    blocks = [_wrapped(headline(told), width), *(list(_sentence(each, told, width)) for each in told.sentences)]
    blocks.append(_facts(verdict_facts(told), width, indent=1))
    return "\n\n".join("\n".join(block) for block in blocks)


def _sentence(sentence: SentenceVerdict, verdict: Verdict, width: int) -> Iterator[str]:
    head = f"{ICONS[sentence.verdict]} {sentence.verdict}  {clipped(sentence.sentence, 400)}"
    yield from _indented(_wrapped(head, width - 3), 1)
    yield from _indented(_wrapped(say_reason(sentence.reason), width - 3), 3)
    yield from _facts(sentence_facts(sentence, verdict), width, indent=3)


def _facts(facts: Sequence[Fact], width: int, indent: int) -> list[str]:
    """Labels in a column, and beside them what they say."""
    beside = indent + max((len(label) for label, _ in facts), default=0) + 2
    lines = []
    for label, text in facts:
        first, *rest = _wrapped(text, width - beside) or [""]
        lines += [f"{' ' * indent}{label.ljust(beside - indent)}{first}", *_indented(rest, beside)]
    return lines


def _indented(lines: Sequence[str], indent: int) -> list[str]:
    return [" " * indent + line for line in lines]


def _wrapped(text: str, room: int) -> list[str]:
    return wrap(text, room, break_on_hyphens=False)
