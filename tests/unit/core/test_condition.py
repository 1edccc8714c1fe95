"""`when`: what conditions say, and how they are told when they do not read."""

import msgspec
import pytest

from assay.core.condition import Condition, ConditionMistake, RunFacts, facts_told, holds, parse_condition
from assay.core.reference import UNKNOWN, Reference, find

ROOTS = {
    "params": {"deploy": True, "n": 3, "names": ["a", "b"], "nothing": None, "deep": {"list": [1, 2]}},
    "matrix": {"model": "lgbm", "depth": 2},
    "item": {"airport": "EWR"},
    "key": "east",
}
PUSH = RunFacts(branch="main", event="push")
TAGGED = RunFacts(tag="v1.2", event="push")


def look_up(reference: Reference) -> object:
    return find(reference, ROOTS)


def parse(text: str) -> Condition:
    return parse_condition(text, look_up)


@pytest.mark.parametrize(
    "text, is_so",
    [
        ("branch == 'main'", True),
        ('branch == "main"', True),
        ("branch != 'main'", False),
        ("'main' == branch", True),
        ("branch", True),
        ("tag", False),
        ("not tag", True),
        ("not not branch", True),
        ("tag == 'v1'", False),
        ("tag != 'v1'", True),
        ("event in ['push', 'schedule']", True),
        ("event not in ['push', 'schedule']", False),
        ("event in []", False),
        ("'ai' in branch", True),
        ("'v' in tag", False),
        ("params.deploy", True),
        ("not params.deploy", False),
        ("params.deploy == true", True),
        ("params.deploy == false", False),
        ("params.nothing", False),
        ("params.n > 2", True),
        ("params.n >= 3 and params.n <= 3", True),
        ("params.n < -1.5e1", False),
        ("params.nothing < 3", False),
        ("params.deep.list[1] == 2", True),
        ("1 in params.deep.list", True),
        ("'c' in params.names", False),
        ("matrix.model == 'lgbm' and matrix.depth < 3", True),
        ("${matrix.model} == 'lgbm'", True),
        ("item.airport == 'EWR' and key != 'west'", True),
        ("true", True),
        ("false or true and false", False),
        ("(false or true) and not false", True),
        ("branch == 'x' or branch == 'y' or branch == 'main'", True),
    ],
)
def test_a_condition_holds_in_a_run_or_does_not(text: str, is_so: bool) -> None:
    assert holds(parse(text), PUSH) is is_so


def test_facts_are_those_of_the_run() -> None:
    condition = parse("tag and 'v' in tag or branch == 'main'")
    assert [holds(condition, facts) for facts in (PUSH, TAGGED, RunFacts())] == [True, True, False]


def test_true_is_not_one() -> None:
    assert not holds(parse("true in params.deep.list"), PUSH)


def test_a_condition_is_kept_as_it_was_written_and_survives_the_cache() -> None:
    condition = parse(" branch == 'main' and (params.n in [1, 3] or not tag) ")
    assert condition.text == "branch == 'main' and (params.n in [1, 3] or not tag)"
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(condition), type=Condition) == condition
    assert msgspec.json.decode(msgspec.json.encode(condition), type=Condition) == condition


@pytest.mark.parametrize(
    "text, at, expected",
    [
        ("brnch == 'main'", "brnch", "branch"),
        ("branch = 'main'", "= 'main'", "=="),
        ("branch == main", "main", "'main'"),
        ("branch in [main]", "main]", "'main'"),
        ("branch == 'main' && tag", "&& tag", "and"),
        ("branch == 'main' AND tag", "AND", "and"),
        ("tag || branch", "|| branch", "or"),
        ("!tag", "!tag", "not"),
        ("params.dploy", "params.dploy", "params.deploy"),
        ("matrix.modle == 'x'", "matrix.modle", "matrix.model"),
        ("metrix.model == 'x'", "metrix", "matrix.model"),
        ("${params.m} == 1", "${params.m}", "a name that is known"),
        ("branch > 'a'", "> 'a'", "== or !="),
        ("params.n == 'three'", "'three'", "a number, as on the left"),
        ("branch == 5", "5", "text, as on the left"),
        ("matrix.model", "", "one of == != < <= > >= in"),
        ("params.deep == 1", "params.deep", "a value in it, such as params.deep.KEY"),
        ("(branch == 'a'", "", "), or one of == != < <= > >= in, and, or"),
        ("branch == 'a' 'b'", "'b'", "one of == != < <= > >= in, and, or, or the end"),
        ("branch in 5", "5", "a list such as ['main', 'dev']"),
        ("branch in ['a' 'b']", "'b'", ", or ]"),
        ("branch in [tag]", "tag]", "a number, true, false or 'text'"),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, at: str, expected: str) -> None:
    with pytest.raises(ConditionMistake) as caught:
        parse(text)
    assert (text[caught.value.offset :][: len(at)], caught.value.expected) == (at, expected)
    if not at:
        assert caught.value.offset == len(text)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "not", "and", "branch ==", "in ['a']", "__import__('os')", "1 + 1", "branch;", "matrix.depth == 1e999"],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConditionMistake):
        parse(text)


def test_what_decided_can_be_told() -> None:
    condition = parse("branch == 'dev' and (tag or not params.deploy or matrix.depth > 3) and branch != 'x'")
    assert facts_told(condition, PUSH) == "branch is main, tag is not there, params.deploy is true, matrix.depth is 2"
    assert facts_told(parse("true"), PUSH) == ""


def test_a_value_that_is_not_known_is_held_against_anything() -> None:
    assert parse_condition("matrix.x > 3 or matrix.x == 'a' or matrix.x", lambda _: UNKNOWN)


def test_parentheses_without_end_are_no_danger() -> None:
    with pytest.raises(ConditionMistake):
        parse("(" * 10_000 + "tag")
    with pytest.raises(ConditionMistake):
        parse("not " * 10_000 + "tag")
