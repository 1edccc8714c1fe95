"""``assay data check``: datasets against their rules without a run, and rules that are changed where a person accepts it."""

import datetime as dt
import json
from xml.etree import ElementTree as ET

import pytest

RULES = """\
# what we know of flights
rows: 3..
columns:
  flight: int unique            # the key
  origin: str in [EWR, JFK]     # airports
  delay: 'int? 0..100, nulls <= 10%'
"""
GOOD = "flight,origin,delay\n1,EWR,5\n2,JFK,\n3,EWR,7\n" + "".join(f"{n},JFK,1\n" for n in range(4, 14))
BAD = GOOD + "14,LGA,180\n15,LGA,2\n"


@pytest.fixture
def checked(project):
    project.put("checks/flights.yaml", RULES)
    project.put("data/flights.csv", GOOD)
    project.put(
        "assay.yaml",
        "steps:\n  - name: Data Validation\n    check:\n      data/flights.csv: checks/flights.yaml\n"
        "  - {name: Train, run: echo trained, inputs: [data/flights.csv]}\n",
    )
    return project


def test_all_that_assay_yaml_checks_is_checked_and_nothing_is_recorded(checked):
    answer = checked.assay("data", "check")
    assert (answer.code, answer.out.splitlines()[0]) == (
        0,
        " ✓ all 4 rules hold: 13 rows, flights@" + answer.out.split("flights@")[1][:8],
    )
    assert not (checked.root / ".assay" / "ledger.sqlite").exists() or "run" not in checked.assay("log").out


def test_a_broken_rule_ends_with_code_4_and_says_what_how_many_and_where(checked):
    checked.put("data/flights.csv", BAD)
    answer = checked.assay("data", "check", "data/flights.csv")
    assert answer.code == 4
    assert "origin: str in [EWR, JFK]" in answer.out
    assert '2 of 15 rows (13.3 %) not in [EWR, JFK]: "LGA"' in answer.out


def test_the_answer_is_json_too(checked):
    checked.put("data/flights.csv", BAD)
    told = checked.assay("data", "check", "--json").json
    assert (told["schema"], told["passed"]) == ("assay.data-check/1", False)
    broken = [finding for finding in told["reports"][0]["findings"] if not finding["passed"]]
    assert [finding["failing_rows"] for finding in broken] == [2, 1]
    assert broken[0]["values"] == [{"value": "LGA", "rows": 2}]


def test_accepting_changes_the_rules_where_they_stand_and_nothing_else(checked):
    checked.put("data/flights.csv", BAD)
    answer = checked.assay("data", "check", "--accept")
    assert answer.code == 4
    assert "accepted: new origin LGA (2 rows)" in answer.out
    assert "check again" in answer.out
    assert (checked.root / "checks/flights.yaml").read_text() == RULES.replace(
        "[EWR, JFK]     #", "[EWR, JFK, LGA]  #"
    ).replace("'int? 0..100, nulls <= 10%'", "int? 0..180, nulls <= 10%")
    assert checked.assay("data", "check").code == 0


def test_rules_in_assay_yaml_are_changed_there(checked):
    checked.put(
        "assay.yaml",
        "steps:\n  - name: Data Validation\n    check:\n      data/flights.csv:\n"
        "        columns: {origin: 'str in [EWR, JFK]', flight: int, delay: int?}  # one line\n",
    )
    checked.put("data/flights.csv", BAD)
    assert checked.assay("data", "check", "--accept").code == 4
    assert (
        "{origin: 'str in [EWR, JFK, LGA]', flight: int, delay: int?}  # one line"
        in (checked.root / "assay.yaml").read_text()
    )
    assert checked.assay("data", "check").code == 0


