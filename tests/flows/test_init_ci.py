"""The workflows that are written are valid, pinned, and allowed no more than they need: real linters say so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
PLACES = {"github": ".github/workflows/assay.yml", "gitlab": ".gitlab-ci.yml"}
SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}


@pytest.fixture(params=["github", "gitlab"])
def forge(request):
    return request.param


@pytest.fixture
def workflow(project, forge):
    project.put("assay.yaml", "steps: [{name: a, run: ls}]\n")
    project.put("requirements.txt", "numpy\n")
    answer = project.assay("init", "--ci", forge)
    assert answer.code == 0, answer.err
    return project.root / PLACES[forge]


def lint(project, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        [BIN / words[0], *words[1:]], cwd=project.root, env=environ, capture_output=True, text=True, check=False
    )


def test_it_is_what_the_schema_allows(project, forge, workflow):
    transform = ("--data-transform", "gitlab-ci") if forge == "gitlab" else ()
    done = lint(project, "check-jsonschema", "--builtin-schema", SCHEMAS[forge], *transform, str(workflow))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_the_security_linter_finds_nothing(project, workflow):
    done = lint(project, "zizmor", "--offline", "--pedantic", str(workflow))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_every_action_is_pinned_and_only_reading_is_allowed(workflow):
    text = workflow.read_text()
    assert re.findall(r"uses: (?!\S+@[0-9a-f]{40} # v\d)", text) == []
    assert "permissions:\n  contents: read\n" in text
    assert text.count("permissions:") == 1


def test_it_installs_what_the_project_says_and_runs_the_pipeline(workflow):
    text = workflow.read_text()
    assert '"$ASSAY" -r requirements.txt\n' in text
    assert "assay plan --check\n" in text
    assert "assay run" in text


def test_the_secrets_that_the_pipeline_names_reach_the_run(project, forge):
    project.put("assay.yaml", "secrets: [DB_PASSWORD, WEBHOOK]\nsteps: [{name: a, run: ls, secrets: [DB_PASSWORD]}]\n")
    assert project.assay("init", "--ci", forge).code == 0
    text = (project.root / PLACES[forge]).read_text()
    if forge == "github":
        run = text[text.index("- name: Run") : text.index("run: assay run")]
        assert "          DB_PASSWORD: ${{ secrets.DB_PASSWORD }}\n          WEBHOOK: ${{ secrets.WEBHOOK }}\n" in run
    else:
        assert "# It needs DB_PASSWORD, WEBHOOK: set as CI/CD variables of the project" in text
    assert "# No requirements.lock, requirements.txt or package was found" in text
    test_it_is_what_the_schema_allows(project, forge, project.root / PLACES[forge])


def test_nothing_is_overwritten(project, forge, workflow):
    before = workflow.read_text()
    answer = project.assay("init", "--ci", forge)
    assert (answer.code, workflow.read_text()) == (2, before)


def test_without_an_assay_yaml_both_are_written(project):
    project.put("train.py", "print(1)")
    answer = project.assay("init", "--ci", "gitlab", "--json")
    assert [each["path"] for each in answer.json["written"]] == ["assay.yaml", ".gitlab-ci.yml"]


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_the_shell_of_the_summary_does_what_it_says(project, workflow):
    """The commands of the workflow, run as GitHub runs them, on a run that failed."""
    project.put("assay.yaml", "steps: [{name: Train, run: exit 3}]\n")
    project.assay("run")
    told = (
        workflow.read_text()
        .partition("name: Tell the verdict")[2]
        .partition("run: |\n")[2]
        .partition("      - name:")[0]
    )
    environ = {**project.environ, "GITHUB_STEP_SUMMARY": str(project.root / "summary.md")}
    done = subprocess.run(
        ["bash", "-e", "-c", re.sub(r"(?m)^ {10}", "", told)], cwd=project.root, env=environ, check=False
    )
    assert done.returncode == 0
    assert "Train" in (project.root / "summary.md").read_text()
