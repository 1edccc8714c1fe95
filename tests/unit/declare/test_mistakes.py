"""Every mistake in a file, as it is told: the texts stand in tests/snapshots/declare."""

from collections.abc import Callable

import pytest

from assay.core.problem import DeclarationError, Problem, describe
from assay.declare import read_declaration

STEP = "steps: [{name: a, run: x}]\n"
GATE = "model: {path: m, label: y}\nsteps:\n  - name: g\n    gate:\n"
"""What a gate's keys can stand below."""

NOT_YAML = {
    "empty": "",
    "only a comment": "# nothing yet\n",
    "a text": "python train.py\n",
    "a list": "- name: Train\n  run: python train.py\n",
    "colon in a text": "steps:\n  - name: Train: fast\n    run: x\n",
    "tab": "steps:\n\t- name: a\n",
    "open bracket": "steps: [{name: a, run: x}\n",
    "open quote": "steps:\n  - name: 'a\n    run: x\n",
    "wrong indentation": "steps:\n  - name: a\n   run: x\n",
    "key beside list": "steps:\n  - name: a\n    run: x\nname\n",
    "text after brackets": "steps:\n  - name: a\n    run: [ -f x ] && echo\n",
    "brackets in braces": "steps: [{name: a, check: {a.csv: {columns: {c: str in [x, y]}}}}]\n",
    "at sign": "name: @home\n" + STEP,
    "glob": "watch: {data: *.csv}\n" + STEP,
    "unknown alias": "name: *me\n" + STEP,
    "alias in itself": "steps: &s [*s]\n",
    "tag": "name: !secret x\n" + STEP,
    "backslash in double quotes": 'name: "C:\\models"\n' + STEP,
    "two documents": STEP + "---\n" + STEP,
    "other version": "%YAML 3.0\n---\n" + STEP,
    "NUL": "name: a\0b\n" + STEP,
    "too deep": "steps: " + "[" * 200,
}

