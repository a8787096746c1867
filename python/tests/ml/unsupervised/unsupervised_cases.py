"""Cases of clustering, recommendation, frequent patterns, Word2Vec and hashing: name → what is asked. Real Spark's
answers are in `answers.json`, which `python record.py` writes where real Spark is installed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import unsupervised_data as data
from pyspark.ml.clustering import LDA, BisectingKMeans, GaussianMixture, KMeans, PowerIterationClustering
from pyspark.ml.feature import BucketedRandomProjectionLSH, MinHashLSH, Word2Vec
from pyspark.ml.fpm import FPGrowth, PrefixSpan
from pyspark.ml.linalg import Vectors
from pyspark.ml.recommendation import ALS
from pyspark.sql.functions import array

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession

FOLDER = tempfile.TemporaryDirectory(prefix="models")

CASES: dict[str, Callable[[SparkSession], Any]] = {}


def case(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    CASES[function.__name__] = function
    return function


def described(model: Any) -> Any:
    summary = model.summary
    return [
        [list(map(float, center)) for center in model.clusterCenters()],
        summary.trainingCost,
        summary.numIter,
        summary.k,
        summary.clusterSizes,
        summary.predictionCol,
        summary.featuresCol,
        model.numFeatures,
        model.predict(Vectors.dense([5.0, 3.0, 1.5, 0.2])),
    ]


def saved(model: Any) -> Any:
    """The model as it comes back from its files, which stay: Spark reads some of them when they are asked for."""
    path = str(Path(tempfile.mkdtemp(dir=FOLDER.name)) / "model")
    model.save(path)
    return type(model).load(path)


def k_means(**settings: Any) -> Callable[[Any], Any]:
    return lambda spark: described(KMeans(k=4, seed=7, **settings).fit(data.iris(spark)))


def bisecting(**settings: Any) -> Callable[[Any], Any]:
    return lambda spark: described(BisectingKMeans(k=5, seed=3, maxIter=5, **settings).fit(data.iris(spark)))


for distance in ("euclidean", "cosine"):
    CASES[f"k_means_{distance}"] = k_means(maxIter=3, distanceMeasure=distance)
    CASES[f"k_means_random_{distance}"] = k_means(maxIter=30, initMode="random", distanceMeasure=distance)
    CASES[f"k_means_weights_{distance}"] = k_means(maxIter=3, distanceMeasure=distance, weightCol="w")
    CASES[f"bisecting_{distance}"] = bisecting(distanceMeasure=distance)
    CASES[f"bisecting_weights_{distance}"] = bisecting(distanceMeasure=distance, weightCol="w")
CASES["bisecting_large_only"] = bisecting(minDivisibleClusterSize=0.3)


@case
def k_means_sparse(spark: Any) -> Any:
    rows = data.sparse(spark)
    model = KMeans(k=3, seed=1).fit(rows)
    return [model.summary.trainingCost, [row.prediction for row in model.transform(rows).orderBy("id").collect()]]


@case
def k_means_predictions(spark: Any) -> Any:
    return KMeans(k=3, seed=1).fit(data.iris(spark)).transform(data.iris(spark)).select("id", "prediction").limit(5)


@case
def k_means_saved(spark: Any) -> Any:
    return [list(map(float, center)) for center in saved(KMeans(k=3, seed=1).fit(data.iris(spark))).clusterCenters()]


@case
def k_means_arrays(spark: Any) -> Any:
    rows = spark.createDataFrame([([0.0, 1.0],), ([9.0, 8.0],), ([0.5, 1.5],)], "features array<double>").coalesce(1)
    return sorted(list(map(float, center)) for center in KMeans(k=2, seed=1).fit(rows).clusterCenters())


@case
def k_means_arrays_without_nulls(spark: Any) -> Any:
    rows = spark.createDataFrame([(0.0, 1.0), (9.0, 8.0), (0.5, 1.5)], "x double, y double").coalesce(1)
    rows = rows.na.fill(0.0).select(array("x", "y").alias("features"))
    return sorted(list(map(float, center)) for center in KMeans(k=2, seed=1).fit(rows).clusterCenters())


@case
def k_means_one_cluster(spark: Any) -> Any:
    return KMeans(k=1).fit(data.iris(spark))


@case
def k_means_nan(spark: Any) -> Any:
    rows = spark.createDataFrame([(Vectors.dense([1.0, float("nan")]),)], ["features"])
    return KMeans(k=2).fit(rows).numFeatures


@case
def k_means_strings(spark: Any) -> Any:
    return KMeans(k=2).fit(spark.createDataFrame([("a",)], ["features"])).numFeatures


@case
def bisecting_cost(spark: Any) -> Any:
    model = saved(BisectingKMeans(k=5, seed=3, maxIter=5).fit(data.iris(spark)))
    return [
        model.computeCost(data.iris(spark)),
        model.transform(data.iris(spark)).groupBy("prediction").count().count(),
    ]


@case
def mixture(spark: Any) -> Any:
    model = GaussianMixture(k=3, seed=11).fit(data.iris(spark))
    summary = model.summary
    gaussians = [[row.mean.toArray().tolist(), row.cov.toArray().tolist()] for row in model.gaussiansDF.collect()]
    point = Vectors.dense([5.0, 3.0, 1.5, 0.2])
    numbers = [summary.logLikelihood, summary.numIter, summary.clusterSizes, summary.probabilityCol]
    return [model.weights, gaussians, numbers, model.predict(point), model.predictProbability(point)]


@case
def mixture_weights(spark: Any) -> Any:
    model = saved(GaussianMixture(k=3, seed=11, weightCol="w", maxIter=7).fit(data.iris(spark)))
    return [
        model.weights,
        [[row.mean.toArray().tolist(), row.cov.toArray().tolist()] for row in model.gaussiansDF.collect()],
    ]


@case
def mixture_predictions(spark: Any) -> Any:
    return GaussianMixture(k=2, seed=1).fit(data.iris(spark)).transform(data.iris(spark)).drop("w").limit(5)


def topics(model: Any, rows: Any) -> Any:
    return [
        model.topicsMatrix(),
        model.estimatedDocConcentration(),
        model.vocabSize(),
        model.isDistributed(),
        model.logLikelihood(rows),
        model.logPerplexity(rows),
        [row.topicDistribution for row in model.transform(rows).orderBy("id").limit(5).collect()],
    ]


@case
def lda_online(spark: Any) -> Any:
    rows = data.documents(spark)
    return topics(saved(LDA(k=3, seed=5, maxIter=5, subsamplingRate=0.5).fit(rows)), rows)


@case
def lda_fixed_priors(spark: Any) -> Any:
    rows = data.documents(spark)
    lda = LDA(k=2, seed=5, maxIter=3, docConcentration=[0.3, 0.7], topicConcentration=0.2)
    return topics(lda.setOptimizeDocConcentration(False).fit(rows), rows)


@case
def lda_topics(spark: Any) -> Any:
    return LDA(k=3, seed=5, maxIter=5).fit(data.documents(spark)).describeTopics(3)


@case
def lda_em(spark: Any) -> Any:
    rows = data.documents(spark)
    model = LDA(k=3, seed=5, maxIter=5, optimizer="em").fit(rows)
    same = saved(model)
    return [
        model.topicsMatrix(),
        model.trainingLogLikelihood(),
        model.logPrior(),
        same.trainingLogLikelihood(),
        same.logPrior(),
        model.isDistributed(),
    ]


@case
def lda_em_small_prior(spark: Any) -> Any:
    return LDA(k=2, optimizer="em", docConcentration=[0.5]).fit(data.documents(spark)).vocabSize()


@case
def lda_priors_mismatch(spark: Any) -> Any:
    return LDA(k=3, docConcentration=[0.5, 0.5]).fit(data.documents(spark)).vocabSize()


def clusters_of_graph(mode: str) -> Callable[[Any], Any]:
    def run(spark: Any) -> Any:
        clustering = PowerIterationClustering(k=2, maxIter=20, initMode=mode, weightCol="weight")
        clusters = {row.id: row.cluster for row in clustering.assignClusters(data.graph(spark)).collect()}
        # Which cluster is called 0 depends on where nodes lie.
        return [clusters[node] == clusters[0] for node in sorted(clusters)]

    return run


CASES["power_random"] = clusters_of_graph("random")
CASES["power_degree"] = clusters_of_graph("degree")


@case
def power_negative(spark: Any) -> Any:
    edges = spark.createDataFrame([(0, 1, -1.0)], "src long, dst long, weight double")
    return PowerIterationClustering(k=2, weightCol="weight").assignClusters(edges)


def factors(**settings: Any) -> Callable[[Any], Any]:
    def run(spark: Any) -> Any:
        model = ALS(rank=4, seed=5, **settings).fit(data.ratings(spark))
        both = (model.userFactors, model.itemFactors)
        return [sorted([row.id, list(row.features)] for row in frame.collect()) for frame in both]

    return run


CASES["als_random"] = factors(maxIter=0)
CASES["als_explicit"] = factors(maxIter=5, numUserBlocks=3, numItemBlocks=2)
CASES["als_implicit"] = factors(maxIter=3, implicitPrefs=True, alpha=2.0)
CASES["als_non_negative"] = factors(maxIter=3, nonnegative=True)


@case
def als_cold(spark: Any) -> Any:
    unknown = spark.createDataFrame([(1, 2), (1, 99), (99, 1)], "user int, item int").coalesce(1)
    model = ALS(rank=3, seed=5, maxIter=2).fit(data.ratings(spark))
    return [
        sorted(repr(round(row.prediction, 4)) for row in model.transform(unknown).collect()),
        model.setColdStartStrategy("drop").transform(unknown).count(),
        model.rank,
    ]


@case
def als_recommendations(spark: Any) -> Any:
    model = saved(ALS(rank=3, seed=5, maxIter=3).fit(data.ratings(spark)))
    return model.recommendForAllUsers(2).orderBy("user").limit(3)


@case
def als_recommendations_subset(spark: Any) -> Any:
    model = ALS(rank=3, seed=5, maxIter=3).fit(data.ratings(spark))
    few = spark.createDataFrame([(4,), (4,), (99,), (7,)], "item int")
    return [
        [[row.item, [r.user for r in row.recommendations]] for row in frame.orderBy("item").collect()]
        for frame in (model.recommendForItemSubset(few, 3), model.recommendForAllItems(2).limit(0))
    ]


def bad_ratings(schema: str, *row: Any) -> Callable[[Any], Any]:
    return lambda spark: ALS().fit(spark.createDataFrame([row], schema)).rank


CASES["als_fraction"] = bad_ratings("user double, item int, rating double", 1.5, 1, 1.0)
CASES["als_null_user"] = bad_ratings("user int, item int, rating double", None, 1, 1.0)
CASES["als_null_rating"] = bad_ratings("user int, item int, rating double", 1, 1, None)
CASES["als_nan_rating"] = bad_ratings("user int, item int, rating double", 1, 1, float("nan"))
CASES["als_infinite_rating"] = bad_ratings("user int, item int, rating double", 1, 1, float("inf"))
CASES["als_strings"] = bad_ratings("user string, item int, rating double", "a", 1, 1.0)


def sets(frame: Any) -> Any:
    """Rows whose lists have no order, in an order."""
    rows = [[sorted(v) if isinstance(v, list) else v for v in row] for row in frame.collect()]
    return [[[f.name, f.dataType.simpleString(), f.nullable] for f in frame.schema.fields], sorted(rows, key=repr)]


@case
def fp_growth(spark: Any) -> Any:
    rows = data.baskets(spark)
    model = FPGrowth(minSupport=0.3, minConfidence=0.5).fit(rows)
    return [sets(frame) for frame in (model.freqItemsets, model.associationRules, model.transform(rows))]


@case
def fp_growth_saved(spark: Any) -> Any:
    model = saved(FPGrowth(minSupport=0.3, minConfidence=0.7).fit(data.baskets(spark)))
    return [sets(frame) for frame in (model.freqItemsets, model.associationRules)]


@case
def fp_growth_numbers(spark: Any) -> Any:
    rows = spark.createDataFrame([([1, 2],), ([1],), ([],)], "items array<int>")
    return sets(FPGrowth(minSupport=0.3).fit(rows).freqItemsets)


@case
def fp_growth_strings(spark: Any) -> Any:
    return FPGrowth().fit(spark.createDataFrame([("a",)], ["items"])).freqItemsets


@case
def prefix_span(spark: Any) -> Any:
    span = PrefixSpan(minSupport=0.5, maxPatternLength=5)
    frame = span.findFrequentSequentialPatterns(data.sequences(spark))
    fields = [[f.name, f.dataType.simpleString()] for f in frame.schema.fields]
    return [fields, sorted([[sorted(s) for s in row.sequence], row.freq] for row in frame.collect())]


def words(model: Any, rows: Any) -> Any:
    return [
        sorted([row.word, row.vector] for row in model.getVectors().collect()),
        [[row.word, row.similarity] for row in model.findSynonyms("a", 2).collect()],
        [[row.word, row.similarity] for row in model.findSynonyms(Vectors.dense([1.0, 0.5, -1.0, 0.0]), 2).collect()],
        [row.out for row in model.transform(rows).limit(2).collect()],
    ]


@case
def word2vec(spark: Any) -> Any:
    rows = data.sentences(spark)
    return words(Word2Vec(vectorSize=4, minCount=2, seed=3, inputCol="text", outputCol="out").fit(rows), rows)


@case
def word2vec_passes(spark: Any) -> Any:
    rows = data.sentences(spark)
    settings = {"maxIter": 3, "windowSize": 2, "maxSentenceLength": 5, "stepSize": 0.1}
    trainer = Word2Vec(vectorSize=4, minCount=10, seed=4, inputCol="text", outputCol="out", **settings)
    return words(saved(trainer.fit(rows)), rows)


@case
def word2vec_no_words(spark: Any) -> Any:
    return Word2Vec(minCount=200, inputCol="text", outputCol="out").fit(data.sentences(spark)).getVectors()


def near(trainer: Any, rows: Any, key: Any, threshold: float) -> Any:
    model = saved(trainer.fit(rows))
    nearest = model.approxNearestNeighbors(rows, key, 4, "d")
    pairs = model.approxSimilarityJoin(rows.limit(20), rows.limit(12), threshold, "d")
    fields = [[f.name, f.dataType.simpleString()] for f in pairs.schema.fields]
    return [
        [row.hashes for row in model.transform(rows).orderBy("id").limit(3).collect()],
        [row.d for row in nearest.collect()],
        sorted([row.datasetA.id, row.datasetB.id, row.d] for row in pairs.collect()),
        fields,
    ]


@case
def projections(spark: Any) -> Any:
    trainer = BucketedRandomProjectionLSH(
        inputCol="features", outputCol="hashes", seed=12, bucketLength=1.0, numHashTables=3
    )
    return near(trainer, data.iris(spark), Vectors.dense([5.0, 3.0, 1.5, 0.2]), 0.3)


@case
def min_hash(spark: Any) -> Any:
    trainer = MinHashLSH(inputCol="features", outputCol="hashes", seed=12, numHashTables=3)
    return near(trainer, data.shingles(spark), Vectors.sparse(30, {0: 1.0, 7: 1.0, 14: 1.0}), 0.6)
