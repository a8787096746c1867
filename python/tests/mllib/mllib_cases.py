"""Programs of the older API of MLlib. As a program, it prints real Spark's answers (`bless.py mllib`).

Each returns numbers, texts and lists of them. What depends on random numbers that are not Spark's is not compared here.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.mllib import fpm, tree
from pyspark.mllib.classification import (
    LogisticRegressionModel,
    LogisticRegressionWithLBFGS,
    LogisticRegressionWithSGD,
    NaiveBayes,
    NaiveBayesModel,
    SVMWithSGD,
)
from pyspark.mllib.clustering import (
    LDA,
    BisectingKMeans,
    GaussianMixture,
    KMeans,
    KMeansModel,
    PowerIterationClustering,
    StreamingKMeansModel,
)
from pyspark.mllib.evaluation import (
    BinaryClassificationMetrics,
    MulticlassMetrics,
    MultilabelMetrics,
    RankingMetrics,
    RegressionMetrics,
)
from pyspark.mllib.feature import (
    IDF,
    PCA,
    ChiSqSelector,
    ElementwiseProduct,
    HashingTF,
    Normalizer,
    StandardScaler,
    Word2Vec,
)
from pyspark.mllib.linalg import DenseMatrix, Matrices, SparseVector, Vectors
from pyspark.mllib.linalg.distributed import BlockMatrix, CoordinateMatrix, MatrixEntry, RowMatrix
from pyspark.mllib.random import RandomRDDs
from pyspark.mllib.recommendation import ALS, MatrixFactorizationModel
from pyspark.mllib.regression import (
    IsotonicRegression,
    LabeledPoint,
    LassoWithSGD,
    LinearRegressionModel,
    LinearRegressionWithSGD,
    RidgeRegressionWithSGD,
)
from pyspark.mllib.stat import KernelDensity, Statistics
from pyspark.mllib.util import MLUtils

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = np.round(np.random.RandomState(7).randn(60, 3), 3)
SPLIT = (ROWS @ [1.5, -2.0, 0.5] + 0.3 > 0).astype(float)


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else str(value)
    if isinstance(value, (np.integer, np.bool_)):
        return value.item()
    if hasattr(value, "toArray"):
        return [type(value).__name__, plain(value.toArray())]
    if isinstance(value, dict):
        return {str(key): plain(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple, np.ndarray, map, zip)) or type(value).__name__ == "array":
        return [plain(item) for item in value]
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return repr(value)


def points(sc: Any) -> Any:
    """Points of two classes."""
    return sc.parallelize([LabeledPoint(label, row) for label, row in zip(SPLIT, ROWS, strict=True)], 2)


def numbers(sc: Any) -> Any:
    """Points of a line with noise."""
    labels = np.round(ROWS @ [1.0, 2.0, -1.0] + 0.5, 3)
    return sc.parallelize([LabeledPoint(label, row) for label, row in zip(labels, ROWS, strict=True)], 2)


def vectors(sc: Any) -> Any:
    """Vectors, some of them sparse."""
    rows = [Vectors.dense(row) for row in ROWS[:20]]
    return sc.parallelize([*rows, Vectors.sparse(3, {1: 2.0}), Vectors.sparse(3, {})], 2)


def linear(model: Any) -> Any:
    """What a linear model says."""
    return [model.weights, model.intercept, [model.predict(row) for row in ROWS[:5]]]


def saved(sc: Any, model: Any, kind: Any) -> Any:
    """Write a model and read it again."""
    path = os.path.join(tempfile.mkdtemp(), "model")
    model.save(sc, path)
    return kind.load(sc, path)


def distances(model: Any) -> Any:
    """Centres, in an order of their own."""
    return sorted(plain(model.clusterCenters))


def decisions(model: Any, sc: Any) -> Any:
    """What a model of trees says."""
    rows = sc.parallelize([Vectors.dense(row) for row in ROWS[:10]])
    return [repr(model), model.toDebugString(), model.predict(rows).collect()]


def three_classes(sc: Any) -> Any:
    """Points of three classes."""
    labels = SPLIT + (ROWS[:, 2] > 0.5)
    return sc.parallelize([LabeledPoint(label, row) for label, row in zip(labels, ROWS, strict=True)], 2)


def categorical(sc: Any) -> Any:
    """Points whose first feature is a category."""
    rows = [[float(abs(int(row[0] * 10)) % 4), row[1], row[2]] for row in ROWS]
    labels = [float(row[0] in (1.0, 3.0) or row[1] > 1) for row in rows]
    return sc.parallelize([LabeledPoint(label, row) for label, row in zip(labels, rows, strict=True)], 2)


def matrices(sc: Any) -> Any:
    """Matrices, cut into blocks."""
    blocks = [((0, 0), Matrices.dense(2, 2, [1, 2, 3, 4])), ((1, 0), Matrices.sparse(2, 2, [0, 1, 2], [1, 0], [7, 8]))]
    return BlockMatrix(sc.parallelize(blocks), 2, 2)


def entries(matrix: Any) -> Any:
    """Entries, in order."""
    return sorted((entry.i, entry.j, entry.value) for entry in matrix.entries.collect())


def rows_of(matrix: Any) -> Any:
    """Numbered rows, in order."""
    return sorted((row.index, repr(row.vector)) for row in matrix.rows.collect())


def summary(statistics: Any) -> Any:
    """Column statistics."""
    names = ("count", "mean", "variance", "numNonzeros", "max", "min", "normL1", "normL2")
    return [getattr(statistics, name)() for name in names]


def a_test(result: Any) -> Any:
    """A test's numbers and text."""
    return [result.pValue, result.degreesOfFreedom, result.statistic, result.nullHypothesis, result.method]


