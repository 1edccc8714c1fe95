"""What the fault tests of data checks run in a process of their own.

check_child.py with_memory 40MB data check ...     assay, whose checks have so little memory, on two threads
check_child.py accept_and_die                      accept what is proposed here, killed at every line that writes
check_child.py cut_while_read FILE                 read an Arrow file that is cut short meanwhile
"""

import io
import json
import os
import signal
import sys
from pathlib import Path

import duckdb

from assay.adapters.engines.arrow_files import ArrowFile
from assay.adapters.engines.duckdb import DuckdbEngine
from assay.adapters.engines.table_files import table_files
from assay.cli.frame import run_command_line
from assay.flows import accept, whole_file
from assay.flows.data_check import check_data
from assay.workspace import Workspace

BYTES_AT_ONCE = 64


def with_memory(limit, *words):
    """On two threads, however many processors there are: each takes memory of its own, so one spills less and eight have not enough."""
    connect = duckdb.connect
    duckdb.connect = lambda path, config: connect(path, config={**config, "threads": 2})
    DuckdbEngine.__init__.__defaults__ = (limit,)
    sys.argv[1:] = words
    sys.exit(run_command_line())


def accept_and_die():
    """In a child each, until one lives; after each the rules are told and put back, and what lies beside them is left there."""
    workspace = Workspace(Path.cwd(), os.environ)
    held = check_data(workspace)
    whole_file.FileIO = SlowFile
    before = rules()
    line = 0
    while True:
        line += 1
        child = os.fork()
        if child == 0:
            die_at(line)
            accept.accept(workspace, held)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        tell(lived=status == 0, rules=rules(), beside=sorted(path.name for path in Path.cwd().rglob(".*.new")))
        if not os.WIFSIGNALED(status):
            return
        for name, text in before.items():
            Path(name).write_text(text)


class SlowFile(io.FileIO):
    """A disk that takes a few bytes at once: a line for each of them."""

    def write(self, data):
        return super().write(bytes(data[:BYTES_AT_ONCE]))


def die_at(line):
    """Kill this process before so many lines of what writes files whole."""
    left = line

    def trace(frame, event, _):
        nonlocal left
        if frame.f_code.co_filename != whole_file.__file__:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def rules():
    return {str(path): path.read_text() for path in (Path("assay.yaml"), *Path("checks").glob("*.yaml"))}


def cut_while_read(path):
    (file,) = table_files([Path(path)])
    batches = ArrowFile(file)._batches()
    next(batches)
    os.truncate(path, Path(path).stat().st_size // 2)
    try:
        rows = sum(batch.num_rows for batch in batches)
    except ValueError as error:
        tell(said=str(error))
    else:
        tell(rows=rows)


def tell(**facts):
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    scene, *rest = sys.argv[1:]
    globals()[scene](*rest)
