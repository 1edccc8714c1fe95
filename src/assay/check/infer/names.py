"""What the name of a column says of it."""

_IDS = ("id", "key", "uuid", "guid", "code", "number", "no", "nr", "name")
_CALENDAR = {
    "month": (1, 12),
    "day": (1, 31),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
    "weekday": (0, 7),
    "quarter": (1, 4),
    "week": (0, 53),
}


def is_named_like_an_id(name: str) -> bool:
    """``flight_id``, ``orderId``, ``uuid``."""
    return _last_word(name) in _IDS or name.lower().endswith("id")


def calendar_range(name: str) -> tuple[int, int] | None:
    """The numbers that there can be in a column that is named after a part of the calendar."""
    return _CALENDAR.get(_last_word(name))


def _last_word(name: str) -> str:
    return name.lower().replace("-", "_").rpartition("_")[2]
