"""ONNX, by onnxruntime on the CPU: one input of rows x columns, or one input a column by its name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from .answers import answer, scores
from .columns import listed, numbers, present, wanted
from .threads import thread_count
from .unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NUMBERS = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
}
TEXT = "tensor(string)"
FLOATS = ("tensor(float)", "tensor(double)", "tensor(float16)")
MAPS = ("seq(map(int64,tensor(float)))", "seq(map(string,tensor(float)))")


def load_onnx(path: str) -> Callable[[Any], Any]:
    """Predict of a graph whose inputs and outputs are those of tables; ``Unfit`` names others."""
    runtime = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = thread_count(), 1
    options.log_severity_level = 3
    session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs, outputs = session.get_inputs(), session.get_outputs()
    refuse_others(inputs)
    label, score = roles(outputs)

    def predict(columns: dict[str, np.ndarray]) -> Any:
        asked = [output.name for output in (label, score) if output is not None]
        values = session.run(asked, feed(inputs, columns))
        return answer(predicted(values[0]), scored(values[1]) if score is not None else None)

    return predict


def refuse_others(inputs: Sequence[Any]) -> None:
    """Every input must be a column, but for one alone, which may be many."""
    is_known = all(each.type in NUMBERS or each.type == TEXT for each in inputs)
    if not is_known or not inputs or not (is_matrix(inputs) or all(is_column(each) for each in inputs)):
        raise Unfit("flavour-not-enough", f"its inputs are {shapes(inputs)}")


def is_matrix(inputs: Sequence[Any]) -> bool:
    return len(inputs) == 1 and len(inputs[0].shape) == 2


def is_column(each: Any) -> bool:
    return len(each.shape) == 1 or (len(each.shape) == 2 and each.shape[1] == 1)


def feed(inputs: Sequence[Any], columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The rows as the graph takes them."""
    first = inputs[0]
    if is_matrix(inputs) and not (is_column(first) and first.name in columns):
        width = first.shape[1] if isinstance(first.shape[1], int) else None
        chosen = wanted(columns, None, width)
        return {first.name: np.column_stack([cast(name, first, values) for name, values in chosen.items()])}
    present(columns, [each.name for each in inputs])
    shaped = ((each, cast(each.name, each, columns[each.name])) for each in inputs)
    return {each.name: values.reshape((-1, 1)) if len(each.shape) == 2 else values for each, values in shaped}


def cast(name: str, each: Any, values: np.ndarray) -> np.ndarray:
    """A column as the input's type. ``Unfit`` where it would have to be guessed at: text for numbers, NULL for text or whole numbers."""
    if each.type == TEXT:
        return as_text(name, each, values)
    numbers(name, values)
    if each.type not in FLOATS and values.dtype.kind == "f" and not np.all(np.mod(values, 1) == 0):
        raise Unfit("model-column-unfit", f"it holds NULL or fractions; the model takes {each.type}", column=name)
    return values.astype(NUMBERS[each.type])


def as_text(name: str, each: Any, values: np.ndarray) -> np.ndarray:
    if values.dtype != object or any(value is None for value in values):
        seen = "NULL" if values.dtype == object else "numbers"
        raise Unfit("model-column-unfit", f"it holds {seen}; the model takes {each.type}", column=name)
    return values


def roles(outputs: Sequence[Any]) -> tuple[Any, Any]:
    """Which output is the prediction, and which the score: a label and what stands beside it, or numbers alone."""
    labels = [each for each in outputs if each.type in (TEXT, "tensor(int64)", "tensor(int32)", "tensor(bool)")]
    if len(labels) == 1 and len(labels[0].shape) <= 2:
        return labels[0], next((each for each in outputs if each.type in FLOATS or each.type in MAPS), None)
    if len(outputs) == 1 and outputs[0].type in FLOATS and is_one_a_row(outputs[0].shape):
        return outputs[0], None
    raise Unfit(
        "flavour-not-enough", f"its outputs are {shapes(outputs)}; which of them is the prediction is not known"
    )


def is_one_a_row(shape: Sequence[Any]) -> bool:
    return len(shape) == 1 or (len(shape) == 2 and (shape[1] == 1 or not isinstance(shape[1], int)))


def predicted(values: np.ndarray) -> np.ndarray:
    """One prediction a row. The shape that a graph declares may be open."""
    if values.ndim == 2 and values.shape[1] != 1:
        seen = f"its output is {values.shape[1]} numbers a row; what they say is not known"
        raise Unfit("flavour-not-enough", seen)
    return values.reshape(-1)


def scored(values: Any) -> Any:
    """The scores, from a tensor or from one map of classes a row. Of a tensor the classes are not known."""
    if isinstance(values, np.ndarray):
        return scores(values, None) if values.ndim == 2 and values.shape[1] > 1 else None
    classes = sorted(values[0])
    return scores(np.array([[row[each] for each in classes] for row in values]), classes)


def shapes(values: Sequence[Any]) -> str:
    """Inputs or outputs as they are declared."""
    return listed(f"{each.name}: {each.type}[{', '.join(str(size) for size in each.shape)}]" for each in values)
