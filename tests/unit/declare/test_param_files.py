"""Files of parameters, by whatever file selects them: YAML as the programs read it that read it besides us, JSON, TOML, Python."""

import pytest

from assay.declare import parse_params


@pytest.mark.parametrize(
    "path, text, values",
    [
        ("p.yaml", "base: &b {rate: 1, depth: 2}\nmine: {<<: *b, depth: 3}", {"rate": 1, "depth": 3}),
        ("p.yaml", "mine: {1: 1_000, on: 1.0}", {"1": 1000, "on": 1.0}),
        ("p.json", '{"mine":\n\t{"a": [1, null]}}', {"a": [1, None]}),
        ("p.toml", "[mine]\nday = 2013-01-01", {"day": "2013-01-01"}),
        (
            "p.PY",
            "class mine:\n    rate: float = 0.1\n    sizes = (1, 2)\n    made = open('x')",
            {"rate": 0.1, "sizes": [1, 2]},
        ),
        ("p.py", "class mine:\n    def __init__(self):\n        self.depth = -3\n        other = 1", {"depth": -3}),
        ("params", "mine: {}", {}),
    ],
)
def test_a_file_is_read_by_its_name(path, text, values):
    found, problems = parse_params(text.encode(), path)
    assert (found["mine"], problems) == (values, ())


@pytest.mark.parametrize(
    "path, text, code, place",
    [
        ("p.yaml", "a: 1\na: 2", "duplicate-key", "p.yaml:2:1"),
        ("p.yaml", "a: {b: [{<<: 5}]}", "merge-key", "p.yaml:1:10"),
        ("p.yaml", "[1]: 2", "wrong-type", "p.yaml:1:1"),
        ("p.yaml", "a: [", "not-yaml", "p.yaml:2:1"),
        ("p.json", '{"a": 1,\n "b": }', "params-not-readable", "p.json:2:7"),
        ("p.json", "[1]", "wrong-type", "p.json:1:1"),
        ("p.json", '{"a": ' + "[" * 100_000, "params-not-readable", "p.json:1:1"),
        ("p.toml", "a = ", "not-toml", "p.toml:1:1"),
        ("p.py", "a = 1\nb = = 2", "params-not-readable", "p.py:2:5"),
        ("p.py", "a = 1\0", "params-not-readable", "p.py:1:1"),
    ],
)
def test_what_does_not_read_is_told_with_its_place(path, text, code, place):
    _, (problem,) = parse_params(text.encode(), path)
    assert (problem.code, str(problem.place)) == (code, place)


def test_a_python_file_is_never_run(tmp_path):
    values, _ = parse_params(f"open({str(tmp_path / 'ran')!r}, 'w')\nrate = 1".encode(), "p.py")
    assert values == {"rate": 1}
    assert not (tmp_path / "ran").exists()
