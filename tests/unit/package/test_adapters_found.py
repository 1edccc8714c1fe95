"""Adapters are found by name, and imported whole."""

import signal
import sys

import pytest

from assay.plugins import BUILT_IN, adapter


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_ctrl_c_is_heeded_when_the_import_is_over(tmp_path, monkeypatch, number):
    def interrupt(*words):
        raise KeyboardInterrupt

    (tmp_path / f"own_{int(number)}.py").write_text(
        f"import signal\nsignal.raise_signal({int(number)})\nclass Clock:\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(BUILT_IN["clocks"], "own", f"own_{int(number)}:Clock")
    before = signal.signal(number, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            adapter("clocks", "own")
        assert f"own_{int(number)}" in sys.modules
        assert adapter("clocks", "own").__name__ == "Clock"
        assert signal.getsignal(number) is interrupt
    finally:
        signal.signal(number, before)
