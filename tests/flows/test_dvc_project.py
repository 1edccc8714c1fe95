"""A DVC project runs as it is, and its assay.yaml can be written from it. tests/dvc holds it against the real DVC."""

import hashlib
import os
from pathlib import Path

import msgspec
import pytest

from assay.core.problem import UsageError
from assay.workspace import Workspace

DVC_YAML = """
stages:
  prepare:
    cmd: sort raw.txt > ${where}/sorted.txt
    deps: [raw.txt]
    params: [size]
    outs: ["${where}/sorted.txt"]
  train:
    matrix: {kind: [a, "it's"]}
    cmd: ['echo "${item.kind}: $(cat out/sorted.txt)" > "${key}.bin"', "test -n \\"\\\\${DVC_STAGE}\\""]
    deps: [out/sorted.txt]
    outs: ["${key}.bin"]
  score:
    cmd: |
      echo '{"auc": 0.9}' > m.json
      cp m.json kept.json
    deps: [a.bin]
    params: [conf.toml: ]
    outs: [kept.json: {persist: true}]
    metrics: [m.json]
  tell: {cmd: "echo told # not more"}
  held: {cmd: "false", deps: [m.json], frozen: true}
"""


@pytest.fixture
def started(project):
    project.write(dvc__yaml=DVC_YAML, raw__txt="b\na\n", params__yaml="where: out\nsize: 3\n", conf__toml="a = 1\n")
    project.put("out/.gitignore", "")
    return project


def ran(answer) -> list[str]:
    assert answer.code == 0, answer.err + answer.out
    results = answer.lines[-1]["results"]
    return sorted(result["step"] for result in results if result["outcome"] == "ok")


def test_it_runs_without_an_assay_yaml(started):
    assert ran(started.assay("run", "--json")) == ["prepare", "score", "tell", "train@a", "train@it's"]
    assert (started.root / "it's.bin").read_text() == "it's: a\nb\n"
    assert ran(started.assay("run", "--json")) == ["tell"]
    started.write(params__yaml="where: out\nsize: 4\nother: 1\n")
    assert ran(started.assay("run", "--json")) == ["prepare", "tell"]


def test_parameters_that_a_stage_finds_are_waited_for(project):
    stages = (
        "stages:\n  train: {cmd: cp best.yaml m, params: [{best.yaml: [lr]}], outs: [m]}\n"
        "  tune: {cmd: sleep 0.2; cp src best.yaml, deps: [src], outs: [best.yaml]}\n"
    )
    project.write(dvc__yaml=stages, src="lr: 0.5\n")
    assert ran(project.assay("run", "-j", "2", "--json")) == ["train", "tune"]
    assert (project.root / "m").read_text() == "lr: 0.5\n"


def test_the_pipeline_is_read_again_when_anything_that_it_was_read_from_changes(started):
    assert ran(started.assay("run", "--json"))
    started.write(params__yaml="where: other\nsize: 3\n", dvc__yaml=DVC_YAML.replace("out/sorted", "other/sorted"))
    started.put("other/.gitignore", "")
    assert ran(started.assay("run", "--json")) == ["prepare", "tell", "train@a", "train@it's"]


def test_mistakes_in_it_end_with_the_code_of_a_wrong_file(project):
    project.write(dvc__yaml="stages: {a: {cmd: x, dep: [b]}}")
    answer = project.assay("run")
    assert answer.code == 2
    assert "dvc.yaml:1:22: unknown key `dep`" in answer.err


def locked(root: Path, cmd: str, deps: list[str], outs: list[str]) -> str:
    """dvc.lock as DVC writes it."""

    def entries(paths):
        data = {path: (root / path).read_bytes() for path in paths}
        return [{"path": p, "hash": "md5", "md5": hashlib.md5(d).hexdigest(), "size": len(d)} for p, d in data.items()]

    stage = {"cmd": cmd, "deps": entries(deps), "outs": entries(outs)}
    return msgspec.json.encode({"schema": "2.0", "stages": {"copy": stage}}).decode()


