"""The demo shows the whole loop on real flights, and its last line says what it showed."""

import json
import subprocess
import sys
from pathlib import Path

CHECK = Path(__file__).parents[2] / "tools" / "check_demo.py"


def test_a_year_of_flights(project):
    answer = project.assay("demo", "--exit", "--json")
    assert answer.code == 0, answer.err
    report = answer.lines[-1]
    held = subprocess.run([sys.executable, CHECK], input=answer.out, text=True, check=False, capture_output=True)
    assert held.returncode == 0, held.stderr
    assert report["folder"] == str(project.root)
    assert [month["rows"] for month in report["months"][1:]] == [4000] * 11
    assert report["refusals"][0]["verdict"] in ("fail", "undecided")
    for month in report["months"]:
        assert month["release"] in {release["release"] for release in report["releases"]}
    kinds = [line["event"] for line in answer.lines]
    assert kinds.count("month") == 12
    assert kinds.count("release") == len(report["releases"])

    svg = Path(report["chart"]).read_text()
    assert svg.startswith("<svg")
    assert svg.count('class="refusal"') == len(report["refusals"]) + 1

    status = project.assay("status", "--json").json
    assert status["live"]["release"] == report["releases"][-1]["release"]
    assert project.assay("ledger", "verify").code == 0
    assert project.assay("release", "verify", status["live"]["release"]).code == 0
    assert project.git("status", "--porcelain") == ""
    served = [line for file in project.root.glob(".assay/predictions/*") for line in file.read_text().splitlines()]
    assert [json.loads(line)["release"] for line in served] == [status["live"]["release"]]


def test_the_demo_overwrites_nothing(project):
    project.put("mine.txt", "precious")
    answer = project.assay("demo", str(project.root), "--exit")
    assert answer.code == 2
    assert "is not an empty folder" in answer.err
    assert (project.root / "mine.txt").read_text() == "precious"
