"""A verdict as people read it: the answer in the first line, then sentence by sentence with the evidence.

``headline`` is that line. ``sentence_facts`` and ``verdict_facts`` are what every face says below it, in the same words: the
terminal, ``verdict_markdown`` for a job summary or a comment, and ``verdict_page`` for a browser, ``verdict_text`` for whoever prints it. A face shows a ``tellable``
verdict: nothing that a seal covers.
"""

from assay.explain.verdict.facts import sentence_facts, verdict_facts
from assay.explain.verdict.markdown import verdict_markdown
from assay.explain.verdict.page import verdict_page
from assay.explain.verdict.plain import verdict_text
from assay.explain.verdict.sealed import tellable
from assay.explain.verdict.words import headline

__all__ = [
    "headline",
    "sentence_facts",
    "tellable",
    "verdict_facts",
    "verdict_markdown",
    "verdict_page",
    "verdict_text",
]
