"""What Spark's errors mean, in our words."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from assay.adapters.engines.table_files import refusal
from assay.core.problem import EvidenceError

_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_]*(?:\.[A-Z0-9_]+)*)\] ?(.*)")
_FILE = re.compile(r"file (?:file:/*(?=/))?(\S.*?\.parquet)")
_STATE = re.compile(r"\s*SQLSTATE: \w+.*$")
_CLASS = re.compile(r"^(?:An error occurred while calling \S+\s*:?\s*)?(?:[\w$]+\.)*([\w$]+): ?")
_REMEDY = re.compile(r"\s*(?:Use `?'?try_\w+|If necessary set|To tolerate|To return NULL).*$")


@contextmanager
def told() -> Iterator[None]:
    """What Spark raises, in our words; and nothing of it on stderr, where pyspark writes errors in queries besides."""
    try:
        with _silent():
            yield
    except raised_by_spark() as error:
        raise translated(error) from error


def raised_by_spark() -> tuple[type[Exception], ...]:
    """The classes of what Spark raises."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return (PySparkException, Py4JError, ConnectionError)


def translated(error: Exception) -> EvidenceError:
    """The error to raise in its place."""
    condition, said = condition_of(error)
    match condition.partition(".")[0]:
        case "PATH_NOT_FOUND":
            return refusal(
                "data-not-found", "Spark does not see the file", (said,), "put it where all of Spark's machines see it"
            )
        case "FAILED_READ_FILE" | "CANNOT_READ_FILE_FOOTER" | "CANNOT_MERGE_SCHEMAS":
            return _unread(condition, error, said)
        case "UNABLE_TO_INFER_SCHEMA":
            because = "Spark passes over files whose names begin with _ or ."
            return refusal("data-unreadable", "Spark finds no columns in the files", (because,), "rename them")
        case (
            "PARQUET_TYPE_ILLEGAL"
            | "PARQUET_TYPE_NOT_SUPPORTED"
            | "PARQUET_TYPE_NOT_RECOGNIZED"
            | "UNSUPPORTED_DATATYPE"
        ):
            fix = "write the column in another type, or leave the check to DuckDB"
            return refusal("not-for-this-engine", "a column has a type that Spark does not read", (said,), fix)
        case "COLUMN_ALREADY_EXISTS":
            return refusal("duplicate-columns", "the data names a column twice", (said,), "rename or drop one of them")
    if isinstance(error, ConnectionError) or "Py4JNetworkError" in type(error).__name__ or "UNAVAILABLE" in said:
        fix = "give it more memory (spark.driver.memory), and run again"
        return refusal("spark-lost", "Spark has gone while it worked", (said,), fix)
    if "OutOfMemoryError" in said or condition == "UNABLE_TO_ACQUIRE_MEMORY":
        return refusal("out-of-memory", "Spark has too little memory", (said,), "raise spark.driver.memory")
    if _is_of_the_query(error):
        return refusal("query-failed", "Spark does not take the query", (said,), "correct the query")
    return refusal("query-failed", "what is asked cannot be computed", (said,), "look at the values")


def condition_of(error: BaseException) -> tuple[str, str]:
    """Spark's name for what is wrong, empty where it has none, and its first line about it."""
    text = str(getattr(error, "java_exception", None) or error)
    first = text.strip().partition("\n")[0]
    found = _CONDITION.search(first)
    name, said = (found[1], found[2]) if found else ("", first)
    said = _REMEDY.sub("", _STATE.sub("", said))
    return name, said.strip(" .") or name


def _unread(condition: str, error: Exception, said: str) -> EvidenceError:
    file = _FILE.search(said)
    path = file[1] if file else "the data"
    if condition.endswith("FILE_NOT_EXIST"):
        fix = "see that nothing writes to it meanwhile, and run again"
        return refusal("data-changed", f"{path} was removed while it was checked", (said,), fix)
    fix = "write the file again; its content does not keep the format"
    return refusal("data-unreadable", f"{path} cannot be read as Parquet", (said,), fix)


def _is_of_the_query(error: Exception) -> bool:
    from pyspark.errors import AnalysisException, ParseException

    return isinstance(error, (AnalysisException, ParseException))


@contextmanager
def _silent() -> Iterator[None]:
    from pyspark.logger import PySparkLogger

    logger: logging.Logger = PySparkLogger.getLogger("SQLQueryContextLogger")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
