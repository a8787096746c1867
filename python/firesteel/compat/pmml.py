"""Models as PMML 4.4: ``model.write().format("pmml")``, which Spark has for linear regression and k-means."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOP = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4" xmlns:data="http://jpmml.org/jpmml-model/InlineTable">"""


def has_form(model: Any) -> bool:
    """Return whether Spark exports models of this class."""
    from pyspark.ml.util import GeneralJavaMLWritable

    return isinstance(model, GeneralJavaMLWritable)


def write(model: Any, path: str, overwrite: bool) -> None:
    """Write a model's text to a folder.

    Parameters
    ----------
    model : pyspark.ml.Model
        A model of linear regression or of k-means.
    path : str
        The folder.
    overwrite : bool
        Whether one that is there already goes.
    """
    from pyspark.ml.connect.readwrite import RemoteMLWriter
    from pyspark.sql import SparkSession

    RemoteMLWriter.handleOverwrite(path, overwrite)
    frame = SparkSession.active().createDataFrame([(text(model),)], ["value"])
    frame.coalesce(1).write.text(path)


def text(model: Any) -> str:
    """Return a model of linear regression or of k-means as PMML."""
    from pyspark.ml.clustering import KMeansModel

    if isinstance(model, KMeansModel):
        return _clusters([list(map(float, center)) for center in model.clusterCenters()])
    return _regression([float(value) for value in model.coefficients.toArray()], float(model.intercept))


def _regression(coefficients: list[float], intercept: float) -> str:
    names = [f"field_{number}" for number in range(len(coefficients))]
    predictors = [
        f'            <NumericPredictor name="{name}" coefficient="{value}"/>'
        for name, value in zip(names, coefficients, strict=True)
    ]
    lines = [
        '    <RegressionModel modelName="linear regression" functionName="regression">',
        *_schema(names, "target"),
        f'        <RegressionTable intercept="{intercept}">',
        *predictors,
        "        </RegressionTable>",
        "    </RegressionModel>",
    ]
    return _document("linear regression", [*names, "target"], lines)


def _clusters(centers: list[list[float]]) -> str:
    names = [f"field_{number}" for number in range(len(centers[0]))]
    lines = [
        '    <ClusteringModel modelName="k-means" functionName="clustering" modelClass="centerBased" '
        f'numberOfClusters="{len(centers)}">',
        *_schema(names),
        '        <ComparisonMeasure kind="distance">',
        "            <squaredEuclidean/>",
        "        </ComparisonMeasure>",
        *(f'        <ClusteringField field="{name}" compareFunction="absDiff"/>' for name in names),
    ]
    for number, center in enumerate(centers):
        entries = " ".join(map(str, center))
        lines += [
            f'        <Cluster name="cluster_{number}">',
            f'            <Array n="{len(center)}" type="real">{entries}</Array>',
            "        </Cluster>",
        ]
    return _document("k-means clustering", names, [*lines, "    </ClusteringModel>"])


def _schema(names: Iterable[str], target: str | None = None) -> list[str]:
    fields = [f'            <MiningField name="{name}" usageType="active"/>' for name in names]
    if target:
        fields.append(f'            <MiningField name="{target}" usageType="target"/>')
    return ["        <MiningSchema>", *fields, "        </MiningSchema>"]


def _document(description: str, fields: list[str], model: list[str]) -> str:
    from pyspark import __version__

    lines = [
        _TOP,
        f'    <Header description="{description}">',
        f'        <Application name="Apache Spark MLlib" version="{__version__}"/>',
        f"        <Timestamp>{datetime.now().isoformat(timespec='seconds')}</Timestamp>",
        "    </Header>",
        f'    <DataDictionary numberOfFields="{len(fields)}">',
        *(f'        <DataField name="{name}" optype="continuous" dataType="double"/>' for name in fields),
        "    </DataDictionary>",
        *model,
        "</PMML>",
    ]
    return "\n".join(lines) + "\n"
