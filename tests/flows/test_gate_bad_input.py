"""Whatever is wrong with a gate's sentences, rows or models is told with its cause and a fix; nothing is judged, and nothing charged."""

import json
import random
import shutil
import sqlite3
import subprocess
from contextlib import suppress

import pytest
from loop import PREDICT, rows, write_loop
from test_sealed_gate import kept, plain

CLASSES_YAML = """\
name: classes
model: {path: model.txt, label: y, id: id, predict: predict.py:load}
steps:
  - {name: Train, run: cp cut.txt model.txt, inputs: [cut.txt], outputs: [model.txt]}
  - name: Gate
    gate:
      data: gate.csv
      positive: 'yes'
      leakage: {allow: [x, kind]}
      require: [accuracy >= 0.5]
  - {name: Release, release: {}}
"""
CLASSES = """\
import numpy as np

def load(path):
    cut = float(open(path).read())
    def predict(columns):
        x = np.asarray(columns["x"], dtype=float)
        answer = np.where(x > cut, "yes", "no").astype(object)
        score = np.clip(x / 100, 0, 1)
        return {"prediction": answer, "score": score}
    return predict
"""
POINTER = "version https://git-lfs.github.com/spec/v1\\noid sha256:4d7a2146\\nsize 12345\\n"


def class_rows(count=200):
    draw = random.Random(7)
    drawn = [(number, draw.uniform(0, 100)) for number in range(count)]
    lines = [
        f"{number},{'ab'[number % 2]},{x:.2f},{'yes' if x + draw.gauss(0, 10) > 50 else 'no'}" for number, x in drawn
    ]
    return "\n".join(["id,kind,x,y", *lines]) + "\n"


def labelled(text, label):
    """The rows with other labels: ``label`` of each row's number and line."""
    header, *lines = text.splitlines()
    cells = [f"{line.rsplit(',', 1)[0]},{label(number, line)}" for number, line in enumerate(lines)]
    return "\n".join([header, *cells]) + "\n"


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """Folders of projects whose first model is released, by name; made once."""
    return {}, tmp_path_factory


@pytest.fixture
def released(project, templates):
    """``released(name)``: such a project, and a better model that waits to be judged."""
    known, folders = templates

    def make(name):
        if name not in known:
            root = folders.mktemp(name) / "project"
            root.mkdir()
            first = type(project)(root)
            prepare(first, name)
            answer = first.assay("run")
            assert answer.code == 0, answer.err
            known[name] = root
        shutil.copytree(known[name], project.root, dirs_exist_ok=True)
        project.put(*{"line": ("slope.txt", "2.0"), "classes": ("cut.txt", "50")}[name])
        return project

    return make


def prepare(project, name):
    if name == "line":
        write_loop(project, slope=2.5)
        text = (project.root / "assay.yaml").read_text()
        project.put("assay.yaml", text[: text.index("watch:")])
        return
    project.write(assay__yaml=CLASSES_YAML, predict__py=CLASSES, cut__txt="60", gate__csv=class_rows())


def require(project, *sentences, more=""):
    """The gate with other sentences, and other keys before them."""
    text = (project.root / "assay.yaml").read_text()
    begin, end = (
        text.index("      require:"),
        text.index("  - name: Release" if "slope" in text else "  - {name: Release"),
    )
    project.put("assay.yaml", f"{text[:begin]}{more}      require: {json.dumps(sentences)}\n{text[end:]}")


def judged(project):
    with sqlite3.connect(project.root / ".assay/ledger.sqlite") as ledger:
        return ledger.execute("select count(*) from event where kind = 'judged'").fetchone()[0]


def edit(project, file, before, after):
    text = (project.root / file).read_text()
    assert before in text
    project.put(file, text.replace(before, after, 1))


def demand_refused(project, code, *words):
    """The run ends with this problem, its cause and a fix; no verdict is recorded, and the champion stays."""
    before = judged(project)
    answer = project.assay("run")
    assert answer.code == 1, answer.err
    problem = answer.err.rstrip().split("\n\n")[-1]
    assert f"  code     {code}" in problem
    assert "  because  " in problem
    assert "  fix      " in problem
    for word in words:
        assert word in problem
    assert "Traceback" not in answer.err
    assert judged(project) == before
    assert project.assay("status", "--json").json["champion"]["release"] == "r1"


