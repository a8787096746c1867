"""Training of linear models: least squares, lasso, ridge, logistic regression, support vectors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.ml.classification import LogisticRegression
from pyspark.mllib.linalg import DenseVector

from firesteel.mllib import frames
from firesteel.mllib.errors import spark_error
from firesteel.mllib.linear.descent import Penalty, descend, load, minimize, with_bias
from firesteel.mllib.stat.summary import column_statistics

if TYPE_CHECKING:
    from collections.abc import Callable

    from firesteel.mllib.worker.examples import Examples
    from firesteel.rdd.core import RDD


def _squares(margins: Any, labels: Any) -> Any:
    return margins - labels


def _logistic(margins: Any, labels: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-margins)) - labels


def _hinge(margins: Any, labels: Any) -> Any:
    signs = 2 * labels - 1
    return np.where(signs * margins < 1.0, -signs, 0.0)


def _validate(examples: list[Examples], classes: int) -> None:
    """Raise Spark's error if there are other labels than whole numbers below `classes`."""
    for part in examples:
        if not np.isin(part.labels, np.arange(classes)).all():
            raise spark_error("Input validation failed.")


def _run(
    slope: Callable[[Any, Any], Any],
    data: RDD[Any],
    iterations: int,
    step: float,
    fraction: float,
    initial: Any,
    penalty: Penalty,
    intercept: bool,
    check: bool,
    tolerance: float,
) -> list[Any]:
    """Return weights and intercept that gradient descent finds."""
    examples = load(data)
    if check:
        _validate(examples, 2)
    weights = initial.toArray()
    if intercept:
        # Spark's starts at one, too.
        examples, weights = with_bias(examples), np.append(weights, 1.0)
    found = descend(examples, slope, penalty, weights, iterations, step, fraction, tolerance)
    return [DenseVector(found[:-1]), float(found[-1])] if intercept else [DenseVector(found), 0.0]


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
    penalty = Penalty(kind, factor)
    return _run(_squares, data, iterations, step, fraction, initial, penalty, intercept, False, tolerance)


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
    penalty = Penalty(kind, factor)
    return _run(_hinge, data, iterations, step, fraction, initial, penalty, intercept, check, tolerance)


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
    penalty = Penalty(kind, factor)
    found = _run(_logistic, data, iterations, step, fraction, initial, penalty, intercept, check, tolerance)
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
    penalty = Penalty(kind, factor)
    if check:
        labels = data.map(lambda point: point.label).distinct().collect()
        if not np.isin(labels, np.arange(classes)).all():
            raise spark_error("Input validation failed.")
    if classes == 2:
        estimator = LogisticRegression(
            maxIter=iterations,
            regParam=factor if penalty.kind in ("l1", "l2") else 0.0,
            elasticNetParam=1.0 if penalty.kind == "l1" else 0.0,
            tol=tolerance,
            fitIntercept=intercept,
            standardization=True,
        )
        model: Any = estimator.fit(frames.of_labeled_points(data))
        return [DenseVector(model.coefficients.toArray()), float(model.intercept), len(model.coefficients), 2]
    deviations = np.sqrt(column_statistics(data.map(lambda point: point.features)).variance().toArray())
    factors = np.divide(1.0, deviations, out=np.zeros_like(deviations), where=deviations != 0)
    examples = [part.scaled(factors) for part in load(data)]
    if intercept:
        examples, factors = with_bias(examples), np.append(factors, 1.0)
    loss = partial(_loss_of_classes, examples, penalty, classes - 1)
    found = minimize(loss, initial.toArray(), corrections, tolerance, iterations)
    weights = found.reshape(classes - 1, -1) * factors
    return [DenseVector(weights.ravel()), 0.0, len(deviations), classes]


def _loss_of_classes(examples: list[Examples], penalty: Penalty, others: int, weights: Any) -> tuple[float, Any]:
    """Return the mean log loss with its penalty, and the gradient; the first class has no weights."""
    matrix = weights.reshape(others, -1).T
    loss, gradient, count = 0.0, np.zeros_like(matrix), 0
    for part in examples:
        margins = np.column_stack([np.zeros(len(part)), part.times(matrix)])
        largest = margins.max(axis=1)
        powers = np.exp(margins - largest[:, None])
        sums = powers.sum(axis=1)
        rows, labels = np.arange(len(part)), part.labels.astype(int)
        loss += float((np.log(sums) + largest - margins[rows, labels]).sum())
        slopes = powers / sums[:, None]
        slopes[rows, labels] -= 1.0
        gradient += part.weighted(slopes[:, 1:])
        count += len(part)
    return loss / count + penalty.value(weights), gradient.T.ravel() / count + penalty.gradient(weights)


FUNCTIONS = {
    "trainLinearRegressionModelWithSGD": train_linear,
    "trainLassoModelWithSGD": partial(_train_penalized, "l1"),
    "trainRidgeModelWithSGD": partial(_train_penalized, "l2"),
    "trainSVMModelWithSGD": train_support_vectors,
    "trainLogisticRegressionModelWithSGD": train_logistic,
    "trainLogisticRegressionModelWithLBFGS": train_logistic_quickly,
}
