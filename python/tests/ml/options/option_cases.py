"""Estimators with other parameters than the defaults, on data that scikit-learn ships: name → what is asked.

A case answers all that a fitted model, its summary, and a summary of other rows have: every property that PySpark's
classes list. Real Spark's answers are in `answers.json` (`record.py`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pyspark.ml import classification as c
from pyspark.ml import clustering as k
from pyspark.ml import feature as f
from pyspark.ml import regression as r
from pyspark.ml.linalg import Vectors
from pyspark.ml.recommendation import ALS
from pyspark.sql import functions as F
from tree_data import frame
from unsupervised_data import ratings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

CASES: dict[str, Callable[[SparkSession], Any]] = {}
ROWS = 12
# Properties that are asked of elsewhere, or that name an instance or its parameters.
LEFT_OUT = {"params", "uid", "summary", "trees", "uidToParams", "toDebugString", "toLocal", "vocabulary", "gaussians"}


def rows_of(table: Any) -> Any:
    """Some rows, evenly."""
    made = [tuple(row) for row in table.collect()]
    return made[:: math.ceil(len(made) / ROWS) or 1]


def properties(of: Any) -> dict[str, Any]:
    """Every property of an object's class: its value, rows of a table, or the kind of error."""
    found = {}
    for name in sorted(dir(type(of))):
        if name.startswith("_") or name in LEFT_OUT or not isinstance(getattr(type(of), name), property):
            continue
        try:
            value = getattr(of, name)
            found[name] = rows_of(value) if hasattr(value, "collect") else value
        except Exception as error:
            found[name] = type(error).__name__
    return found


def all_of(estimator: Any, data: DataFrame) -> Any:
    """What the model says of itself, its training, other rows, and single ones."""
    model = estimator.fit(data)
    before = [name for name in data.columns if name != "features"]
    answer = [properties(model), rows_of(model.transform(data).drop(*before, "features"))]
    if getattr(model, "hasSummary", False):
        answer.append(properties(model.summary))
    if hasattr(model, "evaluate"):
        answer.append(properties(model.evaluate(data.where("held"))))
    return answer


def fits(name: str, data: str, make: Callable[[], Any], *changes: Callable[[DataFrame], DataFrame]) -> None:
    def run(spark: SparkSession) -> Any:
        rows = frame(spark, data)
        for change in changes:
            rows = change(rows)
        return all_of(make(), rows)

    CASES[name] = run


def two_kinds(rows: DataFrame) -> DataFrame:
    return rows.where("label > 0").withColumn("label", F.col("label") - 1)


def offset(rows: DataFrame) -> DataFrame:
    return rows.withColumn("o", F.col("w") / 10).withColumn("y", F.round(F.col("label") / 40))


EXACT: dict[str, Any] = {"tol": 1e-12, "maxIter": 200}

fits(
    "logistic",
    "iris",
    lambda: c.LogisticRegression(
        regParam=0.05,
        threshold=0.3,
        weightCol="w",
        standardization=False,
        aggregationDepth=3,
        maxBlockSizeInMB=0.001,
        **EXACT,
    ),
    two_kinds,
)
fits(
    "logistic_net",
    "breast_cancer",
    lambda: c.LogisticRegression(
        regParam=0.1,
        elasticNetParam=0.5,
        fitIntercept=False,
        family="binomial",
        probabilityCol="p",
        rawPredictionCol="r",
        **EXACT,
    ),
)
fits(
    "softmax",
    "iris",
    lambda: c.LogisticRegression(
        regParam=0.2, elasticNetParam=0.3, thresholds=[0.2, 0.5, 0.3], weightCol="w", predictionCol="q", **EXACT
    ),
)
fits(
    "softmax_plain",
    "iris",
    lambda: c.LogisticRegression(regParam=0.01, fitIntercept=False, standardization=False, **EXACT),
)
fits(
    "svc",
    "iris",
    lambda: c.LinearSVC(regParam=0.1, threshold=0.4, weightCol="w", standardization=False, fitIntercept=False, **EXACT),
    two_kinds,
)
fits(
    "bayes",
    "iris",
    lambda: c.NaiveBayes(modelType="gaussian", weightCol="w", thresholds=[0.1, 0.6, 0.3]),
)
fits("bayes_smoothed", "iris", lambda: c.NaiveBayes(smoothing=0.3, modelType="complement", weightCol="w"))
fits(
    "forest",
    "iris",
    lambda: c.RandomForestClassifier(
        numTrees=4,
        maxDepth=3,
        seed=3,
        subsamplingRate=0.7,
        featureSubsetStrategy="log2",
        impurity="entropy",
        weightCol="w",
        minWeightFractionPerNode=0.05,
        bootstrap=False,
    ),
)
fits(
    "forest_two_kinds",
    "breast_cancer",
    lambda: c.RandomForestClassifier(
        numTrees=3, maxDepth=4, seed=5, maxBins=16, minInstancesPerNode=4, minInfoGain=0.01
    ),
)
fits(
    "least_squares",
    "diabetes",
    lambda: r.LinearRegression(weightCol="w", fitIntercept=False, standardization=False, regParam=0.3, solver="normal"),
)
fits(
    "elastic_net",
    "diabetes",
    lambda: r.LinearRegression(elasticNetParam=0.4, regParam=1.0, weightCol="w", solver="l-bfgs", **EXACT),
)
fits("huber", "diabetes", lambda: r.LinearRegression(loss="huber", epsilon=1.8, regParam=0.1, weightCol="w", **EXACT))
for family, link, target in (
    ("gaussian", "log", "label"),
    ("gamma", "inverse", "label"),
    ("gamma", "identity", "label"),
    ("poisson", "sqrt", "y"),
    ("poisson", "identity", "y"),
):
    fits(
        f"{family}_{link}",
        "diabetes",
        lambda family=family, link=link, target=target: r.GeneralizedLinearRegression(
            family=family, link=link, labelCol=target, weightCol="w", linkPredictionCol="eta", tol=1e-12, maxIter=50
        ),
        offset,
    )
