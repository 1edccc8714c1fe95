"""The machine that a run ran on. Recorded beside what decides about results, for a person who asks what was different."""

import msgspec


class Machine(msgspec.Struct, frozen=True):
    """As the operating system tells it."""

    host: str
    cpus: int
    """That the process may use."""
    memory_bytes: int
    """0: not known."""
    system: str
    """``Linux 6.8.0-45-generic x86_64``."""
