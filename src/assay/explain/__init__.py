"""Words for what happened: ``failure`` finds the cause of a failed run, ``lint`` the slips in a pipeline before it runs, ``verdict`` tells
what a gate found, ``codes`` has the page behind an error code.

Each has a door of its own: the patterns of ``failure`` alone take as long as a whole run in which nothing fails.
"""
