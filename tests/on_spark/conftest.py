"""One Spark for all of these tests."""

import pytest
from java import spark_environ


@pytest.fixture(scope="session")
def environ(tmp_path_factory):
    """What Spark is started with."""
    return spark_environ(tmp_path_factory.mktemp("spark"))


@pytest.fixture(scope="session")
def spark(environ):
    """The engine, on a Spark of this process."""
    from assay.adapters.engines.spark import SparkEngine

    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        yield SparkEngine()
