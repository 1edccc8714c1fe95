"""A stand-in for iterative/example-get-started: the same stages, files and parameters, with scripts of a few lines."""

PREPARE = """
import pathlib, random, sys, yaml

params = yaml.safe_load(open("params.yaml"))["prepare"]
random.seed(params["seed"])
out = pathlib.Path("data", "prepared")
out.mkdir(parents=True, exist_ok=True)
rows = [line for line in open(sys.argv[1]) if line.startswith("  <row")]
test = [random.random() < params["split"] for _ in rows]
(out / "train.tsv").write_text("".join(row for row, is_test in zip(rows, test) if not is_test))
(out / "test.tsv").write_text("".join(row for row, is_test in zip(rows, test) if is_test))
"""
FEATURIZE = """
import collections, json, pathlib, re, sys, yaml

params = yaml.safe_load(open("params.yaml"))["featurize"]
source, out = map(pathlib.Path, sys.argv[1:])
out.mkdir(parents=True, exist_ok=True)
words = lambda text: re.findall(r"[a-z]+", text.lower())
counts = collections.Counter(words((source / "train.tsv").read_text()))
known = [word for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: params["max_features"]]]
for part in ("train", "test"):
    rows = (source / f"{part}.tsv").read_text().splitlines()
    (out / f"{part}.json").write_text(json.dumps([[words(row).count(word) for word in known] for row in rows]))
"""
TRAIN = """
import json, pathlib, sys, yaml

params = yaml.safe_load(open("params.yaml"))["train"]
rows = json.loads(pathlib.Path(sys.argv[1], "train.json").read_text())
means = [sum(column) / len(rows) for column in zip(*rows)]
pathlib.Path(sys.argv[2]).write_text(json.dumps({"means": means, "seed": params["seed"], "trees": params["n_est"]}))
"""
EVALUATE = """
import json, pathlib, sys

model = json.loads(pathlib.Path(sys.argv[1]).read_text())
pathlib.Path("eval", "plots").mkdir(parents=True, exist_ok=True)
for part in ("train", "test"):
    rows = json.loads(pathlib.Path(sys.argv[2], f"{part}.json").read_text())
    error = sum(abs(value - mean) for row in rows for value, mean in zip(row, model["means"])) / len(rows)
    pathlib.Path("eval", "plots", f"{part}.json").write_text(json.dumps([{"error": error}]))
pathlib.Path("eval", "metrics.json").write_text(json.dumps({"error": error}))
"""
DVC_YAML = """
artifacts:
  text-classification: {path: model.json, type: model, desc: Which questions are about R, labels: [nlp, stackoverflow]}
stages:
  prepare:
    cmd: echo $DVC_STAGE >> $RAN; python src/prepare.py data/data.xml
    deps: [data/data.xml, src/prepare.py]
    params: [prepare.seed, prepare.split]
    outs: [data/prepared]
  featurize:
    cmd: echo $DVC_STAGE >> $RAN; python src/featurization.py data/prepared data/features
    deps: [data/prepared, src/featurization.py]
    params: [featurize.max_features, featurize.ngrams]
    outs: [data/features]
  train:
    cmd: echo $DVC_STAGE >> $RAN; python src/train.py data/features model.json
    deps: [data/features, src/train.py]
    params: [train.min_split, train.n_est, train.seed]
    outs: [model.json]
  evaluate:
    cmd: echo $DVC_STAGE >> $RAN; python src/evaluate.py model.json data/features
    deps: [data/features, model.json, src/evaluate.py]
    outs: [eval]
metrics: [eval/metrics.json]
plots:
- Error: {template: simple, x: part, y: {eval/plots/train.json: error, eval/plots/test.json: error}}
- eval/plots/test.json
"""
PARAMS = """
prepare: {split: 0.20, seed: 20170428}
featurize: {max_features: 20, ngrams: 2}
train: {seed: 20170428, n_est: 50, min_split: 0.01}
"""
ROWS = [
    f'  <row Id="{at}" Tags="{"r" if at % 7 == 0 else "c"}" Title="how to {"plot" if at % 3 else "sort"} {at}" />\n'
    for at in range(200)
]
FILES = {
    "dvc.yaml": DVC_YAML,
    "params.yaml": PARAMS,
    "data/data.xml": "<posts>\n" + "".join(ROWS) + "</posts>\n",
    "src/prepare.py": PREPARE,
    "src/featurization.py": FEATURIZE,
    "src/train.py": TRAIN,
    "src/evaluate.py": EVALUATE,
}
ALL = ["evaluate", "featurize", "prepare", "train"]
