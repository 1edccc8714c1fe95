"""Assay and the real DVC run the same stages of a project, and leave the same bytes."""

from get_started import ALL, FILES, PARAMS, TRAIN

TELL = "echo $DVC_STAGE >> $RAN"


def test_get_started(pair):
    project = pair(FILES)
    assert project.run() == ALL
    assert project.run() == []
    project.put("params.yaml", PARAMS.replace("n_est: 50", "n_est: 60"))
    assert project.run() == ["evaluate", "train"]
    project.put("params.yaml", PARAMS.replace("n_est: 50", "n_est: 60").replace("20170428}", "20170429}"))
    assert project.run() == ALL
    project.put("src/train.py", TRAIN + "\n# nothing else\n")
    assert project.run() == ["train"], "the model is the same, so nothing follows"
    for lost in ("model.json", "data/prepared"):
        project.remove(lost)
        assert project.run() == []
    project.put("data/data.xml", FILES["data/data.xml"].replace("sort 9", "order 9"))
    assert project.run() == ALL
    project.put("data/data.xml", FILES["data/data.xml"])
    assert project.run() == [], "both know these bytes from before"


def test_stages_that_are_repeated(pair):
    dvc_yaml = f"""
vars:
- config/common.json
- sizes.toml:small
- text: {{greeting: "it's me", names: [a b, c], flags: {{deep: {{rate: 0.1}}, on: true, off: false}}}}
stages:
  plain:
    foreach: [one, 2, true, 0.5]
    do:
      cmd: {TELL}; mkdir -p plain; echo ${{item}} > plain/${{item}}
      outs: ["plain/${{item}}"]
  composite:
    foreach: [{{name: x, n: 1}}, {{name: y, n: [2, 3]}}]
    do:
      cmd: {TELL}; echo ${{item.name}} ${{small.width}} > ${{item.name}}.txt
      outs: ["${{item.name}}.txt"]
  named:
    foreach: ${{models}}
    do:
      vars: [{{local: [7, 8]}}]
      cmd: {TELL}; echo ${{key}} ${{item.lr}} ${{local[1]}} \\${{HOME}} > ${{key}}.model
      params: ["models.${{key}}.lr"]
      outs: [{{"${{key}}.model": {{cache: false}}}}]
  grid:
    matrix: {{model: "${{kinds}}", seed: [1, 2], extra: [{{a: 1}}]}}
    cmd: {TELL}; mkdir -p grid; echo ${{item.model}} ${{item.seed}} ${{item.extra.a}} ${{key}} > grid/${{key}}
    outs: ["grid/${{key}}"]
  flags:
    cmd: {TELL}; python tell.py ${{text.flags}} ${{text}} > flags.txt
    deps: [tell.py]
    outs: [flags.txt]
"""
    project = pair(
        {
            "dvc.yaml": dvc_yaml,
            "params.yaml": "models: {net: {lr: 1e-3}, tree: {lr: 20}}\nkinds: [net, tree]\n",
            "config/common.json": '{"unused": [1, 2.0, null]}',
            "sizes.toml": "[small]\nwidth = 3\n[large]\nwidth = 9\n",
            "tell.py": "import sys; print(sys.argv[1:])",
        }
    )
    grid = [f"grid@{model}-{seed}-extra0" for model in ("net", "tree") for seed in (1, 2)]
    plain = ["plain@0.5", "plain@2", "plain@one", "plain@true"]
    every = sorted([*grid, *plain, "composite@0", "composite@1", "named@net", "named@tree", "flags"])
    assert project.run() == every
    assert project.run() == []
    project.put("params.yaml", "models: {net: {lr: 1e-4}, tree: {lr: 20}}\nkinds: [net, tree, new]\n")
    assert project.run() == ["grid@new-1-extra0", "grid@new-2-extra0", "named@net"]
    project.remove("grid/net-1-extra0")
    project.ours.run()
    assert project.ours.files()["grid/net-1-extra0"] == b"net 1 1 net-1-extra0\n"


def test_folders_of_their_own(pair):
    project = pair(
        {
            "dvc.yaml": f"""
stages:
  split:
    wdir: work/${{where}}
    cmd: {TELL}; cat ../../raw.txt > part.txt; cat settings.yaml >> part.txt
    deps: [../../raw.txt]
    params: [settings.yaml: [size]]
    outs: [part.txt]
""",
            "params.yaml": "where: here\n",
            "raw.txt": "raw\n",
            "work/here/settings.yaml": "size: 3\nother: 1\n",
            "models/dvc.yaml": f"""
vars: [more.yaml]
stages:
  train:
    cmd: {TELL}; cat ../work/here/part.txt > ${{name}}.bin; pwd | xargs basename >> ${{name}}.bin
    deps: [../work/here/part.txt]
    params: [rate]
    outs: ["${{name}}.bin"]
  split:
    cmd: {TELL}; head -c 3 net.bin > start
    deps: [net.bin]
    outs: [start]
""",
            "models/params.yaml": "name: net\nrate: 1\n",
            "models/more.yaml": "other: 2\n",
        }
    )
    nested = ["models/dvc.yaml:split", "models/dvc.yaml:train"]
    assert project.run() == [*nested, "split"]
    assert project.run() == []
    project.put("work/here/settings.yaml", "size: 3\nother: 2\n")
    assert project.run() == [], "nobody selects `other`"
    project.put("models/params.yaml", "name: net\nrate: 2\n")
    assert project.run() == ["models/dvc.yaml:train"]
    project.put("raw.txt", "new\n")
    assert project.run() == [*nested, "split"]


