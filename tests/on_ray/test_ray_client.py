"""A run by a cluster that is reached through Ray's client, from a machine that is no node of it."""

import os
import socket
import subprocess
import sys

import pytest

from two_nodes import two_nodes

pytestmark = pytest.mark.ray

ABOVE_WORKERS = 20_100
"""Ray gives the ports from 10002 to 19999 to its workers."""


def free_port() -> int:
    """One that nobody listens on."""
    for port in range(ABOVE_WORKERS, ABOVE_WORKERS + 500):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)):
                return port
    raise OSError("no port is free")


DIES_AT_BIRTH = """
import os, pathlib
if b"--mode=specific-server" in pathlib.Path("/proc/self/cmdline").read_bytes():
    try:
        os.mkdir({mark!r})
    except FileExistsError:
        pass
    else:
        os._exit(1)
"""
"""For ``sitecustomize``: of the servers that a cluster starts, one for each client, the first one dies (see CONNECT_ATTEMPTS)."""


@pytest.fixture
def client_address(tmp_path_factory, monkeypatch):
    """``ray://host:port`` of a cluster of two nodes."""
    folder = tmp_path_factory.mktemp("first-server")
    (folder / "sitecustomize.py").write_text(DIES_AT_BIRTH.format(mark=str(folder / "died")))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    port = free_port()
    with two_nodes(ray_client_server_port=port):
        yield f"ray://127.0.0.1:{port}"
    assert (folder / "died").is_dir()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Ray leaves its server's logs open
def test_steps_run_through_rays_client(client_address, tmp_path):
    (tmp_path / "i.txt").write_text("1\n")
    (tmp_path / "assay.yaml").write_text(
        "steps:\n"
        "  - {name: a, run: cp i.txt o.txt; echo said, inputs: [i.txt], outputs: [o.txt]}\n"
        "  - {name: b, run: cat o.txt, inputs: [o.txt]}\n"
    )
    environ = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    command = [sys.executable, "-m", "assay", "run", "--on", client_address]
    first = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "   | said" in first.stderr
    assert (tmp_path / "o.txt").read_text() == "1\n"
    again = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert "0 ran · 2 reused" in again.stdout
