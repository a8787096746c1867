"""Clustering, recommendation, frequent patterns, Word2Vec and hashing give what real Spark gave (`answers.json`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "features"))
sys.path.insert(0, str(Path(__file__).parent))

from answer import difference, observe, short
from unsupervised_cases import CASES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPARK = json.loads(Path(__file__).with_name("answers.json").read_text(encoding="utf-8"))

# What is summed in single precision, or stops when it changes little, agrees to fewer digits.
TOLERANCE = {"word2vec": 1e-5, "word2vec_passes": 1e-4, "lda_online": 1e-5, "lda_fixed_priors": 1e-5}


@pytest.mark.parametrize("name", CASES)
def test_case(spark: SparkSession, name: str) -> None:
    ours, wanted = observe(spark, CASES[name]), SPARK[name]
    if "error" in wanted:
        assert ours.get("error") == wanted["error"], ours
        # Where Spark's own words are about its tasks, the kind of error is compared.
        if "Job aborted" not in wanted["message"]:
            assert ours["message"] == wanted["message"]
        return
    assert "error" not in ours, ours
    gap = difference(ours, wanted)
    assert gap <= TOLERANCE.get(name, 1e-6), f"{gap}\nours {short(ours)}\nSpark {short(wanted)}"
