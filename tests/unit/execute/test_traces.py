"""What a step touched, from the lines that its processes wrote."""

import tracemalloc

import pytest

from assay.core.run import Trace
from assay.execute.traces import MOST_PATHS, read_noted, read_trace

ROOT = "/home/me/delays"


def trace_of(*lines: str) -> Trace:
    return read_trace("".join(line + "\n" for line in lines).encode(), ROOT)


def test_without_a_line_the_step_was_not_traced():
    assert read_trace(b"", ROOT) == Trace(traced=False)


def test_paths_below_the_project_are_relative_and_in_the_order_of_first_touch():
    trace = trace_of(
        "p\t12\ttrain.py",
        f"r\t{ROOT}/train.py",
        f"r\t{ROOT}/data/a.csv",
        f"w\t{ROOT}/models/model.pkl",
        "w\t/models/model.pkl",
        f"r\t{ROOT}/train.py",
    )
    assert trace == Trace(
        traced=True, reads=("train.py", "data/a.csv"), writes=("models/model.pkl", "/models/model.pkl")
    )


def test_a_folder_beside_the_project_with_a_longer_name_is_not_below_it():
    assert trace_of(f"w\t{ROOT}-old/a.csv").writes == (f"{ROOT}-old/a.csv",)


def test_what_was_never_there_is_missing():
    assert trace_of(f"m\t{ROOT}/models/model.pkl", "m\t/models/model.pkl").missing == (
        "models/model.pkl",
        "/models/model.pkl",
    )


def test_what_was_asked_for_and_then_made_is_not_missing():
    trace = trace_of(f"m\t{ROOT}/out", f"c\t{ROOT}/out", f"m\t{ROOT}/out/a", f"w\t{ROOT}/out/a", f"m\t{ROOT}/b")
    assert trace.missing == ("b",)
    assert trace.writes == ("out/a",)


def test_what_the_step_removed_itself_is_not_missing():
    assert trace_of(f"r\t{ROOT}/a", f"x\t{ROOT}/a", f"m\t{ROOT}/a").missing == ()


def test_a_temporary_file_that_was_renamed_is_not_among_the_writes():
    trace = trace_of(f"w\t{ROOT}/model.tmp", f"x\t{ROOT}/model.tmp", f"w\t{ROOT}/model.pkl")
    assert trace.writes == ("model.pkl",)


def test_a_file_that_was_removed_and_written_again_is_among_the_writes():
    assert trace_of(f"w\t{ROOT}/a", f"x\t{ROOT}/a", f"w\t{ROOT}/a").writes == ("a",)


def test_a_folder_that_was_removed_takes_along_what_is_below_it():
    trace = trace_of(f"w\t{ROOT}/tmp/a", f"w\t{ROOT}/tmpfile", f"w\t{ROOT}/tmp/b/c", f"x\t{ROOT}/tmp/")
    assert trace.writes == ("tmpfile",)


def test_listed_folders_are_no_reads():
    assert trace_of(f"d\t{ROOT}/data").reads == ()


def test_a_last_line_that_was_cut_off_is_passed_over():
    assert read_trace(f"p\t1\ta.py\nr\t{ROOT}/a.csv\nw\t{ROOT}/mod".encode(), ROOT).writes == ()


def test_names_with_tabs_newlines_and_backslashes_come_back_as_they_were():
    assert trace_of(rf"r	{ROOT}/a\tb\nc\\d\\n").reads == ("a\tb\nc\\d\\n",)


def test_names_that_are_no_text_can_still_be_kept():
    trace = read_trace(f"r\t{ROOT}/".encode() + b"\xff.csv\n", ROOT)
    assert trace.reads == (r"\xff.csv",)


def test_lines_of_a_newer_tracer_are_passed_over():
    assert trace_of("p\t1\ta.py", "q\tsomething", "") == Trace(traced=True)


def test_a_process_that_ran_out_of_lines_is_known():
    assert read_noted([b"p\t1\ta.py\n", b"o\tr\n"], ROOT).is_cut_short
    assert not read_noted([b"p\t1\to.py\n", b"r\t/a/o\n"], ROOT).is_cut_short


def test_many_processes_together_are_taken_up_to_a_bound():
    def lines(count):
        return (f"m\t{ROOT}/{at}\n".encode() for at in range(count))

    whole, cut = read_noted(lines(MOST_PATHS), ROOT), read_noted(lines(MOST_PATHS + 1), ROOT)
    assert (len(whole.trace.missing), whole.is_cut_short) == (MOST_PATHS, False)
    assert (len(cut.trace.missing), cut.is_cut_short) == (MOST_PATHS, True)
    again = read_noted([*lines(MOST_PATHS), *lines(MOST_PATHS)], ROOT)
    assert not again.is_cut_short


def test_a_watched_file_that_python_did_not_open_was_opened_natively():
    data = b"p\t7\ttrain.py\nr\t/p/a.csv\nw\t/p/out\nn\t/p/a.csv\nn\t/p/b.parquet\nn\t/p/out\n"
    trace = read_trace(data, "/p", "python", is_watched=True)
    assert (trace.native, trace.how, trace.watching) == (("b.parquet",), "python", "alone")


@pytest.mark.parametrize("how", ["shared", "unavailable"])
def test_where_it_could_not_be_told_what_was_opened_the_trace_says_so(how):
    assert read_trace(f"u\t{how}\n".encode(), "/p", "python", is_watched=True).watching == how


def test_a_trace_that_says_nothing_of_watched_files_tells_that_nothing_opened_them():
    assert read_trace(b"", "/p", "python", is_watched=True).watching == "alone"
    assert read_trace(b"", "/p", "python").watching == ""
    assert read_trace(b"", "/p", "off", is_watched=True).watching == ""


def test_a_trace_of_any_length_costs_no_memory():
    lines = (f"m\t{ROOT}/some/folder/with/a/name/{at}\n".encode() for at in range(300_000))
    tracemalloc.start()
    read_noted(lines, ROOT)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 20_000_000


def test_what_was_read_before_it_was_first_written_is_an_update_and_what_the_step_made_is_none():
    trace = trace_of(
        f"r\t{ROOT}/state.txt",
        f"w\t{ROOT}/state.txt",
        f"w\t{ROOT}/part.tmp",
        f"r\t{ROOT}/part.tmp",
        f"m\t{ROOT}/checkpoint",
        f"r\t{ROOT}/checkpoint",
        f"w\t{ROOT}/checkpoint",
        f"r\t{ROOT}/taken.csv",
        f"w\t{ROOT}/taken.csv",
        f"x\t{ROOT}/taken.csv",
    )
    assert trace.updates == ("state.txt",)