SHAPES = {
    "unknown keys": "nmae: x\nstages: [{name: a, run: x}]\nbanana: 1\n",
    "unknown action": "steps:\n  - name: Train\n    rnu: python train.py\n",
    "keys of other tools": "steps:\n  - {name: a, cmd: x, deps: [b], outs: [c], wdir: d, depends_on: []}\n",
    "missing keys": "model: {label: y}\nsteps:\n  - run: x\n  - name: G\n    gate: {}\nwatch: {performance: {}}\n",
    "no steps": "name: x\n",
    "empty steps": "steps: []\n",
    "steps by name": "steps:\n  train: {run: x}\n",
    "a step that is text": "steps:\n  - python train.py\n",
    "wrong types": "name: 2024\nmodel: m.pkl\nsteps:\n  - {name: a, run: true, inputs: a.csv, needs: {b: c}}\n  - {name: [b], run: [x, 5]}\n",
    "keys twice": "name: a\nname: b\nsteps:\n  - name: a\n    run: x\n    run: y\n",
    "merge key": "steps:\n  - &a {name: a, run: x}\n  - {<<: *a, name: b}\n",
    "a key that is a list": "steps: [{name: a, run: x, [b]: c}]\n",
    "not built": (
        "params: params.yaml\nnotify: []\nsteps:\n  - {name: a, run: x, timeout: 2h, retries: {attempts: 3}}\n"
        "  - {name: d, deploy: {canary: [5%], hold: 15m}}\n  - {name: c, check: {a.csv: checks/a.yaml}}\n"
        "ledger: postgresql://host/db\nstore: s3://bucket\n"
    ),
    "paths": (
        "model: {path: ../m.pkl}\nsteps:\n  - name: a\n    run: x\n    inputs: [~/a, '', '${x}', s3://b/c, a\\b]\n"
        "    outputs: [/tmp/x, a/../b, ., '']\n"
    ),
    "predict": "model: {path: m, predict: predict:load}\n" + STEP,
    "quantities": (
        "model: {path: m, label: y}\nsteps:\n  - {name: g, gate: {data: t.csv, require: [mae < 1], confidence: 95, detect: -1}}\n"
        "watch:\n  data: d\n  performance: {metric: maee, decay: 15}\n"
        "  retrain: {on: [decy, drift], cooldown: 1:30, at_most: 3 a week}\n"
    ),
    "column rules": (
        "steps:\n  - name: c\n    check:\n      a.csv:\n        rows: lots\n        unique: id\n        closed: yes\n        columns:\n"
        "          month: integer 1..12\n          day: 'int 1..31 foo'\n          dep: \"int?, p95 <= 120\"\n          hour:\n"
        "          flow: {a: int, nulls <= 5%}\n      b.csv: {}\n      c.csv: {columns: {a: int 1..5, nulls <= 5%}}\n"
    ),
    "sentences": GATE
    + (
        "      data: t.csv\n      require:\n        - acuracy > 0.5\n        - 'accuracy > champion.mae'\n"
        "        - every accuracy >= 0.80\n        - 5\n        - bleu >= 0.5\n        - slice(day=2013-01-01).mae < 3\n"
        "        - drift(hour) <= 0.1\n        - no calibration_error > 0.1\n        - violations(cases ../hard.csv) <= 0\n"
        "        - violations(cases s3://b/hard.csv) <= 0\n        - accuracy >= 0.9 and mae < 3\n        - gap(sex).recall >= 0.1\n"
    ),
    "sentence with a comma in brackets": GATE
    + "      data: t.csv\n      require: [violations(dep up, prediction up) <= 1%]\n",
    "gate keys": GATE
    + (
        "      data: t.csv\n      require: [accuracy > 0.8]\n      reveal: verdit\n      group: [a, b]\n      against: [archived]\n"
        "      min_rows: 0\n      positive: [late]\n      quantile: 90\n      score_range: [5, 1]\n      cost: {late: {on time: -5, late: free}}\n"
    ),
    "more gate keys": GATE
    + (
        "      data: t.csv\n      require: [accuracy > 0.8]\n      against: [champion, champion, arcived]\n      min_rows: 1.5\n"
        "      positive: .nan\n      quantile: 1\n      score_range: [1]\n      cost: 5\n      clusters: a\n      pos_label: 1\n      min_row: 5\n"
    ),
    "champion twice": GATE + "      data: t.csv\n      require: [mae < 3]\n      against: [champion, champion]\n",
    "behaviours as keys": GATE
    + "      data: t.csv\n      require: [mae < 3]\n      behaviour: [{invariant: [a]}]\n      behaviors: []\n",
    "a gain that cannot be": GATE + "      data: t.csv\n      require: [mae < 3, accuracy >= 80%]\n      detect: 2\n",
    "keeps no output": "steps:\n  - {name: a, run: x, inputs: [i], outputs: [report.html], keeps: [./report.html, raport.html, other]}\n",
    "gate by nothing": GATE + "      require: [mae < 3]\n      confidence: 99%\n",
    "gate by two things": GATE
    + "      data: t.csv\n      metrics: metrics.json\n      require: [mae < 3]\n      group: a\n      time: b\n",
    "nothing required": "model: {path: m, label: y}\nsteps:\n  - {name: g, gate: {data: t.csv, require: []}}\n",
}

