"""What paths tell by themselves."""

import pytest

from assay.explain.failure.figures import age, listed, size
from assay.explain.paths import NEAR, is_data, is_model, is_probe, nearness


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        ("artifacts/model.pkl", "models/modell.pkl"),
        ("models/modell.pkl", "models/forest.pkl"),
        ("models/model_v2.pkl", "models/modell.pkl"),
        ("models/modell.pkl", "models/modell.joblib"),
        ("models/forest.pkl", "out/forest.joblib"),
        ("out/modell.pkl", "out/forest.pkl"),
        ("out/forest.pkl", "metrics.json"),
    ],
)
def test_of_two_files_one_is_nearer_to_the_wanted_model(nearer, farther):
    assert nearness("models/model.pkl", nearer) > nearness("models/model.pkl", farther)


@pytest.mark.parametrize(
    "found", ["metrics.json", "train.log", "models/__pycache__/model.pyc", "data/raw.csv", ".cache/model.pkl"]
)
def test_what_has_nothing_to_do_with_the_wanted_model_is_not_near(found):
    assert nearness("models/model.pkl", found) < NEAR


def test_another_file_of_the_same_kind_in_the_same_folder_is_not_near_unless_it_is_a_model():
    assert nearness("data/clean.csv", "data/raw.csv") == 0.0
    assert nearness("models/model.pkl", "models/forest.pkl") >= NEAR


@pytest.mark.parametrize("path", ["model.pkl", "models/a.json", "out/net.PT", "model.bin", "x/model.txt", "a.onnx"])
def test_models_are_known_by_their_names(path):
    assert is_model(path)


@pytest.mark.parametrize("path", ["metrics.json", "data/train.pkl", "notes.txt", "data.csv", "bin/tool.bin"])
def test_other_files_are_not_taken_for_models(path):
    assert not is_model(path)


def test_a_pickle_below_data_is_data():
    assert is_data("data/train.pkl")


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "pkg/__init__.py",
        "/usr/lib/python3.11/x.txt",
        "x/site-packages/y.json",
        "lib.so",
        "pyproject.toml",
        "/etc/hosts.conf",
    ],
)
def test_what_python_and_its_libraries_probe_for_is_told_apart(path):
    assert is_probe(path)


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (1, "1 byte"),
        (812, "812 bytes"),
        (40_000, "40.0 kB"),
        (999_999, "1.0 MB"),
        (3_100_000, "3.1 MB"),
        (7_250_000_000, "7.2 GB"),
    ],
)
def test_sizes_are_in_powers_of_ten(size_bytes, text):
    assert size(size_bytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s ago"),
        (12.9, "12 s ago"),
        (61, "1 min ago"),
        (7300, "2 h ago"),
        (90_000, "1 day ago"),
        (450_000, "5 days ago"),
    ],
)
def test_ages_are_rounded_down(seconds, text):
    assert age(1000.0, 1000.0 + seconds) == text


def test_long_lists_are_counted():
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c", "d", "e"])] == [
        "a",
        "a and b",
        "a, b, c and 2 more",
    ]
