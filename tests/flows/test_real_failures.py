"""Steps that really fail, each in its own way, and the cause that is named. What cannot be had here (a GPU, a hub) is in
tests/unit/explain/test_known_failures.py by its log.
"""

import os
import pickle
import socket
import struct
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ONE = "steps:\n  - {{name: Train, run: '{run}'}}\n"
TWO = "steps:\n  - {name: Prepare, run: python prepare.py}\n  - {name: Train, run: python train.py}\n"
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 132735\n"
ROWS = "price,size\n1,2\n3,4\n"


def problem(project, **environ: str) -> dict:
    """What is said of the failed step."""
    answer = project.assay("run", "--json", **environ)
    assert answer.code == 1, answer.err
    return next(r["problem"] for r in answer.lines[-1]["results"] if r["outcome"] == "failed")


def whole(found: dict) -> str:
    """Every word of it."""
    return "\n".join([found["what"], *found["because"], *found["changes"], found["fix"]])


def run(project, script: str, command: str = "python train.py", **environ: str) -> dict:
    """A list of one step that runs this script."""
    project.write(assay__yaml=ONE.format(run=command), train__py=script)
    return problem(project, **environ)


SCRIPTS = {
    "memory that is not there": (
        "import numpy as np\nnp.ones(10**15)\n",
        "step-out-of-memory",
        ["train.py:2: np.ones(10**15)"],
    ),
    "a module that nobody has": ("import no_such_module_at_all\n", "module-not-found", ["no_such_module_at_all"]),
    "a library of the system": (
        "import ctypes\nctypes.CDLL('libGL-not-here.so.1')\n",
        "library-missing",
        ["libGL-not-here.so.1", "apt-file search"],
    ),
    "a question": ("name = input('name? ')\n", "no-terminal", ["train.py:1", "/dev/null"]),
    "a variable": ("import os\nos.environ['API_KEY']\n", "variable-not-set", ["API_KEY", "secrets: [API_KEY]"]),
    "a database that is written by another": (
        (
            "import sqlite3\none = sqlite3.connect('a.db')\none.execute('create table t (a)')\none.execute('begin exclusive')\n"
            "sqlite3.connect('a.db', timeout=0).execute('insert into t values (1)')\n"
        ),
        "database-locked",
        ["train.py:5"],
    ),
    "a name that a package has no more": (
        "import numpy as np\nnp.int(3)\n",
        "name-not-in-package",
        ["numpy.int", "numpy 2", "train.py:2"],
    ),
    "processes at the top level": (
        (
            "import multiprocessing as m\nfrom concurrent.futures import ProcessPoolExecutor\n"
            "with ProcessPoolExecutor(1, m.get_context('spawn')) as pool:\n    print(list(pool.map(abs, [1])))\n"
        ),
        "main-guard-missing",
        ["if __name__ == '__main__':"],
    ),
    "one row of a class": (
        (
            "from sklearn.model_selection import train_test_split\n"
            "train_test_split([[1], [2], [3]], [0, 0, 1], stratify=[0, 0, 1])\n"
        ),
        "class-too-rare",
        ["train.py:2"],
    ),
    "NaN given to a learner": (
        "from sklearn.linear_model import LinearRegression\nLinearRegression().fit([[float('nan')], [1.0]], [1, 2])\n",
        "nan-in-data",
        ["SimpleImputer"],
    ),
    "text given to a learner": (
        (
            "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"
            "LinearRegression().fit(pd.DataFrame({'colour': ['red', 'blue']}), [1, 2])\n"
        ),
        "text-in-numbers",
        ["'red'"],
    ),
    "fewer features than learned": (
        (
            "from sklearn.linear_model import LinearRegression\n"
            "model = LinearRegression().fit([[1, 2], [3, 5]], [1, 2])\nmodel.predict([[1]])\n"
        ),
        "features-differ",
        ["given 1 features and learned from 2"],
    ),
    "other names than learned": (
        (
            "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"
            "X = pd.DataFrame({'a': [1, 2], 'b': [3, 5]})\nmodel = LinearRegression().fit(X, [1, 2])\n"
            "model.predict(X.rename(columns={'b': 'c'}))\n"
        ),
        "features-differ",
        ["missing: b", "not known to the model: c"],
    ),
    "the label left in, for XGBoost": (
        (
            "import pandas as pd\nimport xgboost\nX = pd.DataFrame({'a': [1, 2], 'b': [3, 5]})\n"
            "model = xgboost.XGBRegressor(n_estimators=1).fit(X, [1, 2])\nmodel.predict(X.assign(price=[1, 2]))\n"
        ),
        "features-differ",
        ["not known to the model: price", "drop price"],
    ),
    "another width, for LightGBM": (
        (
            "import numpy as np\nimport lightgbm\nX = np.arange(80.0).reshape(40, 2)\n"
            "model = lightgbm.LGBMRegressor(n_estimators=1, verbose=-1).fit(X, X[:, 0])\nmodel.booster_.predict(X[:, :1])\n"
        ),
        "features-differ",
        ["given 1 features and learned from 2"],
    ),
    "a loss that diverges": (
        (
            "import math\nlr, w = 1e200, 1.0\nfor epoch in range(5):\n    w -= lr * w * w\n    loss = w - w\n"
            "    print(f'epoch {epoch} loss: {loss}')\n    if math.isnan(loss):\n        raise RuntimeError(f'loss is {loss}')\n"
        ),
        "loss-is-nan",
        ["epoch 1 loss: nan"],
    ),
    "a name that does not resolve": (
        "import urllib.request\nurllib.request.urlopen('http://data.no-such-host.invalid/x.csv')\n",
        "network-failed",
        ["retries: {attempts: 3, on: [network]}"],
    ),
}


