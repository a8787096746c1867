"""Growing trees, as the estimators of ``pyspark.ml`` do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.errors import IllegalArgumentException
from pyspark.ml.classification import DecisionTreeClassifier, GBTClassifier, RandomForestClassifier
from pyspark.ml.regression import DecisionTreeRegressor, GBTRegressor, RandomForestRegressor
from pyspark.mllib.regression import LabeledPoint

from firesteel.mllib import frames
from firesteel.mllib.tree.models import DecisionTreeModel, GradientBoostedTreesModel, RandomForestModel
from firesteel.mllib.tree.text import parse_ensemble, parse_tree
from firesteel.mllib.worker.trees import Ensemble

if TYPE_CHECKING:
    from firesteel.rdd.core import RDD


def _frame(data: RDD[Any], classes: int, categorical: dict[int, int]) -> Any:
    """Return the points as a frame whose columns say what is categorical, and of how many categories."""
    frame: Any = frames.of_labeled_points(data)
    if categorical:
        size = len(data.first().features)
        nominal = [{"idx": index, "num_vals": count} for index, count in sorted(categorical.items())]
        numeric = [{"idx": index} for index in range(size) if index not in categorical]
        attributes: dict[str, Any] = {"nominal": nominal}
        if numeric:
            attributes["numeric"] = numeric
        frame = frame.withMetadata("features", {"ml_attr": {"attrs": attributes, "num_attrs": size}})
    if classes:
        frame = frame.withMetadata("label", {"ml_attr": {"type": "nominal", "num_vals": classes}})
    return frame


def _classifies(algorithm: str) -> bool:
    if algorithm not in ("classification", "regression"):
        raise IllegalArgumentException(f"Did not recognize Algo name: {algorithm}")
    return algorithm == "classification"


def grow_tree(
    data: RDD[Any],
    algorithm: str,
    classes: int,
    categorical: dict[int, int],
    impurity: str,
    depth: int,
    bins: int,
    instances: int,
    gain: float,
) -> DecisionTreeModel:
    """Grow one tree."""
    classifies = _classifies(algorithm)
    kind: Any = DecisionTreeClassifier if classifies else DecisionTreeRegressor
    estimator = kind(impurity=impurity, maxDepth=depth, maxBins=bins, minInstancesPerNode=instances, minInfoGain=gain)
    model = estimator.fit(_frame(data, classes if classifies else 0, categorical))
    return DecisionTreeModel(parse_tree(model.toDebugString), classifies)


def grow_forest(
    data: RDD[Any],
    algorithm: str,
    classes: int,
    categorical: dict[int, int],
    trees: int,
    subset: str,
    impurity: str,
    depth: int,
    bins: int,
    seed: int,
) -> RandomForestModel:
    """Grow trees of samples of examples and features."""
    classifies = _classifies(algorithm)
    kind: Any = RandomForestClassifier if classifies else RandomForestRegressor
    estimator = kind(
        numTrees=trees,
        featureSubsetStrategy=subset,
        impurity=impurity,
        maxDepth=depth,
        maxBins=bins,
        seed=seed,
        bootstrap=trees > 1,
    )
    model = estimator.fit(_frame(data, classes if classifies else 0, categorical))
    found, weights = parse_ensemble(model.toDebugString)
    return RandomForestModel(Ensemble(found, weights, "vote" if classifies else "average", classifies))


def boost_trees(
    data: RDD[Any],
    algorithm: str,
    categorical: dict[int, int],
    loss: str,
    iterations: int,
    rate: float,
    depth: int,
    bins: int,
) -> GradientBoostedTreesModel:
    """Grow trees one after another, each of what those before it leave."""
    classifies = _classifies(algorithm)
    options: Any = {"maxIter": iterations, "stepSize": rate, "maxDepth": depth, "maxBins": bins, "seed": 0}
    names = {"leastSquaresError": "squared", "leastAbsoluteError": "absolute"}
    if loss == "logLoss" and classifies:
        estimator: Any = GBTClassifier(**options)
    elif loss in names:
        estimator = GBTRegressor(lossType=names[loss], **options)
        if classifies:
            # With these losses, too, classes are -1 and 1.
            data = data.map(lambda point: LabeledPoint(2 * point.label - 1, point.features))
    else:
        raise IllegalArgumentException(f"Did not recognize Loss name: {loss}")
    two = 2 if isinstance(estimator, GBTClassifier) else 0
    model: Any = estimator.fit(_frame(data, two, categorical))
    found, weights = parse_ensemble(model.toDebugString)
    return GradientBoostedTreesModel(Ensemble(found, weights, "sum", classifies))


FUNCTIONS = {
    "trainDecisionTreeModel": grow_tree,
    "trainRandomForestModel": grow_forest,
    "trainGradientBoostedTreesModel": boost_trees,
}
