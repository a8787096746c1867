"""Functions on whole partitions that RDD's methods are made of."""

from __future__ import annotations

import bisect
import copy
import heapq
from collections import Counter, defaultdict
from functools import reduce
from itertools import islice
from math import isnan
from typing import TYPE_CHECKING, Any

from pyspark.statcounter import StatCounter
from pyspark.util import fail_on_stopiteration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


class WithoutIndex:
    """A function of the items alone."""

    def __init__(self, function: Callable[[Iterable[Any]], Iterable[Any]]) -> None:
        self.function = function

    def __call__(self, index: int, items: Iterable[Any]) -> Iterable[Any]:
        """Call it."""
        return self.function(items)


def glom(index: int, items: Iterable[Any]) -> Iterator[Any]:
    """All items as one list."""
    yield list(items)


class WithPosition:
    """Items with their positions in the RDD; `starts` has the first position of each partition."""

    def __init__(self, starts: list[int]) -> None:
        self.starts = starts

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Yield (item, position)."""
        return ((item, position) for position, item in enumerate(items, self.starts[index]))


class WithUniqueId:
    """Items with numbers that no other item has."""

    def __init__(self, n_partitions: int) -> None:
        self.n_partitions = n_partitions

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Yield (item, number)."""
        return ((item, position * self.n_partitions + index) for position, item in enumerate(items))


class Take:
    """The first `count` items."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Return them."""
        return islice(iter(items), self.count)


class Reduce:
    """All items as one, if there are any."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self.function = function

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Yield it."""
        iterator = iter(items)
        for first in iterator:
            yield reduce(self.function, iterator, first)


class Fold:
    """All items added to a first value, which is used as it is."""

    def __init__(self, zero: Any, function: Callable[[Any, Any], Any]) -> None:
        self.zero = zero
        self.function = function

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Yield the result."""
        # A copy: one task may run several partitions.
        yield reduce(self.function, items, copy.deepcopy(self.zero))


class OfPartition:
    """One value of all items."""

    def __init__(self, function: Callable[[Iterable[Any]], Any]) -> None:
        self.function = function

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Yield it."""
        yield self.function(items)


class Largest:
    """The largest items, or the smallest, as a list."""

    def __init__(self, count: int, key: Callable[[Any], Any] | None, largest: bool) -> None:
        self.count = count
        self.key = key
        self.largest = largest

    def of(self, items: Iterable[Any]) -> list[Any]:
        """Return them, the most extreme first."""
        choose: Any = heapq.nlargest if self.largest else heapq.nsmallest
        chosen: list[Any] = choose(self.count, items, key=self.key)
        return chosen

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Yield the list."""
        yield self.of(items)


def count_values(items: Iterable[Any]) -> dict[Any, int]:
    """How often each item is there."""
    # Counter counts in C; callers get the type that PySpark gives them.
    return defaultdict(int, Counter(items))


class ReduceLocally:
    """Values of each key as one, in a dict."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self.function = function

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Yield the dict."""
        values: dict[Any, Any] = {}
        function = self.function
        for k, v in items:
            values[k] = function(values[k], v) if k in values else v
        yield values


class Buckets:
    """How many items lie between which bounds; the last bucket has its upper bound too.

    Parameters
    ----------
    bounds : sequence
        Ascending.
    width : number, optional
        Of each bucket, if they are of the same width.
    """

    def __init__(self, bounds: Sequence[Any], width: Any) -> None:
        self.bounds = bounds
        self.width = width

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Yield the counts."""
        bounds, width = self.bounds, self.width
        low, high = bounds[0], bounds[-1]
        counts = [0] * len(bounds)
        for item in items:
            if item is None or (isinstance(item, float) and isnan(item)) or item > high or item < low:
                continue
            bucket = bisect.bisect_right(bounds, item) - 1 if width is None else int((item - low) / width)
            counts[bucket] += 1
        last = counts.pop()
        counts[-1] += last
        yield counts


