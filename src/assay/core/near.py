"""The near miss: what somebody most likely meant who wrote a word that is not known."""

from collections.abc import Iterable


def near_miss(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` comes closest to; None where none is near. Upper and lower case count alike."""
    import difflib  # only needed when something is wrong

    by_lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(word.lower(), by_lower, 1)
    return by_lower[near[0]] if near else None
