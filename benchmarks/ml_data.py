"""Rows of the benchmarks of MLlib: made once per size, kept as Parquet, the same for every engine.

To add some: a function that gives a table, and its line in `DATA`. A column called `features` holds what Spark writes
for a column of vectors, so that Spark and Firesteel read vectors.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    import numpy as np
    import pyarrow as pa

# Entries of a row of `sparse`, and its columns.
N_ENTRIES = 100
N_SPARSE = 100_000


def dense(scale: float) -> pa.Table:
    """500,000 rows of 50 features; a class and a number that depend on ten of them in no linear way."""
    import numpy as np
    import pyarrow as pa

    n_rows, n_features = int(500_000 * scale), 50
    random = np.random.default_rng(7)
    x = random.normal(size=(n_rows, n_features))
    y = 2 * np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + np.where(x[:, 3] > 0.5, 2, 0) + x[:, 4:10].sum(axis=1) / 3
    y += random.normal(size=n_rows) / 2
    return pa.table({"x": lists(x), "y": y, "label": (y > 0.7).astype("float64")})


def linear(scale: float) -> pa.Table:
    """1,000,000 rows of 100 features, some alike and of several sizes; a number and a class that depend on all."""
    import numpy as np
    import pyarrow as pa

    n_rows, n_features = int(1_000_000 * scale), 100
    random = np.random.default_rng(11)
    x = random.normal(size=(n_rows, n_features))
    x[:, 1:] += 0.5 * x[:, :-1]
    x *= np.linspace(0.5, 2, n_features)
    y = x @ random.normal(size=n_features) / 10 + 1 + random.normal(size=n_rows)
    return pa.table({"x": lists(x), "y": y, "label": (y > 1.3).astype("float64")})


def sparse(scale: float) -> pa.Table:
    """200,000 rows of 100,000 features, of which some hundred are not zero; frequent ones more often, as words are."""
    import numpy as np
    import pyarrow as pa

    n_rows = int(200_000 * scale)
    random = np.random.default_rng(12)
    columns = np.sort((N_SPARSE * random.random(size=(n_rows, N_ENTRIES)) ** 3).astype("int32"), axis=1)
    is_new = np.ones(columns.shape, dtype=bool)
    is_new[:, 1:] = columns[:, 1:] != columns[:, :-1]
    starts = np.concatenate([[0], is_new.sum(axis=1).cumsum()]).astype("int32")
    indices, values = columns[is_new], random.random(size=int(is_new.sum())) + 0.5
    margins = np.add.reduceat(values * random.normal(size=N_SPARSE)[indices], starts[:-1]) / 5
    label = (margins + random.logistic(size=n_rows) > 0).astype("float64")
    # As Spark writes them: only arrays as a whole may be null.
    parts = {
        "type": pa.array(np.zeros(n_rows, dtype="int8")),
        "size": pa.array(np.full(n_rows, N_SPARSE, dtype="int32")),
        "indices": entries(starts, pa.array(indices)),
        "values": entries(starts, pa.array(values)),
    }
    fields = [pa.field(name, part.type, nullable=name != "type") for name, part in parts.items()]
    vectors = pa.StructArray.from_arrays(list(parts.values()), fields=fields)
    return pa.table({"features": vectors, "label": label}).replace_schema_metadata(VECTORS)


def clusters(scale: float) -> pa.Table:
    """1,000,000 rows of 50 features around 20 centres; so close to one another that where a fit begins matters little."""
    import numpy as np
    import pyarrow as pa

    n_rows, n_features = int(1_000_000 * scale), 50
    random = np.random.default_rng(8)
    centers = random.normal(size=(20, n_features)) * 0.3
    x = random.normal(size=(n_rows, n_features)) + centers[random.integers(0, 20, size=n_rows)]
    return pa.table({"x": lists(x)})


def ratings(scale: float) -> pa.Table:
    """10,000,000 ratings of 20,000 items by 100,000 users, of rank 8 and with noise."""
    import numpy as np
    import pyarrow as pa

    n_rows, n_users, n_items = int(10_000_000 * scale), int(100_000 * scale) + 1, int(20_000 * scale) + 1
    random = np.random.default_rng(9)
    users, items = random.integers(0, n_users, size=n_rows), random.integers(0, n_items, size=n_rows)
    of_users, of_items = random.normal(size=(n_users, 8)), random.normal(size=(n_items, 8))
    rating = 3 + np.einsum("ij,ij->i", of_users[users], of_items[items]) / 3 + random.normal(size=n_rows) / 5
    return pa.table({"user": users.astype("int32"), "item": items.astype("int32"), "rating": rating.astype("float32")})


def sentences(scale: float) -> pa.Table:
    """100,000 sentences of 20 words of one of 50 subjects, each of 100 words; some are rare."""
    import numpy as np
    import pyarrow as pa

    n_rows, n_words = int(100_000 * scale), 20
    random = np.random.default_rng(10)
    subjects = np.repeat(random.integers(0, 50, size=n_rows), n_words)
    words = subjects * 100 + (100 * random.random(size=n_rows * n_words) ** 2).astype("int64")
    texts = pa.array([f"word{word}" for word in range(5000)]).take(pa.array(words))
    return pa.table({"subject": subjects[::n_words], "words": pa.FixedSizeListArray.from_arrays(texts, n_words)})


DATA: dict[str, Callable[[float], pa.Table]] = {
    "dense": dense,
    "linear": linear,
    "sparse": sparse,
    "clusters": clusters,
    "ratings": ratings,
    "sentences": sentences,
}


def lists(x: np.ndarray) -> pa.Array:
    import pyarrow as pa

    return pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), x.shape[1]).cast(pa.list_(pa.float64()))


def entries(starts: np.ndarray, values: pa.Array) -> pa.Array:
    import pyarrow as pa

    kind = pa.list_(pa.field("element", values.type, nullable=False))
    return pa.ListArray.from_arrays(pa.array(starts), values, type=kind)


def _vectors() -> dict[str, str]:
    """What Spark writes into a Parquet file whose column `features` holds vectors, and `label` doubles."""
    fields = {"type": "byte", "size": "integer", "indices": "integer", "values": "double"}
    parts: list[dict[str, Any]] = []
    for name, kind in fields.items():
        element = (
            {"type": "array", "elementType": kind, "containsNull": False} if name in ("indices", "values") else kind
        )
        parts.append({"name": name, "type": element, "nullable": name != "type", "metadata": {}})
    vector = {
        "type": "udt",
        "class": "org.apache.spark.ml.linalg.VectorUDT",
        "pyClass": "pyspark.ml.linalg.VectorUDT",
        "sqlType": {"type": "struct", "fields": parts},
    }
    columns = [("features", vector), ("label", "double")]
    row = [{"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in columns]
    return {"org.apache.spark.sql.parquet.row.metadata": json.dumps({"type": "struct", "fields": row})}


VECTORS = _vectors()


def path(name: str, options: argparse.Namespace) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return cache / "firesteel" / f"ml-{name}-{options.scale:g}.parquet"


def prepare(options: argparse.Namespace) -> None:
    """Make what is not there yet."""
    import pyarrow.parquet as pq

    for name, make in DATA.items():
        if not path(name, options).exists():
            path(name, options).parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(make(options.scale), path(name, options), row_group_size=50_000)