def text(result: Any) -> str:
    """A test's text, with eight digits of its numbers."""
    return re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.8g}", str(result))


def factors(model: Any) -> Any:
    """What a model of ratings says."""
    return [
        model.rank,
        model.predict(1, 2),
        sorted(model.userFeatures().collect()),
        [tuple(rating) for rating in model.recommendProducts(1, 2)],
        [tuple(rating) for rating in model.recommendUsers(2, 2)],
        sorted(tuple(rating) for rating in model.predictAll(model._sc.parallelize([(1, 2), (2, 3), (9, 9)])).collect()),
        sorted((user, [tuple(r) for r in best]) for user, best in model.recommendProductsForUsers(1).collect()),
    ]


def ratings(sc: Any) -> Any:
    """Ratings."""
    made = [(u, p, float((u * p) % 5 + 1)) for u in range(1, 7) for p in range(1, 6) if (u + p) % 3]
    return sc.parallelize(made, 2)


def metrics_of(kind: Any, rdd: Any, names: tuple[str, ...]) -> Any:
    """Some metrics by name; some are methods."""
    made = kind(rdd)
    found = [getattr(made, name) for name in names]
    return [value() if callable(value) else value for value in found]


def multiclass(sc: Any) -> Any:
    """All metrics of three classes."""
    data = [(0.0, 0.0, 1.0), (0.0, 1.0, 0.5), (1.0, 1.0, 1.0), (1.0, 1.0, 2.0), (2.0, 0.0, 1.0), (2.0, 2.0, 0.5)]
    made = MulticlassMetrics(sc.parallelize(data))
    per_label = ("truePositiveRate", "falsePositiveRate", "precision", "recall", "fMeasure")
    names = ("accuracy", "weightedTruePositiveRate", "weightedFalsePositiveRate", "weightedRecall", "weightedPrecision")
    return [
        made.confusionMatrix(),
        [[getattr(made, name)(label) for label in (0.0, 1.0, 2.0)] for name in per_label],
        made.fMeasure(1.0, 2.0),
        [getattr(made, name) for name in names],
        made.weightedFMeasure(),
        made.weightedFMeasure(2.0),
    ]


