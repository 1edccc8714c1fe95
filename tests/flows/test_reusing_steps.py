"""Declared inputs and outputs give order, parallelism and reuse by content."""

import os
import time

PIPELINE = """\
steps:
  - name: Report
    run: cat model.txt > report.txt && echo ran >> report.count
    inputs: [model.txt]
    outputs: [report.txt]
  - name: Train
    run: python train.py
    inputs: [data.csv]
    outputs: [model.txt]
"""
TRAIN = "import helper, pathlib; pathlib.Path('model.txt').write_text(helper.fit(open('data.csv').read()))"


def graph(project):
    project.write(
        assay__yaml=PIPELINE,
        data__csv="1,2,3\n",
        train__py=TRAIN,
        helper__py="def fit(text): return 'sum ' + str(sum(map(int, text.split(','))))",
    )
    return project


def outcomes(answer):
    return {result["step"]: result["outcome"] for result in answer.lines[-1]["results"]}


def reasons(answer):
    return {result["step"]: result["reason"] for result in answer.lines[-1]["results"]}


def test_a_step_waits_for_whoever_writes_what_it_reads_whatever_the_order_of_the_file(project):
    report = graph(project).assay("run", "--json").lines[-1]
    assert [result["step"] for result in report["results"]] == ["Train", "Report"]
    assert (project.root / "report.txt").read_text() == "sum 6"


def test_nothing_runs_twice_and_touching_a_file_changes_nothing(project):
    graph(project).assay("run")
    later = time.time() + 100
    os.utime(project.root / "data.csv", (later, later))
    assert outcomes(project.assay("run", "--json")) == {"Train": "reused", "Report": "reused"}
    assert project.assay("plan", "--exit-code").code == 0


def test_changed_content_runs_what_depends_on_it_and_says_so(project):
    graph(project).assay("run")
    project.put("data.csv", "1,2,4\n")
    answer = project.assay("run", "--json")
    assert outcomes(answer) == {"Train": "ok", "Report": "ok"}
    assert reasons(answer)["Train"].startswith("data.csv changed: ")


def test_a_changed_input_that_gives_the_same_output_stops_the_wave(project):
    graph(project).assay("run")
    project.put("data.csv", "3,2,1\n")
    assert outcomes(project.assay("run", "--json")) == {"Train": "ok", "Report": "reused"}


def test_going_back_to_old_content_reuses_the_old_result(project):
    graph(project).assay("run")
    project.put("data.csv", "1,2,4\n")
    project.assay("run")
    project.put("data.csv", "1,2,3\n")
    answer = project.assay("run", "--json")
    assert outcomes(answer) == {"Train": "reused", "Report": "reused"}
    assert (project.root / "model.txt").read_text() == "sum 6"


def test_an_imported_helper_that_nobody_declared_is_an_input_too(project):
    graph(project).assay("run")
    project.assay("run", "--force")
    project.put("helper.py", "def fit(text): return 'max ' + str(max(map(int, text.split(','))))")
    answer = project.assay("run", "--json")
    assert outcomes(answer)["Train"] == "ok"
    assert "helper.py, which it read, changed" in reasons(answer)["Train"]


def test_a_lost_output_is_restored_and_not_made_again(project):
    graph(project).assay("run")
    (project.root / "model.txt").unlink()
    answer = project.assay("run", "--json")
    assert outcomes(answer)["Train"] == "reused"
    assert "model.txt comes back from the store" in reasons(answer)["Train"]
    assert (project.root / "model.txt").read_text() == "sum 6"


def test_a_failed_step_runs_again(project):
    graph(project).put("train.py", "raise SystemExit(3)")
    assert project.assay("run").code == 1
    project.put("train.py", TRAIN)
    assert project.assay("run").code == 0


def test_force_runs_everything(project):
    graph(project).assay("run")
    assert outcomes(project.assay("run", "--force", "--json")) == {"Train": "ok", "Report": "ok"}


def test_steps_that_do_not_need_each_other_run_at_the_same_time(project):
    meet = "for i in $(seq 200); do [ -e {other} ] && exit 0; sleep 0.05; done; exit 1"
    steps = "\n".join(
        f"  - {{name: {me}, run: 'touch {me}; {meet.format(other=other)}', inputs: [seed], outputs: [{me}]}}"
        for me, other in (("a", "b"), ("b", "a"))
    )
    project.write(assay__yaml=f"steps:\n{steps}\n", seed="x")
    assert project.assay("run", "-j", "2").code == 0


def test_a_failure_does_not_stop_what_does_not_depend_on_it(project):
    steps = (
        "steps:\n  - {name: bad, run: 'false', inputs: [seed]}\n  - {name: good, run: 'true', inputs: [seed]}\n"
        "  - {name: after, run: 'true', needs: [bad]}\n"
    )
    project.write(assay__yaml=steps, seed="x")
    assert outcomes(project.assay("run", "--json")) == {"bad": "failed", "good": "ok", "after": "held"}


