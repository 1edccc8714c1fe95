"""The figures of docs/explanation/labels-needed.md are those that the planner and ease.ml/ci's formulas give today."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "labels-needed.md").read_text(encoding="utf-8")


def load(name):
    spec = importlib.util.spec_from_file_location(f"bench_{name}", ROOT / "bench" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


labels = load("labels")


@pytest.mark.parametrize("table", [labels.shares_table, labels.active_table, labels.ranks_table])
def test_every_table_of_the_page_comes_out_again(table):
    assert "\n".join(table()) in PAGE


def test_the_ratios_that_the_page_tells_come_out_again():
    count, hoeffding, bennett = labels.ratios()
    said = " ".join(PAGE.split())
    assert f"Over {count} such questions" in said
    assert f"Hoeffding asks for {hoeffding[0]:.1f} to {hoeffding[1]:.0f} times the labels" in said
    assert f"Bennett for {bennett[0]:.1f} to {bennett[1]:.1f} times" in said


@pytest.mark.parametrize(
    "margin, differ, delta, hoeffding, bennett, sure, usual",
    [
        (0.02, 0.1, 0.01, 105_966, 12_376, 6_870, 4_481),
        (0.02, 0.1, 1e-4, 198_070, 21_888, 16_617, 8_368),
        (0.0, 0.1, 0.01, 105_966, 12_376, 5_455, 3_322),
        (0.0, 0.05, 0.01, 105_966, 6_379, 2_687, 1_660),
    ],
)
def test_the_tables_hold_what_was_derived_apart_from_this_code(margin, differ, delta, hoeffding, bennett, sure, usual):
    """By the published formulas, rounded down, and by the exact power of the paired test; the planner rounds by half a thousandth."""
    case = labels.Shares(margin, 0.01, differ, delta)
    assert case.by_easeml("hoeffding").labels == pytest.approx(hoeffding, abs=1)
    assert case.by_easeml("bennett").labels == pytest.approx(bennett, abs=1)
    assert case.by_assay(1 - delta) == pytest.approx(sure, rel=1e-3)
    assert case.by_assay() == pytest.approx(usual, rel=1e-3)


def test_what_wald_s_test_errs_is_told_as_it_is():
    errs = [labels.wald_error(case, case.by_wald(0.9)) / case.delta for case in labels.SHARES]
    assert f"between {min(errs):.2f} and {max(errs):.2f} times delta" in " ".join(PAGE.split())
    few = labels.wald_error(labels.Shares(0.0, 0.01, 0.1, 0.05), 50) / 0.05
    assert f"{few:.2f} times as often" in PAGE
