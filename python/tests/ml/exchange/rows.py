"""The table of the exchange test: name → a stage (estimator, transformer or pipeline) over the columns of `frame`.

To add a row: put `"Name": lambda: Stage(...)` into the family's dict below, with tiny settings (few iterations, few
trees), and nothing else: the test fits it on both sides, saves and loads the model on the other one, and compares all
that it adds to `frame`. Every stage that `pyspark.ml` has must have a row, and every model must come of one; the test
says which are missing. What differs on purpose is told in `test_exchange.py`, not here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml import Pipeline, classification, clustering, feature, fpm, recommendation, regression
from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.linalg import Vectors
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder, TrainValidationSplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession


def frame(spark: SparkSession) -> DataFrame:
    """Forty made rows in one partition, with a column of every kind that a stage takes."""
    rows = []
    for i in range(40):
        features = [float(i % 7), float(i * i % 11), 0.5 * (i % 3), float(i % 2)]
        text = ["Spark runs fast", "the engine Runs", "a fast engine", "models run the world"][i % 4]
        rows.append(
            (
                i,
                float(i * 5 % 7 > 2),
                float(i * i % 3),
                1.0 + 0.3 * features[0] + 0.2 * features[1] + 0.1 * (i % 5),
                float(i % 6),
                Vectors.dense(features),
                Vectors.sparse(6, {i % 6: 1.0, (i * i + 1) % 6: 2.0}),
                float(i % 3 + 1),
                float(i % 4 != 0),
                "abc"[i % 3],
                float(i % 9),
                None if i % 10 == 3 else float(i % 5),
                text,
                text.lower().split(),
                i % 5,
                i * 3 % 8,
                float(i % 4 + 1),
            )
        )
    schema = "id int, label double, class double, y double, count double, features vector, sparse vector, w double"
    schema += ", censor double, letter string, x double, hole double, text string, words array<string>"
    schema += ", user int, item int, rating double"
    names = [part.split()[0] for part in schema.split(", ")]
    data = spark.createDataFrame(rows, names).coalesce(1)
    casts = ["int(user) AS user", "int(item) AS item", "int(id) AS id"]
    return data.selectExpr(*[name for name in names if name not in {"user", "item", "id"}], *casts)


def binary(kind: Any, **params: Any) -> Callable[[], Any]:
    return lambda: kind(featuresCol="features", labelCol="label", **params)


def of_classes(kind: Any, **params: Any) -> Callable[[], Any]:
    return lambda: kind(featuresCol="features", labelCol="class", **params)


def of_y(kind: Any, **params: Any) -> Callable[[], Any]:
    return lambda: kind(featuresCol="features", labelCol="y", **params)


CLASSIFICATION: dict[str, Callable[[], Any]] = {
    "LogisticRegression": binary(classification.LogisticRegression, regParam=0.1),
    "LogisticRegression of three": of_classes(classification.LogisticRegression, regParam=0.1),
    "LinearSVC": binary(classification.LinearSVC, maxIter=5),
    "NaiveBayes": of_classes(classification.NaiveBayes),
    "NaiveBayes gaussian": of_classes(classification.NaiveBayes, modelType="gaussian"),
    "FMClassifier": binary(classification.FMClassifier, factorSize=2, maxIter=3),
    "MultilayerPerceptronClassifier": of_classes(
        classification.MultilayerPerceptronClassifier, layers=[4, 3, 3], maxIter=5
    ),
    "DecisionTreeClassifier": of_classes(classification.DecisionTreeClassifier, maxDepth=3, leafCol="leaf"),
    "RandomForestClassifier": of_classes(classification.RandomForestClassifier, numTrees=3, maxDepth=3),
    "GBTClassifier": binary(classification.GBTClassifier, maxIter=2, maxDepth=2),
    "OneVsRest": lambda: classification.OneVsRest(
        featuresCol="features", labelCol="class", classifier=classification.LogisticRegression(regParam=0.1)
    ),
}

REGRESSION: dict[str, Callable[[], Any]] = {
    "LinearRegression": of_y(regression.LinearRegression, regParam=0.1),
    "LinearRegression huber": of_y(regression.LinearRegression, loss="huber"),
    "GeneralizedLinearRegression": of_y(
        regression.GeneralizedLinearRegression, family="gamma", link="log", linkPredictionCol="eta", weightCol="w"
    ),
    "GeneralizedLinearRegression tweedie": of_y(
        regression.GeneralizedLinearRegression, family="tweedie", variancePower=1.5, linkPower=0.5, offsetCol="w"
    ),
    "AFTSurvivalRegression": of_y(regression.AFTSurvivalRegression, quantilesCol="quantiles"),
    "IsotonicRegression": of_y(regression.IsotonicRegression, featureIndex=1, isotonic=False),
    "FMRegressor": of_y(regression.FMRegressor, factorSize=2, maxIter=3, stepSize=0.01),
    "DecisionTreeRegressor": of_y(regression.DecisionTreeRegressor, maxDepth=3, varianceCol="variance"),
    "RandomForestRegressor": of_y(regression.RandomForestRegressor, numTrees=3, maxDepth=3),
    "GBTRegressor": of_y(regression.GBTRegressor, maxIter=2, maxDepth=2),
}

UNSUPERVISED: dict[str, Callable[[], Any]] = {
    "KMeans": lambda: clustering.KMeans(k=3, seed=1, maxIter=5),
    "BisectingKMeans": lambda: clustering.BisectingKMeans(k=3, seed=1, maxIter=5),
    "GaussianMixture": lambda: clustering.GaussianMixture(k=2, seed=1, maxIter=3),
    "LDA": lambda: clustering.LDA(k=2, seed=1, maxIter=2, featuresCol="sparse"),
    "LDA em": lambda: clustering.LDA(k=2, seed=1, maxIter=2, featuresCol="sparse", optimizer="em"),
    "ALS": lambda: recommendation.ALS(rank=2, maxIter=2, seed=1),
    # Spark keeps no order of what is recommended.
    "FPGrowth": lambda: fpm.FPGrowth(itemsCol="words", minSupport=0.2, minConfidence=0.5),
}

ESTIMATED_FEATURES: dict[str, Callable[[], Any]] = {
    "QuantileDiscretizer": lambda: feature.QuantileDiscretizer(inputCol="x", outputCol="o", numBuckets=3),
    "RFormula": lambda: feature.RFormula(formula="y ~ x + letter + x:letter", featuresCol="f", labelCol="l"),
    "Imputer": lambda: feature.Imputer(inputCols=["hole"], outputCols=["o"], strategy="median"),
    "StandardScaler": lambda: feature.StandardScaler(inputCol="features", outputCol="o", withMean=True),
    "MaxAbsScaler": lambda: feature.MaxAbsScaler(inputCol="features", outputCol="o"),
    "MinMaxScaler": lambda: feature.MinMaxScaler(inputCol="features", outputCol="o", max=2.0),
    "RobustScaler": lambda: feature.RobustScaler(inputCol="features", outputCol="o", withCentering=True),
    "ChiSqSelector": lambda: feature.ChiSqSelector(numTopFeatures=2, labelCol="class", outputCol="o"),
    "UnivariateFeatureSelector": lambda: (
        feature.UnivariateFeatureSelector(labelCol="class", outputCol="o")
        .setFeatureType("continuous")
        .setLabelType("categorical")
        .setSelectionThreshold(2)
    ),
    "VarianceThresholdSelector": lambda: feature.VarianceThresholdSelector(varianceThreshold=1.0, outputCol="o"),
    "StringIndexer": lambda: feature.StringIndexer(inputCol="letter", outputCol="o"),
    "VectorIndexer": lambda: feature.VectorIndexer(inputCol="features", outputCol="o", maxCategories=4),
    "PCA": lambda: feature.PCA(k=2, inputCol="features", outputCol="o"),
    "IDF": lambda: feature.IDF(inputCol="sparse", outputCol="o"),
    "Word2Vec": lambda: feature.Word2Vec(inputCol="words", outputCol="o", vectorSize=3, minCount=0, seed=1),
    "CountVectorizer": lambda: feature.CountVectorizer(inputCol="words", outputCol="o"),
    "OneHotEncoder": lambda: feature.OneHotEncoder(inputCols=["count"], outputCols=["o"]),
    "TargetEncoder": lambda: feature.TargetEncoder(
        inputCols=["count"], outputCols=["o"], labelCol="y", targetType="continuous", smoothing=1.0
    ),
    "BucketedRandomProjectionLSH": lambda: feature.BucketedRandomProjectionLSH(
        inputCol="features", outputCol="o", bucketLength=2.0, numHashTables=2, seed=1
    ),
    "MinHashLSH": lambda: feature.MinHashLSH(inputCol="sparse", outputCol="o", numHashTables=2, seed=1),
}

TRANSFORMERS: dict[str, Callable[[], Any]] = {
    "DCT": lambda: feature.DCT(inputCol="features", outputCol="o"),
    "NGram": lambda: feature.NGram(inputCol="words", outputCol="o"),
    "Normalizer": lambda: feature.Normalizer(inputCol="features", outputCol="o", p=1.0),
    "Interaction": lambda: feature.Interaction(inputCols=["x", "count"], outputCol="o"),
    "Binarizer": lambda: feature.Binarizer(inputCol="x", outputCol="o", threshold=3.0),
    "Bucketizer": lambda: feature.Bucketizer(inputCol="x", outputCol="o", splits=[0.0, 2.0, float("inf")]),
    "VectorAssembler": lambda: feature.VectorAssembler(inputCols=["x", "features"], outputCol="o"),
    "VectorSlicer": lambda: feature.VectorSlicer(inputCol="features", outputCol="o", indices=[1, 3]),
    "VectorSizeHint": lambda: feature.VectorSizeHint(inputCol="features", size=4),
    "Tokenizer": lambda: feature.Tokenizer(inputCol="text", outputCol="o"),
    "RegexTokenizer": lambda: feature.RegexTokenizer(inputCol="text", outputCol="o", pattern="[aeiou ]+"),
    "SQLTransformer": lambda: feature.SQLTransformer(statement="SELECT *, x * 2 AS o FROM __THIS__ WHERE x > 1"),
    "StopWordsRemover": lambda: feature.StopWordsRemover(inputCol="words", outputCol="o"),
    "FeatureHasher": lambda: feature.FeatureHasher(inputCols=["x", "letter"], outputCol="o", numFeatures=32),
    "ElementwiseProduct": lambda: feature.ElementwiseProduct(
        inputCol="features", outputCol="o", scalingVec=Vectors.dense([1.0, 2.0, 0.0, -1.0])
    ),
    "HashingTF": lambda: feature.HashingTF(inputCol="words", outputCol="o", numFeatures=64),
    "IndexToString": lambda: feature.IndexToString(inputCol="class", outputCol="o", labels=["p", "q", "r"]),
    "PolynomialExpansion": lambda: feature.PolynomialExpansion(inputCol="features", outputCol="o"),
}


def pipeline() -> Pipeline:
    index = feature.StringIndexer(inputCol="letter", outputCol="index", stringOrderType="alphabetAsc")
    assemble = feature.VectorAssembler(inputCols=["index", "x", "features"], outputCol="all")
    return Pipeline(
        stages=[index, assemble, regression.LinearRegression(featuresCol="all", labelCol="y", regParam=0.1)]
    )


def validator() -> CrossValidator:
    estimator = regression.LinearRegression(labelCol="y")
    grid = ParamGridBuilder().addGrid(estimator.regParam, [0.1, 1.0]).build()
    evaluator = RegressionEvaluator(labelCol="y")
    return CrossValidator(estimator=estimator, estimatorParamMaps=grid, evaluator=evaluator, numFolds=2, seed=3)


def split() -> TrainValidationSplit:
    estimator = regression.LinearRegression(labelCol="y")
    grid = ParamGridBuilder().addGrid(estimator.regParam, [0.1, 1.0]).build()
    evaluator = RegressionEvaluator(labelCol="y")
    return TrainValidationSplit(estimator=estimator, estimatorParamMaps=grid, evaluator=evaluator, seed=3)


META: dict[str, Callable[[], Any]] = {"Pipeline": pipeline, "CrossValidator": validator, "TrainValidationSplit": split}

ROWS: dict[str, Callable[[], Any]] = {
    **CLASSIFICATION,
    **REGRESSION,
    **UNSUPERVISED,
    **ESTIMATED_FEATURES,
    **TRANSFORMERS,
    **META,
}
