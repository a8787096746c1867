"""Which node of a small graph reaches which: joins until nothing new is found."""

import random

from pyspark import SparkConf, SparkContext

if __name__ == "__main__":
    sc = SparkContext(conf=SparkConf().setAppName("closure").setMaster("local[2]"))
    source = random.Random(42)
    edges = {(source.randrange(12), source.randrange(12)) for _ in range(16)}
    paths = sc.parallelize(sorted(edges), 2).cache()
    backwards = paths.map(lambda edge: (edge[1], edge[0]))
    before, count = 0, paths.count()
    while count != before:
        longer = paths.join(backwards).map(lambda found: (found[1][1], found[1][0]))
        paths = paths.union(longer).distinct().coalesce(2).cache()
        before, count = count, paths.count()
    print(f"{count} pairs; from 0: {sorted(to for start, to in paths.collect() if start == 0)}")
    sc.stop()