def is_comparable(item: Any) -> bool:
    """Whether an item is neither None nor NaN."""
    return item is not None and not (type(item) is float and isnan(item))


class Pipe:
    """The lines that a program prints when it is given the items as lines; see ``RDD.pipe``."""

    def __init__(self, command: str, environment: dict[str, str], check: bool) -> None:
        self.command = command
        self.environment = environment
        self.check = check

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[str]:
        """Yield the lines."""
        import shlex
        from subprocess import PIPE, Popen
        from threading import Thread

        program = Popen(shlex.split(self.command), env=self.environment, stdin=PIPE, stdout=PIPE)
        failures: list[BaseException] = []

        def feed(stdin: Any) -> None:
            try:
                with stdin:
                    for item in items:
                        stdin.write((str(item).rstrip("\n") + "\n").encode())
            except BrokenPipeError:
                # It ended without reading all; its code says whether that is an error.
                pass
            except BaseException as error:
                failures.append(error)

        feeder = Thread(target=feed, args=[program.stdin], daemon=True)
        feeder.start()
        assert program.stdout is not None
        for line in program.stdout:
            yield line.rstrip(b"\n").decode()
        feeder.join()
        if failures:
            raise failures[0]
        if program.wait() and self.check:
            from pyspark.errors import PySparkRuntimeError

            raise PySparkRuntimeError(
                errorClass="PIPE_FUNCTION_EXITED",
                messageParameters={"func_name": self.command, "error_code": str(program.returncode)},
            )


class ForeachPartition:
    """A function called for its effects; items that it returns are used up."""

    def __init__(self, function: Callable[[Iterable[Any]], Any]) -> None:
        self.function = function

    def __call__(self, index: int, items: Iterable[Any]) -> Iterable[Any]:
        """Call it."""
        result = self.function(items)
        try:
            return iter(() if result is None else result)
        except TypeError:
            return iter(())


def stats(items: Iterable[Any]) -> StatCounter:
    """Count, mean, variance and extremes of items."""
    return StatCounter(items)


class Extreme:
    """The larger or the smaller of two items by a key."""

    def __init__(self, key: Callable[[Any], Any], largest: bool) -> None:
        self.key = key
        self.largest = largest

    def __call__(self, a: Any, b: Any) -> Any:
        """Return it."""
        return max(a, b, key=self.key) if self.largest else min(a, b, key=self.key)


class Extremes:
    """The smallest and the largest item, if there are any."""

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Yield the pair."""
        iterator = iter(items)
        for low in iterator:
            high = low
            for item in iterator:
                low = min(low, item)
                high = max(high, item)
            yield low, high


class ModuloIndex:
    """Items with the partition's index modulo `n` as key."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Yield the pairs."""
        return ((index % self.n, item) for item in items)


class SortedPartition:
    """Pairs sorted by key, within the partition."""

    def __init__(self, key_function: Callable[[Any], Any] | None, ascending: bool, limit_mib: float) -> None:
        self.key_function = key_function
        self.ascending = ascending
        self.limit_mib = limit_mib

    def __call__(self, index: int, items: Iterable[Any]) -> Iterable[Any]:
        """Return them."""
        from firesteel.rdd.worker.readers import sort_pairs

        return sort_pairs(items, self.key_function, self.ascending, self.limit_mib)


def total(items: Iterable[Any]) -> Any:
    """Sum of items, from 0."""
    return sum(items)


def float_total(items: Iterable[Any]) -> float:
    """Sum of items as a float."""
    return float(sum(items))


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` with StopIteration made Spark's error, for the client's own loops."""
    wrapped: Callable[..., Any] = fail_on_stopiteration(function)
    return wrapped


class KeyIs:
    """Whether a pair has a key."""

    def __init__(self, key: Any) -> None:
        self.key = key

    def __call__(self, pair: Any) -> bool:
        """Compare."""
        return bool(pair[0] == self.key)
