"""Programs of the benchmarks of MLlib, the same for Spark and Firesteel.

Each fits, and gives what computes the objective, which is not measured: a number and how far another engine's may be
from it, relative to it. Where both engines have the same problem with one solution that is 0.1 %; where they draw
random numbers, 1 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ml_data import path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

EXACT, DRAWN = 0.001, 0.01
# Of linear models, not of the features' scaled forms.
PENALTY = 1e-3
SPARSE_PENALTY = 1e-4
Objective = tuple[float, float]


class Tables:
    """A session with the data in memory; vectors are made once."""

    def __init__(self, spark: Any, options: argparse.Namespace) -> None:
        self.spark, self.options, self.held = spark, options, {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.held:
            from pyspark.ml.functions import array_to_vector

            rows = self.spark.read.parquet(str(path(name, self.options)))
            if "x" in rows.columns:
                rows = rows.withColumn("features", array_to_vector("x")).drop("x")
            self.keep(name, rows)
        return self.held[name]

    def keep(self, name: str, rows: Any) -> None:
        self.held[name] = rows.cache()
        self.held[name].count()


def firesteel(options: argparse.Namespace) -> Tables:
    import firesteel as engine

    return Tables(engine.session(), options)


def spark(options: argparse.Namespace) -> Tables:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "10g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return Tables(session, options)


def least_squares(solver: str) -> Callable[[Tables], Callable[[], Objective]]:
    def program(tables: Tables) -> Callable[[], Objective]:
        from pyspark.ml.regression import LinearRegression

        model = LinearRegression(labelCol="y", solver=solver, regParam=PENALTY).fit(tables["linear"])
        return lambda: (model.summary.rootMeanSquaredError, EXACT)

    return program


def logistic(data: str, penalty: float) -> Callable[[Tables], Callable[[], Objective]]:
    def program(tables: Tables) -> Callable[[], Objective]:
        from pyspark.ml.classification import LogisticRegression

        model = LogisticRegression(regParam=penalty, standardization=False).fit(tables[data])
        return lambda: (model.summary.objectiveHistory[-1], EXACT)

    return program


def random_forest(tables: Tables) -> Callable[[], Objective]:
    from pyspark.ml.classification import RandomForestClassifier
    from pyspark.ml.evaluation import MulticlassClassificationEvaluator

    rows = tables["dense"]
    model = RandomForestClassifier(numTrees=20, maxDepth=5, seed=1).fit(rows)
    return lambda: (MulticlassClassificationEvaluator(metricName="accuracy").evaluate(model.transform(rows)), DRAWN)


def boosted_trees(tables: Tables) -> Callable[[], Objective]:
    from pyspark.ml.evaluation import RegressionEvaluator
    from pyspark.ml.regression import GBTRegressor

    rows = tables["dense"]
    model = GBTRegressor(labelCol="y", maxIter=10, maxDepth=5, seed=1).fit(rows)
    return lambda: (RegressionEvaluator(labelCol="y").evaluate(model.transform(rows)), DRAWN)


def k_means(tables: Tables) -> Callable[[], Objective]:
    from pyspark.ml.clustering import KMeans

    model = KMeans(k=20, maxIter=20, tol=0.0, seed=1).fit(tables["clusters"])
    return lambda: (model.summary.trainingCost, DRAWN)


def als(tables: Tables) -> Callable[[], Objective]:
    from pyspark.ml.evaluation import RegressionEvaluator
    from pyspark.ml.recommendation import ALS

    rows = tables["ratings"]
    model = ALS(rank=32, maxIter=5, regParam=0.05, seed=1).fit(rows)
    some = rows.where("user % 50 = 0")
    return lambda: (RegressionEvaluator(labelCol="rating").evaluate(model.transform(some)), DRAWN)


def pca(tables: Tables) -> Callable[[], Objective]:
    from pyspark.ml.feature import PCA

    model = PCA(k=10, inputCol="features", outputCol="components").fit(tables["clusters"])
    return lambda: (float(model.explainedVariance.toArray().sum()), EXACT)


def word2vec(tables: Tables) -> Callable[[], Objective]:
    """The objective: how many of the words nearest to some frequent ones are of the same subject."""
    from pyspark.ml.feature import Word2Vec

    model = Word2Vec(vectorSize=100, numPartitions=2, seed=1, inputCol="words", outputCol="v").fit(tables["sentences"])

    def right() -> Objective:
        near = {subject: model.findSynonymsArray(f"word{subject}00", 5) for subject in range(1, 50, 5)}
        found = [int(word[4:]) // 100 == subject for subject, words in near.items() for word, _ in words]
        return sum(found) / len(found), DRAWN

    return right


def lda(tables: Tables) -> Callable[[], Objective]:
    from pyspark.ml.clustering import LDA
    from pyspark.ml.feature import CountVectorizer

    if "counts" not in tables.held:
        rows = tables["sentences"]
        counts = CountVectorizer(inputCol="words", outputCol="features").fit(rows).transform(rows)
        tables.keep("counts", counts.select("features"))
    rows = tables["counts"]
    model = LDA(k=20, maxIter=20, seed=1).fit(rows)
    return lambda: (model.logPerplexity(rows), DRAWN)


PROGRAMS: dict[str, Callable[[Tables], Callable[[], Objective]]] = {
    "linear regression, 1 M by 100, normal equations": least_squares("normal"),
    "linear regression, 1 M by 100, L-BFGS": least_squares("l-bfgs"),
    "logistic regression, 1 M by 100": logistic("linear", PENALTY),
    "logistic regression, 200 k by 100 k sparse": logistic("sparse", SPARSE_PENALTY),
    "random forest, 500 k by 50, 20 trees": random_forest,
    "boosted trees, 500 k by 50, 10 trees": boosted_trees,
    "k-means, 1 M by 50, k = 20": k_means,
    "ALS, 10 M ratings, rank 32": als,
    "PCA, 1 M by 50, k = 10": pca,
    "Word2Vec, 2 M words, 100 entries": word2vec,
    "LDA online, 100 k documents, k = 20": lda,
}
