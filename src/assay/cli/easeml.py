"""``assay gate easeml``: what a condition of ease.ml/ci asks for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from assay.cli.parameters import number_or_share
from assay.cli.screen import emit, faint, marked, say, strong, table

if TYPE_CHECKING:
    from assay.flows.easeml import EasemlAnswer, EasemlSettings

_ESTIMATORS = {"hoeffding": "Hoeffding", "bennett": "Bennett"}


@click.command(
    epilog='Example: assay gate easeml "n - o > 0.02 +/- 0.01" --reliability 0.9999 --adaptivity full --steps 32'
)
@click.argument("condition", required=False)
@click.option("--file", type=click.Path(path_type=Path), help="Read the `ml:` section of an ease.ml/ci file instead.")
@click.option(
    "--reliability",
    callback=number_or_share,
    metavar="SHARE",
    help="Probability of no wrong answer over all steps (0.9999).",
)
@click.option("--adaptivity", type=click.Choice(["full", "none", "firstChange"]), help="Who learns the results (full).")
@click.option("--steps", type=int, help="Commits that are judged on one test set (32).")
@click.option("--mode", type=click.Choice(["fp-free", "fn-free"]), help="What must not happen by error (fp-free).")
@click.option("--estimator", type=click.Choice(list(_ESTIMATORS)), help="Which inequality (hoeffding).")
@click.option(
    "--variance-bound",
    callback=number_or_share,
    metavar="SHARE",
    help="Largest share of rows on which the two models are known to differ.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def easeml(condition: str | None, file: Path | None, as_json: bool, **options: Any) -> None:
    """How many labels a condition of ease.ml/ci asks for, and what Assay's own test needs.

    CONDITION speaks of n and o, the accuracies of the new and the old model, and of d, the share of rows on which they differ.
    """
    from assay.flows.easeml import plan_easeml

    answer = plan_easeml(_settings(condition, file, {name: said for name, said in options.items() if said is not None}))
    if as_json:
        emit("assay.easeml/1", answer)
    else:
        _show(answer)


def _settings(condition: str | None, file: Path | None, options: dict[str, Any]) -> "EasemlSettings":
    """What the command line says goes before what the file says."""
    from assay.flows.easeml import EasemlSettings

    if (condition is None) == (file is None):
        raise click.UsageError('Give either a condition, such as "n - o > 0.02 +/- 0.01", or --file.')
    if file is None:
        return EasemlSettings(condition=condition or "", **options)
    from assay.flows.easeml_file import read_settings

    return replace(read_settings(file), **options)


def _show(answer: "EasemlAnswer") -> None:
    settings = answer.settings
    commits = "1 commit" if settings.steps == 1 else f"{settings.steps:,} commits"
    what = "labels" if any(clause.needs_labels for clause in answer.clauses) else "rows, which need no labels,"
    reliability = f"{settings.reliability:.12g}"
    say(strong(f"{answer.labels:,} {what} for {commits} at reliability {reliability}, by ease.ml/ci's formulas"))
    if answer.active_labels_per_commit is not None:
        active = (
            f"{answer.active_labels_per_commit:,} for one commit, if only rows on which the models differ are labelled"
        )
        say(marked("note", active))
    rows = [
        (c.text, f"{c.rows:,}", _ESTIMATORS[c.estimator], "" if c.needs_labels else "no labels") for c in answer.clauses
    ]
    say(table([("clause", "rows", "by", ""), *rows]))
    say()
    _show_own(answer)


def _show_own(answer: "EasemlAnswer") -> None:
    said = [each for each in answer.assay if each.sentence is not None]
    deltas = {each.delta for each in said if each.delta is not None}
    if said:
        level = f"error probability {max(deltas):.2g}" if deltas else ""
        say(strong(f"Assay's own test of the same: {_where(answer)}{level}"))
        head = ("sentence", "power 0.9", f"power {answer.settings.reliability:.12g}", "")
        say(
            table([head, *((str(c.sentence), _count(c.labels), _count(c.labels_at_reliability), c.note) for c in said)])
        )
    for each in answer.assay:
        if each.sentence is None:
            say(marked("note", f"{each.clause}: no sentence; {each.note}"))
    if any(each.labels for each in said):
        for line in _small_print(answer):
            say(faint(f" {line}"))


def _small_print(answer: "EasemlAnswer") -> list[str]:
    """What the two columns of labels promise, and what not."""
    lines = [
        "Labels to pass with that probability where the truth is two tolerances over (for <, under) the threshold."
    ]
    if answer.settings.mode == "fn-free":
        lines = [
            "Labels to refuse with that probability where the truth is two tolerances on the wrong side of the threshold.",
            "A `no` sentence has this error probability at every commit; ease.ml/ci's holds for all commits together.",
        ]
    lines.append("Power 0.9 is a weaker promise than that of ease.ml/ci.")
    if any(clause.estimator == "bennett" for clause in answer.clauses):
        lines.append(
            "Bennett's bound is told how often the models differ; Assay's test is not, only this plan of it is."
        )
    return lines


def _where(answer: "EasemlAnswer") -> str:
    if answer.settings.mode == "fn-free":
        return "at every commit, "
    return f"at commit {answer.settings.steps:,} on this test set, none passed before, "


def _count(rows: int | None) -> str:
    return "-" if rows is None else f"{rows:,}"
