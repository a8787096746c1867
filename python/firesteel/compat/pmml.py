"""Models as PMML 4.3: ``model.write().format("pmml")``, which Spark has for linear regression and k-means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_NAMESPACES = 'xmlns="http://www.dmg.org/PMML-4_3" xmlns:data="http://jpmml.org/jpmml-model/InlineTable" version="4.3"'


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
    """Return a model as PMML.

    Raises
    ------
    AttributeError
        Spark has no such form of the model.
    """
    from pyspark.ml.clustering import KMeansModel
    from pyspark.ml.regression import LinearRegressionModel

    if isinstance(model, LinearRegressionModel):
        return _linear(model)
    if isinstance(model, KMeansModel):
        return _clusters(model)
    raise AttributeError(f"{type(model).__name__} has no PMML form")


def has_form(model: Any) -> bool:
    """Return whether Spark exports models of this class."""
    return type(model).__name__ in ("KMeansModel", "LinearRegressionModel")
