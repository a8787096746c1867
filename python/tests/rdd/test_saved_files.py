"""Files that RDDs write, and that real Spark and Firesteel read one another's."""

import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from pyspark.errors import PySparkException

from classic_files import CODEC, CODECS, ITEMS, LINES, NUMBERED, PAIRS, read, write

HERE = Path(__file__).parent


def check(found):
    """What `classic_files.read` gives."""
    values = {name: eval(text) for name, text in found.items()}  # bytearray is no literal
    for name, pairs in PAIRS.items():
        assert values[name] == pairs
    for codec in CODECS:
        assert values[codec] == (NUMBERED, LINES)
    for batch in (0, 1, 10):
        assert values[f"pickle {batch}"] == ITEMS * 5
    assert values["record"] == NUMBERED
    assert values["pairs"] == [f"{key}\t{value}" for key, value in NUMBERED]


def test_what_spark_wrote(sc):
    check(read(sc, HERE / "spark_files"))


def test_what_we_wrote(sc, tmp_path):
    write(sc, tmp_path)
    check(read(sc, tmp_path))
    # To the byte where Java's hash maps and compressors have no say.
    for name in ("int.seq", "double.seq", "text.seq", "bool.seq", "10.pickle", "0.pickle", "pairs.txt"):
        (recorded,) = (HERE / "spark_files" / name).glob("part-*")
        ours = (tmp_path / name / recorded.name).read_bytes()
        assert without_sync(ours) == without_sync(recorded.read_bytes()), name


def without_sync(data):
    """A sequence file without the 16 random bytes of its head, which follow an empty table of metadata."""
    if not data.startswith(b"SEQ"):
        return data
    at = data.index(b"\0\0\0\0", data.rindex(b"org.apache.hadoop.io.")) + 6
    return data[:at] + data[at + 16 :]


@pytest.mark.live
def test_real_spark_reads_what_we_wrote_and_we_what_it_wrote(backend, request, tmp_path):
    if backend != "spark":
        pytest.skip("the same code writes on both, and one process has one context")
    sc = request.getfixturevalue("sc")
    write(sc, tmp_path / "ours")
    check(json.loads(classic("read", tmp_path / "ours").splitlines()[-1]))
    classic("write", tmp_path / "theirs")
    check(read(sc, tmp_path / "theirs"))


