"""The steps that are no commands: what a check, a gate, a release and a deployment do within a run."""
