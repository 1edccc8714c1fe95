"""What a step may declare beside its files: parameters, environment, secrets, conditions, attempts, limits, cells."""

import json
import time

import pytest


def results(answer):
    return {result["step"]: result for result in answer.lines[-1]["results"]}


def outcomes(answer):
    return {step: result["outcome"] for step, result in results(answer).items()}


def codes(answer):
    return {step: result["problem"] and result["problem"]["code"] for step, result in results(answer).items()}


def test_only_the_selected_parameters_decide_about_a_step(project):
    project.write(
        assay__yaml="steps:\n  - {name: Train, run: cat params.yaml > m, params: [train.rate], outputs: [m], trace: 'off'}\n",
        params__yaml="train: {rate: 0.1, depth: 3}\nother: 1\n",
    )
    first = results(project.assay("run", "--json"))["Train"]
    assert first["params"] == {"params.yaml:train.rate": 0.1}
    project.write(params__yaml="train: {rate: 0.1, depth: 4}\nother: 2\n")
    assert outcomes(project.assay("run", "--json")) == {"Train": "reused"}
    project.write(params__yaml="train: {rate: 0.2, depth: 4}\n")
    again = results(project.assay("run", "--json"))["Train"]
    assert (again["outcome"], again["reason"]) == ("ok", "params.yaml:train.rate changed: 0.1 -> 0.2")


TUNED = (
    "steps:\n  - {name: Train, run: cat best.json > m, params: [{best.json: [rate]}], inputs: [t], outputs: [m]}\n"
    "  - {name: Tune, run: 'sleep 0.2; cp src best.json', inputs: [src], outputs: [best.json]}\n"
)


def test_parameters_that_a_step_finds_are_waited_for_and_decide(project):
    project.write(assay__yaml=TUNED, src='{"rate": 1}', t="")
    assert outcomes(project.assay("run", "-j", "2", "--json")) == {"Tune": "ok", "Train": "ok"}
    assert outcomes(project.assay("run", "-j", "2", "--json")) == {"Tune": "reused", "Train": "reused"}
    project.write(src='{"rate": 2}')
    planned = project.assay("plan", "--json").json["steps"]
    assert {step["step"]: step["decision"] for step in planned} == {"Tune": "run", "Train": "follow"}
    again = results(project.assay("run", "-j", "2", "--json"))
    assert again["Train"]["reason"] == "best.json:rate changed: 1 -> 2"
    assert (project.root / "m").read_text() == '{"rate": 2}'


def test_a_parameter_that_is_not_there_is_told_by_name(project):
    project.write(
        assay__yaml="steps:\n  - {name: Train, run: 'true', params: [train.rate], outputs: []}\n",
        params__yaml="train: {depth: 3}\n",
    )
    answer = project.assay("run", "--json")
    assert answer.code == 2
    assert "`train` has no `rate`" in answer.lines[0]["problems"][0]["what"]


def test_a_step_finds_its_environment_and_its_folder(project):
    project.write(
        assay__yaml=(
            "env: {SEED: 7}\nsteps:\n"
            "  - {name: Say, run: 'echo $SEED $MODE > ../said', env: {MODE: fast}, workdir: sub, inputs: [a], outputs: [said]}\n"
        ),
        a="1",
    )
    (project.root / "sub").mkdir()
    project.assay("run")
    assert (project.root / "said").read_text() == "7 fast\n"
    project.write(assay__yaml=(project.root / "assay.yaml").read_text().replace("fast", "slow"))
    assert outcomes(project.assay("run", "--json")) == {"Say": "ok"}


@pytest.fixture
def with_secret(project):
    project.write(
        assay__yaml=(
            "steps:\n"
            "  - {name: Use, run: 'echo token is $API_TOKEN; test -n \"$API_TOKEN\"', secrets: [API_TOKEN], inputs: [a], outputs: []}\n"
            "  - {name: Other, run: 'echo other sees [$API_TOKEN]', inputs: [a]}\n"
        ),
        a="1",
    )
    return project


def test_a_secret_reaches_only_the_step_that_names_it_and_is_shown_nowhere(with_secret):
    answer = with_secret.assay("run", API_TOKEN="hunter22-very-secret")
    assert answer.code == 0
    assert "token is *****" in answer.err
    assert "other sees []" in answer.err
    for file in with_secret.root.rglob("*"):
        if file.is_file():
            assert b"hunter22" not in file.read_bytes(), file


BY_SECRET = """\
import os
token = os.environ["API_TOKEN"]
os.path.exists(f"cache/{token}.json")
open("out", "w").write("1")
print(f"loss of {token}: 0.5")
"""


