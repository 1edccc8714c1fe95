"""Nothing that depends on the labels leaves a sealed gate but its one verdict: not in a log, a report, JSON, release or ledger."""

import json
import re
import shutil
import sqlite3

import pytest
from loop import ASSAY_YAML, rows, write_loop

SEALED = (
    ASSAY_YAML[: ASSAY_YAML.index("watch:")]
    .replace("      data: gate.csv\n", "      data: gate.csv\n      reveal: verdict\n      detect: 1\n")
    .replace("mae <= 50", "mae <= 20")
)


def sealed_project(project, truth):
    """A model with slope 2.5 is champion, another with 3.0 was judged, on rows with this truth; and all that was said."""
    write_loop(project, slope=2.5)
    project.put("assay.yaml", SEALED)
    project.put("gate.csv", rows(200, 2.5, start=1000))
    said = project.assay("run", "--json").out
    project.put("gate.csv", rows(200, truth, start=1000))
    project.put("slope.txt", "3.0")
    answer = project.assay("run")
    assert answer.code == 3
    for words in (["why"], ["why", "--json"], ["status"], ["status", "--json"], ["log"], ["log", "2", "--json"]):
        said += project.assay(*words).out
    return said + answer.out + answer.err


def kept(project):
    """Every file below .assay that Assay wrote about the second run, and the ledger's events, without times and digests."""
    with sqlite3.connect(project.root / ".assay/ledger.sqlite") as connection:
        events = [row[0] for row in connection.execute("select event from event order by seq")]
    texts = [event if isinstance(event, str) else event.decode() for event in events]
    runs = sorted(path for path in (project.root / ".assay/runs").rglob("*") if path.is_file())
    return [plain(text) for text in (*texts, *(path.read_text(errors="replace") for path in runs))]


def plain(text):
    """The text without what differs between any two runs: digests, times, places."""
    text = re.sub(r"b3:[0-9a-f]{64}|\b[0-9a-f]{8}\b", "DIGEST", text)
    text = re.sub(
        r'"(seconds|started_s|modified_s|at_s|since_s|cpu_s|peak_memory_bytes|size_bytes)": ?[0-9.e+-]+',
        r'"\1":0',
        text,
    )
    return re.sub(r"[0-9]+\.[0-9]+ s\b|[0-9]+ s ago|\d+:\d+(:\d+)?|\bp\t\d+", "TIME", text)


@pytest.fixture
def two_truths(project, tmp_path_factory):
    """The same project twice, with the same predictions and other labels."""
    other = type(project)(tmp_path_factory.mktemp("other") / project.root.name)
    shutil.copytree(project.root, other.root, dirs_exist_ok=True)
    return project, other


def test_two_sets_of_labels_with_the_same_verdict_leave_the_same_words(two_truths):
    first, second = two_truths
    said = [sealed_project(project, truth) for project, truth in zip(two_truths, (2.4, 2.0), strict=True)]
    assert plain(said[0]).replace(str(first.root), "") == plain(said[1]).replace(str(second.root), "")
    roots = [project.root for project in two_truths]
    left = [
        [text.replace(str(root), "") for text in kept(project)] for project, root in zip(two_truths, roots, strict=True)
    ]
    assert left[0] == left[1]


def test_with_metrics_revealed_the_words_differ(two_truths):
    """So that the test above can fail."""
    said = []
    for project, truth in zip(two_truths, (2.4, 2.0), strict=True):
        write_loop(project, slope=2.5)
        project.put("gate.csv", rows(200, 2.5, start=1000))
        project.assay("run")
        project.put("gate.csv", rows(200, truth, start=1000))
        project.put("slope.txt", "3.0")
        said.append(project.assay("run").err)
    assert plain(said[0]) != plain(said[1])


def test_a_sealed_gate_still_releases_what_passes(project):
    write_loop(project, slope=2.0)
    project.put("assay.yaml", SEALED)
    assert project.assay("run").code == 0
    verdict = project.assay("why", "r1", "--json").json["verdict"]
    assert verdict["outcome"] == "pass"
    assert {sentence["verdict"] for sentence in verdict["sentences"]} == {"not applicable", "sealed"}
    assert json.dumps(verdict).count("estimate") == json.dumps(verdict).count('"estimate": null')


def test_a_sealed_gate_is_not_sliced_by_the_label_and_charges_nothing(project):
    write_loop(project, slope=2.0)
    project.put("assay.yaml", SEALED.replace("mae <= 20", "every slice(y).mae <= 20"))
    answer = project.assay("run")
    assert answer.code == 1
    assert "the gate is sealed by `reveal: verdict`, and y holds the labels" in answer.err
    assert "code     sealed-gate" in answer.err
    assert project.assay("status", "--json").json["champion"] is None


def test_the_status_of_a_sealed_verdict_says_that_it_is_sealed(project):
    write_loop(project, slope=2.5)
    project.put("assay.yaml", SEALED)
    project.put("gate.csv", rows(200, 2.5, start=1000))
    assert project.assay("run").code == 0
    assert "verdict   pass in run 1: sealed: only the verdict is told\n" in project.assay("status").out
