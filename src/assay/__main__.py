"""The way in: ``assay`` and ``python -m assay``. What is asked all the time answers before anything heavy is imported."""

import gc
import os
import sys

from assay import __version__

COLLECT_EVERY = 50_000
"""New objects between two looks for cycles. Python's own 700 makes many looks at what a command imports and reads, which stays: a
twelfth of a run in which nothing is to be done."""


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"assay {__version__}")
        return
    if sys.argv[1:] == ["status", "--json"]:
        from assay.cli.quick import kept_status

        answer = kept_status(os.getcwd())  # noqa: PTH109 - pathlib is not needed to start up
        if answer is not None:
            print(answer)
            return
    gc.set_threshold(COLLECT_EVERY)
    from assay.cli.frame import run_command_line

    sys.exit(run_command_line())


if __name__ == "__main__":
    main()