def warnings(answer):
    return {r["step"]: [w["code"] for w in r["warnings"]] for r in answer.lines[-1]["results"]}


def test_a_result_is_reused_under_the_name_of_the_step_that_asks(project):
    project.write(assay__yaml="steps:\n  - {name: old, run: cp a b, inputs: [a], outputs: [b]}\n", a="1")
    project.assay("run")
    project.write(assay__yaml="steps:\n  - {name: new, run: cp a b, inputs: [a], outputs: [b]}\n")
    assert outcomes(project.assay("run", "--json")) == {"new": "reused"}


def test_two_steps_with_one_key_have_a_result_each(project):
    steps = "steps:\n  - {name: one, run: cat a, inputs: [a]}\n  - {name: two, run: cat a, inputs: [a]}\n"
    project.write(assay__yaml=steps, a="1")
    project.assay("run", "-j", "1")
    assert outcomes(project.assay("run", "--json")) == {"one": "reused", "two": "reused"}


def test_a_file_that_is_edited_while_a_step_runs_makes_it_run_again(project):
    train = "import helper, pathlib\npathlib.Path('helper.py').chmod(0o600)\npathlib.Path('m').write_text('1')\n"
    graph(project).write(
        assay__yaml="steps:\n  - {name: Train, run: python train.py, inputs: [data.csv], outputs: [m]}\n",
        train__py=train,
    )
    answer = project.assay("run", "--json")
    assert warnings(answer) == {"Train": ["changed-while-running"]}
    assert outcomes(project.assay("run", "--json")) == {"Train": "ok"}
    project.put("train.py", train.replace("pathlib.Path('helper.py').chmod(0o600)\n", ""))
    assert warnings(project.assay("run", "--json")) == {"Train": []}
    assert outcomes(project.assay("run", "--json")) == {"Train": "reused"}


def test_an_input_that_is_edited_while_a_step_runs_makes_it_run_again(project):
    train = "cp data.csv m; sleep 0.02; echo 9 > data.csv"
    graph(project).write(
        assay__yaml=f"steps:\n  - {{name: Train, run: '{train}', inputs: [data.csv], outputs: [m]}}\n",
    )
    assert warnings(project.assay("run", "--json")) == {"Train": ["changed-while-running"]}
    assert outcomes(project.assay("run", "--json")) == {"Train": "ok"}


def test_what_a_step_writes_anew_runs_whoever_reads_it_though_all_stood_when_the_run_began(project):
    graph(project).assay("run")
    assert outcomes(project.assay("run", "--json")) == {"Train": "reused", "Report": "reused"}
    project.put("helper.py", "def fit(text): return 'other'\n")
    assert outcomes(project.assay("run", "--json")) == {"Train": "ok", "Report": "ok"}
    assert (project.root / "report.txt").read_text() == "other"
    assert outcomes(project.assay("run", "--json")) == {"Train": "reused", "Report": "reused"}


def test_a_file_that_a_step_looked_for_and_that_is_there_now_makes_it_run_again(project):
    graph(project).put("helper.py", "import os\ndef fit(text): return str(os.path.exists('config.yaml'))\n")
    project.assay("run")
    assert outcomes(project.assay("run", "--json"))["Train"] == "reused"
    project.put("config.yaml", "")
    answer = project.assay("run", "--json")
    assert reasons(answer)["Train"] == "config.yaml, which it looked for, is there now"
    assert (project.root / "model.txt").read_text() == "True"
    assert outcomes(project.assay("run", "--json"))["Train"] == "reused"


def test_each_file_that_a_glob_names_is_an_input(project):
    steps = "steps:\n  - {name: sum, run: 'cat data/*.csv > sum', inputs: ['data/*.csv'], outputs: [sum]}\n"
    project.write(assay__yaml=steps)
    answer = project.assay("run", "--json")
    assert reasons(answer) == {"sum": "its input data/*.csv is missing"}
    project.put("data/a.csv", "1\n")
    assert project.assay("run").code == 0
    assert outcomes(project.assay("run", "--json")) == {"sum": "reused"}
    project.put("data/b.csv", "2\n")
    answer = project.assay("run", "--json")
    assert reasons(answer) == {"sum": "data/b.csv is a new input"}
    assert (project.root / "sum").read_text() == "1\n2\n"