@pytest.mark.parametrize(("script", "code", "said"), SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_that_fails_of(project, script, code, said):
    found = run(project, script)
    assert found["code"] == code, found
    for words in said:
        assert words in whole(found)


COMMANDS = {
    "a tool that is not installed": ("no-such-tool --version", "command-not-found", ["no-such-tool"]),
    "a script that may not be executed": ("./train.py", "not-executable", ["chmod +x ./train.py"]),
    "an instruction that the processor lacks": ("kill -ILL $$", "illegal-instruction", ["SIGILL"]),
    "too many open files": (
        'ulimit -n 32; python -c "files = [open(0, closefd=False).fileno() or open(\\"/dev/null\\") for _ in range(99)]"',
        "too-many-files",
        ["ulimit -n 65536"],
    ),
    "letters that the locale lacks": (
        'PYTHONIOENCODING=ascii python -c "print(chr(252))"',
        "letters-not-in-locale",
        ["PYTHONUTF8"],
    ),
}


@pytest.mark.parametrize(("command", "code", "said"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_that_fails_of(project, command, code, said):
    quoted = command.replace("'", "''")
    found = run(project, "", quoted)
    assert found["code"] == code, found
    for words in said:
        assert words in whole(found)


def test_a_folder_to_work_in_that_is_not_there_is_no_missing_program(project):
    project.write(assay__yaml="steps:\n  - {name: Train, run: python t.py, workdir: traning}\n", training___t__py="")
    found = problem(project)
    assert (found["code"], found["what"]) == ("workdir-missing", "the folder to work in is not there: traning")
    assert found["fix"] == "write training (assay.yaml:2)"


def test_a_folder_to_work_in_that_is_a_file_is_told_as_such(project):
    project.write(assay__yaml="steps:\n  - {name: Train, run: python t.py, workdir: t.py}\n", t__py="")
    assert problem(project)["what"] == "cannot work in t.py: not a directory"


FILES = {
    "a pointer read as a table": (
        "data.csv",
        LFS,
        "import pandas\npandas.read_csv('data.csv')['price']\n",
        "git-lfs-pointer",
        ["git lfs pull", "132.7 kB"],
    ),
    "a pointer read as a model": (
        "model.pkl",
        LFS,
        "import pickle\npickle.load(open('model.pkl', 'rb'))\n",
        "git-lfs-pointer",
        ["model.pkl"],
    ),
    "a web page read as a model": (
        "model.pkl",
        "<!DOCTYPE html><title>Quota exceeded</title>",
        "import pickle\npickle.load(open('model.pkl', 'rb'))\n",
        "page-not-file",
        ["model.pkl", "curl --fail"],
    ),
    "an empty model": (
        "model.pkl",
        "",
        "import pickle\npickle.load(open('model.pkl', 'rb'))\n",
        "file-torn",
        ["an empty file: model.pkl"],
    ),
    "a line with too many cells": (
        "data.csv",
        "a,b\n1,2\n1,2,3\n",
        "import pandas\npandas.read_csv('data.csv')\n",
        "table-malformed",
        ["line 3 has 3 cells, not 2: data.csv"],
    ),
    "semicolons": (
        "data.csv",
        "a;b\n1;2\n1,5;2,5;3\n",
        "import pandas\npandas.read_csv('data.csv')\n",
        "table-malformed",
        ["sep=';'"],
    ),
    "a table without anything": (
        "data.csv",
        "",
        "import pandas\npandas.read_csv('data.csv')\n",
        "table-malformed",
        ["without a header: data.csv"],
    ),
    "a page read as JSON": (
        "settings.json",
        "Not Found\n",
        "import json\njson.load(open('settings.json'))\n",
        "file-not-json",
        ["not JSON: settings.json", "'Not Found'"],
    ),
}


@pytest.mark.parametrize(("name", "text", "script", "code", "said"), FILES.values(), ids=FILES)
def test_a_file_that_is_not_what_it_seems(project, name, text, script, code, said):
    project.put(name, text)
    found = run(project, script)
    assert found["code"] == code, found
    for words in said:
        assert words in whole(found)


@pytest.mark.parametrize(("encoding", "said"), [("latin-1", "iconv"), ("utf-16", "encoding='utf-16'")])
def test_a_table_in_another_encoding(project, encoding, said):
    (project.root / "data.csv").write_bytes("name\nZoë\n".encode(encoding))
    found = run(project, "print(open('data.csv', encoding='utf-8').read())\n")
    assert found["code"] == "wrong-encoding"
    assert "data.csv" in found["what"]
    assert said in whole(found)


def test_a_model_that_ends_too_early(project):
    (project.root / "model.pkl").write_bytes(pickle.dumps(list(range(1000)))[:500])
    found = run(project, "import pickle\npickle.load(open('model.pkl', 'rb'))\n")
    assert (found["code"], found["what"]) == ("file-torn", "a file that ends too early: model.pkl")


def test_a_model_of_another_scikit_learn(project):
    project.write(
        assay__yaml=TWO,
        prepare__py="import pickle\nfrom sklearn.tree import DecisionTreeClassifier\n"
        "tree = DecisionTreeClassifier().fit([[0], [1]], [0, 1])\n"
        "state = tree.__getstate__() | {'_sklearn_version': '0.24.2'}\ndel state['monotonic_cst']\n"
        "tree.__class__.__getstate__ = lambda self: state\npickle.dump(tree, open('model.pkl', 'wb'))\n",
        train__py="import pickle\npickle.load(open('model.pkl', 'rb')).fit([[0], [1]], [0, 1])\n",
    )
    found = problem(project)
    assert found["code"] == "model-of-another-version", found
    assert "pickled by version 0.24.2" in whole(found)
    assert "scikit-learn==0.24.2" in found["fix"]


def test_a_pickle_of_a_class_that_only_its_writer_has(project):
    project.write(
        assay__yaml=TWO,
        prepare__py="import pickle\nclass Scale:\n    pass\npickle.dump(Scale(), open('model.pkl', 'wb'))\n",
        train__py="import pickle\npickle.load(open('model.pkl', 'rb'))\n",
    )
    found = problem(project)
    assert (found["code"], "Scale" in found["what"]) == ("class-not-importable", True), found
    assert 'it loaded model.pkl, which step "Prepare" wrote' in whole(found)


def test_a_program_for_another_processor(project):
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, 8, 1) + bytes(40)  # MIPS
    (project.root / "train").write_bytes(header)
    (project.root / "train").chmod(0o755)
    assert run(project, "", "./train")["code"] == "wrong-architecture"


def test_a_script_with_windows_line_ends(project):
    (project.root / "train.sh").write_bytes(b"#!/bin/bash\r\necho hello\r\n")
    (project.root / "train.sh").chmod(0o755)
    found = run(project, "", "./train.sh")
    assert (found["code"], "train.sh" in found["what"]) == ("windows-line-ends", True), found


def test_a_port_at_which_another_process_listens(project):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = run(project, f"import socket\nsocket.create_server(('127.0.0.1', {port}))\n")
    assert found["code"] == "address-in-use"
    assert f"port {port}" in found["what"]
    assert "listens at port" in whole(found)


class Refusing(BaseHTTPRequestHandler):
    """Answers every request with the number in its path."""

    def do_GET(self) -> None:
        self.send_error(int(self.path.strip("/")))

    def log_message(self, *words) -> None:
        """In silence."""


@pytest.fixture
def server():
    """The address of a server that refuses."""
    with HTTPServer(("127.0.0.1", 0), Refusing) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "access-refused"),
        (403, "access-refused"),
        (429, "network-failed"),
        (503, "network-failed"),
        (404, "step-failed"),
    ],
)
def test_a_service_that_refuses(project, server, status, code):
    found = run(project, f"import urllib.request\nurllib.request.urlopen('{server}/{status}')\n")
    assert found["code"] == code, found


