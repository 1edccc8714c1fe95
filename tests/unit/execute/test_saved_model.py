"""A model that a step said it saved is kept where it can be; what is wrong with it is never the step's failure."""

import pytest

from assay.adapters.files.local import LocalFiles
from assay.adapters.stores.local import LocalStore
from assay.execute import saved_model
from assay.execute.saved_model import is_of_this_run, keep_saved_model


@pytest.fixture
def keep(tmp_path):
    """Of the project /project below the test's own folder."""
    root = tmp_path / "project"
    (root / ".assay").mkdir(parents=True)
    files = LocalFiles(root, root / ".assay" / "cache")
    store = LocalStore(root / ".assay" / "store")

    def keep(path: str):
        model, warnings = keep_saved_model(path, str(root), files, store)
        return model, [warning.code for warning in warnings]

    return keep


@pytest.fixture
def project(tmp_path, keep):
    return tmp_path / "project"


def test_a_file_and_a_folder_are_kept(keep, project):
    (project / "model").mkdir()
    (project / "model" / "weights.bin").write_bytes(b"weights")
    assert keep("model/weights.bin")[0].size_bytes == 7
    model, warnings = keep("model")
    assert (model.kind, model.files, warnings) == ("folder", 1, [])


@pytest.mark.parametrize("path", [".", "./", "..", "/", "model/..", ".assay", ".assay/store", "here", "state/cache"])
def test_the_project_what_lies_above_it_and_assays_own_state_are_no_models(keep, project, path):
    (project / "here").symlink_to(".")
    (project / "state").symlink_to(".assay")
    assert keep(path) == (None, ["saved-model-not-kept"])


def test_a_file_that_is_not_there_is_warned_about(keep):
    assert keep("models/model.pkl") == (None, ["saved-model-missing"])


def test_a_folder_that_cannot_be_kept_is_warned_about(keep, project):
    (project / "model").mkdir()
    (project / "model" / "link").symlink_to("nowhere")
    assert keep("model") == (None, ["saved-model-not-kept"])


def test_a_folder_of_too_many_files_or_bytes_is_not_read(keep, project, monkeypatch):
    (project / "model").mkdir()
    for name in "abc":
        (project / "model" / name).write_bytes(b"12345")
    monkeypatch.setattr(saved_model, "MOST_FILES", 2)
    assert keep("model") == (None, ["saved-model-not-kept"])
    monkeypatch.setattr(saved_model, "MOST_FILES", 3)
    assert keep("model")[1] == []
    monkeypatch.setattr(saved_model, "MOST_BYTES", 14)
    assert keep("model") == (None, ["saved-model-not-kept"])


def test_what_was_written_before_the_step_began_is_not_its_own(project):
    files = LocalFiles(project, project / ".assay" / "cache")
    (project / "model").mkdir()
    (project / "model" / "weights.bin").write_bytes(b"weights")
    (project / "latest").symlink_to("model")
    changed_s = (project / "model" / "weights.bin").stat().st_ctime_ns / 1e9
    found = [is_of_this_run(path, changed_s + later, files) for path in ("model", "latest") for later in (0, 60)]
    assert found == [True, False, True, False]
    assert is_of_this_run("gone", changed_s, files)
