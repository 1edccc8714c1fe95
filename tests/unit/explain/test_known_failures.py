"""Failures by what was recorded of them, each with its whole message (tests/snapshots/explain/), and beside each family those
that look alike and are none.
"""

import msgspec
import pytest

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.machine import Machine
from assay.core.problem import describe
from assay.core.run import Metric, Trace
from assay.explain.failure import Circumstances, Disk, Listener, PathState, diagnose
from assay.explain.failure.changes import Change

HEAD = 'Traceback (most recent call last):\n  File "/home/ada/churn/train.py", line 7, in <module>\n    {source}\n'
SITE = '  File "/usr/lib/python3/site-packages/{package}/core.py", line 90, in fit\n    raise ValueError(message)\n'


def raised(error: str, source: str = "fit(rows)", package: str = "") -> str:
    """A traceback that ends in train.py, or in a package that it calls."""
    return HEAD.format(source=source) + (SITE.format(package=package) if package else "") + error + "\n"


def file(path: str, text: str, size_bytes: int) -> Artifact:
    return Artifact(path, digest_of(text.encode()), "file", size_bytes)


@pytest.fixture
def train(scene):
    """One step that trains, with data and a model."""
    for path in ("train.py", "data/raw.csv", "models/model.pkl"):
        scene.file(path)
    return (
        scene.step("Prepare", "python prepare.py")
        .step("Train", "python train.py", secrets=["HF_TOKEN"])
        .ended("Prepare")
    )


LOGS = {
    "gpu_out_of_memory": raised(
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.69 GiB. Process 4711 has 20.10 GiB memory in use."
    ),
    "shared_memory_full": raised(
        "RuntimeError: DataLoader worker (pid 13) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory."
    ),
    "too_many_files": raised("OSError: [Errno 24] Too many open files: 'data/raw.csv'"),
    "gpu_missing": raised(
        "RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.",
        "torch.load('model.pt')",
    ),
    "gpu_missing_driver": raised("RuntimeError: Found no NVIDIA driver on your system.", "net.cuda()"),
    "library_missing": raised(
        "ImportError: libGL.so.1: cannot open shared object file: No such file or directory", "import cv2"
    ),
    "system_too_old": "./train: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by ./train)\n",
    "binary_mismatch": raised(
        "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject",
        "import pandas",
        "pandas",
    ),
    "system_python": "error: externally-managed-environment\n\nThis environment is externally managed\n"
    + "more\n" * 20,
    "repository_owner": "fatal: detected dubious ownership in repository at '/__w/churn'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /__w/churn\n",
    "certificate": raised(
        "urllib.error.URLError: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate>",
        "get('https://data.example/x.csv')",
    ),
    "hub_not_reached": raised(
        "OSError: We couldn't connect to 'https://hub.example' to load this file, couldn't find it in the cached files",
        "AutoModel.from_pretrained('bert')",
    ),
    "connection_reset": raised(
        "ConnectionResetError: [Errno 104] Connection reset by peer", "get('https://data.example/x.csv')"
    ),
    "name_not_resolved": "curl: (6) Could not resolve host: data.example\n",
    "too_many_requests": raised(
        "requests.exceptions.HTTPError: 429 Client Error: Too Many Requests for url: https://data.example/x.csv"
    ),
    "weights_only": raised(
        "_pickle.UnpicklingError: Weights only load failed.\nWeightsUnpickler error: Unsupported global: GLOBAL encoders.GroupNormalizer was not an allowed global by default.",
        "torch.load('model.pt')",
    ),
    "checkpoint_misfit": raised(
        "RuntimeError: Error(s) in loading state_dict for M4C:\n\tsize mismatch for classifier.weight: copying a param with shape torch.Size([6736, 768]) from checkpoint, the shape in current model is torch.Size([5000, 768])."
    ),
    "label_out_of_range": raised("IndexError: Target 255 is out of bounds.", "loss(out, y)"),
    "no_display": raised("_tkinter.TclError: no display name and no $DISPLAY environment variable", "plt.figure()"),
    "project_locked": "ERROR: Unable to acquire lock. Most likely another DVC process is running or was terminated abruptly.\n",
    "parameter_logged_twice": raised(
        "mlflow.exceptions.MlflowException: Changing param values is not allowed. Param with key='depth' was already logged with value='3' for run ID='6a'. Attempted logging new value '5'.",
        'mlflow.log_param("depth", 5)',
    ),
    "feature_count": raised(
        "ValueError: X has 19 features, but LogisticRegression is expecting 40 features as input.", package="sklearn"
    ),
    "feature_names_xgboost": raised("ValueError: feature_names mismatch: ['a', 'b'] ['a', 'b', 'price']"),
    "feature_order_xgboost": raised("ValueError: feature_names mismatch: ['a', 'b'] ['b', 'a']"),
    "no_rows_unknown": raised(
        "ValueError: With n_samples=0, test_size=0.2 and train_size=None, the resulting train set will be empty.",
        package="sklearn",
    ),
    "read_only": raised("OSError: [Errno 30] Read-only file system: 'out/model.pkl'", "open('out/model.pkl', 'wb')"),
}


