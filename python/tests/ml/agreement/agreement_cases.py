"""Deterministic algorithms on real data: name → what a model found, as arrays by name.

Real Spark's answers are in `answers.json` (`record.py`). Both sides run to `tol=1e-12`. An entry called `coefficients`
is the measure of those that stand with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.classification import LogisticRegression, NaiveBayes
from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import PCA, MinMaxScaler, StandardScaler
from pyspark.ml.linalg import Matrices
from pyspark.ml.regression import (
    AFTSurvivalRegression,
    GeneralizedLinearRegression,
    IsotonicRegression,
    LinearRegression,
)
from pyspark.ml.stat import ChiSquareTest, Correlation, KolmogorovSmirnovTest, Summarizer
from real_data import frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

Answer = dict[str, Any]
CASES: dict[str, Callable[[SparkSession], Answer]] = {}
TOL = 1e-12


def case(data: str, *, where: str = "true", **columns: str) -> Callable[[Any], Any]:
    """Registers a function of a frame under its name and the data's; columns are added first."""

    def put(function: Callable[[DataFrame], Answer]) -> Callable[[DataFrame], Answer]:
        def run(spark: SparkSession) -> Answer:
            given = frame(spark, data).where(where)
            for name, text in columns.items():
                given = given.selectExpr(*[c for c in given.columns if c != name], f"{text} AS {name}")
            return function(given)

        CASES[f"{function.__name__}, {data}"] = run
        return function

    return put


def fitted(name: str, data: str, kind: Any, params: Answer, take: Callable[[Any], Answer], **options: Any) -> None:
    def run(given: DataFrame) -> Answer:
        return take(kind(**params).fit(given))

    run.__name__ = name
    case(data, **options)(run)


def of_line(model: Any) -> Answer:
    return {"coefficients": model.coefficients, "intercept": model.intercept}


def of_least_squares(model: Any) -> Answer:
    summary = model.summary
    return {
        **of_line(model),
        "errors": summary.coefficientStandardErrors,
        "t": summary.tValues,
        "p": summary.pValues,
        "r2": summary.r2,
    }


def of_classes(model: Any) -> Answer:
    loss = model.summary.objectiveHistory[-1]
    return {"coefficients": model.coefficientMatrix, "intercept": model.interceptVector, "objective": loss}


def of_generalized(model: Any) -> Answer:
    summary = model.summary
    found = {"errors": summary.coefficientStandardErrors, "p": summary.pValues, "deviance": summary.deviance}
    return {**of_line(model), **found}


def of_line_and_scale(model: Any) -> Answer:
    return {**of_line(model), "scale": model.scale}


for data in ("diabetes", "flights", "breast_cancer", "wine"):
    exact = {"tol": TOL, "maxIter": 1000}
    fitted("least squares", data, LinearRegression, exact, of_least_squares)
    fitted("weighted ridge", data, LinearRegression, {**exact, "weightCol": "w", "regParam": 0.1}, of_line)
    lbfgs = {**exact, "solver": "l-bfgs"}
    fitted("least squares by L-BFGS", data, LinearRegression, {**lbfgs, "regParam": 0.01}, of_line)
    elastic = {"regParam": 0.2, "elasticNetParam": 0.5}
    fitted("elastic net", data, LinearRegression, {**exact, **elastic}, of_line)
    fitted("elastic net by OWL-QN", data, LinearRegression, {**lbfgs, **elastic}, of_line)
    of_features = {"inputCol": "features"}
    fitted("PCA", data, PCA, {"k": 3, **of_features}, lambda m: {"vectors": m.pc, "shares": m.explainedVariance})
    fitted("standard scaler", data, StandardScaler, of_features, lambda m: {"mean": m.mean, "deviation": m.std})
    fitted("range", data, MinMaxScaler, of_features, lambda m: {"min": m.originalMin, "max": m.originalMax})

for data in ("diabetes", "flights"):
    huber = {"loss": "huber", "tol": TOL, "maxIter": 1000}
    fitted("Huber", data, LinearRegression, huber, of_line_and_scale)
    fitted("Huber ridge", data, LinearRegression, {**huber, "regParam": 0.1}, of_line_and_scale)
    steps = {"featureIndex": 0, "weightCol": "w"}
    fitted(
        "isotonic",
        data,
        IsotonicRegression,
        steps,
        lambda m: {"boundaries": m.boundaries, "predictions": m.predictions},
    )

