"""What steps are given: parameters, variables, secrets, shells, limits; and who is told."""

import pytest

from assay.core.condition import RunFacts, holds
from assay.core.digest import digest_of
from assay.core.pipeline import Basis, Notify, ParamSelection, Resources, Retries, Step
from assay.core.problem import DeclarationError, Problem
from assay.declare import read_declaration

FILES = {
    "params.yaml": b"train: {rate: 0.1, layers: [64, 8]}\nseed: 7\ndeploy: false\n",
    "conf/other.toml": b"[a]\nb = 1\nday = 2013-01-01\n",
    "bad.yaml": b"a: 1\na: 2\nb: [\n",
    "twice.yaml": b"a: 1\n? [x]\n: 1\na: 2\n",
    "list.yaml": b"- 1\n",
    "empty.yaml": b"",
    "odd.yaml": b"a: .nan\nb: 99999999999999999999\nc: 1\n",
}


def read(path: str) -> bytes:
    if path in FILES:
        return FILES[path]
    raise FileNotFoundError(path)


def step(text: str, rest: str = "") -> Step:
    return read_declaration(f"{rest}steps: [{{name: a, run: x, {text}}}]\n", read=read).pipeline.steps[0]


def problems(text: str, rest: str = "") -> tuple[Problem, ...]:
    with pytest.raises(DeclarationError) as caught:
        step(text, rest)
    return caught.value.problems


def test_a_step_that_says_nothing_keeps_the_defaults_of_python() -> None:
    assert step("timeout: 2h") == Step("a", step("").action, timeout_s=7200.0)


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("[train]", (ParamSelection("params.yaml", ("train",)),)),
        (
            "[train.rate, 'train.layers[0]', seed]",
            (ParamSelection("params.yaml", ("train.rate", "train.layers[0]", "seed")),),
        ),
        ("[{conf/other.toml: [a.b]}]", (ParamSelection("conf/other.toml", ("a.b",)),)),
        ("[{conf/other.toml: }]", (ParamSelection("conf/other.toml"),)),
        (
            "[seed, {params.yaml: [train]}, seed, {conf/other.toml: [a]}]",
            (ParamSelection("params.yaml", ("seed", "train")), ParamSelection("conf/other.toml", ("a",))),
        ),
        ("[seed, {params.yaml: }]", (ParamSelection("params.yaml"),)),
    ],
)
def test_parameters_are_selected_by_file_and_key(text: str, wanted: tuple[ParamSelection, ...]) -> None:
    assert step(f"params: {text}").params == wanted


def test_the_values_of_what_is_selected_are_known_with_the_files_they_rest_on() -> None:
    text = (
        "steps: [{name: a, run: x, params: [train.rate, 'train.layers[1]', {conf/other.toml: , params.yaml: [seed]}]}]"
    )
    declaration = read_declaration(text, read=read)
    assert declaration.params == {
        "params.yaml:train.rate": 0.1,
        "params.yaml:train.layers[1]": 8,
        "conf/other.toml": {"a": {"b": 1, "day": "2013-01-01"}},
        "params.yaml:seed": 7,
    }
    assert declaration.rests_on == tuple(
        Basis(path, digest_of(FILES[path])) for path in ("conf/other.toml", "params.yaml")
    )


def test_a_file_that_needs_no_parameters_rests_on_none() -> None:
    assert read_declaration("params: params.yaml\nsteps: [{name: a, run: x}]", read=read).rests_on == ()


def test_parameters_that_a_step_writes_are_not_looked_for() -> None:
    text = "steps: [{name: a, run: x, outputs: [made]}, {name: b, run: x, params: [{made/p.yaml: [zzz]}]}]"
    declaration = read_declaration(text, read=read)
    assert (declaration.params, declaration.rests_on) == ({}, ())


def test_without_files_to_look_into_nothing_is_known_and_nothing_told() -> None:
    text = "steps: [{name: a, run: 'x ${params.zzz}', params: [yyy], when: params.a == 1}]"
    assert read_declaration(text).params == {}


@pytest.mark.parametrize(
    "text, code, says",
    [
        ("params: [trian]", "unknown-param", "params.yaml has no `trian`; did you mean train?"),
        ("params: [train.rte]", "unknown-param", "`train` has no `rte`; did you mean train.rate?"),
        ("params: [{gone.yaml: [a]}]", "no-params", "there is no gone.yaml"),
        ("params: [{odd.yaml: [a]}]", "unknown-param", "holds NaN"),
        ("params: [{list.yaml: [a]}]", "wrong-type", "expected keys with values, got a list"),
        ("params: [{empty.yaml: [a]}]", "unknown-param", "empty.yaml has no `a`"),
        ("params: ['a b']", "wrong-type", "a key of the file of parameters"),
        ("when: params.dploy", "bad-condition", "expected params.deploy"),
    ],
)
def test_a_parameter_that_is_not_there_is_told(text: str, code: str, says: str) -> None:
    (problem,) = problems(text)
    assert problem.code == code
    assert says in problem.what


