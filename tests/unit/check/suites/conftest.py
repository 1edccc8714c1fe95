"""Suites that the real tools wrote, and small ones as a test needs them."""

import pytest
from suites_written import WRITTEN, Expected, values_of

from assay.check.suites import read_suite


@pytest.fixture(params=WRITTEN)
def written(request):
    """Each suite that a real tool wrote, imported."""
    return read_suite(values_of(request.param))


@pytest.fixture
def expectations():
    """A suite of Great Expectations of these (type, kwargs), or (type, kwargs, severity), imported."""

    def made(*said):
        listed = [
            {"type": f"expect_{type_}", "kwargs": keys, "severity": (*severity, "critical")[0]}
            for type_, keys, *severity in said
        ]
        return Expected(read_suite({"expectations": listed, "name": "s"}))

    return made


@pytest.fixture
def schema():
    """A schema of pandera of these columns, each as 0.35 writes it, imported."""

    def made(columns, **keys):
        return Expected(read_suite({"schema_type": "dataframe", "columns": columns, **keys}))

    return made
