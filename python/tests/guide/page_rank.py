"""Ranks pages by the links between them, some rounds of a join and a reduceByKey."""

import re
import sys
from operator import add

from pyspark.sql import SparkSession


def contributions(targets, rank):
    for target in targets:
        yield target, rank / len(targets)


if __name__ == "__main__":
    spark = SparkSession.builder.appName("PythonPageRank").getOrCreate()
    lines = spark.sparkContext.textFile(sys.argv[1])
    links = lines.map(lambda line: tuple(re.split(r"\s+", line)[:2])).distinct().groupByKey().cache()
    ranks = links.mapValues(lambda _: 1.0)
    for _ in range(int(sys.argv[2])):
        sent = links.join(ranks).flatMap(lambda page: contributions(list(page[1][0]), page[1][1]))
        ranks = sent.reduceByKey(add).mapValues(lambda rank: rank * 0.85 + 0.15)
    for page, rank in sorted(ranks.collect()):
        print(f"{page} has rank {rank:.6f}")
    spark.stop()
