"""YAML as 1.2 reads numbers: PyYAML takes ``1e-3`` for a text. Imported only where there is a YAML metrics file."""

import re
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from yaml import SafeLoader as _Loader
else:
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NumbersLoader(_Loader):
    """Plain values only, with every number read as one."""


NumbersLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+\Z"), list("-+0123456789")
)
