"""Calls of the protocol for which the client has no door, or in forms that it does not send."""

from __future__ import annotations

import json
import uuid
import zlib
from typing import TYPE_CHECKING, Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from pyspark.sql.connect.proto import base_pb2, relations_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyspark.sql import DataFrame, SparkSession


class Failure:
    """What a status says of an error: its condition, SQLSTATE, parameters and text."""

    def __init__(self, error: grpc.RpcError) -> None:
        status = rpc_status.from_call(error)
        self.code = error.code()
        self.text = error.details()
        self.condition = self.state = ""
        self.parameters: dict[str, str] = {}
        for detail in status.details if status else []:
            info = error_details_pb2.ErrorInfo()
            if detail.Unpack(info):
                self.condition = info.metadata.get("errorClass", "")
                self.state = info.metadata.get("sqlState", "")
                self.parameters = json.loads(info.metadata.get("messageParameters", "{}"))

    def __repr__(self) -> str:
        return f"Failure({self.condition!r}, {self.text!r})"


def failure(call: Callable[[], Any]) -> Failure:
    """Return the error that a call ends with."""
    try:
        answer = call()
    except grpc.RpcError as error:
        return Failure(error)
    raise AssertionError(f"no error but {str(answer)[:1000]}")


def failure_if_any(call: Callable[[], Any]) -> Failure | None:
    """Return the error that a call ends with, or nothing if it answers."""
    try:
        call()
    except grpc.RpcError as error:
        return Failure(error)
    return None


class RawCalls:
    """Calls in one session, over the channel of a client."""

    def __init__(self, spark: SparkSession, session_id: str | None = None) -> None:
        self.client: Any = spark.client
        self.session_id = session_id or self.client._session_id

    def message(self, kind: Any, **fields: Any) -> Any:
        """Make a request of this session."""
        request = kind(session_id=self.session_id, **fields)
        request.user_context.user_id = self.client._user_id or ""
        return request

    def call(self, name: str, request: Any) -> Any:
        """Make a call; a stream comes back as an iterator."""
        return getattr(self.client._stub, name)(request, metadata=self.client._builder.metadata())

    # Operations

    def plan(self, frame: DataFrame) -> Any:
        """Return the plan of a DataFrame as the client would send it."""
        return frame._plan.to_proto(self.client)

    def execute_request(
        self,
        plan: Any,
        *,
        operation_id: str | None = None,
        reattachable: bool = True,
        tags: Iterable[str] = (),
        chunk_bytes: int | None = None,
    ) -> Any:
        """Make the request of a query."""
        request = self.message(base_pb2.ExecutePlanRequest, tags=tags, plan=plan)
        request.operation_id = operation_id or str(uuid.uuid4())
        request.request_options.add().reattach_options.reattachable = reattachable
        if chunk_bytes is not None:
            options = request.request_options.add().result_chunking_options
            options.allow_arrow_batch_chunking = True
            options.preferred_arrow_chunk_size = chunk_bytes
        return request

    def execute(self, plan: Any, **options: Any) -> Iterator[Any]:
        """Run a plan."""
        return self.call("ExecutePlan", self.execute_request(plan, **options))

    def count(self, relation: relations_pb2.Relation) -> int:
        """Run a relation and return how many rows came."""
        answers = self.execute(base_pb2.Plan(root=relation))
        return sum(answer.arrow_batch.row_count for answer in answers)

    def reattach(self, operation_id: str, last_response_id: str | None = None) -> Iterator[Any]:
        """Take up a stream again."""
        request = self.message(base_pb2.ReattachExecuteRequest, operation_id=operation_id)
        if last_response_id:
            request.last_response_id = last_response_id
        return self.call("ReattachExecute", request)

    def release(self, operation_id: str, until: str | None = None) -> Any:
        """Release all answers, or those up to one."""
        request = self.message(base_pb2.ReleaseExecuteRequest, operation_id=operation_id)
        if until:
            request.release_until.response_id = until
        else:
            request.release_all.SetInParent()
        return self.call("ReleaseExecute", request)

    def state(self, operation_id: str) -> str:
        """Return the state of an operation, without its prefix."""
        request = self.message(base_pb2.GetStatusRequest)
        request.operation_status.operation_ids.append(operation_id)
        (status,) = self.call("GetStatus", request).operation_statuses
        name: str = type(status).OperationState.Name(status.state)
        return name.removeprefix("OPERATION_STATE_")

    # Sessions

    def conf(self, key: str, observed: str | None = None) -> Any:
        """Read a configuration key."""
        request = self.message(base_pb2.ConfigRequest, client_observed_server_side_session_id=observed)
        request.operation.get.keys.append(key)
        return self.call("Config", request)

    def clone(self, new_session_id: str | None = None) -> Any:
        """Clone the session."""
        return self.call("CloneSession", self.message(base_pb2.CloneSessionRequest, new_session_id=new_session_id))

    def release_session(self, *, allow_reconnect: bool = False) -> Any:
        """End the session."""
        return self.call(
            "ReleaseSession", self.message(base_pb2.ReleaseSessionRequest, allow_reconnect=allow_reconnect)
        )

    # Artifacts

    def add_artifacts(self, *payloads: Any) -> dict[str, bool]:
        """Upload; return whether each artifact's checksum was right."""
        requests = (self.message(base_pb2.AddArtifactsRequest, **payload) for payload in payloads)
        answer = self.call("AddArtifacts", requests)
        return {artifact.name: artifact.is_crc_successful for artifact in answer.artifacts}

    def has_artifacts(self, *names: str) -> dict[str, bool]:
        """Ask which blobs are there."""
        answer = self.call("ArtifactStatus", self.message(base_pb2.ArtifactStatusesRequest, names=names))
        return {name: status.exists for name, status in answer.statuses.items()}


def batch(artifacts: dict[str, bytes], *, damaged: Iterable[str] = ()) -> dict[str, Any]:
    """Several whole artifacts, some with a wrong checksum."""
    single = base_pb2.AddArtifactsRequest.SingleChunkArtifact
    return {
        "batch": base_pb2.AddArtifactsRequest.Batch(
            artifacts=[single(name=name, data=piece(data, damaged=name in damaged)) for name, data in artifacts.items()]
        )
    }


def begin(name: str, data: bytes, *, n_chunks: int, n_bytes: int) -> dict[str, Any]:
    """First piece of an artifact."""
    return {
        "begin_chunk": base_pb2.AddArtifactsRequest.BeginChunkedArtifact(
            name=name, total_bytes=n_bytes, num_chunks=n_chunks, initial_chunk=piece(data)
        )
    }


def more(data: bytes, *, damaged: bool = False) -> dict[str, Any]:
    """Further piece of an artifact."""
    return {"chunk": piece(data, damaged=damaged)}


def piece(data: bytes, *, damaged: bool = False) -> Any:
    """Bytes with their CRC-32."""
    return base_pb2.AddArtifactsRequest.ArtifactChunk(data=data, crc=zlib.crc32(data) ^ damaged)
