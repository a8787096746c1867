"""MLlib beside real Spark in one run: fits on the same rows, objectives checked equal; written to RESULTS.md.

    python benchmarks/ml.py                                        # 500,000 rows of 50 features, ...
    python benchmarks/ml.py --scale 0.02 --only firesteel          # a quick look
    python benchmarks/ml.py --workloads "random forest;boosted"    # some of them, not written

Every program reads its rows from Parquet, keeps them in memory (outside the measured time) and fits. Spark is the
classic one with a JVM, `local[2]`; its environment is `build/bench/spark`.

To add a case: rows in `DATA` (a function that gives a table; `x` becomes the column `features`) and a function in
`WORKLOADS` that fits.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turns import Suite, main

if TYPE_CHECKING:
    import pyarrow as pa

# Objectives may differ by so much, relative to Spark's: seeds draw other samples.
TOLERANCE = 0.01


# --------------------------------------------------------------------------------------------------------------
# Data
# --------------------------------------------------------------------------------------------------------------


def dense(scale: float) -> pa.Table:
    """500,000 rows of 50 features; a class and a number that depend on ten of them in no linear way."""
    import numpy as np
    import pyarrow as pa

    n_rows, n_features = int(500_000 * scale), 50
    random = np.random.default_rng(7)
    x = random.normal(size=(n_rows, n_features))
    y = 2 * np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + np.where(x[:, 3] > 0.5, 2, 0) + x[:, 4:10].sum(axis=1) / 3
    y += random.normal(size=n_rows) / 2
    lists = pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), n_features).cast(pa.list_(pa.float64()))
    return pa.table({"x": lists, "y": y, "label": (y > 0.7).astype("float64")})


def clusters(scale: float) -> pa.Table:
    """1,000,000 rows of 50 features around 20 centres; so close to one another that where a fit begins matters little."""
    import numpy as np
    import pyarrow as pa

    n_rows, n_features = int(1_000_000 * scale), 50
    random = np.random.default_rng(8)
    centers = random.normal(size=(20, n_features)) * 0.3
    x = random.normal(size=(n_rows, n_features)) + centers[random.integers(0, 20, size=n_rows)]
    lists = pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), n_features).cast(pa.list_(pa.float64()))
    return pa.table({"x": lists})


def ratings(scale: float) -> pa.Table:
    """10,000,000 ratings of 20,000 items by 100,000 users, of rank 8 and with noise."""
    import numpy as np
    import pyarrow as pa

    n_rows, n_users, n_items = int(10_000_000 * scale), int(100_000 * scale) + 1, int(20_000 * scale) + 1
    random = np.random.default_rng(9)
    users, items = random.integers(0, n_users, size=n_rows), random.integers(0, n_items, size=n_rows)
    of_users, of_items = random.normal(size=(n_users, 8)), random.normal(size=(n_items, 8))
    rating = 3 + np.einsum("ij,ij->i", of_users[users], of_items[items]) / 3 + random.normal(size=n_rows) / 5
    return pa.table({"user": users.astype("int32"), "item": items.astype("int32"), "rating": rating.astype("float32")})


def sentences(scale: float) -> pa.Table:
    """100,000 sentences of 20 words of one of 50 subjects, each of 100 words; some are rare."""
    import numpy as np
    import pyarrow as pa

    n_rows, n_words = int(100_000 * scale), 20
    random = np.random.default_rng(10)
    subjects = np.repeat(random.integers(0, 50, size=n_rows), n_words)
    words = subjects * 100 + (100 * random.random(size=n_rows * n_words) ** 2).astype("int64")
    texts = pa.array([f"word{word}" for word in range(5000)]).take(pa.array(words))
    lists = pa.FixedSizeListArray.from_arrays(texts, n_words).cast(pa.list_(pa.string()))
    return pa.table({"subject": subjects[::n_words], "words": lists})


DATA: dict[str, Callable[[float], pa.Table]] = {
    "dense": dense,
    "clusters": clusters,
    "ratings": ratings,
    "sentences": sentences,
}


def path(name: str, options: argparse.Namespace) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return cache / "firesteel" / f"ml-{name}-{options.scale:g}.parquet"


def prepare(options: argparse.Namespace) -> None:
    import pyarrow.parquet as pq

    for name, make in DATA.items():
        if not path(name, options).exists():
            path(name, options).parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(make(options.scale), path(name, options), row_group_size=50_000)


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
            rows = rows.cache()
            rows.count()
            self.held[name] = rows
        return self.held[name]


# --------------------------------------------------------------------------------------------------------------
# Programs. Each fits, and gives what computes the objective, which is not measured.
# --------------------------------------------------------------------------------------------------------------


def random_forest(tables: Tables, _: argparse.Namespace) -> Callable[[], float]:
    from pyspark.ml.classification import RandomForestClassifier
    from pyspark.ml.evaluation import MulticlassClassificationEvaluator

    rows = tables["dense"]
    model = RandomForestClassifier(numTrees=20, maxDepth=5, seed=1).fit(rows)
    return lambda: MulticlassClassificationEvaluator(metricName="accuracy").evaluate(model.transform(rows))


def boosted_trees(tables: Tables, _: argparse.Namespace) -> Callable[[], float]:
    from pyspark.ml.evaluation import RegressionEvaluator
    from pyspark.ml.regression import GBTRegressor

    rows = tables["dense"]
    model = GBTRegressor(labelCol="y", maxIter=10, maxDepth=5, seed=1).fit(rows)
    return lambda: RegressionEvaluator(labelCol="y").evaluate(model.transform(rows))


def k_means(tables: Tables, _: argparse.Namespace) -> Callable[[], float]:
    from pyspark.ml.clustering import KMeans

    model = KMeans(k=20, maxIter=20, tol=0.0, seed=1).fit(tables["clusters"])
    return lambda: model.summary.trainingCost


def als(tables: Tables, _: argparse.Namespace) -> Callable[[], float]:
    from pyspark.ml.evaluation import RegressionEvaluator
    from pyspark.ml.recommendation import ALS

    rows = tables["ratings"]
    model = ALS(rank=32, maxIter=5, regParam=0.05, seed=1).fit(rows)
    some = rows.where("user % 50 = 0")
    return lambda: RegressionEvaluator(labelCol="rating").evaluate(model.transform(some))


def pca(tables: Tables, _: argparse.Namespace) -> Callable[[], float]:
    from pyspark.ml.feature import PCA

    model = PCA(k=10, inputCol="features", outputCol="components").fit(tables["clusters"])
    return lambda: float(model.explainedVariance.toArray().sum())


def word2vec(tables: Tables, _: argparse.Namespace) -> Callable[[], float]:
    """The objective: how many of the words nearest to some frequent ones are of the same subject."""
    from pyspark.ml.feature import Word2Vec

    model = Word2Vec(vectorSize=100, numPartitions=2, seed=1, inputCol="words", outputCol="v").fit(tables["sentences"])

    def right() -> float:
        near = {subject: model.findSynonymsArray(f"word{subject}00", 5) for subject in range(1, 50, 5)}
        found = [int(word[4:]) // 100 == subject for subject, words in near.items() for word, _ in words]
        return sum(found) / len(found)

    return right


def lda(tables: Tables, _: argparse.Namespace) -> Callable[[], float]:
    from pyspark.ml.clustering import LDA
    from pyspark.ml.feature import CountVectorizer

    if "counts" not in tables.held:
        rows = tables["sentences"]
        counts = CountVectorizer(inputCol="words", outputCol="features").fit(rows).transform(rows)
        tables.held["counts"] = counts.select("features").cache()
        tables.held["counts"].count()
    rows = tables["counts"]
    model = LDA(k=20, maxIter=20, seed=1).fit(rows)
    return lambda: model.logPerplexity(rows)


WORKLOADS = {
    "random forest, 500 k by 50, 20 trees": random_forest,
    "boosted trees, 500 k by 50, 10 trees": boosted_trees,
    "k-means, 1 M by 50, k = 20": k_means,
    "ALS, 10 M ratings, rank 32": als,
    "PCA, 1 M by 50, k = 10": pca,
    "Word2Vec, 2 M words, 100 entries": word2vec,
    "LDA online, 100 k documents, k = 20": lda,
}


def same(ours: float, wanted: float) -> bool:
    return abs(ours - wanted) <= TOLERANCE * abs(wanted)


def firesteel(options: argparse.Namespace) -> Tables:
    import firesteel as engine

    return Tables(engine.session(), options)


def spark(options: argparse.Namespace) -> Tables:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "8g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return Tables(session, options)


ABOUT = (
    f"`fit` on rows in memory, `local[2]`; the objectives of both models (accuracy, root mean squared error, ...) are "
    f"equal within {TOLERANCE:.0%}."
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="of all sizes (default: 1)")
    suite = Suite("MLlib", ABOUT, {"firesteel": firesteel, "spark": spark}, WORKLOADS, prepare, same)
    main(suite, __file__, parser)
