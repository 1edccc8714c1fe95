"""What the real DVC has done is not done again, and what its cache has is put back."""

import hashlib
import shutil

import pytest
from beside import Pair, dvc
from get_started import ALL, FILES, PARAMS


@pytest.fixture
def done(pair) -> Pair:
    """A project with tracked data that DVC has run; ours is a copy of it with the cache."""
    project = pair(FILES)
    theirs, ours = project.theirs, project.ours
    dvc(theirs, "add", "data/data.xml")
    assert theirs.run() == ALL
    shutil.rmtree(ours.root)
    shutil.copytree(theirs.root, ours.root)
    return project


def lock(project: Pair) -> str:
    return (project.ours.root / "dvc.lock").read_text()


def test_what_dvc_lock_shows_to_be_current_does_not_run(done):
    before = lock(done)
    assert done.ours.do(*done.ours.words[:-1], "plan").count("= reuse") == 4
    assert done.run() == []
    assert done.ours.said.count("current by dvc.lock; its MD5 was checked once") == 4
    assert done.run() == []
    assert lock(done) == before, "DVC's files stay as they are"
    done.put("params.yaml", PARAMS.replace("n_est: 50", "n_est: 60"))
    assert done.run() == ["evaluate", "train"]
    assert lock(done) == before


def test_a_stage_that_dvc_would_run_runs(done):
    done.put("src/featurization.py", FILES["src/featurization.py"].replace("[a-z]+", "[a-z]*"))
    assert done.run() == ["evaluate", "featurize", "train"]


def test_a_clone_with_the_cache_needs_no_stage(done):
    for path in ("data/data.xml", "data/prepared", "data/features", "model.json", "eval"):
        done.ours.remove(path)
    assert "+ run" not in done.ours.do(*done.ours.words[:-1], "plan")
    assert done.ours.run() == []
    assert done.ours.files() == done.theirs.files()
    assert done.run() == []


def test_outputs_come_back_from_the_cache_of_dvc_in_later_runs_too(done):
    assert done.run() == []
    done.remove("data/features")
    done.remove("model.json")
    assert done.run() == []
    assert "comes back from the store" in done.ours.said


def test_data_that_is_nowhere_is_to_be_pulled(done):
    (done.ours.root / "data/data.xml").unlink()
    shutil.rmtree(done.ours.root / "data/prepared")
    shutil.rmtree(done.ours.root / ".dvc/cache")
    assert done.ours.run() == []
    assert "data/data.xml is not here" in done.ours.said
    assert "dvc pull data/data.xml.dvc, then assay run" in done.ours.said


def test_a_damaged_cache_is_not_believed(done):
    name = hashlib.md5((done.ours.root / "model.json").read_bytes()).hexdigest()
    place = done.ours.root / ".dvc/cache/files/md5" / name[:2] / name[2:]
    place.chmod(0o644)
    place.write_text("other bytes")
    (done.ours.root / "model.json").unlink()
    assert done.ours.run() == ["evaluate", "train"]
    assert done.ours.files() == done.theirs.files()


def test_data_that_is_damaged_in_the_cache_is_not_put_back(done):
    name = hashlib.md5((done.ours.root / "data/data.xml").read_bytes()).hexdigest()
    place = done.ours.root / ".dvc/cache/files/md5" / name[:2] / name[2:]
    place.chmod(0o644)
    place.write_text("other bytes")
    (done.ours.root / "data/data.xml").unlink()
    assert done.ours.run() == []
    assert "dvc-cache-damaged" in done.ours.said
    assert not (done.ours.root / "data/data.xml").exists()


def test_the_cache_of_an_older_dvc_is_read(done):
    """DVC 2 took the MD5 of text over line ends made one, and had no folder files/md5."""
    root = done.ours.root
    data = b"one\r\ntwo\r\n"
    name = hashlib.md5(data.replace(b"\r\n", b"\n")).hexdigest()
    place = root / ".dvc/cache" / name[:2] / name[2:]
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    (root / "old.txt.dvc").write_text(f"outs:\n- md5: {name}\n  size: 10\n  path: old.txt\n")
    (root / "dvc.yaml").write_text("stages: {copy: {cmd: cp old.txt copy.txt, deps: [old.txt], outs: [copy.txt]}}\n")
    (root / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n  copy:\n    cmd: cp old.txt copy.txt\n"
        f"    deps: [{{path: old.txt, md5: {name}, size: 10}}]\n    outs: [{{path: copy.txt, md5: {name}, size: 10}}]\n"
    )
    done.ours.run()
    assert (root / "old.txt").read_bytes() == (root / "copy.txt").read_bytes() == data
    assert "current by dvc.lock" in done.ours.said


def test_an_assay_yaml_that_was_written_from_it_says_the_same(done):
    assert done.run() == []
    done.ours.do(*done.ours.words[:-1], "init", "--from", "dvc")
    assert (done.ours.root / "assay.yaml").exists(), done.ours.said
    assert done.ours.run() == [], done.ours.said
    (done.ours.root / "params.yaml").write_text(PARAMS.replace("n_est: 50", "n_est: 60"))
    done.theirs.put("params.yaml", PARAMS.replace("n_est: 50", "n_est: 60"))
    assert len(done.ours.run()) == len(done.theirs.run()) == 2
    (done.ours.root / "assay.yaml").unlink()
    assert done.ours.files() == done.theirs.files()
