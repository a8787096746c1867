"""Results in pieces, plans compressed, messages compressed, data larger than messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pandas as pd
import pyarrow as pa
import pytest
import zstandard
from pyspark.sql import functions as F
from pyspark.sql.connect.proto import base_pb2

from raw_calls import RawCalls, failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

MEBIBYTE = 1 << 20


def batches(answers: Iterator[Any]) -> list[Any]:
    return [answer.arrow_batch for answer in answers if answer.HasField("arrow_batch")]


def test_a_wide_row_comes_in_pieces(spark: SparkSession) -> None:
    calls = RawCalls(spark)
    plan = calls.plan(spark.sql("SELECT repeat('x', 100000) AS x"))
    (whole,) = batches(calls.execute(plan))
    assert not whole.HasField("num_chunks_in_batch")
    pieces = batches(calls.execute(plan, chunk_bytes=4096))
    assert [piece.chunk_index for piece in pieces] == list(range(len(pieces)))
    assert {piece.num_chunks_in_batch for piece in pieces} == {len(pieces)}
    assert all(len(piece.data) <= 4096 for piece in pieces)
    assert {piece.row_count for piece in pieces} == {1}
    assert b"".join(piece.data for piece in pieces) == whole.data


@pytest.mark.parametrize("chunk_bytes", [-1, 0, 1023, 10**12])
def test_sizes_that_make_no_sense_are_ignored(spark: SparkSession, chunk_bytes: int) -> None:
    calls = RawCalls(spark)
    plan = calls.plan(spark.sql("SELECT repeat('x', 100000) AS x"))
    assert len(batches(calls.execute(plan, chunk_bytes=chunk_bytes))) == 1


def test_real_client_puts_pieces_together(spark: SparkSession) -> None:
    client: Any = spark.client
    client._preferred_arrow_chunk_size = 1024
    try:
        rows = spark.range(0, 3000, 1, 3).select("id", F.lpad(F.col("id"), 50, "0").alias("text")).collect()
    finally:
        client._preferred_arrow_chunk_size = None
    assert [(row.id, row.text) for row in rows] == [(n, f"{n:050}") for n in range(3000)]


def test_a_row_beyond_the_largest_message(spark: SparkSession) -> None:
    """A single value of 130 MiB: more than gRPC's limit in the client, which takes it in pieces."""
    length = 130 * MEBIBYTE
    (row,) = spark.range(1).select(F.repeat(F.lit("x" * 1024), length // 1024).alias("x")).collect()
    assert len(row.x) == length


def packed(data: bytes, codec: str = "ZSTD", kind: str = "RELATION") -> base_pb2.Plan:
    plan = base_pb2.Plan()
    plan.compressed_operation.data = data
    plan.compressed_operation.compression_codec = base_pb2.CompressionCodec.Value(f"COMPRESSION_CODEC_{codec}")
    kinds = base_pb2.Plan.CompressedOperation.OpType
    plan.compressed_operation.op_type = kinds.Value(f"OP_TYPE_{kind}")
    return plan


def test_compressed_plans(spark: SparkSession) -> None:
    calls = RawCalls(spark)
    relation = calls.plan(spark.range(3)).root.SerializeToString()
    answers = batches(calls.execute(packed(zstandard.compress(relation))))
    assert [batch.row_count for batch in answers] == [3]
    for plan in [
        packed(b"garbage"),
        packed(zstandard.compress(b"\xff\xff\xff")),
        packed(zstandard.compress(relation * 1000)[:-5]),
        packed(zstandard.compress(relation), kind="UNSPECIFIED"),
    ]:
        refused = failure(lambda plan=plan: list(calls.execute(plan)))
        # The client looks for this condition: it then stops compressing.
        assert refused.condition == "CONNECT_INVALID_PLAN.CANNOT_PARSE"
    refused = failure(lambda: list(calls.execute(packed(zstandard.compress(relation), codec="UNSPECIFIED"))))
    assert refused.condition == "CONNECT_INVALID_PLAN.INVALID_ENUM"


def test_a_few_bytes_that_unpack_to_gigabytes(spark: SparkSession) -> None:
    calls = RawCalls(spark)
    compressor = zstandard.ZstdCompressor().compressobj()
    zeros = bytes(16 * MEBIBYTE)
    data = b"".join(compressor.compress(zeros) for _ in range(128)) + compressor.flush()
    refused = failure(lambda: list(calls.execute(packed(data))))
    assert refused.condition == "CONNECT_INVALID_PLAN.PLAN_SIZE_LARGER_THAN_MAX"


def test_real_client_compresses(spark: SparkSession) -> None:
    session = spark.cloneSession()
    session.conf.set("spark.connect.session.planCompression.threshold", "1000")
    sent: list[Any] = []
    stub = session.client._stub

    class Spy:
        def __getattr__(self, name: str) -> Any:
            call = getattr(stub, name)

            def spied(request: Any, **options: Any) -> Any:
                sent.append(request)
                return call(request, **options)

            return spied

    session.client._stub = Spy()  # type: ignore[assignment]
    text = "äöü" * 1000
    assert session.range(1).select(F.lit(text).alias("x")).collect()[0].x == text
    session.sql(f"SELECT '{text}' AS x").createOrReplaceTempView("compressed")
    assert session.table("compressed").collect()[0].x == text
    kinds = [request.plan.WhichOneof("op_type") for request in sent if isinstance(request, base_pb2.ExecutePlanRequest)]
    assert "compressed_operation" in kinds
    session.client.release_session()
    session.client.close()


def test_gzip(spark: SparkSession) -> None:
    calls = RawCalls(spark)
    request = calls.execute_request(calls.plan(spark.range(3)))
    metadata = calls.client._builder.metadata()
    answers = calls.client._stub.ExecutePlan(request, metadata=metadata, compression=grpc.Compression.Gzip)
    assert [batch.row_count for batch in batches(answers)] == [3]


@pytest.mark.parametrize("mebibytes", [2, 200])
def test_local_data_of_any_size(spark: SparkSession, mebibytes: int) -> None:
    n_rows = mebibytes * 1024
    frame = spark.createDataFrame(pd.DataFrame({"id": range(n_rows), "text": ["x" * 1016] * n_rows}))
    assert frame.agg(F.count("*"), F.sum("id"), F.sum(F.length("text"))).first() == (
        n_rows,
        n_rows * (n_rows - 1) // 2,
        n_rows * 1016,
    )


def test_results_of_any_size(spark: SparkSession) -> None:
    table: pa.Table = spark.range(0, 200_000, 1, 4).select("id", F.repeat(F.lit("x"), 1000).alias("x")).toArrow()
    assert table.num_rows == 200_000
    assert table.nbytes > 200_000_000
    assert table["id"].to_pylist() == list(range(200_000))


def test_a_slow_client_holds_the_query_up(spark: SparkSession) -> None:
    """The engine waits for its reader rather than keeping a result of terabytes."""
    calls = RawCalls(spark)
    stream = calls.execute(calls.plan(spark.range(0, 10**15, 1, 2)))
    next(stream)
    next(stream)
    stream.cancel()
    spark.interruptAll()
    assert spark.range(2).count() == 2
