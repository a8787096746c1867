"""Cases of `pyspark.ml.feature`: name → what is asked. Real Spark's answers are in `answers.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frames
from frames import INF, NAN
from pyspark.ml import feature as f
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.linalg import Vectors
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

CASES: dict[str, Callable[[SparkSession], Any]] = {}


def case(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    CASES[function.__name__] = function
    return function


def cases(frame: Callable[[SparkSession], DataFrame], **stages: Callable[[], Any]) -> None:
    """A case for each: the stage is made, fitted if it can be, and transforms the frame."""

    def transformed(make: Callable[[], Any]) -> Callable[[SparkSession], Any]:
        def run(spark: SparkSession) -> Any:
            stage, data = make(), frame(spark)
            if hasattr(stage, "fit"):
                stage = stage.fit(data)
            return stage.transform(data)

        return run

    for name, make in stages.items():
        CASES[name] = transformed(make)


def model(
    name: str,
    frame: Callable[[SparkSession], DataFrame],
    make: Callable[[], Any],
    *attributes: str,
) -> None:
    """A case for each attribute of a fitted model, and one for what it makes of the frame."""

    def of(attribute: str) -> Callable[[SparkSession], Any]:
        def run(spark: SparkSession) -> Any:
            value = getattr(make().fit(frame(spark)), attribute)
            return value() if callable(value) else value

        return run

    for attribute in attributes:
        CASES[f"{name}.{attribute}"] = of(attribute)
    cases(frame, **{name: make})


# Vectors in, vectors out

cases(
    frames.vectors,
    normalizer=lambda: f.Normalizer(inputCol="v", outputCol="o"),
    normalizer_one=lambda: f.Normalizer(inputCol="v", outputCol="o", p=1.0),
    normalizer_inf=lambda: f.Normalizer(inputCol="v", outputCol="o", p=INF),
    normalizer_half=lambda: f.Normalizer(inputCol="v", outputCol="o", p=3.5),
    normalizer_bad_p=lambda: f.Normalizer(inputCol="v", outputCol="o", p=0.5),
    normalizer_bad_type=lambda: f.Normalizer(inputCol="id", outputCol="o"),
    normalizer_no_column=lambda: f.Normalizer(inputCol="nope", outputCol="o"),
    normalizer_exists=lambda: f.Normalizer(inputCol="v", outputCol="id"),
    product=lambda: f.ElementwiseProduct(inputCol="v", outputCol="o", scalingVec=Vectors.dense([2.0, 0.0, -1.0, 0.5])),
    product_sparse=lambda: f.ElementwiseProduct(
        inputCol="v", outputCol="o", scalingVec=Vectors.sparse(4, [1, 3], [2.0, 3.0])
    ),
    product_size=lambda: f.ElementwiseProduct(inputCol="v", outputCol="o", scalingVec=Vectors.dense([2.0, 0.0])),
    product_unset=lambda: f.ElementwiseProduct(inputCol="v", outputCol="o"),
    expansion=lambda: f.PolynomialExpansion(inputCol="v", outputCol="o"),
    expansion_three=lambda: f.PolynomialExpansion(inputCol="v", outputCol="o", degree=3),
    expansion_one=lambda: f.PolynomialExpansion(inputCol="v", outputCol="o", degree=1),
    expansion_zero=lambda: f.PolynomialExpansion(inputCol="v", outputCol="o", degree=0),
    dct=lambda: f.DCT(inputCol="v", outputCol="o"),
    dct_inverse=lambda: f.DCT(inputCol="v", outputCol="o", inverse=True),
    slicer=lambda: f.VectorSlicer(inputCol="v", outputCol="o", indices=[3, 0]),
    slicer_range=lambda: f.VectorSlicer(inputCol="v", outputCol="o", indices=[9]),
    slicer_negative=lambda: f.VectorSlicer(inputCol="v", outputCol="o", indices=[-1]),
    slicer_none=lambda: f.VectorSlicer(inputCol="v", outputCol="o"),
    slicer_twice=lambda: f.VectorSlicer(inputCol="v", outputCol="o", indices=[1, 1]),
    slicer_names=lambda: f.VectorSlicer(inputCol="v", outputCol="o", names=["x"]),
    size_hint=lambda: f.VectorSizeHint(inputCol="v", size=4),
    size_hint_wrong=lambda: f.VectorSizeHint(inputCol="v", size=3),
    size_hint_skip=lambda: f.VectorSizeHint(inputCol="v", size=3, handleInvalid="skip"),
    size_hint_optimistic=lambda: f.VectorSizeHint(inputCol="v", size=3, handleInvalid="optimistic"),
    size_hint_unset=lambda: f.VectorSizeHint(inputCol="v"),
    size_hint_bad=lambda: f.VectorSizeHint(inputCol="v", size=3, handleInvalid="keep"),
    interaction=lambda: f.Interaction(inputCols=["id", "v"], outputCol="o"),
    interaction_one=lambda: f.Interaction(inputCols=["v"], outputCol="o"),
    binarizer_vector=lambda: f.Binarizer(inputCol="v", outputCol="o", threshold=0.7),
    binarizer_vector_low=lambda: f.Binarizer(inputCol="v", outputCol="o", threshold=-1.5),
)
model("min_max", frames.vectors, lambda: f.MinMaxScaler(inputCol="v", outputCol="o"), "originalMin", "originalMax")
model("max_abs", frames.vectors, lambda: f.MaxAbsScaler(inputCol="v", outputCol="o"), "maxAbs")
model("robust", frames.vectors, lambda: f.RobustScaler(inputCol="v", outputCol="o"), "range", "median")
model("pca", frames.vectors, lambda: f.PCA(k=2, inputCol="v", outputCol="o"), "pc", "explainedVariance")
model(
    "pca_measured",
    frames.measured,
    lambda: f.PCA(k=6, inputCol="v", outputCol="o"),
    "pc",
    "explainedVariance",
)
cases(
    frames.vectors,
    min_max_range=lambda: f.MinMaxScaler(inputCol="v", outputCol="o", min=-2.0, max=3.0),
    min_max_wrong=lambda: f.MinMaxScaler(inputCol="v", outputCol="o", min=2.0, max=1.0),
    robust_centered=lambda: f.RobustScaler(inputCol="v", outputCol="o", withCentering=True, lower=0.1, upper=0.8),
    robust_unscaled=lambda: f.RobustScaler(inputCol="v", outputCol="o", withScaling=False, withCentering=True),
    robust_wrong=lambda: f.RobustScaler(inputCol="v", outputCol="o", lower=0.8, upper=0.2),
    pca_too_many=lambda: f.PCA(k=9, inputCol="v", outputCol="o"),
    pca_zero=lambda: f.PCA(k=0, inputCol="v", outputCol="o"),
    pca_unset=lambda: f.PCA(inputCol="v", outputCol="o"),
    idf=lambda: f.IDF(inputCol="v", outputCol="o"),
)
model(
    "idf_min", frames.categories, lambda: f.IDF(inputCol="v", outputCol="o", minDocFreq=14), "idf", "docFreq", "numDocs"
)
model(
    "vector_indexer",
    frames.categories,
    lambda: f.VectorIndexer(inputCol="v", outputCol="o", maxCategories=3),
    "numFeatures",
    "categoryMaps",
)
cases(
    frames.vectors,
    vector_indexer_numbers=lambda: f.VectorIndexer(inputCol="v", outputCol="o", maxCategories=3),
    vector_indexer_all=lambda: f.VectorIndexer(inputCol="v", outputCol="o"),
)


def unseen(handle: str) -> Callable[[SparkSession], Any]:
    def run(spark: SparkSession) -> Any:
        fitted = f.VectorIndexer(inputCol="v", outputCol="o", maxCategories=3, handleInvalid=handle)
        data = frames.categories(spark)
        other = spark.createDataFrame([(Vectors.dense([1.0, 9.0, 3.0, 1.0]),), (Vectors.dense([5.0, 1, 2, 0]),)], ["v"])
        return fitted.fit(data).transform(other)

    return run


for handle in ("error", "skip", "keep", "what"):
    CASES[f"vector_indexer_{handle}"] = unseen(handle)

# Selectors

for score in ("numTopFeatures", "percentile", "fpr", "fdr", "fwe"):
    model(
        f"chi_{score}",
        frames.categories,
        lambda score=score: f.ChiSqSelector(  # type: ignore[misc]
            selectorType=score, numTopFeatures=2, percentile=0.5, fpr=0.2, fdr=0.3, fwe=0.2, featuresCol="v",
            outputCol="o",
        ),
        "selectedFeatures",
    )  # fmt: skip
for kind, label, threshold in (
    ("continuous", "label", 0.1),
    ("categorical", "label", 2),
    ("continuous", "target", 1e-3),
):

    def selector(label: str = label, kind: str = kind, threshold: float = threshold, mode: str | None = None) -> Any:
        made = f.UnivariateFeatureSelector(
            featuresCol="v",
            outputCol="o",
            labelCol=label,
            selectionMode=mode or ("fpr" if threshold < 1 else "numTopFeatures"),
        )
        made.setFeatureType(kind).setLabelType("continuous" if label == "target" else "categorical")
        return made.setSelectionThreshold(threshold)

    data = frames.categories if kind == "categorical" else frames.measured
    model(f"univariate_{kind}_{label}", data, selector, "selectedFeatures")
for mode, threshold in (("numTopFeatures", 3.0), ("percentile", 0.4), ("fdr", 0.05), ("fwe", 0.05)):
    model(
        f"univariate_{mode}",
        frames.measured,
        lambda mode=mode, threshold=threshold: f.UnivariateFeatureSelector(  # type: ignore[misc]
            featuresCol="v", outputCol="o", labelCol="label", selectionMode=mode
        ).setFeatureType("continuous").setLabelType("categorical").setSelectionThreshold(threshold),
        "selectedFeatures",
    )  # fmt: skip
model(
    "variance_threshold",
    frames.measured,
    lambda: f.VarianceThresholdSelector(featuresCol="v", outputCol="o", varianceThreshold=0.5),
    "selectedFeatures",
)
cases(
    frames.measured,
    univariate_default_threshold=lambda: (
        f.UnivariateFeatureSelector(featuresCol="v", outputCol="o")
        .setFeatureType("continuous")
        .setLabelType("categorical")
    ),
    univariate_no_types=lambda: f.UnivariateFeatureSelector(featuresCol="v", outputCol="o"),
    univariate_bad_mode=lambda: f.UnivariateFeatureSelector(featuresCol="v", outputCol="o", selectionMode="best"),
    univariate_unsupported=lambda: (
        f.UnivariateFeatureSelector(featuresCol="v", outputCol="o")
        .setFeatureType("categorical")
        .setLabelType("continuous")
    ),
    variance_all=lambda: f.VarianceThresholdSelector(featuresCol="v", outputCol="o", varianceThreshold=1e9),
    variance_default=lambda: f.VarianceThresholdSelector(featuresCol="v", outputCol="o"),
)

# Numbers

cases(
    frames.numbers,
    binarizer=lambda: f.Binarizer(inputCol="a", outputCol="o", threshold=0.2),
    binarizer_int=lambda: f.Binarizer(inputCol="b", outputCol="o", threshold=2.5),
    binarizer_float=lambda: f.Binarizer(inputCol="c", outputCol="o", threshold=0.5),
    binarizer_many=lambda: f.Binarizer(inputCols=["a", "a"], outputCols=["x", "y"], thresholds=[0.0, 1.0]),
    binarizer_many_one=lambda: f.Binarizer(inputCols=["a", "a"], outputCols=["x", "y"], threshold=1.0),
    binarizer_both=lambda: f.Binarizer(inputCol="a", inputCols=["a", "c"], outputCols=["x", "y"]),
    binarizer_neither=lambda: f.Binarizer(outputCol="x"),
    binarizer_count=lambda: f.Binarizer(inputCols=["a", "c"], outputCols=["x"]),
    binarizer_thresholds=lambda: f.Binarizer(inputCols=["a", "c"], outputCols=["x", "y"], thresholds=[0.0]),
    binarizer_exists=lambda: f.Binarizer(inputCol="a", outputCol="b"),
    bucketizer=lambda: f.Bucketizer(inputCol="a", outputCol="o", splits=[-INF, 0.0, 2.5, INF], handleInvalid="keep"),
    bucketizer_skip=lambda: f.Bucketizer(inputCol="a", outputCol="o", splits=[-INF, 0.0, 2.5, INF], handleInvalid="skip"),
    bucketizer_nan=lambda: f.Bucketizer(inputCol="a", outputCol="o", splits=[-INF, 0.0, 2.5, INF]),
    bucketizer_range=lambda: f.Bucketizer(inputCol="a", outputCol="o", splits=[0.0, 1.0, 2.0], handleInvalid="keep"),
    bucketizer_range_skip=lambda: f.Bucketizer(inputCol="a", outputCol="o", splits=[0.0, 1.0, 2.0], handleInvalid="skip"),
    bucketizer_int=lambda: f.Bucketizer(inputCol="b", outputCol="o", splits=[-10.0, 3.0, 9.0], handleInvalid="keep"),
    bucketizer_many=lambda: f.Bucketizer(
        inputCols=["b", "c"], outputCols=["x", "y"], splitsArray=[[-10.0, 3.0, 9.0], [-INF, 0.0, 1.0, INF]],
        handleInvalid="keep",
    ),
    bucketizer_short=lambda: f.Bucketizer(inputCol="a", outputCol="o", splits=[0.0, 1.0]),
    bucketizer_unsorted=lambda: f.Bucketizer(inputCol="a", outputCol="o", splits=[0.0, 2.0, 1.0]),
    bucketizer_unset=lambda: f.Bucketizer(inputCol="a", outputCol="o"),
    imputer=lambda: f.Imputer(inputCols=["a", "c"], outputCols=["x", "y"]),
)  # fmt: skip
cases(
    frames.clean,
    quantiles=lambda: f.QuantileDiscretizer(inputCol="a", outputCol="o", numBuckets=4),
    quantiles_many=lambda: f.QuantileDiscretizer(inputCols=["a", "b"], outputCols=["x", "y"], numBucketsArray=[3, 5]),
    quantiles_two=lambda: f.QuantileDiscretizer(inputCols=["a", "b"], outputCols=["x", "y"], numBuckets=3),
    quantiles_one=lambda: f.QuantileDiscretizer(inputCol="a", outputCol="o", numBuckets=1),
)
CASES["quantiles.getSplits"] = lambda spark: (
    f.QuantileDiscretizer(inputCol="a", outputCol="o", numBuckets=4).fit(frames.clean(spark)).getSplits()
)
for strategy in ("mean", "median", "mode", "best"):
    model(
        f"imputer_{strategy}",
        frames.numbers,
        lambda strategy=strategy: f.Imputer(  # type: ignore[misc]
            inputCols=["b", "c"], outputCols=["x", "y"], strategy=strategy
        ),
        "surrogateDF",
    )
cases(
    frames.numbers,
    imputer_single=lambda: f.Imputer(inputCol="c", outputCol="o", missingValue=0.5),
    imputer_missing=lambda: f.Imputer(inputCols=["b"], outputCols=["x"], missingValue=7.0, strategy="median"),
)


@case
def imputer_nothing_left(spark: SparkSession) -> Any:
    data = spark.createDataFrame([(NAN,), (None,)], "a double")
    return f.Imputer(inputCol="a", outputCol="o").fit(data).transform(data)


# Texts

cases(
    frames.texts,
    tokenizer=lambda: f.Tokenizer(inputCol="text", outputCol="o"),
    tokenizer_type=lambda: f.Tokenizer(inputCol="id", outputCol="o"),
    regex=lambda: f.RegexTokenizer(inputCol="text", outputCol="o"),
    regex_pattern=lambda: f.RegexTokenizer(inputCol="text", outputCol="o", pattern=r"\W"),
    regex_tokens=lambda: f.RegexTokenizer(inputCol="text", outputCol="o", pattern=r"\w+", gaps=False, minTokenLength=2),
    regex_case=lambda: f.RegexTokenizer(
        inputCol="text", outputCol="o", pattern="[,;-]", toLowercase=False, minTokenLength=0
    ),
    regex_broken=lambda: f.RegexTokenizer(inputCol="text", outputCol="o", pattern="("),
)
cases(
    frames.words,
    ngram=lambda: f.NGram(inputCol="words", outputCol="o"),
    ngram_three=lambda: f.NGram(inputCol="words", outputCol="o", n=3),
    ngram_zero=lambda: f.NGram(inputCol="words", outputCol="o", n=0),
    ngram_type=lambda: f.NGram(inputCol="id", outputCol="o"),
    stop_words=lambda: f.StopWordsRemover(inputCol="words", outputCol="o"),
    stop_words_case=lambda: f.StopWordsRemover(inputCol="words", outputCol="o", caseSensitive=True),
    stop_words_own=lambda: f.StopWordsRemover(inputCol="words", outputCol="o", stopWords=["A", "fox"]),
    stop_words_many=lambda: f.StopWordsRemover(inputCols=["words"], outputCols=["o"], stopWords=["b"]),
    stop_words_type=lambda: f.StopWordsRemover(inputCol="id", outputCol="o"),
    hashing_tf=lambda: f.HashingTF(inputCol="words", outputCol="o"),
    hashing_tf_small=lambda: f.HashingTF(inputCol="words", outputCol="o", numFeatures=4, binary=True),
    hashing_tf_type=lambda: f.HashingTF(inputCol="id", outputCol="o"),
)
model("counts", frames.words, lambda: f.CountVectorizer(inputCol="words", outputCol="o"), "vocabulary")
model(
    "counts_some",
    frames.words,
    lambda: f.CountVectorizer(inputCol="words", outputCol="o", vocabSize=2, minDF=2.0, minTF=2.0, binary=True),
    "vocabulary",
)
model("counts_max", frames.words, lambda: f.CountVectorizer(inputCol="words", outputCol="o", maxDF=0.5), "vocabulary")
cases(
    frames.words,
    counts_none=lambda: f.CountVectorizer(inputCol="words", outputCol="o", minDF=10.0),
    counts_wrong=lambda: f.CountVectorizer(inputCol="words", outputCol="o", minDF=5.0, maxDF=2.0),
)


@case
def counts_of_vocabulary(spark: SparkSession) -> Any:
    made = f.CountVectorizerModel.from_vocabulary(["b", "ß", "nope"], inputCol="words", outputCol="o")
    return made.setMinTF(0.3).transform(frames.words(spark))


@case
def hashing_tf_other_types(spark: SparkSession) -> Any:
    columns = [F.array(F.lit(x), F.lit(x)) for x in (True,)]
    columns += [F.array(F.lit(value).cast(kind)) for value, kind in
                ((3, "tinyint"), (3, "smallint"), (3, "int"), (3, "bigint"), (1.5, "float"), (1.5, "double"))]  # fmt: skip
    frame = spark.range(1).select(*(column.alias(f"c{i}") for i, column in enumerate(columns)))
    for i in range(len(columns)):
        frame = f.HashingTF(inputCol=f"c{i}", outputCol=f"o{i}").transform(frame)
    return frame.select(*(f"o{i}" for i in range(len(columns))))


@case
def stop_words_english(spark: SparkSession) -> Any:
    import hashlib

    words = f.StopWordsRemover.loadDefaultStopWords("english")
    return [len(words), hashlib.sha256("\n".join(words).encode()).hexdigest()]


@case
def stop_words_klingon(spark: SparkSession) -> Any:
    return f.StopWordsRemover.loadDefaultStopWords("klingon")


cases(
    frames.fruits,
    hasher=lambda: f.FeatureHasher(inputCols=["fruit", "n", "size"], outputCol="o"),
    hasher_categorical=lambda: f.FeatureHasher(
        inputCols=["fruit", "n", "size"], outputCol="o", categoricalCols=["n"], numFeatures=64
    ),
    sql=lambda: f.SQLTransformer(statement="SELECT *, n * 2 AS twice FROM __THIS__ WHERE size > 2"),
    sql_group=lambda: f.SQLTransformer(statement="SELECT kind, sum(n) AS n FROM __THIS__ GROUP BY kind ORDER BY kind"),
    sql_broken=lambda: f.SQLTransformer(statement="SELECT nope FROM __THIS__"),
    sql_unset=lambda: f.SQLTransformer(),
)


@case
def hasher_boolean(spark: SparkSession) -> Any:
    data = spark.createDataFrame([(True, 2.0, "x"), (False, None, None)], "a boolean, b double, c string")
    return f.FeatureHasher(inputCols=["a", "b", "c"], outputCol="o").transform(data)


# Categories


def indexed(spark: SparkSession) -> DataFrame:
    data = frames.fruits(spark)
    many = f.StringIndexer(inputCols=["fruit", "kind"], outputCols=["f", "k"])
    return many.fit(data).transform(data)


cases(
    indexed,
    index_to_string=lambda: f.IndexToString(inputCol="f", outputCol="o"),
    index_to_string_labels=lambda: f.IndexToString(inputCol="f", outputCol="o", labels=["A", "B", "C"]),
    index_to_string_few=lambda: f.IndexToString(inputCol="f", outputCol="o", labels=["A"]),
    index_to_string_type=lambda: f.IndexToString(inputCol="fruit", outputCol="o"),
    one_hot_keep=lambda: f.OneHotEncoder(inputCols=["f", "k"], outputCols=["a", "b"], handleInvalid="keep"),
    one_hot_exists=lambda: f.OneHotEncoder(inputCols=["f", "k"], outputCols=["a", "y"]),
    one_hot_all=lambda: f.OneHotEncoder(inputCol="f", outputCol="o", dropLast=False),
    one_hot_keep_all=lambda: f.OneHotEncoder(inputCol="f", outputCol="o", dropLast=False, handleInvalid="keep"),
    one_hot_type=lambda: f.OneHotEncoder(inputCol="fruit", outputCol="o"),
    one_hot_bad=lambda: f.OneHotEncoder(inputCol="f", outputCol="o", handleInvalid="skip"),
    one_hot_fraction=lambda: f.OneHotEncoder(inputCol="size", outputCol="o"),
    interaction_nominal=lambda: f.Interaction(inputCols=["f", "n", "k"], outputCol="o"),
    target_regression=lambda: f.TargetEncoder(
        inputCols=["f", "k"], outputCols=["a", "b"], labelCol="size", targetType="continuous", smoothing=1.0
    ),
    target_one=lambda: f.TargetEncoder(inputCol="f", outputCol="x", labelCol="y"),
    target_bad=lambda: f.TargetEncoder(inputCol="f", outputCol="x", labelCol="size"),
)
model("one_hot", indexed, lambda: f.OneHotEncoder(inputCols=["f", "k"], outputCols=["a", "b"]), "categorySizes")
model("target", indexed, lambda: f.TargetEncoder(inputCols=["f", "k"], outputCols=["a", "b"], labelCol="y"))


@case
def one_hot_of_plain_numbers(spark: SparkSession) -> Any:
    data = spark.createDataFrame([(0.0,), (3.0,), (1.0,)], "a double")
    return f.OneHotEncoder(inputCol="a", outputCol="o").fit(data).transform(data)


@case
def one_hot_unseen(spark: SparkSession) -> Any:
    made = f.OneHotEncoder(inputCol="f", outputCol="o").fit(indexed(spark))
    return made.transform(spark.createDataFrame([(7.0,)], "f double"))


@case
def one_hot_unseen_kept(spark: SparkSession) -> Any:
    made = f.OneHotEncoder(inputCol="f", outputCol="o", handleInvalid="keep").fit(indexed(spark))
    return made.transform(spark.createDataFrame([(7.0,), (1.0,), (-3.0,)], "f double"))


@case
def target_unseen(spark: SparkSession) -> Any:
    made = f.TargetEncoder(inputCol="f", outputCol="o", labelCol="y").fit(indexed(spark))
    return made.transform(spark.createDataFrame([(7.0,), (1.0,)], "f double"))


@case
def target_unseen_kept(spark: SparkSession) -> Any:
    made = f.TargetEncoder(inputCol="f", outputCol="o", labelCol="y", handleInvalid="keep").fit(indexed(spark))
    return made.transform(spark.createDataFrame([(7.0,), (1.0,), (None,)], "f double"))


@case
def interaction_of_group(spark: SparkSession) -> Any:
    data = indexed(spark)
    data = f.VectorAssembler(inputCols=["f", "size"], outputCol="v").transform(data)
    return f.Interaction(inputCols=["k", "v"], outputCol="o").transform(data).select("o")


@case
def slicer_by_name(spark: SparkSession) -> Any:
    data = f.VectorAssembler(inputCols=["f", "size", "n"], outputCol="v").transform(indexed(spark))
    return f.VectorSlicer(inputCol="v", outputCol="o", indices=[2], names=["f"]).transform(data).select("o")


@case
def selector_keeps_attributes(spark: SparkSession) -> Any:
    data = f.VectorAssembler(inputCols=["f", "size", "n", "k"], outputCol="v").transform(indexed(spark))
    made = f.VarianceThresholdSelector(featuresCol="v", outputCol="o", varianceThreshold=0.6).fit(data)
    return made.transform(data).select("o")


@case
def one_hot_assembled(spark: SparkSession) -> Any:
    data = f.OneHotEncoder(inputCols=["f", "k"], outputCols=["a", "b"]).fit(indexed(spark)).transform(indexed(spark))
    return f.VectorAssembler(inputCols=["a", "size", "b"], outputCol="v").transform(data).select("v")


@case
def vector_indexer_of_named(spark: SparkSession) -> Any:
    data = f.VectorAssembler(inputCols=["f", "size", "n", "k"], outputCol="v").transform(indexed(spark))
    return f.VectorIndexer(inputCol="v", outputCol="o", maxCategories=3).fit(data).transform(data).select("o")


# Formulas

FORMULAS = {
    "plain": "y ~ n + size",
    "string": "y ~ fruit",
    "two_strings": "y ~ fruit + kind",
    "no_intercept": "y ~ fruit + kind - 1",
    "no_intercept_zero": "y ~ 0 + fruit + size",
    "all": "y ~ .",
    "all_but": "y ~ . - fruit - n",
    "interaction": "y ~ fruit:size + n:size",
    "crossed": "y ~ fruit*n",
    "power": "y ~ (n + size + fruit)^2",
    "nested": "y ~ n + (fruit + kind):size",
    "string_label": "kind ~ size",
    "no_label": " ~ fruit + n",
    "quoted": "y ~ `size` + 1",
    "removed": "y ~ fruit + n - n",
    "strings_crossed": "y ~ fruit:kind",
}
for name, formula in FORMULAS.items():
    model(f"formula_{name}", frames.fruits, lambda formula=formula: f.RFormula(formula=formula))  # type: ignore[misc]
    CASES[f"formula_{name}.text"] = lambda spark, formula=formula: (  # type: ignore[misc]
        str(f.RFormula(formula=formula).fit(frames.fruits(spark))).split("(", 1)[1].rsplit("(uid", 1)[0]
    )
cases(
    frames.fruits,
    formula_order=lambda: f.RFormula(formula="y ~ fruit", stringIndexerOrderType="alphabetAsc"),
    formula_force=lambda: f.RFormula(formula="n ~ fruit", forceIndexLabel=True, labelCol="l", featuresCol="g"),
    formula_broken=lambda: f.RFormula(formula="y ~~ fruit"),
    formula_missing=lambda: f.RFormula(formula="y ~ nope"),
    formula_unset=lambda: f.RFormula(),
    formula_of_result=lambda: f.RFormula(formula="y ~ n", labelCol="kind"),
)


@case
def formula_unseen(spark: SparkSession) -> Any:
    made = f.RFormula(formula="y ~ fruit", handleInvalid="keep").fit(frames.fruits(spark))
    return made.transform(spark.createDataFrame([("kiwi", 1.0), ("fig", 0.0)], "fruit string, y double"))


# Functions


@case
def vectors_to_arrays(spark: SparkSession) -> Any:
    return frames.vectors(spark).select(vector_to_array("v"), vector_to_array("v", "float32"))


@case
def arrays_to_vectors(spark: SparkSession) -> Any:
    data = spark.createDataFrame([([1.0, 2.0],), ([],), (None,)], "a array<double>")
    return data.select(array_to_vector("a"))


@case
def vectors_to_arrays_wrong(spark: SparkSession) -> Any:
    return frames.vectors(spark).select(vector_to_array("id"))
