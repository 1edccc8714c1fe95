"""Every error code has its page, and every page its code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import assay
from assay.explain.codes import page, pages

SOURCE = Path(assay.__file__).parent
MODULES = {
    path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(SOURCE.rglob("*.py"))
}
NODES = [(name, node) for name, module in MODULES.items() for node in ast.walk(module)]


def position_of_code(function: ast.FunctionDef) -> int | None:
    """Where the function takes a text called ``code``, not counting self."""
    arguments = [each for each in function.args.args if each.arg not in {"self", "cls"}]
    at = next((at for at, each in enumerate(arguments) if each.arg == "code"), None)
    is_text = at is not None and isinstance(arguments[at].annotation, ast.Name) and arguments[at].annotation.id == "str"
    return at if is_text else None


def takers() -> Iterator[tuple[str, int]]:
    """(name, position) of what is called with a code: Problem, and functions and classes that pass one on to it."""
    yield "Problem", 0
    for _, node in NODES:
        for function in node.body if isinstance(node, ast.Module | ast.ClassDef) else ():
            at = position_of_code(function) if isinstance(function, ast.FunctionDef) else None
            if at is not None:
                is_made = isinstance(node, ast.ClassDef) and function.name == "__init__"
                yield (node.name if is_made else function.name), at


TAKERS = dict(takers())
TABLES = {
    node.value.id
    for _, node in NODES
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and getattr(node.slice, "id", "") == "code"
}
"""Tables that are looked up by ``code``."""


def expressions_of_code(node: ast.AST) -> Iterator[ast.expr]:
    """What is given as a code in this node: to a taker, to a variable called so, as a key of a table of codes."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in TAKERS:
            yield from node.args[TAKERS[name] : TAKERS[name] + 1]
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "code")
    elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
        yield node.value
    elif (
        isinstance(node, ast.AnnAssign)
        and getattr(node.target, "id", "") in TABLES
        and isinstance(node.value, ast.Dict)
    ):
        yield from (key for key in node.value.keys if key is not None)


def patterns_of(expression: ast.expr) -> Iterator[str]:
    """Every text that the expression can be, as a regular expression: ``no-(label|id)`` is ``no-[a-z-]+``."""
    if isinstance(expression, ast.IfExp):
        yield from patterns_of(expression.body)
        yield from patterns_of(expression.orelse)
    elif isinstance(expression, ast.JoinedStr):
        yield "".join(
            re.escape(part.value) if isinstance(part, ast.Constant) else "[a-z-]+" for part in expression.values
        )
    elif isinstance(expression, ast.Constant) and expression.value and isinstance(expression.value, str):
        yield re.escape(expression.value)


USED = {(pattern, name) for name, node in NODES for each in expressions_of_code(node) for pattern in patterns_of(each)}


def test_every_code_has_a_section():
    missing = {
        f"{pattern} in {name}" for pattern, name in USED if not any(re.fullmatch(pattern, code) for code in pages())
    }
    assert sorted(missing) == [], "write these sections in explain/codes.md"


def test_no_section_is_stale():
    stale = [code for code in pages() if not any(re.fullmatch(pattern, code) for pattern, _ in USED)]
    assert stale == [], "no error has these codes: take the sections out of explain/codes.md"


def test_sections_are_in_alphabetical_order_and_short():
    assert list(pages()) == sorted(pages())
    assert [code for code, text in pages().items() if not 2 <= len(text.splitlines()) <= 6] == []


def test_a_page_is_read_by_its_code():
    text = page("output-not-written")
    assert text is not None
    assert "outputs" in text


def test_an_unknown_code_has_no_page():
    assert page("no-such-code") is None


def command_names() -> set[str]:
    """The first words that `assay` knows."""
    from assay.cli.root import assay as group

    return set(group.list_commands(group.make_context("assay", [], resilient_parsing=True)))


def test_every_command_that_a_text_names_is_one():
    texts = [
        (name, node.value) for name, node in NODES if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    texts += [(f"codes.md, {code}", text) for code, text in pages().items()]
    named = {
        (name, found)
        for name, text in texts
        for found in re.findall(r"(?:`|: |^|; )assay ([a-z][a-z-]+)\b(?! v1)", text)
    }
    known = command_names()
    assert len(named) > 20
    assert {each for each in named if each[1] not in known} == set()
