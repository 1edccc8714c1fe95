"""Ray passes the executors' suite."""

import pytest

from assay.testing.suites import ExecutorContract

pytestmark = pytest.mark.ray


class TestRayExecutor(ExecutorContract):
    @pytest.fixture
    def executor(self, executor):
        return executor