@pytest.mark.parametrize("how", ["python", "strace"])
def test_a_secret_in_the_name_of_a_file_stays_in_no_trace_and_its_result_stands_for_no_other_run(project, how):
    project.write(
        assay__yaml="steps:\n  - {name: Use, run: python use.py, secrets: [API_TOKEN], inputs: [use.py], outputs: [out]}\n",
        use__py=BY_SECRET,
    )
    words = ("run", "--json") if how == "python" else ("run", "--json", "--trace", "strace")
    answer = project.assay(*words, API_TOKEN="hunter22-very-secret")
    assert [warning["code"] for warning in results(answer)["Use"]["warnings"]] == ["secret-in-path"]
    [run] = (project.root / ".assay" / "runs").iterdir()
    assert run.stat().st_mode & 0o777 == 0o700
    assert any(b"cache/*****.json" in trace.read_bytes() for trace in run.glob("*.trace"))
    for file in project.root.rglob("*"):
        assert "hunter22" not in str(file)
        assert not file.is_file() or b"hunter22" not in file.read_bytes(), file
    assert outcomes(project.assay(*words, API_TOKEN="hunter22-very-secret")) == {"Use": "ok"}


@pytest.mark.parametrize("pin", ["1796", "file", "0000", "b3:f", "Use", "success"])
def test_a_short_secret_spoils_nothing_that_is_recorded(with_secret, pin):
    for value in (pin, str(time.time())[:4]):  # digits of when it started
        assert outcomes(with_secret.assay("run", "--json", "--force", API_TOKEN=value)) == {"Use": "ok", "Other": "ok"}
    assert outcomes(with_secret.assay("run", "--json", API_TOKEN=pin)) == {"Use": "reused", "Other": "reused"}


TOLD = "notify: [{url: 'http://127.0.0.1:9/${TEAM_WEBHOOK}', secret: HOOK_KEY}]\n"


def test_what_is_secret_to_tell_people_reaches_no_step_that_does_not_name_it(project):
    secrets = {"TEAM_WEBHOOK": "webhook-of-the-team", "HOOK_KEY": "signing-key", "SPARE": "not-used-yet"}
    project.write(
        assay__yaml=(
            "secrets: [TEAM_WEBHOOK, HOOK_KEY, SPARE]\nsteps:\n"
            "  - {name: Look, run: 'echo [$TEAM_WEBHOOK] [$HOOK_KEY] [$SPARE]; cat found'}\n"
            "  - {name: Named, run: 'echo named $TEAM_WEBHOOK; env', secrets: [TEAM_WEBHOOK]}\n"
        )
        + TOLD,
        found="training signing-key: 0.9\n",
    )
    answer = project.assay("run", **secrets)
    assert answer.code == 0
    assert "[] [] []" in answer.err
    assert "named *****" in answer.err
    assert not any(value in answer.err + answer.out for value in secrets.values())
    ledger = b"".join(file.read_bytes() for file in (project.root / ".assay").glob("ledger.sqlite*"))
    assert b"training *****" in ledger
    assert not any(value.encode() in ledger for value in secrets.values())


def test_a_secret_that_is_not_there_is_named_before_anything_starts(with_secret):
    answer = with_secret.assay("run", "--json")
    assert codes(answer)["Use"] == "secret-missing"
    assert "API_TOKEN" in results(answer)["Use"]["problem"]["what"]


def test_the_value_of_a_secret_decides_about_nothing(with_secret):
    with_secret.assay("run", API_TOKEN="hunter22-very-secret")
    assert outcomes(with_secret.assay("run", "--json", API_TOKEN="another-secret"))["Use"] == "reused"


def test_a_condition_skips_a_step_and_what_follows_goes_on(project):
    project.write(
        assay__yaml=(
            "steps:\n  - {name: Ship, run: 'touch shipped', when: branch == 'main', needs: []}\n"
            "  - {name: After, run: 'touch after', needs: [Ship]}\n"
        )
    )
    answer = project.assay("run", "--json", CI_COMMIT_BRANCH="feature")
    assert outcomes(answer) == {"Ship": "skipped", "After": "ok"}
    assert not (project.root / "shipped").exists()
    assert "- skip" in project.assay("plan", CI_COMMIT_BRANCH="feature").out
    assert outcomes(project.assay("run", "--json", CI_COMMIT_BRANCH="main"))["Ship"] == "ok"


