"""What a step reads decides about its reuse, however it reads it and wherever it lies; what it makes itself does not."""

import shutil
import subprocess
import sys

import pytest

STEP = "steps:\n  - {{name: t, run: python t.py, inputs: [{inputs}], outputs: [{outputs}]}}\n"


def step(project, script, inputs="t.py", outputs="o.txt"):
    project.write(assay__yaml=STEP.format(inputs=inputs, outputs=outputs), t__py=script)
    return project


def ran(project, *words):
    """Outcome, reason and codes of warnings of the one step."""
    answer = project.assay("run", "--json", *words)
    (result,) = answer.lines[-1]["results"]
    return result["outcome"], result["reason"], [warning["code"] for warning in result["warnings"]]


def made(project, path="o.txt"):
    return (project.root / path).read_text()


def test_a_file_that_is_read_and_then_written_is_an_input_whose_state_is_not_known(project):
    step(project, "v = open('state.txt').read(); open('o.txt', 'w').write(v); open('state.txt', 'w').write(v)")
    project.put("state.txt", "1")
    outcome, _, warnings = ran(project)
    assert (outcome, warnings) == ("ok", ["undeclared-input", "changed-while-running"])
    project.put("state.txt", "2")
    assert ran(project)[0] == "ok"
    assert made(project) == "2"


def test_a_file_that_is_opened_for_update_and_left_as_it_was_is_an_input(project):
    opened = "fd = os.open('db.bin', os.O_RDWR | os.O_CREAT); d = os.read(fd, 9); os.close(fd)"
    step(project, f"import os\n{opened}\nopen('o.txt', 'wb').write(d)")
    project.put("db.bin", "1")
    assert ran(project)[2] == ["undeclared-input"]
    assert ran(project)[0] == "reused"
    project.put("db.bin", "2")
    outcome, reason, _ = ran(project)
    assert (outcome, reason.split(":")[0]) == ("ok", "db.bin, which it read, changed")
    assert made(project) == "2"


@pytest.mark.here
@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace")
def test_an_undeclared_database_that_sqlite_reads_is_an_input_where_strace_looks(project):
    read = "sqlite3.connect('d.db').execute('select * from t').fetchall()"
    step(project, f"import sqlite3\nopen('o.txt', 'w').write(str({read}))")
    edit = "import sqlite3; c = sqlite3.connect('d.db'); c.executescript('create table if not exists t (v); insert into t values (1)')"
    project.put("edit.py", edit)

    def insert():
        subprocess.run([sys.executable, "edit.py"], cwd=project.root, check=True)

    insert()
    assert ran(project, "--trace=strace")[2] == ["undeclared-input"]
    assert ran(project, "--trace=strace")[0] == "reused"
    insert()
    assert ran(project, "--trace=strace")[0] == "ok"
    assert made(project) == "[(1,), (1,)]"


@pytest.mark.parametrize("words", [(), pytest.param(("--trace=strace",), marks=pytest.mark.here)])
@pytest.mark.parametrize(
    "script",
    [
        "open('part.tmp', 'w').write('1'); v = open('part.tmp').read(); open('part.tmp', 'w').write('2')",
        "f = open('part.tmp', 'w+'); f.write('1'); f.seek(0); v = f.read()",
        "v = str(os.path.exists('part.tmp')); open('part.tmp', 'a+').write('1'); open('part.tmp').read()",
        "import sqlite3; v = str(sqlite3.connect('part.tmp').execute('create table t (v)').fetchall())",
        "import shutil; open('x', 'w').write('1'); os.replace('x', 'part.tmp'); v = open('part.tmp', 'r+').read()",
    ],
)
def test_what_a_step_makes_and_then_reads_is_no_input(project, script, words):
    if words and shutil.which("strace") is None:
        pytest.skip("there is no strace")
    step(project, f"import os\n{script}\nopen('o.txt', 'w').write(v)")
    assert ran(project, *words)[::2] == ("ok", [])
    assert ran(project, *words)[0] == "reused"


def test_an_output_that_is_read_and_then_written_is_a_promise_and_no_input(project):
    step(
        project,
        "import os\nv = open('o.txt').read() if os.path.exists('o.txt') else ''\nopen('o.txt', 'w').write(v + 'x')",
    )
    project.put("o.txt", "")
    assert ran(project)[::2] == ("ok", [])
    assert ran(project)[0] == "reused"


def test_a_file_that_a_declared_glob_does_not_name_is_read_undeclared(project):
    step(project, "open('o.txt', 'w').write(open('conf/.env').read())", inputs='t.py, "conf/*"')
    project.write(conf___a="a", conf____env="1")
    project.put("conf/.env", "1")
    assert ran(project)[2] == ["undeclared-input"]
    assert ran(project)[0] == "reused"
    project.put("conf/.env", "2")
    assert ran(project)[0] == "ok"
    assert made(project) == "2"