def test_a_rule_whose_key_is_quoted_is_changed_where_it_stands(checked):
    checked.put("checks/flights.yaml", RULES.replace("origin:", '"origin":').replace("rows:", "'rows':"))
    checked.put("data/flights.csv", BAD)
    assert "write it by hand" not in checked.assay("data", "check", "--accept").out
    assert '"origin": str in [EWR, JFK, LGA]' in (checked.root / "checks/flights.yaml").read_text()
    assert checked.assay("data", "check").code == 0


def test_truths_are_told_as_rules_spell_them(checked):
    checked.put("checks/flights.yaml", "columns: {flight: int, late: 'bool in [true]'}\n")
    checked.put("data/flights.csv", "flight,late\n1,true\n2,false\n")
    told = checked.assay("data", "check").out
    assert "not in [true]: false" in told
    assert "new late false (1 row)" in told


def test_several_rules_of_one_line_are_changed_at_once(checked):
    columns = "{flight: int, origin: 'str in [EWR, JFK]', delay: 'int? 0..100'}"
    checked.put("checks/flights.yaml", f"rows: 3..5\ncolumns: {columns}\n")
    checked.put("data/flights.csv", BAD)
    answer = checked.assay("data", "check", "--accept")
    assert answer.out.count("accepted:") == 3
    accepted = columns.replace("JFK]", "JFK, LGA]").replace("'int? 0..100'", "int? 0..180")
    assert (checked.root / "checks/flights.yaml").read_text() == f"rows: 3..19\ncolumns: {accepted}\n"
    assert checked.assay("data", "check").code == 0


def test_a_rule_that_two_datasets_share_takes_the_change_of_one_and_then_of_the_other(checked):
    both = "{data/flights.csv: checks/flights.yaml, data/more.csv: checks/flights.yaml}"
    checked.put("assay.yaml", f"steps:\n  - {{name: c, check: {both}}}\n")
    checked.put("data/flights.csv", BAD)
    checked.put("data/more.csv", BAD.replace("LGA", "BOS").replace("180", "8"))
    answer = checked.assay("data", "check", "--accept")
    place = "checks/flights.yaml:5:3 origin"
    assert f"not accepted: new origin BOS (2 rows): {place} has changed since it was checked: check again" in answer.out
    assert "in [EWR, JFK, LGA] " in (checked.root / "checks/flights.yaml").read_text()
    told = checked.assay("data", "check", "--accept", "--json").json
    assert [(each["is_written"], each["is_outdated"]) for each in told["changes"]] == [(True, False)]
    assert checked.assay("data", "check").code == 0


def test_rules_that_are_linked_to_are_changed_where_they_are(checked):
    shared = checked.root.parent / "shared.yaml"
    shared.write_text(RULES)
    (checked.root / "checks/flights.yaml").unlink()
    (checked.root / "checks/flights.yaml").symlink_to(shared)
    checked.put("data/flights.csv", BAD)
    assert "accepted: new origin LGA" in checked.assay("data", "check", "--accept").out
    assert (checked.root / "checks/flights.yaml").is_symlink()
    assert "LGA" in shared.read_text()


def test_rules_outside_a_project_are_changed_too(project):
    project.put("flights.csv", BAD)
    rules = project.put("rules.yaml", RULES)
    assert "--rules rules.yaml --accept" in project.assay("data", "check", "flights.csv", "--rules", "rules.yaml").out
    assert (
        "accepted: new origin LGA"
        in project.assay("data", "check", "flights.csv", "--rules", "rules.yaml", "--accept").out
    )
    assert "LGA" in rules.read_text()
    assert sorted(path.name for path in project.root.iterdir()) == ["flights.csv", "rules.yaml"]


