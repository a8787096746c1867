"""Cases of trees, naive Bayes, linear SVC, factorization machines and perceptrons: name → what is asked.

Real Spark's answers are in `answers.json.gz` (`record.py`). Rules of trees are compared as text, without names of
instances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from error_cases import ERRORS
from libsvm_cases import LIBSVM
from pyspark.ml.classification import (
    DecisionTreeClassifier,
    FMClassifier,
    GBTClassifier,
    LinearSVC,
    MultilayerPerceptronClassifier,
    NaiveBayes,
    RandomForestClassifier,
)
from pyspark.ml.linalg import Vectors, VectorUDT
from pyspark.ml.regression import DecisionTreeRegressor, FMRegressor, GBTRegressor, RandomForestRegressor
from pyspark.sql.types import DoubleType, StructField, StructType
from tree_data import categories, frame, partitions, sparse

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

CASES: dict[str, Callable[[SparkSession], Any]] = {}


def shipped(name: str) -> Callable[[SparkSession], DataFrame]:
    return lambda spark: frame(spark, name)


def rules(model: Any) -> list[str]:
    """The rules, without the line that names the instance."""
    return model.toDebugString.splitlines()[1:]  # type: ignore[no-any-return]


def tree(name: str, data: Callable[[SparkSession], DataFrame], make: Callable[[], Any]) -> None:
    """What a model of trees says of itself and of some rows."""

    def run(spark: SparkSession) -> Any:
        rows = data(spark)
        model = make().setLeafCol("leaf").fit(rows)
        made = model.transform(rows)
        columns = [
            column for column in ("rawPrediction", "probability", "prediction", "leaf") if column in made.columns
        ]
        single = rows.first()["features"]
        answer = [model.featureImportances, rules(model), model.predict(single), model.predictLeaf(single)]
        answer += [[tuple(row) for row in made.select(*columns).limit(25).collect()]]
        answer += [[made.schema[column].metadata for column in columns]]
        if hasattr(model, "trees"):
            answer += [model.treeWeights, model.totalNumNodes, [part.depth for part in model.trees]]
        return answer

    CASES[name] = run


tree("tree_iris", shipped("iris"), lambda: DecisionTreeClassifier())
tree("tree_iris_entropy", shipped("iris"), lambda: DecisionTreeClassifier(impurity="entropy", maxDepth=4))
tree(
    "tree_iris_weighted", shipped("iris"), lambda: DecisionTreeClassifier(weightCol="w", minWeightFractionPerNode=0.05)
)
tree("tree_cancer", shipped("breast_cancer"), lambda: DecisionTreeClassifier(maxDepth=6, minInstancesPerNode=5))
tree("tree_digits", shipped("digits"), lambda: DecisionTreeClassifier(maxDepth=7, minInfoGain=0.02))
tree("tree_categories", categories, lambda: DecisionTreeClassifier(maxDepth=4))
tree("tree_categories_few_bins", categories, lambda: DecisionTreeClassifier(maxDepth=4, maxBins=12))
tree("tree_sparse", sparse, lambda: DecisionTreeClassifier(maxDepth=4))
tree("tree_thresholds", shipped("iris"), lambda: DecisionTreeClassifier(maxDepth=1).setThresholds([0.3, 0.8, 0.1]))
tree("regression_diabetes", shipped("diabetes"), lambda: DecisionTreeRegressor(maxDepth=5))
tree("regression_diabetes_bins", shipped("diabetes"), lambda: DecisionTreeRegressor(maxBins=8, minInstancesPerNode=10))
tree("regression_categories", categories, lambda: DecisionTreeRegressor(labelCol="y", maxDepth=4))
tree("forest_iris", shipped("iris"), lambda: RandomForestClassifier(numTrees=5, seed=3))
tree("forest_cancer", shipped("breast_cancer"), lambda: RandomForestClassifier(numTrees=8, maxDepth=4, seed=11))
tree(
    "forest_cancer_no_bootstrap",
    shipped("breast_cancer"),
    lambda: RandomForestClassifier(numTrees=4, maxDepth=3, seed=2, bootstrap=False, subsamplingRate=0.6),
)
tree(
    "forest_digits_groups",
    shipped("digits"),
    # The nodes of a level do not fit into the memory: they are split in several groups.
    lambda: RandomForestClassifier(numTrees=7, maxDepth=5, seed=5, maxMemoryInMB=1, featureSubsetStrategy="0.4"),
)
tree(
    "forest_diabetes",
    shipped("diabetes"),
    lambda: RandomForestRegressor(numTrees=6, maxDepth=4, seed=7, subsamplingRate=0.8),
)
tree(
    "forest_diabetes_log2",
    shipped("diabetes"),
    lambda: RandomForestRegressor(numTrees=3, seed=7, featureSubsetStrategy="log2"),
)
tree("boosted_cancer", shipped("breast_cancer"), lambda: GBTClassifier(maxIter=6, maxDepth=3, seed=1))
tree(
    "boosted_cancer_validation",
    shipped("breast_cancer"),
    lambda: GBTClassifier(maxIter=30, maxDepth=3, seed=1, validationIndicatorCol="held"),
)
tree("boosted_diabetes", shipped("diabetes"), lambda: GBTRegressor(maxIter=6, maxDepth=3, seed=1, stepSize=0.3))
tree(
    "boosted_diabetes_absolute",
    shipped("diabetes"),
    lambda: GBTRegressor(maxIter=5, maxDepth=2, seed=1, lossType="absolute", subsamplingRate=0.5),
)

tree("forest_partitions", partitions, lambda: RandomForestClassifier(numTrees=4, maxDepth=4, seed=6))
tree(
    "boosted_partitions",
    partitions,
    lambda: GBTRegressor(maxIter=4, maxDepth=3, seed=6, subsamplingRate=0.5),
)


def fitted(
    name: str,
    data: Callable[[SparkSession], DataFrame],
    make: Callable[[], Any],
    *attributes: str,
) -> None:
    """Attributes of a model, and what it makes of some rows."""

    def run(spark: SparkSession) -> Any:
        rows = data(spark)
        model = make().fit(rows)
        made = model.transform(rows)
        columns = [column for column in ("rawPrediction", "probability", "prediction") if column in made.columns]
        answer: list[Any] = [getattr(model, attribute) for attribute in attributes]
        answer += [model.predict(rows.first()["features"])]
        answer += [[tuple(row) for row in made.select(*columns).limit(25).collect()]]
        return answer

    CASES[name] = run


def ones(spark: SparkSession) -> DataFrame:
    rows = [(float(i % 3), Vectors.dense([float(i % 2), float(i // 3 % 2), float(i % 5 == 0)])) for i in range(40)]
    return spark.createDataFrame(rows, ["label", "features"]).coalesce(1)


PARTS = ("pi", "theta", "sigma")
fitted("bayes_multinomial", shipped("digits"), lambda: NaiveBayes(), *PARTS)
fitted("bayes_complement", shipped("iris"), lambda: NaiveBayes(modelType="complement", smoothing=0.5), *PARTS)
fitted("bayes_bernoulli", ones, lambda: NaiveBayes(modelType="bernoulli"), *PARTS)
fitted("bayes_gaussian", shipped("iris"), lambda: NaiveBayes(modelType="gaussian", weightCol="w"), *PARTS)
fitted("bayes_sparse", sparse, lambda: NaiveBayes(), *PARTS)
fitted(
    "bayes_negative",
    lambda spark: frame(spark, "iris").selectExpr("label", "features", "-w AS w"),
    lambda: NaiveBayes(weightCol="w"),
)

PLANE = ("coefficients", "intercept")
fitted("svc_cancer", shipped("breast_cancer"), lambda: LinearSVC(regParam=0.1, maxIter=200, tol=1e-12), *PLANE)
fitted("svc_cancer_few_steps", shipped("breast_cancer"), lambda: LinearSVC(regParam=0.01, maxIter=8), *PLANE)
fitted(
    "svc_cancer_raw_scale",
    shipped("breast_cancer"),
    lambda: LinearSVC(regParam=0.05, maxIter=20, standardization=False, weightCol="w", threshold=0.2),
    *PLANE,
)
fitted("svc_no_intercept", sparse, lambda: LinearSVC(regParam=0.1, fitIntercept=False, maxIter=30), *PLANE)

MACHINE = ("intercept", "linear", "factors")
fitted(
    "machine_classes",
    shipped("breast_cancer"),
    lambda: FMClassifier(factorSize=3, maxIter=20, seed=4, stepSize=0.01),
    *MACHINE,
)
fitted("machine_sparse", sparse, lambda: FMClassifier(maxIter=10, seed=4, regParam=0.01, fitIntercept=False), *MACHINE)
fitted(
    "machine_numbers",
    shipped("iris"),
    lambda: FMRegressor(factorSize=2, maxIter=25, seed=9, solver="gd", stepSize=0.01, regParam=0.1),
    *MACHINE,
)
fitted(
    "machine_mini_batches",
    shipped("iris"),
    lambda: FMRegressor(factorSize=2, maxIter=12, seed=9, stepSize=0.05, miniBatchFraction=0.3, fitLinear=False),
    *MACHINE,
)
fitted(
    "machine_large_batches",
    shipped("iris"),
    lambda: FMRegressor(factorSize=2, maxIter=12, seed=9, stepSize=0.05, miniBatchFraction=0.6),
    *MACHINE,
)

fitted(
    "perceptron_iris",
    shipped("iris"),
    lambda: MultilayerPerceptronClassifier(layers=[4, 5, 3], maxIter=15, seed=21, blockSize=40),
    "weights",
)
fitted(
    "machine_partitions",
    partitions,
    lambda: FMClassifier(factorSize=2, maxIter=8, seed=6, stepSize=0.05, miniBatchFraction=0.3),
    *MACHINE,
)
fitted(
    "perceptron_partitions",
    partitions,
    lambda: MultilayerPerceptronClassifier(layers=[4, 3, 2], maxIter=15, seed=21, blockSize=70),
    "weights",
)
fitted(
    "perceptron_descent",
    shipped("iris"),
    lambda: MultilayerPerceptronClassifier(layers=[4, 3, 3], maxIter=20, seed=2, solver="gd", stepSize=0.1),
    "weights",
)


def error(name: str, make: Callable[[], Any], data: Callable[[SparkSession], DataFrame]) -> None:
    CASES[name] = lambda spark: make().fit(data(spark)).numFeatures


def labelled(*labels: float | None) -> Callable[[SparkSession], DataFrame]:
    rows = [(label, Vectors.dense([float(i), 1.0])) for i, label in enumerate(labels)]
    schema = StructType([StructField("label", DoubleType()), StructField("features", VectorUDT())])
    return lambda spark: spark.createDataFrame(rows, schema).coalesce(1)


error("error_fraction_label", DecisionTreeClassifier, labelled(0.0, 1.5))
error("error_nan_label", DecisionTreeRegressor, labelled(0.0, float("nan")))
error("error_null_label", RandomForestRegressor, labelled(0.0, None))
error("error_third_class", GBTClassifier, labelled(0.0, 1.0, 2.0))
error("error_empty", DecisionTreeRegressor, labelled())
error("error_depth", lambda: DecisionTreeRegressor(maxDepth=31), labelled(0.0, 1.0))
error("error_bins", lambda: DecisionTreeRegressor(maxBins=1), labelled(0.0, 1.0))
error("error_subset", lambda: RandomForestRegressor(featureSubsetStrategy="most"), labelled(0.0, 1.0))
error("error_few_bins", lambda: DecisionTreeRegressor(maxBins=5, labelCol="y"), categories)
error("error_thresholds", lambda: DecisionTreeClassifier().setThresholds([0.5]), labelled(0.0, 1.0))
error("error_one_class", DecisionTreeClassifier, labelled(0.0, 0.0))


def each_iteration(spark: SparkSession) -> Any:
    rows = frame(spark, "diabetes")
    model = GBTRegressor(maxIter=4, maxDepth=2, seed=1).fit(rows)
    return [model.evaluateEachIteration(rows, loss) for loss in ("squared", "absolute")]


def each_iteration_of_classes(spark: SparkSession) -> Any:
    rows = frame(spark, "breast_cancer")
    return GBTClassifier(maxIter=4, maxDepth=2, seed=1).fit(rows).evaluateEachIteration(rows)


def summaries(spark: SparkSession) -> Any:
    rows = frame(spark, "breast_cancer")
    answer = []
    for estimator in (
        RandomForestClassifier(numTrees=3, seed=1, maxDepth=2),
        LinearSVC(maxIter=5, regParam=0.1),
        FMClassifier(maxIter=3, factorSize=2, seed=1),
    ):
        model = estimator.fit(rows)
        # A property of some models, a method of others.
        summary = model.summary() if callable(model.summary) else model.summary
        answer.append([summary.accuracy, summary.areaUnderROC, summary.objectiveHistory, summary.scoreCol])
        answer.append([model.evaluate(rows).weightedFMeasure(), summary.totalIterations, summary.labels])
    perceptron = MultilayerPerceptronClassifier(layers=[30, 2], maxIter=3, seed=1).fit(rows)
    return [*answer, [perceptron.summary().accuracy, perceptron.summary().objectiveHistory]]


CASES["each_iteration"] = each_iteration
CASES["each_iteration_of_classes"] = each_iteration_of_classes
CASES["summaries"] = summaries
CASES |= ERRORS | LIBSVM
