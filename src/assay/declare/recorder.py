"""A pipeline written in Python, taken down as the values that assay.yaml would hold.

Two lives, so it needs nothing but the standard library: as ``assay.Pipeline``, and as the program that the user's own Python runs
(``python recorder.py pipeline.py``) to say what a file declares. That Python may have no Assay: ``import assay`` then finds a stand-in.
"""

import os
import sys

if __name__ == "__main__":
    # what stands in our folder must not hide the standard library from anyone
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != os.path.dirname(os.path.abspath(__file__))]

import json
import runpy
import shlex
import types
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, overload

RUN_NAME = "assay_pipeline"
"""``__name__`` of a file that is read: what stands below ``if __name__ == "__main__"`` is left alone."""

_OF_STEPS = ("needs", "inputs", "when")
"""Keys of every step; what else a gate or deployment is given is its own."""

Function = TypeVar("Function", bound=Callable[..., Any])

made: "list[Pipeline]" = []
"""Every pipeline, in order."""


class Pipeline:
    """The loop of a project, step by step; keys are those of assay.yaml.

    >>> import assay
    >>> pipeline = assay.Pipeline("delays", env={"SEED": 1})
    >>> pipeline.run("Train", "python train.py", inputs=["train.py"], outputs=["model.pkl"], timeout="2h")
    >>> pipeline.build().step("Train").timeout_s
    7200.0
    """

    def __init__(self, name: "str | None" = None, **keys: Any) -> None:
        """``keys``: of the top of the file, such as ``params``, ``model``, ``env``, ``secrets``, ``watch``, ``notify``."""
        self.line = _line()
        self.keys = {"name": name, **keys} if name is not None else keys
        self.steps: list[tuple[int, dict[str, Any]]] = []
        made.append(self)

    def run(self, name: str, command: "str | list[str]", **keys: Any) -> None:
        """A command. ``keys``: ``inputs``, ``outputs``, ``params``, ``matrix``, ``retries``, ``resources``, ..."""
        self._add({"name": name, "run": command, **keys})

    def check(self, name: str, datasets: "dict[str, dict[str, Any]]", **keys: Any) -> None:
        """Rules on datasets, by path or glob."""
        self._add({"name": name, "check": datasets, **keys})

    def gate(self, name: str, **keys: Any) -> None:
        """What a challenger must show: ``data`` or ``metrics``, ``require``, ``confidence``, ..."""
        self._add({"name": name, **_apart("gate", keys)})

    def release(self, name: str = "Release", **keys: Any) -> None:
        """Join code, data and model in a release."""
        self._add({"name": name, **_apart("release", keys)})

    def deploy(self, name: str = "Deploy", **keys: Any) -> None:
        """Give the run's release the live traffic."""
        self._add({"name": name, **_apart("deploy", keys)})

    @overload
    def step(self, function: Function, /) -> Function: ...

    @overload
    def step(
        self, function: None = None, *, name: "str | None" = None, **keys: Any
    ) -> "Callable[[Function], Function]": ...

    def step(self, function: "Function | None" = None, *, name: "str | None" = None, **keys: Any) -> Any:
        """Make a function a step, as a decorator: its command imports the file and calls the function, in the user's Python.

        A parameter of the function gets the value of the ``matrix`` axis of its name, or ``item`` or ``key`` of ``foreach``: numbers,
        true and false as such, else text. Where ``inputs`` are declared, the function's file is one more.
        """
        line = _line()

        def take(function: Function) -> Function:
            self._add(_function_step(function, name or function.__name__, keys), line)
            return function

        return take if function is None else take(function)

    def build(self, default_name: str = "pipeline") -> Any:
        """The pipeline, as assay.yaml would declare it; ``DeclarationError`` with every mistake. Files of parameters are looked
        for from the current folder."""
        from assay.declare.written import read_written

        return read_written(self.written(), default_name).pipeline

    def written(self) -> "dict[str, Any]":
        """What was written: keys and steps, each with its line."""
        steps = [{"line": line, "keys": keys} for line, keys in self.steps]
        return {"line": self.line, "keys": _plain(self.keys, "Pipeline"), "steps": steps}

    def _add(self, keys: "dict[str, Any]", line: "int | None" = None) -> None:
        self.steps.append((line or _line(), _plain(keys, str(keys["name"]))))


def _line() -> int:
    """Where the file, or whoever called from outside, is."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename == __file__ and frame.f_back is not None:
        frame = frame.f_back
    outside = frame.f_lineno
    while frame.f_back is not None and frame.f_globals.get("__name__") != RUN_NAME:
        frame = frame.f_back
    return frame.f_lineno if frame.f_globals.get("__name__") == RUN_NAME else outside


def _apart(action: str, keys: "dict[str, Any]") -> "dict[str, Any]":
    """The keys of the action below it, those of every step beside it."""
    own = {key: value for key, value in keys.items() if key not in _OF_STEPS}
    return {action: own, **{key: value for key, value in keys.items() if key in _OF_STEPS}}


def _plain(value: Any, where: str) -> Any:
    """Text, numbers, booleans, None, lists and dicts; ``TypeError`` for anything else."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (list, tuple)):
        return [_plain(each, f"{where}[{at}]") for at, each in enumerate(value)]
    if isinstance(value, dict):
        return {str(key): _plain(each, f"{where}.{key}") for key, each in value.items()}
    raise TypeError(f"{where}: a {type(value).__name__} cannot stand in a pipeline")