def test_mistakes_of_a_file_of_parameters_stand_in_that_file() -> None:
    found = problems("params: [{twice.yaml: [a], bad.yaml: [b]}]")
    assert [(problem.code, str(problem.place)) for problem in found] == [
        ("not-yaml", "bad.yaml:4:1"),
        ("wrong-type", "twice.yaml:2:3"),
        ("duplicate-key", "twice.yaml:4:1"),
    ]


def test_the_file_of_parameters_may_be_named_below_the_steps() -> None:
    text = "steps: [{name: a, run: 'x ${params.a.b}', params: [a.b]}]\nparams: conf/other.toml\n"
    found = read_declaration(text, read=read).pipeline.steps[0]
    assert found.action == type(found.action)("x 1")
    assert found.params == (ParamSelection("conf/other.toml", ("a.b",)),)


def test_variables_of_the_file_stand_below_those_of_the_step() -> None:
    found = step('env: {B: 2, T: "${params.seed}", yes: true, F: 0.10, E: ""}', "env: {A: 1, B: 1}\n")
    assert found.env == (("A", "1"), ("B", "2"), ("E", ""), ("F", "0.10"), ("T", "7"), ("yes", "true"))


def test_only_commands_get_variables_and_the_file_s_shell() -> None:
    text = "env: {A: 1}\nshell: sh\ntrace: strict\nsteps: [{name: a, run: x}, {name: r, release: {}}]"
    run, release = read_declaration(text).pipeline.steps
    assert (run.env, run.shell, run.trace) == ((("A", "1"),), ("sh", "-e", "-c"), "strict")
    assert release == Step("r", release.action)


@pytest.mark.parametrize(
    "text, words",
    [
        ("bash", ("bash", "-eo", "pipefail", "-c")),
        ("python", ("python", "-c")),
        ("[docker, run, --rm, image, sh, -c]", ("docker", "run", "--rm", "image", "sh", "-c")),
    ],
)
def test_a_shell_is_the_words_before_the_command(text: str, words: tuple[str, ...]) -> None:
    assert step(f"shell: {text}").shell == words


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("2", Retries(3)),
        ("0", Retries(1)),
        ("{attempts: 3}", Retries(3)),
        ("{attempts: 3, backoff: 1m, on: [oom, network]}", Retries(3, ("oom", "network"), 60.0)),
    ],
)
def test_retries_count_attempts_in_all_or_further_ones(text: str, wanted: Retries) -> None:
    assert step(f"retries: {text}").retries == wanted


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("{cpus: 4, gpus: 1, memory: 16GB}", Resources(4.0, 1, 16_000_000_000)),
        ("{cpus: 0.5}", Resources(0.5)),
        ("{memory: 1.5 GiB}", Resources(memory_bytes=1_610_612_736)),
    ],
)
def test_resources_are_counts_and_bytes(text: str, wanted: Resources) -> None:
    assert step(f"resources: {text}").resources == wanted


@pytest.mark.parametrize("text", ["{memory: 16}", "{memory: 16gb}", "{memory: 0GB}", "{cpus: 0}", "{gpus: 0.5}", "{}"])
def test_what_is_no_resource_is_told(text: str) -> None:
    assert problems(f"resources: {text}")[0].code in ("wrong-type", "missing-key")


def test_a_condition_may_rest_on_parameters_only() -> None:
    assert not holds(step("when: params.deploy").when, RunFacts())


def test_no_value_enters_a_shell_that_reads_otherwise() -> None:
    for shell in ("python", "[python, -c]", "[docker, run, image, python, -c]"):
        with pytest.raises(DeclarationError) as caught:
            read_declaration(f"steps: [{{name: a, run: 'print(${{params.seed}})', shell: {shell}}}]", read=read)
        assert [problem.code for problem in caught.value.problems] == ["unclear-quoting"]


def test_without_values_any_shell_will_do() -> None:
    text = "shell: python\nsteps: [{name: a, run: 'print(\"${HOME}\")'}]"
    assert read_declaration(text).pipeline.steps[0].shell == ("python", "-c")


def test_who_is_told_and_of_what() -> None:
    text = (
        "notify: [{run: ./tell.sh}, {url: '${HOOK}', secret: KEY, on: [failed, rolled back]}]\n"
        "steps: [{name: a, run: x}]"
    )
    assert read_declaration(text).pipeline.notify == (
        Notify(run="./tell.sh"),
        Notify(url="${HOOK}", on=("failed", "rolled back"), secret="KEY"),
    )


SECRETS = [
    "ghp_0123456789abcdefghij",
    "sk-abcdefghijklmnop",
    "hunter2!",
    "AKIAIOSFODNN7EXAMPLE",
    "aGVsbG8gd29ybGQgaGVsbG8K9",
]


@pytest.mark.parametrize("value", SECRETS)
@pytest.mark.parametrize("form", ["{}", "[{}]", "[{{TOKEN: {}}}]", "{{TOKEN: {}}}"])
def test_the_value_of_a_secret_is_refused_and_never_repeated(form: str, value: str) -> None:
    found = problems(f"secrets: {form.format(value)}")
    assert found
    assert value not in str(found)


def test_the_value_of_a_secret_is_no_variable_either() -> None:
    (problem,) = problems("env: {TOKEN: ghp_0123456789abcdefghij}")
    assert problem.code == "secret-value"
    assert "ghp_" not in str(problem)
