"""Numbers and models from what a step left."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.problem import AssayError, Place
from assay.core.run import Metric
from assay.execute.output import (
    NotFinite,
    Printed,
    read_logged,
    read_metrics_file,
    read_no_numbers,
    read_numbers,
    read_output,
)
from assay.execute.output.series import MAX_METRICS, MAX_VALUES

PARTS = [
    *(
        b"loss",
        b"acc",
        b"=",
        b": ",
        b":",
        b" ",
        b"0.5",
        b"12",
        b"-",
        b"'",
        b"{",
        b"}",
        b"np.float64(",
        b"nan",
        b"%",
        b"\t",
    ),
    *(
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b"\x08",
        b"\x1b[1m",
        b"\x1b",
        b"\xff",
        b"x" * 4100,
        b"Model saved to a.pkl",
        b"saved",
    ),
]
PRINTED = [
    # what the design promises
    ("Training accuracy: 0.92", {"Training accuracy": 0.92}),
    ("Training loss: 0.15", {"Training loss": 0.15}),
    ("loss=0.31 acc=0.9", {"loss": 0.31, "acc": 0.9}),
    ("loss = 0.31", {"loss": 0.31}),
    ("Test accuracy = 0.92", {"Test accuracy": 0.92}),
    # plain prints
    ("Accuracy: 0.92.", {"Accuracy": 0.92}),
    ("Accuracy:   0.92", {"Accuracy": 0.92}),
    ("Accuracy   : 0.92", {"Accuracy": 0.92}),
    ("Accuracy:\t0.92", {"Accuracy": 0.92}),
    ("  - Accuracy: 0.92", {"Accuracy": 0.92}),
    ("✅ Accuracy: 0.92", {"Accuracy": 0.92}),
    ("=> loss: 0.5", {"loss": 0.5}),
    ("Mean accuracy: 0.95 (+/- 0.02)", {"Mean accuracy": 0.95}),
    ("R^2: 0.85", {"R^2": 0.85}),
    ("R²: -0.85", {"R²": -0.85}),
    ("F1-score: .9", {"F1-score": 0.9}),
    ("F1 (macro): 0.9", {"F1 (macro)": 0.9}),
    ("f1(macro)=0.9", {"f1(macro)": 0.9}),
    ("mAP@0.5: 0.7", {"mAP@0.5": 0.7}),
    ("Top 5: 0.93", {"Top 5": 0.93}),
    ("p-value: 1e-5", {"p-value": 1e-5}),
    ("val/loss: 0.3, val/acc: 0.8", {"val/loss": 0.3, "val/acc": 0.8}),
    ("rows: 1,234,567", {"rows": 1234567.0}),
    ("a=1,b=2", {"a": 1.0, "b": 2.0}),
    ("Genauigkeit: 0.92; Verlust: 0.3", {"Genauigkeit": 0.92, "Verlust": 0.3}),
    ("Accuracy: 93.1%", {"Accuracy": 0.931}),
    ("Accuracy: 93.1 % on the test set", {"Accuracy": 0.931}),
    ("Training accuracy: 0.92 (best: 0.93)", {"Training accuracy": 0.92, "best": 0.93}),
    ("loss: tensor(0.1523, grad_fn=<NllLossBackward0>)", {"loss": 0.1523}),
    ("accuracy: np.float64(0.9)", {"accuracy": 0.9}),
    ("\x1b[32mAccuracy\x1b[0m: \x1b[1m0.92\x1b[0m", {"Accuracy": 0.92}),
    ('  "accuracy": 0.92,', {"accuracy": 0.92}),
    # log lines
    ("2026-01-01 12:00:00 INFO Training accuracy: 0.92", {"Training accuracy": 0.92}),
    ("2026-01-01 12:00:00,123 - train - INFO - Training accuracy: 0.92", {"Training accuracy": 0.92}),
    ("2026-01-01T12:00:00.123Z [INFO] Training accuracy: 0.92", {"Training accuracy": 0.92}),
    ("[12:00:00] INFO     Training accuracy: 0.92", {"Training accuracy": 0.92}),
    ("INFO:root:Training loss: 0.15", {"Training loss": 0.15}),
    ("INFO:tensorflow:loss = 0.5, step = 100", {"loss": 0.5, "step": 100.0}),
    ("WARNING: validation loss: 0.4", {"validation loss": 0.4}),
    ("2026-01-01 12:00:00.123 | INFO     | __main__:train:42 - loss: 0.5", {"loss": 0.5}),
    ("I0101 12:00:00.123456 12345 train.py:42] loss: 0.5", {"loss": 0.5}),
    ("ts=2026-01-01T12:00:00Z level=info loss=0.3", {"loss": 0.3}),
    # Keras
    ("Epoch 3/10 - loss: 0.25 - val_loss: 0.3", {"loss": 0.25, "val_loss": 0.3}),
    (
        "313/313 ━━━━━━━━━━━━━━━━━━━━ 2s 5ms/step - accuracy: 0.9123 - loss: 0.3 - val_accuracy: 0.9",
        {"accuracy": 0.9123, "loss": 0.3, "val_accuracy": 0.9},
    ),
    ("\b\b\b\b1/1 [====] - ETA: 0s - loss: 0.31", {"loss": 0.31}),
    ("Epoch 3: val_loss improved from 0.30000 to 0.25000, saving model to best.keras", {}),
    # PyTorch
    ("Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.300039", {"Train Epoch": 1.0, "Loss": 2.300039}),
    ("Test set: Average loss: 0.0263, Accuracy: 9914/10000 (99%)", {"Average loss": 0.0263}),
    ("Epoch [3/10], Loss: 0.1234", {"Loss": 0.1234}),
    ("Epoch 5 loss: 0.31", {"loss": 0.31}),
    ("Epoch 5/10, train loss: 0.31", {"train loss": 0.31}),
    ("Step 3: loss=0.5", {"loss": 0.5}),
    (
        "Epoch 0: 100%|██████████| 1875/1875 [00:12<00:00, 150.00it/s, v_num=0, train_loss=0.25]",
        {"v_num": 0.0, "train_loss": 0.25},
    ),
    # boosting
    ("[10]\tvalidation-rmse:0.31", {"validation-rmse": 0.31}),
    ("[10]\ttrain-logloss:0.30000\tvalidation-logloss:0.31000", {"train-logloss": 0.3, "validation-logloss": 0.31}),
    ("[10]\tvalid's l2: 0.2", {"valid's l2": 0.2}),
    ("[10]\ttraining's auc: 0.9\tvalid_1's auc: 0.85", {"training's auc": 0.9, "valid_1's auc": 0.85}),
    (
        "0:\tlearn: 0.6853\ttest: 0.68\tbest: 0.68 (0)\ttotal: 58.3ms\tremaining: 58.3s",
        {"learn": 0.6853, "test": 0.68, "best": 0.68},
    ),
    ("Iteration 5, loss = 0.69314718", {"loss": 0.69314718}),
    # dicts
    ("{'loss': 0.5, 'learning_rate': 4e-05, 'epoch': 1.0}", {"loss": 0.5, "learning_rate": 4e-05, "epoch": 1.0}),
    ("{'loss': '0.5', 'epoch': '1'}", {"loss": 0.5, "epoch": 1.0}),
    ('{"accuracy": 0.92, "model": "tree", "ok": true}', {"accuracy": 0.92}),
    ("{'auc': np.float64(0.9)}", {"auc": 0.9}),
    # tqdm
    ("Training:  45%|####5     | 45/100 [00:12<00:15,  3.5it/s, loss=0.25]", {"loss": 0.25}),
    ("100%|██████████| 100/100 [00:12<00:00,  8.1it/s]", {}),
]

NOT_METRICS = [
    "12:30:45",
    "finished at 12:30:45.5",
    "time: 12:30:45",
    "ETA: 0:00:12",
    "Training time: 12.3s",
    "Date: 2026-01-01",
    "http://host:8080",
    "Serving at http://localhost:8080/predict?a=1&b=2",
    "INFO:     127.0.0.1:5000 - GET / HTTP/1.1 200 OK",
    "localhost:8080",
    "Listening on port: 8080",
    "IP: 10.0.0.1",
    "version: 2.1.0",
    "Python version: 3.11",
    "torch==2.1.0",
    "/models/a: 5",
    "data/train.csv: 1000 rows",
    "train.py:12: UserWarning",
    '  File "train.py", line 12, in <module>',
    "KeyError: 5",
    "Step 3: Training",
    "Step 3: 5 files",
    "Epoch: 3/10",
    "Genauigkeit: 0,92",
    "python train.py --lr=0.001 --epochs=10",
    "if accuracy >= 0.8",
    "RandomForestClassifier(max_depth=5, n_estimators=100)",
    "Pipeline(steps=[('a', LogisticRegression(C=1.0))])",
    "Config: {'lr': 0.1, 'depth': 3}",
    "{'model': {'lr': 0.1}}",
    "losses: [0.3, 0.2]",
    "the quick brown fox jumps over the lazy dog: 3",
    "",
    ": 5",
    "= 5",
]


def values(printed: Printed) -> dict[str, float]:
    return {metric.name: metric.value for metric in printed.metrics}


@pytest.mark.parametrize(("line", "expected"), PRINTED)
def test_a_line_as_libraries_print_it_gives_its_metrics(line: str, expected: dict[str, float]) -> None:
    assert values(read_output([line.encode() + b"\n"])) == expected


@pytest.mark.parametrize("line", NOT_METRICS)
def test_a_number_that_measures_nothing_is_no_metric(line: str) -> None:
    assert values(read_output([line.encode() + b"\n"])) == {}


def test_the_last_value_stands_and_the_series_is_kept_in_order() -> None:
    printed = read_output([b"loss: 0.3\n", b"acc: 0.7\n", b"loss: 0.1\n", b"loss: 0.2"])
    assert printed.metrics == (Metric("loss", 0.2, (0.3, 0.1, 0.2)), Metric("acc", 0.7, (0.7,)))


def test_what_ends_as_nan_or_infinity_is_no_metric_and_told_with_its_last_number() -> None:
    printed = read_output([b"loss: 0.4\n", b"loss: 0.3\n", b"loss: nan\n", b"lr=inf\n", b"score: -Infinity\n"])
    assert printed.metrics == ()
    assert printed.not_finite == (
        NotFinite("loss", "nan", 0.3, 2, "printed"),
        NotFinite("lr", "inf", None, 0, "printed"),
        NotFinite("score", "-inf", None, 0, "printed"),
    )


def test_what_was_nan_and_is_a_number_again_is_a_metric() -> None:
    printed = read_output([b"loss: nan\n", b"loss: 0.3\n"])
    assert printed == Printed((Metric("loss", 0.3, (0.3,)),))


def test_a_share_that_is_no_number_is_told_apart_too() -> None:
    lost = (NotFinite("loss", "-inf", None, 0, "printed"),)
    assert read_output([b"loss: nan%\n", b"loss: -inf %\n"]) == Printed((), not_finite=lost)


@given(st.lists(st.sampled_from(PARTS), max_size=60), st.integers(1, 40))
def test_however_a_log_is_cut_it_reads_as_its_lines_do_one_by_one(parts: list[bytes], size: int) -> None:
    log = b"".join(parts)
    pieces = [log[at : at + size] for at in range(0, len(log), size)]
    assert read_output(pieces) == read_output([log]) == read_output(log.splitlines(keepends=True))


def test_pieces_of_a_log_read_as_the_log_however_they_are_cut() -> None:
    log = "Épreuve: 0.5\r\nTraining accuracy: 0.92\rloss=0.31\n\nModel saved to models/m.pkl".encode()
    whole = read_output([log])
    assert values(whole) == {"Épreuve": 0.5, "Training accuracy": 0.92, "loss": 0.31}
    assert whole.model_paths == ("models/m.pkl",)
    for size in (1, 2, 7, 30):
        assert read_output(log[at : at + size] for at in range(0, len(log), size)) == whole


def test_carriage_returns_of_a_progress_bar_end_lines() -> None:
    printed = read_output([b"\r10% loss=0.5\r20% loss=0.4\r100% loss=0.3\n"])
    assert printed.metrics == (Metric("loss", 0.3, (0.5, 0.4, 0.3)),)


def test_bytes_that_are_no_text_hide_nothing_else() -> None:
    assert values(read_output([b"\xff\xfe\x00accuracy: \xff\n", bytes(range(256)), b"\nloss: 0.5\n"])) == {"loss": 0.5}


def test_a_line_without_end_is_read_at_its_beginning_and_kept_nowhere() -> None:
    def endless() -> Iterator[bytes]:
        yield b"loss=0.5 "
        for _ in range(10_000):
            yield b"x: " * 3_000

    assert values(read_output(endless())) == {"loss": 0.5}


def test_series_and_names_are_bounded_and_the_last_value_still_stands() -> None:
    many = read_output(f"loss={step}\n".encode() for step in range(MAX_VALUES + 5))
    assert many.metrics[0].value == MAX_VALUES + 4
    assert len(many.metrics[0].series) == MAX_VALUES
    names = read_output(f"m_{name}=1\n".encode() for name in range(MAX_METRICS + 5))
    assert len(names.metrics) == MAX_METRICS


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("Model saved to models/model_v1.pkl", "models/model_v1.pkl"),
        ("Model saved to models/model_v1.pkl.", "models/model_v1.pkl"),
        ("Model saved to models/model_v1.pkl (3.2 MB)", "models/model_v1.pkl"),
        ("Model saved to: model.pkl", "model.pkl"),
        ("Model saved at /models/model_v1.pkl", "/models/model_v1.pkl"),
        ("Model saved as 'my models/a.pkl'", "my models/a.pkl"),
        ('saved model to "model.pkl"!', "model.pkl"),
        ("Saved best model to ./out/best.pt", "./out/best.pt"),
        ("Best model has been saved to out/best.pt, loss: 0.3", "out/best.pt"),
        ("Model successfully saved in out/", "out"),
        ("Model was successfully saved in out/m", "out/m"),
        ("2026-01-01 12:00:00 INFO Model weights saved in ./out/model.safetensors", "./out/model.safetensors"),
        ("Model saved to PosixPath('models/m.pkl')", "models/m.pkl"),
        ("Model saved to bert_base", "bert_base"),
        ("Model saved to disk", None),
        ("Model saved to s3://bucket/model.pkl", None),
        ("Model saved at 12:30:45", None),
        ("Model saved in 5.2s", None),
        ("Model saved at epoch 5", None),
        ("Model not saved", None),
        ("Results saved to results.csv", None),
    ],
)
def test_a_saved_model_is_known_by_the_path_that_was_printed(line: str, path: str | None) -> None:
    assert read_output([line.encode() + b"\n"]).model_paths == (() if path is None else (path,))


def test_saved_models_come_in_the_order_of_their_last_mention() -> None:
    lines = [b"Model saved to a.pkl\n", b"Model saved to b.pkl\n", b"Model saved to a.pkl\n"]
    assert read_output(lines).model_paths == ("b.pkl", "a.pkl")


def test_a_json_file_is_flattened_with_dots_and_keeps_only_numbers() -> None:
    data = {"test": {"accuracy": 0.92, "n": 10}, "ok": True, "by": "me", "loss": [0.3, 0.2], "folds": [{"auc": 0.8}]}
    assert read_metrics_file("out/metrics.json", json.dumps(data).encode()).metrics == (
        Metric("test.accuracy", 0.92, (0.92,), "out/metrics.json"),
        Metric("test.n", 10.0, (10.0,), "out/metrics.json"),
        Metric("loss", 0.2, (0.3, 0.2), "out/metrics.json"),
        Metric("folds.0.auc", 0.8, (0.8,), "out/metrics.json"),
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("m.json", b'{"accuracy": 0.9, "accuracy": 0.95}'),
        ("m.json", b'{"test": {"accuracy": 0.9, "accuracy": 0.95}}'),
        ("m.yaml", b"accuracy: 0.9\naccuracy: 0.95\n"),
    ],
)
def test_a_name_that_stands_twice_is_refused(name: str, data: bytes) -> None:
    for read in (read_metrics_file, read_numbers):
        with pytest.raises(AssayError) as caught:
            read(name, data)
        (because,) = caught.value.problem.because
        assert because.startswith("it names 'accuracy' twice")


@pytest.mark.parametrize("name", ["m.json", "m.yaml"])
def test_what_stands_in_the_place_of_a_number_is_told_in_words(name: str) -> None:
    data = b'{"accuracy": "0.9", "test": {"mae": true, "auc": null}, "n": 3, "loss": [1]}'
    found = {"accuracy": "the text '0.9'", "test.mae": "true", "test.auc": "null"}
    assert read_no_numbers(name, data) == found
    assert read_no_numbers("m.csv", b"accuracy\nhigh\n") == {}


def test_nan_in_a_json_file_is_no_metric_and_told() -> None:
    read = read_metrics_file("m.json", b'\xef\xbb\xbf{"a": NaN, "b": [2, 1e999], "c": 1}')
    assert read.metrics == (Metric("c", 1.0, (1.0,), "m.json"),)
    assert read.not_finite == (NotFinite("a", "nan", None, 0, "m.json"), NotFinite("b", "inf", 2.0, 1, "m.json"))


def test_where_a_model_is_judged_by_a_file_no_older_value_stands_in_for_nan() -> None:
    data = b'{"accuracy": [0.8, NaN], "loss": Infinity, "name": "x", "test": {"mae": 3}}'
    found = read_numbers("m.json", data)
    assert set(found) == {"accuracy", "loss", "test.mae"}
    assert (str(found["accuracy"]), found["loss"], found["test.mae"]) == ("nan", float("inf"), 3)
    assert str(read_numbers("m.csv", b"epoch,loss\n1,0.5\n2,nan\n")["loss"]) == "nan"
    with pytest.raises(AssayError, match="cannot be read"):
        read_numbers("m.json", b"{")


def test_a_yaml_file_reads_like_json_with_every_number_a_number() -> None:
    metrics = read_metrics_file("m.yml", b"test:\n  loss: 1e-3\n  acc: 0.5\nname: x\nwhen: 2026-01-01\n").metrics
    assert [(metric.name, metric.value) for metric in metrics] == [("test.loss", 0.001), ("test.acc", 0.5)]


def test_the_columns_of_a_csv_file_are_series() -> None:
    data = b"epoch,train_loss,val_loss,note\n1,0.5,,a\n2,0.4,0.6,b\n3,0.3,,c\n"
    assert read_metrics_file("log.csv", data).metrics == (
        Metric("epoch", 3.0, (1.0, 2.0, 3.0), "log.csv"),
        Metric("train_loss", 0.3, (0.5, 0.4, 0.3), "log.csv"),
        Metric("val_loss", 0.6, (0.6,), "log.csv"),
    )


@pytest.mark.parametrize(
    ("name", "data", "because", "place"),
    [
        (
            "metrics.json",
            b'{\n  "accuracy": 0.92,\n  "loss": oops\n}\n',
            "expected JSON; it stops being that at metrics.json:3:11, where 'oops' stands",
            Place("metrics.json", 3, 11),
        ),
        (
            "metrics.json",
            b'{"accuracy": 0.92',
            "expected JSON; it stops being that at metrics.json:1:18, where the end of the file stands",
            Place("metrics.json", 1, 18),
        ),
        (
            "metrics.json",
            b"",
            "expected JSON; it stops being that at metrics.json:1:1, where the end of the file stands",
            Place("metrics.json", 1, 1),
        ),
        ("metrics.json", b"[1, 2]", "expected a JSON object of names and numbers, found a list", None),
        ("metrics.json", b"0.92", "expected a JSON object of names and numbers, found a number", None),
        ("metrics.json", b"[" * 100_000, "it is nested too deeply, or holds itself", None),
        ("metrics.json", b'{"a": "\xff"}', "expected UTF-8 text; byte 8 is 0xff", None),
        ("metrics.yaml", b"", "expected a YAML mapping of names and numbers, found nothing", None),
        ("metrics.yaml", b"&a {b: *a}", "it is nested too deeply, or holds itself", None),
        (
            "metrics.yaml",
            b"accuracy: 0.9\nloss: [1, 2\n",
            "expected YAML with plain values; it stops being that at metrics.yaml:3:1, where the end of the file stands",
            Place("metrics.yaml", 3, 1),
        ),
        ("metrics.csv", b"", "expected the names of the columns in the first line, found 'nothing'", None),
        ("metrics.csv", b"1,2\n3,4\n", "expected the names of the columns in the first line, found '1,2'", None),
        ("metrics.csv", b"a,b\n1,2,3\n", "expected 2 values a row, found 3: '1,2,3'", None),
        ("metrics.xlsx", b"PK", "its name ends in none of .json, .yaml, .yml and .csv", None),
    ],
)
def test_a_metrics_file_that_does_not_read_says_what_was_expected_and_where(
    name: str, data: bytes, because: str, place: Place | None
) -> None:
    with pytest.raises(AssayError) as caught:
        read_metrics_file(name, data)
    problem = caught.value.problem
    assert (problem.code, problem.what) == ("metrics-not-readable", f"the metrics file {name} cannot be read")
    assert problem.because == (because,)
    assert problem.place == place
    assert problem.fix


def test_a_pickled_number_in_yaml_is_refused_with_its_place() -> None:
    data = b"accuracy: !!python/object/apply:numpy.float64 [0.9]\n"
    with pytest.raises(AssayError) as caught:
        read_metrics_file("m.yaml", data)
    assert caught.value.problem.place == Place("m.yaml", 1, 11)


def test_logged_values_read_in_order_and_a_torn_line_is_passed_over() -> None:
    data = b'{"name":"loss","value":0.5,"step":1}\n{"name":"loss","value":0.4,"step":2}\n{"name":"lo'
    assert read_logged(data.splitlines(keepends=True)).metrics == (Metric("loss", 0.4, (0.5, 0.4), "logged"),)
    assert read_logged(()).metrics == ()
