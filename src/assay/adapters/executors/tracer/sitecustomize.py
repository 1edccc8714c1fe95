"""Note which files a Python process touches.

Python imports this file by itself at start, because the executor puts its folder first on PYTHONPATH. The folder must hold
nothing else: a module beside it would hide one of the user's. It runs in the user's program, under any Python from 3.8 on:
nothing here may break, slow or change that program, so every failure is swallowed, and without ASSAY_TRACE it does nothing.

One line a first touch is appended to the file that ASSAY_TRACE names, ``mode TAB path LF``; paths are absolute, with
backslash, tab and newline escaped as ``\\\\``, ``\\t`` and ``\\n``:

    p    a process reports for the first time: pid TAB script
    r    opened for reading, and there
    w    opened for writing, or the target of a rename or link, in a folder that is there
    x    removed, or renamed to something else; a folder, which takes along all below it, ends with a slash
    c    a folder was made
    d    a folder was listed
    m    opened for reading, asked for (stat, exists, access) or listed, and not there; of a module that nothing finds, or that is found
         in a later folder of sys.path, the files of the project that it would have been
    o    no more lines of the mode that follows will come from this process

The executor adds lines of its own when the step has ended, and writes all of these where strace traces:

    n    a watched file that something opened while this step ran alone, whatever it is written in
    u    what was opened of the watched files could not be told: ``shared``, others were at work too, or ``unavailable`` here

The interpreter, installed packages, /proc, /dev, /sys and what lies on PATH are left out. Outside ASSAY_ROOT reads and
lists are not noted, and below the temporary folder only what is missing, and what comes to be where something was missing. A module read from its cache counts as its source.

Not seen here: what C and Rust extensions open by themselves, other languages, and relative paths that are missing from a folder
given as ``dir_fd``. A program's traceback shows one more frame where ``os.stat`` finds nothing.
"""

# pathlib would be imported into every program; a failure here is nobody's business.
# ruff: noqa: PTH100, PTH109, PTH117, PTH118, PTH119, PTH120, S110

import os
import sys

LINES_A_MODE = 50_000
"""A process that reads a million files is known well enough by the first of them; its writes must still be seen."""

KINDS = 0o170000
FOLDER = 0o040000
FILE = 0o100000


