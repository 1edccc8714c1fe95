"""Secrets in the file: their names. A value in their place is refused, and never told back."""

import re
from typing import Any

import msgspec

from assay.declare.kinds import Kind, list_of
from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.reading import Reading

_NAME = r"(?!ASSAY_)[A-Za-z_][A-Za-z0-9_]{0,99}"
_VALUE = re.compile(
    r"(?:gh[a-z]_|github_pat_|glpat-|sk-|sk_live_|pk_live_|rk_live_|xox[a-z]-|hf_|npm_|pypi-|dop_v1_|AIza|AKIA|ASIA|eyJ|-----BEGIN )\S{8,}"
)
_LONG = 20


def looks_like_secret(text: str) -> bool:
    """It begins as the tokens of well-known services do."""
    return _VALUE.match(text) is not None


def _is_value(text: str) -> bool:
    """No name of a variable; or one that no person would give."""
    if looks_like_secret(text) or not re.fullmatch(_NAME, text):
        return True
    return len(text) >= _LONG and "_" not in text and all(re.search(kind, text) for kind in ("[a-z]", "[A-Z]", "[0-9]"))


def _read_secret(node: Node, reading: Reading, where: str) -> str | None:
    text = node.text if isinstance(node, Scalar) and isinstance(node.value, str) else ""
    if text and not _is_value(text):
        return text
    because = "a file holds the names of secrets; their values stay in the environment of whoever runs it"
    if isinstance(node, Mapping) or (text and not text.startswith("ASSAY_")):
        what, fix = f"`{where}` looks like the value of a secret, or is no name", "write its name, such as API_TOKEN"
        reading.tell(
            node, "secret-value", what, because, fix=f"{fix}; if it is a value, take it back where it was issued"
        )
    elif text:
        reading.tell(node, "bad-variable", f"`{where}`: names that begin with ASSAY_ are Assay's own", fix="rename it")
    else:
        reading.tell_type(node, where, SECRET.says, "write its name, such as API_TOKEN")
    return None


def _read_variable(node: Node, reading: Reading, where: str) -> str | None:
    text = node.text if isinstance(node, Scalar) else ""
    if re.fullmatch(_NAME, text):
        return text
    is_ours = text.startswith("ASSAY_")
    why = "names that begin with ASSAY_ are Assay's own" if is_ours else "no variable can be called so"
    reading.tell(node, "bad-variable", f"`{where}`: {why}", fix="write letters, digits and _, such as DATA_DIR")
    return None


def _read_value(node: Node, reading: Reading, where: str) -> str | None:
    value: Any = node.value if isinstance(node, Scalar) else None
    if not isinstance(node, Scalar) or value is None:
        fix = 'write "" for an empty value' if isinstance(node, Scalar) else ""
        reading.tell_type(node, where, VALUE.says, fix)
        return None
    if looks_like_secret(node.text):
        because = "what stands in a file is read by all who read the file"
        fix = "name it in `secrets:`, set it in the environment, and take this one back where it was issued"
        reading.tell(node, "secret-value", f"`{where}` looks like the value of a secret", because, fix=fix)
        return None
    if "\0" in node.text:
        reading.tell(node, "bad-variable", f"`{where}` holds a NUL character, which no variable can", fix="take it out")
        return None
    return node.text.lower() if isinstance(value, bool) else node.text


SECRET = Kind("the name of a secret such as API_TOKEN", {"type": "string", "pattern": f"^{_NAME}$"}, _read_secret)
_LIST = list_of(SECRET)


def _read_secrets(node: Node, reading: Reading, where: str) -> Any:
    if isinstance(node, Sequence):
        return _LIST.read(node, reading, where)
    because = "what stands here is not repeated: it may be a secret"
    reading.tell(node, "wrong-type", f"`{where}`: expected {_LIST.says}", because, fix="write [API_TOKEN]")
    return None


SECRETS = msgspec.structs.replace(_LIST, read=_read_secrets)
VARIABLE = Kind("the name of a variable such as DATA_DIR", {"type": "string", "pattern": f"^{_NAME}$"}, _read_variable)
VALUE = Kind("text, a number or true or false", {"type": ["string", "number", "boolean"]}, _read_value)
