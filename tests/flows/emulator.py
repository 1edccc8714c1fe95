"""A terminal in memory: as much of one as the live lines of a run ask for, and one that says so where they ask for more."""

import re

_ANY = re.compile(r"\x1b\[(?P<digits>[\d;]*)(?P<kind>[A-Za-z])|(?P<text>[^\x1b])")


class Emulator:
    """Rows of text; what has left it at the top is kept too."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.columns, self.height = columns, rows
        self.rows: list[str] = [""]
        self.row = self.column = 0
        self.coloured = False

    @property
    def text(self) -> str:
        """What a person sees, with what has scrolled away."""
        return "\n".join(row.rstrip() for row in self.rows).rstrip("\n")

    def size(self) -> tuple[int, int]:
        return self.columns, self.height

    def write(self, text: str) -> None:
        at = 0
        while at < len(text):
            found = _ANY.match(text, at)
            assert found is not None, f"no terminal was asked to know {text[at : at + 8]!r}"
            at = found.end()
            if found["text"]:
                self._letter(found["text"])
            else:
                self._control(found["kind"], found["digits"])

    def narrow(self, columns: int) -> None:
        """Make it narrower: rows that are too long are broken, and the cursor stays where it was in its text."""
        broken: list[str] = []
        for at, row in enumerate(self.rows):
            pieces = [row[begin : begin + columns] for begin in range(0, max(1, len(row.rstrip())), columns)]
            if at == self.row:
                self.row, self.column = len(broken) + len(pieces) - 1, len(pieces[-1])
            broken += pieces
        self.rows, self.columns = broken, columns

    def _letter(self, letter: str) -> None:
        if letter == "\r":
            self.column = 0
        elif letter == "\n":
            self._down()
            self.column = 0
        else:
            assert letter.isprintable(), f"{letter!r} was printed"
            if self.column == self.columns:
                self._down()
                self.column = 0
            row = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = row[: self.column] + letter + row[self.column + 1 :]
            self.column += 1

    def _down(self) -> None:
        self.row += 1
        if self.row == len(self.rows):
            self.rows.append("")

    def _control(self, kind: str, digits: str) -> None:
        if kind == "A":
            self.row -= int(digits or 1)
            assert self.row >= max(0, len(self.rows) - self.height), "the cursor would stop at the top of the terminal"
        elif kind == "K":
            self.rows[self.row] = self.rows[self.row][: self.column]
        elif kind == "J":
            self.rows[self.row] = self.rows[self.row][: self.column]
            del self.rows[self.row + 1 :]
        else:
            assert kind == "m", f"no terminal was asked to know {kind}"
            self.coloured = True
