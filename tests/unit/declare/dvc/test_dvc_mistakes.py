"""Every mistake in dvc.yaml is told at once, each with its place."""

import pytest
from dvc_files import read

from assay.core.problem import DeclarationError, describe


def told(*args, **files) -> str:
    with pytest.raises(DeclarationError) as error:
        read(*args, **files)
    return "\n".join(map(describe, error.value.problems)) + "\n"


MISTAKES = """
stages:
  one: {comand: x, deps: in, outs: [{out: {cached: true}}], frozen: maybe}
  two: {cmd: x, live: {dir: y}, outs: [s3://bucket/x, ../outside, 5]}
  three: [cmd]
  four: {foreach: [a], cmd: x}
  five: {foreach: ${nothing}, do: {cmd: x, dep: [in]}}
  six: {matrix: [a], cmd: "x ${item.a}"}
  seven: {cmd: x, params: {lr: 1}, plots: [{p: {z: 1}}], metrics: [{m: {cache: 1}}]}
  six: {cmd: x}
step: 1
"""
FILES_THAT_DO_NOT_FIT = """
stages:
  a: {cmd: x, deps: [data], outs: [data/x, shared]}
  b: {cmd: x, outs: [shared/y]}
  c: {cmd: x, deps: [e.txt], outs: [d.txt]}
  e: {cmd: x, deps: [d.txt], outs: [e.txt]}
"""


@pytest.mark.parametrize(
    "name, text",
    [
        ("mistakes", MISTAKES.replace("${nothing}", '"${nothing}"')),
        ("files-that-do-not-fit", FILES_THAT_DO_NOT_FIT),
        ("nothing", "# no stages\n"),
        ("not-yaml", "stages:\n  a: [\n"),
        ("a-list", "- a\n"),
    ],
)
def test_mistakes(snapshot, name, text):
    snapshot(f"declare-dvc/{name}.txt", told(text))


def test_mistakes_of_all_files_are_told_together():
    found = told("stages: {a: {cmd: 5}}", sub___dvc__yaml="stages: {a: {}}", sub___params__yaml="- 1\n")
    assert sorted(line.split(": ")[0] for line in found.splitlines() if not line.startswith(" ")) == [
        "dvc.yaml:1:19",
        "sub/dvc.yaml:1:13",
        "sub/params.yaml:1:1",
    ]
