"""Cycles, independent sets, communities with common neighbours, sketches, clusters, factors, embeddings."""

from __future__ import annotations

import pyspark.sql.functions as F
import pytest
from graphframes import GraphFrame
from graphframes.graphframe import RandomWalkEmbeddings
from pyspark.errors import IllegalArgumentException, PySparkException
from pyspark.ml.clustering import PowerIterationClustering

import graphs
from graphs import by_id, groups, of_edges, rows


def test_cycles(spark):
    found = of_edges(spark, [(1, 2), (2, 3), (3, 1), (1, 4), (2, 5)]).detectingCycles()
    assert [field.simpleString() for field in found.schema] == ["found_cycles:array<bigint>"]
    assert rows(found) == [[1, 2, 3, 1]]
    found = of_edges(spark, [(1, 2), (2, 1), (1, 3), (3, 1), (2, 5), (5, 1)]).detectingCycles()
    assert rows(found) == [[1, 2, 1], [1, 2, 5, 1], [1, 3, 1]]
    assert rows(graphs.friends(spark).detectingCycles()) == [["a", "e", "d", "a"], ["b", "c", "b"]]
    assert of_edges(spark, [(0, 1), (1, 2)]).detectingCycles().count() == 0


def test_maximal_independent_set(spark):
    alone = of_edges(spark, [(0, 1)], n=4).maximal_independent_set()
    assert alone.columns == ["id"]
    assert alone.count() == 3
    assert {2, 3} <= set(rows(alone))
    complete = of_edges(spark, [(i, j) for i in range(5) for j in range(i)])
    assert complete.maximal_independent_set(seed=1).count() == 1
    edges = [(i, (i * 7 + 3) % 40) for i in range(40)] + [(i, i + 1) for i in range(39)]
    found = of_edges(spark, edges).maximal_independent_set(seed=5)
    members = set(rows(found))
    assert members == set(rows(found))
    assert not [edge for edge in edges if set(edge) <= members and edge[0] != edge[1]]
    covered = members | {end for edge in edges if members & set(edge) for end in edge}
    assert covered == set(range(40))


def test_communities_with_common_neighbours(spark):
    circle = of_edges(spark, [(1, 2), (2, 3), (3, 1)]).neighborhood_aware_cdlp(max_iter=1)
    assert by_id(circle, "label") == {1: 3, 2: 1, 3: 2}
    edges = [(1, 4), (2, 4), (3, 4), (4, 7), (4, 8), (1, 7), (1, 8)]
    labels = {1: "A", 2: "B", 3: "B", 4: "X", 7: "Y", 8: "Z"}
    graph = GraphFrame(
        spark.createDataFrame(list(labels.items()), "id bigint, first string"),
        spark.createDataFrame(edges, "src bigint, dst bigint"),
    )

    def label(**more):
        found = graph.neighborhood_aware_cdlp(max_iter=1, initial_label_col="first", **more)
        assert found.columns[0] == "id"
        assert "first" not in found.columns
        return by_id(found, "label")[4]

    assert label(structural_similarity_multiplier=0.1) == "B"
    assert label(structural_similarity_multiplier=1.0) == "A"
    assert label(structural_similarity_multiplier=0.25, ignore_direct_links=True) == "A"
    assert label(structural_similarity_multiplier=0.25) == "B"
    for faults in (
        {"structural_similarity_multiplier": -1.0},
        {"structural_similarity_multiplier": 0.0, "ignore_direct_links": True},
    ):
        with pytest.raises((ValueError, IllegalArgumentException)):
            graph.neighborhood_aware_cdlp(max_iter=1, **faults).collect()


def test_sketches_of_neighbourhoods(spark):
    graph = of_edges(spark, [(1, 2), (1, 3), (2, 4), (3, 4), (4, 5), (5, 1)])
    found = graph.hyper_anf(n_hops=3)
    assert found.columns == ["id", "hop_0", "hop_1", "hop_2", "hop_3"]
    estimates = found.select("id", *(F.hll_sketch_estimate(f"hop_{hop}") for hop in range(1, 4)))
    assert rows(estimates) == [(1, 2, 1, 1), (2, 1, 1, 1), (3, 1, 1, 1), (4, 1, 1, 2), (5, 1, 2, 1)]
    few = graph.hyper_anf(n_hops=2, edge_filter="src in (1, 3, 42)")
    assert rows(few, "id") == [1, 3]
    assert graphs.friends(spark).hyper_anf(n_hops=1, lg_nom_entries=8).count() == 6
    for faults in ({"n_hops": 0}, {"lg_nom_entries": 30}):
        with pytest.raises((ValueError, IllegalArgumentException)):
            graph.hyper_anf(**faults).collect()


