"""What the models of features have in common: a function of one vector, applied to one or to all of an RDD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel.mllib.java import ModelObject
from firesteel.rdd.core import RDD

if TYPE_CHECKING:
    from collections.abc import Callable


def apply(function: Callable[[Any], Any], vector: Any) -> Any:
    """Return the function of a vector, or the RDD of it."""
    return vector.map(function) if isinstance(vector, RDD) else function(vector)


class Transformer(ModelObject):
    """A model that transforms vectors.

    Parameters
    ----------
    function : callable
        What it does to a vector.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._function = function

    def transform(self, vector: Any) -> Any:
        """Return the vector transformed, or an RDD of such."""
        return apply(self._function, vector)
