"""The Python of the steps: asked once, and its packages read off the folders that it looks in."""

import os
import sys
from pathlib import Path

import pytest

from assay.adapters.interpreters.path import PathInterpreter


class Remembering:
    """A cache that is a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def recall(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def remember(self, key: str, value: bytes) -> None:
        self.kept[key] = value


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of packages in front of all others."""
    folder = tmp_path / "site-packages"
    for name in ("Zope.Interface-7.0.dist-info", "my_pkg-1.2.dist-info", "old-0.1-py3.11.egg-info", "README.txt"):
        (folder / name).mkdir(parents=True)
    return folder


def interpreter(site: Path, cache: Remembering) -> PathInterpreter:
    bin_folder = str(Path(sys.executable).parent)
    return PathInterpreter({"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(site)}, cache)


def test_packages_are_named_as_pip_does_with_their_versions(site):
    found = interpreter(site, Remembering()).packages()
    assert {"zope-interface==7.0", "my-pkg==1.2", "old==0.1"} <= set(found)
    assert list(found) == sorted(found)


def test_the_first_of_a_name_is_the_one_that_is_imported(site):
    (site / "msgspec-0.0.1.dist-info").mkdir()
    found = interpreter(site, Remembering()).packages()
    assert [each for each in found if each.startswith("msgspec==")] == ["msgspec==0.0.1"]


def test_an_interpreter_is_asked_once_and_a_new_package_is_seen_all_the_same(site):
    cache = Remembering()
    interpreter(site, cache).version()
    (key,) = cache.kept
    cache.kept[key] = cache.kept[key].replace(b'"3.', b'"9.')
    (site / "fresh-2.0.dist-info").mkdir()
    again = interpreter(site, cache)
    assert again.version().startswith("9.")
    assert "fresh==2.0" in again.packages()


def test_a_cache_that_holds_something_else_is_passed_over(site):
    cache = Remembering()
    interpreter(site, cache).version()
    cache.kept = dict.fromkeys(cache.kept, b"\xff nonsense")
    assert interpreter(site, cache).version() == f"{sys.version_info.major}.{sys.version_info.minor}"
