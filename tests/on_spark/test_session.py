"""Which Spark checks use, and what is said where there is none."""

import gc
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import msgspec
import pytest
from both import found, written
from through_connect import RULES

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.adapters.engines.spark_session import _start
from assay.core.dataset import Values
from assay.core.problem import EvidenceError

pytestmark = pytest.mark.spark


def test_the_spark_of_the_process_is_used_and_left_as_it_was(spark):
    from pyspark.sql import SparkSession

    with spark.open({"source": Values((1,))}):
        theirs = SparkSession.builder.getOrCreate()
    theirs.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    theirs.sql("SELECT 'theirs' AS c0").createOrReplaceTempView("source")
    with spark.open({"source": Values((1,))}) as opened:
        assert opened.rows("SELECT c0, current_timezone() FROM source") == [(1, "UTC")]
    assert theirs.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
    assert theirs.table("source").collect() == [("theirs",)]
    theirs.catalog.dropTempView("source")


def test_spark_connect(environ, tmp_path):
    query = "SELECT i AS id, ['ab', 'b', NULL][1 + i % 3] AS name, TIMESTAMPTZ '2013-01-01 00:00:00+02' + to_hours(i * 6) AS at FROM range(8) AS t(i)"
    path = written(tmp_path, query)
    script = Path(__file__).with_name("through_connect.py")
    remote = os.environ | environ | {"SPARK_REMOTE": "local[2]"}
    remote["PYSPARK_SUBMIT_ARGS"] = remote["PYSPARK_SUBMIT_ARGS"].replace("--master local[2]", "")
    told = subprocess.run([sys.executable, script, path], env=remote, capture_output=True, check=False, text=True)
    assert told.returncode == 0, told.stderr
    findings, failures = json.loads(told.stdout)
    assert findings == json.loads(msgspec.json.encode(found(DuckdbEngine(), [path], RULES).findings))
    assert failures == ["query-failed", [[3]], "query-failed"]


def refused(monkeypatch, tmp_path, script=None, **environ):
    if script is not None:
        java = tmp_path / "bin" / "java"
        java.parent.mkdir()
        java.write_text(f"#!/bin/sh\n{script}\nexit 1\n")
        java.chmod(0o755)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # pyspark leaves a pipe open to the Java that has gone
        try:
            _start()
        except EvidenceError as error:
            problem = error.problem
        gc.collect()
    return problem


def test_without_java(monkeypatch, tmp_path):
    problem = refused(monkeypatch, tmp_path, JAVA_HOME=str(tmp_path))
    assert (problem.code, problem.because) == ("no-java", (f"JAVA_HOME is {tmp_path}, where there is no bin/java",))
    problem = refused(monkeypatch, tmp_path, JAVA_HOME="", PATH=str(tmp_path))
    assert (problem.code, problem.because) == ("no-java", ("JAVA_HOME is not set, and PATH has no java",))


def test_a_java_that_is_too_old(monkeypatch, tmp_path):
    said = "echo 'Exception in thread main java.lang.UnsupportedClassVersionError: class file version 61.0' >&2"
    assert refused(monkeypatch, tmp_path, said, JAVA_HOME=str(tmp_path)).code == "no-java"


def test_a_spark_that_does_not_start_is_quoted(monkeypatch, tmp_path):
    problem = refused(monkeypatch, tmp_path, "echo 'Error: no room for the heap' >&2", JAVA_HOME=str(tmp_path))
    assert problem.code == "spark-not-started"
    assert "Error: no room for the heap" in problem.because


def test_without_pyspark(spark, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(EvidenceError) as caught, spark.open({"source": Values((1,))}):
        pass
    assert (caught.value.problem.code, caught.value.problem.fix) == (
        "extra-not-installed",
        'pip install "assay[spark]"',
    )
