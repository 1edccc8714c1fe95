"""Start-up stays light: what `--version` and `status --json` may load is named here."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

HEAVY = (
    "numpy",
    "duckdb",
    "yaml",
    "uvicorn",
    "h11",
    "asyncio",
    "dataclasses",
    "subprocess",
    "importlib.metadata",
    "pickle",
)
OURS = {
    "assay",
    "assay.__main__",
    "assay.adapters",
    "assay.adapters.disk",
    "assay.cli",
    "assay.core",
    "assay.flows",
    "assay.flows.status",
    "assay.plugins",
    "assay.workspace",
    "assay.workspace.declared",
    "assay.workspace.roots",
    "assay.workspace.workspace",
}
OURS_BELOW = (
    "assay.watch",
    "assay.core.",
    "assay.cli.",
    "assay.adapters.caches",
    "assay.adapters.ledgers",
    "assay.adapters.locks",
    "assay.adapters.clocks",
)


def loaded_by(folder: Path, *words: str) -> set[str]:
    program = (
        "import atexit, json, sys\n"
        f"sys.argv = ['assay', *{list(words)!r}]\n"
        "atexit.register(lambda: print('\\n' + json.dumps(sorted(sys.modules))))\n"
        "from assay.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def with_ledger(tmp_path: Path) -> Path:
    (tmp_path / "assay.yaml").write_text("name: p\nsteps:\n  - {name: a, run: 'true'}\n")
    words = [sys.executable, "-m", "assay", "run"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, env=dict(os.environ))
    return tmp_path


def test_version_loads_nothing_but_the_package_itself(tmp_path):
    ours = {name for name in loaded_by(tmp_path, "--version") if name.partition(".")[0] == "assay"}
    assert ours == {"assay", "assay.__main__"}


def test_status_loads_no_heavy_library_and_only_these_rooms(tmp_path):
    loaded = loaded_by(with_ledger(tmp_path), "status", "--json")
    assert sorted(loaded & set(HEAVY)) == []
    ours = {name for name in loaded if name.partition(".")[0] == "assay" and not name.startswith(OURS_BELOW)}
    assert sorted(ours - OURS) == []
    assert loaded.isdisjoint({f"assay.cli.{name}" for name in ("run", "watch", "serve", "demo", "look", "release")})


def test_status_asked_again_loads_next_to_nothing(tmp_path):
    folder = with_ledger(tmp_path)
    deadline = time.monotonic() + 120
    while not (folder / ".assay/status.json").exists():
        assert time.monotonic() < deadline
        loaded_by(folder, "status", "--json")
    loaded = loaded_by(folder, "status", "--json")
    assert {name for name in loaded if name.partition(".")[0] == "assay"} == {
        "assay",
        "assay.__main__",
        "assay.cli",
        "assay.cli.quick",
    }
    assert loaded.isdisjoint({"click", "msgspec", "sqlite3", "blake3", "pathlib"})


def test_importing_the_package_loads_nothing_else(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "import sys, assay; print([m for m in sys.modules if m.startswith('assay.')])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
