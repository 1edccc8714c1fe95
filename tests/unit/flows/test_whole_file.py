"""Files are written whole, over what a killed writer left, and what only looks like a file is written as it stands."""

import os
import threading

import pytest

from assay.flows.whole_file import replaced_whole, write_whole


def test_a_file_takes_the_place_of_the_old_one_with_its_mode(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o640)
    before = path.stat().st_ino
    assert write_whole(path, "né") == path
    assert path.read_bytes() == "né".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.stat().st_ino != before
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_taken_over(tmp_path):
    (tmp_path / ".page.html.new").write_text("half of a much longer page")
    write_whole(tmp_path / "page.html", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("page.html", "new")]


def test_where_nothing_is_put_the_file_stays(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replaced_whole(path):
        raise ZeroDivisionError
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("rules.yaml", "old")]


def test_writers_that_add_to_what_is_there_wait_for_one_another(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text("")

    def add():
        for _ in range(20):
            with replaced_whole(path) as put:
                put(path.read_bytes() + b"x")

    writers = [threading.Thread(target=add) for _ in range(5)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_text() == "x" * 100
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_one_and_so_does_a_pipe(tmp_path):
    (tmp_path / "page").write_text("old")
    (tmp_path / "link").symlink_to("page")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "page").read_text() == "new"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_whole(tmp_path / "pipe", "new")
    assert os.read(reader, 10) == b"new"
    os.close(reader)


def test_an_error_names_the_file_and_not_what_lies_beside_it(tmp_path):
    with pytest.raises(OSError, match="No such file or directory") as caught:
        write_whole(tmp_path / "nowhere" / "page.html", "new")
    assert caught.value.filename == str(tmp_path / "nowhere" / "page.html")


def test_nobody_is_led_elsewhere_by_a_link_beside(tmp_path):
    (tmp_path / "mine").write_text("kept")
    (tmp_path / ".page.html.new").symlink_to("mine")
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(tmp_path / "page.html", "new")
    assert (tmp_path / "mine").read_text() == "kept"