def test_all_that_stands_on_one_line_is_accepted_in_one_go(checked):
    checked.put(
        "assay.yaml",
        "steps:\n  - name: check\n    check:\n      d.csv:\n"
        "        columns: {a: int 0..5, b: 'str in [x, y]', c: float 0..10}\n",
    )
    checked.put("d.csv", 'a,b,c\n1,x,2.5\n2,y,\n9,"z, w",100\n')
    answer = checked.assay("data", "check", "--accept")
    assert answer.out.count("accepted: ") == 3
    assert "NULL in c, 33.3 % of the rows; c up to 100.0" in answer.out
    assert "by hand" not in answer.out
    assert (
        "columns: {a: int 0..9, b: 'str in [x, y, ''z, w'']', c: 'float? 0..100, nulls <= 41.7%'}"
        in (checked.root / "assay.yaml").read_text()
    )
    assert checked.assay("data", "check").code == 0


def test_a_range_of_rows_that_only_warns_is_changed_where_it_stands(checked):
    checked.put("checks/flights.yaml", RULES.replace("rows: 3..", "rows: {range: 20.., severity: warn}  # for now"))
    answer = checked.assay("data", "check", "--accept")
    assert answer.code == 0
    assert "rows: {range: 10.., severity: warn}  # for now" in (checked.root / "checks/flights.yaml").read_text()


def test_where_nothing_is_proposed_nothing_is_written(checked):
    checked.put("data/flights.csv", GOOD + "13,JFK,1\n")
    answer = checked.assay("data", "check", "--accept")
    assert "nothing that was found proposes a change of the rules" in answer.out
    assert (checked.root / "checks/flights.yaml").read_text() == RULES


def test_since_when_a_rule_is_broken_is_told_with_the_run_that_passed(checked):
    assert checked.assay("run").code == 0
    before = checked.assay("data", "check", "--json").json["reports"][0]["dataset"]["digest"]
    checked.put("data/flights.csv", BAD)
    assert checked.assay("run").code == 4
    told = checked.assay("data", "check", "--json").json
    broken = [finding for finding in told["reports"][0]["findings"] if not finding["passed"]]
    assert {finding["since"] for finding in broken} == {f"flights@{before[3:11]}, run 1"}


def test_a_run_says_that_a_rule_has_changed_since_it_was_green(checked):
    assert checked.assay("run").code == 0
    checked.put("checks/flights.yaml", RULES.replace("[EWR, JFK]", "[EWR]"))
    answer = checked.assay("run")
    assert answer.code == 4
    assert 'a rule of step "Data Validation": `origin: str in [EWR, JFK]' in answer.out + answer.err


def test_rules_may_be_given_outside_a_project(project):
    project.put("flights.csv", GOOD)
    project.put("rules.yaml", RULES)
    assert project.assay("data", "check", "flights.csv", "--rules", "rules.yaml").code == 0
    assert not (project.root / ".assay").exists()


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("w.dukdb#t", "a database is a file in .duckdb"),
        ("s3://bucket/x.parquet", "nothing is read from s3://"),
        ("mysql://host/base#t", "mysql:// is no database that checks read"),
        ("#t", "before # stands the database"),
        ("postgresql://me:secret@host/base#t", "a password does not belong in a file"),
    ],
)
@pytest.mark.parametrize("command", [["check", "--rules", "rules.yaml"], ["show"], ["infer"]])
def test_what_names_no_dataset_is_told(project, command, name, because):
    project.put("rules.yaml", RULES)
    answer = project.assay("data", command[0], name, *command[1:])
    assert answer.code == 2
    assert "names no dataset" in answer.err
    assert because in answer.err
    assert "secret" not in answer.err


@pytest.mark.parametrize("name", ["h#1.csv", "of#2013/flights.csv", "of#2013/*.csv"])
def test_a_path_may_hold_a_hash(project, name):
    project.put(name.replace("*", "flights"), GOOD)
    project.put("rules.yaml", RULES)
    assert project.assay("data", "check", name, "--rules", "rules.yaml").code == 0
    assert "13 rows" in project.assay("data", "show", name).out
    assert "flight: int" in project.assay("data", "infer", name).out
    assert project.assay("data", "diff", name, name, "--key", "flight").code == 0
    project.put("assay.yaml", f"steps:\n  - name: Check\n    check: {{'{name}': rules.yaml}}\n")
    assert project.assay("run").code == 0
    assert project.assay("data", "check").code == 0


