"""Files, modules and archives that tasks get; `SparkFiles` on both sides."""

import os
import sys
import tarfile
import zipfile

import pytest
from pyspark import SparkFiles

from firesteel.core.java_exception import Py4JJavaError


def in_task(sc, function):
    return sc.parallelize([0, 1], 2).map(lambda _: function()).collect()


def test_files(sc, tmp_path):
    path = tmp_path / "shipped one.txt"
    path.write_text("100")
    sc.addFile(str(path))
    with pytest.warns(UserWarning, match="has been added already"):
        sc.addFile(str(path))
    assert [uri for uri in sc.listFiles if "shipped one" in uri] == [f"file:{path}"]

    def read():
        found = SparkFiles.get("shipped one.txt")
        assert found.startswith(SparkFiles.getRootDirectory())
        with open(found) as file:
            return int(file.read())

    assert (read(), in_task(sc, read)) == (100, [100, 100])


def test_directories_need_to_be_asked_for(sc, tmp_path):
    inner = tmp_path / "shipped_tree" / "inner"
    inner.mkdir(parents=True)
    (inner / "leaf.txt").write_text("leaf")
    with pytest.raises(Py4JJavaError, match=r"UNSUPPORTED_ADD_FILE\.DIRECTORY"):
        sc.addFile(str(tmp_path / "shipped_tree"))
    sc.addFile(str(tmp_path / "shipped_tree"), recursive=True)

    def read():
        with open(os.path.join(SparkFiles.get("shipped_tree"), "inner", "leaf.txt")) as file:
            return file.read()

    assert in_task(sc, read) == ["leaf", "leaf"]


def test_what_is_not_there_and_what_differs(sc, tmp_path):
    with pytest.raises(Py4JJavaError, match=r"java\.io\.FileNotFoundException: File file:.*none does not exist"):
        sc.addFile(str(tmp_path / "none"))
    with pytest.raises(Py4JJavaError, match=r"java\.nio\.file\.NoSuchFileException: .*none.zip"):
        sc.addArchive(str(tmp_path / "none.zip"))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shipped_same.txt").write_text(name)
    sc.addFile(str(tmp_path / "a" / "shipped_same.txt"))
    with pytest.raises(Exception, match="exists and does not match contents of"):
        sc.addFile(str(tmp_path / "b" / "shipped_same.txt"))


def test_modules_and_packages(sc, tmp_path):
    (tmp_path / "shipped_module.py").write_text("def answer():\n    return 42\n")
    with zipfile.ZipFile(tmp_path / "shipped_package.zip", "w") as archive:
        archive.writestr("shipped_package/__init__.py", "VALUE = 'packed'\n")
    sc.addPyFile(str(tmp_path / "shipped_module.py"))
    sc.addPyFile(str(tmp_path / "shipped_package.zip"))

    def use():
        import shipped_module
        import shipped_package

        return shipped_module.answer(), shipped_package.VALUE

    assert (use(), in_task(sc, use)) == ((42, "packed"), [(42, "packed")] * 2)
    for name in ("shipped_module", "shipped_package"):
        del sys.modules[name]


def test_archives(sc, tmp_path):
    (tmp_path / "text.txt").write_text("7")
    with zipfile.ZipFile(tmp_path / "shipped_a.zip", "w") as archive:
        archive.write(tmp_path / "text.txt", "text.txt")
    with tarfile.open(tmp_path / "shipped_b.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "text.txt", "inner/text.txt")
    sc.addArchive(str(tmp_path / "shipped_a.zip"))
    sc.addArchive(f"{tmp_path / 'shipped_b.tar.gz'}#shipped_alias")

    def read():
        texts = []
        for parts in (("shipped_a.zip", "text.txt"), ("shipped_alias", "inner", "text.txt")):
            with open(os.path.join(SparkFiles.getRootDirectory(), *parts)) as file:
                texts.append(file.read())
        return texts

    assert (read(), in_task(sc, read)) == (["7", "7"], [["7", "7"]] * 2)
    assert sorted(os.path.basename(uri) for uri in sc.listArchives) == [
        "shipped_a.zip",
        "shipped_b.tar.gz#shipped_alias",
    ]


def test_an_archive_of_no_known_kind_stays_a_file(sc, tmp_path):
    (tmp_path / "shipped_plain.bin").write_text("plain")
    sc.addArchive(str(tmp_path / "shipped_plain.bin"))

    def read():
        with open(SparkFiles.get("shipped_plain.bin")) as file:
            return file.read()

    assert (read(), in_task(sc, read)) == ("plain", ["plain", "plain"])
