"""Couriers: how notices leave the machine."""
