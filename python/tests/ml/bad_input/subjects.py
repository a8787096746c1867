"""Every class of `pyspark.ml` with the columns that it reads: name → `Subject`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyspark.ml import classification as c
from pyspark.ml import clustering as k
from pyspark.ml import evaluation as e
from pyspark.ml import feature as f
from pyspark.ml import regression as r
from pyspark.ml.fpm import FPGrowth, PrefixSpan
from pyspark.ml.linalg import Vectors
from pyspark.ml.recommendation import ALS
from pyspark.ml.stat import ChiSquareTest, Correlation, KolmogorovSmirnovTest, Summarizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame


@dataclass
class Subject:
    """What is asked, and of which columns of which table."""

    of: Callable[..., Any]
    """A class, and its parameters."""
    parameters: dict[str, Any]
    table: str
    columns: list[str]
    later: list[str] = field(default_factory=list)
    """Columns that a fitted model reads."""
    ask: Callable[[Any, DataFrame], DataFrame] | None = None
    """How it is asked, if it neither fits, nor transforms, nor evaluates."""

    def make(self, **more: Any) -> Any:
        return self.of(**(self.parameters | more))


def learner(of: Callable[..., Any], columns: str, **parameters: Any) -> Subject:
    """It learns from `features` and more."""
    return Subject(of, parameters, "learning", columns.split(), ["features"])


def scaler(of: Callable[..., Any], **parameters: Any) -> Subject:
    """From vectors to vectors."""
    return learner(of, "features", inputCol="features", outputCol="o", **parameters)


def scalars(of: Callable[..., Any], columns: str, **parameters: Any) -> Subject:
    return Subject(of, parameters, "scalars", columns.split(), columns.split())


def words(of: Callable[..., Any], column: str, **parameters: Any) -> Subject:
    return Subject(of, {"inputCol": column, "outputCol": "o"} | parameters, "texts", [column], [column])


def judge(of: Callable[..., Any], columns: str, **parameters: Any) -> Subject:
    return Subject(of, parameters, "predictions", columns.split())


def question(
    table: str, columns: str, ask: Callable[[Any, DataFrame], DataFrame], of: Any = None, **parameters: Any
) -> Subject:
    return Subject(of or (lambda **_: None), parameters, table, columns.split(), ask=ask)


def one_vs_rest(**parameters: Any) -> c.OneVsRest:
    return c.OneVsRest(classifier=c.LogisticRegression(maxIter=2), **parameters)


XY, XYW = "features label", "features label w"
PAIR = {"inputCols": ["a", "b"], "outputCols": ["o", "p"]}
IN, OUT = {"inputCol": "a", "outputCol": "o"}, {"outputCol": "o"}
TREE: dict[str, Any] = {"maxDepth": 2, "weightCol": "w"}
FOREST: dict[str, Any] = {"numTrees": 2, "maxDepth": 2, "seed": 1, "weightCol": "w"}
BOOSTED: dict[str, Any] = {"maxIter": 2, "maxDepth": 2, "seed": 1, "weightCol": "w"}

CLASSIFIERS = {
    "logistic": learner(c.LogisticRegression, XYW, maxIter=5, weightCol="w"),
    "softmax": learner(c.LogisticRegression, XY, maxIter=5, family="multinomial"),
    "svc": learner(c.LinearSVC, XYW, maxIter=5, weightCol="w"),
    "bayes": learner(c.NaiveBayes, XYW, weightCol="w"),
    "gaussian_bayes": learner(c.NaiveBayes, XYW, modelType="gaussian", weightCol="w"),
    "bernoulli_bayes": learner(c.NaiveBayes, XY, modelType="bernoulli"),
    "complement_bayes": learner(c.NaiveBayes, XY, modelType="complement"),
    "machine": learner(c.FMClassifier, XY, maxIter=2, factorSize=2, seed=1),
    "perceptron": learner(c.MultilayerPerceptronClassifier, XY, layers=[2, 2], maxIter=2, seed=1),
    "tree": learner(c.DecisionTreeClassifier, XYW, **TREE),
    "forest": learner(c.RandomForestClassifier, XYW, **FOREST),
    "boosted": learner(c.GBTClassifier, XYW, **BOOSTED),
    "one_vs_rest": learner(one_vs_rest, XY),
}
REGRESSORS = {
    "linear": learner(r.LinearRegression, XYW, weightCol="w"),
    "linear_lbfgs": learner(r.LinearRegression, XYW, weightCol="w", solver="l-bfgs", maxIter=5),
    "huber": learner(r.LinearRegression, XYW, weightCol="w", loss="huber", maxIter=5),
    "gaussian": learner(r.GeneralizedLinearRegression, XYW, weightCol="w"),
    "poisson": learner(r.GeneralizedLinearRegression, XYW, weightCol="w", family="poisson", maxIter=3),
    "binomial": learner(r.GeneralizedLinearRegression, XY, family="binomial", maxIter=3),
    "gamma": learner(
        r.GeneralizedLinearRegression,
        "features positive w",
        family="gamma",
        link="log",
        labelCol="positive",
        offsetCol="w",
        maxIter=3,
    ),
    "survival": learner(r.AFTSurvivalRegression, "features positive censor", labelCol="positive", maxIter=5),
    "isotonic": learner(r.IsotonicRegression, XYW, weightCol="w"),
    "machine_regression": learner(r.FMRegressor, XY, maxIter=2, factorSize=2, seed=1),
    "tree_regression": learner(r.DecisionTreeRegressor, XYW, **TREE),
    "forest_regression": learner(r.RandomForestRegressor, XYW, **FOREST),
    "boosted_regression": learner(r.GBTRegressor, XYW, **BOOSTED),
}
CLUSTERING = {
    "k_means": learner(k.KMeans, "features w", k=2, seed=1, weightCol="w"),
    "k_means_cosine": learner(k.KMeans, "features", k=2, seed=1, distanceMeasure="cosine"),
    "bisecting": learner(k.BisectingKMeans, "features w", k=2, seed=1, weightCol="w"),
    "mixture": learner(k.GaussianMixture, "features w", k=2, seed=1, maxIter=3, weightCol="w"),
    "topics": learner(k.LDA, "features", k=2, seed=1, maxIter=2),
    "topics_em": learner(k.LDA, "features", k=2, seed=1, maxIter=2, optimizer="em"),
    "power_iteration": question(
        "edges",
        "src dst weight",
        lambda made, data: made.assignClusters(data).orderBy("id"),
        k.PowerIterationClustering,
        k=2,
        maxIter=3,
        weightCol="weight",
    ),
}
VECTORS = {
    "standard": scaler(f.StandardScaler, withMean=True),
    "min_max": scaler(f.MinMaxScaler),
    "max_abs": scaler(f.MaxAbsScaler),
    "robust": scaler(f.RobustScaler),
    "pca": scaler(f.PCA, k=1),
    "idf": scaler(f.IDF),
    "vector_indexer": scaler(f.VectorIndexer, maxCategories=4),
    "vector_indexer_keep": scaler(f.VectorIndexer, maxCategories=4, handleInvalid="keep"),
    "vector_indexer_skip": scaler(f.VectorIndexer, maxCategories=4, handleInvalid="skip"),
    "projection": scaler(f.BucketedRandomProjectionLSH, bucketLength=1.0, numHashTables=2, seed=1),
    "min_hash": scaler(f.MinHashLSH, numHashTables=2, seed=1),
    "variance": learner(f.VarianceThresholdSelector, "features", outputCol="o"),
    "chi_selector": learner(f.ChiSqSelector, XY, numTopFeatures=1, outputCol="o"),
    "univariate": learner(f.UnivariateFeatureSelector, XY, outputCol="o"),
    "normalizer": scaler(f.Normalizer),
    "dct": scaler(f.DCT),
    "elementwise": scaler(f.ElementwiseProduct, scalingVec=Vectors.dense([1.0, 2.0])),
    "polynomial": scaler(f.PolynomialExpansion),
    "slicer": scaler(f.VectorSlicer, indices=[1]),
    "size_hint": scaler(lambda **p: f.VectorSizeHint(**{x: p[x] for x in p if x != "outputCol"}), size=2),
    "size_hint_skip": scaler(
        lambda **p: f.VectorSizeHint(**{x: p[x] for x in p if x != "outputCol"}), size=2, handleInvalid="skip"
    ),
    "vector_binarizer": scaler(f.Binarizer),
}
COLUMNS = {
    "binarizer": scalars(f.Binarizer, "a", **IN),
    "binarizers": scalars(f.Binarizer, "a b", **PAIR, thresholds=[0.5, 1.0]),
    "interaction": scalars(f.Interaction, "a v", inputCols=["a", "v"], **OUT),
    "hasher": scalars(f.FeatureHasher, "a s", inputCols=["a", "s"], numFeatures=8, **OUT),
    "one_hot": scalars(f.OneHotEncoder, "a", **IN),
    "one_hot_keep": scalars(f.OneHotEncoder, "a", **IN, handleInvalid="keep"),
    "one_hots": scalars(f.OneHotEncoder, "a n", inputCols=["a", "n"], outputCols=["o", "p"]),
    "index_to_string": scalars(f.IndexToString, "a", **IN, labels=["x", "y", "z"]),
    "sql": scalars(f.SQLTransformer, "a", statement="SELECT *, a + 1 AS o FROM __THIS__"),
}
for handle in ("error", "skip", "keep"):
    COLUMNS |= {
        f"assembler_{handle}": scalars(
            f.VectorAssembler, "a n v", inputCols=["a", "n", "v"], handleInvalid=handle, **OUT
        ),
        f"bucketizer_{handle}": scalars(f.Bucketizer, "a", **IN, splits=[0.0, 1.0, 3.0], handleInvalid=handle),
        f"indexer_{handle}": scalars(f.StringIndexer, "s", inputCol="s", handleInvalid=handle, **OUT),
        f"indexers_{handle}": scalars(
            f.StringIndexer, "s a", inputCols=["s", "a"], outputCols=["o", "p"], handleInvalid=handle
        ),
        f"quantiles_{handle}": scalars(f.QuantileDiscretizer, "a", **IN, numBuckets=2, handleInvalid=handle),
        f"formula_{handle}": scalars(f.RFormula, "a s label", formula="label ~ a + s", handleInvalid=handle),
    }
COLUMNS |= {
    "quantile_pair": scalars(f.QuantileDiscretizer, "a b", **PAIR, numBucketsArray=[2, 3]),
    "imputer": scalars(f.Imputer, "a", **IN),
    "imputers": scalars(f.Imputer, "a b", **PAIR, strategy="mode"),
    "imputer_median": scalars(f.Imputer, "n", inputCol="n", strategy="median", **OUT),
    "target": scalars(f.TargetEncoder, "a label", **IN),
    "target_keep": scalars(f.TargetEncoder, "a label", **IN, targetType="continuous", handleInvalid="keep"),
}
TEXTS = {
    "tokenizer": words(f.Tokenizer, "text"),
    "regex": words(f.RegexTokenizer, "text"),
    "n_gram": words(f.NGram, "words"),
    "stop_words": words(f.StopWordsRemover, "words"),
    "hashing": words(f.HashingTF, "words", numFeatures=8),
    "counts": words(f.CountVectorizer, "words"),
    "word2vec": words(f.Word2Vec, "words", minCount=1, vectorSize=2, seed=1, maxIter=1),
}
OTHERS = {
    "als": Subject(ALS, {"rank": 2, "maxIter": 2, "seed": 1}, "ratings", ["user", "item", "rating"], ["user", "item"]),
    "als_drop": Subject(
        ALS,
        {"rank": 2, "maxIter": 2, "seed": 1, "coldStartStrategy": "drop", "implicitPrefs": True},
        "ratings",
        ["rating"],
        ["user", "item"],
    ),
    "fp_growth": Subject(FPGrowth, {"minSupport": 0.5}, "baskets", ["items"], ["items"]),
    "prefix_span": question(
        "baskets",
        "sequence",
        lambda made, data: made.findFrequentSequentialPatterns(data).orderBy("freq", "sequence"),
        PrefixSpan,
        minSupport=0.5,
    ),
    "correlation": question("learning", "features", lambda _, data: Correlation.corr(data, "features")),
    "spearman": question("learning", "features", lambda _, data: Correlation.corr(data, "features", "spearman")),
    "chi_square": question("learning", "features label", lambda _, data: ChiSquareTest.test(data, "features", "label")),
    "kolmogorov": question(
        "learning", "label", lambda _, data: KolmogorovSmirnovTest.test(data, "label", "norm", 0.0, 1.0)
    ),
    "summarizer": question(
        "learning",
        "features w",
        lambda _, data: data.select(
            Summarizer.metrics("mean", "variance", "count", "max", "normL1")
            .summary(data["features"], data["w"])
            .alias("o")
        ),
    ),
}
JUDGES = {
    "judge_regression": judge(e.RegressionEvaluator, "prediction label w", weightCol="w"),
    "judge_binary": judge(e.BinaryClassificationEvaluator, "rawPrediction label w", weightCol="w"),
    "judge_multiclass": judge(e.MulticlassClassificationEvaluator, "prediction label w", weightCol="w"),
    "judge_log_loss": judge(e.MulticlassClassificationEvaluator, "probability prediction label", metricName="logLoss"),
    "judge_multilabel": judge(
        e.MultilabelClassificationEvaluator, "found wanted", predictionCol="found", labelCol="wanted"
    ),
    "judge_ranking": judge(e.RankingEvaluator, "found wanted", predictionCol="found", labelCol="wanted", k=2),
    "judge_clusters": judge(e.ClusteringEvaluator, "prediction features w", weightCol="w"),
}
SUBJECTS: dict[str, Subject] = CLASSIFIERS | REGRESSORS | CLUSTERING | VECTORS | COLUMNS | TEXTS | OTHERS | JUDGES
