"""Estimates pi by throwing darts; the seeds make it the same each time."""

import random
import sys
from operator import add

from pyspark import SparkContext

if __name__ == "__main__":
    with SparkContext(appName="PythonPi") as sc:
        n_parts = int(sys.argv[1]) if len(sys.argv) > 1 else 2

        def hits(seed):
            darts = random.Random(seed)
            return sum(darts.uniform(-1, 1) ** 2 + darts.uniform(-1, 1) ** 2 <= 1 for _ in range(1000))

        total = sc.parallelize(range(40), n_parts).map(hits).reduce(add)
        print(f"Pi is roughly {4.0 * total / 40_000:f}")
