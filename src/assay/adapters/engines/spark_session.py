"""Spark for this process: one that it uses already, that of Spark Connect (SPARK_REMOTE), or one that is started here.

Each dataset is opened in a session of its own, with its own temporary views and settings, so that what the process does besides neither
decides what is found nor sees it. A Spark that was there is left as it was, and so is one that was started here: it serves until the
process ends, and ends with it.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from assay.adapters.engines.table_files import refusal
from assay.core.problem import EvidenceError

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.timeType.enabled": "true",
    "spark.sql.timestampNanosTypes.enabled": "true",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.runSQLOnFiles": "false",
}
"""What the meaning of a query hangs on."""
_STARTED_WITH = {
    "spark.app.name": "assay",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.defaultJavaOptions": "-Xss16m",  # Java's regular expressions call themselves for every character
}
_LINES_TOLD = 3
_LOCK = threading.Lock()


@contextmanager
def session() -> Iterator[Any]:
    """A session for one use. ``EvidenceError`` where there is no pyspark or no Java, or Spark does not start."""
    shared = _shared()
    own = shared.newSession() if hasattr(shared, "newSession") else shared
    for name, value in SETTINGS.items():
        own.conf.set(name, value)
    try:
        yield own
    finally:
        if own is not shared and _is_remote() and "SPARK_LOCAL_REMOTE" not in os.environ:
            own.stop()  # a server would keep it; of a Spark on this machine, this would end all


def _shared() -> Any:
    """The session that everything in this process shares."""
    try:
        from pyspark import SparkContext
        from pyspark.sql import SparkSession
    except ImportError as error:
        because = ("pyspark reads Spark, and it is not installed where Assay runs",)
        fix = 'pip install "assay[spark]"'
        raise refusal("extra-not-installed", "checks cannot run on Spark here", because, fix) from error
    with _LOCK:
        if not _is_remote() and SparkSession.getActiveSession() is None and SparkContext._active_spark_context is None:  # noqa: SLF001 - nothing public tells
            _start()
        return SparkSession.builder.getOrCreate()


def _is_remote() -> bool:
    from pyspark.sql.utils import is_remote

    return bool(is_remote()) or "SPARK_REMOTE" in os.environ


def _start() -> None:
    """A Spark as spark-defaults.conf and PYSPARK_SUBMIT_ARGS have it: on all cores of this machine where they say nothing."""
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkRuntimeError
    from pyspark.java_gateway import launch_gateway

    _find_java()
    conf = SparkConf(loadDefaults=False).setAll(list(_STARTED_WITH.items()))
    with tempfile.TemporaryFile() as said:  # Java keeps it open, for what it has to say later
        try:
            SparkContext(conf=conf, gateway=launch_gateway(conf, {"stdout": said, "stderr": said}))
        except (PySparkRuntimeError, OSError) as error:
            raise _not_started(error, said) from error


def _find_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if home and not (Path(home) / "bin" / "java").exists():
        raise _no_java(f"JAVA_HOME is {home}, where there is no bin/java")
    if not home and shutil.which("java") is None:
        raise _no_java("JAVA_HOME is not set, and PATH has no java")


def _no_java(seen: str) -> EvidenceError:
    fix = "install Java 17 or newer, such as openjdk-17-jre-headless, and set JAVA_HOME to its folder"
    return refusal("no-java", "checks cannot run on Spark here: it needs Java", (seen,), fix)


def _not_started(error: Exception, said: IO[bytes]) -> EvidenceError:
    said.seek(0)
    lines = [line.strip() for line in said.read().decode("utf-8", "replace").splitlines() if line.strip()]
    if any("UnsupportedClassVersionError" in line for line in lines):
        return _no_java("the Java that there is, is too old for this Spark")
    told = tuple(line for line in lines if "Exception" in line or "Error" in line or "error" in line)
    because = (*told[:_LINES_TOLD], str(error))
    fix = "see that `spark-submit --version` works here, with JAVA_HOME and spark-defaults.conf as they are"
    return refusal("spark-not-started", "Spark does not start", because, fix)
