"""RDDs over Spark Connect: PySpark's RDD API as a Python library over ordinary Connect relations.

It works on Firesteel and on any Spark Connect 4.2 server; the engine has no RDD code.

How a job runs
--------------
An RDD is a node of lineage (`lineage.Node`). Narrow Python functions pile up as *steps*; one job closes the
pile with a *sink* and ships both as one pickled `worker.task.Task`, the function of ONE ``mapInArrow``::

    Range(0, n, 1, n) ──mapInArrow(Task: leaf + steps + shuffle sink)──▶ rows (k, p, s, d)
        ──repartition(n, k)──mapInArrow(Task: chunks + reader + steps + result sink)──▶ rows (p, d) ──▶ the client

* `k` bigint: a number whose Spark hash, ``pmod(murmur3(k, 42), n)``, is the target partition (`partition_keys`).
* `p` int: index of the RDD's partition. Tasks read it from the data; which physical partition runs them does not
  matter, and one physical partition may hold several RDD partitions, one after another. Every partition has at
  least one row, so empty ones are computed too.
* `s` bigint: source partition and number of the chunk in it; restores the order that Spark's local shuffle has.
* `d` binary: a *chunk*, the pickled list of some items; null in filler rows, which keep the bytes per row small
  because engines size batches by rows.
* Rows with a negative `p` carry accumulator updates instead of items (`worker.updates`).

Modules
-------
Driver side: `core` (class RDD: identity and meta), the topics that make up its methods as mixins (`narrow`, `pair`,
`joins`, `sorting`, `sets`, `sampling`, `actions`, `numeric`, `approximate`), `lineage` (nodes, how they become
relations), `plans` (protobuf), `jobs` (runs one), `partitioner`, `sources` (parallelize, range, union, empty).
`storage` and `saving` (mixins) and `files` are about storage and files; `frames` about DataFrames.

Worker side: `worker.*`. These modules import nothing but the standard library, pyarrow, what pyspark-client ships
and one another. Where workers lack this package (a real Spark server) the sources of those in
`shipping.MODULES` travel with the task; classes that are pickled into tasks live in modules listed there.

Interfaces
----------
**What an RDD needs of its SparkContext** (`core.Context`): ``_session`` (the Connect session),
``defaultParallelism``, ``_default_parallelism_is_set`` (bool: ``spark.default.parallelism`` is configured),
``_next_rdd_id()``, ``_task_properties()`` (dict of str: the thread's local properties, or None: what
``TaskContext.getLocalProperty`` answers), ``_take_updates(updates)`` (list of (aid, value) from successful tasks:
accumulators add them), ``_job()`` (a context manager that is open while a job runs: job groups, tags, status).

**A new source** is a `worker.leaves.Leaf`: a picklable object with ``read(index)`` which returns the iterator of
partition `index`, in the worker; ``sources.from_leaf(context, leaf, n_partitions, name)`` makes the RDD. A source
that is a relation is ``sources.from_relation(context, relation, n_partitions, decode)``: `decode(batches)` turns
the pyarrow batches of one physical partition into items, in the worker; `n_partitions` is a number or a function
that finds it.

**Storing** an RDD: ``lineage.chunk_relation(rdd)`` is the relation (k, p, s, d) of all its partitions: persist it,
checkpoint it, write it. ``rdd._materialised = lineage.ChunkSource(relation, n_partitions)`` makes all later jobs
read that relation instead of computing the lineage.

**Running** something on partitions: ``jobs.run(rdd, steps, sink, partitions)`` or the public
``context.runJob``. ``rdd._map_partitions(f, preserves)`` adds ``f(index, iterator)``.

Examples
--------
>>> from pyspark import SparkContext
>>> sc = SparkContext.getOrCreate()
>>> sc.parallelize(range(10)).map(lambda x: x * x).sum()
285
"""
