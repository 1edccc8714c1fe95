"""Outputs that are declared and that the script never names.

Said only where the name can come from nowhere else: the command hands the script no values, and neither the script nor what it
imports of the project takes names from arguments, variables, settings or a framework that names files by itself.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from assay.core.order import is_glob
from assay.core.pipeline import Declaration, Step
from assay.core.problem import Problem
from assay.explain import command
from assay.explain.lint.sources import Sources, constants, place_of, scripts_of, texts_of

_ELSEWHERE = re.compile(
    r"argv|argparse|\benviron|getenv|\bclick\b|typer|\bfire\b|hydra|omegaconf|yaml|toml|configparser|config|settings|params"
    r"|subprocess|os\.system|\bexec|dvclive|mlflow|lightning|transformers|wandb|tensorflow|keras|papermill|sys\.path|\$[{@*#\d\w(]",
    re.IGNORECASE,
)
"""Words of programs whose names of files may come from elsewhere."""
_WRITES = re.compile(r"open\(|write|save|dump|\.to_|touch|mkdir|copy|move|rename|export|>")
_PLAIN_LINE = re.compile(
    r"(?:(?:uv |poetry |pipenv )run )?(?:(?:python[\d.]*|bash|sh)(?: -[a-zA-Z]+)* )?\S+\.(?:py|sh)(?: --?[\w-]+)*"
)
"""A script that is started with switches alone."""


def outputs_never_named(step: Step, declaration: Declaration, sources: Sources) -> Iterator[Problem]:
    """Every declared output whose name stands neither in the command nor in what it runs."""
    if not step.promised or not _hands_no_values(step):
        return
    line, texts = command.text(step), texts_of(step, sources)
    if not texts or any(_ELSEWHERE.search(text) for text in texts):
        return
    for path in step.promised:
        name = PurePosixPath(path).name
        if is_glob(path) or name in line or any(name in text for text in texts):
            continue
        others = _others(path, texts)
        if others is not None:
            yield _problem(step, path, others, declaration)


def _hands_no_values(step: Step) -> bool:
    """Each line of the command starts a script, and gives it switches alone."""
    if step.env or step.shell or not scripts_of(step):
        return False
    lines = (line.strip() for line in re.split(r"\n|&&|;", command.text(step)))
    return all(_PLAIN_LINE.fullmatch(line) for line in lines if line)


def _others(path: str, texts: tuple[str, ...]) -> tuple[str, ...] | None:
    """The other files of its kind that the scripts name; none where they write nothing; None where it cannot be told."""
    wanted = PurePosixPath(path)
    said = [text for program in texts for text in constants(program)]
    if any(text.rstrip("/").rpartition("/")[2] in (wanted.stem, wanted.suffix) for text in said if text):
        return None
    if not wanted.suffix:
        return None if any(_WRITES.search(text) for text in texts) else ()
    named = tuple(
        dict.fromkeys(text for text in said if len(text) < 200 and PurePosixPath(text).suffix == wanted.suffix)
    )
    if named or not any(_WRITES.search(text) for text in texts):
        return named
    return None


def _problem(step: Step, path: str, others: tuple[str, ...], declaration: Declaration) -> Problem:
    at = step.promised.index(path)
    key, at = ("outputs", at) if at < len(step.outputs) else ("metrics", step.metrics.index(path))
    scripts = " and ".join(scripts_of(step))
    seen = f"it names {', '.join(others[:3])}" if others else "nothing in it writes a file"
    return Problem(
        "output-never-named",
        f'step "{step.name}" declares "{path}", and {scripts} never names it',
        (seen,),
        f"let {scripts} write {path}, or declare what it writes",
        place_of(declaration, step, key, at),
        step.name,
    )