def test_a_service_that_was_not_started(project):
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    found = run(
        project,
        f"import socket\ntry:\n    socket.create_connection(('127.0.0.1', {port}))\nexcept OSError as e:\n    raise SystemExit(f'connection to localhost:{port} failed: {{e}}')\n",
    )
    assert found["code"] == "service-not-running", found


def test_no_rows_are_traced_to_the_step_that_took_them(project):
    project.write(
        assay__yaml=TWO,
        raw__csv=ROWS,
        prepare__py="import pandas as pd\nrows = pd.read_csv('raw.csv')\nrows[rows.price > 100].to_csv('clean.csv', index=False)\n",
        train__py="import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"
        "rows = pd.read_csv('clean.csv')\nLinearRegression().fit(rows[['size']], rows.price)\n",
    )
    found = problem(project)
    assert (found["code"], found["what"]) == ("no-rows-left", "no rows: clean.csv"), found
    assert 'step "Prepare" wrote it' in whole(found)
    assert "raw.csv (2 rows)" in whole(found)


def test_a_column_that_the_data_has_no_more(project):
    script = "import pandas as pd\nprint(pd.read_csv('raw.csv')['price'].sum())\n"
    project.write(assay__yaml=ONE.format(run="python train.py"), raw__csv=ROWS, train__py=script)
    assert project.assay("run").code == 0
    project.put("raw.csv", "prices,size\n1,2\n")
    found = problem(project)
    assert (found["code"], found["what"]) == ("column-not-found", "column not found: price in raw.csv"), found
    assert "read prices in its place" in found["fix"]
    assert "run 1, which was green:" in found["changes"]


