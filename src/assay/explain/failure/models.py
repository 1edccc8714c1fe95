"""Rules on models: other features than they learned from, another version of their library, another shape, a loss that is NaN."""

import re

from assay.core.problem import Problem
from assay.explain import command
from assay.explain.failure.answer import answer, last_said, says, where
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import listed
from assay.explain.failure.last_words import Said
from assay.explain.failure.log import read_log
from assay.explain.paths import is_model

_COUNT = re.compile(
    r"X has (\d+) features, but (\w+) is expecting (\d+) features|Feature shape mismatch, expected: (\d+), got:? (\d+)"
    r"|number of features in data \((\d+)\) is not the same as it was in training data \((\d+)\)"
    r"|index: \d+ Got: (\d+) Expected: (\d+)"
)
_NAMES = re.compile(
    r"feature_names mismatch|feature names should match those that were passed during fit|train and valid dataset categorical_feature do not match|expected (.+) in input data|training data did not have the following fields: (.+)|Feature names unseen at fit time|Feature names seen at fit time"
)
_VERSION = re.compile(
    r"unpickle estimator (\w+) from version ([\w.]+) when using version ([\w.]+)|Trying to unpickle estimator (\w+) from version ([\w.]+)"
)
_NODE = re.compile(
    r"node array from the pickle has an incompatible dtype|Can't get attribute '([\w.]+)' on <module '([\w.]+)'|No module named 'sklearn\.[\w.]+'|'(\w+)' object has no attribute '\w+'|incompatible dtype"
)
_CLASS = re.compile(r"Can't get attribute '([\w.]+)' on <module '([\w.]+)'")
_WEIGHTS = re.compile(r"Weights only load failed|WeightsUnpickler error|Unsupported global: GLOBAL ([\w.]+)")
_SHAPE = re.compile(r"Error\(s\) in loading state_dict for (\w+)")
_MISFIT = re.compile(
    r"size mismatch for ([\w.]+): copying a param with shape torch\.Size\(\[([\d, ]*)\]\) from checkpoint, the shape in current model is torch\.Size\(\[([\d, ]*)\]\)"
)
_NAN_LOSS = re.compile(
    r"loss\W{0,4}(?:is |= ?|: ?)?nan\b|nan\W{0,3}loss|Loss is NaN|loss became nan|non-finite loss|Model diverged with loss = NaN|NaN loss during training",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"Target (-?\d+) is out of bounds|t >= 0 && t < n_classes|device-side assert triggered|Invalid classes inferred from unique values of `y`\.\s+Expected: (.+?), got (.+)$|label must be in \[0, num_class\)|Received a label value of (-?\d+) which is outside the valid range of \[0, (\d+)\)"
)


def feature_count_differs(evidence: Evidence) -> Problem | None:
    """The model learned from another number of columns than it is given."""
    said = last_said(_COUNT, evidence)
    if said is None:
        return None
    numbers = [group for group in said.groups if group.isdigit()]
    got, wanted = (numbers[1], numbers[0]) if said.groups[3] else (numbers[0], numbers[1])
    because = (says(said), *_models_read(evidence), *_tables_now(evidence), *where(said, evidence))
    fix = f"prepare the columns as they were prepared when it learned: keep the transformer with the model (a Pipeline), and use it in {command.script(evidence.step)}"
    return answer(
        evidence, "features-differ", f"the model is given {got} features and learned from {wanted}", because, fix
    )


def feature_names_differ(evidence: Evidence) -> Problem | None:
    """The columns have other names, or another order, than the model learned (dmlc/xgboost#6043)."""
    said = last_said(_NAMES, evidence)
    if said is None:
        return None
    missing, extra = _names_apart(evidence.log_tail)
    lacks = (f"missing: {listed(missing, 6)}",) if missing else ()
    unknown = (f"not known to the model: {listed(extra, 6)}",) if extra else ()
    because = (says(said), *lacks, *unknown, *_models_read(evidence), *where(said, evidence))
    what = "the data's columns have other names than the model's"
    fix = "give the columns by name, as the model learned them: X = X[model.feature_names_in_]"
    if not missing and not extra and _lists(evidence.log_tail):
        what = "the data's columns stand in another order than the model's"
    elif len(extra) == 1 and not missing:
        fix = f"drop {extra[0]} before it predicts: it was not there when it learned (the label, most likely, or a new column)"
    return answer(evidence, "features-differ", what, because, fix)


