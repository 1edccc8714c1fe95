"""What ``when`` asks of a run: the branch, the tag, and what started it."""

from collections.abc import Mapping
from functools import cached_property

from assay.core.condition import Condition, RunFacts, facts_told, holds
from assay.workspace import Workspace


class Conditions:
    """Answers to ``when``; the facts are asked for once, and only where a step has a condition."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def unmet(self, condition: Condition) -> str:
        """Why a step is skipped: the condition, and what its names stand for here and now. Empty where it holds."""
        if holds(condition, self._facts):
            return ""
        told = facts_told(condition, self._facts)
        return f"when: {condition.text}{f'; {told}' if told else ''}"

    @cached_property
    def _facts(self) -> RunFacts:
        environ = self._workspace.environ
        event = environ.get("ASSAY_EVENT") or environ.get("GITHUB_EVENT_NAME") or environ.get("CI_PIPELINE_SOURCE")
        if _is_of_a_request(environ):
            return RunFacts(event=event)
        branch, tag = self._workspace.repository.branch_and_tag()
        return RunFacts(environ.get("CI_COMMIT_BRANCH") or branch, environ.get("CI_COMMIT_TAG") or tag, event)


def _is_of_a_request(environ: Mapping[str, str]) -> bool:
    """A pull or merge request is on no branch: its own has the name that whoever made it gave it, in a fork ``main`` for most, and what
    is done on ``main`` must not be done for it."""
    kinds = (environ.get("GITHUB_EVENT_NAME", ""), environ.get("CI_PIPELINE_SOURCE", ""))
    of_gitlab = environ.get("CI_MERGE_REQUEST_IID") or environ.get("CI_EXTERNAL_PULL_REQUEST_IID")
    is_named = any(kind.startswith(("pull_request", "merge_request", "external_pull_request")) for kind in kinds)
    return is_named or bool(environ.get("GITHUB_HEAD_REF") or of_gitlab)
