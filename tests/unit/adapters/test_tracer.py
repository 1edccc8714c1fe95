"""What the tracer notes of real Python processes, and that it never gets in their way."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import assay.adapters.executors.local
from assay.core.run import Trace
from assay.execute.traces import read_noted, read_trace

TRACER = Path(assay.adapters.executors.local.__file__).parent / "tracer"


class Project:
    """A folder in which programs run under the tracer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        self.trace_file = folder / "step.trace"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(TRACER),
            "ASSAY_TRACE": str(self.trace_file),
            "ASSAY_ROOT": str(self.folder),
        }

    def write(self, name: str, text: str = "") -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run(self, program: str, *options: str, cwd: str = ".") -> str:
        """What the program prints; it must end well. Its source is in no file of the project."""
        command = [sys.executable, *options, "-c", program]
        where = self.folder / cwd
        done = subprocess.run(command, cwd=where, env=self.environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    @property
    def trace(self) -> Trace:
        data = self.trace_file.read_bytes() if self.trace_file.exists() else b""
        return read_trace(data, str(self.folder))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_files_that_are_opened_are_noted_once_in_order(project):
    project.write("data/a.csv", "1")
    project.run("for _ in range(3): open('data/a.csv').read(); open('out.txt', 'w'); open('./out.txt', 'a')")
    assert project.trace == Trace(traced=True, reads=("data/a.csv",), writes=("out.txt",))


def test_a_file_opened_for_update_is_read_and_written(project):
    project.write("a.bin", "1")
    project.run("open('a.bin', 'r+')")
    assert (project.trace.reads, project.trace.writes) == (("a.bin",), ("a.bin",))


@pytest.mark.parametrize(
    "question",
    [
        "os.path.exists(path)",
        "os.path.isfile(path)",
        "os.path.getsize(path)",
        "os.access(path, os.R_OK)",
        "os.lstat(path)",
        "os.stat(path=path)",
        "pathlib.Path(path).exists()",
        "pathlib.Path(path).stat()",
        "pathlib.Path(path).read_bytes()",
        "open(path)",
        "open(os.fsencode(path), 'rb')",
        "os.open(os.path.abspath(path), os.O_RDONLY)",
        "os.listdir(path)",
        "list(pathlib.Path(path).iterdir())",
        "glob.glob(path + '/*.pkl')",
        "open(path, 'r+')",
    ],
)
def test_whoever_asks_for_a_missing_path_is_noted(project, question):
    project.run(
        f"import contextlib, glob, os, pathlib\npath = 'models/model.pkl'\nwith contextlib.suppress(OSError): {question}"
    )
    assert "models/model.pkl" in project.trace.missing
    assert project.trace.writes == ()


def test_missing_paths_outside_the_project_are_noted(project):
    project.run("import os; os.path.exists('/models/model.pkl')")
    assert project.trace.missing == ("/models/model.pkl",)


def test_what_is_missing_first_and_written_then_is_not_missing(project):
    project.run(
        "import os; os.path.exists('a') or open('a', 'w'); os.makedirs('b/c', exist_ok=True); open('b/c/d', 'w')"
    )
    assert (project.trace.missing, project.trace.writes) == ((), ("a", "b/c/d"))


def test_a_write_into_a_folder_that_is_missing_is_no_write(project):
    project.run("try: open('models/model.pkl', 'w')\nexcept OSError: pass")
    assert (project.trace.missing, project.trace.writes) == (("models",), ())


def test_a_rename_a_link_and_a_removal_are_followed(project):
    project.run(
        "import os, pathlib\n"
        "open('model.tmp', 'w'); os.replace('model.tmp', 'model.pkl')\n"
        "os.symlink('model.pkl', 'latest.pkl'); os.link('model.pkl', 'copy.pkl')\n"
        "open('scratch', 'w'); pathlib.Path('scratch').unlink()"
    )
    assert project.trace.writes == ("model.pkl", "latest.pkl", "copy.pkl")


def test_a_folder_that_is_removed_takes_its_files_along(project):
    project.run("import os, shutil; os.mkdir('tmp'); open('tmp/a', 'w'); open('tmp2', 'w'); shutil.rmtree('tmp')")
    assert project.trace.writes == ("tmp2",)
    assert project.trace.missing == ()


def test_a_temporary_folder_leaves_no_trace(project):
    project.run(
        "import os, tempfile\nwith tempfile.TemporaryDirectory(dir='/tmp') as t: os.makedirs(t + '/a/b'); open(t + '/a/b/c', 'w')"
    )
    assert project.trace == Trace(traced=True)


def test_writes_outside_the_project_are_noted(project):
    """The attempt counts: this one fails, for there is nothing to rename."""
    project.run("import os\ntry: os.rename('gone', '/elsewhere.csv')\nexcept OSError: pass")
    assert project.trace.writes == ("/elsewhere.csv",)


def test_reads_outside_the_project_are_not_noted(project, tmp_path):
    (tmp_path / "in.csv").write_text("1")
    project.run("import os; open('../in.csv'); os.listdir('..')")
    assert project.trace == Trace(traced=True)


def test_a_module_of_the_project_counts_as_its_source_also_when_it_is_cached(project):
    project.write("helper.py", "from part import x")
    project.write("part.py", "x = 1")
    for _ in range(2):
        project.trace_file.unlink(missing_ok=True)
        project.run("import helper")
        assert project.trace == Trace(traced=True, reads=("helper.py", "part.py"))
    assert (project.folder / "__pycache__").is_dir()


def test_libraries_and_the_interpreter_are_not_noted(project):
    project.run("import numpy, json, sqlite3, email.message")
    of_pickle = ("org.py", "org/__init__.py")  # which tries to import what Jython has
    assert project.trace == Trace(traced=True, missing=of_pickle)


def test_numpy_arrays_are_seen(project):
    project.run(
        "import numpy; numpy.save('a.npy', numpy.zeros(3)); numpy.load('a.npy'); numpy.load('a.npy', mmap_mode='r')"
    )
    assert (project.trace.reads, project.trace.writes) == (("a.npy",), ("a.npy",))


def test_paths_follow_the_working_folder(project):
    project.write("a/x")
    project.write("b/x")
    project.run("import os; open('x'); os.chdir('../b'); open('x')", cwd="a")
    assert project.trace.reads == ("a/x", "b/x")


def test_a_project_behind_a_symbolic_link_is_known_by_its_own_name(project, tmp_path):
    (tmp_path / "link").symlink_to(project.folder)
    project.environment["ASSAY_ROOT"] = str(tmp_path / "link")
    project.run("open('a', 'w')")
    assert read_trace(project.trace_file.read_bytes(), str(tmp_path / "link")).writes == ("a",)


def test_children_are_traced_too(project):
    project.write("pool.py", "def work(name):\n    open(name, 'w').close()\n")
    project.run(
        "import multiprocessing, os, subprocess, sys, pool\n"
        "for method in ('fork', 'spawn'):\n"
        "    child = multiprocessing.get_context(method).Process(target=pool.work, args=(method,))\n"
        "    child.start(); child.join()\n"
        "subprocess.run([sys.executable, '-c', 'open(\"subprocess\", \"w\")'], check=True)\n"
        "subprocess.run('cd /; ' + sys.executable + ' -c pass', shell=True, check=True)"
    )
    assert project.trace.writes == ("fork", "spawn", "subprocess")


def test_a_daemon_that_closes_every_descriptor_keeps_its_files_clean(project):
    project.run("import os; os.closerange(3, 100); f = open('mine', 'w'); open('other', 'w'); os.path.exists('gone')")
    assert (project.folder / "mine").read_text() == ""
    assert project.trace.writes == ("mine", "other")


def test_another_sitecustomize_is_imported_as_if_ours_were_not_there(project, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import builtins; builtins.greeting = __file__\n")
    project.environment["PYTHONPATH"] += f":{tmp_path}/site"
    program = "import sitecustomize, sys; print(greeting, sitecustomize.__file__, any('tracer' in p for p in sys.path))"
    theirs = f"{tmp_path}/site/sitecustomize.py"
    assert project.run(program) == f"{theirs} {theirs} False\n"
    assert project.trace.traced


def test_an_error_in_another_sitecustomize_is_told_as_python_tells_it(project, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import no_such_module\n")
    project.environment["PYTHONPATH"] += f":{tmp_path}/site"
    command = [sys.executable, "-c", "print('goes on')"]
    done = subprocess.run(command, env=project.environment, capture_output=True, text=True, check=True)
    assert done.stdout == "goes on\n"
    assert "No module named 'no_such_module'" in done.stderr


@pytest.mark.parametrize("option", ["-I", "-E", "-S"])
def test_an_isolated_python_is_not_traced_and_not_called_clean(project, option):
    project.run("open('a', 'w')", option)
    assert not project.trace.traced


@pytest.mark.parametrize("broken", ["/nowhere/at/all", "/proc/version", ""])
def test_a_trace_that_cannot_be_written_does_not_matter_to_the_program(project, broken):
    project.environment["ASSAY_TRACE"] = broken
    assert project.run("import os; open('a', 'w'); print(os.path.exists('b'))") == "False\n"


def test_a_program_out_of_descriptors_fails_by_itself_alone(project):
    project.write("a")
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20)); files = []\n"
        "try:\n while True: files.append(open('a'))\nexcept OSError as error: print(error.errno)"
    )
    assert project.run(program) == "24\n"


