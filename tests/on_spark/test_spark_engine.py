"""Spark passes the engines' suite."""

import pytest

from assay.core.dataset import Files
from assay.testing.small_tables import write_parquet
from assay.testing.suites import EngineContract

pytestmark = pytest.mark.spark


class TestSparkEngine(EngineContract):
    forbidden = (
        "SELECT * FROM csv.`/etc/passwd`",
        "SELECT * FROM text.`/etc/hostname`",
        "ADD JAR '/tmp/other.jar'",
        "SET spark.sql.ansi.enabled = false",
        "INSERT OVERWRITE LOCAL DIRECTORY '/tmp/written' USING csv SELECT 1",
    )

    @pytest.fixture
    def engine(self, spark):
        return spark

    @pytest.fixture
    def load(self, tmp_path):
        return lambda table: Files((write_parquet(table, tmp_path),))
