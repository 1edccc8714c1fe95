"""``assay gate plan``: how many rows a gate needs, before any label is bought. Reads the ledger where there is a project, and
nothing else."""

from collections.abc import Iterable, Sequence

import msgspec

from assay.core.pipeline import GateAction
from assay.core.problem import Problem, UsageError
from assay.core.sentence import Sentence
from assay.core.verdict import Verdict
from assay.core.wear import Wear
from assay.flows.last_verdict import LastVerdict, last_of_gate
from assay.flows.sentences import demand_detect, read_sentences
from assay.judge.plan import Known, SentencePlan, known_of, plan_sentence
from assay.workspace import Workspace


class PlanSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, and what is known. None: as the gate says, or the last verdict showed."""

    require: tuple[str, ...] = ()
    detect: float | None = None
    confidence: float | None = None
    power: float = 0.9
    """The probability with which a sentence passes if it is true by what is worth detecting."""
    disagreement: float | None = None
    champion: float | None = None
    spread: float | None = None
    slices: int | None = None
    decisions: int | None = None
    passes: int = 0
    rows: int | None = None
    """Tell also what so many rows would show."""


class GatePlan(msgspec.Struct, frozen=True):
    """What one gate needs."""

    step: str | None
    """None where the sentences were given on the command line."""
    sentences: tuple[SentencePlan, ...]
    labelled_rows: int | None
    """With so many each sentence is decided; None where that cannot be told in rows of the whole."""
    fresh_rows: int | None
    """The same on rows that no decision has seen; None where none has seen these."""
    confidence: float
    wear: Wear | None
    """What the ledger has counted; None: each level as written."""
    run: int | None
    """The run whose verdict told what is known; None where nobody did."""


def plan_given(settings: PlanSettings) -> GatePlan:
    """The plan of the sentences in ``settings``, outside any project. ``UsageError`` where something else must be known."""
    sentences = read_sentences(settings.require)
    demand_detect(settings.detect, sentences)
    gate = GateAction(None, sentences, detect=settings.detect, confidence=settings.confidence or 0.95)
    known = _as_said(Known(), settings)
    return _plan(None, gate, [known] * len(gate.require), _wear_given(settings), settings, None)


def plan_project(workspace: Workspace, settings: PlanSettings) -> tuple[GatePlan, ...]:
    """The plan of each gate in assay.yaml, by what its last verdict showed; what ``settings`` say goes before that.

    ``UsageError`` where there is no gate, or one has no sentence that can be planned by what is known.
    """
    steps = [(step.name, step.action) for step in workspace.pipeline.steps if isinstance(step.action, GateAction)]
    if not steps:
        what = f"{workspace.pipeline.name} has no gate to plan for"
        fix = 'add a `gate:` step, or give a sentence: assay gate plan --require "accuracy > champion.accuracy"'
        raise UsageError(Problem("nothing-to-plan", what, ("no step in assay.yaml is a gate",), fix))
    return tuple(_plan_step(name, gate, last_of_gate(workspace, name), settings) for name, gate in steps)


def _plan_step(name: str, gate: GateAction, last: LastVerdict | None, settings: PlanSettings) -> GatePlan:
    demand_detect(settings.detect, gate.require)
    asked = msgspec.structs.replace(
        gate, detect=settings.detect or gate.detect, confidence=settings.confidence or gate.confidence
    )
    verdict = None if last is None else last.verdict
    known = [_known(sentence, verdict, settings) for sentence in gate.require]
    wear = _wear_of(verdict) if settings.decisions is None else _wear_given(settings)
    return _plan(name, asked, known, wear, settings, None if last is None else last.run)


def _plan(
    step: str | None,
    gate: GateAction,
    known: Sequence[Known],
    wear: Wear | None,
    settings: PlanSettings,
    run: int | None,
) -> GatePlan:
    plans = _plans(gate, known, wear, settings)
    fresh = _most(_plans(gate, known, Wear(), settings)) if wear is not None and wear.decisions else None
    return GatePlan(step, plans, _most(plans), fresh, gate.confidence, wear, run)


def _plans(
    gate: GateAction, known: Sequence[Known], wear: Wear | None, settings: PlanSettings
) -> tuple[SentencePlan, ...]:
    plans = tuple(
        plan_sentence(sentence, gate, each, wear, power=settings.power, rows=settings.rows)
        for sentence, each in zip(gate.require, known, strict=True)
    )
    lacking = [plan for plan in plans if plan.lacks]
    if lacking and (settings.require or len(lacking) == len(plans)):
        raise UsageError(_not_known(lacking))
    return plans


def _most(plans: Iterable[SentencePlan]) -> int | None:
    """Rows for the most demanding sentence; None where one cannot be told in labelled rows."""
    rows = [plan.labelled for plan in plans]
    known = [count for count in rows if count is not None]
    return max(known, default=None) if len(known) == len(rows) else None


def _known(sentence: Sentence, verdict: Verdict | None, settings: PlanSettings) -> Known:
    return _as_said(Known() if verdict is None else known_of(sentence, verdict), settings)


def _as_said(seen: Known, settings: PlanSettings) -> Known:
    said = {
        "disagreement": settings.disagreement,
        "champion": settings.champion,
        "spread": settings.spread,
        "slices": settings.slices,
    }
    return msgspec.structs.replace(seen, **{name: value for name, value in said.items() if value is not None})


def _wear_given(settings: PlanSettings) -> Wear | None:
    if settings.decisions is None:
        return None
    if not 0 <= settings.passes <= settings.decisions:
        what = f"{settings.passes} of {settings.decisions} decisions cannot have passed"
        raise UsageError(Problem("bad-wear", what, (), "give passes from 0 to the number of decisions"))
    return Wear(settings.decisions, settings.passes)


def _wear_of(verdict: Verdict | None) -> Wear | None:
    """What the rows of the last verdict have been through, with that verdict. Where there was none, the first decision is next."""
    if verdict is None:
        return Wear()
    if verdict.charge is None:
        return None
    return Wear(verdict.charge.before + verdict.decisions, verdict.charge.passes + verdict.passed)


_SAID = {
    "spread": ("how far the rows' values (beside a champion, the differences) spread", "--spread 12.5"),
    "champion": ("the champion's value", "--champion 0.9"),
    "detect": ("what gain is worth finding", "--detect 0.5"),
}


def say_lacks(plan: SentencePlan) -> str:
    """What must be known to plan the sentence, and the options that say it."""
    needs = " and ".join(f"{_SAID[lack][0]} ({_SAID[lack][1]})" for lack in plan.lacks)
    return f"it takes {needs} to plan it"


def _not_known(lacking: Sequence[SentencePlan]) -> Problem:
    options = " ".join(_SAID[lack][1] for lack in dict.fromkeys(lack for plan in lacking for lack in plan.lacks))
    return Problem(
        "plan-needs-more",
        "how many rows it takes depends on what is not known yet",
        tuple(f"{plan.sentence}: {say_lacks(plan)}" for plan in lacking),
        f"add {options} with your numbers; a project's gate knows them once it has judged two models",
    )
