"""Code versions from real git repositories."""

import os
import subprocess

import pytest

from assay.adapters.repositories.git import GitRepository
from assay.core.problem import StateError
from assay.core.release import CodeVersion

DATA = ("data/flights.csv", "data/arriving/*.csv")


class Project:
    """A git repository with a short way to commit."""

    def __init__(self, root):
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def git(self, *arguments):
        done = subprocess.run(["git", "-C", self.root, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, **files):
        for name, text in files.items():
            path = self.root / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def commit(self, **files):
        self.write(**files)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD")

    def version(self, data=DATA):
        return GitRepository(self.root).code_version(data)


@pytest.fixture(autouse=True)
def _own_git(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ann")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ann@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path / "project")
    project.git("init", "--quiet")
    return project


def test_outside_of_any_repository_there_is_no_version(tmp_path):
    assert Project(tmp_path / "plain").version() == CodeVersion("0.0.0+nogit")
    assert GitRepository(tmp_path / "plain").tracked() is None


def test_without_git_on_the_machine_there_is_no_version(project, monkeypatch, tmp_path):
    project.commit(train_dot_py="1")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert project.version() == CodeVersion("0.0.0+nogit")


def test_a_repository_without_a_commit_is_uncommitted(project):
    assert project.version() == CodeVersion("0.0.0+0.uncommitted")
    project.write(train_dot_py="1")
    assert project.version() == CodeVersion("0.0.0+0.uncommitted", dirty=True)
    assert GitRepository(project.root).tracked() == frozenset()


def test_without_tags_the_commits_are_counted(project):
    project.commit(train_dot_py="1")
    commit = project.commit(train_dot_py="2")
    assert project.version() == CodeVersion(f"0.0.0+2.g{commit[:7]}", commit)


@pytest.mark.parametrize("tag, text", [("v1.4.0", "1.4.0"), ("1.4.0", "1.4.0"), ("v2.0.0-rc.1", "2.0.0-rc.1")])
def test_at_a_tag_the_version_is_the_tags(project, tag, text):
    commit = project.commit(train_dot_py="1")
    project.git("tag", tag)
    assert project.version() == CodeVersion(text, commit)


def test_an_annotated_tag_is_a_tag(project):
    commit = project.commit(train_dot_py="1")
    project.git("tag", "--annotate", "--message", "first", "v1.4.0")
    assert project.version() == CodeVersion("1.4.0", commit)
    project.commit(assay_dot_lock="x")
    assert project.version() == CodeVersion("1.4.0", commit)


def test_after_a_tag_the_commits_since_are_counted(project):
    project.commit(train_dot_py="1")
    project.git("tag", "v1.4.0")
    for text in "234":
        commit = project.commit(train_dot_py=text)
    assert project.version() == CodeVersion(f"1.4.0+3.g{commit[:7]}", commit)


@pytest.mark.parametrize("tag", ["latest", "v1.4", "v1.2.3.4", "v1.x.3", "data-1.2.3"])
def test_a_tag_that_is_no_version_is_passed_over(project, tag):
    project.commit(train_dot_py="1")
    project.git("tag", "v1.4.0")
    commit = project.commit(train_dot_py="2")
    project.git("tag", tag)
    assert project.version() == CodeVersion(f"1.4.0+1.g{commit[:7]}", commit)


def test_new_data_is_no_new_code(project):
    project.commit(train_dot_py="1", data__flights_dot_csv="1")
    project.git("tag", "v1.4.0")
    commit = project.commit(train_dot_py="2")
    before = project.version()
    assert before == CodeVersion(f"1.4.0+1.g{commit[:7]}", commit)
    project.commit(data__flights_dot_csv="2")
    project.commit(data__arriving__jan_dot_csv="1", assay_dot_lock="flights b3:0")
    project.write(data__flights_dot_csv="3", data__arriving__jan_dot_csv="2", assay_dot_lock="x")
    assert project.version() == before
    assert project.version(data=()).dirty


def test_data_alone_since_the_tag_leaves_the_tags_version(project):
    commit = project.commit(train_dot_py="1", data__flights_dot_csv="1")
    project.git("tag", "v1.4.0")
    project.commit(data__flights_dot_csv="2")
    assert project.version() == CodeVersion("1.4.0", commit)


def test_a_tag_on_a_commit_of_data_counts(project):
    project.commit(train_dot_py="1")
    project.git("tag", "v1.4.0")
    project.commit(train_dot_py="2")
    commit = project.commit(data__flights_dot_csv="2")
    project.git("tag", "v1.5.0")
    assert project.version() == CodeVersion("1.5.0", commit)


def test_only_data_committed_is_no_code_committed(project):
    project.commit(data__flights_dot_csv="1")
    assert project.version() == CodeVersion("0.0.0+0.uncommitted")


@pytest.mark.parametrize(
    "files, is_dirty",
    [
        ({"train_dot_py": "changed"}, True),
        ({"README": "changed"}, True),
        ({"new_dot_py": "1"}, True),
        ({"deep__down__new_dot_py": "1"}, True),
        ({"checks__flights_dot_yaml": "1"}, True),
        ({"metrics_dot_json": "{}", "models__m_dot_onnx": "1"}, False),
        ({"ignored_dot_py": "1"}, False),
        ({"_dot_assay__runs__1__x_dot_py": "1"}, False),
        ({"_dot_venv__lib__x_dot_py": "1"}, False),
        ({"data__flights_dot_csv": "changed", "assay_dot_lock": "changed"}, False),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else str(value),
)
def test_the_tree_is_dirty_where_code_differs_from_the_last_commit(project, files, is_dirty):
    commit = project.commit(
        train_dot_py="1", README="1", data__flights_dot_csv="1", assay_dot_lock="1", _dot_gitignore="ignored.py\n"
    )
    project.git("tag", "v1.4.0")
    project.write(**files)
    expected = f"1.4.0+0.g{commit[:7]}.dirty" if is_dirty else "1.4.0"
    assert project.version() == CodeVersion(expected, commit, is_dirty)


def test_a_deleted_and_a_staged_file_are_dirty(project):
    commit = project.commit(train_dot_py="1")
    (project.root / "train.py").unlink()
    assert project.version().text == f"0.0.0+1.g{commit[:7]}.dirty"
    project.write(train_dot_py="1", other_dot_txt="1")
    project.git("add", "other.txt")
    assert project.version().dirty


def test_a_project_below_the_top_counts_its_own_commits(project):
    project.commit(elsewhere_dot_py="1")
    commit = project.commit(ml__train_dot_py="1", ml__data_dot_csv="1")
    project.commit(elsewhere_dot_py="2", ml__data_dot_csv="2")
    project.write(elsewhere_dot_py="3", other_dot_py="1")
    below = GitRepository(project.root / "ml")
    assert below.code_version(["data.csv"]) == CodeVersion(f"0.0.0+1.g{commit[:7]}", commit)
    assert below.tracked() == {"train.py", "data.csv"}


@pytest.mark.parametrize("data", ["/models/outside.pkl", "../outside.csv", ".", "", "data/[odd] (name).csv", ":(top)"])
def test_any_path_of_data_is_taken(project, data):
    commit = project.commit(train_dot_py="1")
    assert project.version(data=(data,)) == CodeVersion(f"0.0.0+1.g{commit[:7]}", commit)


def test_tracked_files_are_named_as_they_are(project):
    odd = os.fsdecode(b"caf\xe9 \n.csv")
    (project.root / odd).write_text("x")
    project.commit(a__train_dot_py="1")
    project.write(untracked="1")
    assert GitRepository(project.root).tracked() == {"a/train.py", odd}


def test_hooks_and_foreign_languages_do_not_turn_gits_eyes(project, monkeypatch, tmp_path):
    commit = project.commit(train_dot_py="1")
    other = Project(tmp_path / "other")
    other.git("init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    assert project.version() == CodeVersion(f"0.0.0+1.g{commit[:7]}", commit)


def test_asking_changes_nothing_in_the_repository(project):
    project.commit(train_dot_py="1")
    os.utime(project.root / "train.py", (1, 1))
    before = (project.root / ".git" / "index").read_bytes()
    project.version()
    assert (project.root / ".git" / "index").read_bytes() == before


def test_a_damaged_repository_is_an_error_and_not_no_repository(project):
    project.commit(train_dot_py="1")
    (project.root / ".git" / "HEAD").unlink()
    with pytest.raises(StateError, match="git does not read the repository") as error:
        project.version()
    assert error.value.problem.code == "git-refused"


def test_a_repository_that_git_does_not_trust_is_an_error_with_gits_own_remedy(project, monkeypatch, tmp_path):
    """As in a CI container, where somebody else made the checkout; a git that says so stands in for that."""
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(
        "#!/bin/sh\n"
        "echo \"fatal: detected dubious ownership in repository at '/src'\" >&2\n"
        "echo 'To add an exception for this directory, call:' >&2\n"
        "echo '\tgit config --global --add safe.directory /src' >&2\n"
        "exit 128\n"
    )
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(git.parent), prepend=os.pathsep)
    with pytest.raises(StateError) as error:
        project.version()
    assert error.value.problem.because == ("fatal: detected dubious ownership in repository at '/src'",)
    assert error.value.problem.fix == "git config --global --add safe.directory /src"
