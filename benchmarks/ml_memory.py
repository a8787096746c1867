"""What fits take of memory, beside the features they read.

    python benchmarks/ml_memory.py                    # the sizes of benchmarks/ml.py
    python benchmarks/ml_memory.py --scale 0.2 --only "PCA;k-means"

Rows are read from Parquet while a model is fitted and kept nowhere else. `features` is what they are in memory: eight
bytes a number, twelve an entry of a sparse vector, sixteen a rating; `peak` is the most that the engine had resident
(VmHWM) beyond what it had before. Each program has an engine of its own.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import ml_data
import ml_spark
from apart import run_each_apart

from memory import peak_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1 << 20
DOUBLE, ENTRY, RATING = 8, 12, 16


class Unkept(ml_spark.Tables):
    """Tables that are read each time."""

    def keep(self, name: str, rows: Any) -> None:
        self.held[name] = rows


def of_numbers(n_rows: int, n_features: int) -> Callable[[float], float]:
    return lambda scale: n_rows * scale * n_features * DOUBLE


# The beginning of a program's name -> bytes of what it reads. Texts, whose vectors are made by the way, are left out.
FEATURES: dict[str, Callable[[float], float]] = {
    "linear regression": of_numbers(1_000_000, 100),
    "logistic regression, 1 M": of_numbers(1_000_000, 100),
    "logistic regression, 200 k": lambda scale: 200_000 * scale * ml_data.N_ENTRIES * ENTRY,
    "random forest": of_numbers(500_000, 50),
    "boosted trees": of_numbers(500_000, 50),
    "k-means": of_numbers(1_000_000, 50),
    "PCA": of_numbers(1_000_000, 50),
    "ALS": lambda scale: 10_000_000 * scale * RATING,
}


def features(name: str, scale: float) -> float | None:
    return next((size(scale) for begins, size in FEATURES.items() if name.startswith(begins)), None)


def one(name: str, options: argparse.Namespace) -> None:
    import firesteel
    from firesteel import _connect

    spark = firesteel.session()
    pid = _connect.engine_of(spark).pid
    tables = Unkept(spark, options)
    spark.range(10).count()
    before, size = peak_bytes(pid), features(name, options.scale)
    ml_spark.PROGRAMS[name](tables)
    peak = peak_bytes(pid) - before
    print(f"{name:<52} features {size / MIB:>7.0f} MiB  peak {peak / MIB:>7.0f} MiB  {peak / size:>5.2f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="of all sizes (default: 1)")
    parser.add_argument("--only", help="beginnings of names, separated by semicolons (default: all)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one, options)
    else:
        ml_data.prepare(options)
        begins = tuple(options.only.split(";")) if options.only else ("",)
        names = [name for name in ml_spark.PROGRAMS if features(name, 1) and name.startswith(begins)]
        run_each_apart(names, 52)
