"""Models of known flavours, by the real libraries: how they are recognised, what they answer, and what each bad one is called."""

import ast
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import lightgbm
import numpy as np
import onnx
import pandas as pd
import pytest
import sklearn
import skops.io
import xgboost
from onnx import TensorProto, helper
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from assay.adapters.predictors.flavours import KNOWN, flavour_of
from assay.adapters.predictors.process import WORKER, ProcessPredictor, ProcessPredictors
from assay.core.problem import EvidenceError, Problem, describe

ENVIRONMENT = {"PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")}
DRAW = np.random.default_rng(7)
ROWS = pd.DataFrame({"x": DRAW.normal(size=200), "y": DRAW.normal(size=200), "kind": DRAW.choice(["a", "b"], size=200)})
NUMBERS = ROWS[["x", "y"]]
TWO = (ROWS["x"] + ROWS["y"] > 0).astype(int)
THREE = TWO + (ROWS["x"] > 1)
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def columns_of(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Rows as a predictor gets them: by name, text as objects."""
    return {name: frame[name].to_numpy(object if name == "kind" else None) for name in frame.columns}


COLUMNS = columns_of(ROWS)
MIXED = {"extra": np.ones(200), "y": COLUMNS["y"], "kind": COLUMNS["kind"], "x": COLUMNS["x"]}
"""The columns in another order, with one that no model was trained with."""


@pytest.fixture(scope="module")
def flavours() -> ModuleType:
    """The worker's half, as the worker loads it, but in this process."""
    import importlib.util

    package = WORKER.parent / "flavours"
    spec = importlib.util.spec_from_file_location(
        "_assay_flavours", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["_assay_flavours"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Answer = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(flavours: ModuleType) -> Answer:
    """What a model file says of rows: its flavour recognised, loaded and asked, all in this process."""

    def answer(path: Path, columns: dict[str, np.ndarray] = MIXED) -> dict[str, Any]:
        with path.open("rb") as file:
            flavour = flavour_of(path.name, file.read(512)).removeprefix("flavour:")
        told: dict[str, Any] = flavours.load(flavour, str(path))(columns)
        return told

    return answer


@pytest.fixture
def unfit(flavours: ModuleType, ask: Answer) -> Callable[..., Any]:
    """Why it says nothing."""

    def told(path: Path, columns: dict[str, np.ndarray] = MIXED) -> Any:
        with pytest.raises(flavours.Unfit) as caught:
            ask(path, columns)
        return caught.value

    return told


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def pickled(path: Path, model: object) -> Path:
    return write(path, pickle.dumps(model))


class TestRecognising:
    @pytest.mark.parametrize(
        ("name", "head", "flavour"),
        [
            ("m.onnx", b"\x08\x0a\x12\x08skl2onnx", "onnx"),
            ("M.ONNX", b"\x08\x0a", "onnx"),
            ("m.skops", b"PK\x03\x04", "skops"),
            ("m.pkl", b"\x80\x04\x95", "sklearn"),
            ("m.pickle", b"ccopy_reg\n_reconstructor\n", "sklearn"),
            ("m.joblib", b"\x1f\x8b\x08", "sklearn"),
            ("m.joblib", b"x^\x95", "sklearn"),
            ("m.json", b'{"learner":{"attributes":{}', "xgboost"),
            ("m.json", b'{\n  "version": [3, 0, 0],\n  "learner": {', "xgboost"),
            ("m.ubj", b"{L\0\0\0\0\0\0\0\x07learner{L", "xgboost"),
            ("m.txt", b"tree\nversion=v4\n", "lightgbm"),
            ("m.lgb", b"tree\nversion=v4\n", "lightgbm"),
            ("m.cbm", b"CBM1h-\0\0", "catboost"),
        ],
    )
    def test_a_flavour_is_known_by_name_and_first_bytes(self, name: str, head: bytes, flavour: str) -> None:
        assert flavour_of(name, head) == f"flavour:{flavour}"

    @pytest.mark.parametrize(
        ("name", "head", "code", "because"),
        [
            ("m.onnx", b"\x80\x04\x95", "model-of-another-flavour", "it begins as a pickle"),
            ("m.onnx", b"", "model-of-another-flavour", "it is empty"),
            ("m.json", b"", "model-of-another-flavour", "it is empty"),
            ("m.skops", b"\x80\x04\x95", "model-of-another-flavour", "it begins as a pickle"),
            ("m.pkl", b"PK\x03\x04", "model-of-another-flavour", "it begins as a zip archive"),
            ("m.pkl", b"\x89HDF\r\n", "model-of-another-flavour", "it begins as an HDF5 file"),
            ("m.pkl", b"\x08\x0a", "model-of-another-flavour", "it begins as an ONNX model"),
            ("m.ubj", b'{"slope": 2}', "model-of-another-flavour", "it begins as JSON"),
            ("m.lgb", b"CBM1", "model-of-another-flavour", "it begins as a CatBoost model"),
            ("m.cbm", b"hello", "model-of-another-flavour", "it begins with b'hello'"),
            ("m.json", b'{"slope": 2}', "no-predict", "it begins as JSON, and not as a model of XGBoost"),
            ("m.txt", b"2.5\n", "no-predict", "it begins with b'2.5\\n', and not as a model of LightGBM"),
            ("m.bin", b"\x80\x04\x95", "no-predict", "its name tells no flavour"),
            ("model", b"\x80\x04\x95", "no-predict", "its name tells no flavour"),
            ("m.pkl", LFS_POINTER, "git-lfs-pointer", "Git LFS did not fetch the model itself"),
            ("m.json", LFS_POINTER, "git-lfs-pointer", "Git LFS did not fetch the model itself"),
        ],
    )
    def test_another_file_is_told_for_what_it_is(self, name: str, head: bytes, code: str, because: str) -> None:
        with pytest.raises(EvidenceError) as caught:
            flavour_of(name, head)
        problem = caught.value.problem
        assert problem.code == code
        assert problem.because[0].startswith(because)
        assert problem.fix

    def test_an_unknown_flavour_names_those_that_are_known_and_how_to_write_predict(self) -> None:
        with pytest.raises(EvidenceError) as caught:
            flavour_of("model.h5", b"\x89HDF")
        told = describe(caught.value.problem)
        assert all(suffix in told for flavour in KNOWN for suffix in flavour.suffixes)
        assert "`predict: predict.py:load`" in told

    def test_a_folder_is_of_no_flavour(self, tmp_path: Path) -> None:
        with pytest.raises(EvidenceError) as caught:
            ProcessPredictors("python", ENVIRONMENT).recognise(tmp_path)
        assert caught.value.problem.because[0] == "it is a folder"

    def test_what_recognises_and_what_loads_know_the_same_flavours(self, flavours: ModuleType) -> None:
        assert set(flavours.LOADERS) == {flavour.name for flavour in KNOWN}


class TestEstimators:
    @pytest.mark.parametrize(
        ("name", "dump"),
        [
            ("m.pkl", lambda model, path: path.write_bytes(pickle.dumps(model))),
            ("m.pkl", joblib.dump),
            ("m.pickle", lambda model, path: path.write_bytes(pickle.dumps(model, protocol=0))),
            ("m.joblib", joblib.dump),
            ("m.joblib", lambda model, path: joblib.dump(model, path, compress=3)),
            ("m.joblib", lambda model, path: joblib.dump(model, path, compress=("xz", 3))),
            ("m.skops", skops.io.dump),
        ],
    )
    def test_however_it_was_dumped_it_predicts_the_same(
        self, ask: Answer, tmp_path: Path, name: str, dump: Callable[[object, Path], object]
    ) -> None:
        model = LogisticRegression().fit(NUMBERS, TWO)
        dump(model, tmp_path / name)
        told = ask(tmp_path / name)
        assert told["prediction"].tolist() == model.predict(NUMBERS).tolist()
        assert told["score"].tolist() == model.predict_proba(NUMBERS)[:, 1].tolist()

    def test_text_goes_in_as_a_data_frame_and_comes_out_as_predictions(self, ask: Answer, tmp_path: Path) -> None:
        encode = make_column_transformer((OneHotEncoder(), ["kind"]), remainder="passthrough")
        names = np.where(TWO, "late", "early")
        model = make_pipeline(encode, LogisticRegression()).fit(ROWS, names)
        told = ask(pickled(tmp_path / "m.pkl", model))
        assert told["prediction"].tolist() == model.predict(ROWS).tolist()
        assert told["score"].tolist() == model.predict_proba(ROWS).tolist(), "a column for each of two named classes"

    def test_a_missing_text_is_nan_as_pandas_reads_it(self, ask: Answer, tmp_path: Path) -> None:
        gaps = ROWS.assign(kind=ROWS["kind"].where(ROWS["x"] < 1))
        encode = make_column_transformer((OneHotEncoder(), ["kind"]), remainder="passthrough")
        model = make_pipeline(encode, LogisticRegression()).fit(gaps, TWO)
        with_none = [None if gap else kind for gap, kind in zip(gaps["kind"].isna(), ROWS["kind"], strict=True)]
        told = ask(pickled(tmp_path / "m.pkl", model), {**COLUMNS, "kind": np.array(with_none, dtype=object)})
        assert told["prediction"].tolist() == model.predict(gaps).tolist()

    def test_three_classes_have_a_score_each(self, ask: Answer, tmp_path: Path) -> None:
        model = LogisticRegression().fit(NUMBERS, THREE)
        told = ask(pickled(tmp_path / "m.pkl", model))
        assert told["score"].tolist() == model.predict_proba(NUMBERS).tolist()

    def test_a_regressor_has_no_score(self, ask: Answer, tmp_path: Path) -> None:
        model = LinearRegression().fit(NUMBERS, ROWS["x"])
        told = ask(pickled(tmp_path / "m.pkl", model))
        assert told["prediction"] == pytest.approx(ROWS["x"].tolist())
        assert told["score"] is None

    def test_one_fitted_without_names_takes_the_columns_as_they_come(self, ask: Answer, tmp_path: Path) -> None:
        model = LogisticRegression().fit(NUMBERS.to_numpy(), TWO)
        told = ask(pickled(tmp_path / "m.pkl", model), columns_of(NUMBERS))
        assert told["prediction"].tolist() == model.predict(NUMBERS.to_numpy()).tolist()

    def test_the_column_numbers_of_other_libraries_are_no_names(self, ask: Answer, tmp_path: Path) -> None:
        model = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(NUMBERS.to_numpy(), TWO)
        told = ask(pickled(tmp_path / "m.pkl", model), columns_of(NUMBERS))
        assert told["score"].tolist() == model.booster_.predict(NUMBERS.to_numpy()).tolist()

    def test_columns_that_are_named_by_numbers_are_found_by_name(self, ask: Answer, tmp_path: Path) -> None:
        named = NUMBERS.set_axis(["1", "0"], axis=1)
        model = LinearRegression().fit(named, named["1"])
        told = ask(pickled(tmp_path / "m.pkl", model), {"0": COLUMNS["y"], "1": COLUMNS["x"]})
        assert told["prediction"] == pytest.approx(ROWS["x"].tolist())

    def test_no_rows_are_no_predictions(self, ask: Answer, tmp_path: Path) -> None:
        path = pickled(tmp_path / "m.pkl", LinearRegression().fit(NUMBERS, TWO))
        assert ask(path, {name: values[:0] for name, values in COLUMNS.items()}) == []

    def test_a_missing_column_has_its_near_miss(self, unfit: Callable[..., Any], tmp_path: Path) -> None:
        model = LinearRegression().fit(NUMBERS.set_axis(["dep_hour", "y"], axis=1), TWO)
        told = unfit(pickled(tmp_path / "m.pkl", model), {"dep_huor": np.ones(3), "y": np.ones(3)})
        assert (told.code, told.named) == ("model-column-missing", {"columns": "dep_hour"})
        assert told.because[0] == "dep_hour: did you mean dep_huor?"

    def test_another_number_of_columns_is_told_with_them(self, unfit: Callable[..., Any], tmp_path: Path) -> None:
        model = LinearRegression().fit(NUMBERS.to_numpy(), TWO)
        told = unfit(pickled(tmp_path / "m.pkl", model))
        assert told.code == "model-column-count"
        assert told.because == (
            "the model reads 2, and the file does not say which",
            "the rows have 4: extra, y, kind, x",
        )

    def test_text_for_a_model_of_numbers_is_told(self, unfit: Callable[..., Any], tmp_path: Path) -> None:
        model = LinearRegression().fit(NUMBERS.to_numpy(), TWO)
        told = unfit(pickled(tmp_path / "m.pkl", model), {"x": COLUMNS["x"], "kind": COLUMNS["kind"]})
        assert (told.code, told.named) == ("model-column-unfit", {"column": "kind"})

    @pytest.mark.parametrize(
        ("held", "seen"),
        [
            ({"model": 1, "scaler": 2}, "it holds a dict with the keys model, scaler"),
            ([1, 2], "it holds a list of 2"),
            (3.5, "it holds a float"),
            (OneHotEncoder(), "it holds a OneHotEncoder"),
        ],
    )
    def test_what_has_no_predict_is_told(
        self, unfit: Callable[..., Any], tmp_path: Path, held: object, seen: str
    ) -> None:
        told = unfit(pickled(tmp_path / "m.pkl", held))
        assert (told.code, told.because) == ("model-without-predict", (seen,))

    @pytest.mark.parametrize("name", ["m.pkl", "m.joblib", "m.skops"])
    def test_a_file_that_breaks_off_is_told(self, unfit: Callable[..., Any], tmp_path: Path, name: str) -> None:
        model = LogisticRegression().fit(NUMBERS, TWO)
        whole = pickle.dumps(model)
        if name == "m.skops":
            whole = skops.io.dumps(model)
        elif name == "m.joblib":
            joblib.dump(model, tmp_path / "whole", compress=3)
            whole = (tmp_path / "whole").read_bytes()
        told = unfit(write(tmp_path / name, whole[: len(whole) // 2]))
        assert told.code == "model-unloadable"
        assert told.because[1] == "the file breaks off: it was not written to its end, or not copied whole"

    def test_a_version_that_does_not_fit_is_told_when_it_then_fails(
        self, unfit: Callable[..., Any], ask: Answer, tmp_path: Path
    ) -> None:
        version = sklearn.__version__
        older = "0" + version[1:]
        model = LogisticRegression().fit(NUMBERS, TWO)
        old = pickle.dumps(model).replace(version.encode(), older.encode())
        assert ask(write(tmp_path / "m.pkl", old))["prediction"].tolist() == model.predict(NUMBERS).tolist()
        del model.coef_
        broken = pickle.dumps(model).replace(version.encode(), older.encode())
        told = unfit(write(tmp_path / "m.pkl", broken))
        assert told.code == "predict-raised"
        assert told.because[-1] == f"it was made with scikit-learn {older}; this Python has {version}"
        told = unfit(write(tmp_path / "m.pkl", old[:-2]))
        assert told.code == "model-unloadable"
        assert told.because[-1] == f"it was made with scikit-learn {older}; this Python has {version}"

    def test_types_that_skops_does_not_trust_are_named_and_not_loaded(
        self, unfit: Callable[..., Any], tmp_path: Path
    ) -> None:
        model = make_pipeline(FunctionTransformer(describe), LogisticRegression())
        skops.io.dump(model, tmp_path / "m.skops")
        told = unfit(tmp_path / "m.skops")
        assert (told.code, told.because) == ("model-untrusted-types", ("assay.core.problem.describe",))


class TestXgboost:
    @pytest.mark.parametrize("name", ["m.json", "m.ubj"])
    @pytest.mark.parametrize("rows", [NUMBERS, NUMBERS.to_numpy()], ids=["named", "nameless"])
    def test_a_classifier_of_two_answers_as_its_wrapper_does(
        self, ask: Answer, tmp_path: Path, name: str, rows: Any
    ) -> None:
        model = xgboost.XGBClassifier(n_estimators=4).fit(rows, TWO)
        model.save_model(tmp_path / name)
        told = ask(tmp_path / name, MIXED if rows is NUMBERS else columns_of(NUMBERS))
        assert told["prediction"].tolist() == model.predict(rows).tolist()
        assert told["score"] == pytest.approx(model.predict_proba(rows)[:, 1])

    @pytest.mark.parametrize("objective", ["multi:softprob", "multi:softmax"])
    def test_classes_are_whole_numbers(self, ask: Answer, tmp_path: Path, objective: str) -> None:
        data = xgboost.DMatrix(NUMBERS, THREE)
        booster = xgboost.train({"objective": objective, "num_class": 3}, data, num_boost_round=3)
        booster.save_model(tmp_path / "m.json")
        told = ask(tmp_path / "m.json")
        wanted = booster.predict(data)
        assert told["prediction"].dtype == np.int64
        assert (
            told["prediction"].tolist() == (wanted.argmax(axis=1) if wanted.ndim == 2 else wanted).astype(int).tolist()
        )
        assert (told["score"] is None) == (objective == "multi:softmax")

    def test_a_regressor_stops_at_its_best_iteration(self, ask: Answer, tmp_path: Path) -> None:
        model = xgboost.XGBRegressor(n_estimators=50, early_stopping_rounds=2, learning_rate=1.0)
        noisy = ROWS["x"] + DRAW.normal(size=200)
        model.fit(NUMBERS[:150], noisy[:150], eval_set=[(NUMBERS[150:], noisy[150:])], verbose=False)
        assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
        model.save_model(tmp_path / "m.json")
        assert ask(tmp_path / "m.json")["prediction"].tolist() == model.predict(NUMBERS).tolist()

    def test_categories_are_refused_for_their_numbers_may_not_be_known(
        self, unfit: Callable[..., Any], tmp_path: Path
    ) -> None:
        model = xgboost.XGBClassifier(n_estimators=2, enable_categorical=True)
        model.fit(ROWS.astype({"kind": "category"}), TWO).save_model(tmp_path / "m.json")
        told = unfit(tmp_path / "m.json")
        assert (told.code, told.because) == ("flavour-not-enough", ("it was trained with categorical columns: kind",))

    def test_a_missing_column_is_told(self, unfit: Callable[..., Any], tmp_path: Path) -> None:
        xgboost.XGBRegressor(n_estimators=2).fit(NUMBERS, TWO).save_model(tmp_path / "m.ubj")
        assert unfit(tmp_path / "m.ubj", {"x": np.ones(3)}).code == "model-column-missing"


class TestLightgbm:
    @pytest.mark.parametrize("name", ["m.txt", "m.lgb"])
    def test_a_classifier_of_two_answers_as_its_wrapper_does(self, ask: Answer, tmp_path: Path, name: str) -> None:
        model = lightgbm.LGBMClassifier(n_estimators=4, verbose=-1).fit(NUMBERS, TWO)
        model.booster_.save_model(tmp_path / name)
        told = ask(tmp_path / name)
        assert told["prediction"].tolist() == model.predict(NUMBERS).tolist()
        assert told["score"] == pytest.approx(model.predict_proba(NUMBERS)[:, 1])

    def test_text_is_categorical_and_spaces_in_names_are_found_again(self, ask: Answer, tmp_path: Path) -> None:
        frame = ROWS.rename(columns={"x": "x of it"}).astype({"kind": "category"})
        data = lightgbm.Dataset(frame, THREE + (ROWS["kind"] == "a"))
        booster = lightgbm.train({"objective": "multiclass", "num_class": 4, "verbose": -1}, data, 3)
        booster.save_model(tmp_path / "m.txt")
        rows = {"y": COLUMNS["y"][::-1], "kind": COLUMNS["kind"][::-1], "x of it": COLUMNS["x"][::-1]}
        told = ask(tmp_path / "m.txt", rows)
        assert told["score"].tolist() == booster.predict(frame)[::-1].tolist()

    def test_categories_that_were_no_text_are_not_guessed_at(self, unfit: Callable[..., Any], tmp_path: Path) -> None:
        frame = ROWS.assign(y=(ROWS["y"] > 0).astype(int)).astype({"kind": "category", "y": "category"})
        lightgbm.LGBMRegressor(n_estimators=2, verbose=-1).fit(frame, TWO).booster_.save_model(tmp_path / "m.txt")
        told = unfit(tmp_path / "m.txt", COLUMNS)
        assert told.code == "flavour-not-enough"
        assert told.because == ("it was trained with 2 categorical columns, and 1 hold text: kind",)

    def test_a_regressor_without_names_reads_columns_as_they_come(self, ask: Answer, tmp_path: Path) -> None:
        model = lightgbm.LGBMRegressor(n_estimators=4, verbose=-1).fit(NUMBERS.to_numpy(), ROWS["x"])
        model.booster_.save_model(tmp_path / "m.txt")
        told = ask(tmp_path / "m.txt", columns_of(NUMBERS))
        assert told["prediction"].tolist() == model.booster_.predict(NUMBERS.to_numpy()).tolist()

    def test_an_objective_of_ones_own_is_refused(self, unfit: Callable[..., Any], tmp_path: Path) -> None:
        def squares(scores: np.ndarray, data: lightgbm.Dataset) -> tuple[np.ndarray, np.ndarray]:
            return scores - data.get_label(), np.ones(len(scores))

        booster = lightgbm.train({"objective": squares, "verbose": -1}, lightgbm.Dataset(NUMBERS, TWO), 2)
        booster.save_model(tmp_path / "m.txt")
        assert unfit(tmp_path / "m.txt").code == "flavour-not-enough"

    def test_a_file_that_breaks_off_is_told_before_the_library_reads_behind_its_end(
        self, unfit: Callable[..., Any], tmp_path: Path
    ) -> None:
        model = lightgbm.LGBMRegressor(n_estimators=4, verbose=-1).fit(NUMBERS, TWO)
        whole = model.booster_.model_to_string().encode()
        told = unfit(write(tmp_path / "m.txt", whole[: len(whole) // 3]))
        assert (told.code, told.because[0][:20]) == ("model-unloadable", "the file breaks off:")


def graph(
    path: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any], constants: dict[str, Any] | None = None
) -> Path:
    """An ONNX file, written by hand."""
    kept = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in (constants or {}).items()]
    made = helper.make_model(
        helper.make_graph(nodes, "g", inputs, outputs, kept),
        opset_imports=[helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)],
        ir_version=8,
    )
    return write(path, made.SerializeToString())


def tensor(name: str, kind: int, *shape: int | None) -> Any:
    return helper.make_tensor_value_info(name, kind, list(shape))


def classifier(path: Path, classes: list[str] | list[int], *, maps: bool) -> Path:
    """What converters of scikit-learn write for a classifier of two: a label, and probabilities as a tensor or as maps."""
    is_text = isinstance(classes[0], str)
    named = {"classlabels_strings" if is_text else "classlabels_ints": classes}
    made = helper.make_node(
        "LinearClassifier", ["rows"], ["label", "raw"], domain="ai.onnx.ml", coefficients=[-1.0, -1.0, 1.0, 1.0],
        intercepts=[0.0, 0.0], post_transform="SOFTMAX", **named,
    )  # fmt: skip
    nodes, outputs = [made], [tensor("label", TensorProto.STRING if is_text else TensorProto.INT64, None)]
    if maps:
        keys = {"classlabels_strings" if is_text else "classlabels_int64s": classes}
        nodes.append(helper.make_node("ZipMap", ["raw"], ["maps"], domain="ai.onnx.ml", **keys))
        key = TensorProto.STRING if is_text else TensorProto.INT64
        value = helper.make_tensor_type_proto(TensorProto.FLOAT, [])
        sequence = helper.make_sequence_type_proto(helper.make_map_type_proto(key, value))
        outputs.append(helper.make_value_info("maps", sequence))
    else:
        outputs.append(tensor("raw", TensorProto.FLOAT, None, 2))
    return graph(path, nodes, [tensor("rows", TensorProto.FLOAT, None, 2)], outputs)


class TestOnnx:
    TOTAL = COLUMNS["x"].astype(np.float32) + COLUMNS["y"].astype(np.float32)
    WEIGHTS = np.array([[1.0], [1.0]], dtype=np.float32)

    def test_one_input_of_rows_takes_the_columns_as_they_come(self, ask: Answer, tmp_path: Path) -> None:
        path = graph(
            tmp_path / "m.onnx",
            [helper.make_node("MatMul", ["rows", "w"], ["out"])],
            [tensor("rows", TensorProto.FLOAT, None, 2)],
            [tensor("out", TensorProto.FLOAT, None, 1)],
            {"w": self.WEIGHTS},
        )
        told = ask(path, columns_of(NUMBERS))
        assert told["prediction"] == pytest.approx(self.TOTAL)
        assert told["score"] is None

    def test_inputs_by_name_take_their_columns_of_whatever_type(self, ask: Answer, tmp_path: Path) -> None:
        path = graph(
            tmp_path / "m.onnx",
            [
                helper.make_node("Cast", ["count"], ["number"], to=TensorProto.FLOAT),
                helper.make_node("Add", ["x", "number"], ["out"]),
                helper.make_node("Identity", ["kind"], ["label"]),
            ],
            [
                tensor("kind", TensorProto.STRING, None, 1),
                tensor("count", TensorProto.INT64, None, 1),
                tensor("x", TensorProto.FLOAT, None, 1),
            ],
            [tensor("label", TensorProto.STRING, None, 1), tensor("out", TensorProto.FLOAT, None, 1)],
        )
        told = ask(path, {**MIXED, "count": np.arange(200.0)})
        assert told["prediction"].tolist() == COLUMNS["kind"].tolist()

    @pytest.mark.parametrize("maps", [True, False])
    def test_a_classifier_has_its_label_as_prediction_and_scores_beside(
        self, ask: Answer, tmp_path: Path, maps: bool
    ) -> None:
        told = ask(classifier(tmp_path / "m.onnx", ["early", "late"], maps=maps), columns_of(NUMBERS))
        assert told["prediction"].tolist() == np.where(self.TOTAL > 0, "late", "early").tolist()
        assert told["score"] == pytest.approx(
            np.column_stack([1 / (1 + np.exp(2 * self.TOTAL)), 1 / (1 + np.exp(-2 * self.TOTAL))]), abs=1e-6
        )

    def test_of_the_classes_0_and_1_the_score_is_that_of_1(self, ask: Answer, tmp_path: Path) -> None:
        told = ask(classifier(tmp_path / "m.onnx", [0, 1], maps=True), columns_of(NUMBERS))
        assert told["prediction"].dtype == np.int64
        assert told["score"] == pytest.approx(1 / (1 + np.exp(-2 * self.TOTAL)), abs=1e-6)

    def test_another_width_is_told(self, unfit: Callable[..., Any], tmp_path: Path) -> None:
        assert unfit(classifier(tmp_path / "m.onnx", [0, 1], maps=False)).code == "model-column-count"

    def test_a_lone_input_of_one_column_is_found_by_name(self, ask: Answer, tmp_path: Path) -> None:
        node = helper.make_node("Identity", ["x"], ["out"])
        path = graph(tmp_path / "m.onnx", [node], [tensor("x", TensorProto.DOUBLE, None, 1)], [tensor("out", TensorProto.DOUBLE, None, 1)])  # fmt: skip
        assert ask(path)["prediction"].tolist() == COLUMNS["x"].tolist()

    @pytest.mark.parametrize(
        ("name", "kind", "column", "seen"),
        [
            ("kind", TensorProto.FLOAT, COLUMNS["kind"], "it holds text, such as"),
            ("count", TensorProto.INT64, np.array([1.0, np.nan]), "it holds NULL or fractions"),
            ("kind", TensorProto.STRING, np.array(["a", None], dtype=object), "it holds NULL"),
            ("kind", TensorProto.STRING, np.array([1.0, 2.0]), "it holds numbers"),
        ],
    )
    def test_a_column_that_the_input_cannot_hold_is_told(
        self, unfit: Callable[..., Any], tmp_path: Path, name: str, kind: int, column: np.ndarray, seen: str
    ) -> None:
        node = helper.make_node("Identity", [name], ["out"])
        path = graph(tmp_path / "m.onnx", [node], [tensor(name, kind, None)], [tensor("out", kind, None)])
        told = unfit(path, {name: column})
        assert (told.code, told.named) == ("model-column-unfit", {"column": name})
        assert told.because[0].startswith(seen)

    def test_images_and_bare_logits_are_not_guessed_at(self, unfit: Callable[..., Any], tmp_path: Path) -> None:
        node = helper.make_node("Identity", ["rows"], ["out"])
        pixels = (tensor("rows", TensorProto.FLOAT, None, 3, 8, 8), tensor("out", TensorProto.FLOAT, None, 3, 8, 8))
        logits = (tensor("rows", TensorProto.FLOAT, None, 2), tensor("out", TensorProto.FLOAT, None, 2))
        for inlet, outlet in (pixels, logits):
            told = unfit(graph(tmp_path / "m.onnx", [node], [inlet], [outlet]), columns_of(NUMBERS))
            assert told.code == "flavour-not-enough"


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Callable[..., ProcessPredictor]]:
    """Load a model of a known flavour in a process of its own; every process is ended at the end."""
    loaded: list[ProcessPredictor] = []

    def start(model: Path, python: str = "python", **environment: str) -> ProcessPredictor:
        predictors = ProcessPredictors(python, ENVIRONMENT | environment)
        loaded.append(predictors.load(tmp_path, predictors.recognise(model), model))
        return loaded[-1]

    yield start
    for predictor in loaded:
        predictor.close()


def problem_of(action: Callable[[], object]) -> Problem:
    with pytest.raises(EvidenceError) as caught:
        action()
    return caught.value.problem


class TestInProcesses:
    def test_predictions_and_scores_come_back(self, load: Callable[..., ProcessPredictor], tmp_path: Path) -> None:
        encode = make_column_transformer((OneHotEncoder(), ["kind"]), remainder="passthrough")
        model = make_pipeline(encode, LogisticRegression()).fit(ROWS, np.where(TWO, "late", "early"))
        joblib.dump(model, tmp_path / "m.joblib")
        told = load(tmp_path / "m.joblib").predict(MIXED)
        assert told.prediction.tolist() == model.predict(ROWS).tolist()
        assert told.score is not None
        assert told.score.tolist() == model.predict_proba(ROWS).tolist()

    def test_a_pickle_finds_the_classes_of_the_projects_modules(
        self, load: Callable[..., ProcessPredictor], tmp_path: Path
    ) -> None:
        (tmp_path / "own.py").write_text("class Model:\n    def predict(self, rows):\n        return rows[:, 0] * 2\n")
        dump = "import pickle, own; pickle.dump(own.Model(), open('m.pkl', 'wb'))"
        subprocess.run([sys.executable, "-B", "-c", dump], cwd=tmp_path, check=True)
        told = load(tmp_path / "m.pkl").predict(columns_of(NUMBERS[:3]))
        assert told.prediction.tolist() == (2 * COLUMNS["x"][:3]).tolist()

    def test_a_class_of_the_training_script_is_told_with_what_to_do(
        self, load: Callable[..., ProcessPredictor], tmp_path: Path
    ) -> None:
        (tmp_path / "train.py").write_text(
            "import pickle\nclass Model:\n    pass\npickle.dump(Model(), open('m.pkl', 'wb'))\n"
        )
        subprocess.run([sys.executable, "train.py"], cwd=tmp_path, check=True)
        problem = problem_of(lambda: load(tmp_path / "m.pkl"))
        assert problem.code == "model-unloadable"
        assert problem.because[1].startswith("Model was defined in the script that trained: move it to a file")

    def test_a_module_of_another_folder_is_told_where_it_stands(
        self, load: Callable[..., ProcessPredictor], tmp_path: Path
    ) -> None:
        (tmp_path / "src").mkdir()
        (tmp_path / "src" / "own.py").write_text("class Model:\n    pass\n")
        dump = "import pickle, own; pickle.dump(own.Model(), open('../m.pkl', 'wb'))"
        subprocess.run([sys.executable, "-B", "-c", dump], cwd=tmp_path / "src", check=True)
        problem = problem_of(lambda: load(tmp_path / "m.pkl"))
        assert problem.code == "module-missing"
        assert problem.because[1] == "src/own.py has that name, and is found only by what stands beside it"

    def test_a_library_that_is_missing_is_named_as_it_is_installed(
        self, load: Callable[..., ProcessPredictor], tmp_path: Path
    ) -> None:
        bare = bare_python(tmp_path)
        xgboost.XGBRegressor(n_estimators=2).fit(NUMBERS, TWO).save_model(tmp_path / "m.ubj")
        problem = problem_of(lambda: load(tmp_path / "m.ubj", python=str(bare)))
        assert problem.code == "module-missing"
        assert problem.what == f"m.ubj needs xgboost, which {bare} does not have"
        assert problem.fix.startswith(f"{bare} -m pip install xgboost, or")
        model = pickled(tmp_path / "m.pkl", LinearRegression().fit(NUMBERS, TWO))
        problem = problem_of(lambda: load(model, python=str(bare)))
        assert problem.fix.startswith(f"{bare} -m pip install scikit-learn, or")

    def test_text_wants_pandas_and_numbers_do_not(self, load: Callable[..., ProcessPredictor], tmp_path: Path) -> None:
        bare = bare_python(tmp_path)
        (tmp_path / "own.py").write_text(
            "class Model:\n    feature_names_in_ = ['x', 'kind']\n    def predict(self, rows):\n        return rows[:, 0]\n"
            "class Numeric(Model):\n    feature_names_in_ = ['y', 'x']\n"
        )
        dump = "import pickle, own; pickle.dump(own.{0}(), open('{0}.pkl', 'wb'))"
        for name in ("Model", "Numeric"):
            subprocess.run([sys.executable, "-B", "-c", dump.format(name)], cwd=tmp_path, check=True)
        told = load(tmp_path / "Numeric.pkl", python=str(bare)).predict(COLUMNS)
        assert told.prediction.tolist() == COLUMNS["y"].tolist()
        predictor = load(tmp_path / "Model.pkl", python=str(bare))
        problem = problem_of(lambda: predictor.predict(COLUMNS))
        assert (problem.code, problem.what) == ("module-missing", f"Model.pkl needs pandas, which {bare} does not have")

    def test_an_error_says_what_flavour_the_model_was_taken_for(
        self, load: Callable[..., ProcessPredictor], tmp_path: Path
    ) -> None:
        problem = problem_of(lambda: load(write(tmp_path / "m.onnx", b"\x08\x07")))
        assert (problem.code, problem.what) == ("model-unloadable", "the model cannot be loaded: m.onnx, as ONNX")
        predictor = load(pickled(tmp_path / "m.pkl", LogisticRegression().fit(NUMBERS, TWO)))
        holes = {**COLUMNS, "x": np.where(COLUMNS["x"] > 0, np.nan, 1.0)}
        problem = problem_of(lambda: predictor.predict(holes))
        assert problem.code == "predict-raised"
        assert problem.because[0] == "ValueError: Input X contains NaN."

    def test_a_flavour_of_a_newer_assay_is_told(self, tmp_path: Path) -> None:
        model = write(tmp_path / "m.new", b"?")
        problem = problem_of(lambda: ProcessPredictors("python", ENVIRONMENT).load(tmp_path, "flavour:new", model))
        assert (problem.code, problem.fix) == ("flavour-unknown", "upgrade Assay")


def bare_python(folder: Path) -> Path:
    """A Python that has numpy, and no other library."""
    libraries = folder / "libraries"
    libraries.mkdir()
    for name in ("numpy", "numpy.libs"):
        (libraries / name).symlink_to(Path(np.__file__).parents[1] / name)
    python = folder / "bare-python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{libraries}" exec {sys._base_executable} -S "$@"\n')  # type: ignore[attr-defined]
    python.chmod(0o755)
    return python


class TestTheFiles:
    def test_they_parse_under_python_3_8(self) -> None:
        for file in (WORKER.parent / "flavours").glob("*.py"):
            ast.parse(file.read_text(), feature_version=(3, 8))

    def test_they_import_no_library_until_it_is_used(self, tmp_path: Path) -> None:
        alone = shutil.copytree(WORKER.parent / "flavours", tmp_path / "flavours")
        listing = (
            "import sys, flavours, json; from flavours import estimators, onnx, xgboost, lightgbm, catboost; "
            "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
        )
        done = subprocess.run(
            [sys.executable, "-c", listing], cwd=alone.parent, capture_output=True, text=True, check=True
        )
        assert not set(json.loads(done.stdout)) & {"sklearn", "pandas", "onnxruntime", "xgboost", "lightgbm", "joblib"}
        assert not re.search("assay", done.stderr)


class TestWhatAModelReads:
    """What a release records as its columns: those that the model was trained with, where it knows them by name."""

    def test_a_model_that_knows_its_columns_takes_no_others(
        self, load: Callable[..., ProcessPredictor], tmp_path: Path
    ) -> None:
        joblib.dump(LogisticRegression().fit(NUMBERS, TWO), tmp_path / "m.joblib")
        predictor = load(tmp_path / "m.joblib")
        assert predictor.reads is None, "nothing was asked yet"
        predictor.predict({**columns_of(NUMBERS), "region": np.array(["n"] * len(NUMBERS), object)})
        assert predictor.reads == set(NUMBERS.columns)

    def test_one_that_was_trained_without_names_takes_all_as_they_come(
        self, load: Callable[..., ProcessPredictor], tmp_path: Path
    ) -> None:
        joblib.dump(LogisticRegression().fit(NUMBERS.to_numpy(), TWO), tmp_path / "m.joblib")
        predictor = load(tmp_path / "m.joblib")
        predictor.predict(columns_of(NUMBERS))
        assert predictor.reads == set(NUMBERS.columns)

    def test_of_a_function_of_the_users_it_is_not_known(self, tmp_path: Path) -> None:
        (tmp_path / "predict.py").write_text("def load(path):\n    return lambda columns: columns['x']\n")
        (tmp_path / "m.bin").write_text("")
        predictor = ProcessPredictors("python", ENVIRONMENT).load(tmp_path, "predict.py:load", tmp_path / "m.bin")
        predictor.predict(columns_of(NUMBERS))
        predictor.close()
        assert predictor.reads is None
