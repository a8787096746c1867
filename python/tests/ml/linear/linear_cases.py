"""Cases of linear models, evaluators, statistics, pipelines and tuning: name → what is asked.

Real Spark's answers are in `answers.json` (`record.py`). Data: iris as scikit-learn ships it (its file stands with the
unsupervised cases), and small made tables. Iterative fits run to `tol=1e-12`, so that steps do not matter.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import (
    BinaryClassificationEvaluator,
    ClusteringEvaluator,
    MulticlassClassificationEvaluator,
    MultilabelClassificationEvaluator,
    RankingEvaluator,
    RegressionEvaluator,
)
from pyspark.ml.feature import StandardScaler, StringIndexer, VectorAssembler
from pyspark.ml.linalg import Matrices, Vectors
from pyspark.ml.regression import (
    AFTSurvivalRegression,
    GeneralizedLinearRegression,
    IsotonicRegression,
    LinearRegression,
)
from pyspark.ml.stat import ChiSquareTest, Correlation, KolmogorovSmirnovTest, Summarizer
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

CASES: dict[str, Callable[[SparkSession], Any]] = {}

IRIS = Path(__file__).parents[1] / "unsupervised" / "iris.json"


def case(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    CASES[function.__name__] = function
    return function


def iris(spark: SparkSession) -> DataFrame:
    """Features, species (fifty of each, in order), weights 1, 2, 3, 1, … and the petal's width beside."""
    rows = json.loads(IRIS.read_text(encoding="utf-8"))
    data = [(float(i // 50), Vectors.dense(row), float(i % 3 + 1), row[3]) for i, row in enumerate(rows)]
    return spark.createDataFrame(data, ["label", "features", "w", "width"]).coalesce(1)


def lengths(spark: SparkSession) -> DataFrame:
    """The sepal's length out of the other three measures."""
    rows = json.loads(IRIS.read_text(encoding="utf-8"))
    data = [(row[0], Vectors.dense(row[1:]), float(i % 3 + 1)) for i, row in enumerate(rows)]
    return spark.createDataFrame(data, ["label", "features", "w"]).coalesce(1)


def two(spark: SparkSession) -> DataFrame:
    """Two species that no plane tells apart."""
    return iris(spark).where("label > 0").selectExpr("label - 1 AS label", "features", "w", "width")


def sparse(spark: SparkSession) -> DataFrame:
    rows = []
    for i in range(60):
        entries = {(i * 5 + j * 7) % 30: 1.0 + (i + j) % 3 for j in range(4)}
        rows.append((float((i * 7 + i // 5) % 2), Vectors.sparse(30, entries)))
    return spark.createDataFrame(rows, ["label", "features"]).coalesce(1)


def linear(name: str, **params: Any) -> None:
    def run(spark: SparkSession) -> Any:
        model = LinearRegression(tol=1e-12, maxIter=500, **params).fit(lengths(spark))
        summary = model.summary
        return [model.coefficients, model.intercept, model.scale, summary.r2, summary.rootMeanSquaredError]

    CASES[name] = run


linear("linear_normal")
linear("linear_weighted", weightCol="w")
linear("linear_ridge", regParam=0.3)
linear("linear_ridge_plain", regParam=0.3, standardization=False)
linear("linear_lasso", regParam=0.05, elasticNetParam=1.0)
linear("linear_elastic", regParam=0.1, elasticNetParam=0.4, weightCol="w")
linear("linear_no_intercept", fitIntercept=False)
linear("linear_lbfgs", solver="l-bfgs")
linear("linear_lbfgs_ridge", solver="l-bfgs", regParam=0.2, standardization=False, weightCol="w")
linear("linear_owlqn", solver="l-bfgs", regParam=0.05, elasticNetParam=0.7)
linear("linear_owlqn_plain", solver="l-bfgs", regParam=0.02, elasticNetParam=0.5, standardization=False)
linear("linear_huber", loss="huber", epsilon=1.5)
linear("linear_huber_ridge", loss="huber", regParam=0.1, weightCol="w")
linear("linear_huber_no_intercept", loss="huber", fitIntercept=False)


def logistic(name: str, data: Callable[[Any], Any], **params: Any) -> None:
    def run(spark: SparkSession) -> Any:
        params.setdefault("tol", 1e-12)
        params.setdefault("maxIter", 1000)
        model = LogisticRegression(**params).fit(data(spark))
        return [model.coefficientMatrix, model.interceptVector, model.summary.accuracy]

    CASES[name] = run


logistic("logistic_binomial", two)
logistic("logistic_weighted", two, weightCol="w")
logistic("logistic_ridge", two, regParam=0.1)
logistic("logistic_ridge_plain", two, regParam=0.1, standardization=False)
logistic("logistic_lasso", two, regParam=0.05, elasticNetParam=1.0)
logistic("logistic_elastic", two, regParam=0.05, elasticNetParam=0.3, standardization=False)
logistic("logistic_no_intercept", two, fitIntercept=False, regParam=0.01)
logistic("logistic_sparse", sparse, regParam=0.02)
logistic("logistic_sparse_lasso", sparse, regParam=0.02, elasticNetParam=0.8)
logistic("multinomial_ridge", iris, regParam=0.05)
logistic("multinomial_lasso", iris, regParam=0.02, elasticNetParam=1.0)
logistic("multinomial_elastic", iris, regParam=0.02, elasticNetParam=0.5, weightCol="w", standardization=False)
logistic("multinomial_of_two", two, family="multinomial", regParam=0.01)
logistic(
    "logistic_bounds",
    two,
    lowerBoundsOnCoefficients=Matrices.dense(1, 4, [-1.0, -1.0, 0.0, 0.0]),
    upperBoundsOnCoefficients=Matrices.dense(1, 4, [1.0, 1.0, 2.0, 3.0]),
)
logistic("logistic_bounds_on_intercept", two, regParam=0.1, upperBoundsOnIntercepts=Vectors.dense([-3.0]))
logistic(
    "multinomial_bounds",
    iris,
    regParam=0.1,
    lowerBoundsOnCoefficients=Matrices.dense(3, 4, [-0.3] * 12),
)
logistic("logistic_one_class", lambda spark: iris(spark).where("label = 1"))


@case
def linear_summary(spark: SparkSession) -> Any:
    data = lengths(spark)
    summary = LinearRegression(weightCol="w").fit(data).summary
    return [
        summary.explainedVariance,
        summary.meanAbsoluteError,
        summary.meanSquaredError,
        summary.r2adj,
        summary.numInstances,
        summary.degreesOfFreedom,
        summary.devianceResiduals,
        summary.coefficientStandardErrors,
        summary.tValues,
        summary.pValues,
        summary.objectiveHistory,
        summary.totalIterations,
        summary.predictionCol,
        summary.labelCol,
        summary.featuresCol,
    ]


@case
def linear_summary_tables(spark: SparkSession) -> Any:
    summary = LinearRegression().fit(lengths(spark)).summary
    return [[row[0] for row in summary.residuals.limit(4).collect()], summary.predictions.columns]


@case
def linear_no_errors_by_lbfgs(spark: SparkSession) -> Any:
    return LinearRegression(solver="l-bfgs").fit(lengths(spark)).summary.pValues


@case
def linear_evaluate(spark: SparkSession) -> Any:
    model = LinearRegression(predictionCol="p").fit(lengths(spark))
    own = model.evaluate(lengths(spark).where("label > 5"))
    return [own.r2, own.numInstances, own.meanSquaredError, model.predict(Vectors.dense([3.0, 2.0, 1.0]))]


@case
def linear_transform(spark: SparkSession) -> Any:
    return LinearRegression(weightCol="w").fit(lengths(spark)).transform(lengths(spark)).limit(3)


@case
def logistic_history(spark: SparkSession) -> Any:
    summary = LogisticRegression(regParam=0.1, maxIter=5).fit(two(spark)).summary
    return [summary.objectiveHistory, summary.totalIterations]


@case
def logistic_lasso_history(spark: SparkSession) -> Any:
    return LogisticRegression(regParam=0.1, elasticNetParam=0.5, maxIter=4).fit(two(spark)).summary.objectiveHistory


@case
def multinomial_history(spark: SparkSession) -> Any:
    return LogisticRegression(regParam=0.1, maxIter=4).fit(iris(spark)).summary.objectiveHistory


@case
def logistic_summary(spark: SparkSession) -> Any:
    summary = LogisticRegression(regParam=0.1, weightCol="w").fit(two(spark)).summary
    return [
        summary.labels,
        summary.truePositiveRateByLabel,
        summary.falsePositiveRateByLabel,
        summary.precisionByLabel,
        summary.recallByLabel,
        summary.fMeasureByLabel(2.0),
        summary.weightedTruePositiveRate,
        summary.weightedFalsePositiveRate,
        summary.weightedPrecision,
        summary.weightedFMeasure(),
        summary.areaUnderROC,
        summary.scoreCol,
        summary.weightCol,
        [list(row) for row in summary.roc.limit(5).collect()],
        [list(row) for row in summary.pr.limit(5).collect()],
        [list(row) for row in summary.fMeasureByThreshold.limit(5).collect()],
    ]


@case
def logistic_transform(spark: SparkSession) -> Any:
    return LogisticRegression(regParam=0.1).fit(two(spark)).transform(two(spark)).limit(3)


@case
def logistic_threshold(spark: SparkSession) -> Any:
    model = LogisticRegression(regParam=0.1, threshold=0.7).fit(two(spark))
    counts = model.transform(two(spark)).groupBy("prediction").count().orderBy("prediction")
    features = Vectors.dense([6.0, 3.0, 5.0, 1.8])
    return [[list(row) for row in counts.collect()], model.predictRaw(features), model.predictProbability(features)]


@case
def multinomial_thresholds(spark: SparkSession) -> Any:
    model = LogisticRegression(regParam=0.1, thresholds=[0.2, 0.5, 0.3]).fit(iris(spark))
    counts = model.transform(iris(spark)).groupBy("prediction").count().orderBy("prediction")
    return [[list(row) for row in counts.collect()], model.predict(Vectors.dense([6.0, 3.0, 5.0, 1.8]))]


@case
def multinomial_has_no_coefficients(spark: SparkSession) -> Any:
    return LogisticRegression(regParam=0.1).fit(iris(spark)).coefficients


def iris_counts(spark: SparkSession) -> DataFrame:
    """Counts, shares and times made of iris, with weights, offsets and censors."""
    rows = json.loads(IRIS.read_text(encoding="utf-8"))
    data = []
    for i, row in enumerate(rows):
        count = float(round(row[3] * 4))
        share = float(row[0] + row[2] > 9.5) if i % 3 else float(i % 2)
        data.append(
            (count, share, row[2], Vectors.dense(row[:2]), float(i % 3 + 1), 0.1 * (i % 4), float(i % 5 != 0), row[1])
        )
    names = ["count", "share", "time", "features", "w", "o", "censor", "sepal"]
    return spark.createDataFrame(data, names).coalesce(1)


def generalized(name: str, label: str, **params: Any) -> None:
    def run(spark: SparkSession) -> Any:
        model = GeneralizedLinearRegression(tol=1e-9, maxIter=100, labelCol=label, **params).fit(iris_counts(spark))
        summary = model.summary
        answer = [model.coefficients, model.intercept, summary.deviance, summary.nullDeviance, summary.dispersion]
        answer += [summary.numIterations, summary.solver, summary.rank, summary.degreesOfFreedom]
        answer += [summary.residualDegreeOfFreedom, summary.residualDegreeOfFreedomNull, summary.numInstances]
        answer += [summary.coefficientStandardErrors, summary.tValues, summary.pValues, str(summary)]
        answer += [[row[0] for row in summary.residuals(kind).limit(3).collect()] for kind in RESIDUALS]
        answer += [] if params["family"] == "tweedie" else [summary.aic]
        return answer

    CASES[name] = run


RESIDUALS = ["deviance", "pearson", "working", "response"]

for link in ["log", "inverse"]:
    generalized(f"glm_gaussian_{link}", "sepal", family="gaussian", link=link)
for link in ["identity", "log", "inverse"]:
    generalized(f"glm_gamma_{link}", "time", family="gamma", link=link, weightCol="w")
for link in ["logit", "probit", "cloglog"]:
    generalized(f"glm_binomial_{link}", "share", family="binomial", link=link)
for link in ["log", "identity", "sqrt"]:
    generalized(f"glm_poisson_{link}", "count", family="poisson", link=link, weightCol="w")
generalized("glm_offset", "time", family="gamma", link="log", offsetCol="o", weightCol="w")
generalized("glm_gaussian_offset", "time", family="gaussian", offsetCol="o")
generalized("glm_poisson_offset", "count", family="poisson", offsetCol="o", regParam=0.1)
generalized("glm_no_intercept", "count", family="poisson", fitIntercept=False)
generalized("glm_binomial_weighted", "share", family="binomial", weightCol="w", regParam=0.01)
generalized("glm_tweedie", "time", family="tweedie", variancePower=1.5)
generalized("glm_tweedie_powers", "time", family="tweedie", variancePower=2.5, linkPower=-0.5)
generalized("glm_tweedie_of_poisson", "count", family="tweedie", variancePower=1.0, linkPower=0.0)


@case
def glm_evaluate(spark: SparkSession) -> Any:
    data = iris_counts(spark)
    estimator = GeneralizedLinearRegression(family="poisson", labelCol="count", linkPredictionCol="eta", offsetCol="o")
    model = estimator.fit(data)
    own = model.evaluate(data.where("time > 3"))
    shown = [own.aic, own.deviance, own.nullDeviance, own.numInstances, own.predictionCol, own.predictions.columns]
    return [*shown, model.predict(Vectors.dense([5.0, 3.0]))]


@case
def glm_transform(spark: SparkSession) -> Any:
    data = iris_counts(spark)
    estimator = GeneralizedLinearRegression(family="gamma", labelCol="time", linkPredictionCol="eta", offsetCol="o")
    return estimator.fit(data).transform(data).limit(3)


@case
def glm_text(spark: SparkSession) -> Any:
    models = [
        GeneralizedLinearRegression(labelCol="time", link="log"),
        GeneralizedLinearRegression(labelCol="time", family="binomial", link="logit").setLabelCol("share"),
    ]
    return [str(model.fit(iris_counts(spark))).split(",", 1)[1] for model in models]


def survival(name: str, **params: Any) -> None:
    def run(spark: SparkSession) -> Any:
        estimator = AFTSurvivalRegression(tol=1e-12, maxIter=500, labelCol="time", **params)
        model = estimator.fit(iris_counts(spark))
        features = Vectors.dense([5.0, 3.0])
        answer = [model.coefficients, model.intercept, model.scale, model.predict(features)]
        rows = [list(row) for row in model.transform(iris_counts(spark)).limit(3).collect()]
        return [*answer, model.predictQuantiles(features), rows]

    CASES[name] = run


survival("survival", quantilesCol="q")
survival("survival_no_intercept", fitIntercept=False)
survival("survival_quantiles", quantilesCol="q", quantileProbabilities=[0.2, 0.8])


def isotonic(name: str, **params: Any) -> None:
    def run(spark: SparkSession) -> Any:
        data = iris_counts(spark)
        model = IsotonicRegression(labelCol="time", **params).fit(data)
        predicted = [row.prediction for row in model.transform(data).limit(20).collect()]
        return [model.boundaries, model.predictions, model.numFeatures, model.predict(5.05), predicted]

    CASES[name] = run


isotonic("isotonic")
isotonic("isotonic_falling", isotonic=False, featureIndex=1, weightCol="w")
isotonic("isotonic_of_doubles", featuresCol="sepal", weightCol="w")


@case
def binary_evaluators(spark: SparkSession) -> Any:
    scored = LogisticRegression(regParam=0.1).fit(two(spark)).transform(two(spark))
    metrics = ["areaUnderROC", "areaUnderPR"]
    plain = [BinaryClassificationEvaluator(metricName=metric).evaluate(scored) for metric in metrics]
    weighted = BinaryClassificationEvaluator(weightCol="w", rawPredictionCol="probability").evaluate(scored)
    return [*plain, weighted]


@case
def multiclass_evaluators(spark: SparkSession) -> Any:
    scored = LogisticRegression(regParam=0.1).fit(iris(spark)).transform(iris(spark))
    names = ["f1", "accuracy", "weightedPrecision", "weightedRecall", "weightedTruePositiveRate"]
    names += ["weightedFalsePositiveRate", "weightedFMeasure", "truePositiveRateByLabel", "falsePositiveRateByLabel"]
    names += ["precisionByLabel", "recallByLabel", "fMeasureByLabel", "logLoss", "hammingLoss"]
    evaluators = [MulticlassClassificationEvaluator(metricName=name, metricLabel=1.0, beta=2.0) for name in names]
    return [evaluator.evaluate(scored) for evaluator in evaluators]


@case
def regression_evaluators(spark: SparkSession) -> Any:
    scored = LinearRegression().fit(lengths(spark)).transform(lengths(spark))
    names = ["rmse", "mse", "r2", "mae", "var"]
    plain = [RegressionEvaluator(metricName=name).evaluate(scored) for name in names]
    origin = RegressionEvaluator(metricName="r2", throughOrigin=True, weightCol="w").evaluate(scored)
    return [*plain, origin]


@case
def multilabel_evaluators(spark: SparkSession) -> Any:
    rows = [([0.0, 1.0], [0.0, 2.0]), ([0.0, 2.0], [0.0, 1.0]), ([], [0.0]), ([2.0], [2.0]), ([2.0, 0.0], [2.0, 0.0])]
    rows += [([0.0, 1.0, 2.0], [0.0, 1.0]), ([1.0], [1.0, 2.0])]
    data = spark.createDataFrame(rows, "prediction array<double>, label array<double>")
    names = ["subsetAccuracy", "accuracy", "hammingLoss", "precision", "recall", "f1Measure", "precisionByLabel"]
    names += ["recallByLabel", "f1MeasureByLabel", "microPrecision", "microRecall", "microF1Measure"]
    return [MultilabelClassificationEvaluator(metricName=name).evaluate(data) for name in names]


@case
def ranking_evaluators(spark: SparkSession) -> Any:
    rows = [([1.0, 6.0, 2.0, 7.0, 8.0], [1.0, 2.0, 3.0, 4.0]), ([4.0, 1.0, 5.0], [1.0, 2.0, 3.0]), ([1.0, 2.0], [2.0])]
    data = spark.createDataFrame(rows, "prediction array<double>, label array<double>")
    names = ["meanAveragePrecision", "meanAveragePrecisionAtK", "precisionAtK", "ndcgAtK", "recallAtK"]
    return [RankingEvaluator(metricName=name, k=2).evaluate(data) for name in names]


@case
def clustering_evaluators(spark: SparkSession) -> Any:
    data = iris(spark).withColumnRenamed("label", "prediction")
    measures = ["squaredEuclidean", "cosine"]
    plain = [ClusteringEvaluator(distanceMeasure=measure).evaluate(data) for measure in measures]
    return [*plain, ClusteringEvaluator(weightCol="w").evaluate(data)]


@case
def summarizer(spark: SparkSession) -> Any:
    data = iris(spark)
    names = ["mean", "count", "std", "sum", "variance", "numNonZeros", "max", "min", "normL1", "normL2"]
    return data.select(Summarizer.metrics(*names).summary(data.features, data.w).alias("s")).select("s.*")


@case
def summarizer_of_groups(spark: SparkSession) -> Any:
    data = iris(spark)
    return data.groupBy("label").agg(Summarizer.mean(data.features).alias("m")).orderBy("label")


@case
def correlations(spark: SparkSession) -> Any:
    return [Correlation.corr(iris(spark), "features", method).first()[0] for method in ("pearson", "spearman")]


@case
def correlation_table(spark: SparkSession) -> Any:
    return Correlation.corr(iris(spark), "features")


@case
def chi_square(spark: SparkSession) -> Any:
    return ChiSquareTest.test(iris(spark), "features", "label")


@case
def chi_square_flat(spark: SparkSession) -> Any:
    return ChiSquareTest.test(iris(spark), "features", "label", True).orderBy("featureIndex")


@case
def kolmogorov_smirnov(spark: SparkSession) -> Any:
    return KolmogorovSmirnovTest.test(iris(spark), "width", "norm", 1.2, 0.8)


@case
def pipeline(spark: SparkSession) -> Any:
    rows = [("abc"[i * i % 3], float(i % 7), 1.5 * (i % 4), float(i * 5 % 3 == 0)) for i in range(60)]
    data = spark.createDataFrame(rows, ["s", "x", "y", "label"]).coalesce(1)
    stages = [
        StringIndexer(inputCol="s", outputCol="i", stringOrderType="alphabetAsc"),
        VectorAssembler(inputCols=["i", "x", "y"], outputCol="raw"),
        StandardScaler(inputCol="raw", outputCol="features", withMean=True),
        LogisticRegression(regParam=0.05, tol=1e-12),
    ]
    model = Pipeline(stages=stages).fit(data)
    return [model.stages[-1].coefficients, [list(row) for row in model.transform(data).limit(2).collect()]]


@case
def cross_validator(spark: SparkSession) -> Any:
    data = two(spark).selectExpr("*", "int(width * 10) % 3 AS fold")
    estimator = LogisticRegression(tol=1e-12)
    grid = ParamGridBuilder().addGrid(estimator.regParam, [0.01, 1.0]).addGrid(estimator.maxIter, [100]).build()
    evaluator = MulticlassClassificationEvaluator(metricName="logLoss")
    validator = CrossValidator(
        estimator=estimator,
        estimatorParamMaps=grid,
        evaluator=evaluator,
        numFolds=3,
        foldCol="fold",
        parallelism=2,
    )
    model = validator.fit(data)
    return [[float(metric) for metric in model.avgMetrics], model.bestModel.coefficients]


def fails(name: str, ask: Callable[[SparkSession], Any]) -> None:
    CASES[name] = ask


fails("invalid_parameter", lambda spark: LogisticRegression(maxIter=-1).fit(two(spark)))
fails("invalid_family", lambda spark: LogisticRegression(family="x").fit(two(spark)))
fails("features_of_text", lambda spark: LogisticRegression(featuresCol="s").fit(two(spark).selectExpr("*", "'a' AS s")))
fails("no_features", lambda spark: LinearRegression(featuresCol="nope").fit(lengths(spark)))
fails("no_rows", lambda spark: LogisticRegression().fit(two(spark).limit(0)))
fails(
    "broken_labels", lambda spark: LogisticRegression().fit(two(spark).selectExpr("label + 0.5D AS label", "features"))
)
fails(
    "null_labels",
    lambda spark: LinearRegression().fit(lengths(spark).selectExpr("nullif(label, 5.1D) AS label", "features")),
)
fails(
    "negative_weights",
    lambda spark: LinearRegression(weightCol="v").fit(lengths(spark).selectExpr("*", "-1.0D AS v")),
)
fails("huber_normal", lambda spark: LinearRegression(loss="huber", solver="normal").fit(lengths(spark)))
fails(
    "huber_elastic", lambda spark: LinearRegression(loss="huber", regParam=1.0, elasticNetParam=0.5).fit(lengths(spark))
)
fails("binomial_of_three", lambda spark: LogisticRegression(family="binomial").fit(iris(spark)))
fails("prediction_twice", lambda spark: twice(spark).collect())
fails("no_such_attribute", lambda spark: LinearRegression().fit(lengths(spark))._call_java("foo"))
fails("correlation_of_unknown_kind", lambda spark: Correlation.corr(iris(spark), "features", "x").collect())
fails("evaluator_of_vectors", lambda spark: RegressionEvaluator(predictionCol="features").evaluate(iris(spark)))

fails("glm_link", lambda spark: GeneralizedLinearRegression(family="poisson", link="logit").fit(lengths(spark)))
fails("glm_family", lambda spark: GeneralizedLinearRegression(family="x").fit(lengths(spark)))
fails("glm_no_rows", lambda spark: GeneralizedLinearRegression().fit(lengths(spark).limit(0)))
fails(
    "glm_offset_null",
    lambda spark: GeneralizedLinearRegression(offsetCol="o").fit(lengths(spark).selectExpr("*", "double(null) AS o")),
)
fails("glm_offset_of_vectors", lambda spark: GeneralizedLinearRegression(offsetCol="features").fit(lengths(spark)))
fails("glm_residuals", lambda spark: GeneralizedLinearRegression().fit(lengths(spark)).summary.residuals("x").collect())
fails("glm_predict", lambda spark: GeneralizedLinearRegression().fit(lengths(spark)).predict(Vectors.dense([1.0])))
fails(
    "glm_tweedie_aic",
    lambda spark: GeneralizedLinearRegression(family="tweedie", variancePower=1.2).fit(lengths(spark)).summary.aic,
)
fails("survival_no_censor", lambda spark: AFTSurvivalRegression().fit(lengths(spark)))
fails(
    "survival_censor_of_two",
    lambda spark: AFTSurvivalRegression(censorCol="w").fit(lengths(spark)),
)
fails(
    "survival_censor_null",
    lambda spark: AFTSurvivalRegression().fit(lengths(spark).selectExpr("*", "double(null) AS censor")),
)
fails("survival_quantiles_beyond", lambda spark: AFTSurvivalRegression(quantileProbabilities=[1.0]).fit(lengths(spark)))
fails("isotonic_of_text", lambda spark: IsotonicRegression().fit(lengths(spark).selectExpr("'a' AS label", "features")))
fails(
    "isotonic_features_of_text",
    lambda spark: IsotonicRegression().fit(lengths(spark).selectExpr("label", "'a' AS features")),
)
fails(
    "isotonic_null_labels",
    lambda spark: IsotonicRegression().fit(lengths(spark).selectExpr("nullif(label, 5.1D) AS label", "features")),
)
fails("linear_predict", lambda spark: LinearRegression().fit(lengths(spark)).predict(Vectors.dense([1.0])))


def twice(spark: SparkSession) -> DataFrame:
    model = LinearRegression().fit(lengths(spark))
    return model.transform(model.transform(lengths(spark)))
