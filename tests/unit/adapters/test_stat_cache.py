"""What is known of files."""

from pathlib import Path

from assay.adapters.files.stat_cache import KnownFile, StatCache
from assay.core.digest import digest_of


def test_without_a_path_it_is_known_to_this_process_alone(tmp_path: Path) -> None:
    cache = StatCache(None)
    known = KnownFile((1, 2, 3, 4), 5, digest_of(b"x"))
    cache.learn("/a", known)
    cache.save()
    assert cache.recall("/a") == known
    assert StatCache(None).recall("/a") is None
    assert list(tmp_path.iterdir()) == []