def test_steps_side_by_side_are_not_held_to_account_for_each_others_files(project):
    """Same writes its output again only where it differs; Many writes a file of the same kind meanwhile."""
    meet = "for i in $(seq 200); do [ -e many.json ] && exit 0; sleep 0.05; done; exit 1"
    project.write(
        assay__yaml="steps:\n"
        f"  - {{name: Same, run: '{meet}', inputs: [seed], outputs: [same.json], keeps: [same.json]}}\n"
        "  - {name: Many, run: 'touch sample.json many.json', inputs: [seed], outputs: [many.json]}\n",
        seed="1",
        same__json="{}",
    )
    answer = project.assay("run", "-j", "2", "--json")
    assert outcomes(answer) == {"Same": "ok", "Many": "ok"}
    assert warnings(answer)["Same"] == ["output-not-touched"]


def test_steps_whose_names_differ_by_capitals_have_a_log_each(project):
    project.write(assay__yaml="steps:\n  - {name: Train, run: echo one}\n  - {name: train, run: echo two}\n")
    project.assay("run")
    logs = sorted(log.read_text() for log in (project.root / ".assay/runs/1").glob("*.log"))
    assert logs == ["one\n", "two\n"]


def test_a_check_on_a_glob_holds_whoever_reads_one_of_its_files(project):
    project.write(
        assay__yaml="steps:\n  - name: Check\n    check:\n      data/*.csv:\n        rows: 3..\n"
        "  - {name: Train, run: touch m, inputs: [data/a.csv], outputs: [m]}\n"
    )
    project.put("data/a.csv", "x\n1\n")
    assert outcomes(project.assay("run", "--json")) == {"Check": "failed", "Train": "held"}


BUILD = """\
steps:
  - name: Build
    run: printf '#!/bin/sh\\necho tool\\n' > tool && chmod +x tool
    inputs: [source]
    outputs: [tool]
  - {name: Use, run: ./tool > said, inputs: [tool], outputs: [said]}
"""


def test_a_program_that_a_step_made_may_be_executed_when_it_comes_back(project):
    project.write(assay__yaml=BUILD, source="")
    project.assay("run")
    (project.root / "tool").unlink()
    (project.root / "said").unlink()
    assert outcomes(project.assay("run", "--json")) == {"Build": "reused", "Use": "reused"}
    assert os.access(project.root / "tool", os.X_OK)
    (project.root / "tool").chmod(0o644)
    answer = project.assay("run", "--json", "--force", "Use")
    assert outcomes(answer) == {"Build": "reused", "Use": "ok"}
    assert reasons(answer)["Build"].endswith("tool comes back from the store")


MODULES = """\
import sys
sys.path.append("lib")
import helper
try:
    from local_settings import SCALE
except ImportError:
    SCALE = 1
open("out", "w").write(str(SCALE * helper.N))
"""


def test_a_module_that_could_not_be_imported_and_one_that_hides_another_are_seen_when_they_are_there(project):
    project.write(
        assay__yaml="steps:\n  - {name: Fit, run: python fit.py, inputs: [fit.py], outputs: [out]}\n",
        fit__py=MODULES,
        lib___helper__py="N = 2",
    )
    project.assay("run")
    assert outcomes(project.assay("run", "--json")) == {"Fit": "reused"}
    project.write(local_settings__py="SCALE = 10")
    assert reasons(project.assay("run", "--json"))["Fit"] == "local_settings.py, which it looked for, is there now"
    project.write(helper__py="N = 3")
    assert reasons(project.assay("run", "--json"))["Fit"] == "helper.py, which it looked for, is there now"
    assert (project.root / "out").read_text() == "30"


ODD = os.fsdecode(b"d\xff.csv")


def test_a_file_whose_name_is_no_utf_8_is_an_input_like_others(project):
    project.write(
        assay__yaml="steps:\n  - {name: All, run: cat data/* > all, inputs: ['data/*'], outputs: [all]}\n"
        "  - {name: Read, run: python read.py, inputs: [read.py], outputs: [one]}\n",
        read__py="open('one', 'wb').write(open(b'd\\xff.csv', 'rb').read())",
        data___a="1",
    )
    project.put(f"data/{ODD}", "2")
    project.put(ODD, "3")
    assert outcomes(project.assay("run", "--json")) == {"All": "ok", "Read": "ok"}
    assert project.assay("plan", "--exit-code").code == 0
    assert outcomes(project.assay("run", "--json")) == {"All": "reused", "Read": "reused"}
    project.put(f"data/{ODD}", "4")
    project.put(ODD, "5")
    again = project.assay("run", "--json")
    assert outcomes(again) == {"All": "ok", "Read": "ok"}
    assert [reason.partition(":")[0] for reason in reasons(again).values()] == [
        r"data/d\xff.csv changed",
        r"d\xff.csv, which it read, changed",
    ]
    (project.root / ODD).unlink()
    assert r"d\xff.csv, which it read, is gone" in project.assay("plan").out


