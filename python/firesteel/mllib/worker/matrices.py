"""Pieces of distributed matrices as NumPy's arrays; in workers and at the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.mllib.linalg import DenseMatrix, DenseVector, SparseMatrix, SparseVector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A block or a row with no larger part of entries than this is kept sparse, as in Spark.
_SPARSE_BELOW = 0.1


def dense(array: Any) -> DenseMatrix:
    """Return an array as a local matrix."""
    # A number where Python would say False, as in matrices that come from a JVM.
    return DenseMatrix(array.shape[0], array.shape[1], np.ravel(array, order="F"), 0)  # type: ignore[arg-type]


def sparse(array: Any) -> SparseMatrix:
    """Return an array as a local matrix that keeps what is not zero."""
    columns, rows = np.nonzero(array.T)
    starts = np.searchsorted(columns, np.arange(array.shape[1] + 1))
    return SparseMatrix(array.shape[0], array.shape[1], starts, rows, array[rows, columns])


def entries_of_vector(vector: Any) -> Iterator[tuple[int, float]]:
    """Return places and values of a vector: those kept if it is sparse, else all."""
    if isinstance(vector, SparseVector):
        return zip(vector.indices.tolist(), vector.values.tolist(), strict=True)
    return enumerate(vector.toArray().tolist())


def entries_of_matrix(matrix: Any) -> Iterator[tuple[int, int, float]]:
    """Return row, column and value of a local matrix: those kept if it is sparse, else all."""
    if isinstance(matrix, SparseMatrix):
        starts, places = matrix.colPtrs.tolist(), matrix.rowIndices.tolist()
        values = matrix.values.tolist()
        for column in range(len(starts) - 1):
            for at in range(starts[column], starts[column + 1]):
                row, other = places[at], column
                yield (other, row, values[at]) if matrix.isTransposed else (row, other, values[at])
        return
    array = matrix.toArray()
    for column in range(array.shape[1]):
        for row in range(array.shape[0]):
            yield row, column, float(array[row, column])


class Products:
    """Sums over a partition of vectors: products of columns, sums, number of rows.

    Parameters
    ----------
    shift : ndarray, optional
        Subtracted of each vector.
    """

    def __init__(self, shift: Any = None) -> None:
        self.shift = shift

    def __call__(self, vectors: Iterable[Any]) -> Iterator[tuple[Any, Any, int]]:
        """Return the partition's sums, nothing if it is empty."""
        products: Any = None
        sums: Any = None
        count = 0
        batch: list[Any] = []
        for vector in vectors:
            batch.append(vector.toArray())
            if len(batch) == 1024:
                products, sums, count = self._add(batch, products, sums, count)
                batch = []
        if batch:
            products, sums, count = self._add(batch, products, sums, count)
        if count:
            yield products, sums, count

    def _add(self, batch: list[Any], products: Any, sums: Any, count: int) -> tuple[Any, Any, int]:
        rows = np.array(batch)
        if self.shift is not None:
            rows = rows - self.shift
        here = rows.T @ rows
        if products is None:
            return here, rows.sum(axis=0), len(batch)
        return products + here, sums + rows.sum(axis=0), count + len(batch)

    @staticmethod
    def merge(left: Any, right: Any) -> Any:
        """Return the sums of two partitions."""
        return left[0] + right[0], left[1] + right[1], left[2] + right[2]


class Times:
    """A vector times a matrix on its right.

    Parameters
    ----------
    matrix : ndarray
        The matrix.
    """

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix

    def __call__(self, vector: Any) -> DenseVector:
        """Return the product."""
        return DenseVector(vector.toArray() @ self.matrix)


def upper_triangle(vectors: Iterable[Any]) -> Iterator[Any]:
    """Return R of the QR decomposition of a partition's rows."""
    rows = [vector.toArray() for vector in vectors]
    if rows:
        yield np.linalg.qr(np.array(rows), mode="r")


def merge_triangles(left: Any, right: Any) -> Any:
    """Return R of the QR decomposition of two partitions, from theirs."""
    return np.linalg.qr(np.vstack([left, right]), mode="r")