@pytest.mark.parametrize("name", LOGS)
def test_a_failure_that_the_log_names(train, snapshot, name):
    train.fails("Train", LOGS[name])
    snapshot(f"explain/{name}.txt", describe(diagnose(train.evidence())) + "\n")


@pytest.fixture
def tells(train, snapshot):
    """``tells(name, log, exit_code)``: the whole message of the failed Train."""

    def tell(name: str, log: str = "", exit_code: int | None = 1, **recorded) -> None:
        train.fails("Train", log, exit_code).recorded(**recorded)
        snapshot(f"explain/{name}.txt", describe(diagnose(train.evidence())) + "\n")

    return tell


def test_processes_that_the_kernel_ended_for_want_of_memory(tells):
    tells("oom_kill", "epoch 1\n", 137, oom_kills=1, memory_bytes=2_000_000_000, peak_memory_bytes=1_990_000_000)


def test_a_kill_at_the_limit_of_memory_and_data_that_has_grown(train, tells):
    old, new = file("data/raw.csv", "old", 40_000_000), file("data/raw.csv", "new", 900_000_000)
    train.changed(
        Change("data", "data/raw.csv", "data/raw.csv changed 9c41e0d2 -> d11f42aa (40.0 MB -> 900.0 MB)"),
        before=Circumstances({old.path: old}),
        now=Circumstances({new.path: new}),
    )
    tells("oom_at_limit", "epoch 1\n", -9, memory_bytes=2_000_000_000, peak_memory_bytes=1_999_000_000)


def test_a_larger_batch_on_the_gpu(train, tells):
    train.changed(Change("parameter", "train.batch_size", "params.yaml:train.batch_size: 32 -> 64"))
    tells("gpu_batch", raised("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."))


def test_a_step_that_waited_until_its_time_was_over(tells):
    tells("hung", "Overwrite model.pkl? [y/N]\n", -9, timed_out=True, cpu_s=0.4, seconds=600.0)


def test_a_step_that_waited_for_nothing_known(tells):
    tells("hung_silent", "connecting to the feature store\n", -9, timed_out=True, cpu_s=0.4, seconds=600.0)


def test_a_step_that_was_slow(tells):
    tells("too_slow", "epoch 7 of 10\n", -9, timed_out=True, cpu_s=1100.0, seconds=600.0)


def test_a_time_limit_of_which_no_more_was_recorded(tells):
    tells("timed_out", "epoch 7 of 10\n", -9, timed_out=True, seconds=600.0)


def test_a_full_disk_and_what_fills_it(train, tells):
    train.sees(disks=(Disk("/mnt/out", 0, 1_000_000),), biggest=(("runs", 900_000), ("data", 1_000)))
    tells("disk_full", raised("OSError: [Errno 28] No space left on device", "pickle.dump(model, file)"))


def test_a_disk_without_places_for_files(train, tells):
    train.sees(disks=(Disk("/mnt/out", 5_000_000_000, 10_000_000_000, 0),))
    tells("disk_no_files", "cp: cannot create regular file 'out/x': No space left on device\n")


def test_a_folder_of_another_user(train, tells):
    train.sees(user="ada", paths={"out": PathState("folder", "root", 0o755, is_writable=False)})
    tells("permission_folder", raised("PermissionError: [Errno 13] Permission denied: 'out/model.pkl'"))


def test_a_file_of_another_user(train, tells):
    train.sees(user="ada", paths={"data/raw.csv": PathState("file", "root", 0o600, 900, is_readable=False)})
    tells("permission_file", "cat: data/raw.csv: Permission denied\n")


def test_a_secret_that_ci_does_not_give(train, tells):
    train.sees(unset=frozenset({"HF_TOKEN"}), is_ci=True)
    tells(
        "secret_missing",
        raised("requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://hub.example/x"),
    )