@pytest.mark.parametrize(
    "sentence, code, word",
    [
        ("mae <", "bad-sentence", "the line ends here: mae <"),
        ("mea <= 50", "bad-sentence", "did you mean mae?"),
        ("mae <= 50 at 200%", "bad-sentence", "a level over 50% and below 100%"),
        ("mae <= NaN", "bad-sentence", 'found "NaN"'),
        ("mae <= champion.mae * -1", "bad-sentence", "a factor such as 0.95"),
        ("mae < champion.rmse", "bad-sentence", "expected mae, the metric on the left"),
        ("mae < champion.mae and mae < 3", "bad-sentence", "each requirement is a sentence of its own"),
        ("quantile_loss <= 3", "no-quantile", "write `quantile: 0.9` in the gate"),
        ("cost <= 3", "no-cost", "no `cost` says what a prediction costs"),
    ],
)
def test_a_sentence_that_does_not_read_is_told_at_its_place(released, sentence, code, word):
    project = released("line")
    require(project, sentence)
    before = judged(project)
    answer = project.assay("run")
    assert answer.code == 2
    assert f"  code     {code}" in answer.err
    assert "  fix      " in answer.err
    assert answer.err.startswith("assay.yaml:")
    assert word in answer.err
    assert judged(project) == before


@pytest.mark.parametrize(
    "answer, code, word",
    [
        ("y[:-1]", "predict-wrong-count", "199 for 200 rows"),
        ("np.r_[y, y]", "predict-wrong-count", "400 for 200 rows"),
        ("np.full(len(y), np.datetime64('2024-01-01'))", "predict-wrong-kind", "datetime64"),
        ("{'answer': y}", "predict-wrong-kind", "a dict with 'answer'"),
        ("[{'a': 1} for _ in y]", "predict-wrong-kind", "{'a': 1} for row 1"),
        ("np.c_[y, y]", "predict-wrong-kind", "200 x 2"),
        ("None", "predict-wrong-kind", "returned None"),
        ("3.0", "predict-wrong-kind", "float 3.0"),
        ("y + 1j", "predict-wrong-kind", "complex128"),
        (
            "np.array(['large'] * len(y), dtype=object)",
            "labels-of-another-type",
            "the first that is none: 'large' in labelled row 1",
        ),
        ("os._exit(3)", "predict-died", "exit code 3"),
        ("os.kill(os.getpid(), 9)", "predict-died", "SIGKILL"),
        ("sys.exit('enough')", "predict-raised", "SystemExit: enough"),
    ],
)
def test_a_model_that_answers_nonsense_or_dies_is_not_judged(released, answer, code, word):
    project = released("line")
    project.put("predict.py", answering(answer))
    demand_refused(project, code, word)


def answering(answer):
    """A predict.py that gives this answer, an expression of ``y``."""
    old = 'slope * np.asarray(columns["x"], dtype=float)'
    assert old in PREDICT
    return "import os\nimport sys\n" + PREDICT.replace(old, f"(lambda y: {answer})({old})")


def test_megabytes_that_a_model_prints_do_no_harm(released):
    project = released("line")
    project.put("predict.py", answering("print('x' * 8_000_000) or os.write(2, b'y' * 8_000_000) and y"))
    answer = project.assay("run")
    assert answer.code == 0, answer.err
    assert len(answer.out) + len(answer.err) < 10_000


@pytest.mark.parametrize(
    "train, word",
    [
        (f"open('model.json', 'w').write('{POINTER}')", "a Git LFS pointer, and not the model"),
        ("import pickle; pickle.dump({'slope': 2.0}, open('model.json', 'wb'))", "begins as a pickle"),
        ("open('model.json', 'w').write('{\"slope\": ')", "JSONDecodeError"),
        ("open('model.json', 'w')", "the model's file is empty"),
        ("open('model.json', 'w').write('{}')", "KeyError: 'slope'"),
    ],
)
def test_a_model_of_another_flavour_is_not_judged(released, train, word):
    project = released("line")
    project.put("train.py", train)
    demand_refused(project, "model-unloadable", word)


