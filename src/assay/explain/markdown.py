"""Parts of Markdown as GitHub and GitLab read it: tables, folded parts, code spans.

What others wrote stands in code spans, where nothing is read as Markdown, as a mention or as a link, or has what Markdown reads taken
from it.
"""

import re
from collections.abc import Iterable, Sequence

from assay.explain.texts import visible

_READ = re.compile(r"([\\`*_\[\]<>~$&!])")
_LINKED = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)")
_BAR = re.compile(r"(\\?)\|")


def folded(summary: str, blocks: Iterable[str]) -> str:
    """Blocks below a line that opens them."""
    inside = "\n\n".join(block for block in blocks if block)
    return f"<details>\n<summary>{summary}</summary>\n\n{inside}\n\n</details>"


def bullets(facts: Iterable[tuple[str, str]]) -> str:
    """A line for each label and what it says."""
    return "\n".join(f"- {plain(label)}: {plain(text)}" for label, text in facts)


def table_head(names: Sequence[str], words: int) -> list[str]:
    """A table's head; after so many columns of words, numbers stand to the right."""
    return [table_row(plain(name) for name in names), f"|{'---|' * words}{'---:|' * (len(names) - words)}"]


def table_row(cells: Iterable[str]) -> str:
    """Cells that are Markdown already."""
    return f"| {' | '.join(_BAR.sub(_escaped_bar, cell) for cell in cells)} |"


def _escaped_bar(bar: re.Match[str]) -> str:
    """A backslash before it would undo its own."""
    return f"{bar[1]}\N{ZERO WIDTH SPACE}\\|" if bar[1] else r"\|"


def rich(text: str) -> str:
    """A line in which sentences stand in backticks."""
    return "".join(code(part) if at % 2 else plain(part) for at, part in enumerate(text.split("`")))


def code(text: str) -> str:
    """A code span: a fence of more backticks than it holds."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence, pad = "`" * (longest + 1), " " if text[:1] in "` " or text[-1:] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def plain(text: str) -> str:
    """Plain words: nothing in them is read as Markdown, mentions anyone or becomes a link."""
    return _LINKED.sub("\N{ZERO WIDTH SPACE}", _READ.sub(r"\\\1", visible(text)))
