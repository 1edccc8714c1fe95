"""Artifacts are shown by their path's stem and eight digits."""

import pytest

from assay.core.artifact import Artifact
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
    ],
)
def test_the_name_is_the_paths_stem(path, name):
    assert Artifact(path, DIGEST, "file", 1).name == name
    assert Artifact(path, DIGEST, "file", 1).label == f"{name}@9c41e0d2"