def pickled_class_elsewhere(evidence: Evidence) -> Problem | None:
    """A pickle names a class of the script that wrote it, which the script that reads it does not have."""
    said = last_said(_CLASS, evidence)
    if said is None or not _is_own_class(said, evidence):
        return None
    name, module = said.groups
    script = command.script(evidence.step)
    home = "the script that was run" if module == "__main__" else f"the project's {module}"
    because = (says(said), f"the pickle looks for {name} in {home}", *_models_read(evidence), *where(said, evidence))
    fix = f"define {name} in a module of its own, import it in both scripts, and write the pickle again; {script} must be able to import it"
    return answer(evidence, "class-not-importable", f"the pickle's class is not there: {name}", because, fix)


def model_of_another_version(evidence: Evidence) -> Problem | None:
    """The model was pickled by another version of its library than the one that loads it."""
    warned = _VERSION.search(evidence.log_tail)
    broken = last_said(_NODE, evidence)
    groups = [group for group in warned.groups() if group] if warned else []
    kind = broken.groups[2] if broken else ""
    is_its_own = kind in groups or (not kind and (groups or _through_pickle(broken, evidence)))
    if broken is None or not is_its_own or _is_own_class(broken, evidence):
        return None
    package = "scikit-learn" if warned or "sklearn" in evidence.log_tail else ""
    now = evidence.around.packages.get(package, "")
    told = (f"the log warns: {groups[0]} was pickled by version {groups[1]}",) if len(groups) > 1 else ()
    installed = (f"{package} {now} is installed",) if now else ()
    because = (says(broken), *told, *installed, *_models_read(evidence), *where(broken, evidence))
    pin = (
        f"install {package}=={groups[1]}, or train it again with {now or 'this version'}"
        if len(groups) > 1
        else "install what it was trained with, or train it again"
    )
    fix = f"{pin}; one lock for both steps, or a format that does not depend on it (ONNX, skops)"
    return answer(
        evidence, "model-of-another-version", "the model was saved by another version of its library", because, fix
    )


def weights_only(evidence: Evidence) -> Problem | None:
    """Since PyTorch 2.6 a checkpoint may hold tensors alone, unless one says otherwise (pytorch/audio#3911)."""
    said = last_said(_WEIGHTS, evidence)
    if said is None:
        return None
    kind = re.search(r"Unsupported global: GLOBAL ([\w.]+)", evidence.log_tail)
    torch = evidence.around.packages.get("torch")
    because = (
        says(said),
        *([f"it holds {kind[1]}, which is no tensor"] if kind else []),
        *([f"torch {torch} is installed; since 2.6 such files are refused"] if torch else []),
        *where(said, evidence),
    )
    allow = (
        f"torch.serialization.add_safe_globals([{kind[1].rsplit('.', 1)[-1]}])"
        if kind
        else "torch.load(..., weights_only=False)"
    )
    fix = (
        f"save the state_dict alone; or, where the file is your own, {allow}: loading such a file may run what it holds"
    )
    return answer(evidence, "checkpoint-not-weights", "the checkpoint holds more than weights", because, fix)


def checkpoint_of_another_shape(evidence: Evidence) -> Problem | None:
    """A checkpoint of another architecture, most often with another number of classes (facebookresearch/mmf#232)."""
    said = last_said(_SHAPE, evidence)
    if said is None:
        return None
    misfit = _MISFIT.search(evidence.log_tail)
    changed = [change.text for change in (evidence.since.of_kind("parameter", "code") if evidence.since else ())]
    facts = (f"{misfit[1]} is [{misfit[2]}] in the checkpoint and [{misfit[3]}] in the code",) if misfit else ()
    because = (
        says(said),
        *facts,
        *_models_read(evidence),
        *(f"since the last green run: {text}" for text in changed[:2]),
        *where(said, evidence),
    )
    fix = "build the model with the settings that it was trained with (number of classes, vocabulary, width), or train it again"
    return answer(
        evidence, "checkpoint-misfit", f"the checkpoint does not fit the model {said.groups[0]}", because, fix
    )


