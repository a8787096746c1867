"""Rows that the server keeps for the driver: stored RDDs, and what shuffles have sent."""

from __future__ import annotations

import copy
from typing import Any


class KeptRelation:
    """Chunks that the server keeps for as long as this object lives.

    Parameters
    ----------
    context : SparkContext
        Whose session keeps them.
    count : int
        Number of the RDD's partitions.
    """

    def __init__(self, context: Any, count: int) -> None:
        self._context = context
        self.count = count
        self.relation: Any = None
        self._remote: Any = None

    @property
    def is_filling(self) -> bool:
        """Whether the server has not been told what to keep: the plan of that is being made."""
        return self.relation is None

    def keep(self, relation: Any, level: Any) -> None:
        """Let the server keep a relation at a `StorageLevel`; it computes it when it is first read."""
        import pyspark.sql.connect.proto as proto
        from pyspark.sql.connect.conversion import storage_level_to_proto
        from pyspark.sql.connect.plan import CachedRemoteRelation

        command = proto.Command()
        command.checkpoint_command.relation.CopyFrom(relation)
        command.checkpoint_command.local = True
        command.checkpoint_command.eager = False
        command.checkpoint_command.storage_level.CopyFrom(storage_level_to_proto(level))
        answers: Any = short_call_client(self._context).execute_command(command)[1]
        frame = answers["checkpoint_command_result"]
        relation_id = frame._plan._relation_id
        # The client's object drops the relation when it is collected, in the session that is active; ours is told which.
        frame._plan._spark_session = None
        self._remote = CachedRemoteRelation(relation_id, self._context._session)
        kept = proto.Relation()
        kept.cached_remote_relation.relation_id = relation_id
        self.relation = kept

    def release(self) -> None:
        """Let the server drop the chunks; later calls do nothing."""
        self._remote = None


def short_call_client(context: Any) -> Any:
    """Return the session's client, or its like for short calls.

    To reattach to a call that was cut off takes a second call and two threads for each job. That is of no use with an
    engine that is this process's child: the connection ends with it.
    """
    client = context._session.client
    if not context._shares_files or client._closed:
        return client
    known = context.__dict__.get("_rdd_client")
    if known is None or known._channel is not client._channel:
        known = context.__dict__["_rdd_client"] = copy.copy(client)
        known.disable_reattachable_execute()
    return known
