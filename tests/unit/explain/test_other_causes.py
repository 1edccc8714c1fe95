"""Causes that the exit code or Python itself tells. Texts: tests/snapshots/explain/."""

import pytest

from assay.core.problem import describe
from assay.explain.failure import diagnose


@pytest.fixture
def agrees(snapshot):
    """The problem's full text is the one that was agreed on."""
    return lambda name, problem: snapshot(f"explain/{name}.txt", describe(problem) + "\n")


def no_module(name, hint=""):
    return f"Traceback (most recent call last):\n  File \"/home/ada/churn/train.py\", line 1, in <module>\n    import {name}\nModuleNotFoundError: No module named '{name}'{hint}\n"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("bash: line 1: pyhton: command not found", "pyhton"),
        ("/bin/bash: line 3: dvc: command not found", "dvc"),
        ("/bin/sh: 1: dvc: not found", "dvc"),
        ("sh: dvc: command not found", "dvc"),
        ("env: 'python4': No such file or directory", "python4"),
        ("bash: line 1: ./run.sh: No such file or directory", "./run.sh"),
    ],
)
def test_the_command_that_the_shell_did_not_find_is_named(scene, line, named):
    scene.step("train", "make it so").fails("train", line + "\n", exit_code=127)
    assert diagnose(scene.evidence()).what == f"command not found: {named}"


def test_a_command_that_is_nowhere_is_to_be_installed_or_corrected(scene, agrees):
    scene.step("train", "pyhton train.py").fails("train", "bash: line 1: pyhton: command not found\n", exit_code=127)
    agrees("command_not_found", diagnose(scene.evidence()))


def test_a_script_of_the_project_with_nearly_that_name_is_offered(scene, agrees):
    scene.file("train.sh").step("train", "./trian.sh")
    scene.fails("train", "bash: line 1: ./trian.sh: No such file or directory\n", exit_code=127)
    agrees("command_near_miss", diagnose(scene.evidence()))


def test_a_program_that_python_could_not_start_is_no_missing_file(scene):
    log = (
        'Traceback (most recent call last):\n  File "deploy.py", line 2, in <module>\n    subprocess.run(["kubctl"])\n'
        '  File "/usr/lib/python3.11/subprocess.py", line 1955, in _execute_child\n    raise child_exception_type(errno_num, err_msg, err_filename)\n'
        "FileNotFoundError: [Errno 2] No such file or directory: 'kubctl'\n"
    )
    scene.step("deploy", "python deploy.py").fails("deploy", log)
    assert diagnose(scene.evidence()).what == "command not found: kubctl"


def test_a_script_without_the_right_to_be_executed(scene, agrees):
    scene.file("train.sh").step("train", "./train.sh")
    scene.fails("train", "bash: line 1: ./train.sh: Permission denied\n", exit_code=126)
    agrees("not_executable", diagnose(scene.evidence()))


def test_a_python_script_that_is_not_there_is_told_with_its_near_miss(scene, agrees):
    scene.file("train.py").step("train", "python trian.py")
    scene.fails("train", "python: can't open file '/home/ada/churn/trian.py': [Errno 2] No such file or directory\n", 2)
    agrees("script_not_found", diagnose(scene.evidence()))


def test_a_package_that_is_not_installed_is_named_as_pip_knows_it(scene, agrees):
    scene.file("train.py").file("requirements.txt").step("train", ".venv/bin/python train.py")
    agrees("module_not_installed", diagnose(scene.fails("train", no_module("sklearn")).evidence()))


def test_a_module_of_the_project_is_a_matter_of_the_path(scene, agrees):
    scene.file("train.py").file("lib/features.py").step("train", "python train.py")
    agrees("module_of_project", diagnose(scene.fails("train", no_module("features")).evidence()))


def test_a_package_of_the_project_without_that_module(scene, agrees):
    scene.file("train.py").file("lib/features.py").step("train", "python train.py")
    agrees("module_not_in_package", diagnose(scene.fails("train", no_module("lib.featrues")).evidence()))


def test_a_file_of_the_project_that_hides_a_package(scene):
    scene.file("sklearn.py").step("train", "python train.py")
    scene.fails("train", no_module("sklearn.svm", "; 'sklearn' is not a package"))
    assert diagnose(scene.evidence()).fix == "give sklearn.py another name"


def test_a_module_that_python_was_to_run(scene):
    scene.step("train", "python3 -m trainer").fails("train", "/usr/bin/python3: No module named trainer\n")
    assert diagnose(scene.evidence()).fix == "python3 -m pip install trainer"


def test_a_file_that_is_not_valid_python(scene, agrees):
    log = '  File "/home/ada/churn/train.py", line 3\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n'
    scene.file("train.py").step("train", "python train.py").fails("train", log)
    agrees("syntax_error", diagnose(scene.evidence()))


@pytest.mark.parametrize("exit_code", [-9, 137])
def test_a_killed_step_is_not_said_to_have_run_out_of_memory(scene, agrees, exit_code):
    scene.step("train", "python train.py").fails("train", "epoch 1\n", exit_code=exit_code)
    agrees(f"killed_{abs(exit_code)}", diagnose(scene.evidence()))


def test_an_abort_after_a_missing_file_is_explained_by_the_file(scene):
    log = "terminate called after throwing an instance of 'std::runtime_error'\n  what():  cannot open models/model.bin\nAborted (core dumped)\n"
    scene.file("models/modell.bin").step("train", "./train").step("serve", "./serve").ended(
        "train", ["models/modell.bin"]
    )
    assert diagnose(scene.fails("serve", log, exit_code=134).evidence()).code == "output-not-written"


def test_what_no_rule_knows_is_the_exception_and_its_line_in_the_project(scene, agrees):
    log = (
        'Traceback (most recent call last):\n  File "/home/ada/churn/train.py", line 7, in <module>\n    fit(prices[3])\n'
        "IndexError: list index out of range\n"
    )
    scene.file("train.py").step("train", "python train.py").fails("train", log)
    agrees("unknown_exception", diagnose(scene.evidence()))


def test_what_no_rule_knows_is_the_last_line_of_the_log(scene, agrees):
    scene.step("train", "./train").fails("train", "step 1\n\x1b[31mdiverged\x1b[0m\n\n", exit_code=3)
    agrees("unknown_line", diagnose(scene.evidence()))


def test_a_step_that_printed_nothing(scene):
    scene.step("train", "./train").fails("train", exit_code=3)
    assert diagnose(scene.evidence()).because == ("it printed nothing",)


def test_a_missing_file_that_nothing_names_is_not_guessed(plain_list, agrees):
    plain_list.file("out/rf.joblib").ended("Train Model", ["out/rf.joblib"])
    plain_list.fails("Deploy Model", "Model file not found\n")
    agrees("missing_unnamed", diagnose(plain_list.evidence()))
