"""Whether a text is matched by a pattern, as each engine asks it."""

from sqlglot import exp

from assay.check.compile.tree import literal, tree
from assay.core.dataset import Dialect
from assay.core.rules.pattern import Flavour, fewest_characters, parse_pattern, spelt

_FLAVOURS: dict[Dialect, Flavour] = {
    "duckdb": "re2",
    "bigquery": "re2",
    "postgres": "posix",
    "spark": "java",
    "snowflake": "ere",
    "trino": "java",
}


def is_matched(text: exp.Expr, pattern: str, dialect: Dialect) -> exp.Expr:
    """Some part of the text is matched; NULL where it is NULL."""
    read = parse_pattern(pattern)
    asked = literal(spelt(read, _FLAVOURS[dialect]))
    if dialect == "duckdb" and fewest_characters(read) > 0:
        # What is matched is no empty text. DuckDB extracts once for each text in a dictionary, which it does not for
        # regexp_matches, nor before 2.0.1 for regexp_replace: a seventh of the time on a column of tail numbers.
        return tree("regexp_extract(t, p) <> ''", t=text, p=asked)
    if dialect == "duckdb":
        return exp.Anonymous(this="regexp_matches", expressions=[text.copy(), asked])
    if dialect == "postgres":
        return exp.RegexpLike(this=text.copy(), expression=asked)
    if dialect == "snowflake":  # REGEXP_LIKE means the whole text there, and by the last letter all its lines
        anywhere = literal(f".*({asked.name}).*")
        return exp.Anonymous(this="REGEXP_LIKE", expressions=[text.copy(), anywhere, literal("s")])
    name = {"bigquery": "REGEXP_CONTAINS", "trino": "REGEXP_LIKE", "spark": "RLIKE"}[dialect]
    return exp.Anonymous(this=name, expressions=[text.copy(), asked])