def test_what_a_declared_glob_or_folder_names_is_declared(project):
    read = "open('conf/a').read() + open('rows/deep/b').read() + open('c').read()"
    step(project, f"open('o.txt', 'w').write({read})", inputs='t.py, "conf/*", rows, ./c')
    project.write(conf___a="a", rows___deep___b="b", c="c")
    assert ran(project)[::2] == ("ok", [])


def test_a_file_in_its_own_output_folder_that_a_step_only_reads_is_an_input(project):
    script = "open('models/tuned.txt', 'w').write('from ' + open('models/base.txt').read())"
    step(project, f"{script}; open('models/log', 'w').write('1'); open('models/log').read()", outputs="models")
    project.put("models/base.txt", "v1")
    assert ran(project)[2] == ["undeclared-input"]
    assert ran(project)[0] == "reused"
    project.put("models/base.txt", "v2")
    outcome, reason, _ = ran(project)
    assert (outcome, reason.split(":")[0]) == ("ok", "models/base.txt, which it read, changed")
    assert made(project, "models/base.txt") == "v2"
    assert made(project, "models/tuned.txt") == "from v2"


def test_a_promised_folder_that_a_step_left_as_it_was_is_not_its_result(project):
    project.write(
        assay__yaml="steps:\n  - {name: t, run: mkdir -p modelz && cp src.txt modelz, inputs: [src.txt], outputs: [models]}\n",
        src__txt="1",
    )
    project.put("models/deep/old.txt", "old")
    assert ran(project)[0] == "failed"


@pytest.mark.parametrize("words", [(), ("--trace=strict",)], ids=["declared", "asked for"])
def test_a_result_that_read_undeclared_data_does_not_stand_where_reads_are_held_to_strictly(project, words):
    step(project, "open('o.txt', 'w').write(open('data.csv').read())")
    project.put("data.csv", "1")
    assert ran(project)[0] == "ok"
    assert ran(project)[0] == "reused"
    if not words:
        project.put("assay.yaml", "trace: strict\n" + STEP.format(inputs="t.py", outputs="o.txt"))
        assert "it read data.csv without declaring it" in project.assay("plan").out
    answer = project.assay("run", *words)
    assert answer.code == 1
    assert "undeclared-input" in answer.out + answer.err
    assert "it read data.csv without declaring it, which `trace: strict` does not allow" in answer.out + answer.err


def test_a_result_of_a_step_that_was_not_traced_does_not_stand_where_reads_are_held_to_strictly(project):
    step(project, "open('o.txt', 'w').write('1')")
    assert ran(project, "--trace=off")[0] == "ok"
    assert ran(project)[0] == "reused"
    assert ran(project, "--trace=strict")[:2] == ("ok", "it was not traced, which `trace: strict` asks for")
    assert ran(project, "--trace=strict")[0] == "reused"


def test_what_a_person_put_into_an_output_folder_is_set_aside_before_the_folder_comes_back(project):
    project.write(
        assay__yaml="steps:\n  - {name: t, run: mkdir -p out && cp src.txt out/m.txt, inputs: [src.txt], outputs: [out]}\n",
        src__txt="1",
    )
    assert ran(project)[0] == "ok"
    project.put("out/notes.md", "mine")
    (project.root / "out" / "latest").symlink_to("m.txt")
    outcome, reason, _ = ran(project)
    assert outcome == "reused"
    assert reason.endswith("out comes back from the store; what stood at out is now .assay/runs/2/replaced/out")
    assert made(project, ".assay/runs/2/replaced/out/notes.md") == "mine"
    assert [place.name for place in (project.root / "out").iterdir()] == ["m.txt"]


def test_where_an_output_cannot_come_back_what_stands_in_its_place_stays(project):
    step(project, "open('o.txt', 'w').write('1')")
    assert ran(project)[0] == "ok"
    project.put("o.txt", "mine")
    for place in (project.root / ".assay" / "store" / "objects").glob("*/*"):
        place.chmod(0o644)
        place.write_text("0")
    assert ran(project)[0] == "failed"
    assert made(project) == "mine"


def test_an_output_that_an_earlier_run_left_is_in_the_store_and_is_not_set_aside(project):
    step(project, "open('o.txt', 'w').write(open('src.txt').read())", inputs="t.py, src.txt")
    for text in ("1", "2", "1"):
        project.put("src.txt", text)
        outcome, reason, _ = ran(project)
    assert (outcome, reason) == ("reused", "nothing that it reads has changed; o.txt comes back from the store")
    project.put("o.txt", "edited by hand")
    assert ran(project)[1].endswith("what stood at o.txt is now .assay/runs/4/replaced/o.txt")
    assert made(project) == "1"