SETTINGS = {
    "values of settings": (
        "steps:\n  - name: a\n    run: x\n    timeout: 2\n    retries: {attempts: 0, backoff: soon, on: [oom, netwrok]}\n"
        "    resources: {cpu: 4, gpus: one, memory: 16}\n    env: {1a: x, B: , C: [d], ASSAY_X: 1}\n    secrets: [TOKEN, {KEY: abc}]\n"
        "    trace: loud\n    workdir: ../up\n    shell: bsh\n    params: [train..rate, {p.yaml: train}]\n"
        "  - {name: b, run: x, retries: -1, timeout: 0s, workdir: /tmp, shell: []}\n"
        "notify: [{}, {run: x, url: https://a.b}, {url: a.b}, {run: x, secret: KEY}, {run: x, on: [fialed]}]\n"
    ),
    "settings without run": (
        "steps:\n  - name: a\n    release: {}\n    timeout: 2h\n    env: {A: 1}\n    secrets: [B]\n    foreach: [1, 2]\n    workdir: x\n"
    ),
    "conditions": (
        "steps:\n  - {name: a, run: x, when: brnch == 'main'}\n  - {name: b, run: x, when: branch = 'main'}\n"
        "  - {name: c, run: x, when: branch == main}\n  - {name: d, run: x, when: matrix.m == 1}\n"
        "  - {name: e, run: x, foreach: {k: 1}, when: item == 'a'}\n  - {name: f, run: x, when: }\n"
        "  - {name: g, run: x, when: branch in 'main'}\n  - {name: i, run: x, when: \"branch not in ['main' dev]\"}\n  - {name: h, run: x, when: 'tag > 5'}\n"
    ),
    "names in braces": (
        "steps:\n  - name: a\n    run: x ${matrix.modle} ${params.x ${item.a}\n    matrix: {model: [a]}\n    inputs: ['${model}', '${HOME}']\n"
        "    outputs: ['m/${matrix.modell}']\n    env: {A: '${metrix.model}'}\n    needs: ['${key}']\n    workdir: '${item}'\n"
        "  - {name: b, run: '${item.model} ${{ matrix.model }} ${secrets.KEY}', matrix: {model: [a]}}\n"
    ),
    "values that cannot be quoted": (
        "steps:\n  - name: a\n    foreach: [x y]\n    run: |\n      cat <<END\n      ${item}\n      END\n"
        "  - {name: b, foreach: [x], run: 'echo `echo ${item}`'}\n  - {name: c, foreach: [x], run: 'print(\"${item}\")', shell: python}\n"
    ),
    "matrices": (
        "steps:\n  - {name: a, run: x, matrix: [1]}\n  - {name: b, run: x, matrix: {m: 5, 1x: [2], n: [~]}}\n"
        "  - {name: c, run: x, matrix: {m: [a, b], exclude: [{n: a}, {m: c}]}}\n  - {name: d, run: x, matrix: {m: [1, '1']}}\n"
        "  - {name: e, run: x, matrix: {m: [1], include: [{m: 2}]}}\n  - {name: f, run: x, matrix: {m: [1], exclude: [{m: 1}]}}\n"
        "  - {name: g, run: x, matrix: {m: [1]}, foreach: [1]}\n  - {name: h, run: x, foreach: a}\n  - {name: i, run: x, foreach: []}\n"
        "  - {name: j, run: x, foreach: ['a\\nb', '']}\n  - {name: k, run: x, matrix: {}}\n  - {name: l, run: x, foreach: ['${params.a}']}\n"
    ),
}

