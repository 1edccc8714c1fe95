"""Arrow's files, batch by batch: those with a footer (``.arrow``, ``.feather``) and streams (``.arrows``), told apart by their first bytes.

pyarrow reads them; it is an extra, and imported when such a file is opened.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assay.adapters.engines.table_files import ARROW_FILE_MAGIC, TableFile, refusal, refuse_repeated

INSTALL = 'pip install "assay[arrow]"'


class ArrowFile:
    """A file that DuckDB can scan as often as it likes: each scan reads it anew, one batch at a time."""

    def __init__(self, file: TableFile) -> None:
        try:
            import pyarrow as pa
        except ImportError as error:
            because = ("pyarrow reads Arrow's files, and it is not installed where Assay runs",)
            raise refusal("extra-not-installed", f"{file.path} cannot be read here", because, INSTALL) from error
        self._path = file.path
        try:
            with self._reader() as reader:
                self._schema = pa.schema([_single(field) for field in reader.schema])
        except (pa.ArrowException, OSError) as error:
            said = str(error).partition("\n")[0]
            fix = "write the file again; its writer was interrupted, or it was damaged since"
            raise refusal("data-unreadable", f"{file.path} cannot be read as Arrow", (said,), fix) from error
        refuse_repeated(file.path, self._schema.names)

    @property
    def names(self) -> list[str]:
        """Of its columns, in order."""
        return list(self._schema.names)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """What the Arrow PyCapsule interface asks for."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self._schema, self._batches()).__arrow_c_stream__(requested_schema)

    def _batches(self) -> Iterator[Any]:
        """Each is looked through: what is damaged must not be taken for data."""
        import pyarrow as pa

        try:
            with self._reader() as reader:
                for batch in _each(reader):
                    batch.validate(full=True)
                    yield batch.cast(self._schema)
        except (pa.ArrowException, OSError) as error:
            said = str(error).partition("\n")[0]
            raise ValueError(f"Arrow file '{self._path}' is damaged: {said}") from error

    def _reader(self) -> Any:
        from pyarrow import OSFile, ipc

        file = OSFile(str(self._path))  # where a file that is mapped is cut short, the system ends the process
        is_file = self._path_begins_with(ARROW_FILE_MAGIC)
        return ipc.open_file(file) if is_file else ipc.open_stream(file)

    def _path_begins_with(self, magic: bytes) -> bool:
        with Path(self._path).open("rb") as stream:
            return stream.read(len(magic)) == magic


def _each(reader: Any) -> Iterator[Any]:
    if hasattr(reader, "num_record_batches"):
        for place in range(reader.num_record_batches):
            yield reader.get_batch(place)
    else:
        yield from reader


def _single(field: Any) -> Any:
    """DuckDB knows no numbers of 16 bits."""
    import pyarrow as pa

    return field.with_type(pa.float32()) if pa.types.is_float16(field.type) else field
