"""``CoordinateMatrix``: entries with row and column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.mllib.linalg import SparseVector

from firesteel.mllib.java import ModelObject
from firesteel.mllib.linalg.indexed_row_matrix import IndexedRowMatrix
from firesteel.mllib.linalg.pieces import Pieces
from firesteel.mllib.worker.matrices import Grid
from firesteel.rdd.frames import items_of_frame

if TYPE_CHECKING:
    from firesteel.mllib.linalg.block_matrix import BlockMatrix
    from firesteel.mllib.linalg.row_matrix import RowMatrix
    from firesteel.rdd.core import RDD


class CoordinateMatrix(ModelObject):
    """Entries of a matrix.

    Parameters
    ----------
    entries : RDD of (int, int, float)
        Row, column, value.
    number_of_rows, number_of_columns : int, default 0
        Size, as far as it is known; 0 and less stand for unknown.
    """

    def __init__(self, entries: RDD[Any], number_of_rows: int = 0, number_of_columns: int = 0) -> None:
        super().__init__()
        self.triples = entries
        self._number_of_rows = number_of_rows
        self._number_of_columns = number_of_columns

    def numRows(self) -> int:
        """Return the number of rows: one more than the largest number of one."""
        if self._number_of_rows <= 0:
            self._find_size()
        return self._number_of_rows

    def numCols(self) -> int:
        """Return the number of columns: one more than the largest number of one."""
        if self._number_of_columns <= 0:
            self._find_size()
        return self._number_of_columns

    def _find_size(self) -> None:
        row, column = self.triples.map(lambda entry: (entry[0], entry[1])).reduce(
            lambda left, right: (max(left[0], right[0]), max(left[1], right[1]))
        )
        self._number_of_rows = max(self._number_of_rows, row + 1)
        self._number_of_columns = max(self._number_of_columns, column + 1)

    def transpose(self) -> CoordinateMatrix:
        """Return the entries with rows and columns exchanged."""
        exchanged = self.triples.map(lambda entry: (entry[1], entry[0], entry[2]))
        return CoordinateMatrix(exchanged, self.numCols(), self.numRows())

    def toIndexedRowMatrix(self) -> IndexedRowMatrix:
        """Return the rows that have entries, as sparse vectors."""
        columns = self.numCols()
        if columns > 2**31 - 1:
            raise ValueError(
                f"Cannot convert to a row-oriented format because the number of columns {columns} is too large."
            )
        rows = (
            self.triples.map(lambda entry: (entry[0], (entry[1], entry[2])))
            .groupByKey()
            .mapValues(lambda entries: SparseVector(columns, list(entries)))
        )
        return IndexedRowMatrix(rows, self.numRows(), columns)

    def toRowMatrix(self) -> RowMatrix:
        """Return the rows that have entries, without their numbers."""
        return self.toIndexedRowMatrix().toRowMatrix()

    def toBlockMatrix(self, rows_per_block: int, columns_per_block: int) -> BlockMatrix:
        """Return the matrix cut into sparse blocks."""
        from firesteel.mllib.linalg.block_matrix import BlockMatrix, check_block_size

        check_block_size(rows_per_block, columns_per_block)
        grid = Grid(self.numRows(), self.numCols(), rows_per_block, columns_per_block)
        blocks = self.triples.map(grid.place).groupByKey().map(grid.sparse_block)
        return BlockMatrix(blocks, rows_per_block, columns_per_block, grid.rows, grid.columns)


def create(entries: Any, number_of_rows: int, number_of_columns: int) -> CoordinateMatrix:
    """Return the matrix of a frame of rows, columns and values."""
    triples = items_of_frame(entries).map(lambda row: (int(row[0]), int(row[1]), float(row[2])))
    return CoordinateMatrix(triples, number_of_rows, number_of_columns)


FUNCTIONS = {"createCoordinateMatrix": create, "getMatrixEntries": lambda matrix: Pieces(matrix.triples)}
