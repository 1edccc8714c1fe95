"""The suite in Assay's words: one file of rules for each way in which it is asked, and projects of one step."""

import os
from pathlib import Path

SUITES = {
    "holds": "all hold",
    "unique": "all hold, with the key",
    "fails": "4 fail: rows and values of each",
    "keyed": "4 fail, under the key",
    "sliced": "4 fail: rows, values, and where by carrier and origin",
}

_RULES = """\
rows: 300_000..
fresh: {time_hour: 36500 days}
closed: true
columns:
  year: int?
  month: int 1..12
  day: int 1..31
  dep_time: int? 1..2400, nulls <= 5%
  sched_dep_time: int?
  dep_delay: int? -60..1440, mean 5..20
  arr_time: int?
  sched_arr_time: int?
  arr_delay: int?, p95 <= 120, nulls <= 3%
  carrier: str in airlines.parquet:carrier
  flight: int?
  tailnum: str? ~ '^N[0-9]{1,5}[A-Z]{0,2}$', nulls <= 1%, allow 7%
  origin: str in [EWR, JFK, LGA]
  dest: str? len 3
  air_time: int?
  distance: int 50..5000, allow 0.001%
  hour: int? 0..23
  minute: int? 0..59
  time_hour: time?
rules:
  sched: sched_dep_time = hour*100 + minute
  arrival: {if: dep_time is not null, then: arr_time >= dep_time or dep_time - arr_time > 1200, allow: 0.001%}
"""


def write_project(folder: Path, data: list[str]) -> None:
    """Beside the data: a project for each suite, one with a step over the year with its key, one with a step that does nothing."""
    broken = _RULES.replace(", allow 7%", "").replace(", allow 0.001%", "").replace(", allow: 0.001%", "")
    broken = broken.replace("[EWR, JFK, LGA]", "[EWR, JFK]")
    texts = {
        "holds": _RULES,
        "unique": f"unique: [time_hour, carrier, flight]\n{_RULES}",
        "fails": broken,
        "keyed": f"unique: [time_hour, carrier, flight]\n{broken}",
        "sliced": f"{broken}slices: [carrier, origin]\n",
    }
    for suite, text in texts.items():
        _project(folder / suite, data, text)
    _project(folder / "step", data[:1], texts["unique"])
    (folder / "empty").mkdir()
    (folder / "empty" / "assay.yaml").write_text("steps:\n  - {name: Nothing, run: 'true'}\n")


def _project(folder: Path, data: list[str], rules: str) -> None:
    folder.mkdir()
    for name in (*data, "airlines.parquet"):
        os.link(folder.parent / name, folder / name)
    (folder / "rules.yaml").write_text(rules)
    checks = "".join(f"      {name}: rules.yaml\n" for name in data)
    (folder / "assay.yaml").write_text(f"steps:\n  - name: Data\n    check:\n{checks}")
