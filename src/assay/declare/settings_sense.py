"""Mistakes beyond shape in what steps are given: parameters, variables, secrets, retries, and who is told."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from assay.core.near import near_miss
from assay.core.reference import ReferenceMistake, find_below, is_recordable, path_of
from assay.declare.kinds import Named
from assay.declare.param_keys import ParamUse
from assay.declare.reading import Reading, inside, title


def tell_settings(values: dict[str, Any], steps: tuple[Named, ...], reading: Reading) -> None:
    """Tell what does not fit together in `env`, `secrets`, `retries` and `notify`."""
    for step in steps:
        _tell_secrets_in_env(step.where, _names(step, "secrets"), step.values.get("env", ()), reading)
        _tell_retries(step, reading)
    _tell_common_env(values, steps, reading)
    _tell_unknown_secrets(values, steps, reading)
    for at in range(len(values.get("notify", ()))):
        _tell_notify(f"notify[{at}]", reading)


def _names(step: Named, key: str) -> list[str]:
    return [name for name in step.values.get(key, ()) if name is not None]


def _tell_secrets_in_env(where: str, secrets: list[str], env: tuple[tuple[str, str], ...], reading: Reading) -> None:
    for name, _ in env:
        if name in secrets:
            what = f"{title(where)}: {name} stands in `env` and in `secrets`"
            because = "what stands in the file is no secret, and would be given in place of it"
            place = reading.places[inside(inside(where, "env"), name)]
            reading.tell(place, "secret-in-env", what, because, fix="remove it from `env`")


def _tell_common_env(values: dict[str, Any], steps: tuple[Named, ...], reading: Reading) -> None:
    if "env" in values:
        secrets = {name for step in steps for name in _names(step, "secrets")}
        secrets |= {name for name in values.get("secrets", ()) if name is not None}
        _tell_secrets_in_env("", sorted(secrets), values["env"], reading)


def _tell_retries(step: Named, reading: Reading) -> None:
    retries = step.values.get("retries")
    if retries is not None and "timeout" in retries.on and not reading.has(inside(step.where, "timeout")):
        where = inside(step.where, "retries.on")
        what = f"`{where}` waits for timeouts, and the step has no `timeout`"
        fix = "write `timeout: 2h`, or take `timeout` away here"
        reading.tell(reading.places[where], "no-timeout", what, fix=fix)


def _tell_unknown_secrets(values: dict[str, Any], steps: tuple[Named, ...], reading: Reading) -> None:
    if "secrets" not in values or None in values["secrets"]:
        return
    for where, name in _named_secrets(values, steps):
        if name not in values["secrets"]:
            near = near_miss(name, values["secrets"])
            hint = f"; did you mean {near}?" if near else ""
            what = f"`{where}`: {name} is not among the `secrets` of the file{hint}"
            fix = f"write {near}" if near else f"add {name} to `secrets:` of the file"
            reading.tell(reading.places[where], "unknown-secret", what, fix=fix)


def _named_secrets(values: dict[str, Any], steps: tuple[Named, ...]) -> Iterator[tuple[str, str]]:
    for step in steps:
        for at, name in enumerate(step.values.get("secrets", ())):
            if name is not None:
                yield f"{inside(step.where, 'secrets')}[{at}]", name
    for at, each in enumerate(values.get("notify", ())):
        if each and "secret" in each:
            yield f"notify[{at}].secret", each["secret"]


def _tell_notify(where: str, reading: Reading) -> None:
    has = [key for key in ("run", "url") if reading.has(inside(where, key))]
    if not has:
        reading.tell(
            reading.places[where],
            "missing-key",
            f"`{where}` tells nobody",
            fix="write `run: COMMAND` or `url: ADDRESS`",
        )
    elif len(has) == 2:
        place = reading.places.get(inside(where, "url"), reading.places[where])
        what = f"`{where}` has both `run` and `url`"
        reading.tell(place, "misplaced-key", what, fix="write two items, one with each")


def tell_params(steps: tuple[Named, ...], reading: Reading) -> dict[str, Any]:
    """Tell keys that no file of parameters has; the values of the others, as ``params.yaml:train.rate``.

    A file that a step writes is not known yet, whatever stands there now.
    """
    found: dict[str, Any] = {}
    if not reading.files.are_known:
        return found
    made: set[PurePosixPath] | None = None
    for step in steps:
        for use in (use for item in step.values.get("params", ()) if item is not None for use in item):
            made = _made(steps) if made is None else made
            if not made.isdisjoint({PurePosixPath(use.path), *PurePosixPath(use.path).parents}):
                continue
            name = use.path if use.key is None else f"{use.path}:{use.key}"
            if name not in found:
                _select(use, name, found, reading)
    return found


def _made(steps: tuple[Named, ...]) -> set[PurePosixPath]:
    paths = (path for step in steps for key in ("outputs", "metrics") for path in step.values.get(key, ()))
    return {PurePosixPath(path) for path in paths if path is not None}


def _select(use: ParamUse, name: str, found: dict[str, Any], reading: Reading) -> None:
    values, place = reading.files.values(use.path), reading.places[use.where]
    if values is None:
        if not reading.files.is_there(use.path):
            fix = f"write {use.path}, or name the file by `params:` at the top"
            reading.tell(place, "no-params", f"`{use.where}`: there is no {use.path}", fix=fix)
        return
    try:
        value = find_below(values, path_of(use.key) if use.key else (), "")
    except ReferenceMistake as mistake:
        hint = f"; did you mean {mistake.near}?" if mistake.near else ""
        what = f"`{use.where}`: {mistake.what.replace('the file', use.path)}{hint}"
        because = (mistake.because,) if mistake.because else ()
        reading.tell(
            place, "unknown-param", what, *because, fix=f"write {mistake.near}" if mistake.near else "remove it"
        )
        return
    if is_recordable(value):
        found[name] = value
    else:
        what = f"`{use.where}`: {name} holds NaN, an infinity, or a whole number of more than 64 bits"
        reading.tell(place, "unknown-param", what, "a key is made of its value", fix="write it as text")