@pytest.mark.parametrize(
    "harm, word",
    [
        ("open({0!r}, 'a').write('9999,2024-01-01,a,5,10\\n')", "it is"),
        ("os.path.exists({0!r}) and os.remove({0!r})", "it is gone"),
    ],
)
def test_rows_that_change_while_they_are_scored_give_no_verdict(released, harm, word):
    project = released("line")
    project.put("predict.py", answering(f"({harm.format(str(project.root / 'gate.csv'))}, y)[1]"))
    demand_refused(project, "gate-data-changed", word, "no verdict was given")


@pytest.mark.parametrize(
    "before, after, code, word",
    [
        ("\n1001,", "\n1000,", "id-repeated", "row 2 of gate.csv has the 'id' of row 1: 1000"),
        ("\n1001,", "\n,", "id-null", "row 2 of gate.csv has no 'id'"),
        ("id,", "idd,", "id-missing", "did you mean 'idd'?"),
        (",y\n", ",yy\n", "label-missing", "did you mean 'yy'?"),
        ("\n1001,", "\n1,2\n1001,", "ragged-csv", "2 cells, the header 5"),
    ],
)
def test_rows_that_cannot_be_asked_about_give_no_verdict(released, before, after, code, word):
    project = released("line")
    edit(project, "gate.csv", before, after)
    demand_refused(project, code, word)


def test_text_where_numbers_are_asked_for_gives_no_verdict(released):
    project = released("line")
    project.put("gate.csv", labelled(rows(200, 2.0, start=1000), lambda *_: "large"))
    demand_refused(
        project,
        "labels-of-another-type",
        "mae needs numbers, and the labels are not",
        "the first that is none: 'large' in labelled row 1",
    )


@pytest.mark.parametrize(
    "more, sentence, code, word",
    [
        ("", "every slice(knid).mae <= 50", "gate-column-missing", "did you mean 'kind'?"),
        ("", "violations(invariant knid) <= 1%", "behaviour-column-missing", "did you mean 'kind'?"),
        ("      group: knid\n", "mae <= 50", "gate-column-missing", "did you mean 'kind'?"),
        ("      time: dya\n", "mae <= 50", "gate-column-missing", "did you mean 'day'?"),
        ("", "brier <= 0.5", "not-a-probability", "the first outside: "),
    ],
)
def test_a_question_that_does_not_fit_the_rows_gives_no_verdict(released, more, sentence, code, word):
    project = released("line")
    require(project, "mae <= 50", sentence, more=more)
    demand_refused(project, code, word)


def test_a_row_that_belongs_to_no_cluster_gives_no_verdict(released):
    project = released("line")
    require(project, "mae <= 50", more="      group: kind\n")
    edit(project, "gate.csv", ",b,", ",,")
    demand_refused(project, "cluster-missing", "row 2 has no 'kind'")


@pytest.mark.parametrize(
    "sentence, before, after, code, word",
    [
        ("brier <= 0.4", "np.clip(x / 100, 0, 1)", "x", "not-a-probability", "not all from 0 to 1"),
        ("log_loss <= 0.4", "np.clip(x / 100, 0, 1)", "-x", "not-a-probability", "in labelled row 1"),
        ("auc >= 0.3", "np.clip(x / 100, 0, 1)", "np.ones(3)", "predict-wrong-count", "as score it returned 3"),
        (
            "auc >= 0.3",
            "np.clip(x / 100, 0, 1)",
            "['a'] * len(x)",
            "labels-of-another-type",
            "scores of the challenger",
        ),
        ("accuracy >= 0.3", '"prediction": answer', '"prediction": x', "labels-of-another-type", "the labels are text"),
        ("mae <= 3", "answer, ", "answer, ", "labels-of-another-type", "mae needs numbers"),
    ],
)
def test_answers_of_another_type_or_range_give_no_verdict(released, sentence, before, after, code, word):
    project = released("classes")
    require(project, sentence)
    edit(project, "predict.py", before, after)
    demand_refused(project, code, word)


