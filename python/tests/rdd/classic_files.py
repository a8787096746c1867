"""Run by real Spark (classic): writes the files that tests read, or reads those that they wrote.

python classic_files.py write DIRECTORY     # recorded in spark_files/ by `make bless`
python classic_files.py read DIRECTORY      # prints what it finds as JSON
"""

import json
import sys

PAIRS = {
    "int": [(1, 2), (-3, 2**31 - 1)],
    "long": [(2**40, -(2**40))],
    "double": [(1.5, "x"), (-0.25, "")],
    "bytes": [(b"ab", bytearray(b"cd"))],
    "bool": [(True, None), (False, None)],
    "map": [("k", {"a": 1, "b": 1.5, "c": None, "d": {"e": True}, "f": 2**40})],
    "text": [("schön", "x" * 200), ("", "\n")],
}
CODECS = ("DefaultCodec", "GzipCodec", "BZip2Codec", "SnappyCodec", "Lz4Codec")
CODEC = "org.apache.hadoop.io.compress."
LINES = ["hello", "wörld", "", "x" * 300]
NUMBERED = [(f"key{i}", i) for i in range(3)]
ITEMS = [1, "two", (3, [4.5, None]), {"six": b"7"}]


def write(sc, directory):
    """Write each kind of file, one partition each."""
    for name, pairs in PAIRS.items():
        sc.parallelize(pairs, 1).saveAsSequenceFile(f"{directory}/{name}.seq")
    for codec in CODECS:
        sc.parallelize(NUMBERED, 1).saveAsSequenceFile(f"{directory}/{codec}.seq", CODEC + codec)
        sc.parallelize(LINES, 1).saveAsTextFile(f"{directory}/{codec}.txt", CODEC + codec)
    for batch in (0, 1, 10):
        sc.parallelize(ITEMS * 5, 1).saveAsPickleFile(f"{directory}/{batch}.pickle", batch)
    by_value = {"mapreduce.output.fileoutputformat.compress": "true"}
    text = "org.apache.hadoop.io.Text", "org.apache.hadoop.io.IntWritable"
    output = "org.apache.hadoop.mapreduce.lib.output."
    pairs = sc.parallelize(NUMBERED, 1)
    pairs.saveAsNewAPIHadoopFile(f"{directory}/record.seq", f"{output}SequenceFileOutputFormat", *text, conf=by_value)
    pairs.saveAsNewAPIHadoopFile(f"{directory}/pairs.txt", f"{output}TextOutputFormat", *text)


def read(sc, directory):
    """Return what is in the files that `write` made, as text."""
    found = {name: sc.sequenceFile(f"{directory}/{name}.seq").collect() for name in PAIRS}
    found["record"] = sc.sequenceFile(f"{directory}/record.seq").collect()
    for codec in CODECS:
        found[codec] = (
            sc.sequenceFile(f"{directory}/{codec}.seq").collect(),
            sc.textFile(f"{directory}/{codec}.txt").collect(),
        )
    for batch in (0, 1, 10):
        found[f"pickle {batch}"] = sc.pickleFile(f"{directory}/{batch}.pickle").collect()
    found["pairs"] = sc.textFile(f"{directory}/pairs.txt").collect()
    return {name: repr(value) for name, value in found.items()}


if __name__ == "__main__":
    from pyspark import SparkConf, SparkContext

    with SparkContext("local[1]", "files", conf=SparkConf().set("spark.ui.enabled", "false")) as context:
        if sys.argv[1] == "write":
            write(context, sys.argv[2])
        else:
            print(json.dumps(read(context, sys.argv[2])))
