"""The reference of assay.yaml for the docs, in Markdown, from the table of keys."""

from collections.abc import Iterator

from assay.declare.kinds import Key, Kind
from assay.declare.table import FILE, PYTHON_FILE


def reference_markdown() -> str:
    """Every key, section by section: what it says, what its value is, an example; then what is known and not built."""
    sections = (*_section("assay.yaml", FILE), *_section("assay.yaml of a pipeline in Python", PYTHON_FILE))
    return "\n".join(sections) + "\n"


def _section(title: str, kind: Kind) -> Iterator[str]:
    if kind.keys:
        yield from _keys(title, kind.keys)
    for key in kind.keys:
        if key.kind is not None:
            yield from _section(_below(title, key), key.kind)
    if kind.item is not None:
        yield from _section(title, kind.item)


def _keys(title: str, keys: tuple[Key, ...]) -> Iterator[str]:
    built = [key for key in keys if key.kind is not None]
    unbuilt = [key for key in keys if key.kind is None and not key.instead]
    yield f"## {title if title.startswith('assay.yaml') else f'`{title}`'}\n"
    yield "| key | says | value | example |\n|---|---|---|---|"
    yield from (_row(key, key.kind) for key in built if key.kind is not None)
    yield ""
    if unbuilt:
        yield f"Known and not built yet, so refused: {', '.join(f'`{key.name}`' for key in unbuilt)}.\n"
    yield from (f"No key is `{key.name}`: {key.instead}.\n" for key in keys if key.instead)


def _row(key: Key, kind: Kind) -> str:
    name = f"`{key.name}`" + (" (required)" if key.required else "")
    cells = (name, key.doc, kind.says, f"`{key.example}`")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _below(title: str, key: Key) -> str:
    parent = "" if title.startswith("assay.yaml") else f"{title}."
    return f"{parent}{key.name}"
