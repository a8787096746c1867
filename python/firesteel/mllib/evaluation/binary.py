"""``BinaryClassificationMetrics``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.evaluation import BinaryClassificationEvaluator

from firesteel.mllib.java import ModelObject

if TYPE_CHECKING:
    from pyspark.sql.connect.dataframe import DataFrame

# How many points the curve is reduced to, as in Spark.
_BINS = 1000


class BinaryClassificationMetrics(ModelObject):
    """Areas under curves.

    Parameters
    ----------
    frame : DataFrame
        ``score``, ``label`` and perhaps ``weight``.
    """

    def __init__(self, frame: DataFrame) -> None:
        super().__init__()
        self._frame = frame

    def areaUnderROC(self) -> float:
        """Return the area under the receiver operating characteristic."""
        return self._area("areaUnderROC")

    def areaUnderPR(self) -> float:
        """Return the area under precision over recall."""
        return self._area("areaUnderPR")

    def unpersist(self) -> None:
        """Forget what was kept, which is nothing."""

    def _area(self, name: Any) -> float:
        evaluator = BinaryClassificationEvaluator(
            rawPredictionCol="score", labelCol="label", metricName=name, numBins=_BINS
        )
        if "weight" in self._frame.columns:
            evaluator.setWeightCol("weight")
        return evaluator.evaluate(self._frame)


CLASSES = {"evaluation.BinaryClassificationMetrics": BinaryClassificationMetrics}
