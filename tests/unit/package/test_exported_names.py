"""The public names are those of ``__all__``, and no others."""

import assay


def test_all_lists_exactly_the_public_names():
    public = {name for name in vars(assay) if not name.startswith("_") and name not in SUBMODULES}
    assert public == set(assay.__all__) - {"__version__"}


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
