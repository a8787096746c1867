"""A thread's local properties and its job group travel with its queries.

The job group as a tag, by which any server can interrupt. The properties, for the task contexts of Python functions
in frames, as configuration of the engine's session, sent when they have changed; those of RDDs travel with their tasks
(`core.task.Stage`). A program that sets none of these runs PySpark's own code.
"""

from __future__ import annotations

from typing import Any

# The engine hands what is under this prefix to task contexts.
_PREFIX = "firesteel.localProperty."
_is_patched = False
# By session: clients are copied.
_told: dict[str, dict[str, str]] = {}


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
        properties = local_properties(self)
        if isinstance(self._builder, EngineChannelBuilder):
            _tell_engine(self, properties or {})
        request = official(self, *args, **options)
        group = properties.get("spark.jobGroup.id") if properties else None
        if group is not None:
            request.tags.append(tag_of_group(group))
        return request

    changed._execute_plan_request_with_metadata = request_with_properties


def _tell_engine(client: Any, properties: dict[str, str]) -> None:
    """Set the properties on the engine's session, unless it has these."""
    known = _told.get(client._session_id, {})
    if known == properties:
        return
    import pyspark.sql.connect.proto as proto

    gone = [_PREFIX + key for key in known if key not in properties]
    if gone:
        client.config(proto.ConfigRequest.Operation(unset=proto.ConfigRequest.Unset(keys=gone)))
    pairs = [proto.KeyValue(key=_PREFIX + key, value=value) for key, value in properties.items()]
    if pairs:
        client.config(proto.ConfigRequest.Operation(set=proto.ConfigRequest.Set(pairs=pairs)))
    _told[client._session_id] = properties
