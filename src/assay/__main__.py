"""The way in: ``assay`` and ``python -m assay``. What is asked all the time answers before anything heavy is imported."""

import os
import sys

from assay import __version__


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
    from assay.cli.frame import run_command_line

    sys.exit(run_command_line())


if __name__ == "__main__":
    main()