def test_a_secret_that_is_not_accepted(tells):
    tells(
        "secret_refused",
        raised("requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://hub.example/x"),
    )


def test_a_server_that_is_left_from_before(train, tells):
    train.sees(listeners={8000: Listener(4711, "python serve.py --port 8000")})
    tells("address_in_use", raised("OSError: [Errno 98] Address already in use", "server.bind(('', 8000))"))


def test_a_pointer_in_place_of_the_model(train, tells):
    head = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 132735122\n"
    train.sees(paths={"models/model.pkl": PathState("file", "ada", 0o644, 134, head)}, is_ci=True)
    tells("lfs_pointer", raised("_pickle.UnpicklingError: invalid load key, 'v'.", "pickle.load(file)"))


def test_a_model_of_another_version(train, tells):
    train.sees(packages={"scikit-learn": "1.9.1"})
    warning = "InconsistentVersionWarning: Trying to unpickle estimator DecisionTreeClassifier from version 0.24.2 when using version 1.9.1.\n"
    error = "ValueError: node array from the pickle has an incompatible dtype:"
    tells("model_version", warning + raised(error, "pickle.load(file)"))


def test_a_column_that_the_last_green_run_had(train, tells):
    train.changed(
        Change("data", "data/raw.csv", "data/raw.csv changed 9c41e0d2 -> d11f42aa (+14 rows)"),
        before=Circumstances(columns={"data/raw.csv": ("id", "price")}),
        now=Circumstances(columns={"data/raw.csv": ("id", "prices")}),
    ).sees(columns={"data/raw.csv": ("id", "prices")})
    tells("column_lost", raised("KeyError: 'price'", "rows['price']", "pandas"))


def test_a_metric_under_another_name(train, tells):
    train.file("metrics.json")
    train.results[0] = train.results[0].__class__(
        "Prepare", "ok", "", 0, metrics=(Metric("val_auc", 0.9, (), "metrics.json"),)
    )
    train.steps[1] = train.steps[1].__class__("Train", train.steps[1].action, inputs=("metrics.json",))
    tells("metric_missing", raised("KeyError: 'auc'", "metrics['auc']"))


def test_a_package_that_alone_has_changed(train, tells):
    train.changed(Change("package", "pandas", "pandas 2.3.1 -> 3.0.0"), same_commit=True)
    tells(
        "package_changed", raised("TypeError: fillna() got an unexpected keyword argument 'method'", package="pandas")
    )


def test_a_name_that_numpy_has_no_more(train, tells):
    train.sees(packages={"numpy": "2.4.0"}).changed(
        Change("code", "train.py", "train.py changed 9c41e0d2 -> d11f42aa"),
        Change("package", "numpy", "numpy 1.23.5 -> 2.4.0"),
    )
    tells("api_removed", raised("AttributeError: module 'numpy' has no attribute 'int'.", "np.int(3)"))


def test_a_file_that_only_another_machine_has(train, tells):
    path = "data/local.csv"
    train.changed(
        before=Circumstances({path: file(path, "x", 10)}, machine=Machine("ada-laptop", 8, 0, "Linux")),
        now=Circumstances(machine=Machine("runner-7", 2, 0, "Linux")),
    ).sees(tracked=frozenset({"train.py"}), is_ci=True)
    tells(
        "only_on_another_machine",
        raised(f"FileNotFoundError: [Errno 2] No such file or directory: '{path}'", f"open('{path}')"),
    )


def test_a_loss_that_is_nan_after_a_larger_rate(train, tells):
    train.changed(Change("parameter", "train.lr", "params.yaml:train.lr: 0.01 -> 10"))
    tells(
        "loss_nan",
        "epoch 1 loss: 0.7\nepoch 2 loss: nan\n"
        + raised("RuntimeError: loss is nan", "raise RuntimeError(f'loss is {loss}')"),
    )


def test_nothing_that_is_recorded_has_changed(train, tells):
    train.changed()
    tells("nothing_changed", raised("IndexError: list index out of range", "rows[3]"))


