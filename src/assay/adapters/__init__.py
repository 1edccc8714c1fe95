"""Where Assay touches the world. Nothing imports these: they are entered by name, through ``plugins.py``."""
