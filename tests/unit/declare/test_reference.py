"""The reference in the docs: every key, from the one table."""

from assay.declare import reference_markdown
from assay.declare.kinds import Kind
from assay.declare.table import FILE


def rows(kind: Kind) -> list[str]:
    found = [f"| `{key.example}` |"[1:] if key.kind else f"`{key.name}`" for key in kind.keys]
    below = [key.kind for key in kind.keys if key.kind is not None] + ([kind.item] if kind.item else [])
    return found + [row for each in below for row in rows(each)]


def test_every_key_has_its_row_or_is_named_as_not_built() -> None:
    text = reference_markdown()
    assert [row for row in rows(FILE) if row not in text] == []


def test_every_section_is_a_table_of_four_columns() -> None:
    lines = [line for line in reference_markdown().splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in lines} == {5}


def test_the_reference_reads_as_agreed(snapshot) -> None:
    snapshot("declare/reference.md", reference_markdown())
