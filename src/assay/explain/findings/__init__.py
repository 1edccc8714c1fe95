"""Findings as people read them: the answer in the first line, then the broken rules with what one needs to act on them.

``headline`` is that line, ``told_rules`` the rules in the order in which every face tells them, ``finding_facts`` what stands below each,
in the same words everywhere. A terminal's face is ``cli/findings.py``; ``summary``, ``because`` and ``one_line`` are the few lines that a
run has. The larger faces are modules that only who writes them imports: ``page`` for a browser, ``markdown`` for a job summary or a
comment, ``junit`` for what shows tests.
"""

from assay.explain.findings.brief import because, one_line, summary
from assay.explain.findings.facts import finding_facts
from assay.explain.findings.told import ToldRule, outcome_of, told_rules
from assay.explain.findings.words import headline

__all__ = ["ToldRule", "because", "finding_facts", "headline", "one_line", "outcome_of", "summary", "told_rules"]
