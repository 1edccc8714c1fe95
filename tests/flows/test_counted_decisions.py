"""A test set cannot be worn out in silence: each decision on its rows is counted, by the rows themselves."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from loop import ASSAY_YAML, rows, write_loop

WITHOUT_WATCH = ASSAY_YAML[: ASSAY_YAML.index("watch:")]


@pytest.fixture
def released(project):
    """A project whose first model is released; its gate's rows have seen one decision."""
    answer = write_loop(project, slope=2.5).assay("run")
    assert answer.code == 0, answer.err
    return project


def verdicts(project):
    """Every verdict of the ledger, in order."""
    with sqlite3.connect(project.root / ".assay/ledger.sqlite") as connection:
        found = connection.execute("select event from event where kind = 'judged' order by seq").fetchall()
    return [json.loads(row[0])["verdict"] for row in found]


def charge(project):
    """What the last verdict cost: decisions before it, passes among them."""
    last = verdicts(project)[-1]["charge"]
    return last.get("before", 0), last.get("passes", 0)


def retrain(project, slope):
    project.put("slope.txt", str(slope))
    return project.assay("run")


def delta(project, sentence=0):
    return verdicts(project)[-1]["sentences"][sentence]["delta"]


def test_each_new_question_is_one_more_decision_and_has_less_left(released):
    assert charge(released) == (0, 0)
    assert delta(released, 1) == pytest.approx(0.05 / 2 / 2)
    retrain(released, 3.5)
    assert charge(released) == (1, 1)
    assert delta(released) == pytest.approx(0.05 / 6 / 4)
    retrain(released, 3.6)
    assert charge(released) == (2, 1)
    assert delta(released) == pytest.approx(0.05 / 12 / 4 / 2)


def test_the_report_says_how_many_decisions_the_rows_have_seen(released):
    retrain(released, 3.5)
    assert "not protected against tuning on this set; 2 decisions seen" in released.assay("why").out


def test_an_identical_question_is_free(released):
    retrain(released, 3.5)
    retrain(released, 3.5)
    assert len(verdicts(released)) == 2


def test_taking_a_row_out_or_writing_another_format_resets_nothing(released):
    lines = (released.root / "gate.csv").read_text().splitlines(keepends=True)
    released.put("gate.csv", "".join([lines[0], *reversed(lines[2:])]))
    retrain(released, 3.5)
    assert charge(released) == (1, 1)


def test_rows_that_change_in_a_feature_are_the_same_rows_by_their_id(released):
    text = (released.root / "gate.csv").read_text()
    released.put("gate.csv", text.replace(",a,", ",b,"))
    retrain(released, 3.5)
    assert charge(released) == (1, 1)


def test_fresh_rows_have_seen_nothing(released):
    released.put("gate.csv", rows(200, 2.0, start=5000))
    retrain(released, 3.5)
    assert charge(released) == (0, 0)


def test_fresh_rows_beside_worn_ones_are_judged_alone_where_they_show_more(released):
    for slope in (3.5, 3.6, 3.7):
        retrain(released, slope)
    old = (released.root / "gate.csv").read_text()
    released.put("gate.csv", old + "".join(rows(400, 2.0, start=5000).splitlines(keepends=True)[1:]))
    retrain(released, 2.0)
    last = verdicts(released)[-1]
    assert last["charge"]["set_aside"] == 200
    assert last["charge"].get("before", 0) == 0
    assert last["rows"] == 400
    assert last["outcome"] == "pass"


def test_fresh_rows_decide_as_soon_as_the_old_ones_have_too_little_left_for_the_test(released):
    """A t test keeps no error probability below 1e-4: beside rows that have less, each instalment is judged alone."""
    for slope in (2.3, 2.2, 3.5, 3.6):
        retrain(released, slope)
    assert verdicts(released)[-1]["outcome"] == "undecided"
    said = " ".join(released.assay("gate").out.split())
    assert said.startswith("UNDECIDED: these rows were asked 4 times before, and have too little left to decide it; ")
    assert "measured challenger " in said
    old = (released.root / "gate.csv").read_text()
    fresh = rows(300, 2.0, start=5000).splitlines(keepends=True)[1:]
    for upto, slope in ((150, 2.1), (300, 2.0)):
        released.put("gate.csv", old + "".join(fresh[:upto]))
        retrain(released, slope)
        assert verdicts(released)[-1]["charge"]["set_aside"] >= 200
        assert verdicts(released)[-1]["charge"].get("before", 0) <= 1
        assert verdicts(released)[-1]["outcome"] == "pass"