def ranking(sc: Any) -> Any:
    """All metrics of rankings."""
    found = [([1, 6, 2, 7, 8], [1, 2, 3, 4]), ([4, 1, 5, 6], [1, 2, 3]), ([1, 2], [])]
    made = RankingMetrics(sc.parallelize(found))
    at = [[getattr(made, name)(k) for k in (1, 3, 10)] for name in ("precisionAt", "recallAt", "ndcgAt")]
    graded = RankingMetrics(sc.parallelize([([1, 6, 2], [1, 2, 3], [3.0, 2.0, 1.0])]))
    return [at, made.meanAveragePrecision, made.meanAveragePrecisionAt(2), graded.ndcgAt(3)]


def multilabel(sc: Any) -> Any:
    """All metrics of sets of labels."""
    data = [([0.0, 1.0], [0.0, 2.0]), ([0.0, 2.0], [0.0, 1.0]), ([2.0], [2.0]), ([1.0, 2.0], [1.0])]
    made = MultilabelMetrics(sc.parallelize(data))
    names = ("microPrecision", "microRecall", "microF1Measure", "hammingLoss", "subsetAccuracy", "accuracy")
    per_label = [[getattr(made, name)(label) for label in (0.0, 1.0)] for name in ("precision", "recall", "f1Measure")]
    return [made.precision(), made.recall(), made.f1Measure(), per_label, [getattr(made, name) for name in names]]


def columns(sc: Any) -> Any:
    """Columns of the older types as the newer ones, and back."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    frame = spark.createDataFrame([(0, Vectors.sparse(2, [1], [1.0]), Matrices.dense(1, 2, [1, 2]))], ["id", "x", "y"])
    newer = MLUtils.convertMatrixColumnsToML(MLUtils.convertVectorColumnsToML(frame, "x"), "y")
    older = MLUtils.convertMatrixColumnsFromML(MLUtils.convertVectorColumnsFromML(newer))
    return [[repr(row), type(row.x).__module__, type(row.y).__module__] for row in (newer.first(), older.first())]


def libsvm(sc: Any) -> Any:
    """Points written and read in the format of LIBSVM."""
    path = os.path.join(tempfile.mkdtemp(), "points")
    made = [LabeledPoint(1.0, Vectors.sparse(3, {0: 1.5, 2: 2.0})), LabeledPoint(-1.0, Vectors.dense([0.0, 3.0, 0.0]))]
    MLUtils.saveAsLibSVMFile(sc.parallelize(made, 1), path)
    texts = sc.parallelize(["(1.0,[1.0,2.0])", "(0.0,(3,[1],[2.5]))"], 1)
    texts.saveAsTextFile(path + "2")
    return [MLUtils.loadLibSVMFile(sc, path, 3).collect(), MLUtils.loadLabeledPoints(sc, path + "2").collect()]


def word_vectors(sc: Any) -> Any:
    """Vectors of words, which are Spark's for the same seed and one partition."""
    sentences = sc.parallelize([["a", "b", "c", "d"] * 20, ["a", "c", "b"] * 20, ["e", "f"] * 20], 1)
    model = Word2Vec().setVectorSize(4).setSeed(42).setMinCount(1).setNumIterations(1).fit(sentences)
    return [
        sorted(dict(model.getVectors())),
        [word for word, _ in model.findSynonyms("a", 3)] != [],
        model.transform("a").size,
    ]


def streaming_kmeans(sc: Any) -> Any:
    """Centres that move with two batches."""
    model = StreamingKMeansModel([[0.0, 0.0], [1.0, 1.0]], [1.0, 1.0])
    model.update(sc.parallelize([[-0.1, -0.1], [0.1, 0.1], [1.1, 1.1], [0.9, 0.9]]), 1.0, "batches")
    first = [plain(model.clusterCenters), plain(model.clusterWeights)]
    model.update(sc.parallelize([[1.1, 1.1], [0.9, 0.9], [0.1, 0.1]]), 0.5, "points")
    return [first, model.clusterCenters, model.clusterWeights]


