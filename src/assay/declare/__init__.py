"""assay.yaml to a Pipeline, or every mistake in it with its place; and what editors and docs know of the file.

Importing this room loads the YAML parser: callers that find the compiled file in the cache need not come here.
"""

from assay.declare.params import parse_params
from assay.declare.python_file import RECORDER
from assay.declare.reader import read_declaration, read_pipeline
from assay.declare.reference import reference_markdown
from assay.declare.schema import json_schema

__all__ = ["RECORDER", "json_schema", "parse_params", "read_declaration", "read_pipeline", "reference_markdown"]