fits(
    "tweedie",
    "diabetes",
    lambda: r.GeneralizedLinearRegression(
        family="tweedie",
        variancePower=1.5,
        linkPower=0.0,
        offsetCol="o",
        regParam=0.2,
        labelCol="y",
        tol=1e-12,
        maxIter=50,
    ),
    offset,
)
for link in ("probit", "cloglog"):
    fits(
        f"binomial_{link}",
        "iris",
        lambda link=link: r.GeneralizedLinearRegression(
            family="binomial", link=link, offsetCol="w", regParam=0.5, fitIntercept=False, tol=1e-12, maxIter=50
        ),
        two_kinds,
    )
fits(
    "survival",
    "diabetes",
    lambda: r.AFTSurvivalRegression(
        censorCol="c",
        quantileProbabilities=[0.1, 0.5],
        quantilesCol="quantiles",
        fitIntercept=False,
        aggregationDepth=3,
        **EXACT,
    ),
    lambda rows: rows.withColumn("c", F.when(F.col("held"), 0.0).otherwise(1.0)),
)
fits(
    "isotonic",
    "diabetes",
    lambda: r.IsotonicRegression(isotonic=False, featureIndex=2, weightCol="w"),
)
fits(
    "k_means",
    "iris",
    lambda: k.KMeans(
        k=3, seed=9, weightCol="w", initMode="random", distanceMeasure="cosine", tol=1e-9, predictionCol="cluster"
    ),
)
fits("k_means_blocks", "iris", lambda: k.KMeans(k=4, seed=2, solver="block", initSteps=4, maxBlockSizeInMB=0.001))
fits("bisecting", "iris", lambda: k.BisectingKMeans(k=5, seed=2, weightCol="w", minDivisibleClusterSize=0.2))


def als(spark: SparkSession) -> Any:
    model = ALS(
        rank=3,
        maxIter=6,
        seed=5,
        numUserBlocks=2,
        numItemBlocks=3,
        nonnegative=True,
        implicitPrefs=True,
        alpha=2.0,
        regParam=0.2,
        coldStartStrategy="drop",
    ).fit(ratings(spark))
    return [model.rank, rows_of(model.transform(ratings(spark)).orderBy("user", "item").select("prediction"))]


def cancers(spark: SparkSession) -> DataFrame:
    """Cancer's first features as columns of numbers, with gaps, and texts."""
    rows = [
        (
            float(row["features"][0]) if i % 7 else None,
            float(row["features"][1]) if i % 5 else math.nan,
            "abc"[i % 3],
            int(row["label"]),
            row["features"],
        )
        for i, row in enumerate(frame(spark, "breast_cancer").limit(120).collect())
    ]
    made = spark.createDataFrame(
        [(*row[:4], Vectors.dense(row[4].values[:6])) for row in rows], ["a", "b", "s", "y", "v"]
    )
    return made.coalesce(1)


CASES["als"] = als
FEATURES: dict[str, Callable[[], Any]] = {
    "bins": lambda: f.QuantileDiscretizer(
        inputCols=["a", "b"], outputCols=["o", "p"], numBucketsArray=[3, 6], handleInvalid="keep"
    ),
    "indexers": lambda: f.StringIndexer(
        inputCols=["s", "y"], outputCols=["o", "p"], stringOrderType="alphabetDesc", handleInvalid="keep"
    ),
    "formula": lambda: f.RFormula(
        formula="y ~ s:v + s + 0", forceIndexLabel=True, stringIndexerOrderType="frequencyAsc"
    ),
    "standard": lambda: f.StandardScaler(inputCol="v", outputCol="o", withMean=True, withStd=False),
    "robust": lambda: f.RobustScaler(inputCol="v", outputCol="o", withCentering=True, lower=0.1, upper=0.8),
    "min_max": lambda: f.MinMaxScaler(inputCol="v", outputCol="o", min=-2.0, max=3.0),
    "pca": lambda: f.PCA(inputCol="v", outputCol="o", k=3),
    "fwe": lambda: (
        f.UnivariateFeatureSelector(featuresCol="v", labelCol="y", outputCol="o", selectionMode="fwe")
        .setFeatureType("continuous")
        .setLabelType("categorical")
        .setSelectionThreshold(0.2)
    ),
    "variance": lambda: f.VarianceThresholdSelector(featuresCol="v", outputCol="o", varianceThreshold=20.0),
    "projection": lambda: f.BucketedRandomProjectionLSH(
        inputCol="v", outputCol="o", bucketLength=3.0, numHashTables=3, seed=8
    ),
    "target": lambda: f.TargetEncoder(
        inputCols=["y"], outputCols=["o"], labelCol="z", targetType="continuous", smoothing=3.0
    ),
}
for name, make in FEATURES.items():

    def run(spark: SparkSession, make: Callable[[], Any] = make) -> Any:
        data = cancers(spark).withColumn("z", F.length("s") + F.col("y") * 2.0)
        model = make().fit(data)
        return [properties(model), rows_of(model.transform(data).drop(*data.columns))]

    CASES[name] = run
