"""Larger collections of the program's: sent to the server once, as local relations in its cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel.rdd import plans
from firesteel.rdd.lineage import Branch, Node
from firesteel.rdd.partition_keys import partition_keys
from firesteel.rdd.worker import rows
from firesteel.rdd.worker.readers import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firesteel.core.context import SparkContext
    from firesteel.core.jobs import Job

# Below this size the data are part of the plan.
_CACHED_BYTES = 1024 * 1024
# Of one artifact.
_PIECE_BYTES = 16 * 1024 * 1024


class ItemsNode(Node):
    """Partitions whose chunks are a local relation.

    Parameters
    ----------
    context : SparkContext
        Whose server gets them.
    batches : list of pyarrow.RecordBatch
        The chunks (k, p, s, d).
    count : int
        Number of partitions.
    """

    def __init__(self, context: SparkContext, batches: list[Any], count: int) -> None:
        self._context = context
        self._batches = batches
        self._count = count
        self._hashes: list[str] | None = None

    def n_partitions(self) -> int:
        """See `Node`."""
        return self._count

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        relation = plans.exchange(self._relation(), self._count)
        return [Branch(self._count, relation=relation, reader=Reader())]

    def _relation(self) -> Any:
        import pyspark.sql.connect.proto as proto

        relation = proto.Relation()
        if sum(batch.nbytes for batch in self._batches) <= _CACHED_BYTES:
            relation.local_relation.data = _stream(self._batches)
            return relation
        if self._hashes is None:
            self._hashes = self._upload()
        relation.chunked_cached_local_relation.dataHashes.extend(self._hashes)
        return relation

    def _upload(self) -> list[str]:
        pieces: list[list[Any]] = [[]]
        size = 0
        for batch in self._batches:
            if size > _PIECE_BYTES:
                pieces.append([])
                size = 0
            pieces[-1].append(batch)
            size += batch.nbytes
        client = self._context._session.client
        hashes: list[str] = []
        for piece in pieces:
            hashes += client.cache_artifacts([_stream(piece)])
        return hashes


def chunk_source(context: SparkContext, parts: Sequence[Iterable[bytes]]) -> Node:
    """Return a node of given partitions, each some chunks."""
    out = rows.Writer(partition_keys(len(parts)))
    batches: list[Any] = []
    for partition, chunks in enumerate(parts):
        order = partition << 32
        for data in chunks:
            batches += out.add(partition, order, data)
            order += 1
        if order == partition << 32:
            from firesteel.rdd.worker import codec

            batches += out.add(partition, order, codec.encode([]))
    batches += out.finish()
    return ItemsNode(context, batches, len(parts))


def _stream(batches: list[Any]) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data