_PROGRAM = """\
import importlib, json, os, runpy, sys, types
class StandIn(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        return StandIn(name)
    def __call__(self, *given, **keys):
        return given[0] if len(given) == 1 and callable(given[0]) and not keys else self
def log_metric(name, value, step=None):
    if os.environ.get("ASSAY_METRICS"):
        with open(os.environ["ASSAY_METRICS"], "a") as file:
            file.write(json.dumps({"name": name, "value": float(value), "step": step}) + "\\n")
def value(text):
    try: return json.loads(text)
    except ValueError: return text
try: import assay; assay.Pipeline = StandIn("Pipeline")
except ImportError: sys.modules["assay"] = StandIn("assay"); sys.modules["assay"].log_metric = log_metric
sys.path[:0] = %(homes)s
%(name)s = %(found)s
%(name)s(**dict(zip(%(parameters)s, map(value, sys.argv[1:]))))
"""


def _function_step(function: Any, name: str, keys: "dict[str, Any]") -> "dict[str, Any]":
    path = os.path.relpath(function.__code__.co_filename)
    if not function.__qualname__.isidentifier() or path.startswith(os.pardir):
        raise TypeError(f"{function.__qualname__}: a step is a function at the top of a file of the project")
    root = os.path.relpath(".", keys.get("workdir", "."))
    parameters = list(function.__code__.co_varnames[: function.__code__.co_argcount])
    known = {axis: f"matrix.{axis}" for axis in keys.get("matrix", ())}
    known.update({"item": "item", "key": "key"} if "foreach" in keys else {})
    given = [word for word in parameters if word in known]
    needed = parameters[: len(parameters) - len(function.__defaults__ or ())]
    if missing := [word for word in needed if word not in given]:
        raise TypeError(f"{name}: nothing gives {missing[0]}: no axis of `matrix` is called so")
    program = _PROGRAM % {
        "homes": json.dumps(
            list(dict.fromkeys(os.path.normpath(os.path.join(root, home)) for home in (_home(function, path), ".")))
        ),
        "name": function.__name__,
        "found": _found(function, os.path.normpath(os.path.join(root, path))),
        "parameters": json.dumps(given),
    }
    command = " ".join(["python -c", shlex.quote(program), *(f"${{{known[word]}}}" for word in given)])
    inputs = keys.get("inputs")
    with_file = {"inputs": [*inputs, path]} if inputs and path not in inputs else {}
    return {"name": name, "run": command, **keys, **with_file}


def _home(function: Any, path: str) -> str:
    """The folder from which the function's file was imported, or in which the file that is read stands."""
    folder = os.path.dirname(path)
    if function.__module__ in (RUN_NAME, "__main__"):
        return folder
    packages = function.__module__.split(".")[: None if path.endswith("__init__.py") else -1]
    return os.path.join(folder, *(os.pardir for _ in packages))


def _found(function: Any, path: str) -> str:
    """The expression that is the function: from the file that is read, or from a module that it imported."""
    if function.__module__ in (RUN_NAME, "__main__"):
        return f'runpy.run_path({json.dumps(path)}, run_name="{RUN_NAME}")["{function.__name__}"]'
    return f'importlib.import_module("{function.__module__}").{function.__name__}'


def _main(path: str) -> None:
    """Run the file, and say in JSON what it declared, what it read, or why it could not be run."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the file prints is talk
    sys.argv = [path]
    sys.path[:0] = [os.path.dirname(os.path.abspath(path)), os.getcwd()]
    _install()
    seen: dict[str, None] = {}
    sys.addaudithook(lambda event, given: _see(event, given, seen))
    told: dict[str, Any] = {}
    try:
        runpy.run_path(path, run_name=RUN_NAME)
        told["pipelines"] = [each.written() for each in made]
    except BaseException as error:  # whatever it raises is told, SystemExit too
        told["error"] = f"{type(error).__name__}: {error}"
        told["line"] = _line_of(error, path)
    told["reads"] = sorted({*seen, *_modules()})
    answer.write(json.dumps(told))


def _install() -> None:
    """Let ``import assay`` find this very class, whatever is installed."""
    try:
        import assay
    except ImportError:
        assay = types.ModuleType("assay")
        assay.log_metric = lambda name, value, step=None: None
        sys.modules["assay"] = assay
    assay.Pipeline = Pipeline  # type: ignore[misc]


def _see(event: str, given: Any, seen: "dict[str, None]") -> None:
    is_read = event == "open" and isinstance(given[0], str) and not set("wax+") & set(str(given[1] or "r"))
    if is_read and (path := _of_project(given[0])):
        seen[path] = None


def _modules() -> "Iterator[str]":
    for module in list(sys.modules.values()):
        if path := _of_project(getattr(module, "__file__", None) or ""):
            yield path


def _of_project(path: str) -> str:
    """The path from the project's folder; empty for what lies outside, is installed, or made by Python or Assay."""
    found = os.path.relpath(path) if path else os.pardir
    parts = found.split(os.sep)
    passed = {os.pardir, "__pycache__", "site-packages", ".assay", ".git"}
    inside_python = os.path.abspath(path).startswith(os.path.join(os.path.abspath(sys.prefix), ""))
    return "" if passed & set(parts) or inside_python else found


def _line_of(error: BaseException, path: str) -> int:
    """The last line of the file on the way to the error."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno or 1
    line, frame = 1, error.__traceback__
    while frame is not None:
        line = frame.tb_lineno if frame.tb_frame.f_code.co_filename == path else line
        frame = frame.tb_next
    return line


if __name__ == "__main__":
    _main(sys.argv[1])
