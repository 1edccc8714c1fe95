"""``assay.log_metric``: for scripts that want to say what they measured."""

import json

import numpy as np
import pytest

import assay
from assay.execute.output import read_logged


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_METRICS", str(tmp_path / "step.metrics"))
    return tmp_path / "step.metrics"


def test_what_is_logged_is_read_back_in_order(file):
    for step, loss in enumerate((0.5, 0.4, 0.3)):
        assay.log_metric("loss", loss, step=step)
    assay.log_metric("accuracy", np.float32(0.5))
    metrics = {
        metric.name: (metric.value, metric.series) for metric in read_logged(file.read_bytes().splitlines()).metrics
    }
    assert metrics == {"loss": (0.3, (0.5, 0.4, 0.3)), "accuracy": (0.5, (0.5,))}
    assert json.loads(file.read_text().splitlines()[2])["step"] == 2


def test_nan_is_no_error_and_no_value(file):
    for value in (0.5, float("inf"), np.nan):
        assay.log_metric("loss", value)
    read = read_logged(file.read_bytes().splitlines())
    assert read.metrics == ()
    assert [(each.name, each.value, each.last) for each in read.not_finite] == [("loss", "nan", 0.5)]


def test_outside_a_run_only_the_arguments_are_looked_at(monkeypatch):
    monkeypatch.delenv("ASSAY_METRICS", raising=False)
    assay.log_metric("accuracy", 0.9)
    with pytest.raises(ValueError, match="needs a name"):
        assay.log_metric(" ", 0.9)


@pytest.mark.parametrize(
    ("name", "value", "step"),
    [("", 1.0, None), (3, 1.0, None), ("a", "high", None), ("a", None, None), ("a", 1.0, "x")],
)
def test_what_is_no_name_number_or_step_is_refused(file, name, value, step):
    with pytest.raises((ValueError, TypeError)):
        assay.log_metric(name, value, step)
    assert not file.exists()


def test_a_place_that_cannot_be_written_does_not_end_the_training(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSAY_METRICS", str(tmp_path / "gone" / "step.metrics"))
    assay.log_metric("accuracy", 0.9)
