"""What bench/drift.py draws its trials from: days of real rows, counted once, and the rules that are held against each other."""
