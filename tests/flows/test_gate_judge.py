"""``assay gate judge``: any two models from a table, without a project."""

import json
import random
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from assay.cli.gate import gate
from assay.core.problem import AssayError

CASES = json.loads((Path(__file__).parents[1] / "unit" / "judge" / "gate_cases.json").read_text("utf-8"))["cases"]
COUNTS = ("only_new_right", "only_champion_right", "both_right", "both_wrong")


def judge(path, *arguments):
    """The exit code and the answer."""
    result = CliRunner().invoke(gate, ["judge", str(path), *arguments, "--json"], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.return_value, json.loads(result.output)


def table(path, case):
    asked = case["input"]
    if "rows" in asked:
        counts = [asked[name] for name in COUNTS]
        rows = [
            row for row, count in zip(("1,1,0", "1,0,1", "1,1,1", "1,0,0"), counts, strict=True) for _ in range(count)
        ]
        lines = ["id,label,challenger,champion", *(f"{at},{row}" for at, row in enumerate(rows))]
    else:
        rows = [f"{at},0,0,{at / 300:.3f}" for at in range(300)]
        lines = ["id,label,challenger,challenger_score", *rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case["gate"][0].startswith("easeml")], ids=lambda case: case["id"]
)
def test_the_agreed_cases_come_out_of_the_command(tmp_path, case):
    ledger = case["input"].get("ledger", {})
    worn = ["--decisions", str(ledger["decisions_before"]), "--passes", str(ledger["passes_before"])] if ledger else []
    detect = ["--detect", str(case["input"]["detect"])] if "detect" in case["input"] else []
    code, answer = judge(table(tmp_path / "rows.csv", case), "--require", case["gate"][0], *detect, *worn)
    expected, (sentence,) = case["expect"], answer["sentences"]
    assert answer["schema"] == "assay.verdict/1"
    assert (answer["verdict"], code) == (expected["verdict"], 0 if expected["verdict"] == "pass" else 3)
    if "p_value" in expected:
        assert sentence["p_value"] == pytest.approx(expected["p_value"], rel=1e-4)
    if "p_range" in expected:
        assert expected["p_range"][0] <= sentence["p_value"] <= expected["p_range"][1]
    if "delta" in expected:
        assert sentence["delta"] == pytest.approx(expected["delta"], rel=1e-5)
    for key in ("labels_needed_total", "labels_more"):
        if key in expected:
            assert sentence[key] == pytest.approx(expected[key], rel=expected["labels_rel_tol"])
    assert expected.get("reason_contains", "") in sentence["reason"]


def test_any_further_column_can_be_sliced_by(tmp_path):
    path = tmp_path / "rows.csv"
    rows = [f"{at},1,{int(at % 20 != 0)},{'AA' if at % 2 else 'UA'}" for at in range(1000)]
    path.write_text("\n".join(["id,label,challenger,carrier", *rows]), "utf-8")
    code, answer = judge(path, "--require", "every slice(carrier).accuracy >= 0.8")
    assert (code, answer["verdict"]) == (0, "pass")
    assert {part["slice"] for part in answer["sentences"][0]["slices"]} == {"carrier=AA", "carrier=UA"}


