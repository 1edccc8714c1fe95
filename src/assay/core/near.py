"""The near miss: what somebody most likely meant who wrote a word that is not known."""

from collections.abc import Iterable

_ALIKE = 0.75
_LETTERS_A_SLIP = 3


def near_miss(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` comes closest to; None where none is near. Upper and lower case count alike.

    Near is what has three quarters of its letters in common, in order, or is a slip away, or one for every third letter: ``zone`` and
    ``joined`` have three letters in common, and nobody means one by the other.
    """
    import difflib  # only needed when something is wrong

    by_lower = {candidate.lower(): candidate for candidate in known}
    for near in difflib.get_close_matches(word.lower(), by_lower):
        is_alike = difflib.SequenceMatcher(None, near, word.lower()).ratio() >= _ALIKE
        if is_alike or _slips(word.lower(), near) <= max(1, max(len(word), len(near)) // _LETTERS_A_SLIP):
            return by_lower[near]
    return None


def _slips(one: str, other: str) -> int:
    """How many letters are left out, put in, taken for another or changed with their neighbour between the two."""
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for at, letter in enumerate(one):
        last, before, row = before, row, [at + 1]
        for place, meant in enumerate(other):
            best = min(before[place + 1] + 1, row[place] + 1, before[place] + (letter != meant))
            if at and place and letter == other[place - 1] and one[at - 1] == meant:
                best = min(best, last[place - 1] + 1)
            row.append(best)
    return row[-1]
