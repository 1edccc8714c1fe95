"""A diagnosis claims nothing that was not seen: a neighbouring case must not get the famous answer."""

import pytest

LIST = "steps:\n  - {name: Train, run: python train.py}\n  - {name: Test, run: python test.py}\n"
TRAIN = "open('model.pkl', 'wb').write(b'weights')\n"
PROBE = "import os, sys\nos.path.exists('ensemble.pkl')\nopen('model.pkl', 'rb').read()\n"


def problem(project) -> dict:
    answer = project.assay("run", "--json")
    assert answer.code == 1
    return next(r["problem"] for r in answer.lines[-1]["results"] if r["outcome"] == "failed")


@pytest.mark.parametrize(
    "end, said",
    [
        ("print('accuracy: 0.61, below 0.8')\nsys.exit(1)", "accuracy: 0.61, below 0.8"),
        ("raise RuntimeError('GPU not found')", "GPU not found"),
        ("assert 0.61 > 0.8, 'too low'", "too low"),
        ("raise ValueError('customer 17 does not exist')", "customer 17 does not exist"),
    ],
)
def test_an_optional_file_that_was_looked_for_is_not_blamed(project, end, said):
    project.write(assay__yaml=LIST, train__py=TRAIN, test__py=PROBE + end)
    found = problem(project)
    assert found["code"] == "step-failed"
    assert "ensemble.pkl" not in found["what"]
    assert said in " ".join(found["because"])


def test_a_folder_that_is_not_there_is_named_and_no_other_step(project):
    project.write(
        assay__yaml="steps:\n  - {name: Prep, run: 'echo 1'}\n  - {name: Train, run: python train.py}\n",
        train__py="open('models/model.pkl', 'wb').write(b'weights')\n",
    )
    found = problem(project)
    assert found["code"] == "folder-missing"
    assert "models" in found["what"]
    assert "Prep" not in " ".join([found["what"], *found["because"], found["fix"]])
