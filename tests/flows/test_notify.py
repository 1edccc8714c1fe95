"""People are told of failures, refusals, decay and rollbacks: once, signed, without secrets, and later where they cannot be reached."""

import hashlib
import hmac
import json
import signal
from pathlib import Path

import jsonschema
import msgspec
import pytest
from loop import labels, rows, write_loop
from receiver import open_receiver

from assay.core.notice import Letter, Notice

FAILS = """\
name: delays
secrets: [API_TOKEN, WEBHOOK_KEY]
steps:
  - name: Train
    run: 'echo "token is $API_TOKEN" && exit 3'
    secrets: [API_TOKEN]
notify:
  - url: ${TEAM_WEBHOOK}
    secret: WEBHOOK_KEY
"""


@pytest.fixture
def receiver():
    with open_receiver() as found:
        yield found


@pytest.fixture
def told(project, receiver):
    """A project whose one step fails, and who is told of it."""
    project.put("assay.yaml", FAILS)
    project.environ |= {"TEAM_WEBHOOK": receiver.url, "WEBHOOK_KEY": "key of the hook", "API_TOKEN": "tok-12345"}
    return project


def outbox(project) -> list[Letter]:
    files = (project.root / ".assay/outbox").glob("*.json")
    return [msgspec.json.decode(path.read_bytes(), type=Letter) for path in files]


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_failure_is_posted_when_the_run_has_ended(told, receiver):
    assert told.assay("run").code == 1
    (notice,) = receiver.notices
    assert (notice["schema"], notice["kind"], notice["pipeline"]) == ("assay.notice/1", "failed", "delays")
    assert (notice["run"], notice["step"]) == (1, "Train")
    assert notice["text"].startswith("delays: run 1 failed at Train: ")
    assert notice["problem"]["code"] == "step-failed"
    jsonschema.validate(
        notice, json.loads((Path(__file__).parents[2] / "docs/reference/notice.schema.json").read_text())
    )
    assert outbox(told) == []


def test_it_is_signed_over_the_time_and_the_body(told, receiver):
    told.assay("run")
    (headers,), (body,) = receiver.headers, receiver.bodies
    signed = headers["Assay-Timestamp"].encode() + b"." + body
    expected = hmac.new(b"key of the hook", signed, hashlib.sha256).hexdigest()
    assert headers["Assay-Signature"] == f"sha256={expected}"
    assert headers["Assay-Notice"] == json.loads(body)["id"]


def test_no_secret_is_told_or_kept_and_the_address_is_none_either(told, receiver):
    receiver.answers = [500]
    answer = told.assay("run")
    told_and_kept = receiver.bodies[0] + bytes_below(told.root / ".assay/outbox")
    assert b"tok-12345" not in told_and_kept
    everything = told_and_kept + answer.out.encode() + answer.err.encode() + bytes_below(told.root / ".assay")
    assert b"key of the hook" not in everything
    assert b"t0p-secret" not in everything


def test_who_cannot_be_reached_is_told_later_under_the_same_id(told, receiver):
    receiver.answers = [500]
    answer = told.assay("run")
    assert answer.code == 1
    assert "${TEAM_WEBHOOK} could not be reached yet: it answered 500\n" in answer.err
    (letter,) = outbox(told)
    assert (letter.attempts, letter.error) == (1, "it answered 500")
    assert told.assay("notify", "send").out == "nothing is due\n"
    again = told.assay("notify", "send", "--now", "--json")
    assert (again.code, again.json["sent"][0]["error"]) == (0, "")
    assert receiver.bodies[0] == receiver.bodies[1]
    assert outbox(told) == []


def test_a_later_command_tries_what_is_due(told, receiver):
    receiver.answers = [500]
    told.assay("run")
    (letter,) = outbox(told)
    place = told.root / f".assay/outbox/{letter.name}.json"
    place.write_bytes(msgspec.json.encode(msgspec.structs.replace(letter, due_s=0.0)))
    told.put("assay.yaml", FAILS.replace("exit 3", "true"))
    assert told.assay("run").code == 0
    assert [notice["run"] for notice in receiver.notices] == [1, 1]


def test_what_was_tried_for_days_is_given_up_and_that_is_told_once(told, receiver):
    receiver.answers = [500, 500]
    told.assay("run")
    (letter,) = outbox(told)
    place = told.root / f".assay/outbox/{letter.name}.json"
    place.write_bytes(msgspec.json.encode(msgspec.structs.replace(letter, due_s=0.0, written_s=1.0)))
    told.put("assay.yaml", FAILS.replace("exit 3", "true"))
    assert "${TEAM_WEBHOOK} was never reached: the notice is given up: it answered 500\n" in told.assay("run").err
    assert told.assay("run").err.count("given up") == 0
    assert outbox(told) == []


@pytest.mark.parametrize(
    ("answer", "said"), [(302, "it answered 302; a redirection is not followed"), (404, "it answered 404")]
)
def test_what_is_no_success_is_none(told, receiver, answer, said):
    receiver.answers = [answer]
    assert told.assay("notify", "test", "--json").json["sent"][0]["error"] == said


def test_a_webhook_that_hangs_ends_with_its_time(told, receiver):
    receiver.answers = [None]
    answer = told.assay("notify", "test", "--json")
    assert answer.json["sent"][0]["error"] == "no answer within 5 s"


def test_a_variable_that_is_not_set_is_named(told):
    del told.environ["TEAM_WEBHOOK"]
    answer = told.assay("run")
    assert "no environment variable TEAM_WEBHOOK is set" in answer.err
    assert outbox(told)[0].attempts == 1


