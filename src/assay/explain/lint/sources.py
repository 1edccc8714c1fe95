"""The project's files as lint looks at them: whether they are there, and the text of scripts with all that they import."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from posixpath import dirname, join, normpath

from assay.core.pipeline import Declaration, Step
from assay.core.problem import Place
from assay.explain import command

SCRIPTS = (".py", ".sh")
MOST_IMPORTS = 50
"""So many modules of the project are read for one script."""

_MAY_START = re.compile(r"\.(?:py|sh)\b|\s-m\s")
_IMPORT = re.compile(r"^\s*(?:from\s+(\.*[\w.]*)\s+import\s+([\w, ]+)|import\s+([\w., ]+))", re.MULTILINE)


class Sources:
    """Looks at files, each read at most once."""

    def __init__(self, read: Callable[[str], bytes | None], is_there: Callable[[str], bool]) -> None:
        """``read``: the bytes of a file of the project, or None where it is not there or not to be read."""
        self.is_there = is_there
        self._read = read
        self._texts: dict[str, str | None] = {}

    def text(self, path: str) -> str | None:
        """The text of a file; None where there is none."""
        if path not in self._texts:
            data = self._read(path)
            self._texts[path] = None if data is None else data.decode("utf-8", "replace")
        return self._texts[path]

    def with_imports(self, script: str) -> tuple[str, ...]:
        """The text of a script and of the project's own modules that it imports, and they; empty where it is not there."""
        seen: dict[str, str] = {}
        pending = [script]
        while pending and len(seen) < MOST_IMPORTS:
            path = pending.pop()
            text = None if path in seen else self.text(path)
            if text is not None:
                seen[path] = text
                pending += _imported(path, text) if path.endswith(".py") else ()
        return tuple(seen.values())


def scripts_of(step: Step) -> tuple[str, ...]:
    """The scripts that a step's command runs, as paths of the project."""
    line = command.text(step)
    return _scripts(line, step.workdir) if _MAY_START.search(line) else ()


@lru_cache(10_000)
def _scripts(line: str, workdir: str) -> tuple[str, ...]:
    words = command.split(line)
    named = [word for word in words if word.endswith(SCRIPTS) and not word.startswith("-")]
    named += [f"{module.replace('.', '/')}.py" for flag, module in pairwise(words) if flag == "-m"]
    return tuple(dict.fromkeys(normpath(join(workdir, path)) for path in named))


def texts_of(step: Step, sources: Sources) -> tuple[str, ...]:
    """The texts of all that a step runs; empty where one of its scripts, or all, cannot be read."""
    found = [sources.with_imports(script) for script in scripts_of(step)]
    return tuple(text for texts in found for text in texts) if all(found) else ()


def constants(text: str) -> tuple[str, ...]:
    """The texts in quotes of a Python program; of what does not read as Python, of any program."""
    try:
        nodes = ast.walk(ast.parse(text))
    except (SyntaxError, ValueError):
        return tuple(re.findall(r"""["']([^"'\n]*)["']""", text))
    return tuple(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def place_of(declaration: Declaration, step: Step, key: str, at: int | None = None) -> Place | None:
    """Where a step declares something; where the step stands, if it is not known closer."""
    step_where = f"steps.{step.cell_of or step.name}"
    wheres = [f"steps.{step.name}.{key}", f"{step_where}.{key}"]
    if at is not None:
        wheres = [f"{where}[{at}]" for where in wheres] + wheres
    return next((declaration.places[each] for each in (*wheres, step_where) if each in declaration.places), None)


def _imported(path: str, text: str) -> Iterator[str]:
    folder = dirname(path)
    for match in _IMPORT.finditer(text):
        origin, names, plain = match[1], match[2], match[3]
        modules = [name.split()[0] for name in (plain or "").split(",") if name.strip()]
        if origin is not None:
            package = origin.lstrip(".")
            modules = [
                package,
                *(f"{package}.{name.split()[0]}".strip(".") for name in names.split(",") if name.strip()),
            ]
        for module in filter(None, modules):
            for base in dict.fromkeys((folder, "", "src", dirname(folder))):
                stem = normpath(join(base, module.replace(".", "/")))
                yield from (f"{stem}.py", f"{stem}/__init__.py")