PULL_REQUESTS = [
    {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_HEAD_REF": "main"},
    {"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_HEAD_REF": "main"},
    {"GITHUB_EVENT_NAME": "pull_request_review"},
    {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "main"},
    {"CI_PIPELINE_SOURCE": "parent_pipeline", "CI_MERGE_REQUEST_IID": "7"},
    {"CI_PIPELINE_SOURCE": "external_pull_request_event", "CI_COMMIT_BRANCH": "main"},
]


@pytest.mark.parametrize("environ", PULL_REQUESTS, ids=lambda environ: " ".join(environ.values()))
def test_a_request_from_the_main_of_a_fork_is_on_no_branch(project, environ):
    project.write(
        assay__yaml="steps:\n  - {name: Ship, run: x, when: branch == 'main'}\n  - {name: Tag, run: x, when: tag}\n"
        "  - {name: Look, run: 'true', when: 'event != \"push\"'}\n"
    )
    project.git("init", "-q", "-b", "main")
    project.git("add", ".")
    project.git("commit", "-qm", "first")
    project.git("tag", "v1")
    found = results(project.assay("run", "--json", **environ))
    assert {name: result["outcome"] for name, result in found.items()} == {
        "Ship": "skipped",
        "Tag": "skipped",
        "Look": "ok",
    }
    assert found["Ship"]["reason"] == "when: branch == 'main'; branch is not there"


def test_a_step_that_stands_is_skipped_where_its_condition_does_not_hold_any_more(project):
    project.write(
        assay__yaml="steps:\n  - {name: Ship, run: cp a b, inputs: [a], outputs: [b], when: branch == 'main'}\n", a="1"
    )
    assert outcomes(project.assay("run", "--json", CI_COMMIT_BRANCH="main")) == {"Ship": "ok"}
    assert outcomes(project.assay("run", "--json", CI_COMMIT_BRANCH="main")) == {"Ship": "reused"}
    assert outcomes(project.assay("run", "--json", CI_COMMIT_BRANCH="dev")) == {"Ship": "skipped"}


def test_each_cell_of_a_matrix_is_a_step_and_a_name_means_them_all(project):
    project.write(
        assay__yaml=(
            "steps:\n"
            "  - {name: Fit, run: 'cp a m-${matrix.model}', matrix: {model: [linear, forest]}, inputs: [a],\n"
            '     outputs: ["m-${matrix.model}"]}\n'
            "  - {name: Best, run: 'cat m-* > best', needs: [Fit], inputs: [m-linear, m-forest], outputs: [best]}\n"
        ),
        a="1",
    )
    assert outcomes(project.assay("run", "--json")) == {"Fit@linear": "ok", "Fit@forest": "ok", "Best": "ok"}
    (project.root / "m-linear").unlink()
    assert outcomes(project.assay("run", "Fit", "--json")) == {"Fit@linear": "reused", "Fit@forest": "reused"}
    assert (project.root / "m-linear").read_text() == "1"


FLAKY = "n=$(cat n 2>/dev/null || echo 0); echo $((n+1)) > n; echo 'Connection reset by peer'; test $n -ge 2"


def test_a_failure_of_the_network_is_tried_again_and_others_are_not(project):
    retries = "retries: {attempts: 3, backoff: 1s, on: [network]}"
    project.write(
        assay__yaml=(
            f'steps:\n  - {{name: Fetch, run: "{FLAKY}", {retries}, needs: []}}\n'
            f"  - {{name: Wrong, run: 'echo x >> tries; false', {retries}, needs: []}}\n"
        )
    )
    answer = project.assay("run", "--json")
    assert outcomes(answer) == {"Fetch": "ok", "Wrong": "failed"}
    assert results(answer)["Fetch"]["attempts"] == 3
    assert (project.root / "tries").read_text() == "x\n"
    assert "attempt 2 of 3, after the network failed it" in [line.get("reason") for line in answer.lines]


def test_what_the_machine_will_never_have_fails_at_once_by_name(project):
    project.write(assay__yaml="steps:\n  - {name: Train, run: touch ran, resources: {gpus: 64}}\n")
    answer = project.assay("run", "--json", CUDA_VISIBLE_DEVICES="0")
    assert codes(answer) == {"Train": "resources-not-there"}
    assert not (project.root / "ran").exists()


@pytest.mark.here("CUDA_VISIBLE_DEVICES says what this machine has, not what the nodes have")
def test_steps_that_do_not_fit_beside_each_other_wait(project):
    busy = "test ! -e busy && touch busy && sleep 0.2 && rm busy"
    project.write(
        assay__yaml="steps:\n"
        + "".join(f"  - {{name: s{at}, run: '{busy}', resources: {{gpus: 1}}, needs: []}}\n" for at in range(3))
    )
    answer = project.assay("run", "-j", "3", "--json", CUDA_VISIBLE_DEVICES="0")
    assert set(outcomes(answer).values()) == {"ok"}


READS = "steps:\n  - {name: Read, run: 'python read.py', inputs: [read.py], outputs: [out]%s}\n"
SCRIPT = "open('out', 'w').write(open('data.csv').read())\n"


def test_undeclared_data_is_a_warning_and_strictly_a_failure(project):
    project.write(assay__yaml=READS % "", read__py=SCRIPT, data__csv="1\n")
    answer = project.assay("run", "--json")
    assert [warning["code"] for warning in results(answer)["Read"]["warnings"]] == ["undeclared-input"]
    project.write(assay__yaml=READS % ", trace: strict")
    assert codes(project.assay("run", "--force", "--json")) == {"Read": "undeclared-input"}
    assert codes(project.assay("run", "--force", "--trace", "warn", "--json")) == {"Read": None}


def test_without_tracing_nothing_is_seen_and_nothing_is_claimed(project):
    project.write(assay__yaml=READS % ", trace: 'off'", read__py=SCRIPT, data__csv="1\n")
    result = results(project.assay("run", "--json"))["Read"]
    assert (result["trace"]["traced"], result["trace"]["how"], result["warnings"]) == (False, "off", [])
    project.write(data__csv="2\n")
    assert outcomes(project.assay("run", "--json")) == {"Read": "reused"}


def test_strictly_a_step_that_was_not_seen_is_said_to_be_so(project):
    project.write(
        assay__yaml="steps:\n  - {name: Copy, run: cp a b, inputs: [a], outputs: [b], trace: strict}\n", a="1"
    )
    assert [warning["code"] for warning in results(project.assay("run", "--json"))["Copy"]["warnings"]] == [
        "not-traced"
    ]


CHAIN = """\
steps:
  - {name: a, run: "false"}
  - {name: b, run: touch b-ran}
  - {name: c, run: touch c-ran, needs: [a]}
"""


def test_keep_going_runs_what_waited_only_by_its_place(project):
    project.write(assay__yaml=CHAIN)
    assert outcomes(project.assay("run", "--json")) == {"a": "failed", "b": "held", "c": "held"}
    assert outcomes(project.assay("run", "--keep-going", "--json")) == {"a": "failed", "b": "ok", "c": "held"}


def test_from_a_step_on_only_what_follows_it_is_looked_at(project):
    steps = (
        "steps:\n  - {name: a, run: cp x a, inputs: [x], outputs: [a]}\n  - {name: b, run: cp a b, inputs: [a], outputs: [b]}\n"
        "  - {name: c, run: cp b c, inputs: [b], outputs: [c]}\n"
    )
    project.write(assay__yaml=steps, x="1")
    project.assay("run")
    assert outcomes(project.assay("run", "--from", "b", "--json")) == {"b": "reused", "c": "reused"}
    assert outcomes(project.assay("run", "--from", "b", "b", "--json")) == {"b": "reused"}


def test_force_with_names_forces_only_those(project):
    steps = "steps:\n  - {name: a, run: cp x a, inputs: [x], outputs: [a]}\n  - {name: b, run: cp a b, inputs: [a], outputs: [b]}\n"
    project.write(assay__yaml=steps, x="1")
    project.assay("run")
    assert outcomes(project.assay("run", "b", "--force", "--json")) == {"a": "reused", "b": "ok"}


def test_a_dry_run_is_the_plan(project):
    project.write(assay__yaml="steps:\n  - {name: a, run: touch ran, inputs: [x]}\n", x="1")
    assert project.assay("run", "--dry-run").out == project.assay("plan").out
    assert project.assay("run", "--dry-run").code == project.assay("plan").code == 0
    assert not (project.root / "ran").exists()


def test_the_same_key_with_other_bytes_is_said_to_be_not_deterministic(project):
    project.write(
        assay__yaml="steps:\n  - {name: Roll, run: 'date +%s%N > dice', inputs: [x], outputs: [dice]}\n", x="1"
    )
    project.assay("run")
    answer = project.assay("run", "--force", "--json")
    assert [warning["code"] for warning in results(answer)["Roll"]["warnings"]] == ["not-deterministic"]


def test_many_steps_that_stand_are_told_in_a_line(project):
    steps = "".join(f"  - {{name: s{at}, run: cp x o{at}, inputs: [x], outputs: [o{at}]}}\n" for at in range(30))
    project.write(assay__yaml=f"steps:\n{steps}", x="1")
    project.assay("run", "-j", "4")
    answer = project.assay("run")
    assert answer.out.strip().splitlines()[-1].startswith("run 2: ok · 0 ran · 30 reused")
    assert json.loads(project.assay("plan", "--json").out)["steps"][0]["decision"] == "reuse"


def test_a_secret_that_was_added_is_why_the_step_runs_again(project):
    step = "{{name: Train, run: cp a b, inputs: [a], outputs: [b]{more}}}"
    project.write(assay__yaml=f"steps:\n  - {step.format(more='')}\n", a="x")
    assert project.assay("run", TOKEN="t").code == 0
    project.put("assay.yaml", f"secrets: [TOKEN]\nsteps:\n  - {step.format(more=', secrets: [TOKEN]')}\n")
    (result,) = project.assay("run", "--json", TOKEN="t").lines[-1]["results"]
    assert result["reason"] == "its secret TOKEN is new"
