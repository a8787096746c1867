"""A thread's local properties and its job group travel with its queries.

The job group as a tag, by which any server can interrupt; the properties as an extension of the request's user
context, which Firesteel's engine hands to the task contexts of Python functions. A program that sets none of these
runs PySpark's own code.
"""

from __future__ import annotations

from typing import Any

_is_patched = False


def send_local_properties() -> None:
    """Patch the client's execute requests; a second call does nothing."""
    global _is_patched
    if _is_patched:
        return
    _is_patched = True
    from pyspark.sql.connect.client import SparkConnectClient

    from firesteel._connect import EngineChannelBuilder
    from firesteel.core.job_control import local_properties, tag_of_group

    changed: Any = SparkConnectClient
    official = changed._execute_plan_request_with_metadata

    def request_with_properties(self: Any, *args: Any, **options: Any) -> Any:
        request = official(self, *args, **options)
        properties = local_properties(self)
        if properties:
            group = properties.get("spark.jobGroup.id")
            if group is not None:
                request.tags.append(tag_of_group(group))
            if isinstance(self._builder, EngineChannelBuilder):
                request.user_context.extensions.append(_as_message(properties))
        return request

    changed._execute_plan_request_with_metadata = request_with_properties


def _as_message(properties: dict[str, str]) -> Any:
    from google.protobuf.any_pb2 import Any as AnyMessage
    from google.protobuf.struct_pb2 import Struct

    values = Struct()
    values.update(properties)
    message = AnyMessage()
    message.Pack(values)
    return message
