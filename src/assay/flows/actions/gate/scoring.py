"""What the models of a gate say of its rows: each scored in a process of its own, on the same rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from assay.core.artifact import Artifact
from assay.core.history import History, ReleaseState
from assay.core.ports import Predictions, Predictor
from assay.core.problem import EvidenceError, IntegrityError, NotFound, Problem
from assay.core.release import Bill
from assay.core.table import Table
from assay.flows.actions.context import RunContext
from assay.flows.releases import load_model, load_predictor, read_bill

if TYPE_CHECKING:
    import numpy as np


class Released(msgspec.Struct, frozen=True):
    """A release that the challenger is held against: the champion, or an earlier one."""

    release: ReleaseState
    bill: Bill

    @property
    def name(self) -> str:
        """Its name: ``r2``."""
        return self.release.name


def champion_of(context: RunContext, history: History) -> Released | None:
    """The release in force; None where there is none yet."""
    return None if history.champion is None else released(context, history, history.champion)


def released(context: RunContext, history: History, name: str) -> Released:
    """A release with its bill; ``EvidenceError`` where its bytes are gone."""
    release = history.release(name)
    assert release is not None
    with _bytes_there(name):
        return Released(release, read_bill(context.workspace, release))


@contextmanager
def challenger_loaded(context: RunContext, challenger: Artifact) -> Iterator[Predictor]:
    """The model that this run made, loaded."""
    limit_s = context.scoring_limit_s
    predictor = load_model(context.workspace, context.code, challenger, context.model.predict, limit_s=limit_s)
    try:
        with _more_time():
            yield predictor
    finally:
        predictor.close()


@contextmanager
def release_loaded(context: RunContext, opponent: Released) -> Iterator[Predictor]:
    """A release, loaded; ``EvidenceError`` where its bytes are gone."""
    with _bytes_there(opponent.name):
        predictor = load_predictor(context.workspace, opponent.bill, limit_s=context.scoring_limit_s)
    try:
        with _more_time():
            yield predictor
    finally:
        predictor.close()


@contextmanager
def _more_time() -> Iterator[None]:
    """A model that does not answer in time may only be slow: all rows are asked about at once, as a model may look at all of them."""
    try:
        yield
    except EvidenceError as error:
        if error.problem.code != "predict-timed-out":
            raise
        because = (*error.problem.because, "the gate asks about all of its rows at once")
        fix = "give it more time: `timeout: 30m` beside `gate:` in its step; or see where the model waits"
        raise EvidenceError(msgspec.structs.replace(error.problem, because=because, fix=fix)) from error


@contextmanager
def _bytes_there(release: str) -> Iterator[None]:
    try:
        yield
    except (NotFound, IntegrityError) as error:
        raise EvidenceError(
            Problem(
                "champion-bytes-gone",
                f"{release} cannot be scored: its bytes are gone",
                (error.problem.what, *error.problem.because),
                "bring the store back from a backup, or roll back to a release that is whole: "
                f"assay release verify {release}",
            )
        ) from error


def columns_for(opponent: Released, table: Table, features: Table) -> Table:
    """The columns that the release reads, or all ``features`` where no rows were seen when it was judged; ``EvidenceError``
    where the rows lack some."""
    wanted = [field.name for field in opponent.bill.input_schema] or list(features)
    lost = [name for name in wanted if name not in table]
    if lost:
        raise EvidenceError(
            Problem(
                "champion-columns-missing",
                f"{opponent.name} cannot be scored: the gate's rows lack {', '.join(lost)}",
                (f"{opponent.name} reads {', '.join(wanted)}",),
                "keep these columns in the gate's data until a release that does not need them is champion",
            )
        )
    return {name: table[name] for name in wanted}


def megabytes(model: Artifact) -> float:
    """The model's size, in millions of bytes."""
    return model.size_bytes / 1e6


def answer_alike(ours: Predictions, theirs: Predictions) -> bool:
    """Both give the same predictions and scores on every row."""
    return _equal(ours.prediction, theirs.prediction) and _equal(ours.score, theirs.score)


def _equal(ours: "np.ndarray | None", theirs: "np.ndarray | None") -> bool:
    import numpy as np

    if ours is None or theirs is None:
        return ours is theirs
    are_floats = ours.dtype.kind == theirs.dtype.kind == "f"
    return np.array_equal(ours, theirs, equal_nan=are_floats)
