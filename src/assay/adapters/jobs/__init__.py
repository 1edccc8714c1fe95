"""Schedulers of many machines, each as a few calls: ``Jobs``."""
