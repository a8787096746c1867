"""Pregel: rounds of messages."""

from __future__ import annotations

import pyspark.sql.functions as F
import pytest
from graphframes import GraphFrame
from graphframes.lib import Pregel
from pyspark import StorageLevel
from pyspark.errors import IllegalArgumentException

import graphs
from graphs import by_id, of_edges


def ranks(spark, pregel):
    edges = [(0, 1), (1, 2), (2, 4), (2, 0), (3, 4), (4, 0), (4, 2)]
    graph = of_edges(spark, edges)
    graph = GraphFrame(graph.outDegrees, graph.edges)
    reset = 0.15
    return (
        pregel(graph)
        .setMaxIter(5)
        .withVertexColumn(
            "rank", F.lit(1.0 / 5), F.coalesce(Pregel.msg(), F.lit(0.0)) * F.lit(1.0 - reset) + F.lit(reset / 5)
        )
        .sendMsgToDst(Pregel.src("rank") / Pregel.src("outDegree"))
        .aggMsgs(F.sum(Pregel.msg()))
    )


@pytest.mark.parametrize("builder", [lambda graph: graph.pregel, Pregel])
def test_page_rank(spark, builder):
    found = ranks(spark, builder).run()
    assert found.columns == ["id", "outDegree", "_pregel_is_active", "rank"]
    expected = {0: 0.245, 1: 0.224, 2: 0.303, 3: 0.03, 4: 0.197}
    assert by_id(found, "rank") == pytest.approx(expected, abs=1e-3)


def test_two_actions_see_one_result(spark):
    found = ranks(spark, Pregel).withVertexColumn("rank", F.rand(), F.col("rank") + F.rand()).run()
    assert by_id(found, "rank") == by_id(found, "rank")


def chain(spark):
    """Distances from 0 along a chain."""
    graph = of_edges(spark, [(i, i + 1) for i in range(6)])
    start = F.when(F.col("id") == 0, F.lit(0))
    return (
        graph.pregel.withVertexColumn("d", start, F.coalesce("d", Pregel.msg()))
        .sendMsgToDst(Pregel.src("d") + 1)
        .aggMsgs(F.min(Pregel.msg()))
    )


def test_rounds_end(spark):
    assert by_id(chain(spark).setMaxIter(3).run(), "d") == {0: 0, 1: 1, 2: 2, 3: 3, 4: None, 5: None, 6: None}
    everybody = {i: i for i in range(7)}
    assert by_id(chain(spark).setMaxIter(50).setEarlyStopping(True).run().where("d < 9"), "d") == everybody


def test_active_vertices(spark):
    active = (
        chain(spark)
        .setMaxIter(100)
        .setInitialActiveVertexExpression(F.col("id") == 0)
        .setUpdateActiveVertexExpression(Pregel.msg().isNotNull() & F.col("d").isNull())
        .setStopIfAllNonActiveVertices(True)
        .setSkipMessagesFromNonActiveVertices(True)
        .run()
    )
    assert by_id(active, "d") == {i: i for i in range(7)}
    assert not any(by_id(active, "_pregel_is_active").values())


def test_messages_to_both_ends_read_edges(spark):
    graph = graphs.local(spark)
    found = (
        graph.pregel.setMaxIter(1)
        .withVertexColumn("words", F.array().cast("array<string>"), Pregel.msg())
        .sendMsgToDst(F.concat(F.lit("from "), Pregel.src("name"), F.lit(": "), Pregel.edge("action")))
        .sendMsgToSrc(F.when(Pregel.dst("name") == "C", "lost"))
        .aggMsgs(F.sort_array(F.collect_list(Pregel.msg())))
        .required_src_columns("name")
        .required_dst_columns("name")
        .required_edge_columns("action")
        .setCheckpointInterval(0)
        .setUseLocalCheckpoints(True)
        .setIntermediateStorageLevel(StorageLevel.MEMORY_ONLY)
        .run()
    )
    assert by_id(found, "words") == {1: ["from B: hate"], 2: ["from A: love", "lost"], 3: ["from B: follow"]}


def test_pregel_refuses(spark):
    with pytest.raises(IllegalArgumentException, match="iteration"):
        chain(spark).setMaxIter(0).run().collect()
    with pytest.raises(IllegalArgumentException, match="reserved"):
        chain(spark).withVertexColumn("id", F.lit(0), Pregel.msg()).run().collect()
    nothing = of_edges(spark, [(0, 1)]).pregel.withVertexColumn("x", F.lit(0), F.lit(1)).aggMsgs(F.sum(Pregel.msg()))
    with pytest.raises(IllegalArgumentException, match="message"):
        nothing.run().collect()
