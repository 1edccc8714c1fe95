# ruff: noqa: S608 -- the text is one query, which was read before it came here, and the engine reads nothing but its datasets
"""A query of the user's own that returns failing rows: the way out where no rule says it. In it ``data`` is the dataset."""


def counting(text: str, data: str) -> str:
    """How many rows the query returns. ``data`` selects the dataset under the names that people know."""
    return f"WITH data AS ({data}) SELECT count(*) FROM ({_whole(text)}\n) AS failing"


def sampling(text: str, data: str, limit: int) -> str:
    """The first rows that it returns, in its own order."""
    return f"WITH data AS ({data}) SELECT * FROM ({_whole(text)}\n) AS failing LIMIT {limit}"


def _whole(text: str) -> str:
    return text.strip().rstrip(";")
