"""The command line: parse, call a flow, render. ``frame.py`` is the outermost frame; importing this loads nothing."""
