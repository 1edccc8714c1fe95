"""What other parts of the file want of `model:`."""

from assay.declare.reading import Reading


def tell_model(reading: Reading, where: str, because: str) -> bool:
    """Tell that ``where`` wants a model, unless there is one. Whether there is."""
    if not reading.has("model"):
        fix = "write `model:` with `path:` and `label:`"
        reading.tell(
            reading.places[where], "no-model", f"`{where}` wants a model, and the file has no `model`", because, fix=fix
        )
    return reading.has("model")


def tell_model_key(reading: Reading, where: str, key: str, because: str) -> None:
    """Tell that ``where`` wants a key of the model, unless it is there or the model is missing altogether."""
    is_misspelt = "model" not in reading.places
    if tell_model(reading, where, because) and not is_misspelt and not reading.has(f"model.{key}"):
        what = f"`{where}` wants `model.{key}`, and the file has none"
        reading.tell(reading.places[where], f"no-{key}", what, because, fix=f"write `{key}: COLUMN` below `model:`")