class _Notes:
    """What this process has noted so far, and the file that takes it. A forked child carries on with a copy."""

    def __init__(self, trace, root):
        self.trace = os.path.abspath(trace)
        self.root = _as_folder(root)
        self.real_root = _as_folder(os.path.realpath(root))
        libraries = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.__file__)}
        libraries = {_as_folder(folder) for folder in libraries}
        programs = {_as_folder(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder}
        # An environment inside the project is left out; a project inside /usr is not.
        self.skipped_inside = tuple(folder for folder in libraries if folder != self.root and self.is_inside(folder))
        self.skipped_outside = (*libraries, *programs, "/proc/", "/dev/", "/sys/")
        # Most of what a program opens while it imports; the longer way through ``located`` leaves it out too.
        self.passed_over = self.skipped_inside + tuple(
            folder
            for folder in self.skipped_outside
            if not folder.startswith(self.root) and not self.root.startswith(folder)
        )
        temporary = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
        self.temporary = tuple(_as_folder(folder) for folder in [*temporary, "/tmp", "/var/tmp"] if folder)  # noqa: S108
        self.stat = os.stat
        self.noted = set()
        self.left = dict.fromkeys("rwxcdm", LINES_A_MODE)
        self.seen = set()
        self.flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        self.forget_seen()

    def forget_seen(self):
        """``seen`` holds arguments of calls that were looked at already. It spares work, is no record, and may be emptied."""
        self.seen.clear()
        self.seen.add((self.trace, None, self.flags))

    def remember_seen(self, key):
        if len(self.seen) > 4 * LINES_A_MODE:
            self.forget_seen()
        self.seen.add(key)

    def is_inside(self, path):
        return path.startswith(self.root)

    def located(self, path):
        """The absolute path, or None where it is not to be noted in any mode."""
        full = os.path.abspath(os.fsdecode(path))
        if full.startswith(self.real_root):  # getcwd() has no symbolic links, the project's path may have
            full = self.root + full[len(self.real_root) :]
        if full.startswith(self.skipped_inside if self.is_inside(full) else self.skipped_outside):
            return None
        name = os.path.basename(full)
        if "-packages/" in full and ("/site-packages/" in full or "/dist-packages/" in full):
            return None
        if "__pycache__" in full or name.endswith(".pyc") or (name[:1] == "<" and name[-1:] == ">"):
            return None
        return None if full.startswith(self.trace) else full

    def note(self, mode, full):
        key = mode + full
        if key in self.noted or not self.left[mode]:
            return
        self.noted.add(key)
        self.left[mode] -= 1
        self.write(mode, full)
        if not self.left[mode]:
            self.write("o", mode)

    def write(self, *fields):
        line = "\t".join([_escaped(field) for field in fields]) + "\n"
        # Opened anew each time: a kept descriptor might be closed by a program that becomes a daemon, and its number given
        # to a file of the user's.
        fd = os.open(self.trace, self.flags, 0o666)
        try:
            os.write(fd, line.encode("utf-8", "surrogateescape"))
        finally:
            os.close(fd)

    def opened(self, path, mode, flags):
        if isinstance(path, int):
            return
        if type(path) is str and path.startswith(self.passed_over) and "/../" not in path:
            return
        updates = flags & os.O_RDWR and not flags & os.O_TRUNC
        was_there = True
        if updates or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            is_sure = mode is not None or os.path.isabs(os.fsdecode(path))  # os.open may have had a dir_fd
            was_there = self.read(path, is_sure and not flags & os.O_CREAT)
        if flags & os.O_CREAT or (was_there and flags & (os.O_WRONLY | os.O_RDWR)):
            self.written(path)
        if was_there:
            self.remember_seen((path, mode, flags))

    def read(self, path, is_sure):
        """Note that it is read, or that it is missing; whether it was there."""
        if path[-4:] in (".pyc", b".pyc"):
            path = sys.modules["_frozen_importlib_external"].source_from_cache(os.fsdecode(path))
        if not self.left["r"] and self.is_there(path):
            return True
        full = self.located(path)
        if full is None:
            return True
        try:
            kind = self.stat(full).st_mode & KINDS
        except (FileNotFoundError, NotADirectoryError):
            if is_sure:
                self.note("m", full)
            return False
        if self.is_inside(full) and kind in (FILE, FOLDER):
            if full.endswith(".py") and "r" + full not in self.noted:
                self.found_module(full)
            self.note("d" if kind == FOLDER else "r", full)
        return True

    def found_module(self, full):
        """Note the modules that would be imported in the place of this one: Python looks into the folders of sys.path in turn."""
        folder, name = os.path.split(
            full[: -len("/__init__.py")] if full.endswith("/__init__.py") else full[: -len(".py")]
        )
        before = []
        for each in sys.path:
            place = self.located(os.path.join(each, name))
            if place == folder + "/" + name:
                for earlier in before:
                    self.missed_module(earlier)
                return
            before.append(place)

    def no_module(self, name, folders):
        """A module that is not to be found: note what it would be in the project."""
        for folder in folders:
            self.missed_module(self.located(os.path.join(folder, name.rpartition(".")[2])))

    def missed_module(self, place):
        if place is not None and self.is_inside(place):
            self.note("m", place + ".py")
            self.note("m", place + "/__init__.py")

    def is_there(self, path):
        try:
            self.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def written(self, path):
        full = self.located(path)
        if full is None or not self.is_kept_when_written(full):
            return
        if not self.is_there(os.path.dirname(full)):
            self.note("m", os.path.dirname(full))
            return
        self.noted.discard("x" + full)
        self.note("w", full)

    def removed(self, path):
        full = self.located(path)
        if full is None or not self.is_kept_when_written(full):
            return
        self.forget_seen()
        self.noted.discard("w" + full)
        is_folder = self.is_there(full) and self.stat(full).st_mode & KINDS == FOLDER
        self.note("x", full + "/" if is_folder else full)

    def is_kept_when_written(self, full):
        return self.is_inside(full) or not full.startswith(self.temporary) or "m" + full in self.noted

    def made(self, path):
        full = self.located(path)
        if full is not None and self.is_kept_when_written(full):
            self.note("c", full)

    def missed(self, path):
        key = (path, "m")
        if key in self.seen or path is None or isinstance(path, int):
            return
        full = self.located(path)
        if full is not None:
            self.note("m", full)
        self.remember_seen(key)

    def listed(self, path):
        if not isinstance(path, int):
            full = self.located("." if path is None else path)
            if full is not None and self.is_inside(full + "/"):
                self.note("d", full)

    def renamed(self, old, new):
        self.removed(old)
        self.written(new)


class _LastFinder:
    """Stands last in sys.meta_path: Python asks it for modules that nobody else finds. The audit event of an import comes before
    it is known whether there is one, and the folders themselves are looked at by code that raises none."""

    def __init__(self, notes):
        self._notes = notes

    def find_spec(self, name, path=None, target=None):
        try:
            self._notes.no_module(name, list(sys.path if path is None else path))
        except Exception:
            pass


_OTHER_EVENTS = {
    "os.chdir": lambda notes, path: notes.forget_seen(),
    "os.mkdir": lambda notes, path, mode, dir_fd: dir_fd == -1 and notes.made(path),
    "os.remove": lambda notes, path, dir_fd: dir_fd == -1 and notes.removed(path),
    "shutil.rmtree": lambda notes, path, dir_fd=None: dir_fd is None and notes.removed(path),
    "os.rename": lambda notes, old, new, old_fd, new_fd: old_fd == new_fd == -1 and notes.renamed(old, new),
    "os.link": lambda notes, old, new, old_fd, new_fd: new_fd == -1 and notes.written(new),
    "os.symlink": lambda notes, old, new, dir_fd: dir_fd == -1 and notes.written(new),
}


class _Watched:
    """A function of ``os`` that raises no audit event, or one that does not tell whether the path was there.

    An object and not a function, because a function that a class keeps turns into a method: pathlib keeps these, up to 3.10.
    """

    def __init__(self, real, notes):
        self.__module__ = "os"
        self.__wrapped__ = real
        self.__name__ = self.__qualname__ = real.__name__
        self.__doc__ = real.__doc__
        self._notes = notes

    def __call__(self, *args, **kwargs):
        try:
            return self.__wrapped__(*args, **kwargs)
        except (FileNotFoundError, NotADirectoryError):
            self._tell(self._notes.missed, args, kwargs)
            raise

    def _tell(self, note, args, kwargs):
        try:
            if kwargs.get("dir_fd") is None:
                note(args[0] if args else kwargs.get("path"))
        except Exception:
            pass

    def __reduce__(self):
        return self.__name__

    def __repr__(self):
        return repr(self.__wrapped__)


class _WatchedAccess(_Watched):
    """``os.access`` does not say why it answers no."""

    def __call__(self, *args, **kwargs):
        allowed = self.__wrapped__(*args, **kwargs)
        if not allowed:
            self._tell(self._ask_why, args, kwargs)
        return allowed

    def _ask_why(self, path):
        try:
            self._notes.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            self._notes.missed(path)


class _WatchedListing(_Watched):
    """``os.listdir`` and ``os.scandir``: their audit event would also show every folder that imports look through."""

    def __call__(self, *args, **kwargs):
        entries = super().__call__(*args, **kwargs)
        self._tell(self._notes.listed, args, kwargs)
        return entries


def _hook(notes):
    """What Python is to call. A function: of a method, Python asks at each event in vain for an attribute, and that takes longer
    than all that is done here."""
    seen, other_events = notes.seen, _OTHER_EVENTS

    def hook(event, args):
        """PEP 578. Called for every audit event of the process, so what does not matter must leave at once."""
        try:
            if event == "open":
                if args not in seen:
                    notes.opened(*args)
            elif event in other_events:
                other_events[event](notes, *args)
        except Exception:
            pass

    return hook


def _escaped(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _as_folder(path):
    return os.path.abspath(path).rstrip("/") + "/"


def _watch(notes):
    watched = {"stat": _Watched, "lstat": _Watched, "access": _WatchedAccess, "listdir": _WatchedListing}
    for name, kind in {**watched, "scandir": _WatchedListing}.items():
        real = getattr(os, name)
        replacement = kind(real, notes)
        for abilities in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids):
            if real in abilities:  # shutil.rmtree looks here whether it may work safely
                abilities.add(replacement)
        setattr(os, name, replacement)


def _install():
    trace = os.environ.get("ASSAY_TRACE")
    if not trace or not hasattr(sys, "addaudithook"):
        return
    notes = _Notes(trace, os.environ.get("ASSAY_ROOT") or os.getcwd())
    notes.write("p", str(os.getpid()), (getattr(sys, "argv", None) or [""])[0])
    sys.addaudithook(_hook(notes))
    sys.meta_path.append(_LastFinder(notes))
    _watch(notes)


def _chain():
    """Import the sitecustomize that would have been found without this one, in its place."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != here]
    this = sys.modules.pop(__name__)
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        sys.modules[__name__] = this
        if error.name != "sitecustomize":
            raise


try:
    _install()
except Exception:
    pass
if __name__ == "sitecustomize":
    _chain()
