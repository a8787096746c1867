"""Sums of features by label; in workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class LabelSums:
    """Per label of a partition: how many points, the sum of their features, whether any is negative."""

    def __call__(self, points: Iterable[Any]) -> Iterator[dict[float, list[Any]]]:
        """Return the partition's sums."""
        found: dict[float, list[Any]] = {}
        for point in points:
            features = point.features.toArray()
            negative = bool((features < 0).any())
            entry = found.get(point.label)
            if entry is None:
                found[point.label] = [1, features.astype(float), negative]
            else:
                entry[0] += 1
                entry[1] = entry[1] + features
                entry[2] = entry[2] or negative
        yield found

    @staticmethod
    def merge(left: dict[float, list[Any]], right: dict[float, list[Any]]) -> dict[float, list[Any]]:
        """Return the sums of two partitions."""
        merged = dict(left)
        for label, entry in right.items():
            mine = merged.get(label)
            merged[label] = entry if mine is None else [mine[0] + entry[0], mine[1] + entry[1], mine[2] or entry[2]]
        return merged
