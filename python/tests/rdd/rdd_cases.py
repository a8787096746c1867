"""What RDDs answer, case by case; run as a program with classic real Spark it writes the answers.

python rdd_cases.py > rdd_answers.txt       # `make bless`
A case is a function of the context. What has no order in Spark is sorted here.
"""

import os
import sys
import warnings
from collections import Counter


def plain(value):
    """Make a value whose text is the same everywhere: iterables of groups become lists, NumPy's numbers Python's."""
    if hasattr(value, "item") and type(value).__module__ == "numpy":
        return plain(value.item())
    if type(value).__name__ == "ResultIterable":
        return [plain(v) for v in value]
    if type(value).__name__ == "defaultdict":
        return plain(dict(value))
    if isinstance(value, dict):
        return {k: plain(v) for k, v in sorted(value.items(), key=repr)}
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    return [plain(v) for v in value] if isinstance(value, list) else value


def answer(case, sc):
    """The text of what a case gives, or of the error that it raises in the program."""
    try:
        return repr(plain(case(sc)))
    except (ValueError, TypeError, AssertionError) as error:
        return f"{type(error).__name__}: {error}"


def parts(rdd):
    return rdd.glom().collect()


def sorted_parts(rdd):
    return [sorted(part, key=repr) for part in parts(rdd)]


def pairs(sc, n=3):
    return sc.parallelize([("a", 1), ("b", 2), ("a", 3), ("c", 4), (None, 5), ("b", 6), ("a", 7)], n)


def other(sc, n=2):
    return sc.parallelize([("a", "x"), ("a", "y"), ("d", "z"), (None, "w")], n)


def ints(sc):
    return sc.parallelize([(i * 7919 % 101, i) for i in range(200)], 4)


def doubling():
    # A function of a function: workers cannot import this module.
    return lambda key: key * 2


DOUBLE = doubling()


def placed(sc, n=3, *function):
    """Pairs whose keys are in their partitions; 12 and 7 lie elsewhere for other numbers than 3."""
    return sc.parallelize([(1, 2), (2, 3), (7, 1), (12, 5)], 2).partitionBy(n, *function)


def placing(rdd):
    """Number of partitions, and what places keys."""
    partitioner = rdd.partitioner
    return rdd.getNumPartitions(), partitioner and (partitioner.numPartitions, partitioner.partitionFunc is DOUBLE)


def placings(sc, of):
    """What a function makes of an RDD with a partitioner and of another."""
    a = placed(sc)
    b = {
        "itself": a,
        "equal": placed(sc),
        "mapped values": a.mapValues(lambda v: -v).filter(lambda x: x[0] > 1),
        "reduced": sc.parallelize([(1, 7)], 4).reduceByKey(max, 3),
        "lost": a.map(lambda x: x),
        "other number": placed(sc, 2),
        "other function": placed(sc, 3, DOUBLE),
        "no partitioner": sc.parallelize([(7, 0), (4, 4)], 3),
        "no partitions": sc.emptyRDD(),
        "sc.union": sc.union([a, placed(sc)]),
        "union": a.union(placed(sc)),
        "cached": placed(sc).cache(),
    }
    return {name: placing(of(a, rdd)) for name, rdd in b.items()}


def placed_items(*rdds):
    return [sorted_parts(rdd) for rdd in rdds]


def ranks(sc):
    """A loop as PageRank's."""
    links = sc.parallelize([(1, 2), (1, 3), (2, 3), (3, 1)], 2).groupByKey(3).mapValues(list)
    shares = links.mapValues(lambda _: 1.0)
    counts = []
    for _ in range(3):
        shares = (
            links.join(shares)
            .flatMap(lambda kv: [(to, kv[1][1] / len(kv[1][0])) for to in kv[1][0]])
            .reduceByKey(lambda x, y: x + y)
            .mapValues(lambda share: 0.15 + 0.85 * share)
        )
        counts.append(shares.getNumPartitions())
    return counts, sorted((k, round(v, 9)) for k, v in shares.collect())


def mutable_zero(sc):
    def append(xs, x):
        xs.append(x)
        return xs

    return sc.parallelize(range(5), 3).aggregate([], append, lambda a, b: a + b)


