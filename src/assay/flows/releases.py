"""A release's bytes: reading its bill, and putting its code and model where a predictor can load them."""

import shutil
import tempfile
from pathlib import Path

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest, hex_of, short
from assay.core.history import ReleaseState
from assay.core.order import overlaps
from assay.core.ports import Predictor
from assay.core.problem import EvidenceError, IntegrityError, NotFound, Problem
from assay.core.release import Bill
from assay.workspace import FILE, STATE, Workspace

CODE_SUFFIXES = (".py", ".sh", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".sql", ".txt")
"""What counts as code where no version control says it."""


def find_release(workspace: Workspace, name: str) -> ReleaseState:
    """The release of that name; ``NotFound`` with the names that there are."""
    history = workspace.history()
    release = history.release(name)
    if release is None:
        known = ", ".join(known.name for known in history.releases) or "none yet"
        raise NotFound(
            Problem("no-such-release", f"there is no release {name}", (f"known: {known}",), "assay release ls")
        )
    return release


def read_bill(workspace: Workspace, release: ReleaseState) -> Bill:
    """The release's bill, checked against its digest."""
    data = workspace.store.read(release.released.bill)
    try:
        return msgspec.json.decode(data, type=Bill)
    except msgspec.ValidationError as error:
        problem = Problem(
            "bill-not-readable", f"the bill of {release.name} does not read", (str(error),), "upgrade Assay"
        )
        raise IntegrityError(problem) from error


SCORING_LIMIT_S = 600.0
"""So long may a model take to answer all rows of a gate or a batch at once, unless the gate's step says otherwise."""


def load_predictor(
    workspace: Workspace, bill: Bill, model: Artifact | None = None, *, limit_s: float | None = None
) -> Predictor:
    """The bill's model in a process of its own, loaded by the bill's own code from bytes that were just checked."""
    return load_model(workspace, bill.code, model or bill.model, bill.predict, limit_s=limit_s)


def load_model(
    workspace: Workspace, code: Artifact, model: Artifact, predict: str | None, *, limit_s: float | None = None
) -> Predictor:
    """A model with its code, both from the store, in a process of its own; by its flavour where ``predict`` is None. Each of its
    answers may take ``limit_s``; without, as long as a server waits."""
    place = placed(workspace, model)
    reference = predict or workspace.predictors.recognise(place)
    return workspace.predictors.load(placed(workspace, code), reference, place, limit_s=limit_s)


def recognise_flavour(workspace: Workspace, model: Artifact) -> str | None:
    """The flavour of the model, as a bill has it; None where it is of no known one, or where assay.yaml says how it predicts."""
    if workspace.pipeline.model is None or workspace.pipeline.model.predict:
        return None
    try:
        return workspace.predictors.recognise(placed(workspace, model))
    except EvidenceError:
        return None  # a gate on a metrics file asks no model


def placed(workspace: Workspace, artifact: Artifact) -> Path:
    """Where the artifact's bytes stand below .assay, restored if need be and checked against their digest."""
    place = workspace.state / "placed" / hex_of(artifact.digest)[:16] / Path(artifact.path).name
    standing = workspace.files.artifact(str(place))
    if standing is None or standing.digest != artifact.digest:
        workspace.store.restore(artifact, place)
    return place


def snapshot_code(workspace: Workspace, folder: Path) -> Artifact:
    """The project's code as it is now, copied through ``folder`` (empty) and kept in the store as one artifact.

    With version control: every tracked file that no step writes. Without: files that look like code.
    """
    _copy_code(workspace, folder)
    return workspace.store.add(folder, "code")


def code_digest(workspace: Workspace) -> Digest:
    """The digest that ``snapshot_code`` would give now; nothing is kept."""
    with tempfile.TemporaryDirectory(prefix="assay-code-") as folder:
        _copy_code(workspace, Path(folder))
        code = workspace.files.artifact(folder)
    assert code is not None
    return code.digest


def _copy_code(workspace: Workspace, folder: Path) -> None:
    for path in _code_paths(workspace):
        source = workspace.files.locate(path)
        if source.is_file() and not source.is_symlink():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def _code_paths(workspace: Workspace) -> list[str]:
    tracked = workspace.repository.tracked()
    candidates = workspace.files.scan() if tracked is None else tracked
    promised = [path for step in workspace.pipeline.steps for path in step.promised]
    paths = {
        path
        for path in candidates
        if (tracked is not None or path.endswith(CODE_SUFFIXES))
        and not any(overlaps(path, made) for made in (*promised, STATE))
    }
    predict = workspace.pipeline.model.predict if workspace.pipeline.model else None
    return sorted(paths | {FILE} | ({predict.partition(":")[0]} if predict else set()))


def describe_release(release: ReleaseState) -> str:
    """``r2 (model 4f1c7a02)``, with what must be said wherever it appears."""
    return f"{release.title} (model {short(release.released.model)})"
