"""A cut stream goes on where it was: ReattachExecute after the last response that was seen."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import grpc
import pytest
from pyspark.sql.connect.proto import base_pb2

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_reattach_after_a_response(spark: SparkSession) -> None:
    client = spark.client
    request = client._execute_plan_request_with_metadata()
    request.plan.CopyFrom(spark.range(200_000)._plan.to_proto(client))
    request.operation_id = str(uuid.uuid4())
    option = request.request_options.add()
    option.reattach_options.reattachable = True
    metadata = client._builder.metadata()

    stream = client._stub.ExecutePlan(request, metadata=metadata)
    seen = [next(stream) for _ in range(2)]
    stream.cancel()

    reattach = base_pb2.ReattachExecuteRequest(
        session_id=client._session_id,
        user_context=request.user_context,
        operation_id=request.operation_id,
        last_response_id=seen[-1].response_id,
    )
    rest = list(client._stub.ReattachExecute(reattach, metadata=metadata))
    assert rest[-1].HasField("result_complete")
    rows = sum(response.arrow_batch.row_count for response in [*seen, *rest] if response.HasField("arrow_batch"))
    assert rows == 200_000
    ids = [response.response_id for response in [*seen, *rest]]
    assert len(ids) == len(set(ids))


def test_unknown_operation(spark: SparkSession) -> None:
    client = spark.client
    request = base_pb2.ReattachExecuteRequest(session_id=client._session_id, operation_id=str(uuid.uuid4()))
    request.user_context.user_id = client._user_id or ""
    with pytest.raises(grpc.RpcError, match=r"INVALID_HANDLE\.OPERATION_NOT_FOUND"):
        list(client._stub.ReattachExecute(request, metadata=client._builder.metadata()))