def test_a_server_that_is_not_there_is_said_to_be(told):
    told.environ["TEAM_WEBHOOK"] = "http://127.0.0.1:9/nobody"
    assert told.assay("notify", "test", "--json").json["sent"][0]["error"] == "no connection: Connection refused"


def test_a_run_killed_before_it_told_anything_is_told_by_the_next_command(told, receiver):
    told.put("assay.yaml", FAILS.replace("exit 3", "sleep 60"))
    process = told.start("run", "--json")
    for line in process.stdout:
        if '"step-printed"' in line:
            break
    process.send_signal(signal.SIGKILL)
    process.communicate()
    told.put("assay.yaml", FAILS.replace("exit 3", "true"))
    assert told.assay("run").code == 0
    assert [notice["problem"]["code"] for notice in receiver.notices] == ["run-killed"]


def test_a_sender_killed_while_it_posts_tells_it_again(told, receiver):
    receiver.answers = [500]
    told.assay("run")
    receiver.came.clear()
    receiver.answers = [None]
    sender = told.start("notify", "send", "--now")
    assert receiver.came.wait(60)
    sender.kill()
    sender.communicate()
    assert told.assay("notify", "send", "--now").code == 0
    assert len({notice["id"] for notice in receiver.notices}) == 1
    assert outbox(told) == []


def test_two_senders_at_once_deliver_once(told, receiver):
    receiver.answers = [500]
    told.assay("run")
    senders = [told.start("notify", "send", "--now") for _ in range(4)]
    for sender in senders:
        sender.communicate(timeout=120)
    assert len(receiver.bodies) == 2


def test_what_happened_before_anyone_was_to_be_told_is_not_told(told, receiver):
    told.put("assay.yaml", FAILS.partition("notify:")[0])
    told.assay("run")
    told.put("assay.yaml", FAILS)
    told.assay("run")
    assert [notice["run"] for notice in receiver.notices] == [2]


def test_a_run_that_went_well_tells_nobody(told, receiver):
    told.put("assay.yaml", FAILS.replace("exit 3", "true"))
    assert told.assay("run").code == 0
    assert receiver.bodies == []


def test_only_what_was_asked_for_is_told(told, receiver):
    told.put("assay.yaml", FAILS + "    on: [refused]\n")
    told.assay("run")
    assert receiver.bodies == []


def test_a_command_gets_the_notice_on_its_input_and_in_variables(told):
    told.put("assay.yaml", FAILS.partition("notify:")[0] + "notify: [{run: ./tell.sh}]\n")
    told.put(
        "tell.sh", '#!/bin/sh\ncat > told.json\necho "$ASSAY_NOTICE_KIND $ASSAY_NOTICE_RUN [$API_TOKEN]" > told.txt\n'
    ).chmod(0o755)
    told.assay("run")
    assert json.loads((told.root / "told.json").read_text())["kind"] == "failed"
    assert (told.root / "told.txt").read_text() == "failed 1 []\n"


def test_a_command_that_fails_is_tried_again_and_says_why(told):
    told.put("assay.yaml", FAILS.partition("notify:")[0] + "notify: [{run: 'echo no route >&2; exit 4'}]\n")
    told.assay("run")
    assert outbox(told)[0].error == "exit code 4: no route"
    assert "exit code 4: no route" in told.assay("notify", "ls").out


def test_who_is_no_longer_in_the_file_gets_nothing_any_more(told, receiver):
    receiver.answers = [500]
    told.assay("run")
    told.put("assay.yaml", FAILS.partition("notify:")[0] + "notify: [{run: 'true'}]\n")
    assert told.assay("notify", "send", "--now").out == "nothing is due\n"
    assert outbox(told) == []


def test_a_refusal_decay_and_a_rollback_are_told(project, receiver):
    write_loop(project, slope=2.0)
    text = (project.root / "assay.yaml").read_text()
    project.put("assay.yaml", f"{text}notify: [{{url: '{receiver.url}'}}]\n")
    assert project.assay("run").code == 0
    project.put("slope.txt", "3.0")
    assert project.assay("run").code == 3
    project.put("arriving/one.csv", rows(200, 4.0, 2000, "2024-02-01", label=False))
    project.put("labels/one.csv", labels(200, 4.0, 2000))
    project.assay("watch", "--once")
    project.put("slope.txt", "2.001")
    project.assay("run", "--override", "--reason", "a trial")
    assert project.assay("rollback", "r1", "--reason", "too slow").code == 0
    told = [(notice["kind"], notice["text"]) for notice in receiver.notices]
    assert told[0][0] == "refused"
    assert told[0][1].startswith("line: run 2 was refused at Gate: ")
    assert [kind for kind, _ in told].count("decay") == 1
    assert "line: r1 has decayed: mae" in " ".join(text for _, text in told)
    assert told[-1] == ("rolled back", "line: rolled back to r1: too slow")


def test_an_outbox_that_cannot_be_written_fails_no_run(told, receiver):
    told.put("assay.yaml", FAILS.replace("exit 3", "true"))
    told.put(".assay/outbox", "a file in its place")
    answer = told.assay("run")
    assert answer.code == 0
    assert " ! cannot keep a letter in the outbox: File exists" in answer.err


def test_a_webhook_that_hangs_holds_up_no_run(told, receiver):
    """The run's process ends while the sender's still waits for an answer that does not come."""
    receiver.answers = [None]
    process = told.start("run", "--json")
    out, _ = process.communicate(timeout=60)
    assert json.loads(out.splitlines()[-1])["outcome"] == "failed"
    assert len(receiver.bodies) == 1


def test_the_schema_of_a_notice_is_the_one_in_the_docs():
    written = json.loads((Path(__file__).parents[2] / "docs/reference/notice.schema.json").read_text())
    assert written == json.loads(msgspec.json.encode(msgspec.json.schema(Notice)))
