"""Where a step's log and trace lie."""

from assay.flows.paths import file_name


def test_a_name_that_can_be_read_back_is_the_files():
    assert file_name("train") == "train"
    assert file_name("train model") == "train-model"


def test_no_two_steps_share_a_file():
    names = ["train", "Train", "TRAIN", "train model", "train-model", "Train Model", "train  model", "träin", "", "-"]
    assert len({file_name(name).lower() for name in names}) == len(names)


def test_a_long_name_fits_into_a_file_name():
    assert len(file_name("word " * 100)) < 100
    assert file_name("a" * 300) != file_name("a" * 301)
