"""Rules on what a program stands on: system libraries, the processor, the GPU, and packages that were built for one another."""

import re
import signal

from assay.core.problem import Problem
from assay.explain import command
from assay.explain.failure.answer import answer, last_said, line_of, says, where
from assay.explain.failure.changes import Change
from assay.explain.failure.ending import signal_of
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import listed
from assay.explain.failure.python import DISTRIBUTIONS

_LIBRARY = re.compile(
    r"\b(lib[\w.+-]+\.so[\w.]*|[\w.+-]+\.so(?:\.\d+)*): cannot open shared object file|Library not loaded: (\S+)|Could not load (?:dynamic )?library '([^']+)'"
)
_GLIBC = re.compile(r"(GLIBC(?:XX)?_[\d.]+)' not found(?: \(required by ([^)]+)\))?")
_FORMAT = re.compile(
    r"^(?:exec )?(?:[\w./-]*sh: )?(?:line \d+: )?([^\s:]+): (?:cannot execute binary file: )?Exec format error|Exec format error: '([^']+)'|^exec ([^\s:]+): exec format error",
    re.IGNORECASE,
)
_ABI = re.compile(
    r"(numpy\.\w+) size changed, may indicate binary incompatibility|A module that was compiled using NumPy 1\.x|numpy\.core\.multiarray failed to import|compiled against (?:ABI|API) version"
)
_NO_GPU = re.compile(
    r"Attempting to deserialize object on a CUDA device|Found no NVIDIA driver|Torch not compiled with CUDA enabled|No CUDA GPUs are available|CUDA driver version is insufficient|no kernel image is available for execution|CUDA_ERROR_NO_DEVICE|no CUDA-capable device"
)
_GONE = re.compile(
    r"(?:module|type object) '([\w.]+)' has no attribute '(\w+)'|'(DataFrame|Series|Index)' object has no attribute '(append|iteritems|ix|get_value|lookup|mad)'|cannot import name '(\w+)' from '([\w.]+)'"
)
_UNEXPECTED = re.compile(r"\b(\w+(?:\.\w+)*)\(\) got an unexpected keyword argument '(\w+)'")
_MANAGED = re.compile(r"^error: externally-managed-environment", re.MULTILINE)
_SITE = re.compile(r"/(?:site|dist)-packages/([A-Za-z_]\w*)")

SYSTEM_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libsndfile.so.1": "libsndfile1",
    "libSM.so.6": "libsm6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libpq.so.5": "libpq5",
    "libodbc.so.2": "unixodbc",
    "libmagic.so.1": "libmagic1",
}
"""Libraries that wheels expect of the system, and the Debian package that has each."""


def library_missing(evidence: Evidence) -> Problem | None:
    """A compiled module needs a library of the system, or of CUDA, that is not there."""
    said = last_said(_LIBRARY, evidence)
    if said is None:
        return None
    name = next(group for group in said.groups if group).rsplit("/", 1)[-1]
    needs = [
        f"{path} needs {listed(list(lacks))}, which the loader does not find"
        for path, lacks in evidence.around.lacking.items()
        if lacks
    ]
    package = SYSTEM_PACKAGES.get(name)
    if re.match(r"lib(cuda|cudnn|cublas|cufft|nccl|nvrtc|cudart|cusparse)", name):
        fix = "use an image with that version of CUDA, or the package's build for the processor alone"
    elif package:
        fix = f"apt-get install {package} in the image that the step runs in"
        fix += (
            "; or opencv-python-headless in place of opencv-python"
            if name in {"libGL.so.1", "libgthread-2.0.so.0"}
            else ""
        )
    else:
        fix = f"install the system package that has {name} (apt-file search {name})"
    return answer(
        evidence,
        "library-missing",
        f"system library not found: {name}",
        (says(said), *needs[:3], *where(said, evidence)),
        fix,
    )


def system_too_old(evidence: Evidence) -> Problem | None:
    """A binary was built on a newer system than this one (cloudtty/cloudtty#302)."""
    said = last_said(_GLIBC, evidence)
    if said is None:
        return None
    name, needs = said.groups
    what = f"built for a newer system: {needs or 'a program'} needs {name}"
    fix = "build it in the image that it runs in, or run it in a newer one; `ldd --version` tells what this one has"
    return answer(evidence, "system-too-old", what, (says(said),), fix)


