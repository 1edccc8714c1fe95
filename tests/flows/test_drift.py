"""Drift since the champion's data, through a real pipeline: trained in January, and what came after."""

import datetime as dt
import json
import random
import sqlite3

from loop import ASSAY_YAML, write_loop

DRIFT = """\
          kind: str in [a, b, c]
        drift: {since: champion, batch: 1 day, window: 7 days, ignore: [id]}
"""


def days(start: str, count: int, shift: float = 0, first: int = 0) -> str:
    draw = random.Random(first)
    begins = dt.date.fromisoformat(start)
    lines = ["id,day,kind,x,y"]
    for number in range(30 * count):
        x = draw.uniform(1, 60) + shift
        day = begins + dt.timedelta(number // 30)
        lines.append(f"{first + number},{day},{draw.choice('ab')},{x:.3f},{2 * x + draw.gauss(0, 1):.3f}")
    return "\n".join(lines) + "\n"


def with_drift(project, rule: str = DRIFT):
    write_loop(project)
    project.put("assay.yaml", ASSAY_YAML.replace("          kind: str in [a, b]\n", rule))
    project.put("train.csv", days("2024-01-01", 40))
    return project


def reports(project) -> list[dict]:
    with sqlite3.connect(project.root / ".assay/ledger.sqlite") as ledger:
        kept = ledger.execute("SELECT event FROM event WHERE kind = 'checked' ORDER BY seq").fetchall()
    return [json.loads(event)["report"] for (event,) in kept]


def drift_of(report: dict) -> list[tuple[bool, str, str]]:
    return [(f["passed"], f["rule"], f["detail"]) for f in report["findings"] if "drift" in f["rule"]]


def test_data_that_moved_since_the_champion_is_found_from_the_ledger_and_the_store_alone(project) -> None:
    with_drift(project)
    first = project.assay("run")
    assert first.code == 0, first.err
    assert "; drift: no reference yet: there is no champion yet" in first.err + first.out
    (report,) = reports(project)
    assert drift_of(report) == [(True, "drift: since champion", "no reference yet: there is no champion yet")]
    assert report["profile"].startswith("b3:")
    assert project.assay("release", "ls", "--json").json["releases"][0]["is_champion"]

    # The data is another now, and its old bytes are gone with the cache: what is left is what the ledger and the store keep.
    project.put("train.csv", days("2024-03-01", 30, shift=25, first=5000))
    for left in (project.root / ".assay").iterdir():
        if left.name.startswith("cache"):
            left.unlink()
    for kept in (project.root / ".assay/store/objects").rglob("*"):
        if kept.is_file() and kept.read_bytes() == days("2024-01-01", 40).encode():
            kept.unlink()
    plan = project.assay("plan", "Check")
    assert "run" in plan.out + plan.err
    second = project.assay("run", "Check")
    assert second.code == 0, second.err
    found = drift_of(reports(project)[-1])
    assert [passed for passed, _, _ in found] == [False, False, True]
    assert {found[0][1], found[1][1]} == {"x: drift", "y: drift"}
    assert found[0][2].startswith(("median 3", "median 6"))
    assert "; since champion (train@" in found[0][2]
    assert "measured on the reference: " in found[-1][2]
    assert reports(project)[-1]["drift"]["reference_batches"] == 40
    assert "train.csv: x: drift: median 3" in second.err + second.out

    third = project.assay("run", "Check")
    assert "reused" in third.err + third.out
    assert len(reports(project)) == 2


def test_drift_of_severity_error_stops_the_run(project) -> None:
    with_drift(project, DRIFT.replace("since: champion", "since: jan.csv, severity: error"))
    project.put("jan.csv", days("2024-01-01", 40))
    project.put("train.csv", days("2024-03-01", 30, shift=25, first=5000))
    answer = project.assay("run")
    assert answer.code == 4
    assert "x: drift: median " in answer.err + answer.out


def test_a_version_or_a_release_is_a_reference_and_an_unknown_one_is_said(project) -> None:
    with_drift(project)
    assert project.assay("run").code == 0
    version = reports(project)[0]["dataset"]["digest"][3:11]
    project.put("train.csv", days("2024-03-01", 30, shift=25, first=5000))
    for since, expected in (
        (f"train@{version}", f"drift: since train@{version}"),
        ("r1", f"drift: since r1 (train@{version})"),
        ("train@00000000", "drift: since train@00000000"),
    ):
        project.put(
            "assay.yaml",
            ASSAY_YAML.replace("          kind: str in [a, b]\n", DRIFT.replace("since: champion", f"since: {since}")),
        )
        answer = project.assay("run", "Check")
        assert answer.code == 0, answer.err
        assert drift_of(reports(project)[-1])[-1][1] == expected
    assert drift_of(reports(project)[-1])[-1][2] == (
        "no reference yet: no check, release or step has seen train@00000000"
    )
    project.put(
        "assay.yaml",
        ASSAY_YAML.replace("          kind: str in [a, b]\n", DRIFT.replace("since: champion", "since: r7")),
    )
    answer = project.assay("run", "Check")
    assert answer.code != 0
    assert "there is no release r7" in answer.err + answer.out


def test_a_file_of_rules_asks_for_drift_with_and_without_a_project(project) -> None:
    project.put("jan.csv", days("2024-01-01", 40))
    project.put("mar.csv", days("2024-03-01", 30, shift=25, first=5000))
    project.put("rules.yaml", "drift: {since: jan.csv, batch: 1 day, time: day, window: 7 days, severity: error}\n")
    project.put("champion.yaml", "drift: {since: champion, batch: 1 day, time: day}\n")
    for _ in range(2):
        answer = project.assay("data", "check", "mar.csv", "--rules", "rules.yaml", "--json")
        assert answer.code == 4
        (report,) = answer.json["reports"]
        assert [passed for passed, _, _ in drift_of(report)] == [False, False, True]
        assert report["profile"] is None
        (report,) = project.assay("data", "check", "mar.csv", "--rules", "champion.yaml", "--json").json["reports"]
        assert drift_of(report)[0][2].startswith("no reference yet: there is no ")
        write_loop(project)


def test_a_column_that_drifted_before_is_not_said_to_have_passed(project) -> None:
    project.put("jan.csv", days("2024-01-01", 40))
    with_drift(project, DRIFT.replace("since: champion", "since: jan.csv"))
    project.put("train.csv", days("2024-03-01", 30, shift=25, first=5000))
    assert project.assay("run", "Check").code == 0
    for report in (reports(project)[-1], project.assay("data", "check", "--json").json["reports"][0]):
        assert {each["since"] for each in report["findings"] if not each["passed"]} == {""}
    project.put("train.csv", days("2024-03-01", 30, first=5000))
    assert project.assay("run", "Check").code == 0
    project.put("train.csv", days("2024-03-01", 30, shift=30, first=5000))
    drifted = [
        each for each in project.assay("data", "check", "--json").json["reports"][0]["findings"] if not each["passed"]
    ]
    assert {each["since"].partition("@")[0] for each in drifted if each["rule"] == "x: drift"} == {"train"}


def test_a_folder_is_one_version_to_checks_training_and_drift(project) -> None:
    with_drift(project)
    text = project.root.joinpath("assay.yaml").read_text()
    project.put("assay.yaml", text.replace("train.csv", "train"))
    project.root.joinpath("train.csv").unlink()
    for month, start in enumerate(("2024-01-01", "2024-01-21")):
        project.put(f"train/{month}.csv", days(start, 20, first=600 * month))
    project.put("train.py", project.root.joinpath("train.py").read_text().replace("train.csv", "train/0.csv"))
    first = project.assay("run")
    assert first.code == 0, first.err
    project.put("train/2.csv", days("2024-03-01", 30, shift=25, first=5000))
    assert project.assay("run", "Check").code == 0
    found = drift_of(reports(project)[-1])
    assert [passed for passed, _, _ in found] == [False, False, True]
    assert found[-1][1].startswith("drift: since champion (train@")
