"""Hypothesis tests: ``Statistics.chiSqTest`` and ``Statistics.kolmogorovSmirnovTest``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.errors import IllegalArgumentException
from pyspark.ml.stat import ChiSquareTest, KolmogorovSmirnovTest
from pyspark.mllib.linalg import Matrix
from pyspark.sql.types import DoubleType, StructField, StructType

from firesteel.mllib import frames
from firesteel.mllib.java import ModelObject
from firesteel.mllib.stat import gamma
from firesteel.rdd.core import RDD
from firesteel.rdd.hadoop.java_text import java_double

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIT = "observed follows the same distribution as expected."
_INDEPENDENCE = "the occurrence of the outcomes is statistically independent."
_SAMPLE = "Sample follows theoretical distribution"
_STRENGTHS = ((0.01, "Very strong"), (0.05, "Strong"), (0.1, "Low"))


class TestResult(ModelObject):
    """What a hypothesis test found.

    Parameters
    ----------
    p_value, statistic : float
        Its numbers.
    degrees : int
        Degrees of freedom.
    hypothesis : str
        What is held to be true unless the test speaks against it.
    head : str
        First lines of its text.
    method : str, default ""
        Name of the method.
    """

    __test__ = False

    def __init__(
        self, p_value: float, degrees: int, statistic: float, hypothesis: str, head: str, method: str = ""
    ) -> None:
        super().__init__()
        self._p_value, self._statistic, self._degrees = p_value, statistic, degrees
        self._hypothesis, self._head, self._method = hypothesis, head, method

    def pValue(self) -> float:
        """Return how probable such data is under the hypothesis."""
        return self._p_value

    def degreesOfFreedom(self) -> int:
        """Return the degrees of freedom."""
        return self._degrees

    def statistic(self) -> float:
        """Return the test statistic."""
        return self._statistic

    def nullHypothesis(self) -> str:
        """Return the hypothesis."""
        return self._hypothesis

    def method(self) -> str:
        """Return the name of the method."""
        return self._method

    def toString(self) -> str:
        """Return the lines that Spark prints."""
        strength = next((word for bound, word in _STRENGTHS if self._p_value <= bound), "No")
        return (
            f"{self._head}degrees of freedom = {self._degrees} \n"
            f"statistic = {java_double(self._statistic)} \n"
            f"pValue = {java_double(self._p_value)} \n"
            f"{strength} presumption against null hypothesis: {self._hypothesis}."
        )


def chi_squared(observed: Any, expected: Any = None) -> Any:
    """Test a vector against expected counts, a matrix for independence, or each feature of labeled points.

    Parameters
    ----------
    observed : Vector, Matrix or RDD of LabeledPoint
        Counts, or data.
    expected : Vector, optional
        Counts that are expected of a vector, in any scale. Default: all equal.
    """
    if isinstance(observed, RDD):
        test = ChiSquareTest.test(frames.of_labeled_points(observed), "features", "label", True)
        rows = sorted(test.collect(), key=lambda row: row["featureIndex"])
        return [_result(row["statistic"], row["degreesOfFreedom"], _INDEPENDENCE, row["pValue"]) for row in rows]
    if isinstance(observed, Matrix):
        return _independence(observed.toArray())
    return _fit(observed.toArray(), None if expected is None else expected.toArray())


def _fit(observed: Any, expected: Any) -> TestResult:
    size = len(observed)
    if size == 0 or (observed < 0).any():
        raise IllegalArgumentException("Negative entries disallowed in the observed vector.")
    if expected is None or len(expected) == 0:
        expected = np.full(size, 1.0 / size)
    if (expected < 0).any():
        raise IllegalArgumentException("Negative entries disallowed in the expected vector.")
    scale = observed.sum() / expected.sum()
    scaled = expected if abs(observed.sum() - expected.sum()) < 1e-7 else expected * scale
    empty = scaled == 0
    if (empty & (observed > 0)).any():
        return _result(float("inf"), size - 1, _FIT, 0.0)
    kept, wanted = observed[~empty], scaled[~empty]
    return _result(float(((kept - wanted) ** 2 / wanted).sum()), size - 1, _FIT)


def _independence(counts: Any) -> TestResult:
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    if (counts < 0).any():
        raise IllegalArgumentException("Contingency table cannot contain negative entries.")
    for what, sums in (("column", columns), ("row", rows)):
        if (sums == 0).any():
            raise IllegalArgumentException(
                "Chi-squared statistic undefined for input matrix due to0 sum in "
                f"{what} [{int(np.flatnonzero(sums == 0)[0])}]."
            )
    degrees = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    if degrees == 0:
        return _result(0.0, 0, _INDEPENDENCE, 1.0)
    wanted = np.outer(rows, columns) / counts.sum()
    return _result(float(((counts - wanted) ** 2 / wanted).sum()), degrees, _INDEPENDENCE)


def _result(statistic: float, degrees: int, hypothesis: str, p_value: float | None = None) -> TestResult:
    if p_value is None:
        p_value = gamma.upper(degrees / 2, statistic / 2)
    head = "Chi squared test summary:\nmethod: pearson\n"
    return TestResult(float(p_value), int(degrees), float(statistic), hypothesis, head, "pearson")


def kolmogorov_smirnov(data: RDD[Any], name: str, parameters: Sequence[float]) -> TestResult:
    """Test numbers against a distribution.

    Parameters
    ----------
    data : RDD of float
        The sample.
    name : str
        ``norm``.
    parameters : list of float
        Its mean and standard deviation; none for 0 and 1.
    """
    frame = frames.of_rows(
        data, StructType([StructField("sample", DoubleType(), False)]), lambda value: (float(value),)
    )
    row: Any = KolmogorovSmirnovTest.test(frame, "sample", name, *(float(value) for value in parameters)).first()
    return TestResult(row["pValue"], 0, row["statistic"], _SAMPLE, "Kolmogorov-Smirnov test summary:\n")


FUNCTIONS = {"chiSqTest": chi_squared, "kolmogorovSmirnovTest": kolmogorov_smirnov}
