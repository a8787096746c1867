"""``IndexedRowMatrix``: numbered rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel.mllib.java import ModelObject
from firesteel.mllib.linalg.decompositions import SingularValueDecomposition
from firesteel.mllib.linalg.pieces import Pieces
from firesteel.mllib.linalg.row_matrix import RowMatrix
from firesteel.mllib.worker.matrices import Grid, Times, entries_of_vector
from firesteel.rdd.frames import items_of_frame

if TYPE_CHECKING:
    from firesteel.mllib.linalg.block_matrix import BlockMatrix
    from firesteel.mllib.linalg.coordinate_matrix import CoordinateMatrix
    from firesteel.rdd.core import RDD


class IndexedRowMatrix(ModelObject):
    """Numbered rows of a matrix.

    Parameters
    ----------
    rows : RDD of (int, Vector)
        The rows.
    number_of_rows, number_of_columns : int, default 0
        Size, as far as it is known; 0 and less stand for unknown.
    """

    def __init__(self, rows: RDD[Any], number_of_rows: int = 0, number_of_columns: int = 0) -> None:
        super().__init__()
        self.pairs = rows
        self._number_of_rows = number_of_rows
        self._number_of_columns = number_of_columns

    def numRows(self) -> int:
        """Return the number of rows: one more than the largest number of one."""
        if self._number_of_rows <= 0:
            self._number_of_rows = self.pairs.keys().max() + 1
        return self._number_of_rows

    def numCols(self) -> int:
        """Return the number of columns; looks at the first row."""
        if self._number_of_columns <= 0:
            self._number_of_columns = len(self.pairs.first()[1])
        return self._number_of_columns

    def toRowMatrix(self) -> RowMatrix:
        """Return the rows without their numbers."""
        return RowMatrix(self.pairs.values(), 0, self._number_of_columns)

    def toCoordinateMatrix(self) -> CoordinateMatrix:
        """Return the entries."""
        from firesteel.mllib.linalg.coordinate_matrix import CoordinateMatrix

        entries = self.pairs.flatMap(
            lambda pair: [(pair[0], column, value) for column, value in entries_of_vector(pair[1])]
        )
        return CoordinateMatrix(entries, self.numRows(), self.numCols())

    def toBlockMatrix(self, rows_per_block: int, columns_per_block: int) -> BlockMatrix:
        """Return the matrix cut into blocks."""
        from firesteel.mllib.linalg.block_matrix import BlockMatrix, check_block_size

        check_block_size(rows_per_block, columns_per_block)
        grid = Grid(self.numRows(), self.numCols(), rows_per_block, columns_per_block)
        blocks = self.toCoordinateMatrix().triples.map(grid.place).groupByKey().map(grid.block)
        return BlockMatrix(blocks, rows_per_block, columns_per_block, grid.rows, grid.columns)

    def columnSimilarities(self) -> CoordinateMatrix:
        """Return the cosines of all pairs of columns."""
        similarities: CoordinateMatrix = self.toRowMatrix().columnSimilarities()
        return similarities

    def computeGramianMatrix(self) -> Any:
        """Return the products of all columns."""
        return self.toRowMatrix().computeGramianMatrix()

    def computeSVD(self, k: int, compute_u: bool = False, r_cond: float = 1e-9) -> SingularValueDecomposition:
        """Return what `RowMatrix.computeSVD` does; left vectors are numbered as the rows are."""
        found = self.toRowMatrix().computeSVD(k, False, r_cond)
        left = None
        if compute_u:
            left = self._times(found.V().toArray() / found.s().toArray())
        return SingularValueDecomposition(left, found.s(), found.V())

    def multiply(self, matrix: Any) -> IndexedRowMatrix:
        """Return this matrix times a local one."""
        return self._times(matrix.toArray())

    def _times(self, array: Any) -> IndexedRowMatrix:
        return IndexedRowMatrix(self.pairs.mapValues(Times(array)), self._number_of_rows, array.shape[1])


def create(rows: Any, number_of_rows: int, number_of_columns: int) -> IndexedRowMatrix:
    """Return the matrix of a frame of numbers and vectors."""
    pairs = items_of_frame(rows).map(lambda row: (int(row[0]), row[1]))
    return IndexedRowMatrix(pairs, number_of_rows, number_of_columns)


FUNCTIONS = {"createIndexedRowMatrix": create, "getIndexedRows": lambda matrix: Pieces(matrix.pairs)}
