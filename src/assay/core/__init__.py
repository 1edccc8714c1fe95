"""The nouns and rules of the loop.

Everything here is a value or a pure function of values: no file, network, process, database or clock.
Rooms and adapters know only this package; it knows none of them.
"""
