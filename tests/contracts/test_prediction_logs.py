"""Every prediction log passes its suite."""

import pytest

from assay.adapters.predictions.segments import SegmentLog
from assay.testing.memory import MemoryPredictions
from assay.testing.suites import PredictionLogContract


class TestSegmentLog(PredictionLogContract):
    @pytest.fixture
    def open_log(self, tmp_path):
        return lambda: SegmentLog(tmp_path / "predictions")


class TestSegmentLogWithSync(PredictionLogContract):
    @pytest.fixture
    def open_log(self, tmp_path):
        return lambda: SegmentLog(tmp_path / "predictions", sync=True)


class TestMemoryPredictions(PredictionLogContract):
    @pytest.fixture
    def open_log(self):
        log = MemoryPredictions()
        return lambda: log