def test_a_stage_that_dvc_lock_shows_to_be_current_is_not_run(project):
    project.write(dvc__yaml="stages: {copy: {cmd: cp a b, deps: [a], outs: [b]}}", a="data", b="data")
    lock = locked(project.root, "cp a b", ["a"], ["b"])
    project.write(dvc__lock=lock)
    assert "= reuse  copy  current by dvc.lock" in project.assay("plan").out
    assert "copy  reused  current by dvc.lock; its MD5 was checked once" in project.assay("run").out
    assert (project.root / "dvc.lock").read_text() == lock
    project.write(a="dat2")
    assert ran(project.assay("run", "--json")) == ["copy"]
    project.write(a="data")
    assert ran(project.assay("run", "--json")) == []


def test_what_dvc_says_may_be_executed_may_be_when_it_comes_from_its_cache(project):
    project.write(dvc__yaml="stages: {copy: {cmd: cp a b, deps: [a], outs: [b]}}", a="data", b="data")
    lock = msgspec.json.decode(locked(project.root, "cp a b", ["a"], ["b"]))
    [out] = lock["stages"]["copy"]["outs"]
    out["isexec"] = True
    project.write(dvc__lock=msgspec.json.encode(lock).decode())
    project.put(f".dvc/cache/files/md5/{out['md5'][:2]}/{out['md5'][2:]}", "data")
    (project.root / "b").unlink()
    assert ran(project.assay("run", "--json")) == []
    assert os.access(project.root / "b", os.X_OK)


def test_what_a_stage_that_counts_as_done_made_comes_from_dvcs_cache(project):
    stages = "stages:\n  copy: {cmd: cp a b, deps: [a], outs: [b]}\n  use: {cmd: cp b c, deps: [b], outs: [c]}\n"
    project.write(dvc__yaml=stages, a="data", b="data")
    lock = locked(project.root, "cp a b", ["a"], ["b"])
    [out] = msgspec.json.decode(lock)["stages"]["copy"]["outs"]
    project.write(dvc__lock=lock)
    project.put(f".dvc/cache/files/md5/{out['md5'][:2]}/{out['md5'][2:]}", "data")
    (project.root / "b").unlink()
    assert ran(project.assay("run", "--from", "use", "--json")) == ["use"]
    assert (project.root / "c").read_text() == "data"


@pytest.mark.parametrize("change", ["cmd", "input", "output"])
def test_a_stage_that_differs_from_dvc_lock_runs(project, change):
    project.write(dvc__yaml="stages: {copy: {cmd: cp a b, deps: [a], outs: [b]}}", a="data", b="data")
    project.write(dvc__lock=locked(project.root, "cp a b", ["a"], ["b"]))
    if change == "cmd":
        project.write(dvc__yaml="stages: {copy: {cmd: cat a > b, deps: [a], outs: [b]}}")
    else:
        project.put("a" if change == "input" else "b", "dat2")
    assert ran(project.assay("run", "--json")) == ["copy"]


def test_recorded_parameters_are_held_against_all_that_is_selected(project):
    stage = "{cmd: cp a b, deps: [a], outs: [b], params: [size, net.0, {conf.py: [Net.depth]}, {all.yaml: }]}"
    project.write(dvc__yaml=f"stages: {{copy: {stage}}}", a="data", b="data", conf__py="class Net:\n    depth = 3\n")
    project.write(params__yaml="size: 1_000\nnet: [5, 6]\nother: 1\n", all__yaml="{x: {1: y}}\n")
    lock = msgspec.json.decode(locked(project.root, "cp a b", ["a"], ["b"]))
    told = {"params.yaml": {"size": 1000, "net.0": 5}, "conf.py": {"Net.depth": 3}, "all.yaml": {"x": {"1": "y"}}}
    lock["stages"]["copy"]["params"] = told
    project.write(dvc__lock=msgspec.json.encode(lock).decode())
    assert ran(project.assay("run", "--json")) == []
    project.write(all__yaml="{x: {1: z}}\n")
    assert ran(project.assay("run", "--json")) == ["copy"]