def test_the_functions_of_os_stay_what_libraries_take_them_for(project):
    project.run(
        "import copy, inspect, os, pickle, shutil\n"
        "for name in ('stat', 'lstat', 'access', 'listdir', 'scandir'):\n"
        "    function = getattr(os, name)\n"
        "    assert pickle.loads(pickle.dumps(function)) is copy.deepcopy(function) is function\n"
        "    assert function.__name__ == name and function.__doc__ and inspect.signature(function).parameters\n"
        "assert shutil.rmtree.avoids_symlink_attacks and os.stat in os.supports_follow_symlinks\n"
        "class Accessor: stat = os.stat\n"
        "Accessor().stat('.')  # as pathlib kept it up to Python 3.10\n"
        "assert os.stat(1) and os.listdir() == os.listdir('.') and list(os.scandir()) == []\n"
        "with os.scandir(b'.') as entries: assert list(entries) == []"
    )


def test_errors_are_the_programs_own(project):
    project.run(
        "import os\n"
        "for call in (lambda: os.stat('gone'), lambda: open('gone'), lambda: os.listdir('gone')):\n"
        "    try: call()\n"
        "    except FileNotFoundError as error: assert error.filename == 'gone' and error.errno == 2\n"
        "    else: raise SystemExit('no error')\n"
        "for call in (lambda: os.stat(), lambda: os.stat('a', 'b'), lambda: open(1.5), lambda: os.stat('a\\0b')):\n"
        "    try: call()\n"
        "    except (TypeError, ValueError): pass\n"
        "    else: raise SystemExit('no error')"
    )


