"""Adapters that load models and predict with them."""
