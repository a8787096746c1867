"""The topics of Spark's RDD programming guide, one after another, in a program of our own.

Cells are marked for the test that runs it as a notebook too. Whatever Spark leaves open (the order of a shuffle) is
sorted before it is printed.
"""
# ruff: noqa: N816, SIM115

# %% Initialise
import os
import tempfile
from operator import add

from pyspark import SparkConf, SparkContext, SparkFiles, StorageLevel, TaskContext
from pyspark.accumulators import AccumulatorParam

conf = SparkConf().setAppName("tour").setMaster("local[2]").set("spark.ui.enabled", "false")
sc = SparkContext(conf=conf)
print(sc.appName, sc.master, sc.defaultParallelism)

# %% Parallelised collections
data = [1, 2, 3, 4, 5]
distData = sc.parallelize(data)
print(distData.reduce(lambda a, b: a + b), distData.getNumPartitions(), sc.parallelize(data, 10).getNumPartitions())

# %% External datasets
folder = tempfile.mkdtemp()
path = os.path.join(folder, "data.txt")
with open(path, "w") as file:
    file.write("the spark\nflies up\n\nand the steel stays\n")
distFile = sc.textFile(path)
print(distFile.map(lambda s: len(s)).reduce(lambda a, b: a + b))
print([(os.path.basename(name), len(text)) for name, text in sc.wholeTextFiles(folder).collect()])

# %% Saving and loading sequence files
rdd = sc.parallelize(range(1, 4)).map(lambda x: (x, "a" * x))
rdd.saveAsSequenceFile(os.path.join(folder, "sequence"))
print(sorted(sc.sequenceFile(os.path.join(folder, "sequence")).collect()))
rdd.saveAsPickleFile(os.path.join(folder, "pickle"))
print(sorted(sc.pickleFile(os.path.join(folder, "pickle")).collect()))

# %% RDD operations
lines = sc.textFile(path)
lineLengths = lines.map(lambda s: len(s))
lineLengths.persist()
print(lineLengths.reduce(lambda a, b: a + b), lineLengths.collect(), lineLengths.is_cached)


# %% Passing functions
def count_words(s):
    return len(s.split(" "))


class Finder:
    def __init__(self):
        self.field = "Hello "

    def greet(self, rdd):
        field = self.field
        return rdd.map(lambda s: field + s)

    def shout(self, s):
        return s.upper() + self.field.strip()[-1]

    def all(self, rdd):
        return rdd.map(self.shout)


print(lines.map(count_words).collect())
print(Finder().greet(lines).first(), Finder().all(lines).first())

# %% Closures: what tasks change of the program's variables stays with them
counter = 0


def increment(x):
    global counter
    counter += x


distData.foreach(increment)
print("Counter value:", counter)

# %% Key-value pairs
pairs = lines.flatMap(str.split).map(lambda s: (s, 1))
counts = pairs.reduceByKey(lambda a, b: a + b)
print(counts.sortByKey().collect())
print(sorted((word, sorted(ones)) for word, ones in pairs.groupByKey().collect()))

# %% Transformations
x = sc.parallelize([("a", 1), ("b", 4), ("a", 3)], 2)
y = sc.parallelize([("a", 9), ("c", 8)], 2)
print(sorted(x.join(y).collect()), sorted(x.leftOuterJoin(y).collect()), sorted(x.fullOuterJoin(y).collect(), key=str))
print(sorted((key, tuple(sorted(map(tuple, map(sorted, groups))))) for key, groups in x.cogroup(y).collect()))
print(sorted(x.aggregateByKey(0, max, add).collect()), sorted(x.keys().distinct().collect()))
print(sorted(sc.range(3).cartesian(sc.parallelize("ab")).collect()))
print(sc.parallelize(["1", "2", "3"], 2).pipe("cat").collect())
print(sc.range(10, numSlices=5).coalesce(2).glom().collect(), sc.range(10).repartition(4).getNumPartitions())
print(x.repartitionAndSortWithinPartitions(2, lambda key: ord(key) % 2).glom().collect())
print(sc.range(100).sample(False, 0.1, 81).count() < 40, sc.range(20).union(sc.range(3)).count())
print(
    sc.range(6).intersection(sc.parallelize([5, 3, 9])).collect().__len__(),
    sorted(sc.range(6).mapPartitions(lambda p: [sum(p)]).collect()),
)
print(sc.range(6, numSlices=3).mapPartitionsWithIndex(lambda i, part: [(i, list(part))]).collect())

# %% Actions
print(distData.take(2), distData.first(), distData.count(), distData.takeOrdered(2, lambda n: -n), distData.top(2))
print(len(distData.takeSample(False, 3, 5)), sorted(x.countByKey().items()), distData.fold(0, add))
counts.map(str).saveAsTextFile(os.path.join(folder, "counts"))
print(sorted(name for name in os.listdir(os.path.join(folder, "counts")) if not name.startswith(".")))

# %% Persistence
words = lines.flatMap(str.split).persist(StorageLevel.MEMORY_AND_DISK)
print(words.count(), words.getStorageLevel(), words.unpersist().is_cached)

# %% Broadcast variables
broadcastVar = sc.broadcast([1, 2, 3])
print(broadcastVar.value, sc.range(3).map(lambda i: broadcastVar.value[i] * 2).collect())
broadcastVar.destroy()

# %% Accumulators
accum = sc.accumulator(0)
sc.parallelize([1, 2, 3, 4]).foreach(lambda x: accum.add(x))
print(accum.value)


class VectorAccumulatorParam(AccumulatorParam):
    def zero(self, value):
        return [0.0] * len(value)

    def addInPlace(self, left, right):
        return [one + other for one, other in zip(left, right)]


vecAccum = sc.accumulator([1.0, 2.0], VectorAccumulatorParam())
sc.parallelize([[1.0, 0.5], [2.0, 0.25]]).foreach(lambda vector: vecAccum.add(vector))
print(vecAccum.value)
lazy = sc.accumulator(0)
mapped = distData.map(lambda n: (lazy.add(n), n)[1])
print(lazy.value, mapped.count(), lazy.value)

# %% Files and the task's context
sc.addFile(path)
print(sc.parallelize([1]).map(lambda _: open(SparkFiles.get("data.txt")).readline()).collect())
print(sc.parallelize(range(3), 3).map(lambda _: TaskContext.get().partitionId()).collect())

# %% Stop
sc.stop()