def mixture(sc: Any) -> Any:
    """A mixture of two distributions that lie apart."""
    data = sc.parallelize(np.vstack([ROWS[:30, :2], ROWS[30:, :2] + 9]).tolist(), 2)
    model = GaussianMixture.train(data, 2, convergenceTol=1e-6, maxIterations=50, seed=10)
    parts = sorted(zip(plain(model.weights), [(plain(g.mu), plain(g.sigma)) for g in model.gaussians], strict=True))
    return [parts, sorted(plain(model.predictSoft([0.0, 0.0])))]


def bisected(sc: Any) -> Any:
    """Clusters of clusters."""
    model = BisectingKMeans.train(sc.parallelize([[0.0, 0.0], [1.0, 1.0], [9.0, 8.0], [8.0, 9.0]], 2), 4, seed=1)
    found = [model.predict([0.0, 0.0]) != model.predict([9.0, 8.0]), model.k]
    return [sorted(plain(model.clusterCenters)), found, model.computeCost([0.0, 0.0])]


def power_iteration(sc: Any) -> Any:
    """Clusters of two cliques."""
    edges = [(i, j, 1.0) for base in (0, 5) for i in range(base, base + 5) for j in range(base, i)] + [(0, 5, 0.01)]
    model = PowerIterationClustering.train(sc.parallelize(edges, 2), 2, 20)
    clusters: dict[int, set[int]] = {}
    for assignment in model.assignments().collect():
        clusters.setdefault(assignment.cluster, set()).add(assignment.id)
    return [model.k, sorted(sorted(members) for members in clusters.values())]


def topics(sc: Any) -> Any:
    """Shape of topics."""
    documents = [
        [1, Vectors.dense([3.0, 0.0, 1.0])],
        [2, SparseVector(3, {0: 1.0, 1: 5.0})],
        [3, Vectors.dense([4.0, 0, 0])],
    ]
    model = LDA.train(sc.parallelize(documents), k=2, seed=1, maxIterations=5)
    described = model.describeTopics(2)
    shape = [len(described), [len(terms) for terms, _ in described]]
    return [model.vocabSize(), model.topicsMatrix().shape, round(float(model.topicsMatrix().sum()), 6), shape]


def patterns(model: Any) -> Any:
    """Patterns, in order."""
    if hasattr(model, "freqItemsets"):
        # Items that are equally frequent come in either order.
        return sorted((repr(sorted(items)), count) for items, count in model.freqItemsets().collect())
    return sorted((repr(list(sequence)), count) for sequence, count in model.freqSequences().collect())


