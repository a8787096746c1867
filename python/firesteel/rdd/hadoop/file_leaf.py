"""The partitions of an RDD of files: one descriptor each, and the function that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class FileLeaf:
    """A source of items for tasks.

    Parameters
    ----------
    parts : sequence
        What each partition reads: a split, or a group of files.
    read : callable
        From one of `parts` to its items; a function of this package, so that it travels by name.
    """

    def __init__(self, parts: Sequence[Any], read: Callable[[Any], Iterator[Any]]) -> None:
        self.parts = parts
        self._read = read

    def read(self, index: int) -> Iterator[Any]:
        """Return the items of partition `index`."""
        return self._read(self.parts[index])