def test_the_verdict_says_in_time_how_many_more_can_be_tested(released):
    assert "can be tested on them" not in released.assay("why").out
    for slope, told in ((2.3, "2 more"), (3.5, "1 more"), (3.6, "no further one")):
        retrain(released, slope)
        assert f"{told} can be tested on them" in " ".join(released.assay("gate").out.split())


def test_another_pipeline_of_the_same_ledger_inherits_the_decisions(released):
    retrain(released, 3.5)
    released.put("assay.yaml", ASSAY_YAML.replace("name: line", "name: other"))
    retrain(released, 2.2)
    assert charge(released) == (2, 1)


def test_what_ends_as_an_error_costs_nothing(released):
    good = (released.root / "predict.py").read_text()
    released.put("predict.py", good.replace("slope * np.asarray", "slope * oops.asarray"))
    assert retrain(released, 3.5).code == 1
    released.put("predict.py", good)
    retrain(released, 3.5)
    assert charge(released) == (1, 1)


def test_rows_that_the_store_has_lost_count_for_all(released):
    name = verdicts(released)[-1]["charge"]["rows"].removeprefix("b3:")
    (lost,) = (path for path in (released.root / ".assay/store").rglob("*") if path.is_file() and name[4:] in path.name)
    lost.chmod(0o600)
    lost.unlink()
    released.put("gate.csv", rows(200, 2.0, start=5000))
    retrain(released, 3.5)
    assert charge(released) == (1, 1)


def test_two_projects_that_judge_at_the_same_moment_are_both_counted(tmp_path_factory, released):
    """Two checkouts share a ledger and a store: whoever comes second counts the first."""
    other = type(released)(tmp_path_factory.mktemp("second") / "line")
    write_loop(other, slope=2.4)
    state = released.root / ".assay"
    text = (
        ASSAY_YAML.replace("name: line", "name: other")
        + f"ledger: {state / 'ledger.sqlite'}\nstore: {state / 'store'}\n"
    )
    other.put("assay.yaml", text)
    released.put("slope.txt", "3.5")
    with ThreadPoolExecutor(2) as both:
        ends = list(both.map(lambda project: project.assay("run").code, (released, other)))
    assert sorted(ends) == [0, 3]
    counted = sorted(verdict["charge"].get("before", 0) for verdict in verdicts(released))
    assert counted == [0, 1, 2]


def test_naming_the_same_rows_by_other_columns_resets_nothing(released):
    released.put("assay.yaml", WITHOUT_WATCH.replace("  time: day\n", ""))
    retrain(released, 3.5)
    assert charge(released) == (1, 1)


def test_rows_without_any_label_are_undecided_each_time_and_cost_nothing(released):
    unlabelled = rows(200, 2.0, start=5000).replace("\n", ",\n").replace("x,y,", "x,y")
    released.put("gate.csv", "\n".join(line.rsplit(",", 2)[0] + "," for line in unlabelled.splitlines()[1:]))
    text = (released.root / "gate.csv").read_text()
    released.put("gate.csv", "id,day,kind,x,y\n" + text + "\n")
    for slope in (3.5, 3.6):
        assert retrain(released, slope).code == 3
        assert verdicts(released)[-1]["outcome"] == "undecided"
    assert len(verdicts(released)) == 3


def test_a_seal_put_on_rows_whose_metrics_were_told_promises_nothing(released):
    """What was tuned on the numbers is not in the union bound."""
    released.put("assay.yaml", WITHOUT_WATCH.replace("data: gate.csv\n", "data: gate.csv\n      reveal: verdict\n"))
    retrain(released, 3.5)
    assert verdicts(released)[-1]["charge"]["open"] == 1
    said = "sealed, but not protected against tuning on this set: 2 decisions seen, 1 with metrics"
    assert said in " ".join(released.assay("gate").out.split())


