"""``assay gate plan``: how many rows for which gain, before any label is bought."""

import pytest
from loop import ASSAY_YAML, rows, write_loop

WITHOUT_WATCH = ASSAY_YAML[: ASSAY_YAML.index("watch:")]
BETTER = "accuracy > champion.accuracy at 99%"


def plan(project, *words):
    answer = project.assay("gate", "plan", *words, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["schema"] == "assay.gate-plan/1"
    return answer.json["gates"]


def sentence_of(project, *words):
    ((sentence,),) = (gate["sentences"] for gate in plan(project, *words))
    return sentence


def test_it_needs_no_project(project):
    found = sentence_of(project, "--require", BETTER, "--detect", "0.02", "--disagreement", "10%", "--rows", "3322")
    assert (found["rows"], found["labelled"], found["to_label"], found["unit"]) == (3322, 3322, 333, "labelled rows")
    assert [row["shown"] for row in found["table"]] == [0.01, 0.02, 0.04, 0.08]
    assert found["would_show"] == pytest.approx(0.02, rel=1e-3)


def test_a_person_reads_the_rows_first_and_the_table_below(project):
    words = ("--require", BETTER, "--detect", "0.02", "--disagreement", "5%", "--rows", "1000")
    lines = project.assay("gate", "plan", *words).out.splitlines()
    assert lines[0] == "1,660 labelled rows decide"
    assert any(line.split() == ["→", "it", "is", "2.00", "points", "better", "1,660", "83"] for line in lines)
    assert any("1,000 labelled rows would show it if it is 2.5" in line for line in lines)


def test_more_is_asked_of_the_gate_by_its_confidence_its_power_and_what_it_has_seen(project):
    asked = ("--require", "accuracy > champion.accuracy", "--disagreement", "10%")
    usual = sentence_of(project, *asked)["rows"]
    assert sentence_of(project, *asked, "--confidence", "99%")["rows"] > usual
    assert sentence_of(project, *asked, "--power", "99%")["rows"] > usual
    assert sentence_of(project, *asked, "--decisions", "4")["rows"] > usual
    assert sentence_of(project, *asked, "--champion", "0.9")["rows"] == usual


def test_of_worn_rows_it_tells_what_fresh_ones_would_take(project):
    (found,) = plan(project, "--require", BETTER, "--disagreement", "10%", "--decisions", "20", "--passes", "2")
    (first,) = plan(project, "--require", BETTER, "--disagreement", "10%", "--decisions", "0")
    assert found["fresh_rows"] == first["labelled_rows"] < found["labelled_rows"]
    assert found["wear"] == {"decisions": 20, "passes": 2}


def test_what_needs_no_labels_is_said_to(project):
    require = ("latency_p99_ms <= 20", "model_size_mb <= 5", "violations(missing tail_number) <= 1%")
    (found,) = plan(project, *(word for sentence in require for word in ("--require", sentence)))
    latency, size, violations = found["sentences"]
    assert found["labelled_rows"] == 0
    assert latency["table"][-1] == {"shown": 0.0, "rows": 299, "to_label": None}
    assert (size["rows"], violations["unit"]) == (0, "rows, which need no labels")
    said = project.assay("gate", "plan", "--require", "latency_p99_ms <= 20").out
    assert said.startswith("it takes no labelled rows")
    assert "no call is slower" in said


@pytest.mark.parametrize(
    "words, code",
    [
        (("--require", "mae < champion.mae"), "plan-needs-more"),
        (("--require", "accuracy > champion.accuracy * 1.02"), "plan-needs-more"),
        (("--require", "acuracy > 0.8"), "bad-sentence"),
        (("--require", "accuracy > 0.8", "--decisions", "2", "--passes", "3"), "bad-wear"),
        ((), "nothing-to-plan"),
    ],
)
def test_what_cannot_be_planned_says_what_is_missing(project, words, code):
    answer = project.assay("gate", "plan", *words, "--json")
    (problem,) = answer.json["problems"]
    assert (answer.code, problem["code"]) == (2, code)
    assert problem["fix"]


def test_the_fix_names_the_options_that_are_missing(project):
    answer = project.assay("gate", "plan", "--require", "mae < champion.mae", "--require", "rmse <= 5")
    assert "--spread" in answer.err
    assert "--detect" in answer.err
    assert project.assay("gate", "plan", "--require", "rmse <= 5", "--spread", "12.5").code == 0


@pytest.mark.parametrize(
    "option", [("--disagreement", "120%"), ("--power", "100%"), ("--rows", "0"), ("--detect", "0")]
)
def test_a_number_out_of_range_is_a_usage_error(project, option):
    assert project.assay("gate", "plan", "--require", BETTER, *option).code == 2


@pytest.fixture
def judged(project):
    """Two models have been judged on 200 rows."""
    write_loop(project, slope=2.5)
    assert project.assay("run").code == 0
    project.put("slope.txt", "2.4")
    assert project.assay("run").code == 0
    return project


def test_in_a_project_the_last_verdict_tells_what_is_known(judged):
    (gate,) = plan(judged)
    better, enough = gate["sentences"]
    assert (gate["step"], gate["run"], gate["wear"]) == ("Gate", 2, {"decisions": 2, "passes": 2})
    assert [better["sentence"], enough["sentence"]] == ["mae < champion.mae", "mae <= 50"]
    assert "standard deviation" in better["assumed"][0]
    assert gate["labelled_rows"] == max(better["rows"], enough["rows"])
    assert gate["fresh_rows"] < gate["labelled_rows"]
    said = judged.assay("gate", "plan").out
    assert said.startswith("Gate: ")
    assert "2 decisions, of which 2 passed" in said


def test_what_is_said_goes_before_what_is_known(judged):
    (known,), (said,) = plan(judged), plan(judged, "--spread", "100", "--detect", "0.5", "--decisions", "0")
    assert said["labelled_rows"] > known["labelled_rows"]
    assert said["wear"] == {"decisions": 0, "passes": 0}
    assert {sentence["detect"] for sentence in said["sentences"]} == {0.5}


def test_planning_leaves_the_ledger_as_it_is(judged):
    before = (judged.root / ".assay/ledger.sqlite").read_bytes()
    plan(judged)
    assert (judged.root / ".assay/ledger.sqlite").read_bytes() == before


def test_after_a_first_model_what_its_verdict_does_not_tell_is_named(project):
    write_loop(project, slope=2.5).assay("run")
    (gate,) = plan(project)
    beside, alone = gate["sentences"]
    assert (beside["lacks"], beside["rows"], gate["labelled_rows"]) == (["spread"], None, None)
    assert alone["rows"]
    said = project.assay("gate", "plan").out
    assert said.startswith("Gate: not every sentence can be planned yet")
    assert "--spread" in said


def test_before_any_verdict_amounts_cannot_be_planned_and_shares_can(project):
    write_loop(project)
    assert project.assay("gate", "plan").code == 2
    text = WITHOUT_WATCH.replace("mae < champion.mae", "accuracy > champion.accuracy").replace(
        "mae <= 50", "accuracy >= 0.5"
    )
    project.put("assay.yaml", text)
    (gate,) = plan(project)
    assert gate["run"] is None
    assert gate["sentences"][1]["delta"] == pytest.approx(0.05 / 4)  # the first decision is next


def test_each_of_several_gates_is_planned(project):
    write_loop(project)
    gates = "".join(
        f"  - name: {name}\n    gate: {{data: {data}, require: [accuracy >= 0.5]}}\n"
        for name, data in (("Quality", "gate.csv"), ("Recent", "recent.csv"))
    )
    begin, end = ASSAY_YAML.index("  - name: Gate"), ASSAY_YAML.index("  - name: Release")
    project.put("assay.yaml", WITHOUT_WATCH[:begin] + gates + WITHOUT_WATCH[end:])
    project.put("recent.csv", rows(50, 2.0, start=5000))
    assert [gate["step"] for gate in plan(project)] == ["Quality", "Recent"]


def test_a_project_without_a_gate_has_nothing_to_plan(project):
    project.put("assay.yaml", "steps:\n  - {name: Train, run: 'true'}\n")
    answer = project.assay("gate", "plan", "--json")
    assert (answer.code, answer.json["problems"][0]["code"]) == (2, "nothing-to-plan")


def test_of_exhausted_rows_it_tells_what_fresh_ones_would_take(project):
    worn = ("--decisions", "800", "--passes", "400")
    answer = project.assay("gate", "plan", "--require", "accuracy > 0.8", *worn)
    assert answer.code == 0, answer.err
    assert "on rows that none has seen it takes" in answer.out
    assert "the rows are exhausted (800 decisions, 400 passes)" in answer.out


@pytest.mark.parametrize("option", ["--spread", "--detect"])
@pytest.mark.parametrize("value", ["nan", "inf", "0", "-1", "much"])
def test_what_is_no_finite_number_over_0_is_refused(project, option, value):
    answer = project.assay("gate", "plan", "--require", "mae < champion.mae", "--champion", "9", option, value)
    assert (answer.code, f"'{value}' is no finite number over 0" in answer.err) == (2, True)


def test_the_number_of_slices_divides_the_level_of_a_no_sentence_and_nothing_else(project):
    (forbidding,) = plan(project, "--require", "no slice(c).mae > 5", "--spread", "3", "--slices", "5")
    assert forbidding["sentences"][0]["delta"] == pytest.approx(0.05 / 5)
    asked = ("--require", "mae < champion.mae", "--spread", "12.5", "--detect", "5")
    assert sentence_of(project, *asked, "--slices", "5")["rows"] == sentence_of(project, *asked)["rows"]


def test_a_gain_that_cannot_be_is_refused_or_named(project):
    asked = ("--require", "accuracy > champion.accuracy")
    answer = project.assay("gate", "plan", *asked, "--detect", "2")
    assert (answer.code, "accuracy is a share: 0.02 is two points, and 2 would be 200" in answer.err) == (2, True)
    said = project.assay("gate", "plan", *asked, "--detect", "10%", "--disagreement", "5%").out
    assert "on 5 % of the rows; then neither can be 10 points better, and so many are taken to differ" in said
    assert plan(project, "--require", "mae < champion.mae", "--spread", "12.5", "--detect", "2")


def test_what_cannot_pass_is_told_in_place_of_a_table(project):
    said = project.assay("gate", "plan", "--require", "accuracy > champion.accuracy", "--champion", "100%").out
    assert "it cannot pass beside a champion at 100 %" in said
    assert "→" not in said
