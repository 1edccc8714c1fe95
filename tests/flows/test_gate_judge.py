"""``assay gate judge``: any two models from a table, without a project."""

import json
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
