"""What each side of the exchange does with the table; run with the Python of a full PySpark, it is real Spark's side.

```text
<folder>/firesteel/<number>/  models that Firesteel saved      <folder>/firesteel.json  what they predict there
<folder>/spark/<number>/      models that real Spark saved     <folder>/spark.json      what they predict there
                                                               <folder>/crossed.json    Firesteel's, in real Spark
```
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1] / "features"))
sys.path.insert(0, str(Path(__file__).parent))

from answer import plain
from rows import ROWS, frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession


def first_lines(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".splitlines()[:2])[:500]


def predicted(model: Any, data: DataFrame) -> list[Any]:
    """All that a model adds to the rows, in their order."""
    known = set(data.columns)
    out = model.transform(data)
    added = [name for name in out.columns if name not in known]
    is_set = type(model).__name__ == "FPGrowthModel"

    def value(cell: Any) -> Any:
        return sorted(cell) if is_set else plain(cell)

    rows = [(row["id"], [value(row[name]) for name in added]) for row in out.collect()]
    return [[number, values] for number, values in sorted(rows, key=lambda row: row[0])]


def attempt(do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    begin = time.monotonic()
    try:
        answer = do()
    except Exception as error:
        answer = {"error": first_lines(error)}
    return {**answer, "seconds": round(time.monotonic() - begin, 2)}


def fit_and_save(spark: SparkSession, side: str, folder: Path) -> dict[str, Any]:
    data = frame(spark).cache()

    def do(number: int, make: Callable[[], Any]) -> dict[str, Any]:
        stage = make()
        model = stage.fit(data) if hasattr(stage, "fit") else stage
        model.save(str(folder / side / str(number)))
        kind = f"{type(model).__module__}:{type(model).__name__}"
        return {"class": kind, "rows": predicted(model, data)}

    answers = {name: attempt(partial(do, number, make)) for number, (name, make) in enumerate(ROWS.items())}
    data.unpersist()
    (folder / f"{side}.json").write_text(json.dumps(answers), encoding="utf-8")
    return answers


def load_and_predict(spark: SparkSession, side: str, folder: Path) -> dict[str, Any]:
    """What the models that `side` saved predict here."""
    saved = json.loads((folder / f"{side}.json").read_text(encoding="utf-8"))
    data = frame(spark).cache()

    def do(number: int, name: str) -> dict[str, Any]:
        module, kind = saved[name]["class"].split(":")
        model = getattr(importlib.import_module(module), kind).load(str(folder / side / str(number)))
        return {"rows": predicted(model, data)}

    answers = {name: attempt(partial(do, number, name)) for number, name in enumerate(ROWS) if "class" in saved[name]}
    data.unpersist()
    return answers


if __name__ == "__main__":
    from pyspark.sql import SparkSession

    shared = Path(sys.argv[1])
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.sql.adaptive.enabled": "false",
        # Forty rows are not worth the compilation of their queries.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    real = builder.getOrCreate()
    # Both at once: most of the time is Spark's between tasks.
    with ThreadPoolExecutor(1) as pool:
        fitted = pool.submit(fit_and_save, real, "spark", shared)
        crossed = load_and_predict(real, "firesteel", shared)
        fitted.result()
    (shared / "crossed.json").write_text(json.dumps(crossed), encoding="utf-8")
    real.stop()