for data, label in (("breast_cancer", "label"), ("flights", "double(label > 15)"), ("wine", "double(label > 0)")):
    ridge = {"tol": TOL, "maxIter": 2000, "regParam": 0.01}
    fitted("logistic ridge", data, LogisticRegression, ridge, of_classes, label=label)
    fitted("logistic elastic net", data, LogisticRegression, {**ridge, "elasticNetParam": 0.5}, of_classes, label=label)
    plain = {**ridge, "standardization": False, "weightCol": "w"}
    fitted("logistic plain ridge", data, LogisticRegression, plain, of_classes, label=label)
    general = {"family": "binomial", "tol": TOL, "maxIter": 100, "regParam": 0.01}
    fitted("logistic by GLM", data, GeneralizedLinearRegression, general, of_line, label=label)

free = {"tol": TOL, "maxIter": 2000}
fitted("logistic", "flights", LogisticRegression, free, of_classes, label="double(label > 15)")
bounds = {
    "lowerBoundsOnCoefficients": Matrices.dense(1, 5, [0.0] * 5),
    "upperBoundsOnCoefficients": Matrices.dense(1, 5, [0.1, 0.1, 0.001, 0.1, 0.1]),
}
fitted(
    "logistic within bounds", "flights", LogisticRegression, {**free, **bounds}, of_classes, label="double(label > 15)"
)
for data in ("iris", "wine"):
    softmax = {**free, "regParam": 0.01, "family": "multinomial"}
    fitted("softmax ridge", data, LogisticRegression, softmax, of_classes)
    fitted("softmax elastic net", data, LogisticRegression, {**softmax, "elasticNetParam": 0.3}, of_classes)
    gaussian = {"modelType": "gaussian"}
    fitted(
        "gaussian naive Bayes", data, NaiveBayes, gaussian, lambda m: {"pi": m.pi, "theta": m.theta, "sigma": m.sigma}
    )
    fitted("naive Bayes", data, NaiveBayes, {}, lambda m: {"pi": m.pi, "theta": m.theta})
    means = {"k": 3, "seed": 1, "tol": TOL, "maxIter": 200}
    fitted(
        "k-means",
        data,
        KMeans,
        means,
        lambda m: {"centers": [c.tolist() for c in m.clusterCenters()], "cost": m.summary.trainingCost},
    )

FAMILIES = [
    ("gaussian", "log", "diabetes", "label"),
    ("gaussian", "identity", "flights", "label"),
    ("poisson", "log", "diabetes", "label"),
    ("poisson", "log", "flights", "greatest(label, 0D)"),
    ("gamma", "inverse", "diabetes", "label"),
    ("gamma", "log", "flights", "label + 100"),
    ("binomial", "logit", "flights", "double(label > 15)"),
    ("binomial", "probit", "flights", "double(label > 15)"),
]
for family, link, data, label in FAMILIES:
    general = {"family": family, "link": link, "tol": TOL, "maxIter": 200}
    fitted(f"{family}, {link}", data, GeneralizedLinearRegression, general, of_generalized, label=label)

for data, label in (("diabetes", "label"), ("flights", "label + 100")):
    fitted("survival", data, AFTSurvivalRegression, free, of_line_and_scale, label=label)


@case("iris")
@case("wine")
@case("diabetes")
def correlations(given: DataFrame) -> Answer:
    return {kind: Correlation.corr(given, "features", kind).first()[0] for kind in ("pearson", "spearman")}


@case("iris")
@case("breast_cancer")
def chi_squares(given: DataFrame) -> Answer:
    row = ChiSquareTest.test(given, "features", "label").first()
    return {"p": row.pValues, "freedom": row.degreesOfFreedom, "statistics": row.statistics}


@case("iris")
@case("flights")
@case("diabetes")
def kolmogorov_smirnov(given: DataFrame) -> Answer:
    row = KolmogorovSmirnovTest.test(given, "label", "norm", 1.0, 50.0).first()
    return {"p": row.pValue, "statistic": row.statistic}


@case("wine")
@case("flights")
@case("breast_cancer")
def moments(given: DataFrame) -> Answer:
    names = ["mean", "variance", "normL1", "normL2"]
    row = given.select(Summarizer.metrics(*names).summary(given.features, given.w).alias("s")).first()
    return {name: row.s[name] for name in names}
