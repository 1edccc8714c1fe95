"""Deploys models/model.pkl."""

import pickle
from pathlib import Path

with Path("models/model.pkl").open("rb") as file:
    model = pickle.load(file)
print(f"deployed a model with slope {model['slope']}")