CASES = {
    # parallelize
    "slices of a list": lambda sc: parts(sc.parallelize([1, 2, 3, 4, 5, 6, 7], 3)),
    "fewer items than slices": lambda sc: parts(sc.parallelize("ab", 5)),
    "slices of many": lambda sc: [len(p) for p in parts(sc.parallelize([0] * 10_001, 3))],
    "slices of a range": lambda sc: parts(sc.parallelize(range(0, 23, 3), 3)),
    "slices of a large range": lambda sc: sc.parallelize(range(10**15), 7).mapPartitions(lambda r: [r[0]]).collect(),
    "slices downward": lambda sc: parts(sc.range(9, -3, -2, 4)),
    "empty range": lambda sc: parts(sc.range(0, 5, -1, 2)),
    "a set": lambda sc: sorted(sc.parallelize({1, 2, 3}).collect()),
    "a generator": lambda sc: sc.parallelize((x * x for x in range(4)), 2).collect(),
    "a dict": lambda sc: sc.parallelize({"a": 1, "b": 2}, 1).collect(),
    "no items": lambda sc: parts(sc.parallelize([], 3)),
    "default parallelism": lambda sc: (sc.parallelize([1]).getNumPartitions(), sc.emptyRDD().getNumPartitions()),
    # narrow
    "map": lambda sc: sc.parallelize(range(5), 2).map(lambda x: (x, str(x))).collect(),
    "flatMap": lambda sc: sc.parallelize(["a b", "", "c"], 2).flatMap(lambda x: x.split(" ")).collect(),
    "nested flatMap": lambda sc: (
        sc.parallelize([2, 3], 1).flatMap(range).flatMap(lambda x: [x] * x).filter(lambda x: x > 0).collect()
    ),
    "filter": lambda sc: parts(sc.parallelize(range(10), 3).filter(lambda x: x % 4)),
    "mapPartitions": lambda sc: sc.parallelize(range(7), 3).mapPartitions(lambda it: [sum(it)]).collect(),
    "mapPartitionsWithIndex": lambda sc: (
        sc.parallelize(range(7), 3).mapPartitionsWithIndex(lambda i, it: [(i, list(it))]).collect()
    ),
    "index after union": lambda sc: (
        sc.parallelize([1, 2], 2)
        .mapPartitionsWithIndex(lambda i, it: [(i, x) for x in it])
        .union(sc.parallelize([3], 1))
        .mapPartitionsWithIndex(lambda i, it: [(i, x) for x in it])
        .collect()
    ),
    "mapPartitions of nothing": lambda sc: sc.parallelize([], 2).mapPartitions(lambda it: [len(list(it))]).collect(),
    "glom after filter": lambda sc: parts(sc.parallelize([1], 3).filter(lambda x: False)),
    "keyBy": lambda sc: sc.parallelize(["ab", "c"], 1).keyBy(len).collect(),
    "keys, values": lambda sc: (pairs(sc).keys().collect(), pairs(sc).values().collect()),
    "mapValues": lambda sc: pairs(sc).mapValues(lambda v: v * 10).collect(),
    "flatMapValues": lambda sc: pairs(sc).flatMapValues(lambda v: range(v % 3)).collect(),
    "long pairs": lambda sc: sc.parallelize([(1, 2, 3)], 1).mapValues(lambda v: v + 1).collect(),
    "union": lambda sc: parts(sc.parallelize([1, 2], 2).union(sc.parallelize([2], 1)) + sc.parallelize([3], 1)),
    "union of shuffled": lambda sc: sorted_parts(pairs(sc).reduceByKey(max, 2).union(pairs(sc, 1))),
    "placing of union": lambda sc: placings(sc, lambda a, b: a.union(b)),
    "placing of union, other way": lambda sc: placings(sc, lambda a, b: b.union(a)),
    "placing of union of three": lambda sc: placings(sc, lambda a, b: a.union(a).union(b)),
    "placing of sc.union": lambda sc: placings(sc, lambda a, b: sc.union([a, b, a])),
    "placing of union after sc.union": lambda sc: placings(sc, lambda a, b: sc.union([a, b]).union(b)),
    "placing of join": lambda sc: placings(sc, lambda a, b: a.join(b)),
    "placing of join, other way": lambda sc: placings(sc, lambda a, b: b.join(a)),
    "placing of join into three": lambda sc: placings(sc, lambda a, b: a.join(b, 3)),
    "placing of leftOuterJoin into two": lambda sc: placings(sc, lambda a, b: a.leftOuterJoin(b, 2)),
    "placing of rightOuterJoin": lambda sc: placings(sc, lambda a, b: a.rightOuterJoin(b)),
    "placing of fullOuterJoin": lambda sc: placings(sc, lambda a, b: a.mapValues(str).fullOuterJoin(b)),
    "placing of cogroup": lambda sc: placings(sc, lambda a, b: a.cogroup(b)),
    "placing of groupWith": lambda sc: placings(sc, lambda a, b: a.groupWith(a, b)),
    "placing of groupWith, other order": lambda sc: placings(sc, lambda a, b: a.groupWith(b, a)),
    "placing of subtractByKey": lambda sc: placings(sc, lambda a, b: a.subtractByKey(b)),
    "placing of intersection": lambda sc: placings(sc, lambda a, b: a.intersection(b)),
    "placing of groupByKey": lambda sc: placings(sc, lambda a, b: a.union(b).groupByKey()),
    "placing of functions": lambda sc: (lambda a, b: [placing(a.join(b)), placing(a.union(b)), placing(a.join(b, 2))])(
        placed(sc, 3, DOUBLE), placed(sc, 3, DOUBLE)
    ),
    "items by partitioner": lambda sc: (
        lambda a, b: placed_items(a.union(b), a.join(b), sc.union([a, b, a]).mapValues(str).reduceByKey(max, 2))
    )(placed(sc), placed(sc).mapValues(str).filter(lambda x: x[0] > 1)),
    "order by partitioner": lambda sc: parts(placed(sc).glom().map(len).union(placed(sc).glom().map(len))),
    "loop of joins": ranks,
    "sc.union": lambda sc: parts(sc.union([sc.parallelize([i], 1) for i in range(4)])),
    "zip": lambda sc: sc.parallelize(range(5), 2).zip(sc.parallelize(range(5, 10), 2)).collect(),
    "zip of partitions": lambda sc: sc.parallelize([1], 1).zip(sc.parallelize([1], 2)).collect(),
    "zip of shuffled": lambda sc: len(pairs(sc).partitionBy(2).zip(pairs(sc).partitionBy(2)).collect()),
    "zipWithIndex": lambda sc: sc.parallelize("abcde", 3).zipWithIndex().collect(),
    "zipWithUniqueId": lambda sc: sc.parallelize("abcde", 3).zipWithUniqueId().collect(),
    "coalesce": lambda sc: parts(sc.parallelize(range(10), 5).coalesce(3)),
    "coalesce up": lambda sc: sc.parallelize(range(10), 2).coalesce(5).getNumPartitions(),
    "coalesce to 0": lambda sc: sc.parallelize(range(10), 2).coalesce(0).getNumPartitions(),
    "coalesce of shuffled": lambda sc: sorted(pairs(sc).partitionBy(4).coalesce(1).collect(), key=repr),
    "repartition": lambda sc: (
        sc.parallelize(range(100), 2).repartition(5).getNumPartitions(),
        sorted(sc.parallelize(range(100), 2).repartition(5).collect()) == list(range(100)),
    ),
    "repartition of nothing": lambda sc: parts(sc.emptyRDD().repartition(2)),
    "cartesian": lambda sc: parts(sc.parallelize([1, 2, 3], 2).cartesian(sc.parallelize("ab", 2))),
    "cartesian of shuffled": lambda sc: sorted(
        pairs(sc).values().repartition(2).cartesian(sc.parallelize([0, 1], 2)).collect()
    ),
    "pipe": lambda sc: sc.parallelize(["b", 1, "", "x y\n\n"], 2).pipe("cat").collect(),
    "pipe's environment": lambda sc: sc.parallelize([1], 1).pipe("/usr/bin/env", {"A": "b"}).collect(),
    "pipe's arguments": lambda sc: sc.parallelize(["a1", "b2"], 1).pipe("grep 'a[0-9]'").collect(),
    # by key
    "partitionBy": lambda sc: parts(ints(sc).partitionBy(3)),
    "partitionBy a function": lambda sc: sorted_parts(pairs(sc).partitionBy(2, lambda k: -1 if k is None else ord(k))),
    "partitionBy tuples": lambda sc: sorted_parts(
        sc.parallelize([((i, None), i) for i in range(9)] + [((), 0)], 2).partitionBy(3)
    ),
    "partitionBy again": lambda sc: (lambda r: r.partitionBy(3) is r)(pairs(sc).partitionBy(3)),
    "partitionBy of others": lambda sc: sorted_parts(
        sc.parallelize([(k, 0) for k in (-1, True, 2.0, 1e300, float("inf"), 2**70, frozenset([1]))], 2).partitionBy(4)
    ),
    "reduceByKey": lambda sc: sorted(pairs(sc).reduceByKey(lambda a, b: a + b).collect(), key=repr),
    "reduceByKey's partitions": lambda sc: sorted_parts(ints(sc).reduceByKey(max, 3)),
    "reduceByKey again": lambda sc: sorted(
        pairs(sc).reduceByKey(max, 2).mapValues(lambda v: -v).reduceByKey(max, 2).collect(), key=repr
    ),
    "reduceByKey of strings": lambda sc: sorted(
        pairs(sc, 1).mapValues(str).reduceByKey(lambda a, b: a + b).collect(), key=repr
    ),
    "combineByKey": lambda sc: sorted(
        pairs(sc, 1).combineByKey(lambda v: [v], lambda xs, v: [*xs, v], lambda a, b: a + b).collect(), key=repr
    ),
    "foldByKey": lambda sc: sorted(pairs(sc).foldByKey(100, lambda a, b: a + b).collect(), key=repr),
    "aggregateByKey": lambda sc: sorted(
        pairs(sc)
        .aggregateByKey((0, 0), lambda a, v: (a[0] + v, a[1] + 1), lambda a, b: (a[0] + b[0], a[1] + b[1]))
        .collect(),
        key=repr,
    ),
    "aggregateByKey into sets": lambda sc: sorted(
        pairs(sc).aggregateByKey(set(), lambda s, v: s | {v}, set.union).mapValues(sorted).collect(), key=repr
    ),
    "groupByKey": lambda sc: sorted(pairs(sc, 1).groupByKey().mapValues(list).collect(), key=repr),
    "groupByKey's values": lambda sc: sorted(
        pairs(sc).groupByKey(2).mapValues(lambda vs: (len(vs), sum(vs))).collect(), key=repr
    ),
    "groupBy": lambda sc: sorted(
        (k, sorted(vs)) for k, vs in sc.parallelize(range(9), 3).groupBy(lambda x: x % 2).collect()
    ),
    "distinct": lambda sc: sorted(
        sc.parallelize([3, 1, 2, 1.0, True, 3, (1,), (1,)], 3).distinct().collect(), key=repr
    ),
    "distinct's partitions": lambda sc: sorted_parts(sc.parallelize(list(range(20)) * 2, 3).distinct(4)),
    "default partitions": lambda sc: [
        r.getNumPartitions()
        for r in (
            pairs(sc).reduceByKey(max),
            pairs(sc).join(other(sc)),
            pairs(sc).groupByKey(5),
            pairs(sc).cogroup(other(sc)),
            pairs(sc).subtract(other(sc)),
            pairs(sc).sortByKey,
        )
        if not callable(r)
    ],
    "partitioners": lambda sc: [
        r.partitioner is not None
        for r in (
            pairs(sc),
            pairs(sc).partitionBy(2),
            pairs(sc).partitionBy(2).map(lambda x: x),
            pairs(sc).partitionBy(2).map(lambda x: x, True),
            pairs(sc).partitionBy(2).filter(lambda x: x),
            pairs(sc).partitionBy(2).mapValues(lambda x: x),
            pairs(sc).partitionBy(2).union(pairs(sc)),
        )
    ],
    # joins
    "join": lambda sc: sorted(pairs(sc).join(other(sc)).collect(), key=repr),
    "join's order": lambda sc: pairs(sc, 1).filter(lambda kv: kv[0] == "a").join(other(sc, 1), 1).collect(),
    "leftOuterJoin": lambda sc: sorted(pairs(sc).leftOuterJoin(other(sc)).collect(), key=repr),
    "rightOuterJoin": lambda sc: sorted(pairs(sc).rightOuterJoin(other(sc), 3).collect(), key=repr),
    "fullOuterJoin": lambda sc: sorted(pairs(sc).fullOuterJoin(other(sc)).collect(), key=repr),
    "join of placed": lambda sc: sorted(
        pairs(sc).partitionBy(2).join(other(sc).partitionBy(2), 2).mapValues(str).collect(), key=repr
    ),
    "self join": lambda sc: sorted((lambda r: r.join(r))(pairs(sc)).collect(), key=repr),
    "cogroup": lambda sc: sorted(
        ((k, [sorted(v) for v in vs]) for k, vs in pairs(sc).cogroup(other(sc)).collect()), key=repr
    ),
    "groupWith": lambda sc: sorted(
        ((k, [sorted(v) for v in vs]) for k, vs in pairs(sc).groupWith(other(sc), pairs(sc), other(sc)).collect()),
        key=repr,
    ),
    "subtractByKey": lambda sc: sorted(pairs(sc).subtractByKey(other(sc)).collect(), key=repr),
    "subtract": lambda sc: sorted(sc.parallelize([1, 1, 2, 3], 2).subtract(sc.parallelize([3, 4], 1)).collect()),
    "intersection": lambda sc: sorted(
        sc.parallelize([1, 1, 2, 3], 2).intersection(sc.parallelize([1, 3, 4])).collect()
    ),
    # sorting
    "sortByKey": lambda sc: parts(ints(sc).sortByKey()),
    "sortByKey downward": lambda sc: ints(sc).sortByKey(False, 3).keys().glom().map(len).collect(),
    "sortByKey to one": lambda sc: parts(ints(sc).sortByKey(numPartitions=1)),
    "sortByKey of nothing": lambda sc: parts(sc.parallelize([], 2).sortByKey()),
    "sortByKey by a function": lambda sc: (
        sc.parallelize([("B", 1), ("a", 2), ("C", 3)], 2).sortByKey(True, 2, lambda k: k.lower()).collect()
    ),
    "sortBy": lambda sc: sc.parallelize([(1, "c"), (2, "a"), (3, "b")], 2).sortBy(lambda x: x[1]).collect(),
    "sortBy downward": lambda sc: sc.parallelize(["bb", "a", "ccc"], 2).sortBy(len, False, 2).collect(),
    "repartitionAndSort": lambda sc: parts(
        ints(sc).map(lambda kv: (kv[1], 0)).repartitionAndSortWithinPartitions(3, lambda k: k // 50, False)
    ),
    # random
    "sample": lambda sc: parts(sc.parallelize(range(100), 4).sample(False, 0.1, 81)),
    "sample with replacement": lambda sc: parts(sc.parallelize(range(50), 3).sample(True, 0.3, 5)),
    "sample of -1": lambda sc: sc.parallelize(range(100), 4).sample(False, -1.0),
    "randomSplit": lambda sc: [r.collect() for r in sc.parallelize(range(30), 3).randomSplit([1, 2, 0], 17)],
    "randomSplit of -1": lambda sc: sc.parallelize(range(30), 3).randomSplit([1, -2]),
    "sampleByKey": lambda sc: (
        sc.parallelize([(i % 2, i) for i in range(60)], 3).sampleByKey(False, {0: 0.2, 1: 0.5}, 3).collect()
    ),
    "takeSample": lambda sc: sc.parallelize(range(100), 3).takeSample(False, 7, 1),
    "takeSample with replacement": lambda sc: sc.parallelize(range(10), 2).takeSample(True, 20, 1),
    "takeSample of all": lambda sc: sc.parallelize(range(6), 2).takeSample(False, 15, 2),
    "takeSample of -1": lambda sc: sc.parallelize(range(6), 2).takeSample(False, -1),
    # actions
    "collectAsMap": lambda sc: sc.parallelize([("a", 1), ("a", 2)], 1).collectAsMap(),
    "take": lambda sc: sc.parallelize(range(100), 50).filter(lambda x: x % 10 == 9).take(3),
    "take more": lambda sc: sc.parallelize(range(5), 3).take(10),
    "take none": lambda sc: (sc.parallelize(range(5), 3).take(0), sc.emptyRDD().take(1)),
    "take of shuffled": lambda sc: len(ints(sc).partitionBy(5).take(120)),
    "first": lambda sc: sc.parallelize([], 2).union(sc.parallelize([7, 8], 1)).first(),
    "first of nothing": lambda sc: sc.parallelize([], 2).first(),
    "isEmpty": lambda sc: [r.isEmpty() for r in (sc.emptyRDD(), sc.parallelize([], 2), sc.parallelize([None], 2))],
    "top": lambda sc: (sc.parallelize([5, 1, 9, 3], 3).top(2), sc.parallelize([5, 1, 9, 3], 3).top(3, key=str)),
    "takeOrdered": lambda sc: (
        sc.parallelize([5, 1, 9, 3], 3).takeOrdered(2),
        sc.parallelize([5, 1, 9, 3], 3).takeOrdered(2, lambda x: -x),
        sc.emptyRDD().takeOrdered(2),
    ),
    "takeOrdered of -1": lambda sc: sc.parallelize([5], 1).takeOrdered(-1),
    "top of nothing": lambda sc: sc.emptyRDD().top(1),
    "reduce": lambda sc: sc.parallelize(["a", "b", "c"], 5).reduce(lambda a, b: a + b),
    "reduce of nothing": lambda sc: sc.parallelize([], 2).reduce(max),
    "fold": lambda sc: sc.parallelize([1, 2, 3], 2).fold(10, lambda a, b: a + b),
    "aggregate": lambda sc: sc.parallelize([1, 2, 3], 2).aggregate(1, lambda a, b: a + b, lambda a, b: a * b),
    "aggregate into a list": mutable_zero,
    "treeAggregate": lambda sc: [
        sc.parallelize(range(9), n).treeAggregate(1, lambda a, b: a + b, lambda a, b: a + b, d)
        for n, d in ((1, 1), (4, 2), (9, 3))
    ],
    "treeAggregate of nothing": lambda sc: sc.emptyRDD().treeAggregate(5, max, max),
    "treeAggregate of depth 0": lambda sc: sc.parallelize([1]).treeAggregate(5, max, max, 0),
    "treeReduce": lambda sc: sc.parallelize(range(20), 10).treeReduce(lambda a, b: a + b, 3),
    "treeReduce of nothing": lambda sc: sc.parallelize([], 3).treeReduce(max),
    "max, min": lambda sc: [f(sc.parallelize([3, 10, 2], 2)) for f in (lambda r: r.max(), lambda r: r.min(key=str))],
    "max of nothing": lambda sc: sc.emptyRDD().max(),
    "sum, count": lambda sc: (
        sc.parallelize([1.5, 2], 3).sum(),
        sc.emptyRDD().sum(),
        sc.parallelize(range(9), 4).count(),
    ),
    "mean": lambda sc: sc.parallelize([1, 2, 3], 2).mean(),
    "stats": lambda sc: str(sc.parallelize([1.0, 2.0, 5.0], 2).stats()),
    "stats of nothing": lambda sc: sc.emptyRDD().stats(),
    "variances": lambda sc: [
        round(float(v), 12)
        for r in (sc.parallelize([1, 2, 6], 2),)
        for v in (r.variance(), r.stdev(), r.sampleVariance(), r.sampleStdev())
    ],
    "shuffles to no partition": lambda sc: [
        (rdd.getNumPartitions(), rdd.collect(), rdd.isEmpty())
        for rdd in (pairs(sc).partitionBy(0), pairs(sc).groupByKey(-1), pairs(sc).map(str).distinct(0))
    ],
    "histogram of nothing": lambda sc: sc.parallelize([], 2).histogram(2),
    "histogram": lambda sc: sc.parallelize(range(51), 3).histogram(2),
    "histogram of bounds": lambda sc: sc.parallelize([*range(51), None, float("nan")], 3).histogram([0, 5, 25, 50]),
    "histogram of even bounds": lambda sc: sc.parallelize([0.5, 1, 3, 4, 9], 3).histogram((0, 2, 4)),
    "histogram of fractions": lambda sc: sc.parallelize([1, 2, 4], 3).histogram(2),
    "histogram of strings": lambda sc: sc.parallelize(["ab", "ac", "b", "bd", "ef"], 2).histogram(["a", "b", "c"]),
    "histogram of one value": lambda sc: sc.parallelize([4, 4], 2).histogram(3),
    "histogram of 0": lambda sc: sc.parallelize([4, 4], 2).histogram(0),
    "histogram of unsorted": lambda sc: sc.parallelize([4, 4], 2).histogram([2, 1]),
    "histogram of a text": lambda sc: sc.parallelize([4, 4], 2).histogram("x"),
    "countByValue": lambda sc: sc.parallelize(["a", "b", "a", None], 3).countByValue(),
    "countByKey": lambda sc: pairs(sc).countByKey(),
    "reduceByKeyLocally": lambda sc: pairs(sc).reduceByKeyLocally(lambda a, b: a * b),
    "lookup": lambda sc: [
        pairs(sc).lookup("a"),
        sc.parallelize(range(9), 3).map(lambda x: (x, -x)).sortByKey().lookup(5),
        ints(sc).partitionBy(4).lookup(7),
    ],
    "toLocalIterator": lambda sc: [list(sc.parallelize(range(5), 3).toLocalIterator(p)) for p in (False, True)],
    "runJob": lambda sc: sc.runJob(sc.parallelize(range(6), 3), lambda it: [sum(it)], [2, 0]),
    "runJob twice": lambda sc: sc.runJob(sc.parallelize(range(6), 3), list, [1, 0, 1, 1]),
    "runJob twice after a shuffle": lambda sc: sc.runJob(placed(sc), sorted, [2, 1, 2]),
    "runJob of none": lambda sc: sc.runJob(sc.parallelize(range(6), 3), list, []),
    "foreach": lambda sc: (lambda a: (sc.parallelize(range(9), 3).foreach(a.add), a.value)[1])(sc.accumulator(0)),
    "foreachPartition": lambda sc: (
        lambda a: (sc.parallelize(range(9), 3).foreachPartition(lambda it: a.add(len(list(it)))), a.value)[1]
    )(sc.accumulator(0)),
    "countApproxDistinct": lambda sc: 900 < sc.parallelize(range(1000)).map(str).countApproxDistinct() < 1100,
    "countApproxDistinct too exact": lambda sc: sc.parallelize([1]).countApproxDistinct(0.00000001),
    "approximate": lambda sc: (
        sc.parallelize(range(1000), 10).countApprox(10_000),
        float(sc.parallelize(range(1000), 10).sumApprox(10_000)),
        float(sc.parallelize(range(1000), 10).meanApprox(10_000)),
    ),
    "meanApprox of nothing": lambda sc: float(sc.emptyRDD().meanApprox(1000)),
    "countByValue of no partitions": lambda sc: sc.emptyRDD().countByValue(),
    "countByKey of no partitions": lambda sc: sc.emptyRDD().countByKey(),
    "countByValue of nothing": lambda sc: sc.parallelize([], 2).countByValue(),
    "persist of no level": lambda sc: sc.parallelize([1]).persist("x"),
    "names": lambda sc: (sc.parallelize([1]).name(), sc.parallelize([1]).setName("x").name()),
    # programs
    "word count": lambda sc: sorted(
        sc.parallelize(["a b a", "b c"], 2)
        .flatMap(str.split)
        .map(lambda w: (w, 1))
        .reduceByKey(lambda a, b: a + b)
        .sortBy(lambda x: (-x[1], x[0]))
        .collect()
    ),
    "many shuffles": lambda sc: (
        sc.parallelize(range(1000), 4)
        .map(lambda i: (i % 10, i))
        .reduceByKey(lambda a, b: a + b, 3)
        .map(lambda kv: (kv[1] % 3, kv))
        .groupByKey(2)
        .mapValues(lambda kvs: sorted(kvs))
        .sortByKey()
        .collect()
    ),
    "classes": lambda sc: Counter(sc.parallelize([Counter("ab"), Counter("b")], 2).reduce(lambda a, b: a + b)),
    "unusual values": lambda sc: sc.parallelize(
        [None, True, 2**80, -0.0, 1j, "\ud800", b"\xff", bytearray(b"x"), {1: [2, (3,)]}, frozenset(), ...], 3
    ).collect(),
    "bytearrays": lambda sc: sc.parallelize([("k", bytearray(b"x"))], 2).partitionBy(2).collect(),
    "large items": lambda sc: sc.parallelize(range(4), 2).map(lambda i: "x" * 3_000_000).map(len).collect(),
    "many items": lambda sc: (
        sc.parallelize(list(range(200_000)), 3).map(lambda x: (x % 1000, x)).groupByKey(4).mapValues(sum).values().sum()
    ),
}


if __name__ == "__main__":
    from pyspark import SparkConf, SparkContext

    warnings.simplefilter("ignore")
    settings = SparkConf().setAll([("spark.ui.enabled", "false"), ("spark.log.level", "OFF")])
    with SparkContext("local[2]", "bless", conf=settings) as context:
        for name, case in CASES.items():
            print(name, answer(case, context).encode("ascii", "backslashreplace").decode(), sep="\t")
    sys.stdout.flush()
    os._exit(0)
