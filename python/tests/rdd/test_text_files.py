"""Files that SparkContext reads as text or bytes. Expected partitions and errors are those of real Spark 4.2.0."""

import bz2
import gzip
import random

import pytest
from pyspark.errors import PySparkException

MIXED_ENDS = b"\xef\xbb\xbfa\r\nb\rc\n\nd\xff\xc3x\re"


@pytest.fixture
def tree(tmp_path):
    """A directory with hidden files and one below it."""
    (tmp_path / "dir" / "sub").mkdir(parents=True)
    for name, text in {
        "a.txt": "1\n2\n3\n",
        "b.txt": "",
        "_h": "x",
        ".h": "y",
        "c.log": "4\n5",
        "sub/z.txt": "zz\n",
    }.items():
        (tmp_path / "dir" / name).write_text(text)
    return tmp_path / "dir"


@pytest.mark.parametrize(
    ("n_splits", "expected"),
    [
        (1, [["a", "b", "c", "", "d��x", "e"]]),
        (2, [["a", "b", "c"], ["", "d��x", "e"], []]),
        (3, [["a"], ["b", "c", ""], ["d��x"], ["e"]]),
        (5, [["a"], ["b"], ["c"], ["", "d��x"], [], ["e"]]),
        (20, [["a"], [], [], [], [], ["b"], [], ["c"], [], [""], ["d��x"], [], [], [], [], ["e"], []]),
    ],
)
def test_lines_across_splits(sc, tmp_path, n_splits, expected):
    (tmp_path / "f").write_bytes(MIXED_ENDS)
    lines = sc.textFile(str(tmp_path / "f"), n_splits)
    assert lines.glom().collect() == expected
    as_bytes = sc.textFile(str(tmp_path / "f"), n_splits, use_unicode=False)
    assert as_bytes.glom().collect() == [[line.encode() for line in part] for part in expected]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("*.txt", [["1", "2"], ["3"]]),
        ("{a,c}.*", [["1", "2", "3"], [], ["4", "5"]]),
        ("*", [["1", "2", "3"], ["4", "5"], ["zz"]]),
        ("[ab].txt", [["1", "2"], ["3"]]),
        ("[^b].txt", [["1", "2"], ["3"]]),
        ("sub", [["zz"], [], []]),
        ("a.txt,{dir}/c.log", [["1", "2", "3"], [], ["4", "5"]]),
    ],
)
def test_which_files_a_path_means(sc, tree, path, expected):
    lines = sc.textFile(f"{tree}/{path}".replace("{dir}", str(tree)))
    assert (lines.getNumPartitions(), lines.glom().collect()) == (len(expected), expected)


@pytest.mark.parametrize("scheme", ["file:", "file://"])
def test_uris(sc, tree, scheme):
    rdd = sc.textFile(f"{scheme}{tree}/a.txt")
    assert (rdd.collect(), rdd.name()) == (["1", "2", "3"], f"{scheme}{tree}/a.txt")


@pytest.mark.parametrize(
    ("path", "text", "whole"),
    [
        ("nope", "Input path does not exist: file:{dir}/nope", True),
        ("nope*", "Input Pattern file:{dir}/nope* matches 0 files", True),
        ("_h", "Input path does not exist: file:{dir}/_h", True),
        ("", "Path: {dir}/sub is a directory, which is not supported by the record reader", False),
    ],
)
def test_errors_come_when_the_rdd_is_used(sc, tree, path, text, whole):
    text = text.replace("{dir}", str(tree))
    rdd = sc.textFile(f"{tree}/{path}")
    with pytest.raises(PySparkException) as raised:
        rdd.collect()
    assert text in str(raised.value)
    assert ("org.apache.hadoop.mapred.InvalidInputException" in str(raised.value)) == whole
    if whole:
        with pytest.raises(PySparkException) as raised:
            sc.wholeTextFiles(f"{tree}/{path}").collect()
        assert f"org.apache.hadoop.mapreduce.lib.input.InvalidInputException: {text}" in str(raised.value)


def test_files_may_come_after_the_rdd(sc, tmp_path):
    rdd = sc.textFile(str(tmp_path / "later"))
    (tmp_path / "later").write_text("here\n")
    assert rdd.collect() == ["here"]


def test_compressed_text(sc, tmp_path):
    lines = [f"{i} ä" for i in range(1000)]
    with gzip.open(tmp_path / "f.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines))
    rdd = sc.textFile(str(tmp_path / "f.gz"), 4)
    assert (rdd.getNumPartitions(), rdd.collect()) == (1, lines)


def test_bzip2_is_split_between_its_blocks(sc, tmp_path):
    source = random.Random(1)
    lines = [f"{i} line {source.randrange(10**9)}" for i in range(200_000)]
    with bz2.open(tmp_path / "f.bz2", "wt") as file:
        file.writelines(line + "\n" for line in lines)
    parts = sc.textFile(str(tmp_path / "f.bz2"), 4).glom()
    assert parts.map(lambda part: (len(part), part[0])).collect() == [
        (86678, lines[0]),
        (41709, lines[86678]),
        (41099, lines[128387]),
        (30514, lines[169486]),
    ]


def test_blocks_of_lines_longer_than_a_read(sc, tmp_path):
    lines = ["x" * 3_000_000, "y", "z" * 1_500_000 + "\u2028\x85\x0b", ""]
    (tmp_path / "f").write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")
    for n_splits in (1, 3):
        assert sc.textFile(str(tmp_path / "f"), n_splits).map(len).collect() == [len(line) for line in lines]


def names(groups):
    return [[key[-2:] for key, _ in group] for group in groups]


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (None, [["f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7"], ["f8", "f9"]]),
        (3, [["f0", "f1", "f2", "f3", "f4", "f5"], ["f6", "f7", "f8"], ["f9"]]),
    ],
)
def test_whole_files_share_partitions(sc, tmp_path, n, expected):
    for i in range(10):
        (tmp_path / f"f{i}").write_text("ö" * (i * 5))
    whole = sc.wholeTextFiles(str(tmp_path), n)
    assert names(whole.glom().collect()) == expected
    assert dict(whole.collect())[f"file:{tmp_path}/f3"] == "ö" * 15
    binary = sc.binaryFiles(str(tmp_path), n)
    assert names(binary.glom().collect()) == [[f"f{i}" for i in range(10)]]
    assert dict(binary.collect())[f"file:{tmp_path}/f3"] == "ö".encode() * 15


def test_whole_files_pass_over_directories_and_hidden_files(sc, tree):
    assert sorted(key.rpartition("/")[2] for key, _ in sc.wholeTextFiles(str(tree)).collect()) == [
        "a.txt",
        "b.txt",
        "c.log",
    ]


def test_binary_records(sc, tmp_path):
    (tmp_path / "f").write_bytes(bytes(range(100)))
    assert sc.binaryRecords(str(tmp_path / "f"), 20).collect() == [bytes(range(i, i + 20)) for i in range(0, 100, 20)]
    with pytest.raises(PySparkException, match="EOFException"):
        sc.binaryRecords(str(tmp_path / "f"), 7).collect()


def test_other_file_systems_are_named(sc):
    with pytest.raises(PySparkException, match="local files only, not hdfs://host/x"):
        sc.textFile("hdfs://host/x").collect()
