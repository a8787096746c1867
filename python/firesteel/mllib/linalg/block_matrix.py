"""``BlockMatrix``: blocks of local matrices."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.errors import IllegalArgumentException

from firesteel.mllib.errors import spark_error
from firesteel.mllib.java import ModelObject
from firesteel.mllib.linalg.coordinate_matrix import CoordinateMatrix
from firesteel.mllib.linalg.indexed_row_matrix import IndexedRowMatrix
from firesteel.mllib.linalg.pieces import Pieces
from firesteel.mllib.worker.matrices import Combined, Grid, dense, product_of_blocks, transposed_block
from firesteel.rdd.frames import items_of_frame

if TYPE_CHECKING:
    from pyspark import StorageLevel

    from firesteel.rdd.core import RDD


class BlockMatrix(ModelObject):
    """Blocks of a matrix.

    Parameters
    ----------
    blocks : RDD of ((int, int), Matrix)
        The blocks, by their place.
    rows_per_block, columns_per_block : int
        Size of a block; those at the end may be smaller.
    number_of_rows, number_of_columns : int, default 0
        Size, as far as it is known; 0 and less stand for unknown.
    """

    def __init__(
        self,
        blocks: RDD[Any],
        rows_per_block: int,
        columns_per_block: int,
        number_of_rows: int = 0,
        number_of_columns: int = 0,
    ) -> None:
        super().__init__()
        self.pairs = blocks
        self._rows_per_block, self._columns_per_block = rows_per_block, columns_per_block
        self._number_of_rows, self._number_of_columns = number_of_rows, number_of_columns

    def rowsPerBlock(self) -> int:
        """Return the number of rows of a block."""
        return self._rows_per_block

    def colsPerBlock(self) -> int:
        """Return the number of columns of a block."""
        return self._columns_per_block

    def numRowBlocks(self) -> int:
        """Return the number of blocks one below the other."""
        return -(-self.numRows() // self._rows_per_block)

    def numColBlocks(self) -> int:
        """Return the number of blocks side by side."""
        return -(-self.numCols() // self._columns_per_block)

    def numRows(self) -> int:
        """Return the number of rows; looks at all blocks at first."""
        self._find_size()
        return self._number_of_rows

    def numCols(self) -> int:
        """Return the number of columns; looks at all blocks at first."""
        self._find_size()
        return self._number_of_columns

    def _find_size(self) -> None:
        if self._number_of_rows > 0 and self._number_of_columns > 0:
            return
        height, width = self._rows_per_block, self._columns_per_block
        rows, columns = self.pairs.map(
            lambda block: (block[0][0] * height + block[1].numRows, block[0][1] * width + block[1].numCols)
        ).reduce(lambda left, right: (max(left[0], right[0]), max(left[1], right[1])))
        self._number_of_rows = self._number_of_rows if self._number_of_rows > 0 else rows
        self._number_of_columns = self._number_of_columns if self._number_of_columns > 0 else columns

    def cache(self) -> BlockMatrix:
        """Keep the blocks."""
        self.pairs.cache()
        return self

    def persist(self, level: StorageLevel) -> BlockMatrix:
        """Keep the blocks, at a storage level."""
        self.pairs.persist(level)
        return self

    def validate(self) -> None:
        """Check that places are unique and within the matrix, and that blocks have their size.

        Raises
        ------
        Py4JJavaError
            They are not.
        """
        grid = self._grid()
        high, wide = self.numRowBlocks(), self.numColBlocks()
        shapes = self.pairs.mapValues(lambda matrix: (matrix.numRows, matrix.numCols)).collect()
        seen: set[tuple[int, int]] = set()
        for place, shape in shapes:
            if place in seen:
                raise spark_error(f"Found duplicate indices for MatrixBlock {place}.")
            seen.add(place)
            if not (0 <= place[0] < high and 0 <= place[1] < wide):
                raise spark_error(f"The block at {place} is outside of a matrix of {high} times {wide} blocks.")
            if shape != grid.shape(place):
                raise spark_error(f"The MatrixBlock at {place} has dimensions {shape}; expected {grid.shape(place)}.")

    def add(self, other: BlockMatrix) -> BlockMatrix:
        """Return the sum of two matrices that are cut alike."""
        return self._combined(other, 1.0)

    def subtract(self, other: BlockMatrix) -> BlockMatrix:
        """Return the difference of two matrices that are cut alike."""
        return self._combined(other, -1.0)

    def _combined(self, other: BlockMatrix, sign: float) -> BlockMatrix:
        for what, mine, others in (
            ("rows", self.numRows(), other.numRows()),
            ("columns", self.numCols(), other.numCols()),
        ):
            if mine != others:
                raise IllegalArgumentException(
                    f"requirement failed: Both matrices must have the same number of {what}. A: {mine}, B: {others}"
                )
        if self._block_size() != other._block_size():
            raise spark_error("Cannot combine matrices with different block dimensions.")
        blocks = self.pairs.cogroup(other.pairs).map(Combined(sign))
        return BlockMatrix(blocks, *self._block_size(), self.numRows(), self.numCols())

    def multiply(self, other: BlockMatrix) -> BlockMatrix:
        """Return this matrix times another whose blocks are as high as these are wide."""
        if self.numCols() != other.numRows():
            raise IllegalArgumentException(
                "requirement failed: The number of columns of A and the number of rows of B must be equal. "
                f"A.numCols: {self.numCols()}, B.numRows: {other.numRows()}. If you think they should be equal, "
                "try setting the dimensions of A and B explicitly while initializing them."
            )
        if self._columns_per_block != other._rows_per_block:
            raise spark_error("colsPerBlock of A doesn't match rowsPerBlock of B.")
        left = self.pairs.map(lambda block: (block[0][1], (block[0][0], block[1])))
        right = other.pairs.map(lambda block: (block[0][0], (block[0][1], block[1])))
        blocks = left.join(right).map(product_of_blocks).reduceByKey(operator.add).mapValues(dense)
        return BlockMatrix(blocks, self._rows_per_block, other._columns_per_block, self.numRows(), other.numCols())

    def transpose(self) -> BlockMatrix:
        """Return the matrix with rows and columns exchanged."""
        return BlockMatrix(
            self.pairs.map(transposed_block),
            self._columns_per_block,
            self._rows_per_block,
            self.numCols(),
            self.numRows(),
        )

    def toLocalMatrix(self) -> Any:
        """Return the whole matrix at the driver."""
        array = np.zeros((self.numRows(), self.numCols()))
        for (row, column), matrix in self.pairs.collect():
            top, left = row * self._rows_per_block, column * self._columns_per_block
            array[top : top + matrix.numRows, left : left + matrix.numCols] = matrix.toArray()
        return dense(array)

    def toIndexedRowMatrix(self) -> IndexedRowMatrix:
        """Return the rows."""
        grid = self._grid()
        rows = self.pairs.flatMap(grid.rows_of_block).groupByKey().map(grid.whole_row)
        return IndexedRowMatrix(rows, grid.rows, grid.columns)

    def toCoordinateMatrix(self) -> CoordinateMatrix:
        """Return the entries."""
        grid = self._grid()
        return CoordinateMatrix(self.pairs.flatMap(grid.entries), grid.rows, grid.columns)

    def _grid(self) -> Grid:
        return Grid(self.numRows(), self.numCols(), *self._block_size())

    def _block_size(self) -> tuple[int, int]:
        return self._rows_per_block, self._columns_per_block


def check_block_size(rows_per_block: int, columns_per_block: int) -> None:
    """Raise `IllegalArgumentException` if a block would have no rows or columns."""
    for name, value in (("rowsPerBlock", rows_per_block), ("colsPerBlock", columns_per_block)):
        if value <= 0:
            raise IllegalArgumentException(f"requirement failed: {name} needs to be greater than 0. {name}: {value}")


def create(
    blocks: Any, rows_per_block: int, columns_per_block: int, number_of_rows: int, number_of_columns: int
) -> BlockMatrix:
    """Return the matrix of a frame of places and local matrices."""
    pairs = items_of_frame(blocks).map(lambda row: ((int(row[0][0]), int(row[0][1])), row[1]))
    return BlockMatrix(pairs, rows_per_block, columns_per_block, number_of_rows, number_of_columns)


FUNCTIONS = {"createBlockMatrix": create, "getMatrixBlocks": lambda matrix: Pieces(matrix.pairs)}