@pytest.mark.parametrize("folder", ["br[1]", "data*", "what?", "it's [a-z]*"])
def test_the_name_of_a_folder_is_no_pattern(project, folder):
    for place in ("plain", folder):
        project.put(f"{place}/1.csv", GOOD)
        project.put(f"{place}/2 [b].csv", GOOD.replace("1,EWR", "21,EWR"))
    project.put("rules.yaml", "rows: 26\n")
    versions = []
    for place in ("plain", folder, f"{folder}/"):
        answer = project.assay("data", "check", place, "--rules", "rules.yaml", "--json")
        assert answer.code == 0
        versions.append(answer.json["reports"][0]["dataset"]["digest"])
    assert len(set(versions)) == 1
    assert "26 rows" in project.assay("data", "show", folder).out


def test_names_of_folders_are_no_columns_and_tell_where_rows_fail(project):
    for month in (1, 2):
        project.put(f"data/year=2013/month={month}/x.csv", f"n\n{month}\n")
    project.put("rules.yaml", "closed: true\ncolumns: {n: int 1..1}\n")
    answer = project.assay("data", "check", "data", "--rules", "rules.yaml", "--json").json
    broken = [each for each in answer["reports"][0]["findings"] if not each["passed"]]
    assert [each["rule"] for each in broken] == ["n: int 1..1"]
    assert broken[0]["slices"] == [{"column": "file", "value": "month=2/x.csv", "rows": 1, "of_rows": 1}]


def test_slices_of_a_csv_are_what_the_file_spells(project):
    project.put("flights.csv", "n,gate\n9,0\n9,00\n")
    project.put("rules.yaml", "columns: {n: int 1..5, gate: int}\nslices: [gate]\n")
    answer = project.assay("data", "check", "flights.csv", "--rules", "rules.yaml", "--json").json
    (broken,) = [each for each in answer["reports"][0]["findings"] if not each["passed"]]
    assert sorted(each["value"] for each in broken["slices"]) == ["0", "00"]


def test_mistakes_in_a_file_of_rules_stand_at_its_lines(checked):
    checked.put("checks/flights.yaml", "rows: 3..\ncolumns:\n  origin: strr\n  flight: int 5..1\n")
    answer = checked.assay("data", "check")
    assert answer.code == 2
    assert "checks/flights.yaml:3:11" in answer.err
    assert "checks/flights.yaml:4:15" in answer.err


def test_a_changed_file_of_rules_is_read_again(checked):
    assert checked.assay("run").code == 0
    checked.put("checks/flights.yaml", RULES.replace("rows: 3..", "rows: 99.."))
    assert checked.assay("run").code == 4


def test_findings_become_a_page_junit_and_markdown(checked):
    checked.put("data/flights.csv", BAD)
    files = ["--html", "f.html", "--junit", "f.xml", "--markdown", "f.md"]
    assert checked.assay("data", "check", *files).code == 4
    suite = ET.parse(checked.root / "f.xml").getroot()
    assert sum(1 for _ in suite.iter("failure")) == 2
    assert "origin: str in [EWR, JFK]" in (checked.root / "f.md").read_text()
    assert "<html" in (checked.root / "f.html").read_text()


def test_the_folder_of_a_page_is_made_and_a_place_that_cannot_be_hides_no_finding(checked):
    checked.put("data/flights.csv", BAD)
    assert checked.assay("data", "check", "--html", "new/f.html").code == 4
    assert "<html" in (checked.root / "new/f.html").read_text()
    checked.put("file", "in the way")
    answer = checked.assay("data", "check", "--html", "file/f.html")
    assert answer.code == 2
    assert "origin: str in [EWR, JFK]" in answer.out
    assert "cannot write file/f.html" in answer.err