ALIKE = {
    "no room for watches, which is no disk": (
        raised("OSError: [Errno 28] inotify watch limit reached"),
        "step-disk-full",
    ),
    "a host that does not take a key": ("git@github.com: Permission denied (publickey).\n", "permission-denied"),
    "a process that may not be looked at": (raised("psutil.AccessDenied: pid=1"), "access-refused"),
    "a class of the script that wrote the pickle": (
        raised(
            "AttributeError: Can't get attribute 'Scale' on <module '__main__' from 'train.py'>", "pickle.load(file)"
        ),
        "model-of-another-version",
    ),
    "labels and rows that do not match": (
        raised("ValueError: Size of labels must equal to number of rows."),
        "no-rows-left",
    ),
    "numbers that are ports elsewhere": (raised("ValueError: expected 8000 rows"), "address-in-use"),
    "a word about memory that was survived": (
        "warning: out of shared memory, falling back\n" + raised("KeyError: 3"),
        "shared-memory-full",
    ),
    "a GPU that was looked for": ("Found no NVIDIA driver, using the CPU\n" + raised("IndexError: 3"), "gpu-missing"),
    "a key of a dict": (raised("KeyError: 'price'", "settings['price']"), "column-not-found"),
    "a key that looks like a variable": (raised("KeyError: 'API_KEY'", "settings['API_KEY']"), "variable-not-set"),
    "a 403 among numbers": (raised("ValueError: 403 rows have no label"), "access-refused"),
    "a connection that was tried again": (
        "Connection reset by peer, retrying\n" + raised("IndexError: 3"),
        "network-failed",
    ),
    "an attribute of the project's own module": (
        raised("AttributeError: module 'train' has no attribute 'fit'"),
        "name-not-in-package",
    ),
    "a text that is no number, without an exception": (
        "could not convert string to float: 'x', skipping the row\nexited\n",
        "text-in-numbers",
    ),
    "an attribute that no pickle brought": (
        raised("AttributeError: 'Model' object has no attribute 'fitt'", "model.fitt()"),
        "model-of-another-version",
    ),
    "an unknown revision in a whole checkout": (
        "fatal: ambiguous argument 'HEAD~1': unknown revision or path not in the working tree.\n",
        "checkout-shallow",
    ),
    "NaN in a sentence": (raised("ValueError: Nancy has no loss"), "loss-is-nan"),
    "a decode error of bytes from elsewhere": (raised("ValueError: invalid literal"), "wrong-encoding"),
    "a broken pickle, and two models that it may be": (
        raised("_pickle.UnpicklingError: pickle data was truncated"),
        "file-torn",
    ),
    "an empty list": (raised("IndexError: list index out of range"), "no-rows-left"),
    "permission of a person": (raised("ValueError: permission denied by the reviewer"), "permission-denied"),
    "a shape that is printed": (
        "size mismatch for head, reinitialised\n" + raised("IndexError: 3"),
        "checkpoint-misfit",
    ),
    "a lock that was waited for": ("database is locked, retrying\n" + raised("IndexError: 3"), "database-locked"),
    "a display that was not needed": ("cannot open display, ignoring\n" + raised("IndexError: 3"), "no-display"),
}


@pytest.mark.parametrize(("log", "code"), ALIKE.values(), ids=ALIKE)
def test_what_only_looks_alike_is_not_called_so(train, log, code):
    train.sees(
        packages={"numpy": "2.4.0"},
        paths={
            "models/model.pkl": PathState("file", "ada", 0o644, 900, b"\x80\x04"),
            "data/raw.csv": PathState("file", "ada", 0o644, 900, b"a,b\n"),
        },
        listeners={},
    )
    assert diagnose(train.fails("Train", log).evidence()).code != code


def test_a_key_of_a_dict_is_no_column_though_a_table_was_read(train):
    train.sees(columns={"data/raw.csv": ("id",)}).fails("Train", raised("KeyError: 'price'", "settings['price']"))
    assert diagnose(train.evidence()).code == "step-failed"


def test_the_label_of_a_row_is_no_column(train):
    train.sees(columns={"data/raw.csv": ("id",)})
    train.fails("Train", raised("KeyError: 'price'", "rows.loc['price']", "pandas"))
    assert diagnose(train.evidence()).code == "step-failed"


def test_a_column_that_the_table_has_is_lost_on_the_way(train, tells):
    train.sees(columns={"data/raw.csv": ("id", "price")})
    tells("column_lost_on_the_way", raised("KeyError: 'price'", "rows['price']", "pandas"))


def test_a_bare_kill_is_not_called_want_of_memory(train):
    train.fails("Train", "epoch 1\n", -9).recorded(memory_bytes=2_000_000_000, peak_memory_bytes=300_000_000)
    assert diagnose(train.evidence()).code == "killed-by-signal"


