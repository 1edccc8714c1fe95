"""``assay data show``: what a dataset looks like."""

from collections.abc import Mapping
from pathlib import Path

from assay.check.profile import profile_columns
from assay.check.questions import SOURCE
from assay.core.profile import Profile
from assay.flows.data_engine import open_profiler
from assay.flows.data_source import find_source


def show(folder: Path, environ: Mapping[str, str], name: str) -> Profile:
    """The profile of the dataset that ``name`` says, from ``folder``. ``EvidenceError`` for what is no dataset."""
    found = find_source(folder, environ, name)
    engine = open_profiler(found)
    with engine.open({SOURCE: found.source}) as opened:
        profiled = profile_columns(opened, engine.dialect, has_mostly=True)
    return Profile(
        name=name,
        rows=profiled.rows,
        columns=profiled.columns,
        sampled_rows=profiled.sampled_rows,
        size_bytes=found.size_bytes,
        files=found.files,
    )
