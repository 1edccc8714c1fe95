"""How programs say that a file is missing, and how it is read out of their words."""

import pytest

from assay.explain.failure.log import read_log, read_missing


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("FileNotFoundError: [Errno 2] No such file or directory: 'models/model.pkl'", "models/model.pkl"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'model'", "model"),
        ("E   FileNotFoundError: [Errno 2] No such file or directory: 'models/model.pkl'", "models/model.pkl"),
        ("FileNotFoundError: data/train.parquet", "data/train.parquet"),
        ("FileNotFoundError: No such file or directory (os error 2): data/train.csv", "data/train.csv"),
        ("Model file not found: models/model.pkl", "models/model.pkl"),
        ("ERROR:deploy:Model file models/model.pkl not found!", "models/model.pkl"),
        ("Error: 'model.joblib' does not exist.", "model.joblib"),
        ("ValueError: The provided filename models/net.pt does not exist", "models/net.pt"),
        (
            "ValueError: File not found: filepath=models/net.keras. Please ensure the file is a `.keras` zip",
            "models/net.keras",
        ),
        (
            "onnxruntime_pybind11_state.NoSuchFile: [ONNXRuntimeError] : 3 : NO_SUCHFILE : Load model from models/m.onnx failed:Load model models/m.onnx failed. File doesn't exist",
            "models/m.onnx",
        ),
        ("lightgbm.basic.LightGBMError: Could not open models/model.txt", "models/model.txt"),
        (
            '[10:00:00] /root/dmlc-core/src/io/local_filesys.cc:210: Check failed: allow_null: LocalFileSystem::Open "m.json": No such file or directory',
            "m.json",
        ),
        ("cat: models/model.bin: No such file or directory", "models/model.bin"),
        ("cat: model: No such file or directory", "model"),
        ("cp: cannot stat 'models/model.pkl': No such file or directory", "models/model.pkl"),
        (
            "cp: cannot stat \N{LEFT SINGLE QUOTATION MARK}m.pkl\N{RIGHT SINGLE QUOTATION MARK}: No such file or directory",
            "m.pkl",
        ),
        ("ls: cannot access 'models': No such file or directory", "models"),
        ("head: cannot open 'data/x.csv' for reading: No such file or directory", "data/x.csv"),
        ("bash: line 1: data/x.csv: No such file or directory", "data/x.csv"),
        ("jq: error: Could not open file metrics.json: No such file or directory", "metrics.json"),
        (
            "  what():  filesystem error: cannot open file: No such file or directory [models/model.bin]",
            "models/model.bin",
        ),
        ("error: failed to load model ./models/model.bin", "./models/model.bin"),
        ("open models/model.pkl: no such file or directory", "models/model.pkl"),
        ("Error: ENOENT: no such file or directory, open 'models/model.json'", "models/model.json"),
        ("java.io.FileNotFoundException: data/x.csv (No such file or directory)", "data/x.csv"),
        (
            'duckdb.IOException: IO Error: No files found that match the pattern "data/x.parquet"',
            "data/x.parquet",
        ),
    ],
)
def test_the_path_is_found_in_the_words_of_many_programs(line, path):
    missing = read_missing(line)
    assert missing is not None
    assert missing.paths[0] == path


@pytest.mark.parametrize(
    "line",
    ["Model file not found", "RuntimeError: no trained model", "Failed to load model", "No such file or directory"],
)
def test_a_message_may_speak_of_a_missing_file_and_not_say_which(line):
    missing = read_missing(line)
    assert missing is not None
    assert missing.paths == ()


@pytest.mark.parametrize(
    "line",
    [
        "KeyError: \"['price'] not found in axis\"",
        "404 Client Error: Not Found for url: https://example.org/model.pkl",
        "WARNING: model file config.json not found",
        "cache.json not found, using defaults",
        "bash: line 1: dvc: command not found",
        "ModuleNotFoundError: No module named 'model'",
        "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
        "user 17 not found",
        "accuracy = 0.91",
    ],
)
def test_what_is_missing_in_another_sense_is_not_a_missing_file(line):
    assert read_missing(line) is None


def test_the_last_exception_is_read_with_those_that_led_to_it():
    log = read_log(
        "loading\n"
        "Traceback (most recent call last):\n"
        '  File "deploy.py", line 4, in load\n'
        "    return open(path)\n"
        "FileNotFoundError: [Errno 2] No such file or directory: 'models/model.pkl'\n"
        "\n"
        "The above exception was the direct cause of the following exception:\n"
        "\n"
        "Traceback (most recent call last):\n"
        '  File "deploy.py", line 9, in <module>\n'
        '    raise DeployError("cannot deploy") from error\n'
        "deploy.DeployError: cannot deploy\n"
    )
    assert [raised.kind for raised in log.chain] == ["FileNotFoundError", "deploy.DeployError"]
    assert log.chain[0].frames[0].source == "return open(path)"
    assert log.last is not None
    assert log.last.is_deliberate


def test_an_earlier_exception_that_was_survived_is_left_out():
    survived = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x\nNameError: x\n'
    log = read_log(survived + "going on\n" + survived.replace("NameError", "TypeError"))
    assert [raised.kind for raised in log.chain] == ["TypeError"]


def test_a_traceback_whose_head_was_cut_off_is_read_all_the_same():
    log = read_log('  File "a.py", line 1, in f\n    x\nNameError: x\n')
    assert log.last is not None
    assert log.last.text == "NameError: x"


def test_colours_and_progress_bars_are_left_out():
    assert read_log("\x1b[31mred\x1b[0m\n10%\r50%\r100%\n\n").lines == ("red", "100%")
