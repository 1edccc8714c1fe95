"""A step that rests on nothing always runs, unless it says otherwise."""

import pytest

from assay.core.pipeline import ParamSelection, RunAction, Step


@pytest.mark.parametrize(
    "declared, always",
    [
        ({}, True),
        ({"outputs": ("y",)}, True),
        ({"inputs": ("x",)}, False),
        ({"params": (ParamSelection("params.yaml", ("a",)),)}, False),
        ({"runs": "changed"}, False),
        ({"inputs": ("x",), "runs": "always"}, True),
        ({"runs": "never"}, False),
    ],
)
def test_what_it_declares_decides(declared, always):
    assert Step("s", RunAction("x"), **declared).always_runs is always