CASES: dict[str, Callable[[Any], Any]] = {
    "linear regression": lambda sc: linear(
        LinearRegressionWithSGD.train(numbers(sc), iterations=50, step=0.5, intercept=True)
    ),
    "linear regression, l1": lambda sc: linear(
        LinearRegressionWithSGD.train(numbers(sc), iterations=20, regParam=0.1, regType="l1", initialWeights=[1, 0, 0])
    ),
    "lasso": lambda sc: linear(LassoWithSGD.train(numbers(sc), iterations=30, regParam=0.2)),
    "ridge": lambda sc: linear(RidgeRegressionWithSGD.train(numbers(sc), iterations=30, regParam=0.2, intercept=True)),
    "linear regression, saved": lambda sc: linear(
        saved(sc, LinearRegressionWithSGD.train(numbers(sc), iterations=5), LinearRegressionModel)
    ),
    "logistic regression by descent": lambda sc: linear(
        LogisticRegressionWithSGD.train(points(sc), iterations=50, intercept=True)
    ),
    "logistic regression": lambda sc: linear(
        LogisticRegressionWithLBFGS.train(points(sc), regParam=0.1, intercept=True, tolerance=1e-10)
    ),
    "logistic regression of three classes": lambda sc: linear(
        LogisticRegressionWithLBFGS.train(
            three_classes(sc), regParam=0.1, intercept=True, numClasses=3, tolerance=1e-10, iterations=200
        )
    ),
    "logistic regression, saved": lambda sc: repr(
        saved(sc, LogisticRegressionModel(Vectors.dense([0.5, 1.0]), 0.25, 2, 2), LogisticRegressionModel)
    ),
    "support vectors": lambda sc: linear(SVMWithSGD.train(points(sc), iterations=30, intercept=True)),
    "naive Bayes": lambda sc: (lambda model: [model.labels, model.pi, model.theta, model.predict([1.0, 0.0, 2.0])])(
        saved(
            sc,
            NaiveBayes.train(points(sc).map(lambda p: LabeledPoint(p.label, np.abs(p.features.toArray())))),
            NaiveBayesModel,
        )
    ),
    "isotonic regression": lambda sc: (lambda model: [model.boundaries, model.predictions, model.predict([1.5, 9.0])])(
        IsotonicRegression.train(sc.parallelize([(1, 0, 1), (2, 1, 1), (3, 2, 1), (1, 3, 1), (6, 4, 1), (17, 5, 2)]))
    ),
    "k-means from given centres": lambda sc: distances(
        KMeans.train(sc.parallelize(ROWS.tolist(), 2), 2, initialModel=KMeansModel([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]))
    ),
    "k-means": lambda sc: (lambda model: [distances(saved(sc, model, KMeansModel)), model.computeCost(vectors(sc))])(
        KMeans.train(sc.parallelize([*ROWS.tolist(), *(ROWS + 20).tolist()], 2), 2, seed=3)
    ),
    "streaming k-means": streaming_kmeans,
    "Gaussian mixture": mixture,
    "bisecting k-means": bisected,
    "power iteration clustering": power_iteration,
    "topics": topics,
    "decision tree": lambda sc: decisions(tree.DecisionTree.trainClassifier(three_classes(sc), 3, {}, maxDepth=3), sc),
    "decision tree with categories": lambda sc: decisions(
        tree.DecisionTree.trainClassifier(categorical(sc), 2, {0: 4}, impurity="entropy", maxDepth=2), sc
    ),
    "regression tree": lambda sc: decisions(tree.DecisionTree.trainRegressor(numbers(sc), {}, maxDepth=2), sc),
    "regression tree, saved": lambda sc: decisions(
        saved(sc, tree.DecisionTree.trainRegressor(categorical(sc), {0: 4}, maxDepth=2), tree.DecisionTreeModel), sc
    ),
    "random forest": lambda sc: decisions(
        tree.RandomForest.trainClassifier(points(sc), 2, {}, 3, seed=42, maxDepth=2), sc
    ),
    "random forest of numbers, saved": lambda sc: decisions(
        saved(sc, tree.RandomForest.trainRegressor(numbers(sc), {}, 2, seed=7, maxDepth=2), tree.RandomForestModel),
        sc,
    ),
    "boosted trees": lambda sc: decisions(
        tree.GradientBoostedTrees.trainClassifier(points(sc), {}, numIterations=3, maxDepth=2), sc
    ),
    "boosted trees of numbers, saved": lambda sc: decisions(
        saved(
            sc,
            tree.GradientBoostedTrees.trainRegressor(numbers(sc), {}, numIterations=3, maxDepth=2),
            tree.GradientBoostedTreesModel,
        ),
        sc,
    ),
    "ALS": lambda sc: factors(ALS.train(ratings(sc), 2, iterations=5, seed=10, blocks=2)),
    "ALS, nonnegative": lambda sc: factors(ALS.train(ratings(sc), 1, nonnegative=True, seed=123456789)),
    "ALS, implicit, saved": lambda sc: factors(
        saved(sc, ALS.trainImplicit(ratings(sc), 2, seed=3, blocks=2), MatrixFactorizationModel)
    ),
    "frequent sets": lambda sc: patterns(
        saved(
            sc,
            fpm.FPGrowth.train(sc.parallelize([["a", "b", "c"], ["a", "b", "d"], ["a", "c"], ["b"]], 2), 0.5, 2),
            fpm.FPGrowthModel,
        )
    ),
    "frequent sequences": lambda sc: patterns(
        fpm.PrefixSpan.train(sc.parallelize([[[1, 2], [3]], [[1], [3, 2], [1, 2]], [[1, 2], [5]], [[6]]], 2), 0.5, 5)
    ),
    "column statistics": lambda sc: summary(Statistics.colStats(vectors(sc))),
    "correlations": lambda sc: [Statistics.corr(vectors(sc)), Statistics.corr(vectors(sc), method="spearman")],
    "correlation of numbers": lambda sc: Statistics.corr(
        sc.parallelize([1.0, 0.0, -2.0, 3.0], 2), sc.parallelize([4.0, 5.0, 3.0, 3.0], 2), "pearson"
    ),
    "goodness of fit": lambda sc: [
        a_test(Statistics.chiSqTest(Vectors.dense([4, 6, 5]))),
        a_test(Statistics.chiSqTest(Vectors.dense([21, 38, 43, 80]), Vectors.dense([3, 5, 7, 20]))),
        text(Statistics.chiSqTest(Vectors.dense([21, 38, 43, 80]), Vectors.dense([3, 5, 7, 20]))),
    ],
    "independence": lambda sc: a_test(
        Statistics.chiSqTest(Matrices.dense(3, 4, [40, 24, 29, 56, 32, 42, 31, 10, 0, 30, 15, 12]))
    ),
    "independence of features": lambda sc: [
        a_test(result)
        for result in Statistics.chiSqTest(
            categorical(sc).map(lambda p: LabeledPoint(p.label, p.features.toArray()[:1]))
        )
    ],
    "distribution": lambda sc: [
        text(Statistics.kolmogorovSmirnovTest(sc.parallelize(ROWS[:, 0].tolist(), 2), "norm")),
        Statistics.kolmogorovSmirnovTest(sc.parallelize([2.0, 3.0, 4.0]), "norm", 3.0, 1.0).pValue,
    ],
    "densities": lambda sc: (
        lambda made: [
            made.setBandwidth(2.0),
            made.setSample(sc.parallelize([0.0, 1.0, 5.0])),
            made.estimate([0.0, 2.0]),
        ]
    )(KernelDensity()),
    "normalizer": lambda sc: [
        Normalizer(p).transform(vector)
        for p in (1.0, 2.0, float("inf"))
        for vector in (Vectors.dense([3, -4, 0]), Vectors.sparse(3, {1: 2.0}), Vectors.dense([0, 0, 0]))
    ],
    "standard scaler": lambda sc: [
        (lambda model: [model.mean, model.std, model.transform(vectors(sc)).take(2), model.withMean])(
            StandardScaler(*how).fit(vectors(sc))
        )
        for how in ((True, True), (True, False))
    ],
    "feature selection": lambda sc: (
        ChiSqSelector(numTopFeatures=1)
        .fit(categorical(sc).map(lambda p: LabeledPoint(p.label, [p.features[0], 1.0])))
        .transform(Vectors.sparse(2, {0: 8.0}))
    ),
    "principal components": lambda sc: np.abs(
        PCA(2).fit(vectors(sc)).transform(Vectors.dense([1.0, 2.0, 3.0])).toArray()
    ),
    "term weights": lambda sc: (
        lambda model: [model.idf(), model.docFreq(), model.numDocs(), model.transform(Vectors.sparse(3, {1: 2.0}))]
    )(IDF(1).fit(vectors(sc))),
    "weights by value": lambda sc: ElementwiseProduct(Vectors.dense([1.0, 2.0, 3.0])).transform(vectors(sc)).take(2),
    "hashed terms": lambda sc: HashingTF(100).transform(["1", "2"]).size,
    "word vectors": word_vectors,
    "binary metrics": lambda sc: metrics_of(
        BinaryClassificationMetrics,
        sc.parallelize([(0.1, 0.0, 1.0), (0.1, 1.0, 0.4), (0.4, 0.0, 0.2), (0.6, 1.0, 0.9), (0.8, 1.0, 0.7)], 2),
        ("areaUnderROC", "areaUnderPR"),
    ),
    "regression metrics": lambda sc: metrics_of(
        RegressionMetrics,
        sc.parallelize([(2.5, 3.0, 0.5), (0.0, -0.5, 1.0), (2.0, 2.0, 0.3), (8.0, 7.0, 0.9)]),
        ("explainedVariance", "meanAbsoluteError", "meanSquaredError", "rootMeanSquaredError", "r2"),
    ),
    "multiclass metrics": multiclass,
    "log loss": lambda sc: MulticlassMetrics(
        sc.parallelize([(1.0, 1.0, 1.0, [0.1, 0.8, 0.1]), (0.0, 2.0, 1.0, [0.9, 0.05, 0.05])])
    ).logLoss(),
    "ranking metrics": ranking,
    "multilabel metrics": multilabel,
    "rows": lambda sc: (
        lambda m: [
            m.numRows(),
            m.numCols(),
            m.computeGramianMatrix(),
            m.computeCovariance(),
            entries(m.columnSimilarities()),
        ]
    )(RowMatrix(vectors(sc))),
    "rows, decomposed": lambda sc: (
        lambda svd, qr: [
            svd.s,
            np.abs(svd.V.toArray()),
            np.abs(np.array(svd.U.rows.map(lambda v: v.toArray()).collect())),
            np.abs(qr.R.toArray()),
        ]
    )(RowMatrix(vectors(sc)).computeSVD(2, True), RowMatrix(vectors(sc)).tallSkinnyQR(True)),
    "rows, multiplied": lambda sc: RowMatrix(vectors(sc)).multiply(DenseMatrix(3, 2, range(6))).rows.take(3),
    "rows, summarized": lambda sc: summary(RowMatrix(vectors(sc)).computeColumnSummaryStatistics()),
    "entries": lambda sc: (
        lambda m: [
            m.numRows(),
            m.numCols(),
            entries(m.transpose()),
            rows_of(m.toIndexedRowMatrix()),
            repr(m.toBlockMatrix(2, 2).toLocalMatrix()),
            m.toRowMatrix().numRows(),
        ]
    )(CoordinateMatrix(sc.parallelize([MatrixEntry(0, 0, 1.5), (2, 1, 2.5), (4, 2, -1.0)]))),
    "uniform numbers": lambda sc: RandomRDDs.uniformRDD(sc, 7, 2, seed=5).collect(),
    "normal numbers": lambda sc: RandomRDDs.normalRDD(sc, 7, 3, seed=-1).collect(),
    "normal vectors": lambda sc: RandomRDDs.normalVectorRDD(sc, 3, 2, 2, seed=11).collect(),
    "columns": columns,
    "files of points": libsvm,
    "bad input": lambda sc: [
        failure(lambda: SVMWithSGD.train(three_classes(sc))),
        failure(lambda: NaiveBayes.train(points(sc))),
        failure(lambda: RowMatrix(vectors(sc)).computeSVD(9)),
        failure(lambda: tree.DecisionTree.trainClassifier(points(sc), 2, {}, impurity="variance")),
        failure(lambda: ALS.train(ratings(sc), 2, seed=1).predict(77, 1)),
        failure(lambda: matrices(sc).add(matrices(sc).transpose())),
    ],
}


def failure(program: Any) -> str:
    """Return the class of the error that a program raises."""
    try:
        program()
    except Exception as error:
        return type(error).__name__
    return "none"


def answer(case: Any, sc: Any) -> Any:
    """Return what a case answers, as JSON has it."""
    return json.loads(json.dumps(plain(case(sc))))


if __name__ == "__main__":
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    warnings.simplefilter("ignore")
    settings = SparkConf().setAll([("spark.ui.enabled", "false"), ("spark.log.level", "OFF")])
    with SparkContext("local[2]", "bless", conf=settings) as context:
        SparkSession(context)
        chosen = sys.argv[1:] or list(CASES)
        for name in chosen:
            try:
                print(json.dumps([name, answer(CASES[name], context)]), flush=True)
            except Exception as error:  # noqa: PERF203
                print(name, type(error).__name__, str(error)[-1500:], file=sys.stderr, flush=True)
    sys.stdout.flush()
    os._exit(0)