def test_one_face_may_be_the_answer(checked):
    checked.put("data/flights.csv", BAD)
    answer = checked.assay("data", "check", "--junit", "-")
    assert answer.code == 4
    assert sum(1 for _ in ET.fromstring(answer.out.encode()).iter("failure")) == 2
    assert "2 of 4 rules are broken" in answer.err
    assert not (checked.root / "-").exists()
    for options in (["--junit", "-", "--html", "-"], ["--markdown", "-", "--json"]):
        refused = checked.assay("data", "check", *options)
        assert refused.code == 2
        assert "both print the answer" in refused.err


def test_without_a_project_the_rules_may_be_named(project):
    (project.root / "assay.yaml").unlink(missing_ok=True)
    project.put("data/new.csv", GOOD)
    answer = project.assay("data", "check", "data/new.csv")
    assert answer.code == 2
    assert "assay data check data/new.csv --rules FILE" in answer.err


def test_cells_of_samples_are_what_the_rule_reads(checked):
    checked.put("data/flights.csv", BAD)
    findings = checked.assay("data", "check", "--json").json["reports"][0]["findings"]
    (delay,) = [finding for finding in findings if finding["column"] == "delay" and not finding["passed"]]
    assert delay["sample"] == [{"flight": 14, "origin": "LGA", "delay": 180}]
    assert delay["values"] == [{"value": 180, "rows": 1}]


def test_why_names_what_warned_in_a_green_run(checked):
    checked.put("checks/flights.yaml", RULES.replace("10%'", "10%, warn'"))
    checked.put("data/flights.csv", BAD.replace("LGA", "JFK"))
    assert checked.assay("run").code == 0
    assert "Data Validation warns: data/flights.csv: delay: int? 0..100" in checked.assay("why").out


def test_data_that_nothing_checks_names_the_near_miss(checked):
    answer = checked.assay("data", "check", "data/fligths.csv")
    assert answer.code != 0
    assert "did you mean data/flights.csv?" in answer.err


def test_one_file_of_a_glob_is_checked_by_the_rules_of_the_glob(checked):
    checked.put(
        "assay.yaml",
        "steps:\n  - name: c\n    check:\n      data/*.csv: {file: checks/flights.yaml, environment: serve}\n",
    )
    checked.put("data/other.csv", BAD.replace("LGA", "JFK").replace("180", "8"))
    assert checked.assay("data", "check", "data/flights.csv").code == 0
    told = checked.assay("data", "check", "data/other.csv", "--json").json
    assert told["reports"][0]["rows"] == 15


def test_a_folder_is_a_dataset_of_the_tables_in_it(checked):
    checked.put("assay.yaml", "steps:\n  - name: c\n    check:\n      data: {rows: 16, columns: {flight: int}}\n")
    checked.put("data/deep/more.csv", "flight\n77\n78\n79\n")
    checked.put("data/README.md", "no table")
    assert checked.assay("data", "check").code == 0
    (checked.root / "empty").mkdir()
    checked.put("assay.yaml", "steps:\n  - name: c\n    check:\n      empty: {rows: 1..}\n")
    answer = checked.assay("data", "check")
    assert "the folder empty holds no table" in answer.err


def test_fresh_data_is_checked_each_time(checked):
    checked.put("checks/flights.yaml", RULES + "fresh: {day: 2 days}\n")
    today = dt.datetime.now(dt.UTC).date()
    checked.put("data/flights.csv", f"flight,origin,delay,day\n1,EWR,5,{today}\n2,JFK,1,2013-01-01\n3,JFK,1,\n")
    first, second = checked.assay("run", "--json"), checked.assay("run", "--json")
    outcomes = [answer.lines[-1]["results"][0]["outcome"] for answer in (first, second)]
    assert outcomes == ["ok", "ok"], json.dumps(first.lines[-1])
