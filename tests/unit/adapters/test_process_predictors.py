"""Predictors in real processes: what a good model answers, and what every bad one is called."""

import ast
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.adapters.predictors.process import WORKER, ProcessPredictor, ProcessPredictors
from assay.core.problem import EvidenceError, Problem

Load = Callable[..., ProcessPredictor]

ENVIRONMENT = {"PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")}
COLUMNS = {
    "hour": np.array([5, 6, 7], dtype=np.int64),
    "delay": np.array([0.5, np.nan, -1.0]),
    "late": np.array([True, False, True]),
    "carrier": np.array(["UA", None, "Ü\n"], dtype=object),
}
DOUBLER = "def load(path):\n    return lambda columns: columns['hour'] * 2\n"


def answering(expression: str) -> str:
    """A predict.py whose model answers with this expression of ``columns``."""
    return f"import os, sys, time\nimport numpy as np\n\n\ndef load(path):\n    def predict(columns):\n        return {expression}\n    return predict\n"


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Write predict.py and a model, and load them; every process is ended at the end."""
    loaded = []

    def start(
        code: str, *, predict: str = "predict.py:load", model: str = "{}", python: str = "python", **limits: float
    ) -> ProcessPredictor:
        (tmp_path / "predict.py").write_text(code)
        (tmp_path / "model.json").write_text(model)
        predictors = ProcessPredictors(python, ENVIRONMENT, **limits)
        loaded.append(predictors.load(tmp_path, predict, tmp_path / "model.json"))
        return loaded[-1]

    yield start
    for predictor in loaded:
        predictor.close()


def problem_of(action: Callable[[], object]) -> Problem:
    with pytest.raises(EvidenceError) as caught:
        action()
    return caught.value.problem


class TestGoodModels:
    def test_columns_arrive_as_they_were_sent(self, load: Load) -> None:
        code = answering("[repr({k: (v.dtype.str, v.tolist()) for k, v in columns.items()})] * 3")
        seen = load(code).predict(COLUMNS).prediction[0]
        assert seen == repr(
            {
                "hour": ("<i8", [5, 6, 7]),
                "delay": ("<f8", [0.5, float("nan"), -1.0]),
                "late": ("|b1", [True, False, True]),
                "carrier": ("|O", ["UA", None, "Ü\n"]),
            }
        )

    @pytest.mark.parametrize(
        ("expression", "dtype", "expected"),
        [
            ("columns['hour']", "int64", [5, 6, 7]),
            ("columns['delay'].astype('float32') * 2", "float64", [1.0, None, -2.0]),
            ("columns['late']", "bool", [True, False, True]),
            ("columns['carrier']", "object", ["UA", None, "Ü\n"]),
            ("np.array(['a', 'bc', 'd'])", "object", ["a", "bc", "d"]),
            ("np.array([1, 2, 3], dtype='uint8')", "int64", [1, 2, 3]),
            ("[1, None, 2.5]", "float64", [1.0, None, 2.5]),
            ("[True, False, True]", "bool", [True, False, True]),
            ("(2**60 + h for h in range(3))", "int64", [2**60, 2**60 + 1, 2**60 + 2]),
            ("columns['hour'].reshape(-1, 1)", "int64", [5, 6, 7]),
            ("np.array([1, 2, 3], dtype=object)", "int64", [1, 2, 3]),
        ],
    )
    def test_any_reasonable_list_of_predictions_is_one(
        self, load: Load, expression: str, dtype: str, expected: list[object]
    ) -> None:
        prediction = load(answering(expression)).predict(COLUMNS).prediction
        assert prediction.dtype == dtype
        assert np.where(prediction == prediction, prediction, None).tolist() == expected  # noqa: PLR0124  (NaN)

    def test_scores_come_beside_predictions_one_row_each(self, load: Load) -> None:
        predictor = load(answering("{'prediction': ['a', 'b', 'a'], 'score': np.array([[.1, .9]] * 3)}"))
        predictions = predictor.predict(COLUMNS)
        assert predictions.prediction.tolist() == ["a", "b", "a"]
        assert predictions.score is not None
        assert predictions.score.tolist() == [[0.1, 0.9]] * 3

    def test_nan_is_allowed_and_counted(self, load: Load) -> None:
        predictor = load(answering("columns['delay']"))
        predictor.predict(COLUMNS)
        predictor.predict(COLUMNS)
        assert predictor.missing == 2

    def test_no_rows_are_no_predictions(self, load: Load) -> None:
        none = {name: values[:0] for name, values in COLUMNS.items()}
        assert load(DOUBLER).predict(none).prediction.tolist() == []

    def test_a_million_rows_go_through_the_pipes(self, load: Load) -> None:
        hours = np.arange(1_000_000)
        assert (load(DOUBLER).predict({"hour": hours}).prediction == 2 * hours).all()

    def test_the_code_runs_in_its_folder_and_finds_modules_beside_it(self, load: Load, tmp_path: Path) -> None:
        (tmp_path / "src").mkdir()
        (tmp_path / "src" / "features.py").write_text("FACTOR = 3\n")
        (tmp_path / "src" / "model.py").write_text(
            "import os, predict\nfrom features import FACTOR\n\ndef load(path):\n"
            "    return lambda columns: [FACTOR * len(columns['hour']), len(os.getcwd()), 0]\n"
        )
        told = load(DOUBLER, predict="src/model.py:load").predict(COLUMNS).prediction.tolist()
        assert told == [9, len(str(tmp_path)), 0]

    def test_a_file_may_be_named_like_a_module_that_the_worker_uses(self, load: Load, tmp_path: Path) -> None:
        (tmp_path / "queue.py").write_text(DOUBLER)
        assert load(DOUBLER, predict="queue.py:load").predict(COLUMNS).prediction.tolist() == [10, 12, 14]

    def test_a_model_pickled_beside_its_class_loads(self, load: Load, tmp_path: Path) -> None:
        code = (
            "import pickle\n\nclass Model:\n    def predict(self, columns):\n        return columns['hour']\n\n"
            "def load(path):\n    return pickle.load(open('model.pkl', 'rb')).predict\n"
        )
        (tmp_path / "predict.py").write_text(code)
        dump = "import pickle, predict; pickle.dump(predict.Model(), open('model.pkl', 'wb'))"
        subprocess.run([sys.executable, "-B", "-c", dump], cwd=tmp_path, check=True)
        assert load(code).predict(COLUMNS).prediction.tolist() == [5, 6, 7]

    def test_nothing_is_written_into_the_folder_of_the_code(self, load: Load, tmp_path: Path) -> None:
        (tmp_path / "features.py").write_text("")
        load("import features\n" + DOUBLER).predict(COLUMNS)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["features.py", "model.json", "predict.py"]

    def test_computing_is_single_threaded_unless_the_user_says_otherwise(self, tmp_path: Path) -> None:
        (tmp_path / "predict.py").write_text(
            answering("[os.environ['OMP_NUM_THREADS'], os.environ['MKL_NUM_THREADS']] * 1")
        )
        predictors = ProcessPredictors("python", ENVIRONMENT | {"MKL_NUM_THREADS": "4"})
        predictor = predictors.load(tmp_path, "predict.py:load", tmp_path)
        assert predictor.predict({"hour": np.arange(2)}).prediction.tolist() == ["1", "4"]
        predictor.close()


class TestWhatModelsPrint:
    def test_printing_a_lot_neither_blocks_nor_damages_an_answer(self, load: Load) -> None:
        predictor = load(answering("print('x' * 5_000_000) or sys.stderr.write('y' * 5_000_000) and columns['hour']"))
        assert predictor.predict(COLUMNS).prediction.tolist() == [5, 6, 7]
        assert predictor.predict(COLUMNS).prediction.tolist() == [5, 6, 7]

    def test_bytes_written_straight_to_stdout_do_no_harm(self, load: Load) -> None:
        predictor = load(answering("os.write(1, bytes(100)) and os.system('echo from a shell') + columns['hour']"))
        assert predictor.predict(COLUMNS).prediction.tolist() == [5, 6, 7]

    def test_a_shim_that_prints_before_python_starts_does_no_harm(self, load: Load, tmp_path: Path) -> None:
        shim = tmp_path / "shim"
        shim.write_text(f'#!/bin/sh\necho welcome\nexec {sys.executable} "$@"\n')
        shim.chmod(0o755)
        assert load(DOUBLER, python=str(shim)).predict(COLUMNS).prediction.tolist() == [10, 12, 14]

    def test_reading_stdin_finds_its_end_and_takes_no_frame(self, load: Load) -> None:
        predictor = load(answering("[len(sys.stdin.read())] * 3"))
        assert predictor.predict(COLUMNS).prediction.tolist() == [0, 0, 0]

    def test_the_last_lines_stand_in_the_error(self, load: Load) -> None:
        code = "print('about to fail')\n" + answering("1 / 0")
        assert "it printed: about to fail" in problem_of(lambda: load(code).predict(COLUMNS)).because


class TestModelsThatDoNotLoad:
    def test_a_missing_file_names_the_near_miss(self, load: Load) -> None:
        problem = problem_of(lambda: load(DOUBLER, predict="predcit.py:load"))
        assert problem.code == "predict-file-missing"
        assert problem.because == ("did you mean predict.py?", "there is: predict.py")

    def test_a_missing_function_names_the_near_miss(self, load: Load) -> None:
        problem = problem_of(lambda: load(DOUBLER, predict="predict.py:laod"))
        assert (problem.code, problem.what) == ("predict-function-missing", "predict.py has no function laod")
        assert "did you mean load?" in problem.because

    @pytest.mark.parametrize(
        "reference", ["predict.py", "predict.py:", ":load", "../predict.py:load", "/etc/p.py:load"]
    )
    def test_a_reference_that_names_no_function_below_the_folder_is_refused(self, load: Load, reference: str) -> None:
        assert problem_of(lambda: load(DOUBLER, predict=reference)).code == "predict-reference-wrong"

    def test_a_load_that_raises_is_named_with_its_line(self, load: Load) -> None:
        code = "import json\n\ndef load(path):\n    return json.loads(open(path).read())\n"
        problem = problem_of(lambda: load(code, model="weights"))
        assert problem.code == "model-unloadable"
        assert problem.because[0].startswith("json.decoder.JSONDecodeError: Expecting value")
        assert problem.because[1] == "at predict.py:4, in load: return json.loads(open(path).read())"

    def test_code_that_does_not_parse_is_named_with_its_line(self, load: Load) -> None:
        problem = problem_of(lambda: load("def load(path)\n    pass\n"))
        assert problem.code == "predict-file-broken"
        assert problem.because[1] == "at predict.py:1"

    def test_a_package_that_is_not_installed_is_named_with_the_command(self, load: Load) -> None:
        problem = problem_of(lambda: load("import no_such_package\n" + DOUBLER))
        assert problem.code == "module-missing"
        assert problem.fix.startswith("python -m pip install no_such_package")

    @pytest.mark.parametrize(("returned", "seen"), [("None", "it returned None"), ("42", "it returned int 42")])
    def test_a_load_that_returns_nothing_callable_is_told(self, load: Load, returned: str, seen: str) -> None:
        problem = problem_of(lambda: load(f"def load(path):\n    return {returned}\n"))
        assert (problem.code, problem.because) == ("predict-not-callable", (seen,))

    def test_a_load_that_exits_is_told_like_one_that_raises(self, load: Load) -> None:
        problem = problem_of(lambda: load("import sys\n\ndef load(path):\n    sys.exit(3)\n"))
        assert (problem.code, problem.because[0]) == ("model-unloadable", "SystemExit: 3")

    def test_a_load_that_hangs_is_killed(self, load: Load) -> None:
        code = "import threading\n\ndef load(path):\n    threading.Event().wait()\n"
        problem = problem_of(lambda: load(code, load_timeout_s=0.5))
        assert (problem.code, problem.what) == ("load-timed-out", "the model did not load within 0.5 s")

    def test_a_missing_model_is_told_before_anything_starts(self, tmp_path: Path) -> None:
        (tmp_path / "predict.py").write_text(DOUBLER)
        predictors = ProcessPredictors("python", ENVIRONMENT)
        problem = problem_of(lambda: predictors.load(tmp_path, "predict.py:load", tmp_path / "none.pkl"))
        assert problem.code == "model-missing"

    def test_a_python_that_is_not_there_is_told(self, load: Load) -> None:
        assert problem_of(lambda: load(DOUBLER, python="no-such-python")).code == "predict-python-missing"

    def test_a_python_without_numpy_is_told(self, load: Load, tmp_path: Path) -> None:
        shim = tmp_path / "shim"
        shim.write_text(f'#!/bin/sh\nexec {sys._base_executable} -S "$@"\n')  # type: ignore[attr-defined]
        shim.chmod(0o755)
        assert problem_of(lambda: load(DOUBLER, python=str(shim))).code == "numpy-missing"

    def test_a_python_that_is_none_dies_with_what_it_said(self, load: Load, tmp_path: Path) -> None:
        shim = tmp_path / "shim"
        shim.write_text("#!/bin/sh\necho this is no python >&2\nexit 5\n")
        shim.chmod(0o755)
        problem = problem_of(lambda: load(DOUBLER, python=str(shim)))
        assert problem.because == ("it ended with exit code 5", "it printed: this is no python")


class TestModelsThatDoNotPredict:
    def test_an_exception_is_named_with_its_line(self, load: Load) -> None:
        problem = problem_of(lambda: load(answering("dict(hour=1)['huor']")).predict(COLUMNS))
        assert problem.code == "predict-raised"
        assert problem.because == ("KeyError: 'huor'", "at predict.py:7, in predict: return dict(hour=1)['huor']")

    @pytest.mark.parametrize(
        ("expression", "code", "seen"),
        [
            ("[1, 2]", "predict-wrong-count", "as prediction it returned 2 for 3 rows"),
            ("{'prediction': [1] * 3, 'score': [1]}", "predict-wrong-count", "as score it returned 1 for 3 rows"),
            ("None", "predict-wrong-kind", "as prediction it returned None"),
            ("3.5", "predict-wrong-kind", "as prediction it returned float 3.5"),
            ("[[1, 2], [3], [4]]", "predict-wrong-kind", "as prediction it returned list [1, 2] for row 1"),
            ("np.ones((3, 4))", "predict-wrong-kind", "as prediction it returned an array of 3 x 4"),
            ("np.array([1j, 2, 3])", "predict-wrong-kind", "as prediction it returned an array of complex128"),
            (
                "['a', 1.5, 'b'][:3] and np.array(['a', 1.5, 'b'], dtype=object)",
                "predict-wrong-kind",
                "as prediction it returned float 1.5 for row 2",
            ),
            (
                "[print, 1, 2]",
                "predict-wrong-kind",
                "as prediction it returned builtin_function_or_method <built-in function print> for row 1",
            ),
            ("{'predictions': [1, 2, 3]}", "predict-wrong-kind", "it returned a dict with 'predictions'"),
        ],
    )
    def test_an_answer_that_is_no_list_of_predictions_is_told(
        self, load: Load, expression: str, code: str, seen: str
    ) -> None:
        problem = problem_of(lambda: load(answering(expression)).predict(COLUMNS))
        assert (problem.code, problem.because[0]) == (code, seen)

    def test_one_that_hangs_is_killed_even_if_it_never_yields(self, load: Load) -> None:
        predictor = load(answering("[0 for _ in iter(int, 1)]"), predict_timeout_s=0.5)
        problem = problem_of(lambda: predictor.predict(COLUMNS))
        assert (problem.code, problem.what) == ("predict-timed-out", "the model did not answer within 0.5 s")

    @pytest.mark.parametrize(
        ("expression", "ending"),
        [
            ("os._exit(7)", "it ended with exit code 7"),
            ("os.kill(os.getpid(), 11)", "it was ended by SIGSEGV"),
            ("os.kill(os.getpid(), 9)", "it was ended by SIGKILL; the system does this when memory runs out"),
        ],
    )
    def test_one_that_dies_is_told_with_how(self, load: Load, expression: str, ending: str) -> None:
        problem = problem_of(lambda: load(answering(expression)).predict(COLUMNS))
        assert (problem.code, problem.because[0]) == ("predict-died", ending)

    def test_one_whose_child_holds_the_pipes_open_is_still_seen_to_die(self, load: Load) -> None:
        problem = problem_of(lambda: load(answering("os.fork() and os._exit(7) or time.sleep(60)")).predict(COLUMNS))
        assert problem.because[0] == "it ended with exit code 7"

    def test_one_that_closes_every_descriptor_is_told(self, load: Load) -> None:
        predictor = load(answering("os.closerange(0, 100) or columns['hour']"))
        assert problem_of(lambda: predictor.predict(COLUMNS)).code == "predict-died"

    def test_one_that_writes_over_the_frames_is_told(self, load: Load) -> None:
        predictor = load(answering("os.write(4, b'\\xff' * 64) and columns['hour']"))
        assert problem_of(lambda: predictor.predict(COLUMNS)).code == "predict-garbled"

    def test_after_a_failure_the_predictor_is_closed(self, load: Load) -> None:
        predictor = load(answering("1 / 0"))
        problem_of(lambda: predictor.predict(COLUMNS))
        assert problem_of(lambda: predictor.predict(COLUMNS)).code == "predict-closed"

    def test_a_column_that_is_no_text_is_told(self, load: Load) -> None:
        columns = {"when": np.array(["2013-01-01"], dtype="datetime64[D]")}
        problem = problem_of(lambda: load(DOUBLER).predict(columns))
        assert problem.because == ('column "when" holds datetime64[D]; expected numbers, truth values or text',)


class TestTheEnd:
    def test_close_ends_the_process_with_its_children_and_may_be_called_twice(self, load: Load) -> None:
        predictor = load(
            "import os, subprocess\nCHILD = subprocess.Popen(['sleep', '600']).pid\n"
            + answering("[os.getpid(), CHILD, 0]")
        )
        worker, child, _ = predictor.predict(COLUMNS).prediction.tolist()
        predictor.close()
        predictor.close()
        assert not is_running(worker)
        until(lambda: not is_running(child))

    def test_a_worker_ends_when_the_process_that_asked_is_killed_in_the_middle(self, tmp_path: Path) -> None:
        (tmp_path / "predict.py").write_text(
            answering("open('pid', 'w').write(f'{os.getpid()}\\n') and time.sleep(600)")
        )
        (tmp_path / "asker.py").write_text(ASKER)
        with subprocess.Popen([sys.executable, "asker.py"], cwd=tmp_path) as asker:
            pid = until(lambda: read_line(tmp_path / "pid"))
            asker.kill()
        until(lambda: not is_running(int(pid)))

    def test_closing_while_another_thread_asks_ends_that_call(self, load: Load) -> None:
        code = "import threading\n" + answering("print('working', flush=True) or threading.Event().wait()")
        predictor = load(code)
        told: list[Problem] = []
        thread = threading.Thread(target=lambda: told.append(problem_of(lambda: predictor.predict(COLUMNS))))
        thread.start()
        until(lambda: "working" in predictor._child.last_lines(1))
        predictor.close()
        thread.join()
        assert told[0].code == "predict-died"


class TestTheWorkerFile:
    def test_it_parses_under_python_3_8(self) -> None:
        ast.parse(WORKER.read_text(), feature_version=(3, 8))

    def test_it_stands_in_no_package_and_runs_alone(self, tmp_path: Path) -> None:
        assert not (WORKER.parent / "__init__.py").exists()
        alone = shutil.copy(WORKER, tmp_path)
        ended = subprocess.run(
            [sys.executable, "-I", alone], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        assert (ended.stdout, ended.stderr) == (b"\x00assay-predict-1\n", b"")


ASKER = """
import os, sys
from pathlib import Path
import numpy as np
from assay.adapters.predictors.process import ProcessPredictors
here = Path.cwd()
environment = {"PATH": str(Path(sys.executable).parent)}
ProcessPredictors("python", environment).load(here, "predict.py:load", here).predict({"x": np.arange(1)})
"""


def read_line(file: Path) -> str:
    text = file.read_text() if file.exists() else ""
    return text if text.endswith("\n") else ""


def until(look: Callable[[], Any]) -> Any:
    """What ``look`` returns once it is true; fails after two minutes: only where something hangs."""
    deadline_s = time.monotonic() + 120
    while time.monotonic() < deadline_s:
        seen = look()
        if seen:
            return seen
        threading.Event().wait(0.01)
    raise AssertionError("it never came true")


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class TestColumnsThatAreNotThere:
    @pytest.mark.parametrize(
        "expression",
        [
            "columns['howr'] * 2",
            "__import__('pandas').DataFrame(columns)['howr']",
            "__import__('pandas').DataFrame(columns)[['late', 'howr']].howr",
        ],
    )
    def test_the_column_is_named_with_those_that_there_are(self, load: Load, expression: str) -> None:
        if "pandas" in expression:
            pytest.importorskip("pandas")
        problem = problem_of(lambda: load(answering(expression)).predict(COLUMNS))
        assert problem.code == "predict-column-missing"
        assert problem.what == "the rows have no column 'howr', which the model asked for"
        assert problem.because[0] == "their columns are hour, delay, late, carrier"
        assert "at predict.py:7, in predict" in problem.because[2]
        assert problem.fix.startswith("did you mean 'hour'? add the column")

    @pytest.mark.parametrize("expression", ["{'UA': 1}['AA']", "[{'UA': 1}[c] for c in columns['carrier']]"])
    def test_another_key_that_is_not_there_is_no_column(self, load: Load, expression: str) -> None:
        assert problem_of(lambda: load(answering(expression)).predict(COLUMNS)).code == "predict-raised"