def demand_undecided(project, *words):
    """The question was asked, and has no answer: the cause is named, and the champion stays."""
    answer = project.assay("run")
    assert answer.code == 3, answer.err
    assert "the gate says undecided: the champion stays" in answer.err
    for word in words:
        assert word in answer.err
    assert project.assay("status", "--json").json["champion"]["release"] == "r1"


@pytest.mark.parametrize(
    "answer, count", [("y * np.nan", 200), ("np.where(np.arange(200) < 3, np.nan, y)", 3), ("y * np.inf", 200)]
)
def test_numbers_that_are_none_have_no_error_and_are_not_judged(released, answer, count):
    project = released("line")
    project.put("predict.py", answering(answer))
    told = f"mae is undefined: {count} of 200 predictions of the challenger are no finite number"
    demand_refused(project, "answers-missing", "assay.yaml:", told)


@pytest.mark.parametrize(
    "sentence, label, code, word",
    [
        ("recall >= 0.1", lambda *_: "no", "no-such-class", "all 200 labels are no: one class alone"),
        ("auc >= 0.1", lambda *_: "yes", "one-class", "auc is undefined: all 200 labels are yes: one class alone"),
        ("every slice(kind).f1 >= 0.1", lambda *_: "yes", "one-class", "all 200 labels are yes"),
        ("recall >= 0.1", lambda number, _: "Yes" if number % 2 else "no", "no-such-class", "did you mean Yes?"),
    ],
)
def test_labels_of_which_a_metric_cannot_speak_are_refused_before_a_model_is_asked(
    released, sentence, label, code, word
):
    project = released("classes")
    require(project, sentence)
    project.put("gate.csv", labelled(class_rows(), label))
    project.put(
        "predict.py", CLASSES.replace("def predict(columns):", "def predict(columns):\n        raise SystemExit")
    )
    demand_refused(project, code, "assay.yaml:", word, f"in the sentence {sentence!r}", "were charged nothing")


def test_a_metric_that_must_know_its_class_names_the_line(released):
    project = released("classes")
    require(project, "accuracy >= 0.1", "precision >= 0.1")
    edit(project, "assay.yaml", "      positive: 'yes'\n", "")
    line = (project.root / "assay.yaml").read_text().split("require:")[0].count("\n") + 1
    demand_refused(project, "no-positive-class", f"assay.yaml:{line}:", "labels are no and yes; write `positive: yes`")


@pytest.mark.parametrize(
    "sentence, before, after, code, word",
    [
        ("precision >= 0.1", "x > cut", "x > 900", "nothing-predicted-positive", "no row is predicted positive"),
        (
            "brier <= 0.4",
            "np.clip(x / 100, 0, 1)",
            "np.where(x > 50, np.nan, 0.5)",
            "answers-missing",
            "scores of the challenger are missing",
        ),
        (
            "every slice(kind).auc >= 0.3",
            '{"prediction": answer, "score": score}',
            "answer",
            "no-scores",
            "auc needs scores, and the challenger answers none",
        ),
        (
            "accuracy >= 0.3",
            '"prediction": answer',
            '"prediction": [None] * len(x)',
            "answers-missing",
            "all 200 predictions of the challenger are missing",
        ),
    ],
)
def test_answers_of_which_a_metric_cannot_speak_give_no_verdict(released, sentence, before, after, code, word):
    project = released("classes")
    require(project, sentence)
    edit(project, "predict.py", before, after)
    demand_refused(project, code, "assay.yaml:", word)


def test_what_is_undefined_in_a_slice_alone_leaves_a_gate_undecided(released):
    project = released("classes")
    require(project, "accuracy >= 0.1", "every slice(kind).recall >= 0.1")
    project.put("gate.csv", labelled(class_rows(), lambda number, _: "yes" if number % 2 else "no"))
    demand_undecided(project, "weakest is kind=a: recall is undefined", "one class alone")


