"""From what the reader of a small language expected to what a person should write."""


def what_to_write(expected: str, found: str) -> str:
    """The fix for a line that does not read: ``a metric; did you mean mae?`` -> ``write mae``. ``found`` is the rest of the line."""
    near = expected.partition("; did you mean ")[2]
    if near:
        return f"write {near.removesuffix('?')}"
    if expected.startswith("the end"):
        return f'take out "{found}"'
    return f"write {expected.partition(': ')[0]}"
