"""``assay demo``: the whole loop on real flights, in a project that a user would have."""

from assay.flows.demo.report import DemoRelease, DemoReport, Month, Refusal
from assay.flows.demo.story import demo, prepare_folder

__all__ = ["DemoRelease", "DemoReport", "Month", "Refusal", "demo", "prepare_folder"]
