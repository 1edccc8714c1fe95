"""What the engine costs beside those that people use: ninja, make, doit, Snakemake and DVC, on the same trivial steps, in one run.

    python bench/engine.py [--quick] [--peers FOLDER]

Each tool gets the same graphs of ``cp`` in a folder of its own: a fan (all steps read one source), a chain (each reads the one
before). CPU seconds are those of the tool's whole process tree, start-up, steps and (Assay) guard included; memory is the largest
process. Slow tools run fewer steps, and their figures are a step's, as the column says. Peers are installed into a folder of their
own from PyPI, and pandas for the table of tracing must be there (make comes with the system). Prints the machine, its load and what one fsync takes, for this is a shared machine: trust
ratios of CPU, not times. All folders are removed at the end: ext4 without a journal passes over the inodes of files that were removed in the
last minutes, one by one, whenever it makes a file, so that whoever is measured after a clean-up would pay for it.
"""

import argparse
import datetime as dt
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

PEERS = ("ninja==1.13.2", "doit==0.37.0", "snakemake==9.27.1", "dvc==3.67.1")
BIN = Path(sys.executable).parent
ENVIRON = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Spent(msgspec.Struct, frozen=True):
    """What a command cost, its children included."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def spend(command: list[str], folder: Path) -> Spent:
    """Run it in a process of its own, so that its memory is nobody else's."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        begun_s = time.monotonic()
        done = subprocess.run(
            command,
            cwd=folder,
            env=ENVIRON,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        wall_s = time.monotonic() - begun_s
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            sys.stderr.buffer.write(done.stderr[-2000:])
        answer = Spent(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss / 1024)
        os.write(write, msgspec.json.encode((done.returncode, answer)))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        code, spent = msgspec.json.decode(told.read(), type=tuple[int, Spent])
    os.waitpid(pid, 0)
    if code:
        raise SystemExit(f"{' '.join(command)} in {folder} ended with {code}")
    return spent


Edges = list[tuple[str, str]]
"""(input, output) of each step, in order."""


def fan(steps: int) -> Edges:
    return [("src.txt", f"o{at}.txt") for at in range(steps)]


def chain(steps: int) -> Edges:
    return [("src.txt" if at == 0 else f"o{at - 1}.txt", f"o{at}.txt") for at in range(steps)]


def write_assay(folder: Path, edges: Edges) -> None:
    lines = (
        f"  - {{name: s{at}, run: cp {made_of} {made}, inputs: [{made_of}], outputs: [{made}]}}\n"
        for at, (made_of, made) in enumerate(edges)
    )
    (folder / "assay.yaml").write_text("steps:\n" + "".join(lines))


def write_ninja(folder: Path, edges: Edges) -> None:
    lines = (f"build {made}: copy {made_of}\n" for made_of, made in edges)
    (folder / "build.ninja").write_text("rule copy\n  command = cp $in $out\n" + "".join(lines))


def write_make(folder: Path, edges: Edges) -> None:
    lines = (f"{made}: {made_of}\n\tcp {made_of} {made}\n" for made_of, made in edges)
    (folder / "Makefile").write_text(f"all: {' '.join(made for _, made in edges)}\n" + "".join(lines))


def write_doit(folder: Path, edges: Edges) -> None:
    (folder / "dodo.py").write_text(
        f"EDGES = {edges!r}\n\ndef task_copy():\n    for made_of, made in EDGES:\n"
        "        yield {'name': made, 'actions': [f'cp {made_of} {made}'], 'file_dep': [made_of], 'targets': [made]}\n"
    )


def write_snakemake(folder: Path, edges: Edges) -> None:
    rules = (
        f"rule r{at}:\n    input: '{made_of}'\n    output: '{made}'\n    shell: 'cp {{input}} {{output}}'\n"
        for at, (made_of, made) in enumerate(edges)
    )
    (folder / "Snakefile").write_text(f"rule all:\n    input: {[made for _, made in edges]}\n" + "".join(rules))


def write_dvc(folder: Path, edges: Edges) -> None:
    stages = (
        f"  s{at}:\n    cmd: cp {made_of} {made}\n    deps: [{made_of}]\n    outs: [{made}]\n"
        for at, (made_of, made) in enumerate(edges)
    )
    (folder / "dvc.yaml").write_text("stages:\n" + "".join(stages))
    subprocess.run([PEERS_BIN / "dvc", "init", "--no-scm", "-q"], cwd=folder, check=True, env=ENVIRON)


class Tool(msgspec.Struct, frozen=True):
    """A tool: how its file is written, and the command that runs all of it with two jobs."""

    name: str
    write: Callable[[Path, Edges], None]
    command: list[str]
    most_steps: int = 100_000


PEERS_BIN = Path()


def tools() -> list[Tool]:
    return [
        Tool("ninja", write_ninja, [str(PEERS_BIN / "ninja"), "-j2"]),
        Tool("make", write_make, ["make", "-j2", "-s"]),
        Tool("Assay", write_assay, [str(BIN / "assay"), "run", "-j2"]),
        Tool("doit", write_doit, [str(PEERS_BIN / "doit"), "-n2"], 1_000),
        Tool("Snakemake", write_snakemake, [str(PEERS_BIN / "snakemake"), "-j2", "-q", "all"], 100),
        Tool("DVC", write_dvc, [str(PEERS_BIN / "dvc"), "repro", "-q"], 100),
    ]


def install_peers(folder: Path) -> None:
    global PEERS_BIN  # noqa: PLW0603 - the one place that says where the peers are
    PEERS_BIN = folder / "bin"
    if not (PEERS_BIN / "dvc").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([PEERS_BIN / "pip", "install", "-q", "--disable-pip-version-check", *PEERS], check=True)


def conditions() -> str:
    """The machine, in a line."""
    with tempfile.TemporaryDirectory() as folder:
        target = os.open(Path(folder, "x"), os.O_WRONLY | os.O_CREAT)
        took = []
        for _ in range(20):
            os.write(target, b"x")
            begun_s = time.monotonic()
            os.fsync(target)
            took.append(time.monotonic() - begun_s)
    cpu = next(
        (line.partition(": ")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    load = os.getloadavg()[0]
    return (
        f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores {cpu}, load {load:.1f}, "
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}; an fsync takes {1e3 * statistics.median(took):.1f} ms"
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def graph_table(scratch: Path, title: str, edges: Callable[[int], Edges], steps: int, rounds: int) -> None:
    print(f"\n## {title}\n")
    print(
        "| tool | steps | first run, CPU s | wall s | beside ninja | nothing to do, CPU s | touched, CPU s | one input changed, CPU s | MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    ninja_s = None
    for tool in tools():
        count = min(steps, tool.most_steps)
        first, idle, touched, changed = [], [], [], []
        for _ in range(rounds if count == steps else 1):
            folder = Path(tempfile.mkdtemp(dir=scratch))
            (folder / "src.txt").write_text("one\n")
            tool.write(folder, edges(count))
            first.append(spend(tool.command, folder))
            idle.append(min((spend(tool.command, folder) for _ in range(3)), key=lambda spent: spent.cpu_s))
            time.sleep(1.1)  # tools that go by whole seconds
            os.utime(folder / "src.txt")
            touched.append(spend(tool.command, folder))
            time.sleep(1.1)
            (folder / "src.txt").write_text("two\n")
            changed.append(spend(tool.command, folder))
        best = min(first, key=lambda spent: spent.cpu_s)
        a_step = best.cpu_s / count
        ninja_s = a_step if tool.name == "ninja" else ninja_s
        print(
            f"| {tool.name} | {count:,} | {best.cpu_s:.2f} | {best.wall_s:.2f} | {a_step / (ninja_s or a_step):.2f} x "
            f"| {min(s.cpu_s for s in idle):.3f} | {min(s.cpu_s for s in touched):.3f} | {min(s.cpu_s for s in changed):.2f} "
            f"| {max(s.peak_mb for s in first):.0f} |",
            flush=True,
        )


def write_bare(folder: Path, edges: Edges) -> None:
    """The same steps for Assay, which neither keeps what they make nor looks what they read."""
    lines = (
        f"  - {{name: s{at}, run: cp {made_of} {made}, inputs: [{made_of}]}}\n"
        for at, (made_of, made) in enumerate(edges)
    )
    (folder / "assay.yaml").write_text("trace: 'off'\nsteps:\n" + "".join(lines))


def bare_table(scratch: Path, steps: int, rounds: int) -> None:
    """The cost of starting steps alone; the two tools in turn."""
    print(f"\n## {steps:,} steps in a fan, without outputs and traces\n")
    print("| tool | first run, CPU s | wall s |\n|---|---|---|")
    ninja, assay = (tool for tool in tools() if tool.name in ("ninja", "Assay"))
    spent: dict[str, list[Spent]] = {ninja.name: [], assay.name: []}
    for _ in range(rounds):
        for tool, write in ((ninja, ninja.write), (assay, write_bare)):
            folder = Path(tempfile.mkdtemp(dir=scratch))
            (folder / "src.txt").write_text("one\n")
            write(folder, fan(steps))
            spent[tool.name].append(spend(tool.command, folder))
    for name, each in spent.items():
        best = min(each, key=lambda one: one.cpu_s)
        print(f"| {name} | {best.cpu_s:.2f} | {best.wall_s:.2f} |", flush=True)
    ratios = [ours.cpu_s / theirs.cpu_s for theirs, ours in zip(*spent.values(), strict=True)]
    print(f"\nCPU beside ninja, median of the pairs: {statistics.median(ratios):.2f} x")


def large_table(scratch: Path, steps: int) -> None:
    """Assay alone on many steps: memory, and a run in which nothing is to be done."""
    print(f"\n## {steps:,} steps in a fan\n")
    print("| tool | first run, CPU s | nothing to do, CPU s | MB |\n|---|---|---|---|")
    for tool in tools()[:3]:
        folder = Path(tempfile.mkdtemp(dir=scratch))
        (folder / "src.txt").write_text("one\n")
        tool.write(folder, fan(steps))
        first = spend(tool.command, folder)
        idle = [spend(tool.command, folder) for _ in range(3)]
        peak = max(spent.peak_mb for spent in (first, *idle))
        print(f"| {tool.name} | {first.cpu_s:.1f} | {min(s.cpu_s for s in idle):.3f} | {peak:.0f} |", flush=True)


TRACED = {
    "import pandas": "import pandas",
    "100,000 opens of 1,000 files": (
        "import os\nfor at in range(1000):\n    open(f'f{at}', 'w').close()\n"
        "for turn in range(100):\n    for at in range(1000):\n        with open(f'f{at}'):\n            pass\n"
    ),
}


def tracing_table(scratch: Path, rounds: int) -> None:
    """A Python step with and without the hook that sees its files; the two in turn."""
    print("\n## Tracing\n\n| step | without, CPU s | with, CPU s | median of the ratios |\n|---|---|---|---|")
    for what, program in TRACED.items():
        plain, seen = [], []
        for _ in range(rounds):
            for mode, into in (("off", plain), ("warn", seen)):
                folder = Path(tempfile.mkdtemp(dir=scratch))
                (folder / "step.py").write_text(program)
                (folder / "assay.yaml").write_text(
                    f"steps:\n  - {{name: a, run: {sys.executable} step.py, trace: '{mode}'}}\n"
                )
                spend([str(BIN / "assay"), "plan"], folder)  # what is asked once of an interpreter
                into.append(spend([str(BIN / "assay"), "run"], folder).cpu_s)
        ratio = statistics.median(with_s / without_s for with_s, without_s in zip(seen, plain, strict=True))
        print(f"| {what} | {statistics.median(plain):.2f} | {statistics.median(seen):.2f} | {ratio:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="100 steps, one round, and nothing large")
    parser.add_argument("--peers", type=Path, default=Path(tempfile.gettempdir()) / "assay-bench-peers")
    wanted = parser.parse_args()
    install_peers(wanted.peers)
    if shutil.which("make") is None:
        raise SystemExit("make is not here")
    steps, rounds = (100, 1) if wanted.quick else (1_000, 3)
    print(conditions())
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        graph_table(scratch, f"A fan of {steps:,}", fan, steps, rounds)
        graph_table(scratch, f"A chain of {steps:,}", chain, steps, rounds)
        bare_table(scratch, steps, rounds + 2)
        if not wanted.quick:
            large_table(scratch, 10_000)
        tracing_table(scratch, 3 if wanted.quick else 7)


if __name__ == "__main__":
    main()