def test_a_package_is_not_blamed_where_the_code_has_changed_too(train):
    train.changed(Change("package", "pandas", "pandas 2.3.1 -> 3.0.0"), Change("code", "train.py", "train.py changed"))
    train.fails("Train", raised("TypeError: wrong", package="pandas"))
    assert diagnose(train.evidence()).code == "step-failed"


def test_a_package_is_not_blamed_that_the_failure_does_not_touch(train):
    train.changed(Change("package", "rich", "rich 13.0 -> 14.0")).fails(
        "Train", raised("TypeError: wrong", package="pandas")
    )
    assert diagnose(train.evidence()).code == "step-failed"


INTERRUPTED = 'Traceback (most recent call last):\n  File "train.py", line 2, in <module>\n    time.sleep(60)\nKeyboardInterrupt\n'


@pytest.mark.parametrize(
    ("log", "last"),
    [
        ("epoch 7\n" + INTERRUPTED, "its last line is: epoch 7"),
        ("Go on? [y/n] " + INTERRUPTED, "its last line is: Go on? [y/n]"),
        (INTERRUPTED, "it had printed nothing"),
        ("epoch 7\n" + INTERRUPTED + INTERRUPTED, "its last line is: epoch 7"),
    ],
)
def test_the_interrupt_that_ended_a_step_in_time_is_not_its_last_line(train, log, last):
    train.fails("Train", log, -2).recorded(timed_out=True, cpu_s=0.1, seconds=60.0)
    assert last in diagnose(train.evidence()).because


def test_the_disk_of_the_file_that_could_not_be_written_is_named(train):
    train.sees(disks=(Disk("/home", 9_000_000, 10_000_000),), written_to=Disk("/mnt/full", 0, 2_000_000))
    train.fails(
        "Train", raised("OSError: [Errno 28] No space left on device: '/mnt/full/x'", "open('/mnt/full/x', 'w')")
    )
    problem = diagnose(train.evidence())
    assert problem.what == "no space left on the disk: /mnt/full"
    assert "/mnt/full has 0 bytes free of 2.0 MB" in problem.because
    assert "/mnt/full" in problem.fix


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 123456\n"


def test_a_pointer_that_a_step_before_passed_on_is_blamed_and_not_what_it_wrote(scene):
    scene.file("raw.csv", 130).file("clean.csv", 130)
    scene.step("prepare", "python prepare.py", inputs=["raw.csv"], outputs=["clean.csv"])
    scene.step("features", "python features.py", inputs=["clean.csv"])
    scene.ended("prepare", ["clean.csv"])
    scene.results[0] = msgspec.structs.replace(scene.results[0], trace=Trace(True, ("raw.csv",), ("clean.csv",)))
    scene.fails("features", raised("ValueError: could not convert string to float: 'oid sha256:ab'"))
    scene.sees(
        paths={
            "raw.csv": PathState("file", size_bytes=130, head=POINTER),
            "clean.csv": PathState("file", size_bytes=130, head=POINTER),
        }
    )
    problem = diagnose(scene.evidence())
    assert problem.what == "a Git LFS pointer, not the file itself: raw.csv"
    assert 'step "prepare" read it and ended well; step "features" reads what that wrote' in problem.because


def test_a_folder_into_which_steps_write_names_those_steps(scene):
    for name in ("train@a", "train@b"):
        scene.step(name, f"python train.py {name}", outputs=[f"models/{name[-1]}"])
    scene.step("report", "python report.py")
    scene.fails(
        "report", raised("FileNotFoundError: [Errno 2] No such file or directory: 'models'", "os.listdir('models')")
    )
    scene.never_ran = ("train@a", "train@b")
    problem = diagnose(scene.evidence())
    assert (
        problem.because[0]
        == 'it is the folder of what steps write: step "train@a" declares models/a, step "train@b" declares models/b'
    )
    assert problem.fix == "run them first: assay run train@a train@b"


def test_a_column_that_is_asked_for_as_an_attribute(train, tells):
    train.sees(columns={"data/raw.csv": ("name", "ages")})
    train.fails("Train", raised("AttributeError: 'DataFrame' object has no attribute 'age'", "x = df.age.mean()"))
    problem = diagnose(train.evidence())
    assert problem.what == "column not found: age in data/raw.csv"
    assert problem.fix.startswith("read ages in its place")


def test_a_method_that_no_table_has_is_no_column(train):
    train.sees(columns={"data/raw.csv": ("name", "ages")})
    train.fails("Train", raised("AttributeError: 'DataFrame' object has no attribute 'to_cvs'", "df.to_cvs('x')"))
    assert diagnose(train.evidence()).code != "column-not-found"