SENSE = {
    "cells that write one path": (
        "steps:\n  - {name: a, run: x, matrix: {m: [1, 2], n: [3]}, outputs: [m.pkl]}\n  - {name: b, run: x, foreach: [1, 2], metrics: [m.json]}\n"
    ),
    "secrets that are not known": (
        "secrets: [API_TOKEN]\nsteps:\n  - {name: a, run: x, secrets: [API_TOKE, OTHER]}\nnotify: [{url: 'https://a.b', secret: KEY}]\n"
    ),
    "secrets in env": (
        "env: {TOKEN: 1, A: 2}\nsteps:\n  - {name: a, run: x, secrets: [TOKEN]}\n  - {name: b, run: x, secrets: [KEY], env: {KEY: 1, B: 2}}\n"
    ),
    "retries after timeouts that never come": "steps:\n  - {name: a, run: x, retries: {attempts: 2, on: [timeout]}}\n",
    "steps and cells of one name": "steps:\n  - {name: a, run: x, foreach: [1, 2]}\n  - {name: a, run: y}\n",
    "ring of cells": "steps:\n  - {name: a, run: x, foreach: [1, 2], needs: [b]}\n  - {name: b, run: x, needs: [a]}\n",
    "one name twice": "steps:\n  - {name: a, run: x}\n  - {name: b, run: x}\n  - {name: a, run: y}\n",
    "no action": "steps:\n  - name: a\n    inputs: [b]\n",
    "two actions": "steps:\n  - name: a\n    run: x\n    deploy: {}\n",
    "outputs without run": "steps:\n  - name: a\n    deploy: {}\n    outputs: [b]\n    metrics: [m.json]\n",
    "unknown step": "steps:\n  - {name: Prepare, run: x}\n  - {name: b, run: x, needs: [Prepaer, zzz]}\n",
    "ring by needs": "steps:\n  - {name: z, run: x}\n  - {name: a, run: x, needs: [b]}\n  - {name: b, run: x, needs: [a]}\n",
    "ring by files": (
        "steps:\n  - {name: a, run: x, inputs: [c/out], outputs: [a/out]}\n  - {name: b, run: x, inputs: [a/out], outputs: [b/out]}\n"
        "  - {name: c, run: x, inputs: [b], outputs: [c/out]}\n"
    ),
    "globs in outputs": "steps:\n  - {name: a, run: x, outputs: ['z*.txt', 'out/part-?.csv', m], metrics: ['m/*.json']}\n",
    "ring by params": (
        "steps:\n  - {name: tune, run: x, inputs: [m], outputs: [best.json]}\n"
        "  - {name: train, run: x, params: [{best.json: [rate]}], outputs: [m]}\n"
    ),
    "parameters that are output": "steps:\n  - {name: a, run: x, params: [{best.json: [rate]}], outputs: [best.json]}\n",
    "ring by order": "steps:\n  - {name: a, run: x, needs: [b]}\n  - {name: b, run: x}\n",
    "ring of one": "steps:\n  - {name: a, run: x, needs: [a]}\n",
    "two rings": (
        "steps:\n  - {name: a, run: x, needs: [b]}\n  - {name: b, run: x, needs: [a]}\n"
        "  - {name: c, run: x, needs: [d]}\n  - {name: d, run: x, needs: [c]}\n"
    ),
    "input that is output": "steps:\n  - {name: a, run: x, inputs: [data], outputs: [data/clean.csv]}\n",
    "two writers": "steps:\n  - {name: a, run: x, outputs: [m/a]}\n  - {name: b, run: x, outputs: [./m/a]}\n  - {name: c, run: x, metrics: [m]}\n",
    "gate without model": "steps:\n  - {name: g, gate: {data: t.csv, require: [mae < 1]}}\n",
    "gate without label": "model: {path: m}\nsteps:\n  - {name: g, gate: {data: t.csv, require: [mae < 1]}}\n",
    "watch without model": STEP + "watch: {data: d, labels: l, performance: {metric: mae, decay: 15%}}\n",
    "watch without id": "model: {path: m, label: y}\n"
    + STEP
    + "watch:\n  data: d\n  labels: l\n  performance: {metric: mae, decay: 15%}\n",
    "a clock that is not there": "model: {path: m}\n"
    + STEP
    + "watch:\n  data: d\n  retrain: {on: [data], cooldown: 1 day, at_most: 3 per week}\n",
    "a metric that no gate asks for": "model: {path: m, label: y}\nsteps:\n"
    "  - {name: g, gate: {data: t.csv, require: [accuracy >= 0.8, error_rate <= 0.1]}}\n"
    "watch:\n  data: d\n  performance: {metric: mae, decay: 15%}\n",
    "a metric that the gate asks for in slices alone": GATE
    + "      data: t.csv\n      require: [every slice(a).mae <= 3, gap(a).mae <= 1]\n"
    "watch: {data: d, performance: {metric: mae, decay: 15%}}\n",
    "a metric that is not watched yet": GATE
    + "      data: t.csv\n      require: [auc >= 0.8]\nwatch: {data: d, performance: {metric: auc, decay: 15%}}\n",
    "a class that is not watched yet": GATE + "      data: t.csv\n      require: [f1 >= 0.8]\n      positive: late\n"
    "watch: {data: d, performance: {metric: f1, decay: 15%}}\n",
    "metrics that must be told more": GATE
    + "      data: t.csv\n      require: [cost < champion.cost, every slice(a).quantile_loss <= 3, cost <= 5]\n",
    "a class that must be told": GATE
    + "      data: t.csv\n      cost: {late: {on time: 5}}\n"
    + "      require: [cost < champion.cost, every slice(a).recall >= 0.5, auc >= 0.9]\n",
    "numbers of a file asked what only rows can tell": GATE
    + (
        "      metrics: metrics.json\n      confidence: 99%\n      group: a\n      min_rows: 5\n      cost: a\n      reveal: verdict\n"
        "      against: [champion, archived]\n      require:\n        - accuracy > 0.8 at 99%\n        - every slice(a).accuracy > 0.8\n"
        "        - gap(a).accuracy < 0.1 at 99%\n        - violations(cases a.csv) <= 0\n        - latency_p99_ms <= 20\n"
    ),
    "rows and numbers beside each other": GATE
    + (
        "      metrics: m.json\n      data: t.csv\n      require:\n"
        "        - violations(invariant tail_number) <= 1%\n        - latency_p99_ms <= 20 at 99%\n        - model_size_mb <= 200 at 99%\n"
    ),
    "numbers outside the project": GATE + "      metrics: ../metrics.json\n      require: [accuracy >= 0.8]\n",
    "archived beside a sealed gate": GATE
    + "      data: t.csv\n      require: [mae < champion.mae]\n      reveal: verdict\n      against: [champion, archived]\n",
    "decay beside a sealed gate": GATE
    + "      data: t.csv\n      require: [mae < champion.mae]\n      reveal: verdict\n"
    "watch: {data: d, performance: {metric: mae, decay: 15%}}\n",
    "sealed rows that another gate tells of": (
        "model: {path: m, label: y}\nsteps:\n"
        "  - {name: g, gate: {data: gate/*.csv, require: [mae < champion.mae], reveal: verdict}}\n"
        "  - {name: h, gate: {data: gate/a.csv, require: [mae < 5]}}\n"
    ),
    "gate by numbers without model": "steps:\n  - {name: g, gate: {metrics: m.json, require: [mae < 1]}}\n",
    "retrain without performance": "model: {path: m}\n" + STEP + "watch:\n  data: d\n  retrain: {cooldown: 1 day}\n",
}

