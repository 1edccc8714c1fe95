"""`params:` of a step: which keys of which files of parameters it reads."""

import msgspec

from assay.declare.filled import filled
from assay.declare.kinds import Kind, list_of
from assay.declare.nodes import Mapping, Node, Scalar
from assay.declare.reading import Reading, inside
from assay.declare.values import ANY_PATH, PARAM_KEY


class ParamUse(msgspec.Struct, frozen=True):
    """One key of one file; all of the file where there is no key."""

    path: str
    key: str | None
    where: str


_ONE_KEY = filled(PARAM_KEY)
_KEYS = list_of(_ONE_KEY, least=1)


def _read_item(node: Node, reading: Reading, where: str) -> tuple[ParamUse, ...] | None:
    if isinstance(node, Mapping) and node.pairs:
        return tuple(use for use in _read_files(node, reading, where))
    key = _ONE_KEY.read(node, reading, where)
    return None if key is None else (ParamUse(reading.scope.params_path, key, where),)


def _read_files(node: Mapping, reading: Reading, where: str) -> list[ParamUse]:
    found = []
    for name, key_node, value in reading.entries(node, where):
        here = inside(where, name)
        reading.mark(here, key_node)
        path = ANY_PATH.read(msgspec.structs.replace(key_node, value=name), reading, here)
        if path is None:
            continue
        if isinstance(value, Scalar) and value.value is None:
            found.append(ParamUse(path, None, here))
        else:
            keys = _KEYS.read(value, reading, here) or ()
            found += [ParamUse(path, key, f"{here}[{at}]") for at, key in enumerate(keys) if key is not None]
    return found


_FILE_SCHEMA = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": ANY_PATH.schema,
    "additionalProperties": {"anyOf": [{"type": "null"}, _KEYS.schema]},
}

PARAMS = list_of(
    Kind(
        f"{PARAM_KEY.says}, or a file with keys such as params.json: [train]",
        {"anyOf": [_ONE_KEY.schema, _FILE_SCHEMA]},
        _read_item,
    )
)
