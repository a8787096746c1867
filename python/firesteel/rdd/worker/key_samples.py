"""What `sortByKey` looks at before it sorts: how many items there are, and some of their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.rddsampler import RDDSamplerBase

from firesteel.rdd.worker import codec
from firesteel.rdd.worker.pipeline import Body, explodes, run
from firesteel.rdd.worker.writers import Sink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firesteel.rdd.worker.rows import Writer

_BATCH_ITEMS = 8192


class KeySampleSink(Sink):
    """Counts the items of a partition and keeps keys that a sample of all partitions can have.

    Spark counts first and then draws with the fraction that follows. Here both happen at once: an item is kept if it
    would be in the sample were there no more items than its partition has shown. Each comes with the random number that
    Spark's sampler would draw for it, by which the driver chooses when it knows how many there are.

    Parameters
    ----------
    wanted : float
        Number of keys in the sample of all partitions, about.
    seed : int
        Of the sampler.
    """

    def __init__(self, wanted: float, seed: int) -> None:
        self.keys = None
        self.wanted = wanted
        self.seed = seed

    def write(self, out: Writer, index: int, batches: Any, steps: Any, source: int) -> Iterator[Any]:
        """See `Sink`; the item is (number of items, list of (random number, key))."""
        draw = _generator(self.seed, source)
        items: list[Any] = []
        count = 0
        kept: list[tuple[float, Any]] = []

        def look() -> None:
            nonlocal count
            count += len(items)
            draws = draw(len(items))
            for place in np.flatnonzero(draws < self.wanted / count).tolist() if items else ():
                kept.append((float(draws[place]), items[place][0]))
            items.clear()

        lines: tuple[str, ...] = ("add(x)",)
        if explodes(steps):
            lines += (f"if len(items) >= {_BATCH_ITEMS}: look()",)
        body = Body(
            lines, ("add", "items", "look"), batch=(f"if len(items) >= {_BATCH_ITEMS}: look()",), after=("yield",)
        )
        for _ in run(batches, index, steps, body, items.append, items, look):
            look()
        kept = [(number, key) for number, key in kept if number < self.wanted / count]
        yield from out.add(source, 0, codec.encode([(count, kept)]))


def _generator(seed: int, split: int) -> Any:
    """Return a function that gives the next numbers of Spark's sampler as an array: Python's generator in numpy."""
    sampler: Any = RDDSamplerBase(False, seed)
    sampler.initRandomGenerator(split)
    *state, position = sampler._random.getstate()[1]
    generator: Any = np.random.RandomState()
    generator.set_state(("MT19937", np.array(state, np.uint32), position))
    return generator.random_sample
