"""``assay data import``: files in, rules out, nothing overwritten, and mistakes told."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from assay.cli.data_import import import_suite as command
from assay.core.problem import UsageError
from assay.declare import read_pipeline
from assay.explain.codes import page
from assay.flows.import_suite import import_suite
from assay.flows.suite_text import plain

FIXTURES = Path(__file__).parents[1] / "check" / "suites" / "fixtures"
SUITE = {"expectations": [{"type": "expect_column_values_to_be_of_type", "kwargs": {"column": "x", "type_": "int"}}]}


class Interpreter:
    """A Python that answers this."""

    python = sys.executable

    def __init__(self, answer):
        self.answered = answer
        self.asked = []
        self.environ = {}

    def answer(self, words, folder):
        self.asked.append(words[1:])
        return self.answered if isinstance(self.answered, bytes) else json.dumps(self.answered).encode()

    def version(self):
        return "3.11"

    def packages(self):
        return ()


@pytest.fixture
def imported(tmp_path):
    """What becomes of a file of this content."""

    def made(content, name="suite.json", *, answer=b"", source=None, **keys):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        return import_suite(tmp_path, source or name, lambda: Interpreter(answer), **keys)

    return made


@pytest.fixture
def refused(imported):
    """The problem with a file of this content."""

    def made(content, name="suite.json", **keys):
        with pytest.raises(UsageError) as caught:
            imported(content, name, **keys)
        assert page(caught.value.problem.code)
        return caught.value.problem

    return made


@pytest.mark.parametrize("name", sorted(path.name for path in FIXTURES.glob("*-flights.yaml")))
def test_the_columns_read_in_place_of_rules(name):
    """The text pasted below a dataset's path is an assay.yaml; SQL rules stand apart, for they are read elsewhere."""
    text = import_suite(FIXTURES, name, lambda: Interpreter(b"")).text.split("\nrules:\n")[0]
    below = "".join(f"        {line}\n" for line in text.splitlines())
    pipeline = read_pipeline(f"steps:\n  - name: Check\n    check:\n      data/flights.csv:\n{below}".encode())
    ((_, rules),) = pipeline.steps[0].action.datasets
    assert {rule.column: rule.text for rule in rules.columns}["tail"] == "str? ~ '^N'"
    assert rules.unique == (("month", "flight_id"),)


def test_rules_are_written_where_they_are_wanted_and_nothing_is_overwritten(imported, refused, tmp_path):
    found = imported(json.dumps(SUITE), out="checks/x.yaml")
    assert found.written == "checks/x.yaml"
    assert (tmp_path / "checks/x.yaml").read_text() == found.text
    assert refused(json.dumps(SUITE), out="checks/x.yaml").code == "rules-already-there"
    assert imported(json.dumps(SUITE), out="checks/x.yaml", force=True).written
    assert refused(json.dumps(SUITE), out="checks", force=True).code == "rules-already-there"
    assert refused(json.dumps(SUITE), out="checks/x.yaml/y").code == "rules-not-written"


def test_a_suite_of_which_nothing_is_left_writes_nothing(imported, tmp_path):
    nothing = {"expectations": [{"type": "expect_magic", "kwargs": {}}]}
    assert imported(json.dumps(nothing), out="x.yaml").written is None
    assert not (tmp_path / "x.yaml").exists()


@pytest.mark.parametrize(
    ("content", "because"),
    [
        ("", "holds no keys"),
        ("{", "it is no JSON"),
        ("[]", "holds no keys"),
        ("null", "holds no keys"),
        ('{"a": 1}', "its keys are a"),
        (b"\x00\x01", "binary"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b'{"expectations": "\xff"}', "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"expectations": ' + "[" * 500 + "]" * 500 + "}", "deeper than 100"),
        ('{"expectations": [' + "9" * 5000 + "]}", "no JSON"),
        ('{"expectations": ["\\ud800"]}', "half of a character"),
    ],
)
def test_what_is_no_suite_is_told(refused, content, because):
    problem = refused(content)
    assert problem.code == "unknown-suite"
    assert because in " ".join((problem.what, *problem.because, problem.fix))


