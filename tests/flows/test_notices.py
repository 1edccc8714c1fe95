"""What `assay why` tells of a run beside its answer: facts that make a result worth less than it seems."""

import pytest

ONE = "steps:\n  - {name: Train, run: python train.py, inputs: [data.csv], outputs: [model.txt]}\n"


def notices(project, *words: str) -> dict[str, str]:
    """code -> every word of the notice."""
    found = project.assay("why", *words, "--json").json["notices"]
    return {each["code"]: "\n".join([each["what"], *each["because"], each["fix"]]) for each in found}


def test_code_that_no_commit_holds(project):
    project.write(
        assay__yaml=ONE, data__csv="x\n1\n", train__py="open('model.txt', 'w').write(open('data.csv').read())\n"
    )
    project.git("init", "-q")
    project.git("add", ".")
    project.git("commit", "-qm", "one")
    assert project.assay("run").code == 0
    assert notices(project) == {}
    project.put("train.py", "open('model.txt', 'w').write('other')\n")
    project.assay("run")
    assert "changed and not committed" in notices(project)["code-not-committed"]


def test_other_bytes_of_the_same_step(project):
    project.write(
        assay__yaml=ONE,
        data__csv="x\n1\n",
        train__py="import os\nopen('data.csv').read()\nopen('model.txt', 'w').write(os.urandom(8).hex())\n",
    )
    project.assay("run")
    assert "not-deterministic" not in notices(project)
    project.assay("run", "--force")
    assert "model.txt" in notices(project)["not-deterministic"]


def test_rows_to_test_on_that_were_learned_from(project):
    rows = "x,y\n" + "".join(f"{each},{each * 2}\n" for each in range(30))
    project.write(
        assay__yaml="steps:\n  - {name: Train, run: python train.py}\n",
        train__csv=rows,
        test__csv="x,y\n1,2\n2,4\n100,200\n",
        train__py="open('train.csv').read(), open('test.csv').read()\n",
    )
    project.assay("run")
    assert "2 of the 3 rows of test.csv stand in train.csv too" in notices(project)["rows-in-both"]
    project.put("test.csv", "x,y\n100,200\n")
    project.assay("run")
    assert "rows-in-both" not in notices(project)


def test_a_metric_that_fell_with_the_data_alone(project):
    script = "rows = open('data.csv').read().split()\nprint(f'accuracy: {1 / len(rows)}')\n"
    project.write(assay__yaml="steps:\n  - {name: Train, run: python train.py}\n", data__csv="x\n1\n", train__py=script)
    project.assay("run")
    project.put("data.csv", "x\n1\n2\n3\n")
    project.assay("run")
    told = notices(project)["metric-moved-with-data"]
    assert "accuracy was 0.5 in run 1, which was green, and is 0.25" in told
    assert "data.csv changed" in told
    project.put("train.py", script + "# other code\n")
    project.put("data.csv", "x\n1\n2\n3\n4\n5\n6\n")
    project.assay("run")
    assert "metric-moved-with-data" not in notices(project)


def test_a_script_of_another_language_that_decides_about_nothing(project):
    step = "{name: Train, run: sh train.sh, inputs: [data.csv], outputs: [model.txt]}"
    project.write(assay__yaml=f"steps:\n  - {step}\n", data__csv="x\n1\n", train__sh="cp data.csv model.txt\n")
    project.assay("run")
    project.put("train.sh", "echo other > model.txt\n")
    project.assay("run")
    assert "train.sh was changed after the result was made" in notices(project)["result-older-than-code"]


@pytest.mark.parametrize(
    "step",
    [
        "{name: a, run: sort raw.txt > a.txt, inputs: [raw.txt], outputs: [a.txt]}",
        "{name: a, run: sort raw.txt > ./a.txt 2> a.log, inputs: [raw.txt]}",
        "{name: a, run: sort raw.txt | tee a.txt > b.txt, inputs: [raw.txt], outputs: [b.txt]}",
        "{name: a, run: sort -o out/a.txt raw.txt, inputs: [raw.txt], outputs: [out]}",
    ],
)
def test_what_a_step_itself_writes_is_no_edit(project, step):
    project.write(assay__yaml=f"steps:\n  - {step}\n", raw__txt="b\na\n", out___keep="")
    assert project.assay("run").code == 0
    project.assay("run")
    assert "result-older-than-code" not in notices(project)
