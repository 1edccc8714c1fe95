"""One reading of the file: the mistakes found so far, and where everything stands."""

from collections.abc import Iterator
from contextlib import contextmanager

from assay.core.near import near_miss
from assay.core.problem import Place, Problem
from assay.declare.filling import FillingMistake
from assay.declare.nodes import Mapping, Node, Scalar, excerpt, saw
from assay.declare.params import ParamFiles, ReadFile
from assay.declare.plain import MERGE, is_merge
from assay.declare.scope import Scope


class Reading:
    """What a walk over the nodes gathers. ``where`` names a value as ``Declaration.places`` does: ``steps.Train.outputs[0]``."""

    def __init__(self, file: str, read: ReadFile | None = None) -> None:
        self.file = file
        self.file_read = file
        """The one in which stands what is read now: ``file``, or one that it names."""
        self.files = ParamFiles(read)
        self.scope = Scope(self.files)
        """Of the place that is being read."""
        self.cells = 0
        """How many steps matrices and lists have made so far."""
        self.places: dict[str, Place] = {}
        self._problems: list[Problem] = []
        self._told = 0
        self._told_of_cells: set[tuple[str, Place]] | None = None
        self._meant: set[str] = set()

    @property
    def mistakes(self) -> int:
        """How many were told so far."""
        return self._told

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every mistake once, in the order of the file; those of files of parameters behind them."""
        once = dict.fromkeys((*self._problems, *self.files.problems))
        return tuple(sorted(once, key=self._file_order))

    @contextmanager
    def cells_of_one_step(self) -> Iterator[None]:
        """Within it, a mistake of one kind at one place is told of the first cell that has it."""
        self._told_of_cells = set()
        try:
            yield
        finally:
            self._told_of_cells = None

    @contextmanager
    def in_file(self, file: str) -> Iterator[None]:
        """Within it, what is read stands in another file."""
        before, self.file_read = self.file_read, file
        try:
            yield
        finally:
            self.file_read = before

    def at_line(self, line: int, column: int) -> Place:
        """A place in the file that is read."""
        return Place(self.file_read, line, column)

    def mark(self, where: str, node: Node) -> None:
        """Remember where ``where`` stands."""
        self.places[where] = self.place_of(node)

    def has(self, where: str) -> bool:
        """Something is written there, though it may be wrong or its key misspelt."""
        return where in self.places or where in self._meant

    def place_of(self, node: Node, offset: int = 0) -> Place:
        """The place of a node, or of one character of its text."""
        column = node.column_of(offset) if isinstance(node, Scalar) else node.column
        return Place(self.file_read, node.line, column)

    def tell(self, at: Node | Place, code: str, what: str, *because: str, fix: str = "") -> None:
        """Add a mistake."""
        place = at if isinstance(at, Place) else self.place_of(at)
        self._told += 1
        if self._told_of_cells is not None:
            if (code, place) in self._told_of_cells:
                return
            self._told_of_cells.add((code, place))
        self._problems.append(Problem(code, what, because, fix, place))

    def tell_filling(self, node: Scalar, where: str, mistake: FillingMistake) -> None:
        """Add a mistake in a ``${...}`` of the node."""
        because = (mistake.because,) if mistake.because else ()
        place = self.place_of(node, mistake.offset)
        self.tell(place, mistake.code, f"`{where}`: {mistake.what}", *because, fix=mistake.fix)

    def tell_type(self, node: Node, where: str, expects: str, fix: str = "") -> None:
        """Add the mistake that another kind of value stands there."""
        self.tell(node, "wrong-type", f"`{where}`: expected {expects}, got {saw(node)}", fix=fix)

    def tell_missing(self, node: Node, where: str, key: str, fix: str) -> None:
        """Add the mistake that a key is missing, unless it is there in another spelling."""
        if not self.has(inside(where, key)) and not self.has(inside(where, MERGE)):
            place = self.places.get(where) or self.place_of(node)
            self.tell(place, "missing-key", f"{title(where)} has no `{key}`", fix=fix)

    def tell_unbuilt(self, at: Node | Place, what: str, fix: str) -> None:
        """Add the mistake that a known thing is used before its time."""
        because = "Assay knows it and cannot do it yet: it is refused rather than ignored"
        self.tell(at, "not-built-yet", f"{what} is not built yet", because, fix=fix)

    def tell_unknown(self, key: Scalar, where: str, known: list[str], others: dict[str, str]) -> None:
        """Add the mistake that a key is not known. ``others`` are the known keys by what other tools call them."""
        near = near_miss(key.text, [*known, *others])
        name = others.get(near or "", near)
        if name is not None:
            self._meant.add(inside(where, name))
        hint = f"; did you mean `{name}`?" if name else ""
        hint = f"; `{name}` is not built yet" if name and name not in known else hint
        what = f"unknown key `{excerpt(key.text)}` in {title(where)}{hint}"
        fix = f"write `{name}:`" if name in known else "remove it"
        self.tell(key, "unknown-key", what, f"known: {', '.join(known)}", fix=fix)

    def _file_order(self, problem: Problem) -> tuple[bool, str, int, int]:
        place = problem.place
        assert place is not None
        return place.file != self.file, place.file, place.line, place.column

    def entries(self, mapping: Mapping, where: str) -> Iterator[tuple[str, Scalar, Node]]:
        """(key's text, key, value) of each pair, in order; keys that are no text or come twice are told and left out."""
        seen: dict[str, Scalar] = {}
        for key, value in mapping.pairs:
            if not isinstance(key, Scalar):
                self.tell(key, "wrong-type", f"a key in {title(where)} must be text, got {saw(key)}")
            elif is_merge(key):
                fix = "write the keys out; an alias may stand for a whole value"
                self.mark(inside(where, MERGE), key)
                self.tell(key, "merge-key", "merge keys (`<<`) are not part of YAML 1.2", fix=fix)
            elif key.text in seen:
                first = f"the first stands in line {seen[key.text].line}"
                self.tell(
                    key,
                    "duplicate-key",
                    f"`{excerpt(key.text)}` stands twice in {title(where)}",
                    first,
                    fix="remove one",
                )
            else:
                seen[key.text] = key
                yield key.text, key, value


def inside(where: str, key: str) -> str:
    """The name of what stands under ``key`` there."""
    return f"{where}.{key}" if where else key


def title(where: str) -> str:
    """``where`` in a sentence."""
    return f"`{where}`" if where else "the file"