def test_power_iteration_clustering(spark):
    weights = [0.5, 0.7, 0.9, 1.1, 1.3]
    edges = [(i, j, weights[j]) for i in range(6) for j in range(i)]
    graph = GraphFrame(spark.range(6), spark.createDataFrame(edges, "src bigint, dst bigint, weight double"))
    found = graph.powerIterationClustering(k=2, maxIter=40, weightCol="weight")
    assert [field.simpleString() for field in found.schema] == ["id:bigint", "cluster:int"]
    # GraphFrames hands the edges to Spark's own class.
    plain = PowerIterationClustering(k=2, maxIter=40, weightCol="weight").assignClusters(graph.edges)
    assert rows(found) == rows(plain, "id", "cluster")
    assert sorted(map(len, groups(found, "cluster"))) == [1, 5]
    strings = GraphFrame(
        graph.vertices.selectExpr("concat('v', id) as id"),
        graph.edges.selectExpr("concat('v', src) as src", "concat('v', dst) as dst", "weight"),
    ).powerIterationClustering(k=2, maxIter=40, weightCol="weight")
    assert sorted(map(len, groups(strings, "cluster"))) == [1, 5]
    assert strings.schema["id"].dataType.simpleString() == "string"
    with pytest.raises(IllegalArgumentException):
        graph.powerIterationClustering(k=1, maxIter=4).collect()


def test_factors_of_ratings(spark):
    ratings = [
        (user, item, 5.0 if (user // 2 + item // 2) % 2 else 1.0) for user in (2, 4, 6, 8) for item in (1, 3, 5, 7)
    ]
    graph = GraphFrame(
        spark.createDataFrame([(i,) for i in range(1, 10)], "id bigint"),
        spark.createDataFrame(ratings, "src bigint, dst bigint, weight double"),
    )
    found, loss = graph.svdPlusPlus(maxIter=2)
    assert found.columns == ["id", "column1", "column2", "column3", "column4"]
    assert rows(found, "id") == list(range(1, 9))
    assert {len(row) for row in rows(found, "column1")} == {10}
    assert isinstance(loss, float)
    assert found.where("id % 2 = 1").agg(F.sum("column4")).first()[0] / 16 <= 8.0
    assert set(rows(found.where("id % 2 = 0"), "column4")) == {0.5}
    with pytest.raises(PySparkException, match="weight"):
        of_edges(spark, [(0, 1)]).svdPlusPlus()[0].collect()


def embeddings(graph, tmp_path, **walks):
    made = RandomWalkEmbeddings(graph)
    made.set_rw_model(str(tmp_path / "walks"), num_walks_per_node=4, num_batches=2, walks_per_batch=6, **walks)
    return made


def test_embeddings_by_hashing(spark, tmp_path):
    graph = graphs.friends(spark)
    made = embeddings(graph, tmp_path)
    made.set_hash2vec(embeddings_dim=32)
    made.unset_neighbors_aggregation()
    found = made.run()
    assert found.columns == ["id", "embedding"]
    vectors = by_id(found, "embedding")
    assert sorted(vectors) == list("abcdef")
    assert {vector.size for vector in vectors.values()} == {33}
    for vector in vectors.values():
        assert vector.toArray()[:32] @ vector.toArray()[:32] == pytest.approx(1.0, abs=1e-3)
    assert by_id(found, "embedding") == vectors
    made.set_neighbors_aggregation(2, 1)
    made.set_clean_up_after_run()
    assert {vector.size for vector in by_id(made.run(), "embedding").values()} == {66}


def test_embeddings_by_word2vec(spark, tmp_path):
    made = embeddings(graphs.friends(spark), tmp_path)
    made.set_word2vec(embeddings_dim=7, min_count=1, max_iter=2)
    made.unset_neighbors_aggregation()
    vectors = by_id(made.run(), "embedding")
    assert sorted(vectors) == list("abcdef")
    assert {vector.size for vector in vectors.values()} == {7}
    made.set_word2vec(min_count=10_000)
    with pytest.raises(PySparkException, match="vocabulary"):
        made.run().collect()


def test_embeddings_of_ready_walks(spark, tmp_path):
    path = str(tmp_path / "ready")
    walks = spark.createDataFrame([([0, 1, 2, 1],), ([2, 1, 0, 1],)], "random_walk array<bigint>")
    walks.write.parquet(path)
    made = RandomWalkEmbeddings(of_edges(spark, [(0, 1), (1, 2)], n=4))
    made.use_cached_random_walks(path)
    made.set_hash2vec(context_size=1, embeddings_dim=8, decay_function="constant", l2_norm=False)
    made.unset_neighbors_aggregation()
    vectors = by_id(made.run(), "embedding")
    assert sorted(vectors) == [0, 1, 2]
    # 0 and 2 stand beside 1 alone, 1 beside both: so their vectors have one place, its has two at most.
    assert {len([x for x in vectors[vertex].toArray() if x]) for vertex in (0, 2)} == {1}
    with pytest.raises(ValueError, match=r"prefix|path|walks"):
        RandomWalkEmbeddings(of_edges(spark, [(0, 1)])).run()