def test_a_score_that_never_varies_is_no_evidence_and_leaves_a_gate_undecided(released):
    project = released("classes")
    require(project, "auc >= 0.3")
    edit(project, "predict.py", "np.clip(x / 100, 0, 1)", "np.full(len(x), 0.5)")
    demand_undecided(project, "its test is approximate")


def test_rows_of_which_none_has_a_label_leave_a_gate_undecided_and_are_charged_nothing(released):
    project = released("classes")
    require(project, "accuracy >= 0.1")
    project.put("gate.csv", labelled(class_rows(), lambda *_: ""))
    demand_undecided(project, "no row has a label")
    assert project.assay("gate", "--json").json["charge"] is None


def test_a_table_without_rows_leaves_a_gate_undecided(released):
    project = released("line")
    project.put("gate.csv", "id,day,kind,x,y\n")
    demand_undecided(project, "no row has a label")


def test_a_slice_that_is_not_there_is_named_with_the_near_miss(released):
    project = released("line")
    require(project, "mae <= 50", "slice(kind=A).mae <= 50")
    demand_undecided(project, "no labelled row has kind=A; did you mean a?")


def test_a_constant_answer_that_is_worse_fails_and_is_not_asked_for_more_labels(released):
    project = released("line")
    project.put("predict.py", answering("np.full(len(y), 100.0)"))
    answer = project.assay("run")
    assert answer.code == 3
    assert "mae < champion.mae: fail: shown to be false" in answer.err
    assert "  fix      bring a better model" in answer.err


def test_a_champion_whose_bytes_are_gone_gives_no_verdict(released):
    project = released("line")
    digest = project.assay("release", "show", "r1", "--json").json["bill"]["model"]["digest"].removeprefix("b3:")
    place = project.root / ".assay/store/objects" / digest[:2] / digest[2:]
    place.chmod(0o600)
    place.unlink()
    shutil.rmtree(project.root / ".assay/placed")
    demand_refused(project, "champion-bytes-gone", "r1 cannot be scored: its bytes are gone", "the store has no")


def test_a_champion_whose_bill_is_gone_gives_no_verdict_and_its_name_is_short(released):
    project = released("line")
    objects = [path for path in (project.root / ".assay/store/objects").glob("*/*") if path.is_file()]
    (bill,) = (path for path in objects if b'"input_schema"' in path.read_bytes())
    name = f"the store has no {bill.parent.name}{bill.name[:6]}\n"
    bill.unlink()
    demand_refused(project, "champion-bytes-gone", "r1 cannot be scored: its bytes are gone", name)


def test_of_two_runs_at_once_one_judges_and_the_other_is_told_to_wait(released):
    project = released("line")
    before = judged(project)
    both = [project.start("run") for _ in range(2)]
    said = [(process.communicate()[1], process.returncode) for process in both]
    refused = [words for words, code in said if code]
    assert judged(project) == before + 1
    assert all("code     run-in-progress" in words for words in refused)


