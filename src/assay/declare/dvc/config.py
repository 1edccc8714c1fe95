"""What .dvc/config and .dvc/config.local say that concerns a run: how flags are spelt, and where the cache is."""

from configparser import ConfigParser, Error
from posixpath import join, normpath

import msgspec

from assay.declare.dvc.interpolation import Flags
from assay.declare.dvc.sources import Read

FILES = (".dvc/config", ".dvc/config.local")


class Config(msgspec.Struct, frozen=True):
    """Settings; the defaults are DVC's."""

    booleans: str = "store_true"
    lists: str = "nargs"
    cache: str = ".dvc/cache"
    """The folder of the cache: relative to the project, or absolute."""

    @property
    def flags(self) -> Flags:
        """How a mapping in a command is spelt."""
        return Flags(self.booleans, self.lists)


def read_config(read: Read) -> Config:
    """The settings of a project. What does not read counts as not there: DVC itself tells of it."""
    found: dict[str, str] = {}
    for path in FILES:
        found |= _settings((read(path) or b"").decode("utf-8", "replace"))
    return Config(**found)


def _settings(text: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except Error:
        return {}
    told = {
        "booleans": parser.get("parsing", "bool", fallback=None),
        "lists": parser.get("parsing", "list", fallback=None),
        "cache": parser.get("cache", "dir", fallback=None),
    }
    found = {name: value.strip("\"'") for name, value in told.items() if value}
    if "cache" in found:
        found["cache"] = normpath(join(".dvc", found["cache"]))
    return found