CASES = NOT_YAML | SHAPES | SETTINGS | SENSE


def problems_of(text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(DeclarationError) as caught:
        read_declaration(text)
    return caught.value.problems


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_reads_as_agreed(case: str, snapshot: Callable[[str, str], None]) -> None:
    told = "\n".join(describe(problem) for problem in problems_of(CASES[case]))
    snapshot(f"declare/{case.replace(' ', '-')}.txt", told + "\n")


def test_every_mistake_is_told_in_the_order_of_the_file() -> None:
    everything = "\n".join(text for text in (SHAPES["column rules"], "modle: x", "ledger: s3://x", "watch: {data: ''}"))
    problems = problems_of(everything)
    places = [(problem.place.line, problem.place.column) for problem in problems if problem.place]
    assert len(problems) > 10
    assert places == sorted(places)
    assert len(places) == len(problems)


def test_one_mistake_does_not_hide_another() -> None:
    text = "steps:\n  - {name: a, rnu: x, needs: [b]}\n  - {name: c, run: x, needs: [d]}\n  - {name: d, run: x, needs: [c, e]}\n"
    codes = [problem.code for problem in problems_of(text)]
    assert codes == ["unknown-key", "unknown-step", "cycle", "unknown-step"]


def test_a_mistake_seen_through_an_alias_stands_where_it_is_written() -> None:
    text = "steps:\n  - {name: a, run: x, inputs: &i ['']}\n  - {name: b, run: y, inputs: *i}\n"
    assert {problem.place for problem in problems_of(text)} == {problems_of(text)[0].place}


def test_the_column_of_a_rule_is_exact_also_inside_quotes() -> None:
    text = "steps: [{name: c, check: {a.csv: {columns: {a: 'int 1..5 foo', b: int 1..5 foo}}}}]"
    places = [problem.place for problem in problems_of(text)]
    assert [text[place.column - 1 :][:3] for place in places if place] == ["foo", "foo"]


@pytest.mark.parametrize("data", [b"\xff\xfes\x00", b"\x89PNG\r\n\x1a\n", b"a: \xff", b"PK\x03\x04\x00"])
def test_bytes_that_are_no_text_are_a_mistake_with_a_place(data: bytes) -> None:
    (problem,) = problems_of(data)
    assert problem.code == "not-yaml"
    assert problem.place is not None


def test_parameters_whose_file_is_not_there_are_mended_by_the_file_and_not_by_another_name() -> None:
    def read(path: str) -> bytes:
        raise FileNotFoundError(path)

    with pytest.raises(DeclarationError) as caught:
        read_declaration("steps:\n  - {name: a, run: 'x ${params.prepare.frac}', inputs: [b]}\n", read=read)
    (problem,) = caught.value.problems
    assert problem.what == "`steps.a.run`: `${params.prepare.frac}`: there is no params.yaml"
    assert problem.fix == "bring params.yaml back, or name the file of parameters in `params:` at the top"
