"""Broadcast variables: a value pickled once, shipped once per session, unpickled once per worker process.

::

    sc.broadcast(v) ──pickle──▶ file in the context's directory
        │ first use in a function
        ├─ small            the bytes travel in the function
        ├─ same machine     its path does: workers read the driver's file
        └─ any other server an artifact of the session (``files/<name>``), uploaded in chunks

A worker unpickles when ``value`` is first asked for and keeps the value for the next functions that name the variable.
Spark's own way, the broadcast field of the worker's protocol, needs a JVM to fill it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import sys
import uuid
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, TypeVar

from pyspark.errors import PySparkRuntimeError

from firesteel.core.worker_state import worker_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from firesteel.core.context import SparkContext

T = TypeVar("T")

# Up to this size a value travels inside the function that names it: cheaper than any file.
INLINE_BYTES_MAX = 16 * 1024


class Broadcast(Generic[T]):
    """A variable made by `SparkContext.broadcast`; its value is `value`, on the driver and in tasks.

    Parameters
    ----------
    sc : SparkContext, optional
        The driver's context. Default: this is a worker.
    value : object, optional
        What to ship, on the driver.
    key : tuple of str and int, optional
        In a worker: which variable, and how often it had been unpersisted.
    data : bytes, optional
        In a worker: the pickled value, if it is small.
    path : str, optional
        In a worker: the file of the pickled value, or its bare name among the session's files.
    """

    def __init__(
        self,
        sc: SparkContext | None = None,
        value: T | None = None,
        *,
        key: tuple[str, int] | None = None,
        data: bytes | None = None,
        path: str | None = None,
    ) -> None:
        self._sc = sc
        self._data = data
        self._path = path
        self._is_destroyed = False
        self._is_uploaded = False
        if sc is None:
            assert key is not None
            self._key = key
            return
        self._id = sc._next_broadcast_id()
        self._key = (f"broadcast-{uuid.uuid4().hex}", 0)
        with NamedTemporaryFile(prefix=f"broadcast-{self._id}-", delete=False, dir=sc._temp_dir) as file:
            self._path = file.name
            try:
                self.dump(value, file)  # type: ignore[arg-type]
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(self._path)
                raise
        if os.path.getsize(self._path) <= INLINE_BYTES_MAX:
            with open(self._path, "rb") as written:
                self._data = written.read()
            os.unlink(self._path)
            self._path = None

    def dump(self, value: T, f: BinaryIO) -> None:
        """Pickle `value` into the open file `f` and close it.

        Raises
        ------
        pickle.PicklingError
            The value cannot be pickled.
        """
        try:
            pickle.dump(value, f, pickle.HIGHEST_PROTOCOL)
        except pickle.PickleError:
            raise
        except Exception as error:
            raise pickle.PicklingError(f"Could not serialize broadcast: {type(error).__name__}: {error}") from error
        f.close()

    def load_from_path(self, path: str) -> T:
        """Unpickle the value in the file `path`."""
        with open(path, "rb", 1 << 20) as file:
            return self.load(file)

    def load(self, file: BinaryIO) -> T:
        """Unpickle the value in the open file `file`."""
        # Large structures of small objects make the collector walk them again and again while they grow.
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            value: T = pickle.load(file)  # noqa: S301  (the program's own data)
            return value
        finally:
            if was_enabled:
                gc.enable()

    @property
    def value(self) -> T:
        """The value; unpickled at first use and kept. On the driver it is a copy, too, as in Spark."""
        if self._is_destroyed:
            raise _destroyed(self._id)
        if not hasattr(self, "_value"):
            if self._data is not None:
                self._value: T = pickle.loads(self._data)  # noqa: S301  (the program's own data)
                if self._sc is None:
                    self._data = None
            else:
                assert self._path is not None
                self._value = self.load_from_path(self._path if self._sc else _find(self._path))
        return self._value

    def unpersist(self, blocking: bool = False) -> None:  # noqa: ARG002
        """Let workers forget the value; a later use sends it again.

        Parameters
        ----------
        blocking : bool, default False
            Of no effect: workers drop the value with the next function that runs in them.
        """
        self._assert_on_driver("unpersisted")
        if self._is_destroyed:
            raise _destroyed(self._id)
        name, generation = self._key
        self._key = (name, generation + 1)

    def destroy(self, blocking: bool = False) -> None:  # noqa: ARG002
        """Remove the variable for good; using it afterwards is an error.

        Parameters
        ----------
        blocking : bool, default False
            Of no effect.

        Raises
        ------
        SparkException
            It is destroyed already.
        """
        self._assert_on_driver("destroyed")
        if self._is_destroyed:
            raise _destroyed(self._id)
        self._is_destroyed = True
        self._data = None
        self.__dict__.pop("_value", None)
        if self._path is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)

    def __reduce__(self) -> tuple[Callable[..., Broadcast[T]], tuple[Any, ...]]:
        self._assert_on_driver("serialized")
        if self._is_destroyed:
            raise _destroyed(self._id)
        if self._data is not None:
            return _in_worker, (self._key, self._data, None)
        assert self._sc is not None
        assert self._path is not None
        if self._sc._shares_files:
            return _in_worker, (self._key, None, self._path)
        if not self._is_uploaded:
            self._sc._upload_file(self._key[0], self._path)
            self._is_uploaded = True
        return _in_worker, (self._key, None, self._key[0])

    def _assert_on_driver(self, operation: str) -> None:
        if self._sc is None:
            raise PySparkRuntimeError(
                errorClass="INVALID_BROADCAST_OPERATION", messageParameters={"operation": operation}
            )


def _in_worker(key: tuple[str, int], data: bytes | None, path: str | None) -> Broadcast[Any]:
    """Return the worker's variable for `key`, with its value if an earlier function has asked for it."""
    state = worker_state()
    state.named.add(key)
    known: Broadcast[Any] | None = state.broadcasts.get(key)
    if known is None:
        known = state.broadcasts[key] = Broadcast(key=key, data=data, path=path)
    return known


def _find(path: str) -> str:
    """Return the file of an uploaded value: the session's files lie in a directory on the worker's path."""
    if os.path.isabs(path):
        return path
    places = [*sys.path, os.getcwd()]
    official = sys.modules.get("pyspark.core.files")
    if official is not None and getattr(official.SparkFiles, "_root_directory", None):
        places.insert(0, official.SparkFiles._root_directory)
    for place in places:
        candidate = os.path.join(place, path)
        if os.path.isfile(candidate):
            return candidate
    raise PySparkRuntimeError(errorClass="BROADCAST_VARIABLE_NOT_LOADED", messageParameters={"variable": path})


def _destroyed(number: int) -> Exception:
    from pyspark.errors.exceptions.connect import SparkException

    return SparkException(f"Attempted to use Broadcast({number}) after it was destroyed")
