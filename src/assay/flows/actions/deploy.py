"""A ``deploy`` step: give the release of this run the live traffic, and with it the champion's place."""

from assay.core.events import Deployed
from assay.core.pipeline import Step
from assay.core.problem import Problem
from assay.core.run import StepResult
from assay.flows.actions.context import RunContext
from assay.flows.actions.release import promotion


def run_deploy(context: RunContext, step: Step, earlier: tuple[StepResult, ...]) -> StepResult:
    """Promote and deploy in one transaction; a server that runs takes the release up within a second."""
    if context.release is None:
        problem = Problem(
            "nothing-to-deploy",
            "this run made no release",
            ("deploy gives traffic to a release, and no step before it made one",),
            f"put a `release:` step before {step.name}",
            step=step.name,
        )
        return StepResult(step.name, "failed", problem.what, problem=problem)
    history = context.workspace.history()
    if history.live == context.release and history.champion == context.release:
        return StepResult(step.name, "reused", f"{history.title(context.release)} is live")
    context.record(*promotion(context, history, "deploy"), Deployed(context.release, "deploy", context.run))
    made = context.workspace.history().title(context.release)
    return StepResult(step.name, "ok", f"{made} is live and champion")
