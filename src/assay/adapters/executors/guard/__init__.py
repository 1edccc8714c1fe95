"""The program that starts a run's commands and lets none of them outlive a killed engine.

It is started by ``..link`` in a Python without site-packages and imports no more than it needs: a run waits for it. It knows
nothing of Assay; what the engine tells it and hears from it is listed in ``keeper``.
"""
