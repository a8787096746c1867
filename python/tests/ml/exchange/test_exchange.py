"""Every model and transformer that Firesteel saves loads in real Spark and predicts the same, and the other way round.

The table of what is exchanged is in `rows.py`; its head tells how to add to it. One process of real Spark serves all.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.ml import (
    Estimator,
    Model,
    Transformer,
    classification,
    clustering,
    feature,
    fpm,
    pipeline,
    recommendation,
    regression,
    tuning,
)

sys.path.insert(0, str(Path(__file__).parent))

from rows import ROWS
from sides import fit_and_save, load_and_predict

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.live

# Relative, of doubles.
TOLERANCE = 1e-9
# Real Spark itself predicts otherwise each time that it loads such a model: its inference begins at random numbers
# without the model's seed and stops early.
TOLERANCES = {"LDA em": 1e-4}


MODULES = [classification, clustering, feature, fpm, pipeline, recommendation, regression, tuning]
# What others inherit.
ABSTRACT = {"LDAModel"}


def classes(kind: type) -> set[str]:
    """Names of all classes of PySpark that are `kind`."""
    found = [
        (name, one)
        for module in MODULES
        for name, one in vars(module).items()
        if inspect.isclass(one) and one.__module__ == module.__name__ and issubclass(one, kind)
    ]
    return {name for name, one in found if not name.startswith("_") and not inspect.isabstract(one)} - ABSTRACT


@pytest.fixture(scope="module")
def exchanged(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Answers by who saved and who predicted."""
    folder = tmp_path_factory.mktemp("exchange")
    ours = fit_and_save(spark, "firesteel", folder)
    command = [os.environ["SPARK_PYTHON"], str(Path(__file__).with_name("sides.py")), str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    return {
        "ours here": ours,
        "ours there": json.loads((folder / "crossed.json").read_text(encoding="utf-8")),
        "theirs there": json.loads((folder / "spark.json").read_text(encoding="utf-8")),
        "theirs here": load_and_predict(spark, "spark", folder),
    }


def test_every_stage_has_a_row() -> None:
    stages = (classes(Estimator) | classes(Transformer)) - classes(Model)
    assert len(stages) > 60
    assert stages == {name.split()[0] for name in ROWS}


def test_every_model_is_exchanged(exchanged: dict[str, dict[str, Any]]) -> None:
    saved = {answer["class"].split(":")[1] for answer in exchanged["ours here"].values() if "class" in answer}
    assert classes(Model) - saved == set()


@pytest.mark.parametrize("name", ROWS)
def test_a_saved_model_predicts_the_same_in_real_spark(exchanged: dict[str, dict[str, Any]], name: str) -> None:
    same(exchanged["ours there"].get(name), exchanged["ours here"][name], TOLERANCES.get(name, TOLERANCE))


@pytest.mark.parametrize("name", ROWS)
def test_a_model_of_real_spark_predicts_the_same_here(exchanged: dict[str, dict[str, Any]], name: str) -> None:
    same(exchanged["theirs here"].get(name), exchanged["theirs there"][name], TOLERANCES.get(name, TOLERANCE))


def same(found: dict[str, Any] | None, wanted: dict[str, Any], tolerance: float) -> None:
    assert "error" not in wanted, wanted
    assert found is not None
    assert "error" not in found, found
    assert found["rows"]
    for row, other in zip(found["rows"], wanted["rows"], strict=True):
        close(row, other, tolerance)


def close(left: Any, right: Any, tolerance: float) -> None:
    """Equal but for the last digits of doubles."""
    if isinstance(right, dict) and "f" in right:
        assert float(left["f"]) == pytest.approx(float(right["f"]), rel=tolerance, abs=1e-12, nan_ok=True)
    elif isinstance(right, dict):
        assert left.keys() == right.keys()
        for key, value in right.items():
            close(left[key], value, tolerance)
    elif isinstance(right, list):
        assert len(left) == len(right)
        for own, other in zip(left, right, strict=True):
            close(own, other, tolerance)
    else:
        assert left == right
