"""The project's git repository, asked through the git command.

The version counts what changed the code. A commit that touches only assay.lock, .assay or data is no new code, and nor is
a change to them that is not committed. The work tree is dirty where another tracked file differs from the last commit, or
where a file that git neither tracks nor ignores looks like code (``CODE_SUFFIXES``).

    1.4.0                    at the tag v1.4.0 or 1.4.0, and only data was committed since
    1.4.0+3.g91bc2e4         three commits of code later, the last of them 91bc2e4
    1.4.0+0.g91bc2e4.dirty   at the tag's code, but changed in the work tree
    0.0.0+5.g91bc2e4         no tag that is a version: five commits of code
    0.0.0+0.uncommitted      a repository in which no code is committed yet
    0.0.0+nogit              no repository, or no git on this machine

A repository that git itself refuses to read (owned by somebody else, damaged) is an error: to call its code ``nogit`` would
hide where a release came from. In a shallow clone only the commits that it holds are counted.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from assay.core.problem import Problem, StateError
from assay.core.release import CodeVersion

CODE_SUFFIXES = frozenset({".py", ".pyx", ".sh", ".sql", ".r", ".jl", ".yaml", ".yml"})

_NO_GIT = CodeVersion("0.0.0+nogit")
_NOT_CODE = ("assay.lock", ".assay")
_NOT_OURS = frozenset({".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__"})
"""Folders whose untracked files are nobody's code of this project."""

_DESCRIBE = ("describe", "--always", "--long", "--abbrev=64", "--tags")
_TAGS = ("--match=v[0-9]*.[0-9]*.[0-9]*", "--match=[0-9]*.[0-9]*.[0-9]*")
_DESCRIBED = re.compile(r"(?P<tag>.+)-(?P<since>\d+)-g[0-9a-f]+\Z")
_VERSION = re.compile(r"v?(?P<number>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)\Z")
_SHORT_DIGITS = 7

_KEPT_VARIABLES = ("GIT_CONFIG", "GIT_CEILING_DIRECTORIES", "GIT_EXEC_PATH")
"""Others (GIT_DIR, GIT_INDEX_FILE: set in hooks) would turn git's eyes elsewhere."""


class _Tag(msgspec.Struct, frozen=True):
    """The nearest version behind HEAD, and how many commits of any kind came since."""

    version: str
    ref: str
    since: int


