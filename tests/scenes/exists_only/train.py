"""Trains, and saves the model under a name with one letter too many."""

import pickle
from pathlib import Path

Path("models").mkdir(exist_ok=True)
with Path("models/modell.pkl").open("wb") as file:
    pickle.dump({"slope": 0.13, "intercept": 18.0}, file)
print("Training accuracy: 0.92")
