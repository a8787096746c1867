"""What a session does with models: keeps them, moves them to disk, saves and loads them, stops a fit."""

from __future__ import annotations

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PySparkException
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegression, LogisticRegressionModel
from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.feature import StandardScaler, StandardScalerModel, StringIndexer, StringIndexerModel, VectorAssembler
from pyspark.ml.functions import array_to_vector
from pyspark.ml.regression import LinearRegression, LinearRegressionModel
from pyspark.sql import functions as F
from pyspark.util import inheritable_thread_target

sys.path.insert(0, str(Path(__file__).parent))

from linear_cases import iris, lengths, two

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

CONTROL = "spark.connect.session.connectML.mlCache.memoryControl."


@pytest.fixture
def limits(spark: SparkSession) -> Iterator[Any]:
    """Sets limits of the cache for one test."""
    names = []

    def put(name: str, value: str) -> None:
        names.append(CONTROL + name)
        spark.conf.set(CONTROL + name, value)

    yield put
    for name in names:
        spark.conf.unset(name)


def in_memory(spark: SparkSession) -> set[str]:
    return {json.loads(entry)["id"] for entry in spark.client._get_ml_cache_info()}


def reference(model: Any) -> str:
    return model._java_obj.ref_id


def test_models_live_as_long_as_python_has_them(spark: SparkSession) -> None:
    model = LinearRegression().fit(lengths(spark))
    own = reference(model)
    assert own in in_memory(spark)
    predicted = model.transform(lengths(spark))
    del model
    assert predicted.count() == 150
    del predicted
    assert own not in in_memory(spark)


def test_a_model_too_large_is_refused(spark: SparkSession, limits: Any) -> None:
    limits("maxModelSize", "10")
    with pytest.raises(PySparkException) as caught:
        LinearRegression().fit(lengths(spark))
    assert caught.value.getCondition() == "CONNECT_ML.MODEL_SIZE_OVERFLOW_EXCEPTION"


def test_what_does_not_fit_goes_to_disk_and_comes_back(spark: SparkSession, limits: Any) -> None:
    limits("maxInMemorySize", "1")
    first = LogisticRegression(regParam=0.1).fit(two(spark))
    before = (first.coefficients, first.summary.accuracy)
    second = LogisticRegression(regParam=0.2).fit(two(spark))
    assert reference(first) not in in_memory(spark)
    assert reference(second) in in_memory(spark)
    assert (first.coefficients, first.summary.accuracy) == before
    assert first.transform(two(spark)).count() == 100


def test_an_unknown_model(spark: SparkSession) -> None:
    model = LinearRegression().fit(lengths(spark))
    spark.client._delete_ml_cache([reference(model)])
    with pytest.raises(PySparkException) as caught:
        _ = model.coefficients
    assert caught.value.getCondition() == "CONNECT_ML.CACHE_INVALID"


def test_saved_and_loaded(spark: SparkSession, tmp_path: Path) -> None:
    data = iris(spark).withColumn("s", F.concat(F.lit("k"), F.col("label").cast("int").cast("string")))
    fitted = [
        (LinearRegression(regParam=0.1).fit(lengths(spark)), LinearRegressionModel, lengths(spark)),
        (LogisticRegression(regParam=0.1).fit(data), LogisticRegressionModel, data),
        (StringIndexer(inputCol="s", outputCol="i").fit(data), StringIndexerModel, data),
        (StandardScaler(inputCol="features", outputCol="o", withMean=True).fit(data), StandardScalerModel, data),
    ]
    for position, (model, kind, frame) in enumerate(fitted):
        path = str(tmp_path / str(position))
        model.save(path)
        again = kind.load(path)
        assert again.uid == model.uid
        assert again.extractParamMap() == model.extractParamMap()
        assert again.transform(frame).collect() == model.transform(frame).collect()
        with pytest.raises(PySparkException, match="already exists"):
            model.save(path)
        model.write().overwrite().save(path)


def test_parameters_and_pipelines_saved_and_loaded(spark: SparkSession, tmp_path: Path) -> None:
    estimator = LogisticRegression(maxIter=7, thresholds=[0.5, 0.5], regParam=0.1)
    estimator.save(str(tmp_path / "estimator"))
    assert LogisticRegression.load(str(tmp_path / "estimator")).extractParamMap() == estimator.extractParamMap()
    evaluator = RegressionEvaluator(metricName="r2")
    evaluator.save(str(tmp_path / "evaluator"))
    assert RegressionEvaluator.load(str(tmp_path / "evaluator")).getMetricName() == "r2"
    stages = [VectorAssembler(inputCols=["features", "w"], outputCol="x"), LogisticRegression(featuresCol="x")]
    model = Pipeline(stages=stages).fit(two(spark))
    model.save(str(tmp_path / "pipeline"))
    again = PipelineModel.load(str(tmp_path / "pipeline"))
    assert again.transform(two(spark)).collect() == model.transform(two(spark)).collect()


def test_fits_at_once(spark: SparkSession) -> None:
    data = two(spark).cache()

    def fit(reg_param: float) -> Any:
        return LogisticRegression(regParam=reg_param).fit(data).coefficients

    values = [0.01, 0.1, 0.5, 1.0]
    with ThreadPoolExecutor(4) as pool:
        # A thread has the session of the one that started it.
        at_once = list(pool.map(inheritable_thread_target(spark)(fit), values))
    assert at_once == [fit(value) for value in values]
    data.unpersist()


def test_a_fit_is_interrupted(spark: SparkSession) -> None:
    data = spark.range(0, 200_000, 1, 2).select(
        (F.col("id") % 2).cast("double").alias("label"),
        array_to_vector(F.array(*[F.rand(seed) for seed in range(20)])).alias("features"),
    )
    estimator = LogisticRegression(maxIter=1_000_000, tol=0.0, regParam=1e-3, elasticNetParam=0.5)
    failed: list[Exception] = []

    def fit() -> None:
        spark.addTag("long fit")
        try:
            estimator.fit(data)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=inheritable_thread_target(spark)(fit))
    thread.start()
    deadline = time.monotonic() + 60
    while thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.5)
        spark.interruptTag("long fit")
    thread.join(30)
    assert not thread.is_alive()
    assert not failed or "CANCELED" in str(failed[0])


def test_a_fit_shows_its_progress(spark: SparkSession) -> None:
    seen: list[tuple[int, int]] = []

    def note(**report: Any) -> None:
        seen.extend((stage.num_completed_tasks, stage.num_tasks) for stage in report["stages"] or [])

    data = spark.range(0, 100_000, 1, 2).select(
        (F.col("id") % 2).cast("double").alias("label"),
        array_to_vector(F.array(*[F.rand(seed) for seed in range(20)])).alias("features"),
    )
    spark.conf.set("spark.connect.progress.reportInterval", "10ms")
    spark.registerProgressHandler(note)
    try:
        LogisticRegression(maxIter=60, tol=0.0, regParam=1e-3, elasticNetParam=0.5).fit(data)
    finally:
        spark.removeProgressHandler(note)
        spark.conf.unset("spark.connect.progress.reportInterval")
    # A pass over the data for the start and one or more for each of sixty steps.
    passes = [done for done, total in seen if total >= 61]
    assert passes
    assert passes == sorted(passes)
    assert len(set(passes)) > 1