def test_a_parameter_that_no_file_has_fails_its_stage_by_name(project):
    project.write(dvc__yaml="stages: {a: {cmd: x, params: [rte], outs: [y]}}", params__yaml="rate: 1\n")
    assert "+ run  a  params.yaml has no rte" in project.assay("plan").out
    answer = project.assay("run")
    assert (answer.code, "params.yaml has no rte" in answer.err) == (1, True)


def test_all_that_is_done_is_not_looked_into_again(project):
    stages = "{copy: {cmd: cp a b, deps: [a], outs: [b]}, old: {cmd: x, deps: [a], outs: [c], frozen: true}}"
    project.write(dvc__yaml=f"stages: {stages}", a="data", b="data")
    project.write(dvc__lock=locked(project.root, "cp a b", ["a"], ["b"]))
    project.assay("run")
    project.write(dvc__lock="[")
    assert ran(project.assay("run", "--json")) == []


def test_a_dvc_lock_that_does_not_read_is_passed_over(project):
    project.write(
        dvc__yaml="stages: {copy: {cmd: cp a b, deps: [a], outs: [b]}}", a="data", dvc__lock="stages: {copy: ["
    )
    assert ran(project.assay("run", "--json")) == ["copy"]


def test_the_nearest_assay_yaml_goes_before_any_dvc_yaml(tmp_path):
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    (inner / "dvc.yaml").write_text("stages: {a: {cmd: x}}")
    assert Workspace.find(inner, {}).root == inner
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("")
    assert Workspace.find(inner, {}).root == tmp_path
    (tmp_path / "a/assay.yaml").write_text("steps: []")
    assert Workspace.find(inner, {}).root == tmp_path / "a"


def test_a_folder_of_dvc_without_any_stage_is_no_project(tmp_path):
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("")
    with pytest.raises(UsageError, match=r"no assay\.yaml"):
        Workspace.find(tmp_path, {})


def test_stages_of_packages_and_of_other_projects_are_not_ours(tmp_path):
    for folder in ("venv/lib", "node_modules/x", "other/deep", "own/deep"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "dvc.yaml").write_text("stages: {a: {cmd: x}}")
    (tmp_path / "venv/pyvenv.cfg").write_text("")
    (tmp_path / "other/.dvc").mkdir()
    (tmp_path / "other/.dvc/config").write_text("")
    (tmp_path / "dvc.yaml").write_text("stages: {}")
    assert [step.name for step in Workspace(tmp_path, {}).pipeline.steps] == ["own/deep/dvc.yaml:a"]


def test_the_assay_yaml_that_is_written_declares_the_same_steps(started):
    before = Workspace(started.root, {}).pipeline
    answer = started.assay("init", "--from", "dvc")
    assert answer.code == 0, answer.err
    after = Workspace(started.root, {}).pipeline
    assert after.name == before.name
    assert after.steps == tuple(msgspec.structs.replace(step, cell_of=None, cell=()) for step in before.steps)
    assert ran(started.assay("run", "--json", DVC_STAGE="x"))


def test_a_file_that_is_there_is_never_overwritten(started):
    assert started.assay("init", "--from", "dvc", "--print").out.startswith("# From dvc.yaml")
    assert not (started.root / "assay.yaml").exists()
    assert started.assay("init", "--from", "dvc", "--json").json["schema"] == "assay.init/1"
    text = (started.root / "assay.yaml").read_text()
    answer = started.assay("init", "--from", "dvc")
    assert answer.code == 2
    assert "already-there" in answer.err
    assert (started.root / "assay.yaml").read_text() == text
