"""Training of linear models: least squares, lasso, ridge, logistic regression, support vectors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.ml.classification import LogisticRegression
from pyspark.mllib.linalg import DenseVector

from firesteel.mllib import frames
from firesteel.mllib.errors import spark_error
from firesteel.mllib.linear.optimizers import optimized

if TYPE_CHECKING:
    from firesteel.rdd.core import RDD


def _penalty(kind: str | None) -> str:
    """Return the name of a penalty: ``l1``, ``l2``, ``none``."""
    if kind not in ("l1", "l2", "none", None):
        raise ValueError(
            "Invalid value for 'regType' parameter. Can only be initialized using the following string values: ['l1', 'l2', None]."
        )
    return kind or "none"


def _run(
    loss: str,
    data: RDD[Any],
    iterations: int,
    step: float,
    fraction: float,
    initial: Any,
    factor: float,
    kind: str | None,
    intercept: bool,
    check: bool,
    tolerance: float,
) -> list[Any]:
    """Return weights and intercept that gradient descent finds."""
    weights = initial.toArray().tolist()
    found = optimized(
        "GradientDescent",
        data,
        loss=loss,
        maxIter=iterations,
        stepSize=step,
        miniBatchFraction=fraction,
        # Spark's intercept starts at one, too.
        initialWeights=[*weights, 1.0] if intercept else weights,
        regParam=factor,
        penalty=_penalty(kind),
        fitIntercept=intercept,
        validateData=check,
        tol=tolerance,
    )
    return [DenseVector(found[:-1]), found[-1]] if intercept else [DenseVector(found), 0.0]


def train_linear(
    data: RDD[Any],
    iterations: int,
    step: float,
    fraction: float,
    initial: Any,
    factor: float,
    kind: str | None,
    intercept: bool,
    check: bool,
    tolerance: float,
) -> list[Any]:
    """Train least squares."""
    del check
    return _run("squares", data, iterations, step, fraction, initial, factor, kind, intercept, False, tolerance)


def _train_penalized(
    kind: str,
    data: RDD[Any],
    iterations: int,
    step: float,
    factor: float,
    fraction: float,
    initial: Any,
    intercept: bool,
    check: bool,
    tolerance: float,
) -> list[Any]:
    return train_linear(data, iterations, step, fraction, initial, factor, kind, intercept, check, tolerance)


def train_support_vectors(
    data: RDD[Any],
    iterations: int,
    step: float,
    factor: float,
    fraction: float,
    initial: Any,
    kind: str | None,
    intercept: bool,
    check: bool,
    tolerance: float,
) -> list[Any]:
    """Train a linear support vector machine."""
    return _run("hinge", data, iterations, step, fraction, initial, factor, kind, intercept, check, tolerance)


def train_logistic(
    data: RDD[Any],
    iterations: int,
    step: float,
    fraction: float,
    initial: Any,
    factor: float,
    kind: str | None,
    intercept: bool,
    check: bool,
    tolerance: float,
) -> list[Any]:
    """Train logistic regression of two classes by gradient descent."""
    found = _run("logistic", data, iterations, step, fraction, initial, factor, kind, intercept, check, tolerance)
    return [*found, len(found[0]), 2]


def train_logistic_quickly(
    data: RDD[Any],
    iterations: int,
    initial: Any,
    factor: float,
    kind: str | None,
    intercept: bool,
    corrections: int,
    tolerance: float,
    check: bool,
    classes: int,
) -> list[Any]:
    """Train logistic regression by L-BFGS: two classes as ``pyspark.ml`` does, more over a first one."""
    # The engine's search remembers ten steps, Spark's default.
    del corrections
    penalty = _penalty(kind)
    if classes != 2:
        found = optimized(
            "LBFGS",
            data,
            maxIter=iterations,
            initialWeights=initial.toArray().tolist(),
            regParam=factor,
            penalty=penalty,
            fitIntercept=intercept,
            tol=tolerance,
            numClasses=classes,
        )
        return [DenseVector(found), 0.0, len(found) // (classes - 1) - int(intercept), classes]
    if check:
        labels = data.map(lambda point: point.label).distinct().collect()
        if not np.isin(labels, np.arange(classes)).all():
            raise spark_error("Input validation failed.")
    estimator = LogisticRegression(
        maxIter=iterations,
        regParam=factor if penalty != "none" else 0.0,
        elasticNetParam=1.0 if penalty == "l1" else 0.0,
        tol=tolerance,
        fitIntercept=intercept,
        standardization=True,
    )
    model: Any = estimator.fit(frames.of_labeled_points(data))
    return [DenseVector(model.coefficients.toArray()), float(model.intercept), len(model.coefficients), 2]


FUNCTIONS = {
    "trainLinearRegressionModelWithSGD": train_linear,
    "trainLassoModelWithSGD": partial(_train_penalized, "l1"),
    "trainRidgeModelWithSGD": partial(_train_penalized, "l2"),
    "trainSVMModelWithSGD": train_support_vectors,
    "trainLogisticRegressionModelWithSGD": train_logistic,
    "trainLogisticRegressionModelWithLBFGS": train_logistic_quickly,
}
