"""Shells: the words before a command, and where in a command of sh's family a value can enter.

The lexer follows POSIX's quoting rules and bash's ``$'...'``. Where it cannot be certain how the shell will read a place (here-documents,
backticks, a shell's own ``${...}``, ``case`` inside ``$(...)``), it says so, and a value is refused there rather than put in at a risk.
"""

import re
import shlex
from collections.abc import Iterator
from typing import Literal

import msgspec

KNOWN_SHELLS: dict[str, tuple[str, ...]] = {
    "bash": ("bash", "-eo", "pipefail", "-c"),
    "sh": ("sh", "-e", "-c"),
    "dash": ("dash", "-e", "-c"),
    "zsh": ("zsh", "-eo", "pipefail", "-c"),
    "ksh": ("ksh", "-eo", "pipefail", "-c"),
    "fish": ("fish", "-c"),
    "python": ("python", "-c"),
    "python3": ("python3", "-c"),
    "node": ("node", "-e"),
    "perl": ("perl", "-e"),
    "ruby": ("ruby", "-e"),
    "Rscript": ("Rscript", "-e"),
    "julia": ("julia", "-e"),
    "pwsh": ("pwsh", "-Command"),
}
"""The words before a command, by the word that the file has."""

_POSIX = frozenset({"bash", "sh", "dash", "zsh", "ksh", "$SHELL"})
"""``$SHELL`` is the caller's own where that is one of these, and else /bin/sh."""

Quoting = Literal["plain", "double", "single", "arithmetic"]


class Spot(msgspec.Struct, frozen=True):
    """A ``${...}`` in a command."""

    start: int
    end: int
    """Of the closing brace, behind it; of what is never closed, the end."""
    quoting: Quoting = "plain"
    unclear: str = ""
    """Why no value can enter here; empty where one can."""
    is_escaped: bool = False
    """A backslash stands before it."""


def reads_as_posix(words: tuple[str, ...]) -> bool:
    """The command behind these words is read by a shell of sh's family; no words are the default shell, which is."""
    programs = [word for word in words if not word.startswith("-") and word != "pipefail"]
    return not programs or programs[-1].rpartition("/")[2] in _POSIX


def quoted(text: str, quoting: Quoting) -> str:
    """The text as it must stand there to come out as it is."""
    if quoting == "single":
        return text.replace("'", "'\\''")
    if quoting == "double":
        return "".join(f"\\{letter}" if letter in '\\"$`' else letter for letter in text)
    return shlex.quote(text)


def spots(command: str) -> Iterator[Spot]:
    """Every ``${...}`` outside comments, in order."""
    return iter(_Lexer(command).found)


_NOTHING_SPECIAL = re.compile(r"""[^'"`\\$#()<{}\n]+""")
_OPENS = {"'": "single", '"': "double", "`": "backticks", "(": "paren"}
_HERE_DOCUMENT = "it stands in or behind a here-document (<<)"
_BACKTICKS = "it stands in backticks, whose quoting is twofold; $(...) is clear"
_BRACE = "it stands inside another ${...}, which the shell reads"
_ANSI = "it stands in $'...'"
_CASE = "it stands behind a `case` inside $(...)"
_QUOTE_IN_BRACE = "it stands behind a ${...} with quotes in it"


