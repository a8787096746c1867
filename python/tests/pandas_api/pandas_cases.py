"""Programs of the pandas API on Spark and what they print.

They run unchanged on real Spark: nothing in this file knows Firesteel. Each tries another way by which pandas' order of
rows, indexes and missing values have to come out of relations that have none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyspark.pandas as ps

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession


def animals() -> ps.DataFrame:
    return ps.DataFrame(
        {
            "kind": ["bird", "bird", "mammal", "mammal", "fish"],
            "speed": [389.0, 24.0, 80.2, np.nan, 12.5],
            "legs": [2, 2, 4, 4, 0],
            "wild": [True, False, True, True, False],
        },
        index=["falcon", "parrot", "lion", "monkey", "carp"],
    )


def holes() -> ps.DataFrame:
    return ps.DataFrame({"a": [2.0, np.nan, 3.0, np.nan, np.nan, 6.0], "b": [1, 1, 2, 2, 2, 1]})


def by_kind(how: str) -> Callable[[], Any]:
    def run() -> Any:
        groups = animals().groupby("kind")
        return getattr(groups[["speed", "legs"]], how)().sort_index()

    return run


def with_frames_of_others(run: Callable[[], Any]) -> Callable[[], Any]:
    def wrapped() -> Any:
        with ps.option_context("compute.ops_on_diff_frames", True):
            return repr(run())

    return wrapped


def quotes() -> Any:
    trades = ps.DataFrame({"time": [1, 5, 10], "price": ["a", "b", "c"]})
    asked = ps.DataFrame({"time": [1, 2, 3, 6, 7], "bid": [1, 2, 3, 6, 7]})
    return ps.merge_asof(trades, asked, on="time", direction="nearest").sort_values("time", ignore_index=True)


def in_sql() -> Any:
    return ps.sql("SELECT kind, sum(legs) AS legs FROM {frame} GROUP BY kind ORDER BY kind", frame=animals())


def of_batches(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(twice=frame["legs"] * 2)


CASES: dict[str, Callable[[], Any]] = {
    "frame": animals,
    "head_of_groups": lambda: animals().groupby("kind").head(1).sort_index(),
    "numbers_after_sorting": lambda: animals().sort_values("speed", ignore_index=True),
    "numbers_after_sorted_index": lambda: animals().sort_index(ignore_index=True),
    "places_of_sorted_values": lambda: ps.Series([3, 1, np.nan, 2]).argsort().sort_index(),
    "ranks": lambda: ps.DataFrame({"a": [7, 7, 1, 3]}).a.rank(method="average").sort_index(),
    "ranks_in_groups": lambda: animals().groupby("legs").rank().sort_index(),
    "mean_of_groups": by_kind("mean"),
    "product_of_groups": by_kind("prod"),
    "first_of_groups": by_kind("first"),
    "median_of_groups": by_kind("median"),
    "shown_groups": lambda: holes().groupby("b").var(),
    "second_of_groups": lambda: holes().groupby("b").nth(1),
    "products_so_far": lambda: ps.Series([4, 3, 2]).cumprod(),
    "product_of_integers": lambda: ps.Series([1, 2, 3, 4, 5]).prod(),
    "skew_and_kurtosis": lambda: (animals().speed.skew(), animals().legs.kurt()),
    "mode": lambda: animals().mode().sort_index(),
    "described": lambda: animals().describe(),
    "filled_between": lambda: holes().a.interpolate(),
    "fading_means": lambda: holes().ewm(com=0.5).mean(),
    "fading_means_of_groups": lambda: holes().groupby("b").a.ewm(alpha=0.5, ignore_na=True).mean().sort_index(),
    "rolling": lambda: animals().legs.rolling(2).sum(),
    "exploded": lambda: ps.DataFrame({"a": [[1, 2], [], [3]], "b": 1}).explode("a"),
    "pivoted": lambda: animals().pivot_table("speed", ["kind"], "legs", aggfunc="max").sort_index(),
    "melted": lambda: animals().melt("kind", ["legs", "speed"]).sort_values(["kind", "variable", "value"]),
    "merged": lambda: animals().merge(ps.DataFrame({"legs": [0, 2], "word": ["none", "two"]})).sort_values("speed"),
    "as_of": quotes,
    "repeated_index": lambda: ps.Index(["a", "b"]).repeat(2).sort_values(),
    "sorted_index_and_places": lambda: ps.Index([10, 100, 1]).sort_values(return_indexer=True),
    "least_and_greatest": lambda: (animals().speed.idxmin(), animals().speed.idxmax(), animals().index.max()),
    "texts": lambda: animals().kind.str.upper().str.slice(0, 3),
    "times": lambda: ps.to_datetime(ps.Series(["2024-02-29", "2023-12-31"])).dt.dayofyear,
    "applied_to_rows": lambda: animals()[["legs"]].apply(lambda row: row.legs + 1, axis=1),
    "applied_to_groups": lambda: animals().groupby("kind").legs.apply(lambda legs: legs.max() - legs).sort_index(),
    "batches": lambda: animals()[["legs"]].pandas_on_spark.apply_batch(of_batches),
    "other_frames": with_frames_of_others(lambda: (animals().legs + ps.Series([1], index=["lion"])).sort_index()),
    "sql": in_sql,
}


def printed(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(printed(item) for item in value)
    # To the tenth digit: sums depend on their order.
    with pd.option_context("display.precision", 9):
        return value if isinstance(value, str) else repr(value)


def answer(spark: SparkSession, name: str) -> str:
    """What the case prints, or the error that it ends with."""
    assert spark is not None, "the pandas API takes the session that is there"
    try:
        return printed(CASES[name]())
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
