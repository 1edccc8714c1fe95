"""What ``when`` asks of a run: the branch, the tag, and what started it."""

from functools import cached_property

from assay.core.condition import Condition, RunFacts, holds
from assay.workspace import Workspace


class Conditions:
    """Answers to ``when``; the facts are asked for once, and only where a step has a condition."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def hold(self, condition: Condition) -> bool:
        """Whether the condition holds here and now."""
        return holds(condition, self._facts)

    @cached_property
    def _facts(self) -> RunFacts:
        environ = self._workspace.environ
        branch, tag = self._workspace.repository.branch_and_tag()
        event = environ.get("ASSAY_EVENT") or environ.get("GITHUB_EVENT_NAME") or environ.get("CI_PIPELINE_SOURCE")
        return RunFacts(
            environ.get("GITHUB_HEAD_REF") or environ.get("CI_COMMIT_BRANCH") or branch,
            environ.get("CI_COMMIT_TAG") or tag,
            event,
        )