def test_fresh_rows_of_a_day_that_was_asked_before_are_not_judged_alone(released):
    """Rows of one day go together, so that what was told of some tells of the others."""
    text = ASSAY_YAML.replace("data: gate.csv\n", "data: gate.csv\n      time: day\n")
    released.put("assay.yaml", text)
    for slope in (3.5, 3.6, 3.7):
        retrain(released, slope)
    old = (released.root / "gate.csv").read_text()
    released.put("gate.csv", old + "".join(rows(400, 2.0, start=5000).splitlines(keepends=True)[1:]))
    retrain(released, 2.0)
    assert verdicts(released)[-1]["charge"].get("set_aside", 0) == 0
    assert charge(released) == (4, 1)


def with_new_ids(text):
    """The same rows, numbered anew."""
    head, *lines = text.splitlines(keepends=True)
    return "".join([head, *(f"{9000 + at},{line.split(',', 1)[1]}" for at, line in enumerate(lines))])


@pytest.mark.parametrize("dropped", [0, 1, 150])
def test_numbering_the_rows_anew_resets_nothing_and_nor_does_dropping_some_of_them(released, dropped):
    head, *lines = with_new_ids((released.root / "gate.csv").read_text()).splitlines(keepends=True)
    released.put("gate.csv", "".join([head, *lines[dropped:]]))
    retrain(released, 3.5)
    assert charge(released) == (1, 1)


def test_rows_that_are_numbered_anew_are_not_judged_alone_as_if_they_were_fresh(released):
    for slope in (3.5, 3.6, 3.7):
        retrain(released, slope)
    old = (released.root / "gate.csv").read_text()
    copies = with_new_ids(old).splitlines(keepends=True)[1:]
    released.put("gate.csv", old + "".join(copies))
    retrain(released, 2.0)
    assert charge(released) == (4, 1)
    assert verdicts(released)[-1]["charge"].get("set_aside", 0) == 0


def test_rows_with_new_ids_and_one_more_column_or_without_a_declared_id_are_the_same_rows(released):
    head, *lines = with_new_ids((released.root / "gate.csv").read_text()).splitlines()
    released.put("gate.csv", "\n".join([f"noise,{head}", *(f"{at},{line}" for at, line in enumerate(lines))]) + "\n")
    released.put("assay.yaml", WITHOUT_WATCH.replace("  id: id\n  time: day\n", ""))
    retrain(released, 3.5)
    assert charge(released) == (1, 1)


@pytest.mark.parametrize("day, inherited", [("2024-01-01", (1, 0)), ("2024-01-02", (0, 0))])
def test_new_rows_of_a_day_that_was_asked_inherit_also_where_they_come_alone(released, day, inherited):
    """What was told of the rows of one day tells of the others, in this file or not. The first decision was made before days
    were taken together, and keeps none."""
    released.put("assay.yaml", ASSAY_YAML.replace("data: gate.csv\n", "data: gate.csv\n      time: day\n"))
    retrain(released, 3.5)
    released.put("gate.csv", rows(200, 2.0, start=5000, day=day))
    retrain(released, 3.6)
    assert charge(released) == inherited


def test_a_few_fresh_days_of_many_rows_each_are_no_more_than_days(released):
    """Of rows that go together, days are counted: two days of 300 rows show less than twenty of ten."""
    text = ASSAY_YAML.replace("data: gate.csv\n", "data: gate.csv\n      time: day\n")
    released.put("assay.yaml", text)
    days = [
        rows(10, 2.0, start=2000 + 10 * at, day=f"2024-02-{at + 1:02}").splitlines(keepends=True)[1:]
        for at in range(20)
    ]
    old = "id,day,kind,x,y\n" + "".join(line for day in days for line in day)
    released.put("gate.csv", old)
    for slope in (3.5, 3.6, 3.7):
        retrain(released, slope)
    new = [
        rows(300, 2.0, start=5000 + 300 * at, day=f"2024-03-0{at + 1}").splitlines(keepends=True)[1:] for at in range(2)
    ]
    released.put("gate.csv", old + "".join(line for day in new for line in day))
    retrain(released, 2.0)
    assert verdicts(released)[-1]["charge"].get("set_aside", 0) == 0