@pytest.mark.parametrize(
    "header, arguments, code",
    [
        ("id,label,challenger", ["--require", "acuracy > 0.8"], "bad-sentence"),
        ("id,label,challenger", ["--require", "latency_p99_ms <= 20"], "bad-sentence"),
        ("id,lable,challenger", ["--require", "accuracy > 0.8"], "label-missing"),
        ("id,label,new", ["--require", "accuracy > 0.8"], "column-missing"),
        ("id,label,challenger", ["--require", "every slice(x).accuracy > 0.8"], "gate-column-missing"),
        ("id,label,challenger", ["--require", "accuracy > 0.8", "--decisions", "2", "--passes", "3"], "bad-wear"),
        ("id,label,challenger", ["--require", "accuracy > 0.8", "--group", "id", "--time", "id"], "bad-clusters"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(tmp_path, header, arguments, code):
    path = tmp_path / "rows.csv"
    path.write_text(header + "\n1,1,1\n2,0,1\n", "utf-8")
    with pytest.raises(AssayError) as caught:
        judge(path, *arguments)
    assert caught.value.problem.code == code


def test_an_id_that_comes_twice_is_an_error(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,label,challenger\n1,1,1\n1,0,1\n", "utf-8")
    with pytest.raises(AssayError) as caught:
        judge(path, "--require", "accuracy > 0.8")
    assert caught.value.problem.code == "id-repeated"


HALF_LABELLED = "\n".join(
    [
        "id,label,challenger,champion,price",
        *(f"{at},{'late' if at % 2 else ''},late,{'on time' if at % 10 < 2 else 'late'},3" for at in range(200)),
    ]
)


def half_labelled(tmp_path):
    """200 rows of which the even ones have no label; the two models differ on one in five."""
    path = tmp_path / "rows.csv"
    path.write_text(HALF_LABELLED, "utf-8")
    return path


def run(path, *arguments):
    return CliRunner().invoke(gate, ["judge", str(path), *arguments], standalone_mode=False)


def test_the_rows_to_label_first_are_those_without_a_label_on_which_the_models_differ(tmp_path):
    path, ids = half_labelled(tmp_path), tmp_path / "ids.txt"
    result = run(path, "--require", "accuracy > champion.accuracy", "--label-first", str(ids))
    assert sorted(map(int, ids.read_text("utf-8").split())) == [at for at in range(200) if at % 10 == 0]
    assert (
        f"the two models differ on 20 rows without a label, the first to label: their ids are in {ids}" in result.stderr
    )


def test_their_ids_go_to_stdout_where_that_is_asked(tmp_path):
    result = run(half_labelled(tmp_path), "--require", "accuracy > champion.accuracy", "--label-first", "-")
    assert sorted(map(int, result.stdout.split())) == [at for at in range(200) if at % 10 == 0]
    assert "20 rows without a label" in result.stderr
    refused = CliRunner().invoke(
        gate, ["judge", str(half_labelled(tmp_path)), "--require", "accuracy > 0", "--label-first", "-", "--json"]
    )
    assert refused.exit_code == 2


@pytest.mark.parametrize("lost", ["champion", "id"])
def test_without_ids_or_a_champion_there_is_nothing_to_label_first(tmp_path, lost):
    path = tmp_path / "rows.csv"
    path.write_text(HALF_LABELLED.replace(lost, "other", 1), "utf-8")
    with pytest.raises(AssayError) as caught:
        judge(path, "--require", "accuracy > 0.1", "--label-first", str(tmp_path / "ids.txt"))
    assert caught.value.problem.code == "nothing-to-label"


@pytest.mark.parametrize(
    "name, text", [("cost.json", '{"late": {"on time": 5}}'), ("cost.yaml", "late:\n  on time: 5\n")]
)
def test_what_mistakes_cost_stands_in_a_file(tmp_path, name, text):
    (tmp_path / name).write_text(text, "utf-8")
    code, answer = judge(half_labelled(tmp_path), "--require", "cost <= champion.cost", "--cost", str(tmp_path / name))
    assert (code, answer["sentences"][0]["champion"]) == (0, 1.0)


def test_or_in_a_column(tmp_path):
    _, answer = judge(half_labelled(tmp_path), "--require", "cost <= champion.cost", "--cost", "price")
    assert answer["sentences"][0]["champion"] == pytest.approx(0.6)


@pytest.mark.parametrize(
    "text, code",
    [
        ("[", "bad-cost-file"),
        ('"late"', "bad-cost-file"),
        ("", "bad-cost-file"),
        ('{"late": 5}', "wrong-type"),
        ('{"late": {"on time": -1}}', "wrong-type"),
    ],
)
def test_a_cost_file_that_does_not_read_says_where(tmp_path, text, code):
    path = tmp_path / "cost.json"
    path.write_text(text, "utf-8")
    with pytest.raises(AssayError) as caught:
        judge(half_labelled(tmp_path), "--require", "cost <= 1", "--cost", str(path))
    assert caught.value.problem.code == code


def test_a_cost_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(AssayError) as caught:
        judge(half_labelled(tmp_path), "--require", "cost <= 1", "--cost", str(tmp_path / "none.json"))
    assert caught.value.problem.code == "bad-cost-file"


def test_a_range_of_scores_allows_an_exact_test(tmp_path):
    path = tmp_path / "rows.csv"
    rows = [f"{at},0,0,{4 + at % 2}" for at in range(400)]
    path.write_text("\n".join(["id,label,challenger,challenger_score", *rows]), "utf-8")
    code, answer = judge(path, "--require", "score >= 3 at 99.999%", "--score-range", "0,5")
    assert (code, "betting" in answer["sentences"][0]["method"]) == (0, True)


def test_the_report_is_written_as_a_page_and_as_markdown(tmp_path):
    page, markdown = tmp_path / "verdict.html", tmp_path / "verdict.md"
    judge(half_labelled(tmp_path), "--require", "accuracy >= 0.5", "--html", str(page), "--markdown", str(markdown))
    assert "rows.csv" in page.read_text("utf-8")
    assert markdown.read_text("utf-8").startswith("### ✓ PASS")


@pytest.mark.parametrize(
    "options, said",
    [
        (["--html", "rows.csv"], "--html would overwrite"),
        (["--markdown", "rows.csv"], "--markdown would overwrite"),
        (["--label-first", "rows.csv"], "--label-first would overwrite"),
        (["--html", "linked.csv"], "--html would overwrite"),
        (["--html", "hard.csv"], "--html would overwrite"),
        (["--markdown", "cost.json", "--cost", "cost.json"], "--markdown would overwrite"),
        (["--html", "new.html", "--markdown", "folder/../new.html"], "--html and --markdown name one file"),
        (["--html", "same", "--label-first", "same"], "--html and --label-first name one file"),
    ],
)
def test_an_output_never_overwrites_what_is_read_or_another(tmp_path, monkeypatch, options, said):
    half_labelled(tmp_path)
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("linked.csv").symlink_to("rows.csv")
    Path("hard.csv").hardlink_to("rows.csv")
    Path("cost.json").write_text('{"0": {"1": 1}, "1": {"0": 1}}', "utf-8")
    before = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir() if path.is_file()}
    with pytest.raises(AssayError, match=said) as caught:
        judge("rows.csv", "--require", "accuracy >= 0.5", *options)
    assert caught.value.problem.code == "output-is-input"
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    "sentence",
    [
        "accuracy >= 0.5",
        "accuracy > champion.accuracy - 0.02",
        "every slice(kind).accuracy >= 0.5",
        "gap(kind).accuracy <= 0.2",
        "slice(kind=a).accuracy >= 0.5",
        "brier <= 0.3",
    ],
)
def test_rows_that_were_asked_for_ever_are_exhausted_and_it_says_how_many_to_add(tmp_path, sentence):
    path = tmp_path / "rows.csv"
    lines = [f"{at},{at % 2},{at % 2},{int(at % 3 > 0)},0.5,0.5,{'ab'[at % 4 > 1]}" for at in range(400)]
    head = "id,label,challenger,champion,challenger_score,champion_score,kind"
    path.write_text("\n".join([head, *lines]), "utf-8")
    code, answer = judge(path, "--require", sentence, "--decisions", "1000000", "--passes", "500000")
    reason = answer["sentences"][0]["reason"]
    assert (code, answer["verdict"]) == (3, "undecided")
    assert reason.startswith(
        "the rows are exhausted (1,000,000 decisions, 500,000 passes): no error probability is left"
    )
    assert re.search(r"add [\d,]+ fresh labelled rows$", reason)


def test_a_no_sentence_is_judged_on_exhausted_rows_as_ever(tmp_path):
    asked = ("--require", "no accuracy < 0.2", "--decisions", "1000000", "--passes", "500000")
    assert judge(half_labelled(tmp_path), *asked)[1]["sentences"][0]["verdict"] == "pass"


def test_rows_that_stand_there_eight_times_are_no_evidence_of_their_own(tmp_path):
    path, draw = tmp_path / "rows.csv", random.Random(1)
    once = [
        f"{label},{label if draw.random() < 0.9 else 1 - label},{label if draw.random() < 0.8 else 1 - label},{draw.random():.4f}"
        for label in (draw.randrange(2) for _ in range(100))
    ]
    for name, ids in (("id,", [f"{at}," for at in range(800)]), ("", [""] * 800)):
        lines = [f"{name}label,challenger,champion,challenger_score"]
        path.write_text("\n".join([*lines, *map("{}{}".format, ids, once * 8)]), "utf-8")
        code, answer = judge(path, "--require", "accuracy > champion.accuracy")
        assert (code, answer["verdict"]) == (3, "undecided")
        assert answer["notes"][0]["code"] == "gate-rows-copied"
        assert answer["notes"][0]["what"] == "700 of the 800 labelled rows are a copy of an earlier one"
        told = run(path, "--require", "accuracy > champion.accuracy", "--markdown", str(tmp_path / "v.md"))
        assert "700 of the 800 labelled rows are a copy" in told.output
        assert "700 of the 800 labelled rows are a copy" in (tmp_path / "v.md").read_text("utf-8")


def test_a_table_without_its_columns_says_what_they_are(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,label,chalenger\n1,1,1\n2,0,1\n", "utf-8")
    with pytest.raises(AssayError) as caught:
        judge(path, "--require", "accuracy > 0.8")
    problem = caught.value.problem
    assert (problem.what, problem.fix) == (f"{path} has no column 'challenger'", "rename 'chalenger' to 'challenger'")
    path.write_text("id,truth,challenger\n1,1,1\n2,0,1\n", "utf-8")
    with pytest.raises(AssayError) as caught:
        judge(path, "--require", "accuracy > 0.8")
    assert "model.label" not in str(caught.value.problem)


def test_settings_are_spelled_as_options(tmp_path):
    path = tmp_path / "rows.csv"
    lines = [f"{'yes' if at % 3 else 'no'},{'yes' if at % 4 else 'no'}" for at in range(200)]
    path.write_text("\n".join(["label,challenger", *lines]), "utf-8")
    _, answer = judge(path, "--require", "recall >= 0.5")
    assert "write `--positive yes`" in answer["sentences"][0]["reason"]
    _, answer = judge(path, "--require", "cost <= 0.5")
    assert "write `--cost` with a matrix or a column" in answer["sentences"][0]["reason"]