class _Lexer:
    """Goes through a command once, keeping what quotes and brackets are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open: list[str] = []
        self.unclear = ""
        self.here_document_follows = False
        self.found: list[Spot] = []
        while self.at < len(text):
            self._step()

    @property
    def state(self) -> str:
        return self.open[-1] if self.open else "plain"

    def _step(self) -> None:
        if plain := _NOTHING_SPECIAL.match(self.text, self.at):
            self._pass(plain[0])
            return
        match self.state:
            case "single":
                self._in_single()
            case "double":
                self._in_double()
            case "ansi" | "backticks":
                self._until("'" if self.state == "ansi" else "`")
            case "brace":
                self._in_brace()
            case _:
                self._in_plain()

    def _pass(self, letters: str) -> None:
        """Letters that open and close nothing."""
        if "paren" in self.open and re.search(r"\bcase\b", letters):
            self.unclear = self.unclear or _CASE
        self.at += len(letters)

    def _has(self, mark: str) -> bool:
        return self.text.startswith(mark, self.at)

    def _escape(self) -> None:
        """A backslash, and what it takes the meaning of."""
        if self.text.startswith("${", self.at + 1):
            self._spot(self.at + 1, is_escaped=True)
        else:
            self.at += 2

    def _spot(self, start: int, *, is_escaped: bool = False) -> None:
        """A ``${``: noted, with its end where no other bracket stands in it; else it is the shell's own and is gone into."""
        closing = self.text.find("}", start)
        inside = self.text[start + 2 : closing] if closing >= 0 else self.text[start + 2 :]
        is_flat = closing >= 0 and not any(letter in inside for letter in "'\"`$\\\n")
        end = closing + 1 if closing >= 0 else len(self.text)
        self.found.append(Spot(start, end, self._quoting(), self._why_unclear(), is_escaped))
        if is_flat or is_escaped:
            self.at = end if is_flat else start + 2
            return
        self.open.append("brace")
        self.at = start + 2

    def _quoting(self) -> Quoting:
        if self.state == "double":
            return "double"
        if self.state == "single":
            return "single"
        return "arithmetic" if "arithmetic" in self.open else "plain"

    def _why_unclear(self) -> str:
        inside = {"backticks": _BACKTICKS, "brace": _BRACE, "ansi": _ANSI}
        return self.unclear or next((inside[state] for state in reversed(self.open) if state in inside), "")

    def _in_single(self) -> None:
        if self._has("'"):
            self.open.pop()
            self.at += 1
        elif self._has("\\${"):
            self._spot(self.at + 1, is_escaped=True)
        elif self._has("${"):
            closing = self.text.find("}", self.at)
            quote = self.text.find("'", self.at)
            if 0 <= closing < quote or (closing >= 0 and quote < 0):
                self.found.append(Spot(self.at, closing + 1, "single", self.unclear))
            self.at += 2
        else:
            self.at += 1

    def _in_double(self) -> None:
        if self._has("\\"):
            self._escape()
        elif self._has('"'):
            self.open.pop()
            self.at += 1
        elif not self._expansion():
            self.at += 1

    def _until(self, mark: str) -> None:
        if self._has("\\"):
            self.at += 2
        elif self._has("${"):
            self.found.append(Spot(self.at, self._brace_end(), "plain", self._why_unclear()))
            self.at += 2
        else:
            if self._has(mark):
                self.open.pop()
            self.at += 1

    def _brace_end(self) -> int:
        closing = self.text.find("}", self.at)
        return closing + 1 if closing >= 0 else len(self.text)

    def _in_brace(self) -> None:
        if self._has("\\"):
            self.at += 2
        elif self._has("}"):
            self.open.pop()
            self.at += 1
        elif not self._expansion():
            if self.text[self.at] in "'\"":
                self.unclear = self.unclear or _QUOTE_IN_BRACE
            self.at += 1

    def _expansion(self) -> bool:
        """What a dollar or backtick begins, also within double quotes."""
        for mark, state in (("$((", "arithmetic"), ("$(", "paren"), ("`", "backticks")):
            if self._has(mark):
                self.open += [state, state] if state == "arithmetic" else [state]
                self.at += len(mark)
                return True
        if self._has("${"):
            self._spot(self.at)
            return True
        return False

    def _in_plain(self) -> None:
        if self._has("\\"):
            self._escape()
        elif self._has("#") and (self.at == 0 or self.text[self.at - 1] in " \t\n;&|()"):
            self._comment()
        elif self._has("\n") or self._has("<<"):
            self._here_document()
        elif self._has("$'"):
            self.open.append("ansi")
            self.at += 2
        elif self._has("(("):
            self.open += ["arithmetic", "arithmetic"]
            self.at += 2
        elif self._has(")"):
            if self.open:
                self.open.pop()
            self.at += 1
        elif not self._expansion():
            self._word()

    def _comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = end if end >= 0 else len(self.text)

    def _here_document(self) -> None:
        if self._has("<<<"):
            self.at += 3
        elif self._has("<<"):
            self.here_document_follows = "arithmetic" not in self.open
            self.at += 2
        else:
            if self.here_document_follows:
                self.unclear = self.unclear or _HERE_DOCUMENT
            self.at += 1

    def _word(self) -> None:
        letter = self.text[self.at]
        if letter in _OPENS:
            self.open.append(_OPENS[letter])
        self.at += 1
