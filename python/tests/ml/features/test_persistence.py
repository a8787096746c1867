"""Models and transformers that are saved and loaded again do what they did."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.ml import feature as f
from pyspark.ml.base import Estimator
from pyspark.ml.linalg import Vectors

sys.path.insert(0, str(Path(__file__).parent))

import frames
from answer import plain
from feature_cases import indexed

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

VECTOR = {"inputCol": "v", "outputCol": "o"}
STAGES: dict[str, tuple[Callable[[SparkSession], DataFrame], Callable[[], Any]]] = {
    "min_max": (frames.vectors, lambda: f.MinMaxScaler(max=2.0, **VECTOR)),
    "max_abs": (frames.vectors, lambda: f.MaxAbsScaler(**VECTOR)),
    "robust": (frames.vectors, lambda: f.RobustScaler(withCentering=True, **VECTOR)),
    "pca": (frames.vectors, lambda: f.PCA(k=2, **VECTOR)),
    "idf": (frames.vectors, lambda: f.IDF(**VECTOR)),
    "counts": (frames.words, lambda: f.CountVectorizer(inputCol="words", outputCol="o")),
    "one_hot": (indexed, lambda: f.OneHotEncoder(inputCols=["f", "k"], outputCols=["a", "b"])),
    "target": (indexed, lambda: f.TargetEncoder(inputCols=["f", "k"], outputCols=["a", "b"], labelCol="y")),
    "imputer": (frames.numbers, lambda: f.Imputer(inputCols=["b", "c"], outputCols=["x", "y"])),
    "vector_indexer": (frames.categories, lambda: f.VectorIndexer(maxCategories=3, **VECTOR)),
    "chi": (frames.categories, lambda: f.ChiSqSelector(numTopFeatures=2, featuresCol="v", outputCol="o")),
    "variance": (
        frames.measured,
        lambda: f.VarianceThresholdSelector(featuresCol="v", outputCol="o", varianceThreshold=0.5),
    ),
    "formula": (frames.fruits, lambda: f.RFormula(formula="y ~ fruit*n + kind - size")),
    "formula_of_text": (frames.fruits, lambda: f.RFormula(formula="kind ~ fruit:size - 1")),
    "bucketizer": (
        frames.numbers,
        lambda: f.Bucketizer(inputCol="b", outputCol="o", splits=[-frames.INF, 3.0, 9.0], handleInvalid="skip"),
    ),
    "hasher": (frames.fruits, lambda: f.FeatureHasher(inputCols=["fruit", "n"], outputCol="o", numFeatures=32)),
    "product": (frames.vectors, lambda: f.ElementwiseProduct(scalingVec=Vectors.dense([1.0, 2.0, 3.0, 4.0]), **VECTOR)),
    "stop_words": (frames.words, lambda: f.StopWordsRemover(inputCol="words", outputCol="o")),
    "normalizer": (frames.vectors, lambda: f.Normalizer(p=frames.INF, **VECTOR)),
}


def rows(frame: DataFrame) -> list[Any]:
    return [plain(list(row)) for row in frame.collect()]


def explicit(stage: Any) -> dict[str, Any]:
    return {param.name: stage.getOrDefault(param) for param in stage.params if stage.isSet(param)}


@pytest.mark.parametrize("name", STAGES)
def test_saved_and_loaded(spark: SparkSession, name: str, tmp_path: Path) -> None:
    frame, make = STAGES[name]
    data, stage = frame(spark), make()
    if isinstance(stage, Estimator):
        stage.save(str(tmp_path / "estimator"))
        again = type(stage).load(str(tmp_path / "estimator"))  # type: ignore[attr-defined]
        assert again.uid == stage.uid
        assert explicit(again) == explicit(stage)
        stage = stage.fit(data)
    stage.save(str(tmp_path / "stage"))
    loaded = type(stage).load(str(tmp_path / "stage"))
    assert loaded.uid == stage.uid
    assert rows(loaded.transform(data)) == rows(stage.transform(data))
