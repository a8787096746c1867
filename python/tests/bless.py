"""Records what real Spark answers: `make bless`, or `python bless.py [SUITE ...] [x.slt ...]`.

Run it in an environment with the full `pyspark[connect]` of the version the project follows (a JVM, no Firesteel). It
starts one session for everything and rewrites the recorded answers in place; read the diff before it is committed. The
session goes through Spark Connect, as Firesteel's users do: a classic session loses the order of a map's entries.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SUITES = (
    "flights",
    "rdd",
    "guide",
    "tpch",
    "tpcds",
    "slt",
    "dataframe",
    "functions",
    "python_functions",
    "pandas_api",
    "grammar",
    "ml_features",
    "mllib",
)
sys.path[:0] = [str(HERE), *(str(HERE / suite) for suite in SUITES)]

from spark_answer import error_text, plain_rows, schema_text  # noqa: E402


def real_spark() -> Any:
    os.environ["TZ"] = "UTC"
    time.tzset()
    # Workers need what this interpreter has.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client.core import DefaultChannelBuilder

    # Another Spark on this machine may have the usual port. The client knows no other of a server that it starts.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    DefaultChannelBuilder.default_port = staticmethod(lambda: port)
    builder = SparkSession.builder.config("spark.connect.grpc.binding.port", str(port))
    builder = builder.master("local[2]").appName("bless").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "2")
    builder = builder.config("spark.sql.warehouse.dir", tempfile.mkdtemp()).config("spark.api.mode", "connect")
    # TPC-DS has a dimension of two million rows at any scale, which Spark broadcasts.
    builder = builder.config("spark.driver.memory", "4g")
    spark = builder.getOrCreate()
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # every `error` record's stack trace
    return spark


def bless_flights(spark: Any) -> None:
    """Processes of their own: the programs make their sessions themselves, with the defaults every user has."""
    # The session put its address there.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    for name in ("flights", "flights_rdd"):
        command = [sys.executable, str(HERE.parents[1] / "examples" / f"{name}.py")]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=True)
        (HERE / "main_job" / f"{name}.spark-{spark.version}.txt").write_text(run.stdout, encoding="utf-8")


def bless_rdd() -> None:
    """Files that RDDs of the classic API write (nobody reads their checksums), and what they answer."""
    files = HERE / "rdd" / "spark_files"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    shutil.rmtree(files, ignore_errors=True)
    subprocess.run(
        [sys.executable, str(files.with_name("classic_files.py")), "write", str(files)], env=environment, check=True
    )
    for path in [*files.glob("*/.*"), *files.glob("*/_SUCCESS")]:
        path.unlink()
    cases = [sys.executable, str(HERE / "rdd" / "rdd_cases.py")]
    answers = subprocess.run(
        cases, env=environment | {"PYTHONHASHSEED": "0"}, capture_output=True, text=True, encoding="ascii", check=True
    )
    (HERE / "rdd" / "rdd_answers.spark-4.2.0.txt").write_text(answers.stdout, encoding="ascii")


def bless_mllib() -> None:
    """A process of its own: the older API of MLlib needs a classic session."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    cases = [sys.executable, str(HERE / "mllib" / "mllib_cases.py")]
    answers = subprocess.run(cases, env=environment, capture_output=True, text=True, encoding="utf-8", check=True)
    (HERE / "mllib" / "mllib_answers.spark-4.2.0.jsonl").write_text(answers.stdout, encoding="utf-8")


def bless_guide() -> None:
    from programs import PROGRAMS, answer, run

    for name in PROGRAMS:
        done = run([sys.executable], name)
        done.check_returncode()
        answer(name).write_text(done.stdout, encoding="utf-8")


def bless_tpc(spark: Any, suite: str) -> None:
    from pyspark.errors import PySparkException

    tables = importlib.import_module(f"{suite}_tables")
    answers = HERE / suite / "answers" / "sf0.01"
    answers.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        tables.register(spark, tables.generate(Path(data), 0.01))
        for name in tables.QUERIES:
            head = {"spark": spark.version, "scale_factor": 0.01}
            try:
                result = spark.sql(tables.query_text(name))
                head["schema"] = schema_text(result.schema)
                rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in plain_rows(result.collect()))
                text = json.dumps(head, ensure_ascii=False)[:-1] + f', "rows": [\n{rows}\n]}}\n'
            except PySparkException as error:
                text = json.dumps(head | {"error": error_text(error)}, ensure_ascii=False) + "\n"
            (answers / f"{name}.json").write_text(text, encoding="utf-8")


def bless_slt(spark: Any, paths: list[Path]) -> None:
    from slt_file import bless

    for path in paths or sorted((HERE / "slt").rglob("*.slt")):
        n_records, n_errors = bless(spark, path)
        print(f"{path.relative_to(HERE)}: {n_records} records, {n_errors} of them errors")


def bless_dataframe(spark: Any) -> None:
    from frame_answer import record

    record(spark, HERE / "dataframe" / "answers.json")


def bless_functions(spark: Any) -> None:
    import ansi_off_answers
    import column_answers
    import function_answers

    function_answers.record(spark)
    ansi_off_answers.record(spark)
    column_answers.record(spark)


def bless_python_functions(spark: Any) -> None:
    from case_answers import record

    record(spark)


def bless_pandas_api(spark: Any) -> None:
    from pandas_cases import CASES, answer

    answers = {name: answer(spark, name) for name in sorted(CASES)}
    path = HERE / "pandas_api" / f"pandas_answers.spark-{spark.version}.json"
    path.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def bless_grammar(spark: Any) -> None:
    from verdicts import record

    record(spark.version)


def bless_ml_features(spark: Any) -> None:
    sys.path.insert(0, str(HERE / "ml" / "features"))
    from answer import ANSWERS, record
    from feature_cases import CASES

    record(spark, CASES, ANSWERS)


def main(arguments: list[str]) -> None:
    paths = [Path(a).resolve() for a in arguments if a.endswith(".slt")]
    suites = [a for a in arguments if not a.endswith(".slt")]
    if not suites:
        suites = ["slt"] if paths else list(SUITES)
    spark = real_spark()
    for suite in suites:
        if suite == "flights":
            bless_flights(spark)
        elif suite == "rdd":
            bless_rdd()
        elif suite == "mllib":
            bless_mllib()
        elif suite == "guide":
            bless_guide()
        elif suite in ("tpch", "tpcds"):
            bless_tpc(spark, suite)
        elif suite == "slt":
            bless_slt(spark, paths)
        elif suite == "dataframe":
            bless_dataframe(spark)
        elif suite == "functions":
            bless_functions(spark)
        elif suite == "python_functions":
            bless_python_functions(spark)
        elif suite == "pandas_api":
            bless_pandas_api(spark)
        elif suite == "grammar":
            bless_grammar(spark)
        elif suite == "ml_features":
            bless_ml_features(spark)
        else:
            raise SystemExit(f"no suite called {suite}; there are {', '.join(SUITES)}")
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