def test_half_a_character_in_metrics_and_parameters_is_spelt(project):
    half = '{"a\\udcff": 0.5, "b": "\\ud83d"}'
    project.write(
        assay__yaml='steps:\n  - name: Train\n    run: cp params.json m.json; echo "$LINE" > $ASSAY_METRICS\n'
        '    env: {LINE: \'{"name": "c\\udcff", "value": 1}\'}\n'
        "    params: [{params.json: [b]}]\n    metrics: [m.json]\n",
        params__json=half,
    )
    [result] = project.assay("run", "--json").lines[-1]["results"]
    assert [metric["name"] for metric in result["metrics"]] == [r"c\xff", r"a\xff"]
    assert result["params"] == {"params.json:b": r"\ud83d"}
    assert outcomes(project.assay("run", "--json")) == {"Train": "reused"}


READS_RATE = "import json, sys; open(sys.argv[1], 'w').write(str(json.load(open('p.json'))['rate']))"
EDITED_MEANWHILE = """\
steps:
  - {name: a, run: python rate.py a.txt, inputs: [rate.py], params: [{p.json: [rate]}], outputs: [a.txt]}
  - {name: edit, run: "test -e later || echo '{\\"rate\\": 2}' > p.json", needs: [a]}
  - {name: b, run: python rate.py b.txt, inputs: [rate.py], needs: [edit], params: [{p.json: [rate]}], outputs: [b.txt]}
"""


def test_a_step_is_filed_under_the_parameters_that_it_was_made_from_though_they_changed_during_the_run(project):
    project.write(assay__yaml=EDITED_MEANWHILE, rate__py=READS_RATE, p__json='{"rate": 1}')
    assert outcomes(project.assay("run", "--json")) == {"a": "ok", "edit": "ok", "b": "ok"}
    assert (project.root / "b.txt").read_text() == "2"
    project.write(p__json='{"rate": 1}', later="")
    again = project.assay("run", "--json")
    assert outcomes(again) == {"a": "reused", "edit": "ok", "b": "ok"}
    assert reasons(again)["b"] == "p.json:rate changed: 2 -> 1"
    assert (project.root / "b.txt").read_text() == "1"


def test_a_parameter_that_is_mended_between_two_attempts_is_the_one_that_is_recorded(project):
    mend = "import json, sys\nrate = json.load(open('p.json'))['rate']\nopen('p.json', 'w').write('{\"rate\": 2}')\n"
    project.write(
        assay__yaml="steps:\n  - {name: a, run: python a.py, inputs: [a.py], params: [{p.json: [rate]}], outputs: [a.txt], "
        "retries: {attempts: 2, backoff: 0s}}\n",
        a__py=mend + "sys.exit(1) if rate == 1 else open('a.txt', 'w').write(str(rate))\n",
        p__json='{"rate": 1}',
    )
    (result,) = project.assay("run", "--json").lines[-1]["results"]
    assert (result["outcome"], result["params"]) == ("ok", {"p.json:rate": 2})
    project.put("p.json", '{"rate": 1}')
    assert outcomes(project.assay("run", "--json")) == {"a": "ok"}


def test_what_a_run_of_the_same_number_in_a_lost_ledger_reported_is_not_counted(project):
    script = "import os, json\nif os.path.exists('v1'): open(os.environ['ASSAY_METRICS'], 'a').write(json.dumps({'name': 'accuracy', 'value': 0.99}) + '\\n')\n"
    project.write(assay__yaml="steps:\n  - {name: t, run: python t.py}\n", t__py=script, v1="")
    assert project.assay("run", "--json").lines[-1]["results"][0]["metrics"] != []
    for place in (project.root / ".assay").glob("ledger*"):
        place.unlink()
    (project.root / "v1").unlink()
    report = project.assay("run", "--json").lines[-1]
    assert (report["run"], report["results"][0]["metrics"]) == (1, [])


def test_plan_and_run_say_the_same_of_a_frozen_step_that_is_forced(project):
    project.write(assay__yaml="steps:\n  - {name: t, run: 'true', inputs: [a], runs: never}\n", a="1")
    assert "= reuse  t  it is frozen" in project.assay("plan", "--force").out
    assert outcomes(project.assay("run", "--force", "--json")) == {"t": "reused"}


def test_a_selection_that_matches_nothing_runs_nothing_and_is_no_success(project):
    project.write(
        assay__yaml="steps:\n  - {name: a, run: 'true', inputs: [x], outputs: [y]}\n  - {name: b, run: 'true', inputs: [y]}\n",
        x="1",
    )
    for command in ("run", "plan"):
        answer = project.assay(command, "a", "--from", "b")
        assert answer.code == 6
        assert "no step is left between b and a" in answer.err
    assert project.assay("log", "--json").json["runs"] == []
