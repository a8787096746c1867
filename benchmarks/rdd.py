"""RDDs beside real PySpark in one run: six workloads, warm, answers checked equal; written to RESULTS.md.

    python benchmarks/rdd.py                                    # 1 GB of text, 20 million pairs, ...
    python benchmarks/rdd.py --scale 0.01 --only firesteel      # a quick look

`floor` is what the program's own lambdas cost: bare Python loops that call them, in two processes, without shuffle or
anything else between. Spark is the classic one with a JVM, `local[2]`; its environment is `build/bench/spark`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from operator import add
from pathlib import Path
from typing import Any

from turns import Suite, main

N_PROCESSES = 2


def text_path(options: argparse.Namespace) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return cache / "firesteel" / f"words-{options.scale:g}.txt"


def prepare(options: argparse.Namespace) -> None:
    """A text of 1 GB (times the scale) in words that are as unequal as those of a language."""
    path, wanted = text_path(options), int(options.scale * 1e9)
    if path.exists() and path.stat().st_size >= wanted:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    source = random.Random(4)
    vocabulary = ["".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=source.randint(3, 12))) for _ in range(50_000)]
    weights = list(accumulate(1 / rank for rank in range(1, len(vocabulary) + 1)))
    # Some 60 MB are new, then they come again in another order.
    lines = [
        " ".join(source.choices(vocabulary, cum_weights=weights, k=source.randint(5, 15)))
        for _ in range(min(800_000, wanted // 80))
    ]
    with open(path, "w", encoding="ascii") as file:
        while file.tell() < wanted:
            source.shuffle(lines)
            for start in range(0, len(lines), 10_000):
                file.write("\n".join(lines[start : start + 10_000]) + "\n")
                if file.tell() >= wanted:
                    break


# --------------------------------------------------------------------------------------------------------------
# The user's programs. Each names its functions, so that the floor calls the same.
# --------------------------------------------------------------------------------------------------------------


def split(line: str) -> list[str]:
    return line.split(" ")


def one(word: str) -> tuple[str, int]:
    return (word, 1)


def word_count(sc: Any, options: argparse.Namespace) -> Any:
    counts = sc.textFile(str(text_path(options))).flatMap(split).map(one).reduceByKey(add).collect()
    return [len(counts), sum(count for _, count in counts), max(counts, key=lambda pair: (pair[1], pair[0]))[0]]


def n_pairs(options: argparse.Namespace) -> int:
    return int(20_000_000 * options.scale)


def reduce_by_key(sc: Any, options: argparse.Namespace) -> Any:
    n_keys = max(n_pairs(options) // 20, 1)
    pairs = sc.range(n_pairs(options)).map(lambda i: (i * 7919 % n_keys, i & 7))
    reduced = pairs.reduceByKey(lambda a, b: a + b)
    return [reduced.count(), reduced.map(lambda pair: pair[0] * pair[1] % 1_000_003).sum()]


def sort_by_key(sc: Any, options: argparse.Namespace) -> Any:
    n_items = int(5_000_000 * options.scale)
    pairs = sc.range(n_items).map(lambda i: (i * 7919 % 5_000_011, i))

    def ends(items: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
        first = last = next(items)
        count, ordered = 1, True
        for item in items:
            ordered = ordered and last[0] <= item[0]
            count, last = count + 1, item
        yield first[0], last[0], count if ordered else -1

    # How many items which partition gets is the engine's own affair; their order is not.
    parts = pairs.sortByKey().mapPartitions(ends).collect()
    inside = all(left[1] <= right[0] for left, right in pairwise(parts))
    return [parts[0][0], parts[-1][1], sum(count for _, _, count in parts), inside]


def join(sc: Any, options: argparse.Namespace) -> Any:
    n_items = int(2_000_000 * options.scale)
    left = sc.range(n_items).map(lambda i: (i, i * 2))
    right = sc.range(n_items).map(lambda i: (n_items - 1 - i, i))
    return left.join(right).map(lambda pair: pair[1][0] - pair[1][1]).sum()


def map_filter_count(sc: Any, options: argparse.Namespace) -> Any:
    return sc.range(int(50_000_000 * options.scale)).map(lambda x: x * 3 + 1).filter(lambda x: x % 2 == 0).count()


def tiny_jobs(sc: Any, options: argparse.Namespace) -> Any:
    return sum(sc.parallelize(range(10)).sum() for _ in range(max(int(200 * min(options.scale * 10, 1)), 5)))


# --------------------------------------------------------------------------------------------------------------
# The floor: the same lambdas in bare loops, half of the items in each of two processes
# --------------------------------------------------------------------------------------------------------------


def halves(work: Callable[[int], Any]) -> list[Any]:
    """Run `work(0)` and `work(1)` at once in processes forked from this one; their answers."""
    context = multiprocessing.get_context("fork")
    pipes = []
    for part in range(N_PROCESSES):
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=lambda part=part, sender=sender: sender.send(work(part)))
        process.start()
        pipes.append((receiver, process))
    answers = [receiver.recv() for receiver, _ in pipes]
    for _, process in pipes:
        process.join()
    return answers


def half(n_items: int, part: int) -> range:
    return range(n_items * part // N_PROCESSES, n_items * (part + 1) // N_PROCESSES)


def floor_word_count(_: Any, options: argparse.Namespace) -> Any:
    path, size = text_path(options), text_path(options).stat().st_size

    def work(part: int) -> dict[str, int]:
        counts: dict[str, int] = {}
        with open(path, "rb") as file:
            file.seek(size * part // N_PROCESSES)
            if part:
                file.readline()
            left = size * (part + 1) // N_PROCESSES - file.tell()
            while left > 0:
                block = file.read(1 << 20) + file.readline() if left > 1 << 20 else file.read(left) + file.readline()
                left -= len(block)
                for line in block.decode().splitlines():
                    for word in split(line):
                        key, value = one(word)
                        counts[key] = add(counts[key], value) if key in counts else value
        return counts

    total: dict[str, int] = {}
    for counts in halves(work):
        for key, value in counts.items():
            total[key] = add(total[key], value) if key in total else value
    return [len(total), sum(total.values()), max(total.items(), key=lambda pair: (pair[1], pair[0]))[0]]


def floor_reduce_by_key(_: Any, options: argparse.Namespace) -> Any:
    n_items = n_pairs(options)
    n_keys = max(n_items // 20, 1)
    make, combine = (lambda i: (i * 7919 % n_keys, i & 7)), (lambda a, b: a + b)
    check = lambda pair: pair[0] * pair[1] % 1_000_003  # noqa: E731

    def work(part: int) -> dict[int, int]:
        sums: dict[int, int] = {}
        for i in half(n_items, part):
            key, value = make(i)
            sums[key] = combine(sums[key], value) if key in sums else value
        return sums

    total: dict[int, int] = {}
    for sums in halves(work):
        for key, value in sums.items():
            total[key] = combine(total[key], value) if key in total else value
    return [len(total), sum(map(check, total.items()))]


def floor_sort_by_key(_: Any, options: argparse.Namespace) -> Any:
    n_items = int(5_000_000 * options.scale)
    make = lambda i: (i * 7919 % 5_000_011, i)  # noqa: E731

    def work(part: int) -> tuple[int, int, int]:
        pairs = [make(i) for i in half(n_items, part)]
        pairs.sort(key=lambda pair: pair[0])
        return pairs[0][0], pairs[-1][0], len(pairs)

    parts = halves(work)
    return [min(first for first, _, _ in parts), max(last for _, last, _ in parts), sum(n for _, _, n in parts), True]


def floor_join(_: Any, options: argparse.Namespace) -> Any:
    n_items = int(2_000_000 * options.scale)
    make_left, make_right = (lambda i: (i, i * 2)), (lambda i: (n_items - 1 - i, i))
    difference = lambda pair: pair[1][0] - pair[1][1]  # noqa: E731

    def work(part: int) -> int:
        left = dict(make_left(i) for i in half(n_items, part))
        right = (make_right(i) for i in half(n_items, N_PROCESSES - 1 - part))
        return sum(difference((key, (left[key], value))) for key, value in right if key in left)

    return sum(halves(work))


def floor_map_filter_count(_: Any, options: argparse.Namespace) -> Any:
    n_items = int(50_000_000 * options.scale)
    change, keep = (lambda x: x * 3 + 1), (lambda x: x % 2 == 0)

    def work(part: int) -> int:
        count = 0
        for x in half(n_items, part):
            if keep(change(x)):
                count += 1
        return count

    return sum(halves(work))


# --------------------------------------------------------------------------------------------------------------


def both(program: Callable[..., Any], bare: Callable[..., Any]) -> Callable[..., Any]:
    """The program where there is a context, the bare loops where there is none."""
    return lambda sc, options: program(sc, options) if sc is not None else bare(sc, options)


def no_floor(_: Any, options: argparse.Namespace) -> Any:
    return 45 * max(int(200 * min(options.scale * 10, 1)), 5)


WORKLOADS = {
    "word count, 1 GB": both(word_count, floor_word_count),
    "reduceByKey, 20 M pairs": both(reduce_by_key, floor_reduce_by_key),
    "sortByKey, 5 M": both(sort_by_key, floor_sort_by_key),
    "join, 2 by 2 M": both(join, floor_join),
    "map, filter, count, 50 M": both(map_filter_count, floor_map_filter_count),
    "200 tiny jobs": both(tiny_jobs, no_floor),
}


def firesteel(_: argparse.Namespace) -> Any:
    import firesteel as engine

    engine.install()
    from pyspark import SparkContext

    return SparkContext("local[2]", "benchmark")


def spark(_: argparse.Namespace) -> Any:
    from pyspark import SparkConf, SparkContext

    conf = SparkConf().set("spark.ui.enabled", "false").set("spark.driver.memory", "8g")
    sc = SparkContext("local[2]", "benchmark", conf=conf)
    sc.setLogLevel("ERROR")
    return sc


def floor(_: argparse.Namespace) -> Any:
    return None


ABOUT = (
    "The RDD API on the same programs, `local[2]`; floor: the programs' own lambdas called in bare Python loops in two "
    "processes."
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="of all sizes (default: 1)")
    engines = {"firesteel": firesteel, "spark": spark, "floor": floor}
    main(Suite("RDDs", ABOUT, engines, WORKLOADS, prepare), __file__, parser)
