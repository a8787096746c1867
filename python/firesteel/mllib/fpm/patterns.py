"""Frequent patterns: ``FPGrowth`` and ``PrefixSpan``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.fpm import FPGrowth, PrefixSpan
from pyspark.sql.types import ArrayType, StructField, StructType, _infer_type

from firesteel.mllib import frames, saved
from firesteel.mllib.java import ModelObject

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD

_SAVED_CLASS = "org.apache.spark.mllib.fpm.FPGrowthModel"


class FPGrowthModel(ModelObject):
    """Sets of items that are frequent.

    Parameters
    ----------
    sets : DataFrame
        ``items``, ``freq``.
    """

    def __init__(self, sets: Any) -> None:
        super().__init__()
        self._sets = sets

    def getFreqItemsets(self) -> RDD[Any]:
        """Return items and how often they come together."""
        pairs: RDD[Any] = self._sets.rdd.map(lambda row: (list(row[0]), row[1]))
        return pairs

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does."""
        saved.write_metadata(sc, path, _SAVED_CLASS, "1.0", {})
        self._sets.select("items", "freq").write.parquet(f"{path}/data")

    @staticmethod
    def load(sc: SparkContext, path: str) -> FPGrowthModel:
        """Read what `save` or Spark wrote."""
        saved.metadata(sc, path, _SAVED_CLASS)
        return FPGrowthModel(saved.data(sc, path).select("items", "freq"))


class PrefixSpanModel(ModelObject):
    """Sequences that are frequent.

    Parameters
    ----------
    sequences : DataFrame
        ``sequence``, ``freq``.
    """

    def __init__(self, sequences: Any) -> None:
        super().__init__()
        self._sequences = sequences

    def getFreqSequences(self) -> RDD[Any]:
        """Return sequences of sets of items, and how often they come."""
        pairs: RDD[Any] = self._sequences.rdd.map(lambda row: ([list(items) for items in row[0]], row[1]))
        return pairs


def find_sets(data: RDD[Any], support: float, partitions: int) -> FPGrowthModel:
    """Find sets of items that are in at least `support` of all transactions."""
    schema = StructType([StructField("items", ArrayType(_item_type(data, 1)), False)])
    transactions = frames.of_rows(data, schema, lambda items: (list(items),))
    estimator = FPGrowth(minSupport=support, itemsCol="items")
    if partitions > 0:
        estimator.setNumPartitions(partitions)
    model: Any = estimator.fit(transactions)
    return FPGrowthModel(model.freqItemsets)


def find_sequences(data: RDD[Any], support: float, longest: int, largest: int) -> PrefixSpanModel:
    """Find sequences, of `longest` items at most, that are in at least `support` of all."""
    schema = StructType([StructField("sequence", ArrayType(ArrayType(_item_type(data, 2))), False)])
    sequences = frames.of_rows(data, schema, lambda sequence: ([list(items) for items in sequence],))
    finder = PrefixSpan(
        minSupport=support, maxPatternLength=longest, maxLocalProjDBSize=largest, sequenceCol="sequence"
    )
    return PrefixSpanModel(finder.findFrequentSequentialPatterns(sequences))


def _item_type(data: RDD[Any], depth: int) -> Any:
    """Return the type of the items, `depth` lists down; that of the first one there is."""
    items = data
    for _ in range(depth):
        items = items.flatMap(list)
    first = items.take(1)
    return _infer_type(first[0] if first else "")


FUNCTIONS = {"trainFPGrowthModel": find_sets, "trainPrefixSpanModel": find_sequences}
# The second is what Spark wraps the first in for Python.
CLASSES = {"fpm.FPGrowthModel": FPGrowthModel, "api.python.FPGrowthModelWrapper": lambda model: model}