def test_yaml_that_does_not_read_is_told_with_its_place(refused):
    problem = refused("schema_type: dataframe\n  columns: {", "schema.yaml")
    assert problem.place is not None
    assert problem.place.file == "schema.yaml"
    assert refused("a: " + "[" * 5000, "schema.yaml").code == "unknown-suite"


def test_a_file_that_is_not_there_and_one_that_is_too_long(refused, imported, tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        import_suite(tmp_path, "nowhere.json", lambda: Interpreter(b""))
    with pytest.raises(UsageError, match="cannot be read"):
        import_suite(tmp_path, ".", lambda: Interpreter(b""))
    with pytest.raises(UsageError, match="cannot be read"):
        import_suite(tmp_path, "a\0b", lambda: Interpreter(b""))
    assert "20,000,001 bytes" in refused(b" " * 20_000_001).because[0]


def test_a_byte_order_mark_is_no_mistake(imported):
    assert imported(b"\xef\xbb\xbf" + json.dumps(SUITE).encode()).found.columns


SCHEMA = {"schema": {"schema_type": "dataframe", "columns": {"x": {"dtype": "int64"}}}}


def test_a_python_file_is_run_by_the_users_python(imported, tmp_path):
    found = imported("", "schemas.py", source="schemas.py:flights", answer=SCHEMA)
    assert found.found.columns[0].line == "int"
    interpreter = Interpreter(SCHEMA)
    import_suite(tmp_path, "schemas.py:flights", lambda: interpreter)
    assert interpreter.asked == [("schemas.py", "flights")]


@pytest.mark.parametrize(
    ("answer", "what", "fix"),
    [
        (b"", "could not be run", "try `python schemas.py`"),
        ({"error": "ModuleNotFoundError: No module named 'pandera'", "line": 3}, "could not be run", "install it"),
        ({"error": "ValueError: x", "line": 3}, "could not be run", "correct the line"),
        ({"names": []}, "no suite that is known", "give a suite"),
        ({"names": ["a", "flights"]}, "has no schema flihgts", "name one: schemas.py:flights"),
    ],
)
def test_what_python_says_is_told(refused, answer, what, fix):
    problem = refused("", "schemas.py", source="schemas.py:flihgts", answer=answer)
    assert what in problem.what
    assert fix in problem.fix


@pytest.mark.parametrize(
    "text",
    ["int 1..12", "str ~ '#1$'", "str ~ 'a #b'", "a: b", "true", "float? > 0, warn", "x\\d", '"q" > 1', "ü", "a\x85b"],
)
def test_a_line_reads_back_as_it_was_written(text):
    from assay.declare.yaml_syntax import parse

    node = parse(f"key: {plain(text)}")
    assert node.pairs[0][1].value == text


@pytest.fixture
def typed(tmp_path, monkeypatch):
    """The command, typed in a folder with a suite of two rules."""
    monkeypatch.chdir(tmp_path)
    suite = {"expectations": [*SUITE["expectations"], {"type": "expect_magic", "kwargs": {}}]}
    (tmp_path / "suite.json").write_text(json.dumps(suite))
    return lambda *words: CliRunner().invoke(command, [*words], catch_exceptions=False)


def test_the_rules_are_the_answer_and_what_was_left_is_talk(typed):
    done = typed("suite.json")
    assert done.stdout.splitlines()[-3:-1] == ["columns:", "  x: int?"]
    assert "# not carried over: expect_magic: it is not known here" in done.stdout
    assert (
        done.stderr == " · 1 of 2 rules carried over whole\n - not carried over: expect_magic: it is not known here\n"
    )


def test_one_json_object_on_request(typed):
    done = json.loads(typed("suite.json", "--json").stdout)
    assert done["schema"] == "assay.data-import/1"
    assert done["found"]["left"][0]["rule"] == "expect_magic"
    assert done["found"]["columns"] == [{"column": "x", "line": "int?"}]


def test_a_written_file_is_named(typed):
    done = typed("suite.json", "--out", "x.yaml")
    assert done.stdout == " ✓ wrote x.yaml from a suite of Great Expectations\n"
    assert typed("suite.json", "--force").exit_code == 2
    assert "Example: assay data import" in typed("--help").stdout
