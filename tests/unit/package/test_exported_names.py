"""The public names are those of ``__all__``, and no others."""

import pytest

import assay


def test_all_lists_exactly_the_public_names():
    public = {name for name in dir(assay) if not name.startswith("_") and name not in SUBMODULES}
    assert public == set(assay.__all__) - {"__version__"}


def test_every_public_name_is_there():
    assert all(getattr(assay, name) is not None for name in assay.__all__)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'verdict'"):
        getattr(assay, "verdict")  # noqa: B009


SUBMODULES = {
    *(
        "adapters",
        "check",
        "cli",
        "core",
        "declare",
        "execute",
        "explain",
        "flows",
        "judge",
        "plugins",
        "release",
        "serve",
    ),
    *("testing", "watch", "web", "workspace"),
}
