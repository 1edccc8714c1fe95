"""Print what requirements.lock is resolved from: the package's dependencies, the dev group, and the build backend."""

import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
wanted = [
    *project["project"]["dependencies"],
    *project["dependency-groups"]["dev"],
    *project["build-system"]["requires"],
]
print("\n".join([*wanted, "editables"]))
