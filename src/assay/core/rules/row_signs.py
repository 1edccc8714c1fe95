"""The operators that a condition on rows may have, looked at before it is parsed.

sqlglot reads more operators than every engine means the same by, and some as what DuckDB does not mean: ``~`` as a match of some part of
the text, ``@`` closer than ``+``, ``!`` as ``not``. Here each is refused where it stands, with the words to write in its place.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from assay.core.rules.nouns import RuleMistake

_SIGNS = frozenset(
    {
        *("L_PAREN", "R_PAREN", "COMMA", "DOT", "SEMICOLON", "DCOLON"),
        *("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "PLUS", "DASH", "STAR", "SLASH", "MOD", "DPIPE"),
    }
)
_VALUES = frozenset({"STRING", "NUMBER", "IDENTIFIER"})
_TEXTS = frozenset(
    {"NATIONAL_STRING", "RAW_STRING", "HEREDOC_STRING", "BYTE_STRING", "BIT_STRING", "HEX_STRING", "UNICODE_STRING"}
)
_PARAMETER = "the value itself: a rule has no parameters"
_WITHIN = "a condition on whole values: a rule does not look into lists, structs and JSON"
_INSTEAD = {
    "~": "regexp_matches({a}, {b}): it matches some part of the text",
    "!~": "not regexp_matches({a}, {b})",
    "~*": "regexp_matches(s, '(?i)..')",
    "!~*": "not regexp_matches(s, '(?i)..')",
    "~~": "{a} like {b}",
    "!~~": "{a} not like {b}",
    "~~*": "lower({a}) like {b}",
    "!~~*": "not lower({a}) like {b}",
    "~~~": "like, or regexp_matches(s, '..')",
    "^@": "s like 'N%'",
    "//": "floor({a} / {b})",
    "^": "a product such as a * a",
    "**": "a product such as a * a",
    "!": "not",
    "@": "abs({b})",
    "??": "coalesce({a}, {b})",
    "<=>": "{a} is not distinct from {b}",
    "->": _WITHIN,
    "->>": _WITHIN,
    "[": _WITHIN,
    "{": _WITHIN,
    "?": _PARAMETER,
    "$": _PARAMETER,
    ":": _PARAMETER,
    "`": 'a column by its plain name, or in double quotes: "a b"',
}
OPERATORS = "+ - * / % || = <> < <= > >= and or not between in like is"


def demand_plain_signs(tokens: Sequence[Any], text: str) -> None:
    """``RuleMistake`` at the first of sqlglot's tokens that stands for no value, word or operator of a rule."""
    for place, token in enumerate(tokens):
        kind, source = token.token_type.name, text[token.start : token.end + 1]
        if kind in _TEXTS:
            raise RuleMistake(text, token.start, "a text in plain quotes: '..'", f"`{source}` is none")
        if _is_plain(token) or (kind in _SIGNS and source not in _INSTEAD):
            continue
        sign = _sign(tokens, place, text)
        because = f"`{sign}` is not among what every engine is known to do alike"
        raise RuleMistake(text, token.start, _instead(sign, tokens, place, text), because)
    for token, following in pairwise(tokens):
        _demand_apart(token, following, text)


def _instead(sign: str, tokens: Sequence[Any], place: int, text: str) -> str:
    """What to write in place of the operator, with the values beside it where they are plain ones."""
    others = [
        token for token in tokens if token.end < tokens[place].start or token.start >= tokens[place].start + len(sign)
    ]
    before, after = others[place - 1 : place] if place else [], others[place : place + 1]
    a, b = ("".join(text[each.start : each.end + 1] for each in some if _is_plain(each)) for some in (before, after))
    return _INSTEAD.get(sign, f"one of the operators {OPERATORS}").format(a=a or "a", b=b or "b")


def _is_plain(token: Any) -> bool:
    return token.token_type.name in _VALUES or _is_word(token)


def _sign(tokens: Sequence[Any], place: int, text: str) -> str:
    """The operator that begins here; ``!`` and what stands close behind it are one."""
    token, following = tokens[place], tokens[place + 1] if place + 1 < len(tokens) else None
    sign = text[token.start : token.end + 1]
    if sign == "!" and following is not None and following.start == token.end + 1:
        joined = text[token.start : following.end + 1]
        return joined if joined in _INSTEAD else sign
    return sign


def _demand_apart(token: Any, following: Any, text: str) -> None:
    """Two values with nothing between them are no value, though a parser may make one of them, or a name."""
    kinds = token.token_type.name, following.token_type.name
    if kinds[0] == "NUMBER" and following.start == token.end + 1 and _is_word(following):
        found = text[token.start : following.end + 1]
        raise RuleMistake(text, token.start, "a number in decimal figures such as 16", f"`{found}` is none")
    if kinds == ("STRING", "STRING"):
        raise RuleMistake(text, following.start, "an operator such as || between two texts")


def _is_word(token: Any) -> bool:
    return bool(token.text[:1].isalpha() or token.text[:1] == "_")
