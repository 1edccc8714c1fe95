"""Letters in both cases, one for one: what ``lower`` and ``upper`` mean to every engine.

Engines turn ``ß``, ``İ`` and a final ``Σ`` each in a way of their own, by the Unicode that they were built with, and PostgreSQL by the locale of
the database. So the letters are told here: those of ASCII, and those of the Latin, Greek, Cyrillic and Armenian scripts of which the other case is a
single letter of these scripts too. Everything else stays as it is: ``upper('straße')`` is ``STRAßE``.
"""

_SCRIPTS = (range(0x590), range(0x1E00, 0x1F00), range(0xFF21, 0xFF5B))
"""Basic Latin to Armenian, Latin Extended Additional, and the wide letters of Latin. What they hold has stood in Unicode since 7.0."""


def _pairs(turn: str) -> tuple[str, str]:
    """Letters that change, and what each becomes."""
    changing, becoming = [], []
    for code in (code for script in _SCRIPTS for code in script):
        letter = chr(code)
        other = letter.lower() if turn == "lower" else letter.upper()
        if other != letter and len(other) == 1 and any(ord(other) in script for script in _SCRIPTS):
            changing.append(letter)
            becoming.append(other)
    return "".join(changing), "".join(becoming)


TO_LOWER, TO_UPPER = _pairs("lower"), _pairs("upper")
"""(from, to), letter by letter, as SQL's ``translate`` takes them."""


def lowered(text: str) -> str:
    """What ``lower`` makes of a text."""
    return text.translate(str.maketrans(*TO_LOWER))


def uppered(text: str) -> str:
    """What ``upper`` makes of a text."""
    return text.translate(str.maketrans(*TO_UPPER))
