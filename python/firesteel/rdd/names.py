"""The names of PySpark's module ``pyspark.core.rdd``."""

from __future__ import annotations

from firesteel.rdd.approximate import BoundedFloat
from firesteel.rdd.core import RDD, PipelinedRDD
from firesteel.rdd.narrow import RDDBarrier
from firesteel.rdd.partitioner import Partitioner
from firesteel.rdd.worker.hashing import portable_hash

__all__ = ["RDD", "BoundedFloat", "Partitioner", "PipelinedRDD", "RDDBarrier", "portable_hash"]
