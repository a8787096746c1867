"""Optimizers of the older API as estimators: the engine has them (``crates/ml/src/mllib``), other servers do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException
from pyspark.ml.param import Param, TypeConverters
from pyspark.ml.wrapper import JavaEstimator, JavaModel

from firesteel.mllib import frames
from firesteel.mllib.errors import spark_error

if TYPE_CHECKING:
    from firesteel.rdd.core import RDD

_OPTIMIZATION = "org.apache.spark.mllib.optimization"
_CONVERTERS: dict[str, Any] = {
    "loss": TypeConverters.toString,
    "penalty": TypeConverters.toString,
    "fitIntercept": TypeConverters.toBoolean,
    "validateData": TypeConverters.toBoolean,
    "maxIter": TypeConverters.toInt,
    "numClasses": TypeConverters.toInt,
    "regParam": TypeConverters.toFloat,
    "stepSize": TypeConverters.toFloat,
    "miniBatchFraction": TypeConverters.toFloat,
    "tol": TypeConverters.toFloat,
    "initialWeights": TypeConverters.toListFloat,
}


class _Weights(JavaModel):
    """Weights, one after the other."""


class _Optimizer(JavaEstimator[_Weights]):
    """An optimizer of examples.

    Parameters
    ----------
    name : str
        Its class in ``org.apache.spark.mllib.optimization``.
    **settings
        Its parameters, as in ``_CONVERTERS``.
    """

    def __init__(self, name: str, **settings: Any) -> None:
        super().__init__()
        self._java_obj = self._new_java_obj(f"{_OPTIMIZATION}.{name}", self.uid)
        for setting, value in settings.items():
            param: Param[Any] = Param(self, setting, setting, _CONVERTERS[setting])
            setattr(self, setting, param)
            self._params = None
            self._set(**{setting: value})

    def _create_model(self, java_model: Any) -> _Weights:
        return _Weights(java_model)


def optimized(name: str, data: RDD[Any], **settings: Any) -> list[float]:
    """Return the weights that an optimizer finds for an RDD of ``LabeledPoint``.

    Parameters
    ----------
    name : str
        ``GradientDescent`` or ``LBFGS``.
    data : RDD of LabeledPoint
        The examples.
    **settings
        The optimizer's parameters.

    Raises
    ------
    Py4JJavaError
        Labels are no classes, and these were to be checked.
    """
    try:
        model: Any = _Optimizer(name, **settings).fit(frames.of_labeled_points(data))
    except PySparkException as error:
        if "Input validation failed." in str(error):
            raise spark_error("Input validation failed.") from error
        raise
    return list(model._call_java("weights"))
