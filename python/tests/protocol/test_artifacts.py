"""Uploads: whole and in pieces, checked, kept by session; files to copy; local data by hash."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import grpc
import pyarrow as pa
import pytest
from pyspark.sql.connect.proto import base_pb2, relations_pb2

from raw_calls import RawCalls, batch, begin, failure, more

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


@pytest.fixture
def calls(spark: SparkSession) -> RawCalls:
    """Calls in a new session, closed by no one: artifacts cannot be overwritten."""
    return RawCalls(spark, RawCalls(spark).clone().new_session_id)


def test_every_kind_of_name(calls: RawCalls) -> None:
    names = ["pyfiles/a.py", "files/b.txt", "archives/c.zip#d", "jars/e.jar", "cache/f", "other/g"]
    assert calls.add_artifacts(batch({name: name.encode() for name in names})) == dict.fromkeys(names, True)
    # As in Spark, only blobs are told of.
    assert calls.has_artifacts(*names, "cache/none") == {name: name == "cache/f" for name in [*names, "cache/none"]}


def test_pieces(calls: RawCalls) -> None:
    assert calls.add_artifacts(begin("cache/p", b"ab", n_chunks=3, n_bytes=5), more(b"cd"), more(b"e")) == {
        "cache/p": True
    }
    assert calls.has_artifacts("cache/p") == {"cache/p": True}


def test_damaged_artifacts_are_told_and_not_kept(calls: RawCalls) -> None:
    answer = calls.add_artifacts(
        batch({"cache/bad": b"1", "cache/good": b"2"}, damaged=["cache/bad"]),
        begin("cache/worse", b"ab", n_chunks=2, n_bytes=4),
        more(b"cd", damaged=True),
    )
    assert answer == {"cache/bad": False, "cache/good": True, "cache/worse": False}
    kept = calls.has_artifacts("cache/bad", "cache/good", "cache/worse")
    assert kept == {"cache/bad": False, "cache/good": True, "cache/worse": False}


@pytest.mark.parametrize(
    "payloads",
    [
        [more(b"ab")],
        [begin("cache/x", b"ab", n_chunks=2, n_bytes=4)],
        [begin("cache/x", b"ab", n_chunks=2, n_bytes=3), more(b"cd")],
        [begin("cache/x", b"ab", n_chunks=2, n_bytes=9), more(b"cd")],
        [begin("cache/x", b"", n_chunks=0, n_bytes=0)],
        [
            begin("cache/x", b"ab", n_chunks=2, n_bytes=4),
            batch({"cache/y": b""}),
            begin("cache/z", b"", n_chunks=1, n_bytes=0),
        ],
        [],
    ],
    ids=["no beginning", "no end", "too long", "too short", "no pieces", "begun twice", "nothing"],
)
def test_uploads_that_do_not_add_up(calls: RawCalls, payloads: list[dict[str, object]]) -> None:
    with pytest.raises(grpc.RpcError):
        calls.add_artifacts(*payloads)
    assert not any(calls.has_artifacts("cache/x", "cache/y", "cache/z").values())


@pytest.mark.parametrize("name", ["files/../../x", "/etc/x", "", "..", "files//x"])
def test_names_that_lead_elsewhere(calls: RawCalls, name: str) -> None:
    refused = failure(lambda: calls.add_artifacts(batch({name: b"x"})))
    assert (refused.condition, refused.state) == ("INVALID_ARTIFACT_PATH", "22023")


def test_files_cannot_be_overwritten(calls: RawCalls) -> None:
    calls.add_artifacts(batch({"files/a": b"1", "cache/a": b"1"}))
    calls.add_artifacts(batch({"files/a": b"1", "cache/a": b"2"}))
    refused = failure(lambda: calls.add_artifacts(batch({"files/a": b"2"})))
    assert (refused.condition, refused.state) == ("ARTIFACT_ALREADY_EXISTS", "42713")


def test_files_of_the_real_client(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("x = 1", encoding="utf-8")
    (tmp_path / "large.txt").write_bytes(b"0123456789" * 20_000)
    session = spark.cloneSession()
    session.addArtifacts(str(tmp_path / "module.py"), pyfile=True)
    session.addArtifacts(str(tmp_path / "large.txt"), file=True)
    copy = str(tmp_path / "new" / "copy.txt")
    refused = failure(lambda: session.copyFromLocalToFs(str(tmp_path / "large.txt"), copy))
    assert refused.condition == "_LEGACY_ERROR_TEMP_3161"
    session.conf.set("spark.sql.artifact.copyFromLocalToFs.allowDestLocal", "true")
    session.copyFromLocalToFs(str(tmp_path / "large.txt"), copy)
    assert (tmp_path / "new" / "copy.txt").read_bytes() == (tmp_path / "large.txt").read_bytes()
    session.client.close()


def test_clones_share_uploads(calls: RawCalls, spark: SparkSession) -> None:
    calls.add_artifacts(batch({"cache/a": b"1"}))
    clone = RawCalls(spark, calls.clone().new_session_id)
    calls.release_session()
    assert clone.has_artifacts("cache/a") == {"cache/a": True}


def local_data() -> bytes:
    """Rows as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    table = pa.table({"a": [1, 2, 3], "b": ["x", None, "z"]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def relation(**fields: object) -> relations_pb2.Relation:
    return relations_pb2.Relation(**fields)


def test_local_data_by_hash(calls: RawCalls) -> None:
    data = local_data()
    whole = relations_pb2.LocalRelation(data=data, schema="a bigint, b string").SerializeToString()
    blobs = {"data": data, "schema": b"a bigint, b string", "whole": whole}
    hashes = {name: hashlib.sha256(blob).hexdigest() for name, blob in blobs.items()}
    calls.add_artifacts(batch({f"cache/{hashes[name]}": blob for name, blob in blobs.items()}))
    chunked = relations_pb2.ChunkedCachedLocalRelation
    for node in [
        relation(cached_local_relation=relations_pb2.CachedLocalRelation(hash=hashes["whole"])),
        relation(chunked_cached_local_relation=chunked(dataHashes=[hashes["data"]])),
        relation(chunked_cached_local_relation=chunked(dataHashes=[hashes["data"]], schemaHash=hashes["schema"])),
    ]:
        answers = calls.execute(base_pb2.Plan(root=node))
        tables = [
            pa.ipc.open_stream(answer.arrow_batch.data).read_all()
            for answer in answers
            if answer.HasField("arrow_batch")
        ]
        assert pa.concat_tables(tables).to_pylist() == pa.ipc.open_stream(data).read_all().to_pylist()
    twice = chunked(dataHashes=[hashes["data"]] * 2, schemaHash=hashes["schema"])
    assert calls.count(relation(chunked_cached_local_relation=twice)) == 6


def test_local_data_that_is_not_there(calls: RawCalls) -> None:
    chunked = relations_pb2.ChunkedCachedLocalRelation
    for node, condition in [
        (
            relation(cached_local_relation=relations_pb2.CachedLocalRelation(hash="00")),
            "CANNOT_FIND_CACHED_LOCAL_RELATION",
        ),
        (relation(chunked_cached_local_relation=chunked(dataHashes=["00"])), "NOT_FOUND_CHUNKED_CACHED_LOCAL_RELATION"),
        (relation(chunked_cached_local_relation=chunked()), "CHUNKED_CACHED_LOCAL_RELATION_WITHOUT_DATA"),
    ]:
        refused = failure(lambda node=node: calls.count(node))
        assert refused.condition == f"CONNECT_INVALID_PLAN.{condition}"
    calls.add_artifacts(batch({"cache/11": b"no Arrow here"}))
    for node in [
        relation(cached_local_relation=relations_pb2.CachedLocalRelation(hash="11")),
        relation(chunked_cached_local_relation=chunked(dataHashes=["11"])),
        relation(chunked_cached_local_relation=chunked(dataHashes=["11"], schemaHash="11")),
    ]:
        with pytest.raises(grpc.RpcError):
            calls.count(node)
