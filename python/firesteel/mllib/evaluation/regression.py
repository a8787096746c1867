"""``RegressionMetrics``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.evaluation import RegressionEvaluator

from firesteel.mllib.java import ModelObject

if TYPE_CHECKING:
    from pyspark.sql.connect.dataframe import DataFrame


class RegressionMetrics(ModelObject):
    """Errors of predicted numbers.

    Parameters
    ----------
    frame : DataFrame
        ``prediction``, ``observation`` and perhaps ``weight``.
    """

    def __init__(self, frame: DataFrame) -> None:
        super().__init__()
        self._frame = frame

    def explainedVariance(self) -> float:
        """Return the variance of what is predicted."""
        return self._metric("var")

    def meanAbsoluteError(self) -> float:
        """Return the mean of the errors' magnitudes."""
        return self._metric("mae")

    def meanSquaredError(self) -> float:
        """Return the mean of the errors' squares."""
        return self._metric("mse")

    def rootMeanSquaredError(self) -> float:
        """Return the root of the mean of the errors' squares."""
        return self._metric("rmse")

    def r2(self) -> float:
        """Return the coefficient of determination."""
        return self._metric("r2")

    def _metric(self, name: Any) -> float:
        evaluator = RegressionEvaluator(predictionCol="prediction", labelCol="observation", metricName=name)
        if "weight" in self._frame.columns:
            evaluator.setWeightCol("weight")
        return evaluator.evaluate(self._frame)


CLASSES = {"evaluation.RegressionMetrics": RegressionMetrics}
