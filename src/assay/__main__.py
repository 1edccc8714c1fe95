"""The way in: ``assay`` and ``python -m assay``. ``--version`` answers before anything else is imported."""

import sys

from assay import __version__


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"assay {__version__}")
        return
    from assay.cli import run_command_line

    sys.exit(run_command_line())


if __name__ == "__main__":
    main()
