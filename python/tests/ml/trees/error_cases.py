"""What classifiers and trees say of data that they cannot take: name → what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.classification import (
    DecisionTreeClassifier,
    FMClassifier,
    GBTClassifier,
    LinearSVC,
    LogisticRegression,
    MultilayerPerceptronClassifier,
    NaiveBayes,
    OneVsRest,
    RandomForestClassifier,
)
from pyspark.ml.linalg import Vectors, VectorUDT
from pyspark.ml.regression import DecisionTreeRegressor, FMRegressor, GBTRegressor, RandomForestRegressor
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StructField, StructType

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

ERRORS: dict[str, Callable[[SparkSession], Any]] = {}

CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "tree": lambda: DecisionTreeClassifier(maxDepth=2),
    "forest": lambda: RandomForestClassifier(numTrees=2, maxDepth=2, seed=1),
    "boosted": lambda: GBTClassifier(maxIter=2, maxDepth=2, seed=1),
    "svc": lambda: LinearSVC(maxIter=2),
    "logistic": lambda: LogisticRegression(maxIter=2),
    "bayes": NaiveBayes,
    "perceptron": lambda: MultilayerPerceptronClassifier(layers=[2, 2], maxIter=2, seed=1),
    "machine": lambda: FMClassifier(maxIter=2, factorSize=2, seed=1),
    "one_vs_rest": lambda: OneVsRest(classifier=LogisticRegression(maxIter=2)),
}
REGRESSORS: dict[str, Callable[[], Any]] = {
    "tree_regression": lambda: DecisionTreeRegressor(maxDepth=2),
    "forest_regression": lambda: RandomForestRegressor(numTrees=2, maxDepth=2, seed=1),
    "boosted_regression": lambda: GBTRegressor(maxIter=2, maxDepth=2, seed=1),
    "machine_regression": lambda: FMRegressor(maxIter=2, factorSize=2, seed=1),
}
# What we say where Spark fails somewhere inside of Java, or takes what it cannot use: condition and message.
OURS: dict[str, tuple[str, str]] = {
    f"{kind}_other_size": (
        "IllegalArgumentException",
        "requirement failed: Dimensions mismatch when adding new sample. Expecting 2 but got 1.",
    )
    for kind in (*CLASSIFIERS, *REGRESSORS)
}
SCHEMA = StructType([StructField("label", DoubleType()), StructField("features", VectorUDT())])
INFINITE, NAN = float("inf"), float("nan")


def table(spark: SparkSession, *rows: tuple[float | None, list[float] | None]) -> DataFrame:
    vectors = [(label, None if row is None else Vectors.dense(row)) for label, row in rows]
    return spark.createDataFrame(vectors, SCHEMA).coalesce(1)


def case(name: str, make: Callable[[], Any], data: Callable[[SparkSession], DataFrame]) -> None:
    """A fit that fails; where it does not, what the model predicts."""

    def run(spark: SparkSession) -> Any:
        model = make().fit(data(spark))
        return model.transform(table(spark, (0.0, [1.0, 2.0]))).first()["prediction"]

    ERRORS[name] = run


def rows(*labelled: tuple[float | None, list[float] | None]) -> Callable[[SparkSession], DataFrame]:
    return lambda spark: table(spark, *labelled)


ONE, TWO = [1.0, 2.0], [2.0, 1.0]
for kind, make in (CLASSIFIERS | REGRESSORS).items():
    case(f"{kind}_empty", make, rows())
    case(f"{kind}_null_label", make, rows((0.0, ONE), (None, TWO)))
    case(f"{kind}_nan_label", make, rows((0.0, ONE), (NAN, TWO)))
    case(f"{kind}_null_features", make, rows((0.0, ONE), (1.0, None)))
    case(f"{kind}_nan_features", make, rows((0.0, ONE), (1.0, [NAN, 1.0])))
    case(f"{kind}_infinite_features", make, rows((0.0, ONE), (1.0, [1.0, INFINITE])))
    case(f"{kind}_other_size", make, rows((0.0, ONE), (1.0, [1.0])))
    case(f"{kind}_text_label", make, lambda spark: table(spark, (0.0, ONE)).withColumn("label", F.lit("a")))
    case(f"{kind}_plain_features", make, lambda spark: table(spark, (0.0, ONE)).withColumn("features", F.lit(1.0)))
    case(f"{kind}_no_features", make, lambda spark: table(spark, (0.0, ONE)).drop("features"))
for kind, make in CLASSIFIERS.items():
    case(f"{kind}_fraction_label", make, rows((0.0, ONE), (0.5, TWO)))
    case(f"{kind}_negative_label", make, rows((0.0, ONE), (-1.0, TWO)))
    case(f"{kind}_one_class", make, rows((0.0, ONE), (0.0, TWO)))
    case(f"{kind}_other_class", make, rows((0.0, ONE), (1.0, TWO), (1.0, ONE)))
    case(f"{kind}_three_classes", make, rows((0.0, ONE), (1.0, TWO), (2.0, [0.0, 5.0])))
    if kind == "one_vs_rest":
        continue
    case(f"{kind}_many_classes", make, rows((0.0, ONE), (100.0, TWO)))
    if kind != "svc":
        case(f"{kind}_thresholds", lambda make=make: make().setThresholds([0.5]), rows((0.0, ONE), (1.0, TWO)))


def nominal(spark: SparkSession, *values: tuple[float, float]) -> DataFrame:
    """A label and a vector of one feature of three categories."""
    attributes = {"attrs": {"nominal": [{"idx": 0, "num_vals": 3}]}, "num_attrs": 1}
    made = spark.createDataFrame([(label, Vectors.dense([value])) for label, value in values], ["label", "plain"])
    return made.select("label", F.col("plain").alias("features", metadata={"ml_attr": attributes})).coalesce(1)


def unseen(make: Callable[[], Any]) -> Callable[[SparkSession], Any]:
    """Categories that no row of the training had, or that the metadata does not know."""

    def run(spark: SparkSession) -> Any:
        model = make().fit(nominal(spark, (0.0, 0.0), (1.0, 1.0), (0.0, 0.0)))
        made = model.transform(nominal(spark, (0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (0.0, 7.0), (0.0, -1.0)))
        return [row["prediction"] for row in made.collect()]

    return run


TREES = ("tree", "forest", "boosted", "tree_regression", "forest_regression", "boosted_regression")
for kind in TREES:
    make = (CLASSIFIERS | REGRESSORS)[kind]
    ERRORS[f"{kind}_unseen"] = unseen(make)
    for name, value in (("unknown_category", 3.0), ("negative_category", -1.0), ("fraction_category", 1.5)):
        case(f"{kind}_{name}", make, lambda spark, value=value: nominal(spark, (0.0, 0.0), (1.0, value), (1.0, 2.0)))
    case(
        f"{kind}_few_bins",
        lambda make=make: make().setMaxBins(2),
        lambda spark: nominal(spark, (0.0, 0.0), (1.0, 1.0), (1.0, 2.0)),
    )
for kind in ("tree", "bayes", "svc", "logistic"):
    for name, weight in (("negative", -1.0), ("nan", NAN), ("infinite", INFINITE)):
        case(
            f"{kind}_{name}_weight",
            lambda kind=kind: CLASSIFIERS[kind]().setWeightCol("w"),
            lambda spark, weight=weight: table(spark, (0.0, ONE), (1.0, TWO)).withColumn("w", F.lit(weight)),
        )
