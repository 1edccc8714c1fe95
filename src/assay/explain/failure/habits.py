"""Rules on what works at a desk and not in a run: questions, windows, letters, line ends, locks, half a history."""

import re

from assay.core.problem import Problem
from assay.explain import command
from assay.explain.failure.answer import answer, last_said, line_of, says, where
from assay.explain.failure.ending import nearest_file
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import at

_QUESTION = re.compile(
    r"^EOFError: EOF when reading a line|^Abort(ed)?!$|the input device is not a TTY|Inappropriate ioctl for device|cannot prompt|no tty present",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"^KeyError: '([A-Za-z_]\w*)'$")
_DISPLAY = re.compile(
    r"could not connect to display|no display name and no \$DISPLAY|[Cc]ouldn't connect to display|cannot open display|QXcbConnection|Could not load the Qt platform plugin|Cannot load backend '\w+' which requires the '\w+' interactive framework"
)
_LETTERS = re.compile(r"UnicodeEncodeError: '(ascii|latin-1|cp1252|charmap)' codec can't encode characters? ")
_RETURN = re.compile(
    r"(?:env: )?['\u2018]?([\w./-]*)(?:\\r|\r|\^M)['\u2019]?: (?:No such file|bad interpreter|command not found)|\$'([\w./-]*)\\r': command not found|/bin/(?:ba)?sh\^M: bad interpreter",
    re.IGNORECASE,
)
_BOOT = re.compile(r"has finished its bootstrapping phase")
_LOCKED = re.compile(
    r"database is locked|database table is locked|SQLITE_BUSY|Could not set lock on file|Conflicting lock is held"
)
_DVC = re.compile(
    r"Unable to acquire lock|another DVC process (seems to be|is) running|DVC is busy and locked|Error: Directory cannot be locked|LockException",
    re.IGNORECASE,
)
_PARAM = re.compile(
    r"Changing param values is not allowed\. Param with key='([^']+)' was already logged with value='([^']*)'|(Changing param values is not allowed)"
)
_NEW_VALUE = re.compile(r"Attempted logging new value '([^']*)'")
_SHALLOW = re.compile(
    r"unknown revision or path not in the working tree|ambiguous argument '([^']+)'|bad revision '([^']+)'|unknown Git revision '([^']+)'|(shallow update not allowed)|reference is not a tree: (\w+)|no merge base|refusing to merge unrelated histories"
)


def question_without_terminal(evidence: Evidence) -> Problem | None:
    """A program asked something, and nobody can type an answer (i-am-bee/beeai-framework#626)."""
    said = last_said(_QUESTION, evidence)
    if said is None:
        return None
    place = line_of(said, evidence)
    fix = f"give the answer as an argument or a variable in place of input(){f' at {place}' if place else ''}; or as a flag such as --yes"
    return answer(
        evidence,
        "no-terminal",
        "it asks a question, and a step has no terminal",
        (says(said), "a step reads from /dev/null", *where(said, evidence)),
        fix,
    )


def variable_not_set(evidence: Evidence) -> Problem | None:
    """``os.environ[...]`` of a name that is not set: most often from a .env file that only one machine has."""
    said = last_said(_VARIABLE, evidence)
    frames = said.raised.frames if said and said.raised else ()
    if said is None or not frames or not re.search(r"(^|[/<]|frozen )os(\.py)?>?$", frames[-1].file):
        return None
    name, step = said.groups[0], evidence.step
    asked = [path for path in evidence.failed.trace.missing if path.rsplit("/", 1)[-1].startswith(".env")]
    known = (f"it asked for {evidence.path(asked[0])}, which is not here",) if asked else ()
    place = at(evidence.place(f"steps.{step.name}.env", f"steps.{step.name}"))
    if name in step.secrets:
        fix = f"set {name} where the run is started"
    else:
        fix = f"give it to the step: `secrets: [{name}]` or `env:`{place}, and set it where the run is started"
    return answer(
        evidence,
        "variable-not-set",
        f"environment variable not set: {name}",
        (says(said), *known, *where(said, evidence)),
        fix,
    )


def window_without_display(evidence: Evidence) -> Problem | None:
    """A plot wants a window, and there is no screen (google/seq2seq#179)."""
    said = last_said(_DISPLAY, evidence)
    if said is None:
        return None
    fix = "draw into files: MPLBACKEND=Agg, QT_QPA_PLATFORM=offscreen under `env:`, and savefig in place of show"
    return answer(
        evidence, "no-display", "it opens a window, and there is no screen", (says(said), *where(said, evidence)), fix
    )


def letters_not_in_locale(evidence: Evidence) -> Problem | None:
    """It prints or writes letters that the locale does not have, as in bare containers (docker-exec/dexec#26)."""
    said = last_said(_LETTERS, evidence)
    if said is None:
        return None
    fix = 'say that text is UTF-8: `env: {PYTHONUTF8: "1", LANG: C.UTF-8}`, and encoding="utf-8" where a file is opened'
    return answer(
        evidence,
        "letters-not-in-locale",
        f"it writes letters that {said.groups[0]} does not have",
        (says(said), *where(said, evidence)),
        fix,
    )


