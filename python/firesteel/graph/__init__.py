"""Beside `graphframes`: pictures of small graphs.

The algorithms are those of the package `graphframes`, which runs on Firesteel as it is.
"""

from firesteel.graph.picture import Picture
from firesteel.graph.plot import plot

__all__ = ["Picture", "plot"]