def classic(what, directory):
    python = os.environ["SPARK_PYTHON"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    environment["PYSPARK_PYTHON"] = python
    command = [python, str(HERE / "classic_files.py"), what, str(directory)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=200, env=environment).stdout


def test_text_files(sc, tmp_path):
    rdd = sc.parallelize(["hello", b"\xff\xfe", 3, None, "a\nb"], 2)
    rdd.saveAsTextFile(str(tmp_path / "t"))
    files = {path.name: path.read_bytes() for path in (tmp_path / "t").iterdir()}
    assert files == {
        "part-00000": "hello\n\ufffd\ufffd\n".encode(),
        "part-00001": b"3\nNone\na\nb\n",
        "_SUCCESS": b"",
    }
    with pytest.raises(PySparkException) as raised:
        rdd.saveAsTextFile(str(tmp_path / "t"))
    text = f"FileAlreadyExistsException: Output directory file:{tmp_path}/t already exists"
    assert text in str(raised.value)


def test_empty_partitions_are_files(sc, tmp_path):
    sc.parallelize(["x"], 3).saveAsTextFile(f"file://{tmp_path}/t")
    assert sorted(os.listdir(tmp_path / "t")) == ["_SUCCESS", "part-00000", "part-00001", "part-00002"]
    assert sc.textFile(str(tmp_path / "t")).getNumPartitions() >= 1


def test_endings_of_codecs(sc, tmp_path):
    sc.parallelize(["x", "y"], 1).saveAsTextFile(str(tmp_path / "gz"), f"{CODEC}GzipCodec")
    assert gzip.decompress((tmp_path / "gz" / "part-00000.gz").read_bytes()) == b"x\ny\n"
    sc.parallelize(["x"] * 9, 1).saveAsTextFile(str(tmp_path / "zst"), f"{CODEC}ZStandardCodec")
    assert sc.textFile(str(tmp_path / "zst" / "part-00000.zst")).collect() == ["x"] * 9
    with pytest.raises(PySparkException, match=r"ClassNotFoundException: .*org.nope"):
        sc.parallelize(["x"], 1).saveAsTextFile(str(tmp_path / "nope"), "org.nope")
    assert not (tmp_path / "nope").exists()


def test_a_failed_job_leaves_nothing(sc, tmp_path):
    with pytest.raises(PySparkException, match="ZeroDivisionError"):
        sc.parallelize(range(4), 2).map(lambda x: 1 // x).saveAsTextFile(str(tmp_path / "t"))
    assert os.listdir(tmp_path / "t") == []


def test_a_failed_attempt_leaves_nothing(tmp_path):
    from firesteel.rdd.hadoop.committer import JobOutput

    def fails(path):
        Path(path).write_text("half")
        raise ValueError

    output = JobOutput(str(tmp_path / "t"))
    task = output.for_tasks()
    with pytest.raises(ValueError, match=r"^$"):
        task.write(0, "part-00000", fails)
    # A second attempt, and a third whose first answer was lost.
    task.write(0, "part-00000", lambda path: Path(path).write_text("first"))
    task.write(0, "part-00000", lambda path: Path(path).write_text("second"))
    output.commit()
    assert {path.name: path.read_text() for path in (tmp_path / "t").iterdir()} == {
        "part-00000": "second",
        "_SUCCESS": "",
    }
    # A task that is still running when its job has ended.
    with pytest.raises(FileNotFoundError):
        task.write(1, "part-00001", lambda path: Path(path).write_text("late"))
    shutil.rmtree(tmp_path / "t")


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ([(1, 2**80)], "Data of type java.math.BigInteger cannot be used"),
        ([("k", [1])], "Data of type java.util.ArrayList cannot be used"),
        ([1], "RDD element of type java.lang.Integer cannot be used"),
        ([], "empty collection"),
        (
            [(1, "a"), ("2", "b")],
            "wrong key class: org.apache.hadoop.io.Text is not class org.apache.hadoop.io.IntWritable",
        ),
    ],
)
def test_what_sequence_files_cannot_hold(sc, tmp_path, items, text):
    with pytest.raises(PySparkException) as raised:
        sc.parallelize(items, 1).saveAsSequenceFile(str(tmp_path / "s"))
    assert text in str(raised.value)


def test_arrays_can_be_written_and_not_read(sc, tmp_path):
    sc.parallelize([("k", (1, "x"))], 1).saveAsSequenceFile(str(tmp_path / "s"))
    assert (tmp_path / "s" / "part-00000").read_bytes().endswith(b"\0\0\0\x02\0\0\0\x01\x01x")
    with pytest.raises(PySparkException, match=r"NoSuchMethodException: org.apache.hadoop.io.ArrayWritable.<init>\(\)"):
        sc.sequenceFile(str(tmp_path / "s")).collect()


def test_splits_of_large_sequence_files(sc, tmp_path):
    pairs = [(i, "v" * (i % 97)) for i in range(20_000)]
    for name, codec in (("plain", None), ("block", f"{CODEC}DefaultCodec")):
        sc.parallelize(pairs, 1).saveAsSequenceFile(str(tmp_path / name), codec)
        for n_splits in (1, 2, 5):
            rdd = sc.sequenceFile(str(tmp_path / name), minSplits=n_splits)
            assert rdd.collect() == pairs
    assert [n > 0 for n in sc.sequenceFile(str(tmp_path / "plain"), minSplits=5).glom().map(len).collect()] == [
        True
    ] * 5


INPUT, OLD_INPUT = "org.apache.hadoop.mapreduce.lib.input.", "org.apache.hadoop.mapred."
KEYS = "org.apache.hadoop.io.LongWritable", "org.apache.hadoop.io.Text"