def windows_line_ends(evidence: Evidence) -> Problem | None:
    """A script with Windows' line ends (pyenv/pyenv-installer#100): the shell says so, or says only that it is not found."""
    said = last_said(_RETURN, evidence)
    scripts = [path for path, state in evidence.around.paths.items() if _is_script_of_windows(state.head)]
    if said is None and not (evidence.failed.exit_code in (126, 127) and scripts):
        return None
    script = scripts[0] if scripts else nearest_file(command.script(evidence.step), evidence)
    words = (says(said), "the \\r at the end is of a Windows line end") if said else ()
    seen = (
        (f"the lines of {scripts[0]} end in \\r\\n, and \\r counts to the name of the interpreter",) if scripts else ()
    )
    because = words or (f"exit code {evidence.failed.exit_code}", *seen)
    fix = f"sed -i 's/\\r$//' {script or 'SCRIPT'}; and keep it so in .gitattributes: *.sh text eol=lf"
    what = f"a script has Windows line ends{f': {script}' if script else ''}"
    return answer(evidence, "windows-line-ends", what, because, fix)


def _is_script_of_windows(head: bytes) -> bool:
    return head.startswith(b"#!") and head.split(b"\n", 1)[0].endswith(b"\r")


def main_guard_missing(evidence: Evidence) -> Problem | None:
    """A script that starts processes when it is imported by one of them (argilla-io/distilabel#685)."""
    if evidence.failed.exit_code == 0 or not _BOOT.search(evidence.log_tail):
        return None
    script = command.script(evidence.step)
    because = (
        "the log says: An attempt has been made to start a new process before the current process has finished its bootstrapping phase",
    )
    return answer(
        evidence,
        "main-guard-missing",
        f"{script} starts processes while it is imported",
        because,
        f"put what starts them in {script} under: if __name__ == '__main__':",
    )


def database_locked(evidence: Evidence) -> Problem | None:
    """Two writers of one SQLite or DuckDB file, or a network disk without locks (treeverse/dvc#9145)."""
    said = last_said(_LOCKED, evidence)
    if said is None:
        return None
    others = [result.step for result in evidence.earlier if _at_once(result.started_s, result.ran_until_s, evidence)]
    known = (f'step "{others[0]}" ran at the same time',) if others else ()
    fix = "let one write at a time (`needs:` between the steps, or assay run --jobs 1), close connections, wait longer (timeout=30); on NFS keep the file on a local disk"
    return answer(
        evidence,
        "database-locked",
        "another process holds the database",
        (says(said), *known, *where(said, evidence)),
        fix,
    )


def project_locked(evidence: Evidence) -> Problem | None:
    """DVC or Snakemake left its lock behind, or runs now (treeverse/dvc#2811)."""
    said = last_said(_DVC, evidence)
    if said is None:
        return None
    lock = next((path for path in (".dvc/tmp/lock", ".dvc/lock", ".snakemake/locks") if evidence.is_there(path)), "")
    known = (f"{lock} is there",) if lock else ()
    fix = "see that no other runs (ps aux | grep -E 'dvc|snakemake'); then dvc: rm .dvc/tmp/lock, snakemake: snakemake --unlock; on NFS: dvc config core.hardlink_lock true"
    return answer(
        evidence,
        "project-locked",
        "another process holds the project's lock, or left it behind",
        (says(said), *known),
        fix,
    )


def parameter_logged_twice(evidence: Evidence) -> Problem | None:
    """MLflow takes each parameter of a run once (mlflow/mlflow#890)."""
    said = last_said(_PARAM, evidence)
    if said is None:
        return None
    key, value, _ = said.groups
    new = _NEW_VALUE.search(evidence.log_tail)
    facts = (f"{key} was {value!r}, and is to be {new[1]!r}",) if key and new else ()
    fix = "begin a run of its own for it (mlflow.start_run(nested=True)), or log what changes as a metric; look for MLFLOW_RUN_ID left from before"
    return answer(
        evidence,
        "parameter-logged-twice",
        f"MLflow has another value of {key or 'a parameter'} already",
        (says(said), *facts, *where(said, evidence)),
        fix,
    )


def shallow_checkout(evidence: Evidence) -> Problem | None:
    """CI fetched the last commit alone, and the step asks for an earlier one (treeverse/dvc#7547)."""
    said = last_said(_SHALLOW, evidence)
    if said is None or not evidence.around.is_shallow:
        return None
    place = at(evidence.place_of_step(evidence.step))
    because = (
        says(said),
        "the checkout holds only the last commits: .git/shallow is there",
        f"its command is: {command.shown(evidence.step)}{place}",
    )
    return answer(
        evidence,
        "checkout-shallow",
        "a commit that the checkout does not have",
        because,
        "fetch the whole history: git fetch --unshallow; in GitHub Actions, actions/checkout with fetch-depth: 0",
    )


def _at_once(started_s: float, ended_s: float, evidence: Evidence) -> bool:
    failed = evidence.failed
    return ended_s > failed.started_s and started_s < failed.ran_until_s