def label_out_of_range(evidence: Evidence) -> Problem | None:
    """A label that the model has no output for (pytorch/pytorch#1204)."""
    said = last_said(_LABEL, evidence)
    if said is None or ("device-side assert" in said.line and "n_classes" not in evidence.log_tail):
        return None
    fix = "count classes from the labels, from 0 on: LabelEncoder, and num_classes = number of labels; look for -1 and 255 as marks of nothing"
    return answer(
        evidence,
        "label-out-of-range",
        "a label that the model has no class for",
        (says(said), *where(said, evidence)),
        fix,
    )


def loss_is_nan(evidence: Evidence) -> Problem | None:
    """The loss is NaN: the data has NaN, or steps were too large. Named is what is known of both."""
    said = last_said(_NAN_LOSS, evidence)
    if said is None:
        return None
    first = next((line.strip() for line in read_log(evidence.log_tail).lines if _NAN_LOSS.search(line)), said.line)
    since = evidence.since
    rate = [
        change.text
        for change in (since.of_kind("parameter") if since else ())
        if re.search(r"(^|[._:])(lr|learning_rate|rate|eta|clip)", change.name)
    ]
    nulls = [f"{path} has {count} empty cells" for path, count in evidence.around.nulls.items() if count]
    because = (f"the first line that says so: {first}", *rate, *nulls)
    if rate:
        fix = f"take it back ({rate[0].split(' -> ')[0]}), or clip gradients"
    elif nulls:
        fix = "fill or drop the empty cells before it learns, and let a check hold the data"
    else:
        fix = "look for NaN in the batch before that line; then a smaller learning rate, or clipped gradients"
    return answer(evidence, "loss-is-nan", "the loss is NaN", because, fix)


def _is_own_class(said: Said, evidence: Evidence) -> bool:
    """What the pickle looks for belongs to the project, and to no library."""
    found = _CLASS.search(said.line)
    top = found[2].split(".")[0] if found else ""
    return top == "__main__" or any(path in {f"{top}.py", f"{top}/__init__.py"} for path in evidence.files)


def _models_read(evidence: Evidence) -> tuple[str, ...]:
    """Which model it loaded, and which step made it."""
    for path in dict.fromkeys(map(evidence.path, (*reversed(evidence.failed.trace.reads), *evidence.step.inputs))):
        if is_model(path) and evidence.is_there(path):
            maker = next(
                (result for result in evidence.earlier if path in map(evidence.path, result.trace.writes)), None
            )
            by = f', which step "{maker.step}" wrote' if maker else ""
            return (f"it loaded {path}{by}",)
    return ()


def _tables_now(evidence: Evidence) -> tuple[str, ...]:
    if evidence.since is None:
        return ()
    now, before = evidence.since.now.columns, evidence.since.before.columns
    for path, columns in now.items():
        was = before.get(path)
        if was and was != columns:
            lost, new = [c for c in was if c not in columns], [c for c in columns if c not in was]
            parts = ([f"lost {listed(lost)}"] if lost else []) + ([f"got {listed(new)}"] if new else [])
            return (
                f"since run {evidence.since.run}, which was green, {path} has {' and '.join(parts) or 'another order of columns'}",
            )
    return ()


def _lists(log: str) -> list[list[str]]:
    found = re.search(r"feature_names mismatch: (\[.*?\]) (\[.*?\])", log)
    return [re.findall(r"'([^']+)'", found[1]), re.findall(r"'([^']+)'", found[2])] if found else []


def _names_apart(log: str) -> tuple[list[str], list[str]]:
    """(what the model wants and the data lacks, what the data has and the model does not know)"""
    lists = _lists(log)
    if lists:
        learned, given = lists
        return [n for n in learned if n not in given], [n for n in given if n not in learned]
    return _under("seen at fit time, yet now missing", log), _under("unseen at fit time", log)


def _under(head: str, log: str) -> list[str]:
    """The names that scikit-learn lists below a heading."""
    found = re.search(rf"{head}:\n((?:- .+\n?)+)", log)
    return [line[2:].strip() for line in found[1].splitlines()] if found else []


def _through_pickle(said: object, evidence: Evidence) -> bool:
    raised = getattr(said, "raised", None)
    frames = raised.frames if raised else ()
    return any(re.search(r"pickle|joblib|numpy_pickle", f"{frame.file} {frame.source}") for frame in frames)