class GitRepository:
    """``Repository`` of the folder ``root``, which may lie below the top of a larger repository."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def code_version(self, data: Sequence[str]) -> CodeVersion:
        """Two calls of git at a tag, three behind one or without any; one more where only data was committed since."""
        if not self._lies_in_repository():
            return _NO_GIT
        code = (".", *_exclusions(data))
        status = self._git(
            "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--no-renames", "--", *code
        )
        if status is None:
            return _NO_GIT
        is_dirty = any(map(_is_change_of_code, status.split("\0")))
        if "# branch.oid (initial)" in status.split("\0"):
            return _uncommitted(is_dirty=is_dirty)
        tag = self._nearest_tag()
        commits = self._commits(tag, code)
        if tag is None:
            return (
                _version("0.0.0", commits, commits[0], is_dirty=is_dirty)
                if commits
                else _uncommitted(is_dirty=is_dirty)
            )
        commit = commits[0] if commits else self._ask("rev-parse", f"{tag.ref}^{{commit}}").strip()
        return _version(tag.version, commits, commit, is_dirty=is_dirty)

    def branch_and_tag(self) -> tuple[str | None, str | None]:
        """Two calls of git, one where nothing is committed yet."""
        status = self._git("status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no")
        told = dict(line.removeprefix("# branch.").partition(" ")[::2] for line in (status or "").split("\0"))
        branch = None if told.get("head") in (None, "(detached)") else told["head"]
        if told.get("oid") in (None, "(initial)"):
            return branch, None
        tags = self._ask("tag", "--points-at", "HEAD", "--sort=-version:refname").split()
        return branch, tags[0] if tags else None

    def tracked(self) -> frozenset[str] | None:
        """The tracked files below ``root``."""
        listed = self._git("ls-files", "-z")
        return None if listed is None else frozenset(filter(None, listed.split("\0")))

    def _nearest_tag(self) -> _Tag | None:
        """Asks again without a tag that only looks like a version (``1.2.3.4``)."""
        passed_over: list[str] = []
        while described := _DESCRIBED.match(self._ask(*_DESCRIBE, *_TAGS, *passed_over, "HEAD").strip()):
            name = described["tag"]
            if version := _VERSION.match(name):
                return _Tag(version["number"], f"refs/tags/{name}", int(described["since"]))
            passed_over.append(f"--exclude={name}")
        return None

    def _commits(self, tag: _Tag | None, code: Sequence[str]) -> list[str]:
        """The commits since ``tag`` that touch code, the last one first."""
        if tag is not None and tag.since == 0:
            return []
        wanted = "HEAD" if tag is None else f"{tag.ref}..HEAD"
        return self._ask("rev-list", wanted, "--", *code).split()

    def _lies_in_repository(self) -> bool:
        """Where no folder above holds a .git, git need not be started."""
        root = os.path.realpath(self._root)
        return any(os.path.lexists(f"{folder}/.git") for folder in _at_and_above(root))

    def _ask(self, *arguments: str) -> str:
        """What git says about a repository that is known to be there."""
        answer = self._git(*arguments)
        return "" if answer is None else answer

    def _git(self, *arguments: str) -> str | None:
        """What git prints; None where there is no repository, or no git."""
        import subprocess  # not where no .git is

        try:
            done = subprocess.run(
                ("git", "-C", self._root, *arguments),
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            return None
        if done.returncode == 0:
            return os.fsdecode(done.stdout)
        said = os.fsdecode(done.stderr).strip()
        if "not a git repository" in said and not (self._root / ".git").exists():
            return None
        raise _refused(self._root, said)


def _version(number: str, commits: Sequence[str], commit: str, *, is_dirty: bool) -> CodeVersion:
    is_release = not commits and not is_dirty
    since = "" if is_release else f"+{len(commits)}.g{commit[:_SHORT_DIGITS]}"
    return CodeVersion(f"{number}{since}{'.dirty' if is_dirty else ''}", commit, is_dirty)


def _uncommitted(*, is_dirty: bool) -> CodeVersion:
    return CodeVersion("0.0.0+0.uncommitted", None, is_dirty)


def _at_and_above(folder: str) -> Iterator[str]:
    yield folder
    while (above := os.path.dirname(folder)) != folder:  # noqa: PTH120 - no Path is needed
        yield above
        folder = above


def _exclusions(data: Sequence[str]) -> Iterator[str]:
    for path in (*_NOT_CODE, *data):
        plain = PurePosixPath(path)
        if plain.parts and not plain.is_absolute() and plain.parts[0] != "..":
            magic = "glob" if any(letter in path for letter in "*?[") else "literal"
            yield f":(exclude,{magic}){plain}"


def _is_change_of_code(entry: str) -> bool:
    """Whether a line of ``git status --porcelain=v2`` tells of a tracked file, or of an untracked one that looks like code."""
    mark, _, rest = entry.partition(" ")
    if mark != "?":
        return mark in ("1", "2", "u")
    path = PurePosixPath(rest)
    return path.suffix.lower() in CODE_SUFFIXES and _NOT_OURS.isdisjoint(path.parts)


def _environment() -> dict[str, str]:
    """No prompt, no locale, no lock on the index, and no other repository than the one around ``root``."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT_VARIABLES)
    }
    return kept | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}


def _refused(root: Path, said: str) -> StateError:
    told = said.splitlines() or ["git said nothing"]
    trust = next((line.strip() for line in told if "safe.directory" in line), None)
    return StateError(
        Problem(
            "git-refused",
            f"git does not read the repository of {root}",
            (told[0],),
            trust or f"see what is wrong: git -C {root} status",
        )
    )