def test_stages_of_a_special_kind(pair):
    project = pair(
        {
            "dvc.yaml": f"""
stages:
  clock: {{cmd: {TELL}, always_changed: true, deps: [in.txt], outs: [{{kept.log: {{persist: true}}}}]}}
  callback: {{cmd: {TELL}}}
  once: {{cmd: {TELL}; echo once > once.txt, outs: [once.txt], desc: without anything to read, meta: {{who: me}}}}
  chosen: {{cmd: {TELL}; echo chosen > chosen.txt, params: [width], outs: [chosen.txt]}}
  frozen: {{cmd: {TELL}; cat in.txt > frozen.txt, deps: [in.txt], outs: [frozen.txt], frozen: true}}
  after: {{cmd: {TELL}; cat frozen.txt > after.txt, deps: [frozen.txt], outs: [after.txt]}}
  grows: {{cmd: {TELL}; cat in.txt >> grows.txt, deps: [in.txt], outs: [{{grows.txt: {{persist: true}}}}]}}
  anew: {{cmd: {TELL}; cat in.txt >> anew.txt, deps: [in.txt], outs: [anew.txt]}}
  scores:
    cmd: {TELL}; echo '{{"auc":0.9}}' > m.json; echo 'a,b' > p.csv; echo 5 > m.txt
    deps: [in.txt]
    metrics: [{{m.json: {{cache: false}}}}, m.txt]
    plots: [{{p.csv: {{x: a, y: b, cache: false}}}}]
""".replace("clock: {cmd: " + TELL, "clock: {cmd: " + TELL + "; cat in.txt >> kept.log"),
            "params.yaml": "width: 1\n",
            "in.txt": "in\n",
            "frozen.txt": "as it was\n",
        }
    )
    always = ["callback", "clock"]
    assert project.run() == sorted([*always, "once", "chosen", "after", "grows", "anew", "scores"])
    assert project.run() == always
    project.put("in.txt", "other\n")
    assert project.run() == sorted([*always, "grows", "anew", "scores"])
    assert project.ours.files()["grows.txt"] == b"in\nother\n"
    project.put("params.yaml", "width: 2\n")
    assert project.run() == sorted([*always, "chosen"])
    for lost in ("once.txt", "grows.txt"):
        project.remove(lost)
    assert project.theirs.run() == sorted([*always, "grows", "once"])
    assert project.ours.run() == always, "what is lost comes back, whatever kind of output it is"
    assert project.ours.files()["grows.txt"] == b"in\nother\n"


def test_commands_run_one_by_one(pair):
    project = pair(
        {
            "dvc.yaml": f"""
stages:
  listed:
    cmd:
    - {TELL}; X=1; cd sub
    - pwd | xargs basename > listed.txt; echo "[$X]" >> listed.txt; echo $0 >> listed.txt
    - false | true; "false"; true # the pipe's middle and what is before the last may fail
    outs: [listed.txt]
  lines:
    cmd: |
      {TELL}
      echo "it's" > lines.txt # a comment

      exit 0
      echo after >> lines.txt
    outs: [lines.txt]
  fails:
    deps: [listed.txt, lines.txt]
    cmd: [{TELL}, "false", echo never > never.txt]
  held: {{cmd: {TELL}, deps: [never.txt]}}
""".replace("  held", "    outs: [never.txt]\n  held"),
            "sub/in": "",
        }
    )
    assert project.run() == ["fails", "lines", "listed"]
    assert project.ours.code != 0
    assert project.run() == ["fails"]


def test_parameters_of_every_kind_of_file(pair):
    project = pair(
        {
            "dvc.yaml": f"""
stages:
  all:
    cmd: {TELL}; echo all > all.txt
    params: [net.layers, whole.yaml: , some.json: [a.b, list], other.toml: [size.x], conf.py: [RATE, Net.depth, TABLE]]
    outs: [all.txt]
""",
            "params.yaml": "net: {layers: [1, 2], other: 5}\n",
            "whole.yaml": "x: 1\ny: {z: 2}\n",
            "some.json": '{"a": {"b": 1, "c": 2}, "list": [1, null]}',
            "other.toml": "[size]\nx = 1\ny = 2\n",
            "conf.py": "RATE = 0.1\nOTHER = 5\nTABLE = {'a': 1}\n\nclass Net:\n    depth = 3\n    width: int = 4\n",
        }
    )
    assert project.run() == ["all"]
    for path, text in {
        "params.yaml": "net: {other: 6, layers: [1, 2]}\n",
        "some.json": '{"a": {"b": 1, "c": 3}, "list": [1, null]}',
        "other.toml": "[size]\nx = 1\ny = 3\n",
        "conf.py": "RATE = 0.1\nTABLE = {'a': 1}\n\nclass Net:\n    depth = 3\n",
        "whole.yaml": "y: {z: 2}\nx: 1\n",
    }.items():
        project.put(path, text)
    assert project.run() == [], "nothing that is selected has changed"
    for path, text in {
        "params.yaml": "net: {layers: [1, 3]}\n",
        "some.json": '{"a": {"b": 1, "c": 3}, "list": [2, null]}',
        "other.toml": "[size]\nx = 2\n",
        "conf.py": "RATE = 0.1\nTABLE = {'a': 2}\n\nclass Net:\n    depth = 3\n",
        "whole.yaml": "y: {z: 2}\n",
    }.items():
        project.put(path, text)
        assert project.run() == ["all"], path
