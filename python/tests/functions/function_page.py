"""Writes `docs/functions.md`: each name of Spark's SQL functions, what serves it, and where its answers differ.

Run it as a program (`python python/tests/functions/function_page.py`) after a function was added; `test_function_page.py`
fails while the page is not current.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from calls import GROUPS  # noqa: E402
from function_answers import ANSWERS, NAMES, read  # noqa: E402
from known_differences import KNOWN  # noqa: E402

PAGE = HERE.parents[2] / "docs" / "functions.md"

LIBRARIES = {
    "bitmap_bit_position": "datafusion-spark",
    "bitmap_bucket_number": "datafusion-spark",
    "bitmap_count": "datafusion-spark",
    "coalesce": "DataFusion",
    "count": "DataFusion",
    "crc32": "datafusion-spark",
    "isnan": "DataFusion",
    "max": "DataFusion; of floats, intervals and nested values Firesteel",
    "md5": "DataFusion",
    "min": "DataFusion; of floats, intervals and nested values Firesteel",
    "sha": "datafusion-spark",
    "sha1": "datafusion-spark",
    "sha2": "datafusion-spark",
}
"""What the builders in `crates/functions` hand to a library; everything else is computed by kernels of ours."""

MISSING = {
    "from_avro": "Avro is not built yet",
    "to_avro": "Avro is not built yet",
    "schema_of_avro": "Avro is not built yet",
    "measure": "there are no metric views",
}
"""Why a name is not served, but for an error as Spark's; the others are not built yet."""

DIFFERENCES = {
    "approx_count_distinct": "numbers of some hundred values are corrected by computed means, not by Spark's tables",
    "java_method": "there is no Java: the commonest static methods of Java's classes only",
    "reflect": "there is no Java: the commonest static methods of Java's classes only",
    "try_reflect": "there is no Java: the commonest static methods of Java's classes only",
    "shuffle": "with a seed, every batch of rows gets the permutations of Spark's first partition",
    "hll_sketch_agg": "the bytes of the sketch are not Spark's",
    "kll_sketch_agg_bigint": "the bytes of the sketch are not Spark's",
    "kll_sketch_agg_double": "the bytes of the sketch are not Spark's",
    "kll_sketch_agg_float": "the bytes of the sketch are not Spark's",
    "approx_top_k": "counts are exact",
}
"""Differences that no expression of the comparison shows."""

NOT_FUNCTIONS = re.compile(
    r"(arrow_|pandas_)?udt?f|[A-Z]\w*|broadcast|call_(function|udf)|col(umn)?|expr|lit|unwrap_udt"
)
"""What `pyspark.sql.functions` exports besides functions of Spark's SQL."""


def page(spark: Any) -> str:
    """The page's text, from a session of the engine."""
    names = json.loads(NAMES.read_text(encoding="utf-8"))
    listed = {row[0] for row in spark.sql("SHOW SYSTEM FUNCTIONS").collect()}
    served = {name: name not in MISSING and (name in listed or _is_served(spark, name)) for name in names["names"]}
    python_names = _python_names()
    lines = [
        "# Functions",
        "",
        "<!-- Written by python/tests/functions/function_page.py. -->",
        "",
        f"Of the {len(served)} names that Spark {names['recorded from Spark']} lists, {sum(served.values())} are served, "
        f"and of the {len(python_names)} functions of `pyspark.sql.functions`, "
        f"{sum(served.get(name, True) for name in python_names)}. Differences are those that the comparison of "
        f"{_n_compared():,} expressions with Spark's answers shows (`python/tests/functions`).",
        "",
        "| name | served by | differences |",
        "|---|---|---|",
    ]
    differences = _differences()
    for name in sorted(served):
        server = LIBRARIES.get(name, "Firesteel") if served[name] else "-"
        remark = differences.get(name, "") if served[name] else MISSING.get(name, "not built yet")
        shown = name.replace("|", "\\|")
        lines.append(f"| `{shown}` | {server} | {remark} |")
    return "\n".join(lines) + "\n"


def _is_served(spark: Any, name: str) -> bool:
    """Of a name that is in no table of the engine: whether its resolver or its grammar knows it."""
    if not re.fullmatch(r"\w+", name):
        return True  # The grammar has all operators: python/tests/functions calls them.
    for query, missing in (
        (f"SELECT {name}()", "UNRESOLVED_ROUTINE"),
        (f"SELECT {name}(1, 2)", "UNRESOLVED_ROUTINE"),
        (f"SELECT * FROM {name}()", "UNRESOLVABLE_TABLE_VALUED_FUNCTION"),
    ):
        try:
            spark.sql(query).schema  # noqa: B018
        except Exception as error:
            if getattr(error, "getCondition", lambda: "")() == missing:
                continue
        return True
    return False


def _python_names() -> list[str]:
    import pyspark.sql.functions as functions

    return sorted(name for name in functions.__all__ if not NOT_FUNCTIONS.fullmatch(name))


def _differences() -> dict[str, str]:
    found: dict[str, list[str]] = {name: [text] for name, text in DIFFERENCES.items()}
    for group in GROUPS:
        for family, answers in read(ANSWERS, group).items():
            name = re.match(r"\w+", family)
            for expression in answers:
                if expression in KNOWN:
                    reasons = found.setdefault(name.group() if name else family.replace("{}", "").strip(), [])
                    if KNOWN[expression] not in reasons:
                        reasons.append(KNOWN[expression])
    return {name: "; ".join(reasons) for name, reasons in found.items()}


def _n_compared() -> int:
    return sum(len(answers) for group in GROUPS for answers in read(ANSWERS, group).values())


if __name__ == "__main__":
    import firesteel

    session = firesteel.session()
    PAGE.write_text(page(session), encoding="utf-8")
    session.stop()
