"""What DVC has recorded is read; what does not read as such counts for nothing."""

import pytest

from assay.declare.dvc import LockedStage, Recorded, read_lock, read_tracked

ONE, TWO = "0" * 31 + "1", "a" * 32


def test_a_lock():
    text = f"""
schema: '2.0'
stages:
  train:
    cmd: [a, b]
    deps:
    - {{path: in, hash: md5, md5: '{ONE}', size: 5}}
    - {{path: old, md5: {TWO}.dir, size: 6, nfiles: 2}}
    params: {{params.yaml: {{lr: 0.1, deep: {{a: [1]}}}}}}
    outs: [{{path: out, hash: md5, md5: {TWO}}}]
"""
    assert read_lock(text.encode()) == {
        "train": LockedStage(
            ["a", "b"],
            (Recorded("in", ONE, "md5", 5), Recorded("old", f"{TWO}.dir", "md5-dos2unix", 6)),
            (Recorded("out", TWO),),
            {"params.yaml": {"lr": 0.1, "deep": {"a": [1]}}},
        )
    }


@pytest.mark.parametrize(
    "entry", ["{path: x, etag: abc}", "{path: x, md5: ../../etc}", "x", "{md5: " + TWO + "}", "null"]
)
def test_a_stage_with_something_unknown_is_not_whole(entry):
    stage = read_lock(f"stages: {{s: {{cmd: x, outs: [{entry}]}}}}".encode())["s"]
    assert not stage.is_whole


@pytest.mark.parametrize(
    "text", ["", "- a", "stages: [", "stages: {s: {deps: []}}", "stages: 5", "\0", "stages: {s: x}"]
)
def test_what_is_no_lock_has_no_stages(text):
    assert read_lock(text.encode()) == {}


def test_tracked_data():
    text = f"outs:\n- {{md5: {TWO}.dir, size: 1, nfiles: 3, hash: md5, path: data}}\n- {{path: no}}\ndeps: [{{path: x}}]\nfrozen: true\n"
    assert read_tracked(text.encode()) == (Recorded("data", f"{TWO}.dir", "md5", 1),)
    assert read_tracked(b"outs: 5") == read_tracked(b"[") == ()
