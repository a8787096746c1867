"""``RowMatrix``: rows without numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.errors import IllegalArgumentException
from pyspark.mllib.linalg import DenseVector

from firesteel.mllib.errors import spark_error
from firesteel.mllib.java import ModelObject
from firesteel.mllib.linalg.decompositions import QRDecomposition, SingularValueDecomposition
from firesteel.mllib.worker import rows as worker_rows
from firesteel.mllib.worker.matrices import Products, Times, dense, merge_triangles, upper_triangle

if TYPE_CHECKING:
    from pyspark.sql.connect.dataframe import DataFrame

    from firesteel.rdd.core import RDD


class RowMatrix(ModelObject):
    """Rows of a matrix, in no order that means anything.

    Parameters
    ----------
    rows : RDD of Vector
        The rows.
    number_of_rows, number_of_columns : int, default 0
        Size, as far as it is known; 0 and less stand for unknown.
    """

    def __init__(self, rows: RDD[Any], number_of_rows: int = 0, number_of_columns: int = 0) -> None:
        super().__init__()
        self._rows = rows
        self._number_of_rows = number_of_rows
        self._number_of_columns = number_of_columns

    def rows(self) -> RDD[Any]:
        """Return the rows."""
        return self._rows

    def numRows(self) -> int:
        """Return the number of rows; counts them at first."""
        if self._number_of_rows <= 0:
            self._number_of_rows = self._rows.count()
            if self._number_of_rows == 0:
                raise spark_error("Cannot determine the number of rows because it is not specified in the constructor.")
        return self._number_of_rows

    def numCols(self) -> int:
        """Return the number of columns; looks at the first row."""
        if self._number_of_columns <= 0:
            first = self._rows.take(1)
            if not first:
                raise spark_error("Cannot determine the number of cols because it is not specified in the constructor.")
            self._number_of_columns = len(first[0])
        return self._number_of_columns

    def computeColumnSummaryStatistics(self) -> Any:
        """Return what `Statistics.colStats` does of the rows."""
        from firesteel.mllib.stat.summary import column_statistics

        return column_statistics(self._rows)

    def computeGramianMatrix(self) -> Any:
        """Return the products of all columns."""
        return dense(self._products())

    def computeCovariance(self) -> Any:
        """Return the covariance of all columns, over one less than the number of rows."""
        products = Products()
        _, sums, count = self._rows.mapPartitions(products).treeReduce(products.merge)
        if count <= 1:
            raise IllegalArgumentException(
                f"RowMatrix.computeCovariance called on matrix with only {count} rows.  "
                "Cannot compute the covariance of a RowMatrix with <= 1 row."
            )
        centered = Products(sums / count)
        covariance, rest, _ = self._rows.mapPartitions(centered).treeReduce(centered.merge)
        return dense((covariance - np.outer(rest, rest) / count) / (count - 1))

    def columnSimilarities(self, threshold: float = 0.0) -> Any:
        """Return the cosines of all pairs of columns; exact ones, whatever `threshold` would allow."""
        from firesteel.mllib.linalg.coordinate_matrix import CoordinateMatrix

        if threshold < 0:
            raise IllegalArgumentException(f"Threshold cannot be negative: {threshold}")
        gramian = self._products()
        lengths = np.sqrt(np.diag(gramian))
        lengths[lengths == 0] = 1.0
        cosines = np.triu(gramian / np.outer(lengths, lengths), 1)
        first, second = np.nonzero(cosines)
        entries = list(zip(first.tolist(), second.tolist(), cosines[first, second].tolist(), strict=True))
        return CoordinateMatrix(self._rows.ctx.parallelize(entries), self.numCols(), self.numCols())

    def tallSkinnyQR(self, compute_q: bool = False) -> QRDecomposition:
        """Return the QR decomposition of a matrix with few columns."""
        triangle = self._rows.mapPartitions(upper_triangle).treeReduce(merge_triangles)
        q = None
        if compute_q:
            q = self._times(np.linalg.inv(triangle))
        return QRDecomposition(q, dense(triangle))

    def computeSVD(self, k: int, compute_u: bool = False, r_cond: float = 1e-9) -> SingularValueDecomposition:
        """Return the `k` largest singular values and their vectors, by the eigenvalues of the Gramian matrix.

        Parameters
        ----------
        k : int
            How many.
        compute_u : bool, default False
            Whether left vectors are wanted.
        r_cond : float, default 1e-9
            Values that are not larger than this part of the largest one count as zero.
        """
        columns = self.numCols()
        if not 0 < k <= columns:
            raise IllegalArgumentException(
                f"requirement failed: Requested k singular values but got k={k} and numCols={columns}."
            )
        vectors, squares, _ = np.linalg.svd(self._products())
        values = np.sqrt(squares)
        if values[0] == 0:
            raise spark_error("No singular values found: the matrix is zero.")
        count = int(np.count_nonzero(values[:k] > r_cond * values[0]))
        right = vectors[:, :count]
        left = self._times(right / values[:count]) if compute_u else None
        return SingularValueDecomposition(left, DenseVector(values[:count]), dense(right))

    def computePrincipalComponents(self, k: int) -> Any:
        """Return the `k` directions of the largest variance, one per column."""
        columns = self.numCols()
        if not 0 < k <= columns:
            raise IllegalArgumentException(f"requirement failed: k = {k} out of range (0, n = {columns}]")
        vectors, _, _ = np.linalg.svd(self.computeCovariance().toArray())
        return dense(vectors[:, :k])

    def multiply(self, matrix: Any) -> RowMatrix:
        """Return this matrix times a local one."""
        if self.numCols() != matrix.numRows:
            raise IllegalArgumentException(
                f"requirement failed: Dimension mismatch: {self.numCols()} vs {matrix.numRows}"
            )
        return self._times(matrix.toArray())

    def _times(self, array: Any) -> RowMatrix:
        return RowMatrix(self._rows.map(Times(array)), self._number_of_rows, array.shape[1])

    def _products(self) -> Any:
        products = Products()
        return self._rows.mapPartitions(products).treeReduce(products.merge)[0]


def create(rows: RDD[Any] | DataFrame, number_of_rows: int, number_of_columns: int) -> RowMatrix:
    """Return the matrix of an RDD of vectors, or of a frame with a column of them."""
    from pyspark.sql import DataFrame

    found: Any = rows
    if isinstance(rows, DataFrame):
        found = rows.rdd.map(worker_rows.first)
    return RowMatrix(found, number_of_rows, number_of_columns)


FUNCTIONS = {"createRowMatrix": create}