def test_data_that_dvc_keeps_and_nobody_pulled(project):
    project.put("data/raw.csv.dvc", "outs:\n- md5: 22a1a2931c8370d3aeedd7183606fd7f\n  path: raw.csv\n")
    found = run(project, "open('data/raw.csv')\n")
    assert (found["code"], found["fix"]) == ("not-pulled", "dvc pull data/raw.csv.dvc")


def test_a_package_that_changed_while_nothing_else_did(project):
    folder = project.root.parent / "env" / "site-packages"
    library = folder / "pricing.py"
    (folder / "pricing-1.0.0.dist-info").mkdir(parents=True)
    library.write_text("def fit():\n    pass\n")
    project.write(assay__yaml=ONE.format(run="python train.py"), train__py="import pricing\npricing.fit()\n")
    environ = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    assert project.assay("run", **environ).code == 0
    (folder / "pricing-1.0.0.dist-info").rename(folder / "pricing-2.0.0.dist-info")
    library.write_text("def fit():\n    raise TypeError('fit() wants rows')\n")
    found = problem(project, **environ)
    assert (found["code"], found["what"]) == ("package-changed", "a package has changed: pricing 1.0.0 -> 2.0.0"), found
    assert "pricing==1.0.0" in found["fix"]


def test_a_commit_that_a_shallow_checkout_does_not_have(project):
    origin = project.root / "origin"
    project.write(origin___a__txt="1")
    project.git("init", "-q", "origin")
    for words in (("add", "."), ("commit", "-qm", "one"), ("commit", "-qm", "two", "--allow-empty")):
        project.git("-C", "origin", *words)
    project.git("clone", "-q", "--depth", "1", f"file://{origin}", "checkout")
    project.root /= "checkout"
    assert run(project, "", "git diff HEAD~1 --stat")["code"] == "checkout-shallow"


needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a disk or become another user")


