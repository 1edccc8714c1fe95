"""What other tools call the types of columns: those of numpy, pandas, Python, SQL, Spark and polars, in any case of letters."""

import re

from assay.core.rules import ColumnType

_NAMES: dict[ColumnType, str] = {
    "int": """
        int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 integer int_ int2 int4 bigint smallint tinyint mediumint
        byteint hugeint ubigint uinteger usmallint utinyint long short byte serial bigserial
        integertype longtype shorttype bytetype
    """,
    "float": """
        float float16 float32 float64 float4 float8 float_ double double_precision doubleprecision real number numeric decimal
        bignumeric floattype doubletype decimaltype
    """,
    "str": """
        str str_ string text varchar char character nchar nvarchar character_varying bpchar clob uuid unicode utf8
        large_string stringtype varchartype chartype
    """,
    "bool": "bool bool_ boolean booleantype",
    "date": "date date32 date64 datetype",
    "time": """
        datetime datetime64 datetime64tz timestamp timestamptz timestampntz timestamp_ntz timestamp_tz timestamp_ltz
        timestamp_without_time_zone timestamp_with_time_zone timestamptype timestampntztype datetime2 smalldatetime
        datetimetzdtype
    """,
}
_TYPES = {name: kind for kind, names in _NAMES.items() for name in names.split()}
ANYTHING = frozenset({"object", "object_", "category", "categorical", "enum", "any"})
"""Types that may hold anything, and mostly hold text."""
_BEHIND = re.compile(r"[\[(].*", re.DOTALL)


def bare(name: str) -> str:
    """``varchar`` for ``VARCHAR(20)``, ``datetime64`` for ``datetime64[ns, UTC]``, ``timestamp`` for ``sa.types.TIMESTAMP()``."""
    return re.sub(r"\s+", "_", _BEHIND.sub("", name).strip().rpartition(".")[2].lower())


def column_type(name: str) -> ColumnType | None:
    """Our type for another tool's; None for one that has no counterpart."""
    return _TYPES.get(bare(name))