def wrong_architecture(evidence: Evidence) -> Problem | None:
    """A program for another processor, or a script without its first line (clue/docker-h5ai#9)."""
    said = last_said(_FORMAT, evidence)
    if said is None:
        return None
    name = evidence.path(next((group for group in said.groups if group), command.program(evidence.step)))
    state = evidence.around.paths.get(name)
    if state is not None and state.head and not state.head.startswith((b"\x7fELF", b"\xcf\xfa\xed\xfe", b"MZ")):
        because = (says(said), f"{name} is a text that does not begin with #!")
        return answer(
            evidence,
            "wrong-architecture",
            f"not a program: {name}",
            because,
            f"let {name} begin with a line such as #!/bin/bash, or name its interpreter in the command",
        )
    machine = evidence.since.now.machine if evidence.since else None
    known = (f"this machine is {machine.system.rsplit(' ', 1)[-1]}",) if machine else ()
    fix = "build it, or pull the image, for this processor: docker build --platform linux/amd64 (or linux/arm64)"
    return answer(evidence, "wrong-architecture", f"built for another processor: {name}", (says(said), *known), fix)


def illegal_instruction(evidence: Evidence) -> Problem | None:
    """A wheel uses instructions, most often AVX, that this processor does not have (tensorflow/tensorflow#17411)."""
    if signal_of(evidence.failed.exit_code) != signal.SIGILL:
        return None
    because = (
        f"exit code {evidence.failed.exit_code}: signal 4 (SIGILL), an instruction that this processor does not know",
    )
    moved = [change.text for change in (evidence.since.of_kind("machine") if evidence.since else ())]
    fix = "use a build of the compiled libraries for older processors, or a machine with a newer one (grep -m1 flags /proc/cpuinfo)"
    return answer(evidence, "illegal-instruction", "built for a newer processor", (*because, *moved[:1]), fix)


def binary_mismatch(evidence: Evidence) -> Problem | None:
    """A compiled package was built against another numpy than the one that is installed (numpy/numpy#11628)."""
    said = last_said(_ABI, evidence)
    if said is None:
        return None
    numpy = evidence.around.packages.get("numpy")
    built = _compiled(said, evidence)
    known = (f"numpy {numpy} is installed",) if numpy else ()
    changed = tuple(change.text for change in _changed(evidence, "numpy"))
    what = f"{built or 'a compiled package'} was built for another numpy"
    fix = (
        f"install {built or 'it'} anew for this numpy: pip install --force-reinstall --no-cache-dir {built}; or pin both"
        if built
        else "install the package anew beside this numpy, or pin both in the lock"
    )
    return answer(
        evidence,
        "binary-mismatch",
        what,
        (says(said), *known, *(f"since the last green run: {text}" for text in changed), *where(said, evidence)),
        fix,
    )


def gpu_missing(evidence: Evidence) -> Problem | None:
    """The code, or a checkpoint, asks for a GPU where none can be used (hkchengrex/Cutie#37)."""
    said = last_said(_NO_GPU, evidence)
    if said is None:
        return None
    place = line_of(said, evidence)
    if "deserialize" in said.line:
        fix = f"load it for the processor: torch.load(..., map_location='cpu'){f' at {place}' if place else ''}; or run the step where a GPU is: `resources: {{gpus: 1}}`"
        return answer(
            evidence,
            "gpu-missing",
            "a checkpoint from a GPU is loaded where there is none",
            (says(said), *where(said, evidence)),
            fix,
        )
    fix = "run the step where a GPU is: `resources: {gpus: 1}`; in a container, docker run --gpus all; or choose the device by torch.cuda.is_available()"
    if "kernel image" in said.line or "insufficient" in said.line:
        fix = "install the build of the library that fits this GPU and its driver (nvidia-smi tells both)"
    return answer(evidence, "gpu-missing", "no GPU can be used", (says(said), *where(said, evidence)), fix)


