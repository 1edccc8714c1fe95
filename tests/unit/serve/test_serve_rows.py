"""Bodies of requests: which are rows, and what is told of those that are not."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.table import Field, Schema
from assay.serve import Refusal, RowLimits, Rows, parse_rows

SCHEMA: Schema = (
    Field("hour", "int"),
    Field("distance", "float"),
    Field("carrier", "text"),
    Field("late", "bool"),
    Field("seats", "int", nullable=True),
    Field("tailnum", "text", nullable=True),
    Field("night", "bool", nullable=True),
)
ROW = {"hour": 5, "distance": 1400, "carrier": "UA", "late": True, "seats": None, "tailnum": None, "night": None}


def body(*rows: object) -> bytes:
    return msgspec.json.encode({"rows": rows})


def accepted(data: bytes, schema: Schema = SCHEMA, id_column: str | None = "flight_id") -> Rows:
    rows = parse_rows(data, schema, id_column)
    assert isinstance(rows, Rows), rows
    return rows


def refused(data: bytes, schema: Schema = SCHEMA, limits: RowLimits | None = None) -> Refusal:
    refusal = parse_rows(data, schema, "flight_id", limits)
    assert isinstance(refusal, Refusal)
    return refusal


def mistakes(**changed: object) -> tuple[str, ...]:
    """What is told of one row that differs from a good one."""
    refusal = refused(body(ROW | changed))
    assert (refusal.status, refusal.problem.code) == (422, "rows-do-not-fit")
    return refusal.problem.because


class TestRowsWithoutASchema:
    def test_rows_of_one_request_have_the_same_columns_and_one_type_each(self) -> None:
        told = refused(body({"hour": 5, "carrier": "UA"}, {"hour": "six"}), ()).problem.because
        assert told == (
            "hour: row 1 holds the number 5; expected text",
            "carrier: row 2 has no such column; expected text",
        )

    def test_a_list_is_no_value(self) -> None:
        assert refused(body({"hour": [5]}), ()).problem.because == ("hour: row 1 holds a list; expected a number",)

    def test_an_id_alone_is_no_row(self) -> None:
        assert refused(body({"flight_id": "f1"}), ()).problem.because == ("the rows have no columns",)


class TestRowsThatFit:
    @pytest.mark.parametrize("document", [{"rows": [ROW, ROW]}, [ROW, ROW]])
    def test_a_list_of_rows_may_stand_alone_or_under_rows(self, document: object) -> None:
        assert len(accepted(msgspec.json.encode(document)).features) == 2

    def test_one_row_may_stand_alone(self) -> None:
        assert accepted(msgspec.json.encode(ROW)).features == (ROW,)

    def test_for_a_release_without_a_schema_columns_are_as_they_were_sent(self) -> None:
        one = {"hour": 5, "carrier": "UA", "late": True, "seats": None, "night": None, "flight_id": "f1"}
        table = accepted(body(one, one | {"hour": 5.5, "carrier": None, "night": False, "flight_id": "f2"}), ()).table
        assert {name: str(values.dtype) for name, values in table.items()} == {
            "hour": "float64",
            "carrier": "object",
            "late": "bool",
            "seats": "float64",
            "night": "object",
        }
        assert (table["hour"].tolist(), table["carrier"].tolist()) == ([5.0, 5.5], ["UA", None])

    def test_a_row_with_a_column_named_rows_is_a_row(self) -> None:
        assert accepted(b'{"rows": 3}', (Field("rows", "int"),)).table["rows"].tolist() == [3]

    def test_columns_have_the_types_that_the_gate_saw(self) -> None:
        table = accepted(body(ROW, ROW | {"seats": 150, "tailnum": "N1", "night": False})).table
        assert {name: str(values.dtype) for name, values in table.items()} == {
            "hour": "int64",
            "distance": "float64",
            "carrier": "object",
            "late": "bool",
            "seats": "float64",
            "tailnum": "object",
            "night": "object",
        }
        assert np.isnan(table["seats"][0])
        assert table["seats"][1] == 150
        assert table["tailnum"].tolist() == [None, "N1"]
        assert table["night"].tolist() == [None, False]

    def test_columns_come_in_the_order_of_the_schema(self) -> None:
        backwards = dict(reversed(ROW.items()))
        assert list(accepted(body(backwards)).table) == [field.name for field in SCHEMA]

    def test_a_whole_number_may_be_written_with_a_point(self) -> None:
        assert accepted(body(ROW | {"hour": 3.0})).table["hour"].tolist() == [3]

    def test_a_float_column_takes_whole_numbers_however_long(self) -> None:
        rows = accepted(body(ROW).replace(b"1400", b"1" + b"0" * 30))
        assert rows.table["distance"].tolist() == [1e30]
        assert rows.features[0]["distance"] == 1e30

    def test_ids_are_kept_and_do_not_reach_the_model(self) -> None:
        rows = accepted(body(ROW | {"flight_id": "a"}, ROW | {"flight_id": 7}, ROW, ROW | {"flight_id": None}))
        assert rows.ids == ("a", 7, None, None)
        assert "flight_id" not in rows.table
        assert rows.features == (ROW,) * 4

    def test_text_may_hold_colons_and_quotes(self) -> None:
        assert accepted(body(ROW | {"carrier": 'a": {"b": 1}'})).table["carrier"].tolist() == ['a": {"b": 1}']

    @given(
        st.lists(
            st.builds(
                lambda h, d, c: ROW | {"hour": h, "distance": d, "carrier": c},
                st.integers(-(2**63), 2**63 - 1),
                st.floats(allow_nan=False, allow_infinity=False),
                st.text(),
            ),
            min_size=1,
            max_size=5,
        )
    )
    def test_what_is_sent_is_what_the_model_gets(self, rows: list[dict[str, object]]) -> None:
        table = accepted(msgspec.json.encode(rows)).table
        for name in ("hour", "distance", "carrier"):
            assert table[name].tolist() == [row[name] for row in rows]


class TestBodiesThatAreNotJson:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "not-json"),
            (b"  ", "not-json"),
            (b"hour=5", "not-json"),
            (b'{"rows": [', "not-json"),
            (b"[1,]", "not-json"),
            (b'{"hour": NaN}', "not-json"),
            (b'{"hour": -Infinity}', "not-json"),
            (b"\xef\xbb\xbf[]", "not-json"),
            (b'"\\ud800"', "not-json"),
            (b'{"hour": "\xff"}', "not-utf8"),
            ("[]".encode("utf-16"), "not-utf8"),
            (b"[" * 1_000_000, "too-deep"),
            (b'{"a":' * 100_000, "too-deep"),
            (b'{"hour": 1e400}', "number-out-of-range"),
            (b'{"hour": ' + b"9" * 100_000 + b"}", "number-out-of-range"),
        ],
    )
    def test_they_are_refused_with_400(self, data: bytes, code: str) -> None:
        refusal = refused(data)
        assert (refusal.status, refusal.problem.code) == (400, code)
        assert refusal.problem.fix

    def test_nan_is_told_how_a_missing_value_is_written(self) -> None:
        assert "send null" in refused(b'{"hour": NaN}').problem.fix

    @given(st.binary(max_size=200))
    def test_no_bytes_whatever_raise(self, data: bytes) -> None:
        assert isinstance(parse_rows(data, SCHEMA), Refusal)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rows", "hour", "x"]), inner, max_size=3)
            ),
            max_leaves=8,
        )
    )
    def test_no_document_whatever_raises(self, document: object) -> None:
        assert isinstance(parse_rows(msgspec.json.encode(document), SCHEMA, "x"), Refusal)


class TestRowsThatDoNotFit:
    @pytest.mark.parametrize(
        ("column", "value", "told"),
        [
            ("hour", "five", "hour: row 1 holds text 'five'; expected a whole number"),
            ("hour", 3.5, "hour: row 1 holds the number 3.5; expected a whole number"),
            ("hour", True, "hour: row 1 holds true; expected a whole number"),
            ("hour", 2**63, "hour: row 1 holds the number 9223372036854775808; expected a whole number of 64 bits"),
            ("hour", 1e300, "hour: row 1 holds the number 1e+300; expected a whole number"),
            ("hour", None, "hour: row 1 holds null; no NULL was seen when the model was judged"),
            ("distance", "1400", "distance: row 1 holds text '1400'; expected a number"),
            ("distance", False, "distance: row 1 holds false; expected a number"),
            ("distance", [1], "distance: row 1 holds a list; expected a number"),
            ("carrier", 5, "carrier: row 1 holds the number 5; expected text"),
            ("carrier", {"a": 1}, "carrier: row 1 holds an object; expected text"),
            ("late", 1, "late: row 1 holds the number 1; expected true or false"),
            ("late", "true", "late: row 1 holds text 'true'; expected true or false"),
            ("seats", "x", "seats: row 1 holds text 'x'; expected a whole number or null"),
            ("flight_id", 1.5, "flight_id: row 1 holds the number 1.5; an id is text or a whole number"),
            ("flight_id", "", "flight_id: row 1 holds text ''; an id is text or a whole number"),
            ("flight_id", [], "flight_id: row 1 holds a list; an id is text or a whole number"),
        ],
    )
    def test_a_value_of_another_type_is_named(self, column: str, value: object, told: str) -> None:
        assert mistakes(**{column: value}) == (told,)

    def test_a_number_longer_than_any_float_is_named_without_its_digits(self) -> None:
        data = body(ROW).replace(b"1400", b"9" * 400)
        assert refused(data).problem.because == (
            "distance: row 1 holds the number of 1329 bits; expected a number of 64 bits",
        )

    def test_long_texts_are_cut(self) -> None:
        assert len(mistakes(hour="x" * 1_000_000)[0]) < 150

    def test_an_unexpected_column_names_the_near_miss(self) -> None:
        told = mistakes(carier="UA")
        assert told == ("carier: row 1 has this column, which the model does not read; did you mean carrier?",)

    def test_a_column_spelt_wrong_is_both_missing_and_unexpected(self) -> None:
        row = {name: value for name, value in ROW.items() if name != "hour"}
        assert refused(body(row | {"huor": 5})).problem.because == (
            "huor: row 1 has this column, which the model does not read; did you mean hour?",
            "hour: row 1 has no such column; expected a whole number",
        )

    def test_a_nullable_column_must_be_there_all_the_same(self) -> None:
        row = {name: value for name, value in ROW.items() if name != "seats"}
        assert refused(body(row)).problem.because == (
            "seats: row 1 has no such column; expected a whole number or null",
        )

    def test_many_rows_with_one_mistake_are_one_line(self) -> None:
        bad = ROW | {"hour": "five"}
        assert refused(body(ROW, bad, ROW, bad, bad)).problem.because == (
            "hour: row 2 holds text 'five' (and 2 more rows); expected a whole number",
        )

    def test_all_mistakes_are_told_at_once(self) -> None:
        assert len(mistakes(hour="x", distance="x", carrier=1, late=None)) == 4

    def test_mistakes_beyond_the_limit_are_counted(self) -> None:
        unexpected = {f"column {number}": 1 for number in range(200_000)}
        told = refused(body(ROW | unexpected), limits=RowLimits(mistakes=3)).problem.because
        assert len(told) == 4
        assert told[-1] == "and 18 more"

    def test_the_fix_shows_a_row(self) -> None:
        refusal = refused(body({}), schema=(Field("hour", "int"), Field("tailnum", "text", nullable=True)))
        assert refusal.problem.fix == 'send rows like {"hour": <a whole number>, "tailnum": <text or null>}'

    def test_two_rows_of_one_id_are_refused(self) -> None:
        row = ROW | {"flight_id": "a"}
        assert refused(body(row, ROW, row)).problem.because == ("flight_id: rows 1 and 3 have the same id, text 'a'",)

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"[]", "there are no rows"),
            (b'{"rows": []}', "there are no rows"),
            (b"5", "the body is the number 5; expected a list of rows"),
            (b'"x"', "the body is text 'x'; expected a list of rows"),
            (b"null", "the body is null; expected a list of rows"),
            (b"[5, {}, []]", "row 1 is the number 5 (and 1 more row); expected an object"),
            (b'{"rows": [{}], "release": "r1"}', "release: stands beside rows, where nothing else may stand"),
            (b'{"hour": 5, "hour": 6}', "hour: stands twice in one object"),
            (b'{"rows": [{}], "rows": [{}]}', "rows: stands twice in one object"),
        ],
    )
    def test_another_shape_is_named(self, data: bytes, told: str) -> None:
        refusal = refused(data)
        assert (refusal.status, refusal.problem.because) == (422, (told,))

    def test_too_many_rows_are_refused_with_413(self) -> None:
        refusal = refused(body(ROW, ROW, ROW), limits=RowLimits(rows=2))
        assert (refusal.status, refusal.problem.what) == (413, "the request has 3 rows")
