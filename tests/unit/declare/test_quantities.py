import pytest

from assay.declare.quantities import parse_duration, parse_percent, parse_rate


@pytest.mark.parametrize(
    "text, seconds",
    [("15m", 900), ("2h", 7200), ("1 day", 86400), ("7 days", 604800), ("3 weeks", 1814400), ("1.5h", 5400), ("0s", 0)],
)
def test_a_duration_is_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "15", "m", "1:30", "-1 day", "1 month", "1  day", "1 day ago", "1e3 s", "9" * 400 + "s"]
)
def test_what_is_no_duration_is_none(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize("text, share", [("15%", 0.15), ("99.9 %", 0.999), ("0%", 0.0), ("150%", 1.5)])
def test_a_percentage_is_the_nearest_share(text: str, share: float) -> None:
    assert parse_percent(text) == share


@pytest.mark.parametrize("text", ["15", "%", "-1%", "1e2%", "a%"])
def test_what_is_no_percentage_is_none(text: str) -> None:
    assert parse_percent(text) is None


@pytest.mark.parametrize(
    "text, rate", [("3 per week", (3, 604800.0)), ("1 per day", (1, 86400.0)), ("2 per 3 days", (2, 259200.0))]
)
def test_a_rate_is_a_number_within_seconds(text: str, rate: tuple[int, float]) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["3", "3 a week", "0 per week", "1 per 0 days", "1.5 per day", "per day"])
def test_what_is_no_rate_is_none(text: str) -> None:
    assert parse_rate(text) is None
