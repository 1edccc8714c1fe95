"""Write the generated pages of the docs: ``python tools/write_docs.py``. ``make docs`` runs it, and a test compares.

The pages come from the tables that the program itself works with: the keys of assay.yaml, the commands, the error codes.
"""

import copy
from collections.abc import Iterator
from pathlib import Path

import click

from assay.cli.root import assay
from assay.declare import reference_markdown
from assay.explain.codes import pages

DOCS = Path(__file__).parents[1] / "docs"
WIDTH = 100
MADE = "<!-- Written by tools/write_docs.py: change its sources, then run `make docs`. -->"


def generated_pages() -> dict[str, str]:
    """The text of every generated page, by its path below docs/."""
    return {
        "reference/assay-yaml.md": assay_yaml_page(),
        "reference/commands.md": commands_page(),
        "reference/errors.md": errors_page(),
    }


def assay_yaml_page() -> str:
    intro = (
        "Every key that the file may have. A key that is not known is an error, and so is one that is known and not built. The small\n"
        "languages are explained where they are used: [conditions and `${...}`](../how-to/write-the-file.md), [column\n"
        "rules](../how-to/check-data.md), [gate sentences](../how-to/gate-and-release.md). `assay schema` prints the same as JSON Schema, for editors.\n\n"
        "The file is YAML 1.2: `on` is a word, `1:30` is text. Nothing in it is evaluated."
    )
    return _page("assay.yaml", intro, reference_markdown())


def commands_page() -> str:
    intro = (
        "What `--help` says. Every command looks for `assay.yaml` in the current folder and those above it; the answer goes to stdout, talk\n"
        "to stderr. See also the [exit codes](exit-codes.md) and the [JSON](json.md) that `--json` prints."
    )
    return _page("Commands", intro, *(_command(context) for context in commands(_context(assay, "assay", None))))


def errors_page() -> str:
    intro = (
        "Each message of Assay carries a code. Here is what it means, why it happens and what to do; `assay why CODE` shows the same\n"
        "offline. The server's refusals carry codes of this list too."
    )
    return _page("Error codes", intro, *(f"## {code}\n\n{text}" for code, text in pages().items()))


def commands(context: click.Context) -> Iterator[click.Context]:
    """A command and all below it, in the order of the help."""
    yield context
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield from commands(_context(command, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    fresh = copy.copy(command)
    fresh._help_option = None  # noqa: SLF001 -- click keeps the one of whoever asked first, a test without a parent perhaps
    return click.Context(fresh, parent, name, **settings)


def _command(context: click.Context) -> str:
    return f"## {context.command_path}\n\n```text\n{context.get_help()}\n```"


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", MADE, *(part.strip("\n") for part in parts))) + "\n"


def main() -> None:
    for path, text in generated_pages().items():
        (DOCS / path).write_text(text, encoding="utf-8")
        print(f"wrote docs/{path}")


if __name__ == "__main__":
    main()
