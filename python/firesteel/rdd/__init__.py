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
* `d` binary: a *chunk*, the pickled list of some items, or of pairs two columns: keys and values, numbers among them as
  arrays (`worker.columns`); null in filler rows, which keep the bytes per row small because engines size batches by
  rows.
* Rows with a negative `p` carry accumulator updates instead of items (`worker.updates`).

Modules
-------
Driver side: `core` (class RDD: identity and meta), the topics that make up its methods as mixins (`narrow`, `pair`,
`joins`, `sorting`, `sets`, `sampling`, `actions`, `numeric`, `approximate`), `lineage` (nodes, how they become
relations), `plans` (protobuf), `jobs` (runs one), `shipping` (pickles tasks), `partitioner`, `partition_keys`,
`sources` and `stored_items` (parallelize, union), `kept` (relations that the server keeps: of stored RDDs, and of what
shuffles have sent).
`storage` and `saving` (mixins) and `files` are about storage and files; `frames` about DataFrames.

Worker side: `worker.*`. These modules import nothing but the standard library, pyarrow, numpy, what pyspark-client
ships and one another. Where workers lack this package (a real Spark server) the sources of those in
`shipping.MODULES` travel with the task; classes that are pickled into tasks live in modules listed there.

Interfaces
----------
**What an RDD needs of its SparkContext** (`firesteel.core.context`): ``_session`` (the Connect session),
``defaultParallelism``, ``_default_parallelism_is_set``, ``_conf_get(key)``, ``_shares_files`` (workers are this
machine's and import this package), ``_next_rdd_id()`` and ``_job(name)``: a job hands out what surrounds the functions of
each stage and takes back what tasks added to accumulators (`firesteel.core.jobs`).

**A new source** is a `worker.leaves.Leaf`: a picklable object with ``read(index)`` which returns the iterator of
partition `index`, in the worker; ``sources.from_leaf(context, leaf, n_partitions, name)`` makes the RDD. A source
that is a relation is ``sources.from_relation(context, relation, columns, n_partitions, decode)``: `decode(batches)` turns
the pyarrow batches of one physical partition into items, in the worker; `n_partitions` is a number or a function
that finds it.

**Storing** an RDD: ``lineage.chunk_relation(rdd, job)`` is the relation (k, p, s, d) of all its partitions;
``RDD._stored_node(job)`` (`storage`) gives the node that jobs read instead of the lineage, `lineage.ChunkSource` for one.

**Running** something on partitions: ``jobs.run(rdd, sink, partitions)``, ``jobs.collect`` or ``context.runJob``.
``rdd._map_partitions(f, preserves)`` adds ``f(index, iterator)``.

Examples
--------
>>> from pyspark import SparkContext
>>> sc = SparkContext.getOrCreate()
>>> sc.parallelize(range(10)).map(lambda x: x * x).sum()
285
"""