def test_input_formats(sc, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("1\n2\n3\n")
    lines = [(0, "1"), (2, "2"), (4, "3")]
    assert sc.newAPIHadoopFile(str(path), f"{INPUT}TextInputFormat", *KEYS).glom().collect() == [lines]
    assert sc.hadoopFile(str(path), f"{OLD_INPUT}TextInputFormat", *KEYS).glom().collect() == [lines[:2], lines[2:]]
    by_line = sc.hadoopFile(str(path), f"{OLD_INPUT}lib.NLineInputFormat", *KEYS)
    assert by_line.glom().collect() == [[line] for line in lines]
    separator = {"mapreduce.input.keyvaluelinerecordreader.key.value.separator": "2"}
    pairs = sc.newAPIHadoopFile(str(path), f"{INPUT}KeyValueTextInputFormat", *KEYS[1:] * 2, conf=separator)
    assert pairs.collect() == [("1", ""), ("", ""), ("3", "")]
    by_delimiter = sc.newAPIHadoopFile(
        str(path), f"{INPUT}TextInputFormat", *KEYS, conf={"textinputformat.record.delimiter": "2"}
    )
    assert by_delimiter.collect() == [(0, "1\n"), (3, "\n3\n")]
    where = {"mapreduce.input.fileinputformat.inputdir": str(path)}
    assert sc.newAPIHadoopRDD(f"{INPUT}TextInputFormat", *KEYS, conf=where).collect() == lines
    assert sc.hadoopRDD(f"{OLD_INPUT}TextInputFormat", *KEYS, conf=where).collect() == lines
    length = {"fixedlengthinputformat.record.length": "2"}
    fixed = sc.newAPIHadoopFile(
        str(path), f"{INPUT}FixedLengthInputFormat", KEYS[0], "org.apache.hadoop.io.BytesWritable", conf=length
    )
    assert fixed.collect() == [(0, bytearray(b"1\n")), (2, bytearray(b"2\n")), (4, bytearray(b"3\n"))]
    with pytest.raises(PySparkException, match=r"ClassNotFoundException: org.nope.X\. .*TextInputFormat"):
        sc.newAPIHadoopFile(str(path), "org.nope.X", *KEYS)
    with pytest.raises(PySparkException, match="is a Java class; without a JVM, use map"):
        sc.sequenceFile(str(path), keyConverter="org.apache.spark.Converter")


@pytest.mark.parametrize(
    ("pair", "line"),
    [
        ((1, "a"), b"1\ta\n"),
        (("k", None), b"k\n"),
        ((None, "v"), b"v\n"),
        ((1.5, True), b"1.5\ttrue\n"),
        ((1e10, b"ab"), b"1.0E10\t61 62\n"),
        ((2**40, {"a": 1, "b": 2}), b"1099511627776\t{a=1, b=2}\n"),
        ((None, None), b""),
        (
            (1e-5, (1, "x")),
            b"1.0E-5\tArrayWritable [valueClass=interface org.apache.hadoop.io.Writable, values=[1, x]]\n",
        ),
    ],
)
def test_text_output_format(sc, tmp_path, pair, line):
    sc.parallelize([pair], 1).saveAsNewAPIHadoopFile(
        str(tmp_path / "new"), "org.apache.hadoop.mapreduce.lib.output.TextOutputFormat"
    )
    assert (tmp_path / "new" / "part-r-00000").read_bytes() == line


def test_output_formats_by_settings(sc, tmp_path):
    pairs = sc.parallelize([(1, "a"), (2, "b")], 2)
    pairs.saveAsHadoopFile(str(tmp_path / "old"), "org.apache.hadoop.mapred.TextOutputFormat")
    assert [(tmp_path / "old" / f"part-0000{i}").read_bytes() for i in (0, 1)] == [b"1\ta\n", b"2\tb\n"]
    settings = {"mapreduce.output.fileoutputformat.outputdir": str(tmp_path / "set")}
    settings["mapreduce.job.outputformat.class"] = "org.apache.hadoop.mapreduce.lib.output.SequenceFileOutputFormat"
    settings["mapreduce.job.output.key.class"] = "org.apache.hadoop.io.IntWritable"
    settings["mapreduce.job.output.value.class"] = "org.apache.hadoop.io.Text"
    pairs.saveAsNewAPIHadoopDataset(settings)
    assert sorted(sc.sequenceFile(str(tmp_path / "set")).collect()) == [(1, "a"), (2, "b")]
    pairs.saveAsHadoopDataset({"mapred.output.dir": str(tmp_path / "default")})
    assert sorted(sc.textFile(str(tmp_path / "default")).collect()) == ["1\ta", "2\tb"]
    with pytest.raises(PySparkException, match=r"ClassNotFoundException: org.nope\. .*TextOutputFormat"):
        pairs.saveAsHadoopFile(str(tmp_path / "nope"), "org.nope")
