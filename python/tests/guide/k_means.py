"""Lloyd's algorithm: each point to its nearest centre, each centre to the middle of its points."""

import random

from pyspark import SparkContext


def distance(one, other):
    return sum((a - b) ** 2 for a, b in zip(one, other))


def nearest(point, centres):
    return min(range(len(centres)), key=lambda index: distance(point, centres[index]))


if __name__ == "__main__":
    sc = SparkContext(appName="PythonKMeans")
    source = random.Random(7)
    middles = [(0, 0), (8, 8), (0, 9)]
    points = sc.parallelize(
        [(source.gauss(x, 1), source.gauss(y, 1)) for x, y in middles for _ in range(200)], 4
    ).cache()
    centres = points.takeOrdered(3)
    moved = 1.0
    while moved > 1e-6:
        shared = sc.broadcast(centres)
        closest = points.map(lambda point, shared=shared: (nearest(point, shared.value), (point, 1)))
        sums = closest.reduceByKey(lambda a, b: (tuple(x + y for x, y in zip(a[0], b[0])), a[1] + b[1]))
        found = sums.mapValues(lambda total: tuple(x / total[1] for x in total[0])).collectAsMap()
        moved = sum(distance(centres[index], centre) for index, centre in found.items())
        centres = [found.get(index, centre) for index, centre in enumerate(centres)]
    for x, y in sorted(centres):
        print(f"{x:.4f} {y:.4f}")
    sc.stop()