def test_a_process_stops_noting_reads_before_it_costs_memory_but_goes_on_noting_writes(project):
    project.run("import gc, os\nfor n in range(50_010): os.path.exists(f'no{n}')\nopen('model.pkl', 'w')")
    data = project.trace_file.read_bytes()
    assert data.count(b"\nm\t") == 50_000
    assert read_noted(data.splitlines(keepends=True), str(project.folder)).is_cut_short
    assert project.trace.writes == ("model.pkl",)


def test_odd_names_come_through(project):
    project.run("open('tab\\tline\\nback\\\\slash \\u2603', 'w')")
    assert project.trace.writes == ("tab\tline\nback\\slash \N{SNOWMAN}",)


def test_the_folder_holds_one_module_and_it_reads_as_python_3_8():
    assert {path.name for path in TRACER.iterdir()} - {"__pycache__"} == {"sitecustomize.py"}
    tree = ast.parse((TRACER / "sitecustomize.py").read_text(), feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported == {"os", "sys", "sitecustomize"}


TRY = "try:\n    import local_settings\nexcept ImportError:\n    pass\n"


def test_a_module_that_is_not_to_be_found_is_missing_where_the_project_would_have_it(project):
    project.write("package/__init__.py")
    project.run(f"{TRY}{TRY}import importlib.util; assert importlib.util.find_spec('package.part') is None")
    assert project.trace.missing == (
        "local_settings.py",
        "local_settings/__init__.py",
        "package/part.py",
        "package/part/__init__.py",
    )


def test_a_module_that_is_found_in_a_later_folder_would_be_found_before_it(project):
    project.write("lib/helper.py")
    project.write("lib/package/__init__.py", "from package import part")
    project.write("lib/package/part.py")
    project.write("first.py")
    project.run("import sys; sys.path.append('lib'); import helper, package, first")
    assert project.trace.missing == ("helper.py", "helper/__init__.py", "package.py", "package/__init__.py")


def test_what_is_installed_is_looked_for_nowhere_in_the_project(project):
    project.run("import json, pytest, xml.dom")
    assert [path for path in project.trace.missing if path.startswith(("json", "pytest", "xml"))] == []


def test_whoever_looks_through_the_finders_of_modules_is_not_disturbed(project):
    program = "import importlib, importlib.metadata, pkgutil, sys\n"
    program += "importlib.invalidate_caches(); list(importlib.metadata.distributions()); list(pkgutil.iter_modules())\n"
    program += "print(all(hasattr(finder, 'find_spec') for finder in sys.meta_path))"
    assert project.run(program) == "True\n"
