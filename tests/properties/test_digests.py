"""Digests name content and nothing else: what goes in comes out, and different content has different names."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.adapters.files.local import LocalFiles
from assay.adapters.stores.local import LocalStore
from assay.core.canonical import canonical_bytes, value_digest
from assay.core.chain import GENESIS, broken_link, chained, event_bytes
from assay.core.digest import PREFIX, Digest, digest_of
from assay.core.tree import TreeEntry, decode_tree, encode_tree, tree_digest
from assay.testing.memory import MemoryFiles, MemoryStore
from assay.testing.samples import step_ended

names = st.binary(min_size=1, max_size=12).map(lambda name: name.decode("utf-8", "surrogateescape"))
plain_names = names.filter(lambda name: name not in {".", ".."} and "/" not in name and "\0" not in name)
digests = st.binary(min_size=32, max_size=32).map(lambda data: Digest(PREFIX + data.hex()))
entries = st.builds(
    TreeEntry, plain_names, st.sampled_from(["file", "executable", "folder"]), st.integers(0, 2**64 - 1), digests
)
folders = st.lists(entries, unique_by=lambda entry: entry.name, max_size=6).map(tuple)

finite = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

words = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8).filter(
    lambda name: name not in {".", ".."} and len(name.encode()) < 100
)
contents = st.recursive(st.binary(max_size=40), lambda inner: st.dictionaries(words, inner, max_size=4), max_leaves=8)


@given(folders, st.randoms())
def test_a_folders_node_reads_back_whatever_the_order_it_was_given_in(folder, random):
    shuffled = list(folder)
    random.shuffle(shuffled)
    assert encode_tree(tuple(shuffled)) == encode_tree(folder)
    assert set(decode_tree(encode_tree(folder))) == set(folder)


@given(folders, folders)
def test_different_folders_have_different_nodes(one, other):
    assert (encode_tree(one) == encode_tree(other)) == (set(one) == set(other))


@given(folders.filter(bool), st.data())
def test_bytes_that_were_meddled_with_are_refused_or_name_another_folder(folder, data):
    """No two spellings of one folder: whatever still reads, reads as what spells exactly so."""
    encoded = bytearray(encode_tree(folder))
    for _ in range(data.draw(st.integers(1, 3))):
        encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    forged = bytes(encoded[: data.draw(st.integers(1, len(encoded)))])
    try:
        read = decode_tree(forged)
    except ValueError:
        return
    assert encode_tree(read) == forged
    assert all("/" not in entry.name and entry.name not in {"", ".", ".."} for entry in read)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_node_or_refused(data):
    try:
        read = decode_tree(data)
    except ValueError:
        return
    assert encode_tree(read) == data


@given(st.binary(max_size=200))
def test_no_file_has_the_name_of_a_folder(data):
    assert digest_of(data) != tree_digest(data)


@given(values)
def test_a_value_reads_back_from_its_spelling(value):
    assert json.loads(canonical_bytes(value)) == value
    assert canonical_bytes(json.loads(canonical_bytes(value))) == canonical_bytes(value)


@given(values, values)
def test_different_spellings_mean_different_digests(one, other):
    assert (value_digest(one) == value_digest(other)) == (canonical_bytes(one) == canonical_bytes(other))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_has_no_spelling_has_no_digest(number):
    with pytest.raises(ValueError):
        value_digest({"deep": [number]})


@given(st.lists(st.tuples(st.floats(0, 1e10), st.text(), st.text(), st.text()), min_size=1, max_size=5), st.data())
def test_a_chain_in_which_anything_was_changed_is_broken(told, data):
    rows, previous = [], GENESIS
    for seq, (at_s, actor, pipeline, step) in enumerate(told, start=1):
        entry = chained(seq, at_s, actor, pipeline, step_ended(step), previous)
        rows.append([seq, at_s, actor, pipeline, event_bytes(entry.event), previous, entry.digest])
        previous = entry.digest
    assert broken_link(map(tuple, rows)) is None
    row = data.draw(st.integers(0, len(rows) - 1))
    column, change = data.draw(
        st.sampled_from(
            [
                (0, lambda seq: seq + 1),
                (1, lambda at_s: at_s + 1 + at_s),
                (2, lambda actor: actor + "x"),
                (3, lambda pipeline: pipeline + "x"),
                (4, lambda event: event + b" "),
                (5, lambda previous: digest_of(previous.encode())),
                (6, lambda digest: digest_of(digest.encode())),
            ]
        )
    )
    rows[row][column] = change(rows[row][column])
    assert broken_link(map(tuple, rows)) is not None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=contents)
def test_a_folder_of_any_content_comes_back_under_one_digest_everywhere(tmp_path_factory, content):
    base = tmp_path_factory.mktemp("any")
    write(base / "in", content)
    store = LocalStore(base / "store")
    artifact = store.add(base / "in", "in")
    store.restore(artifact, base / "out")
    assert read(base / "out") == content
    assert store.has(artifact)
    assert MemoryStore().add(base / "out", "in") == artifact
    assert LocalFiles(base, base / "cache.sqlite").artifact("in") == artifact
    if files := flat(content, "in"):
        same = MemoryFiles(files).artifact("in")
        assert (same == artifact) == has_no_empty_folder(content)


def write(place, content):
    if isinstance(content, bytes):
        place.write_bytes(content)
        return
    place.mkdir()
    for name, below in content.items():
        write(place / name, below)


def read(place):
    if place.is_file():
        return place.read_bytes()
    return {below.name: read(below) for below in place.iterdir()}


def flat(content, path):
    if isinstance(content, bytes):
        return {path: content}
    return {key: data for name, below in content.items() for key, data in flat(below, f"{path}/{name}").items()}


def has_no_empty_folder(content):
    return isinstance(content, bytes) or (bool(content) and all(map(has_no_empty_folder, content.values())))
