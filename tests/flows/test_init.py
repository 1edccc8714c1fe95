"""A project that has no assay.yaml gets one from what it has; nothing is overwritten, and nothing is bent."""

import pytest

from assay.core.condition import parse_condition
from assay.declare import read_pipeline
from assay.flows.init.draft import Draft, DraftStep, Note, as_yaml
from assay.flows.init.github_language import NotOurs, condition, in_command

WORKFLOW = """\
name: train
on: [push]
env:
  SEED: 7
  NOTE: "costs ${HOME}"
jobs:
  data:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pip install -r requirements.txt
      - name: Prepare
        run: python prepare.py
        working-directory: ./code
  train:
    needs: data
    runs-on: ubuntu-latest
    timeout-minutes: 90
    strategy:
      matrix:
        model: [linear, forest]
    env:
      API_TOKEN: ${{ secrets.TOKEN }}
    steps:
      - name: Train
        run: |
          python train.py ${{ matrix.model }} \\
            --seed ${{ env.SEED }}
      - run: echo "done=1" >> $GITHUB_OUTPUT
  publish:
    needs: [train]
    runs-on: ubuntu-latest
    if: github.ref == 'refs/heads/main' && github.event_name == 'push'
    steps:
      - name: Publish
        run: ./publish.sh
        timeout-minutes: 5
      - name: Note
        run: ./note.sh ${{ github.sha }}
      - name: Clean
        if: always()
        run: rm -rf tmp
  aside:
    runs-on: ubuntu-latest
    steps:
      - {name: Aside, run: 'echo "a: b # c"', shell: sh}
"""


@pytest.fixture
def scripts(project):
    project.put("train.py", "print('Training accuracy: 0.9')")
    project.put("validate_data.py", "print('rows=2')")
    project.put("test_model.py", "print('tested')")
    project.put("deploy.py", "print('deployed')")
    return project


def steps_of(project) -> dict:
    return {step.name: step for step in read_pipeline((project.root / "assay.yaml").read_bytes()).steps}


def test_scripts_become_the_list_in_the_order_that_their_names_say(scripts):
    scripts.put("utils.py", "def load():\n    return 1\n")
    scripts.put("plot.py", "print('a plot')")
    scripts.put("test_utils.py", "import pytest\ndef test_it(): pass\n")
    answer = scripts.assay("init")
    assert answer.code == 0, answer.err
    assert list(steps_of(scripts)) == ["Validate data", "Train", "Test model", "Deploy"]
    assert "left out: plot.py (its name says no step)\n" in answer.out
    assert "left out: test_utils.py (it holds tests of code)\n" in answer.out
    assert "left out: utils.py (it only defines things)\n" in answer.out
    assert scripts.assay("run").code == 0
    assert scripts.assay("plan", "--check").code == 0


def test_numbers_in_names_decide_first(project):
    for name in ("02_train.py", "01_plots.py", "10_report.py"):
        project.put(name, "print(1)")
    project.assay("init")
    assert list(steps_of(project)) == ["Plots", "Train", "Report"]


def test_nothing_is_overwritten(scripts):
    scripts.put("assay.yaml", "mine")
    answer = scripts.assay("init")
    assert answer.code == 2
    assert "code     already-there" in answer.err
    assert (scripts.root / "assay.yaml").read_text() == "mine"


def test_it_can_be_printed_and_nothing_written(scripts):
    answer = scripts.assay("init", "--print")
    assert (answer.code, (scripts.root / "assay.yaml").exists()) == (0, False)
    assert next(step.name for step in read_pipeline(answer.out.encode()).steps) == "Validate data"
    assert scripts.assay("init", "--print", "--json").json["text"] == answer.out


def test_an_empty_folder_gives_nothing_to_start_from(project):
    answer = project.assay("init")
    assert answer.code == 2
    assert "code     nothing-to-start-from" in answer.err


