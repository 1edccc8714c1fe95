"""``$SHELL`` as a step's shell is the caller's own, reading none of its settings."""

import pytest

from assay.execute import shell_words


@pytest.mark.parametrize(
    "shell, words",
    [
        ("/bin/bash", ("/bin/bash", "--noprofile", "--norc", "-c")),
        ("/usr/bin/zsh", ("/usr/bin/zsh", "--no-rcs", "-c")),
        ("/bin/sh", ("/bin/sh", "-c")),
        ("/usr/bin/fish", ("/bin/sh", "-c")),
        ("", ("/bin/sh", "-c")),
        (None, ("/bin/sh", "-c")),
    ],
)
def test_the_callers_shell(shell, words):
    assert shell_words(("$SHELL",), {} if shell is None else {"SHELL": shell}) == words


def test_a_shell_that_is_named_stays_as_it_is():
    assert shell_words(("bash", "-c"), {"SHELL": "/bin/zsh"}) == ("bash", "-c")
    assert shell_words((), {"SHELL": "/bin/zsh"}) == ()
