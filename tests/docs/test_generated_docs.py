"""The docs are complete and current: what the program knows is documented, and every page is found from the index."""

import importlib.util
import re
from pathlib import Path
from typing import get_args

import click
import pytest

from assay.cli.frame import INTERRUPTED, OWN_ERROR
from assay.cli.root import COMMANDS, assay
from assay.cli.run import CHANGES_PENDING
from assay.cli.watch import DRIFT_FOUND
from assay.core.events import Event, event_kind
from assay.core.problem import AssayError
from assay.core.rules import parse_column
from assay.core.run import RUN_EXIT_CODES
from assay.core.sentence import parse_sentence
from assay.explain.codes import pages

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def writer():
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "tools" / "write_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def all_commands() -> list[click.Context]:
    module = writer()
    return list(module.commands(click.Context(assay, info_name="assay")))


def all_errors(kind: type[AssayError] = AssayError) -> list[type[AssayError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in all_errors(child))]


def text_of(page: Path) -> str:
    """The page without its code blocks, in which brackets are no links and `#` is no heading."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def links_of(page: Path) -> list[str]:
    return [link for link in LINK.findall(text_of(page)) if "://" not in link and not link.startswith("mailto:")]


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(text_of(page)))
    return {title.strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", ["reference/assay-yaml.md", "reference/commands.md", "reference/errors.md"])
def test_a_generated_page_is_what_its_generator_writes_now(path):
    assert (DOCS / path).read_text(encoding="utf-8") == writer().generated_pages()[path], "run `make docs`"


def test_every_command_has_help_with_an_example_of_itself():
    contexts = all_commands()
    assert len(contexts) > len(COMMANDS)
    for context in contexts:
        command = context.command
        assert command.help, context.command_path
        assert (command.epilog or "").startswith(f"Example: {context.command_path}"), context.command_path


def test_every_option_of_every_command_says_what_it_does():
    for context in all_commands():
        for parameter in context.command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{context.command_path} {parameter.opts[0]}"


def test_every_exit_code_is_documented_and_no_other():
    documented = re.findall(
        r"^\| (\d+) \|", (DOCS / "reference/exit-codes.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    known = {kind.exit_code for kind in all_errors()} | set(RUN_EXIT_CODES.values())
    known |= {INTERRUPTED, OWN_ERROR, CHANGES_PENDING, DRIFT_FOUND}
    assert sorted(map(int, documented)) == sorted(known)


def test_every_error_code_has_its_section():
    assert set(pages()) <= anchors_of(DOCS / "reference/errors.md")


def test_every_kind_of_event_is_documented_and_no_other():
    documented = re.findall(
        r"^\| `([a-z-]+)` \|", (DOCS / "reference/events.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert documented == [event_kind(kind) for kind in get_args(Event)]


def test_every_json_schema_that_the_program_names_is_documented_and_no_other():
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/assay").rglob("*.py"))
    named = set(re.findall(r'"(assay\.[a-z-]+/\d+)"', sources)) - {"assay.key/1"}  # of a digest, never printed
    documented = re.findall(
        r"^\| `(assay\.[a-z-]+/\d+)` \|", (DOCS / "reference/json.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(documented) == sorted(named)


def test_every_page_is_reached_from_the_index():
    reached, pending = set(), [DOCS / "README.md"]
    while pending:
        page = pending.pop()
        if page not in reached:
            reached.add(page)
            targets = ((page.parent / link.partition("#")[0]).resolve() for link in links_of(page))
            pending += [target for target in targets if target.suffix == ".md" and target.is_file()]
    assert set(DOCS.rglob("*.md")) <= reached


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda page: str(page.relative_to(ROOT))
)
def test_no_link_leads_nowhere(page):
    for link in links_of(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


def shown_in(page: str, heading: str) -> list[str]:
    """What stands as code in the first column of the table below a heading."""
    section = (DOCS / page).read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.+?`) \|", section, re.MULTILINE)
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def test_every_sentence_that_the_how_to_shows_reads():
    sentences = shown_in("how-to/gate-and-release.md", "The sentences")
    assert sentences
    for sentence in sentences:
        parse_sentence(sentence)


def test_every_column_line_that_the_how_to_shows_reads():
    lines = shown_in("how-to/check-data.md", "A column's line")
    assert lines
    for line in lines:
        parse_column("column", line)