@pytest.fixture
def small_disk(project):
    """A disk of half a megabyte below the project."""
    folder = project.root / "out"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("this container may not mount a disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@needs_root
def test_a_disk_that_is_full(project, small_disk):
    (project.root / "data").mkdir()
    found = run(project, "open('out/model.pkl', 'wb').write(bytes(1_000_000))\n")
    assert found["code"] == "step-disk-full", found
    assert f"{small_disk} has" in whole(found)
    assert "of 524.3 kB" in whole(found)


@needs_root
def test_a_disk_that_takes_no_writes(project, small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    found = run(project, "open('out/model.pkl', 'wb')\n")
    assert (found["code"], "out/model.pkl" in found["what"]) == ("disk-read-only", True), found


@needs_root
def test_a_file_of_another_user(project):
    with tempfile.TemporaryDirectory(prefix="assay-rights-") as place:
        Path(place).chmod(0o755)
        project.root = Path(place)  # pytest's own folders are closed to others
        project.put("secret.csv", "x\n").chmod(0o600)
        found = run(project, "", "setpriv --reuid=65534 --regid=65534 --clear-groups cat secret.csv")
    assert (found["code"], found["what"]) == ("permission-denied", "permission denied: secret.csv"), found
    assert "secret.csv is a file of root, mode 0600" in whole(found)


@needs_root
def test_a_repository_of_another_user(project):
    project.git("init", "-q", "data")
    os.chown(project.root / "data", 65534, 65534)
    os.chown(project.root / "data" / ".git", 65534, 65534)
    assert run(project, "", "git -C data status")["code"] == "repository-owner"


def test_memory_that_is_bounded(project):
    found = run(project, "", 'ulimit -v 300000; python -c "bytearray(10**9)"'.replace("'", "''"))
    assert found["code"] == "step-out-of-memory", found


def said_of_failure(project) -> dict[str, str]:
    """code and words of what is said of the step that failed in a run."""
    results = project.assay("run", "--json").lines[-1]["results"]
    told = next(result["problem"] for result in results if result["outcome"] == "failed")
    return {"code": told["code"], "what": told["what"], "all": "\n".join([told["what"], *told["because"], told["fix"]])}


READS_RAW = "steps:\n  - {name: Train, run: python train.py, inputs: [raw.csv]}\n"


def test_a_folder_that_stands_in_place_of_a_file(project):
    project.write(assay__yaml=READS_RAW, train__py="open('raw.csv').read()\n")
    (project.root / "raw.csv").mkdir()
    said = said_of_failure(project)
    assert (said["code"], said["what"]) == ("folder-not-file", "a folder in place of a file: raw.csv")
    assert "it is empty" in said["all"]


@pytest.mark.parametrize("declared", [READS_RAW, "steps:\n  - {name: Train, run: python train.py}\n"])
def test_a_link_that_leads_to_nothing(project, declared):
    project.write(assay__yaml=declared, train__py="open('raw.csv').read()\n")
    (project.root / "raw.csv").symlink_to("store/raw.csv")
    said = said_of_failure(project)
    assert (said["code"], said["what"]) == ("link-to-nothing", "a link that leads to nothing: raw.csv")
    assert "raw.csv is a link to store/raw.csv, and nothing is there" in said["all"]


def test_a_full_disk_that_is_not_the_projects_is_named(project):
    script = "import errno, os\nraise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), '/dev/shm/x.bin')\n"
    project.write(assay__yaml="steps:\n  - {name: Train, run: python train.py}\n", train__py=script)
    said = said_of_failure(project)
    assert said["what"] == "no space left on the disk: /dev/shm"
    assert "/dev/shm has " in said["all"]


def test_a_metric_that_ended_as_nan_is_warned_of_and_has_no_value(project):
    script = "import json\nprint('loss: 0.5')\nprint('loss: 0.4')\nprint('loss: nan')\njson.dump({'val_loss': float('nan'), 'n': 3}, open('m.json', 'w'))\n"
    step = "{name: Train, run: python train.py, metrics: [m.json]}"
    project.write(assay__yaml=f"steps:\n  - {step}\n", train__py=script)
    (result,) = project.assay("run", "--json").lines[-1]["results"]
    assert {metric["name"]: metric["value"] for metric in result["metrics"]} == {"n": 3.0}
    (warning,) = [each for each in result["warnings"] if each["code"] == "metric-is-nan"]
    told = "Train: loss ended as nan after 2 numbers, the last 0.4; val_loss is nan, and never was a number"
    assert warning["what"] == told
    assert warning["because"][0] == "read from what it printed, wrote into m.json"
    assert told in project.assay("why", "Train").out


def test_a_pointer_that_the_step_before_passed_on_is_blamed(project):
    project.write(
        assay__yaml=(
            "steps:\n  - {name: prepare, run: python prepare.py, inputs: [raw.csv], outputs: [clean.csv]}\n"
            "  - {name: features, run: python features.py, inputs: [clean.csv], outputs: [x.csv]}\n"
        ),
        raw__csv=LFS,
        prepare__py="rows = open('raw.csv').read().splitlines()\nopen('clean.csv', 'w').write('\\n'.join(['id,x', *rows[1:]]))\n",
        features__py="rows = open('clean.csv').read().splitlines()[1:]\nprint([float(row.split(',')[1]) for row in rows])\n",
    )
    said = said_of_failure(project)
    assert said["what"] == "a Git LFS pointer, not the file itself: raw.csv"
    assert 'step "prepare" read it and ended well; step "features" reads what that wrote' in said["all"]
