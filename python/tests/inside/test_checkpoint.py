"""``checkpoint`` and ``localCheckpoint``: results kept on the server while somebody holds them."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import functions as F
from pyspark.sql.connect import plan as connect_plan
from pyspark.sql.connect.dataframe import DataFrame as ConnectDataFrame

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession


@pytest.mark.parametrize("eager", [True, False])
@pytest.mark.parametrize("level", [None, StorageLevel.DISK_ONLY, StorageLevel.MEMORY_AND_DISK])
def test_local_checkpoint(spark: SparkSession, eager: bool, level: StorageLevel | None) -> None:
    random = spark.range(100).select(F.rand().alias("r"))
    kept = random.localCheckpoint(eager=eager, storageLevel=level) if level else random.localCheckpoint(eager=eager)
    assert kept.collect() == kept.collect(), "computed once"
    assert kept.schema == random.schema
    assert kept.filter("r >= 0").count() == 100


def test_checkpoint_without_a_directory(spark: SparkSession) -> None:
    kept = spark.range(10).select(F.rand()).checkpoint()
    assert kept.collect() == kept.collect()


def test_lineage_is_cut(spark: SparkSession, tmp_path: Path) -> None:
    path = str(tmp_path / "t")
    spark.range(10).write.parquet(path)
    kept = spark.read.parquet(path).filter("id > 3").localCheckpoint()
    assert "FilterExec" not in kept._explain_string()
    spark.range(1).write.mode("overwrite").parquet(path)
    assert kept.count() == 6


def remote_id(df: DataFrame) -> str:
    relation = df._plan
    assert isinstance(relation, connect_plan.CachedRemoteRelation)
    return relation._relation_id


def test_released_with_the_last_frame(spark: SparkSession) -> None:
    kept = spark.range(10).localCheckpoint()
    relation_id = remote_id(kept)
    child = kept.filter("id < 3")
    assert child.count() == 3
    del kept
    gc.collect()
    assert child.count() == 3, "a frame over it holds it"
    del child
    gc.collect()

    class Named(connect_plan.LogicalPlan):
        """The relation by its id, without a hold on it."""

        def __init__(self) -> None:
            super().__init__(None)

        def plan(self, session: object) -> object:
            relation = self._create_proto_relation()
            relation.cached_remote_relation.relation_id = relation_id
            return relation

    with pytest.raises(PySparkException, match="DATAFRAME_NOT_FOUND"):
        ConnectDataFrame(Named(), spark).count()
