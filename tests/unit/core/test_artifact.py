"""Artifacts are shown by their path's stem and eight digits."""

import msgspec
import pytest

from assay.core.artifact import Artifact
from assay.core.canonical import canonical_bytes
from assay.core.digest import Digest

DIGEST = Digest("b3:9c41e0d2" + "0" * 56)


@pytest.mark.parametrize(
    "path, name",
    [
        ("data/flights.parquet", "flights"),
        ("data/flights.csv.gz", "flights"),
        ("data/flights", "flights"),
        ("/models/model_v1.pkl", "model_v1"),
        (".env", ".env"),
        ("config/.env", ".env"),
        ("data/flights/*.parquet", "flights"),
        ("data/flights/**/*.csv", "flights"),
        ("data/2013-*.csv", "2013-*"),
        ("*.csv", "*"),
    ],
)
def test_the_name_is_the_paths_stem(path, name):
    assert Artifact(path, DIGEST, "file", 1).name == name
    assert Artifact(path, DIGEST, "file", 1).label == f"{name}@9c41e0d2"


def test_only_what_may_be_executed_is_written_down_as_such_so_that_older_digests_stay():
    plain = Artifact("tool", DIGEST, "file", 1)
    fields = {"path": "tool", "digest": DIGEST, "kind": "file", "size_bytes": 1, "files": 1}
    assert canonical_bytes(plain) == canonical_bytes(fields)
    executable = msgspec.structs.replace(plain, mode="executable")
    assert msgspec.json.decode(canonical_bytes(executable), type=Artifact) == executable
    assert msgspec.json.decode(canonical_bytes(fields), type=Artifact) == plain
    assert (plain.is_executable, executable.is_executable) == (False, True)
