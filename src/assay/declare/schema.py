"""The JSON Schema of assay.yaml, for editors. It knows shapes; what does not fit together only the reader finds."""

from typing import Any

from assay.declare.table import FILE, PYTHON_FILE


def json_schema() -> dict[str, Any]:
    """The schema, draft 7, of the table of keys. A key that is known but not built accepts no value."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "assay.yaml",
        "description": "The loop of a machine-learning project, as Assay runs it.",
        "if": {"required": ["python"]},
        "then": PYTHON_FILE.schema,
        "else": FILE.schema,
    }
