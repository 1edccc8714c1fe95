"""Clocks: the machine's tells real time, the tests' tells what it is told."""

import time

from assay.adapters.clocks.system import SystemClock
from assay.testing.memory import ManualClock


def test_the_systems_clock_tells_the_machines_time():
    before = time.time()
    assert before <= SystemClock().now_s() <= time.time()


def test_sleeping_for_no_time_or_less_returns_at_once():
    SystemClock().sleep(0)
    SystemClock().sleep(-1e9)


def test_a_manual_clock_moves_only_when_somebody_sleeps():
    clock = ManualClock(100.0)
    assert clock.now_s() == clock.now_s() == 100.0
    clock.sleep(2.5)
    assert clock.now_s() == 102.5