def test_a_workflow_keeps_its_order_its_matrix_its_conditions_and_its_limits(project):
    project.put(".github/workflows/train.yml", WORKFLOW)
    answer = project.assay("init", "--from", "github")
    assert answer.code == 0, answer.err
    steps = steps_of(project)
    assert list(steps) == [
        "data: Prepare",
        "train: Train@linear",
        "train: Train@forest",
        "publish: Publish",
        "aside: Aside",
    ]
    prepare, train = steps["data: Prepare"], steps["train: Train@forest"]
    assert (prepare.is_free, prepare.workdir, dict(prepare.env)) == (
        True,
        "code",
        {"SEED": "7", "NOTE": "costs ${HOME}"},
    )
    assert train.action.command == "python train.py forest \\\n  --seed ${SEED}\n"
    assert (train.needs, train.secrets, train.timeout_s) == (("data: Prepare",), ("API_TOKEN",), 5400)
    publish = steps["publish: Publish"]
    assert publish.needs == ("train: Train@linear", "train: Train@forest")
    assert publish.when.text == "branch == 'main' and event == 'push'"
    assert publish.timeout_s == 300
    assert (steps["aside: Aside"].is_free, steps["aside: Aside"].shell[0]) == (True, "sh")


def test_what_cannot_be_said_is_left_out_whole_and_named_where_it_stood(project):
    project.put(".github/workflows/train.yml", WORKFLOW)
    out = project.assay("init", "--from", "github").out
    text = (project.root / "assay.yaml").read_text()
    for reason in (
        "uses: actions/checkout@v4",
        "data: pip install -r requirements.txt (it sets up the machine: do that once, before assay run)",
        'train: echo "done=1" >> $GITHUB_OUTPUT (it speaks to GitHub)',
        "publish: Note (`${{ github.sha }}`, which only GitHub knows)",
        "publish: Clean (`if: always()`)",
    ):
        assert f"# left out: {reason}\n" in text
        assert f"left out: {reason}\n" in out


def test_several_workflows_want_a_name(project):
    for name in ("a", "b"):
        project.put(f".github/workflows/{name}.yml", WORKFLOW)
    answer = project.assay("init", "--from", "github")
    assert answer.code == 2
    assert "assay init --from github --file .github/workflows/a.yml" in answer.err
    assert (
        project.assay("init", "--from", "github", "--file", ".github/workflows/b.yml", "--json").json["written"][0][
            "path"
        ]
        == "assay.yaml"
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("github.ref == 'refs/heads/main'", "branch == 'main'"),
        ("${{ github.ref != 'refs/heads/main' }}", "branch != 'main'"),
        ("startsWith(github.ref, 'refs/tags/')", "tag"),
        ("!(github.event_name == 'push') || github.ref_type == 'tag'", "not (event == 'push') or tag"),
        ("success()", ""),
    ],
)
def test_conditions_in_our_words(theirs, ours):
    assert condition(theirs) == ours
    if ours:
        parse_condition(ours, lambda reference: None)


@pytest.mark.parametrize(
    "theirs", ["always()", "failure()", "contains(github.ref, 'x')", "steps.a.outputs.b == 'c'", "github.actor == 'me'"]
)
def test_conditions_that_ask_more_than_a_run_knows(theirs):
    with pytest.raises(NotOurs):
        condition(theirs)


def test_a_secret_in_a_command_becomes_a_variable():
    assert in_command("curl -H ${{ secrets.KEY }} ${{matrix.a}}") == ("curl -H ${KEY} ${matrix.a}", ("KEY",))


@pytest.mark.parametrize(
    "run",
    [
        "echo: x",
        "echo 'a # b'",
        "- x",
        "true",
        "a\nb\n",
        "  indented\nb",
        "x: |\n  y",
        "é \u2028",
        "a\tb",
        "[ -f x ]",
        "*.py",
        "echo a:",
        "a\n\n  b\\\n",
        "'q'",
    ],
)
def test_every_command_reads_back_as_it_was(run):
    text = as_yaml(
        Draft("x", (Note("a\nb"), DraftStep("null", run, {"env": {"A: b": "1:30", "on": "- x"}} if run == "x" else {})))
    )
    (step,) = read_pipeline(text.encode()).steps
    assert (step.name, step.action.command.rstrip("\n")) == ("null", run.rstrip("\n"))