class Grid:
    """How a matrix is cut into blocks.

    Parameters
    ----------
    rows, columns : int
        Size of the matrix.
    rows_per_block, columns_per_block : int
        Size of a block; those at the end may be smaller.
    """

    def __init__(self, rows: int, columns: int, rows_per_block: int, columns_per_block: int) -> None:
        self.rows, self.columns = rows, columns
        self.rows_per_block, self.columns_per_block = rows_per_block, columns_per_block

    def shape(self, place: tuple[int, int]) -> tuple[int, int]:
        """Return the size of the block at a place."""
        return (
            min(self.rows_per_block, self.rows - place[0] * self.rows_per_block),
            min(self.columns_per_block, self.columns - place[1] * self.columns_per_block),
        )

    def place(self, entry: tuple[int, int, float]) -> tuple[tuple[int, int], tuple[int, int, float]]:
        """Return the place of an entry's block, and the entry within it."""
        row, within_row = divmod(entry[0], self.rows_per_block)
        column, within_column = divmod(entry[1], self.columns_per_block)
        return (row, column), (within_row, within_column, entry[2])

    def sparse_block(self, item: Any) -> tuple[tuple[int, int], Any]:
        """Return the block of entries; equal places add up."""
        place, entries = item
        return place, sparse(self._filled(place, entries)[0])

    def block(self, item: Any) -> tuple[tuple[int, int], Any]:
        """Return the block of entries, sparse if there are few."""
        place, entries = item
        array, count = self._filled(place, entries)
        return place, dense(array) if count > _SPARSE_BELOW * array.size else sparse(array)

    def _filled(self, place: tuple[int, int], entries: Iterable[tuple[int, int, float]]) -> tuple[Any, int]:
        array = np.zeros(self.shape(place))
        count = 0
        for row, column, value in entries:
            array[row, column] += value
            count += 1
        return array, count

    def entries(self, block: Any) -> Iterator[tuple[int, int, float]]:
        """Return the entries of a block, placed in the matrix."""
        (row, column), matrix = block
        for i, j, value in entries_of_matrix(matrix):
            yield row * self.rows_per_block + i, column * self.columns_per_block + j, value

    def rows_of_block(self, block: Any) -> Iterator[tuple[int, tuple[int, Any, int]]]:
        """Return the rows of a block: number, and first column, values, number of entries kept."""
        (row, column), matrix = block
        array = matrix.toArray()
        for number, values in enumerate(array):
            kept = int(np.count_nonzero(values)) if isinstance(matrix, SparseMatrix) else len(values)
            yield row * self.rows_per_block + number, (column * self.columns_per_block, values, kept)

    def whole_row(self, item: Any) -> tuple[int, Any]:
        """Return a row put together of its pieces, sparse if few entries are kept."""
        number, pieces = item
        values = np.zeros(self.columns)
        kept = 0
        for first, piece, count in pieces:
            values[first : first + len(piece)] = piece
            kept += count
        if kept <= _SPARSE_BELOW * self.columns:
            places = np.flatnonzero(values)
            return number, SparseVector(self.columns, places, values[places])
        return number, DenseVector(values)


class Combined:
    """Blocks of two matrices at one place, added up with a sign for the second.

    Parameters
    ----------
    sign : float
        1 or -1.
    """

    def __init__(self, sign: float) -> None:
        self.sign = sign

    def __call__(self, item: Any) -> tuple[tuple[int, int], Any]:
        """Return the block of both."""
        place, (left, right) = item
        lefts, rights = list(left), list(right)
        if not rights:
            return place, lefts[0]
        if not lefts and self.sign > 0:
            return place, rights[0]
        array = self.sign * rights[0].toArray()
        if lefts:
            array = lefts[0].toArray() + array
        both_sparse = all(isinstance(block, SparseMatrix) for block in (*lefts, *rights))
        return place, sparse(array) if both_sparse else dense(array)


def product_of_blocks(item: Any) -> tuple[tuple[int, int], Any]:
    """Return the product of two blocks that meet: ``(k, ((i, A), (j, B)))``."""
    _, ((row, left), (column, right)) = item
    return (row, column), left.toArray() @ right.toArray()


def transposed_block(block: Any) -> tuple[tuple[int, int], Any]:
    """Return a block of the transposed matrix."""
    (row, column), matrix = block
    array = matrix.toArray().T
    return (column, row), sparse(array) if isinstance(matrix, SparseMatrix) else dense(array)
