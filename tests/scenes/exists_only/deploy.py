"""Deploys models/model.pkl; only asks whether it is there, and does not say what it asked for."""

import os.path
import sys

MODEL = os.path.join("models", "model.pkl")  # noqa: PTH118 - as many a script has it

if not os.path.exists(MODEL):  # noqa: PTH110 - the same
    print("Model file not found")
    sys.exit(1)
print("deployed")