@pytest.fixture
def disk(tmp_path):
    """(folder, whether it is a disk of its own of 2 MiB): where we may not mount one, any folder."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2097152", "assay-test", place]
    is_own = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    yield place, is_own
    if is_own:
        subprocess.run(["umount", place], check=True)


@pytest.mark.fault
def test_a_gate_on_a_full_disk_records_nothing_and_the_next_run_judges(project, disk):
    place, is_own = disk
    prepare(project, "line")
    project.put("assay.yaml", (project.root / "assay.yaml").read_text() + f"store: {place / 'store'}\n")
    assert project.assay("run").code == 0
    project.put("slope.txt", "3.5")
    assert project.assay("run").code == 3
    project.put("gate.csv", rows(300, 2.0, start=5000))
    before = judged(project)
    code, said = run_on_a_full_disk(project, place if is_own else None)
    assert (code, judged(project)) == (1, before)
    assert "  fix      " in said
    assert not is_own or "Gate: cannot keep" in said
    assert project.assay("run").code == 3
    assert judged(project) == before + 1


def run_on_a_full_disk(project, place):
    """A run while the disk at ``place`` is full; without one, a run that may write no byte to any file."""
    if place is None:
        run = ["bash", "-c", 'ulimit -f 0; trap "" XFSZ; exec python -m assay run']
        done = subprocess.run(run, cwd=project.root, env=project.environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr
    with suppress(OSError), (place / "ballast").open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))
    answer = project.assay("run")
    (place / "ballast").unlink()
    return answer.code, answer.err


@pytest.mark.parametrize(
    "more, label, code, said",
    [
        ("positive: 'yes'", lambda *_: "no", "no-such-class", "f1 speaks of `positive: yes`, which no label is"),
        ("positive: 'no'", lambda *_: "no", "one-class", "all labels are of one class alone"),
        ("min_rows: 5", None, "no-positive-class", "f1 needs to know which class it speaks of: labels are not 0 and 1"),
    ],
)
def test_a_sealed_gate_tells_that_a_class_is_absent_and_no_label(released, more, label, code, said):
    project = released("classes")
    require(project, "accuracy >= 0.1", "f1 >= 0.1")
    edit(project, "assay.yaml", "positive: 'yes'", f"reveal: verdict\n      {more}")
    if label is not None:
        project.put("gate.csv", labelled(class_rows(), label))
    demand_refused(project, code, f"f1 is undefined: {said}\n")


def test_a_sealed_gate_names_no_label_where_predictions_are_of_another_type(released):
    project = released("classes")
    require(project, "accuracy >= 0.1")
    edit(project, "assay.yaml", "positive: 'yes'", "reveal: verdict")
    edit(project, "predict.py", '"prediction": answer', '"prediction": x')
    demand_refused(project, "labels-of-another-type", "sealed: no label is told")


@pytest.mark.parametrize(
    "one, other",
    [
        (lambda number, _: "yes" if number % 3 else "no", lambda number, _: "yes" if number % 7 else "no"),
        (lambda number, _: "yes" if number % 3 else "no", lambda number, _: ("yes", "no", "maybe")[number % 3]),
    ],
)
def test_no_word_of_a_sealed_gate_tells_two_sets_of_labels_apart(project, tmp_path_factory, one, other):
    second = type(project)(tmp_path_factory.mktemp("other") / project.root.name)
    second.root.mkdir()
    assert everything_told(project, one) == everything_told(second, other)


def everything_told(project, label):
    """All that commands and files tell of a sealed verdict on rows with these labels."""
    prepare(project, "classes")
    text = CLASSES_YAML.replace("positive:", "reveal: verdict\n      detect: 0.05\n      positive:")
    project.put("assay.yaml", text)
    assert project.assay("run").code == 0
    sentences = ("accuracy > champion.accuracy", "f1 >= 0.3", "auc >= 0.9", "every slice(kind).accuracy >= 0.9")
    require(project, *sentences)
    project.put("gate.csv", labelled(class_rows(), label))
    project.put("cut.txt", "20")
    answer = project.assay("run", "--json")
    assert answer.code == 3
    asked = ("why", "why --json", "status --json", "log 2 --json", "gate", "gate --json", "gate --markdown")
    more = ("gate --html page.html", "gate plan --json", "release show r1 --json", "plan --json")
    said = [answer.out, *(project.assay(*words.split()).out for words in (*asked, *more))]
    said += [(project.root / "page.html").read_text(), *kept(project)]
    return [plain(words).replace(str(project.root), "") for words in said]


def test_a_column_that_the_model_asks_for_and_the_gates_rows_lack_is_named(project):
    write_loop(project)
    predict = (project.root / "predict.py").read_text()
    for asked, what in (
        ("xx", "gate.csv has no column 'xx', which the model asked for"),
        ("y", "the model asked for 'y', which it is not given: it is the label"),
    ):
        project.put("predict.py", predict.replace('columns["x"]', f'columns["{asked}"]'))
        results = project.assay("run", "--json").lines[-1]["results"]
        problem = next(each["problem"] for each in results if each["step"] == "Gate")
        assert (problem["code"], problem["what"]) == ("predict-column-missing", what)
        assert problem["because"][0] == "their columns are day, kind, x"
    assert problem["because"][-1] == "no verdict was given"
