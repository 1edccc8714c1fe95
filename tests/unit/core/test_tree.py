"""A folder's node has one spelling, and no name or file can forge another's."""

import pytest

from assay.core.digest import digest_of
from assay.core.tree import TreeEntry, decode_tree, encode_tree, tree_digest

A = TreeEntry("a.csv", "file", 3, digest_of(b"a"))
B = TreeEntry("b", "folder", 9, digest_of(b"b"))
RUN = TreeEntry("run.sh", "executable", 5, digest_of(b"run"))


def test_the_order_of_entries_does_not_matter():
    assert encode_tree((RUN, A, B)) == encode_tree((A, B, RUN))
    assert decode_tree(encode_tree((RUN, B, A))) == (A, B, RUN)


def test_the_digest_of_a_known_node_stays_what_it_is():
    """Ids are for ever: a change here would orphan every stored folder."""
    assert (
        tree_digest(encode_tree((A, B, RUN))) == "b3:f3892b08e8bc554bc8ec3e33c1f81ae5479a78fbe4e717240a4640473bb918d2"
    )
    assert tree_digest(b"") == "b3:b17c8fd3093773709828825d269c5362350fe6045cc54b755a3cd0a626705767"


def test_a_nodes_digest_is_not_that_of_a_file_with_the_same_bytes():
    assert tree_digest(encode_tree((A,))) != digest_of(encode_tree((A,)))


@pytest.mark.parametrize(
    "change",
    [
        TreeEntry("a.csV", "file", 3, A.digest),
        TreeEntry("a.csv", "executable", 3, A.digest),
        TreeEntry("a.csv", "folder", 3, A.digest),
        TreeEntry("a.csv", "file", 4, A.digest),
        TreeEntry("a.csv", "file", 3, B.digest),
    ],
)
def test_name_mode_size_and_bytes_all_count(change):
    assert tree_digest(encode_tree((A,))) != tree_digest(encode_tree((change,)))


def test_a_folder_holds_each_name_once():
    with pytest.raises(ValueError, match="each name once"):
        encode_tree((A, TreeEntry("a.csv", "folder", 1, B.digest)))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc/passwd", "../up", "nul\0", "\udc2fetc"])
def test_a_name_that_would_leave_the_folder_is_refused(name):
    with pytest.raises(ValueError):
        encode_tree((TreeEntry(name, "file", 1, A.digest),))


@pytest.mark.parametrize("name", [b"..", b".", b"", b"a/b", b"/abs"])
def test_a_crafted_node_with_such_a_name_is_refused(name):
    with pytest.raises(ValueError):
        decode_tree(encode_tree((A,)).replace(b"a.csv", name))


@pytest.mark.parametrize(
    "crafted",
    [
        encode_tree((A,))[:-1],
        encode_tree((A,))[:20],
        encode_tree((A,)) + b"\0",
        encode_tree((A,)) + encode_tree((A,)),
        encode_tree((B,)) + encode_tree((A,)),
        b"z" + encode_tree((A,))[1:],
    ],
    ids=["cut at the end", "cut in the head", "a byte more", "a name twice", "not sorted", "unknown mode"],
)
def test_bytes_that_are_no_node_are_refused(crafted):
    with pytest.raises(ValueError):
        decode_tree(crafted)