def package_changed(evidence: Evidence) -> Problem | None:
    """Green before, red now, and the packages on which the failure rests are all that has changed.

    Only where code, data, parameters and commands are as they were, and the exception names a changed package or passes
    through it.
    """
    since = evidence.since
    if since is None or since.of_kind("code", "data", "parameter", "command"):
        return None
    said = last_said(re.compile(r".+"), evidence)
    if said is None or said.raised is None:
        return None
    touched = {_distribution(match[1]) for frame in said.raised.frames if (match := _SITE.search(frame.file))}
    guilty = [
        change
        for change in since.of_kind("package")
        if change.name in touched or re.search(rf"\b{re.escape(change.name)}\b", said.line)
    ]
    if not guilty:
        return None
    names = [change.text for change in guilty]
    pinned = [change.name for change in guilty if change.name in evidence.around.declared_packages]
    same = "on the same commit" if since.same_commit else "with the same code, data and parameters"
    lock = (
        f"{listed(pinned)} is named in the project's requirements, in more than one version that would do"
        if pinned
        else "nothing in the project says which version it needs"
    )
    because = (f"run {since.run} was green {same}", *names, says(said), lock)
    old = next((change.text.rsplit(" -> ", 1)[0] for change in guilty), "")
    fix = f"pin it: {'=='.join(old.split(' ', 1))} in the lock or the requirements; then move on purpose"
    return answer(evidence, "package-changed", f"a package has changed: {names[0]}", because, fix)


def api_removed(evidence: Evidence) -> Problem | None:
    """The code asks an installed package for a name that its version does not have (facebookresearch/detectron2#4975)."""
    said = last_said(_GONE, evidence)
    if said is None or said.raised is None:
        return None
    owner, name = _asked(said.groups)
    package = _distribution(owner.split(".")[0])
    version = evidence.around.packages.get(package)
    if version is None or _is_own(owner, evidence):
        return None
    changed = tuple(change.text for change in _changed(evidence, package))
    because = (
        says(said),
        f"{package} {version} is installed",
        *(f"since the last green run: {text}" for text in changed),
        *where(said, evidence),
    )
    older = changed[0].rsplit(" -> ", 1)[0].replace(" ", "==", 1) if changed else f"an older {package}"
    place = line_of(said, evidence)
    fix = f"write it as {package} {version} has it{f', at {place}' if place else ''}; or install {older}"
    return answer(evidence, "name-not-in-package", f"{package} {version} has no {name}", because, fix)


def system_python(evidence: Evidence) -> Problem | None:
    """pip will not install into the system's own Python (pypa/pip#12809)."""
    if evidence.failed.exit_code == 0 or not _MANAGED.search(
        evidence.log_tail
    ):  # pip explains itself at length after it
        return None
    fix = "make an environment and use its Python: python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"
    return answer(
        evidence,
        "system-python",
        "pip may not install into the system's Python",
        ("the log says: error: externally-managed-environment",),
        fix,
    )


def _asked(groups: tuple[str, ...]) -> tuple[str, str]:
    """(module, name)"""
    module, attribute, kind, method, imported, source = groups
    if module:
        return module, f"{module}.{attribute}"
    if kind:
        return "pandas", f"{kind}.{method}"
    return source, f"{source}.{imported}"


def _is_own(module: str, evidence: Evidence) -> bool:
    top = module.split(".", maxsplit=1)[0]
    return any(path in {f"{top}.py", f"{top}/__init__.py"} or path.endswith(f"/{top}.py") for path in evidence.files)


def _compiled(said: object, evidence: Evidence) -> str:
    """The package outside numpy whose code was loaded last."""
    raised = getattr(said, "raised", None)
    frames = raised.frames if raised else ()
    names = [_distribution(match[1]) for frame in frames if (match := _SITE.search(frame.file))]
    return next((name for name in reversed(names) if name != "numpy"), "")


def _changed(evidence: Evidence, package: str) -> tuple[Change, ...]:
    return tuple(
        change for change in (evidence.since.of_kind("package") if evidence.since else ()) if change.name == package
    )


def _distribution(module: str) -> str:
    return DISTRIBUTIONS.get(module, module).lower().replace("_", "-")
