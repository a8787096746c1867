"""An RDD under the name that frames have it under, where PySpark's classes ask for ``frame.rdd``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firesteel.rdd.core import RDD


class Pieces:
    """Stands for a frame of which only the RDD is asked for."""

    def __init__(self, rdd: RDD[Any]) -> None:
        self.rdd = rdd
