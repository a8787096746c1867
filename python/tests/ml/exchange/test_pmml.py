"""Linear regression and k-means as PMML: the text that real Spark 4.2.0 wrote for the same data, but for the time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.clustering import KMeans
from pyspark.ml.linalg import Vectors
from pyspark.ml.regression import LinearRegression

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

HEAD = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4" xmlns:data="http://jpmml.org/jpmml-model/InlineTable">
    <Header description="{}">
        <Application name="Apache Spark MLlib" version="4.2.0"/>
        <Timestamp>TIME</Timestamp>
    </Header>
    <DataDictionary numberOfFields="{}">
        <DataField name="field_0" optype="continuous" dataType="double"/>
        <DataField name="field_1" optype="continuous" dataType="double"/>
"""
LINEAR = (
    HEAD.format("linear regression", 3)
    + """        <DataField name="target" optype="continuous" dataType="double"/>
    </DataDictionary>
    <RegressionModel modelName="linear regression" functionName="regression">
        <MiningSchema>
            <MiningField name="field_0" usageType="active"/>
            <MiningField name="field_1" usageType="active"/>
            <MiningField name="target" usageType="target"/>
        </MiningSchema>
        <RegressionTable intercept="1.5">
            <NumericPredictor name="field_0" coefficient="1.5"/>
            <NumericPredictor name="field_1" coefficient="-1"/>
        </RegressionTable>
    </RegressionModel>
</PMML>
"""
)
CLUSTERS = (
    HEAD.format("k-means clustering", 2)
    + """    </DataDictionary>
    <ClusteringModel modelName="k-means" functionName="clustering" modelClass="centerBased" numberOfClusters="2">
        <MiningSchema>
            <MiningField name="field_0" usageType="active"/>
            <MiningField name="field_1" usageType="active"/>
        </MiningSchema>
        <ComparisonMeasure kind="distance">
            <squaredEuclidean/>
        </ComparisonMeasure>
        <ClusteringField field="field_0" compareFunction="absDiff"/>
        <ClusteringField field="field_1" compareFunction="absDiff"/>
        <Cluster name="cluster_0">
            <Array n="2" type="real">1.5 2.25</Array>
        </Cluster>
        <Cluster name="cluster_1">
            <Array n="2" type="real">0.0 1.0</Array>
        </Cluster>
    </ClusteringModel>
</PMML>
"""
)


@pytest.fixture
def rows(spark: SparkSession) -> DataFrame:
    rows = [(1.0, [1.0, 2.0]), (2.0, [2.0, 2.5]), (0.5, [0.0, 1.0])]
    return spark.createDataFrame([(label, Vectors.dense(row)) for label, row in rows], ["label", "features"]).coalesce(
        1
    )


def written(path: Path) -> str:
    """The folder's text, without its time; coefficients to nine digits."""
    (part,) = path.glob("part-*")
    text = re.sub(r"<Timestamp>[\dT:-]+<", "<Timestamp>TIME<", part.read_text(encoding="utf-8"))
    return re.sub(r'(intercept|coefficient)="([^"]+)"', lambda m: f'{m[1]}="{float(m[2]):.9g}"', text)


def test_linear_regression(rows: DataFrame, tmp_path: Path) -> None:
    model = LinearRegression().fit(rows)
    model.write().format("pmml").save(str(tmp_path / "model"))
    assert written(tmp_path / "model").strip() == LINEAR.strip()
    with pytest.raises(Exception, match="already exists"):
        model.write().format("pmml").save(str(tmp_path / "model"))
    model.write().format("pmml").overwrite().save(str(tmp_path / "model"))
    with pytest.raises(Exception, match="Could not load requested format what"):
        model.write().format("what").save(str(tmp_path / "other"))


def test_k_means(rows: DataFrame, tmp_path: Path) -> None:
    KMeans(k=2, seed=1).fit(rows).write().format("pmml").save(str(tmp_path / "model"))
    assert written(tmp_path / "model").strip() == CLUSTERS.strip()


def test_others_have_no_formats(rows: DataFrame) -> None:
    two = rows.withColumn("label", (rows["label"] > 1).cast("double"))
    with pytest.raises(AttributeError, match="format"):
        LogisticRegression(maxIter=1).fit(two).write().format("pmml")
