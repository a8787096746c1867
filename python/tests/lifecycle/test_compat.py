"""Unmodified session builders, wherever `install` comes and however the program is started."""

import subprocess
import sys

import pytest
from pyspark.errors import PySparkAttributeError
from pyspark.sql import SparkSession

from firesteel import _connect, embedded

BUILD = 'spark = SparkSession.builder.master("local[2]").appName("x").getOrCreate()\nprint(spark.range(3).count())\n'
IMPORT = "from pyspark.sql import SparkSession\n"
INSTALL = "import firesteel\nfiresteel.install()\nfiresteel.install()\n"


def output_of(*command, text=None):
    run = subprocess.run([sys.executable, *command], input=text, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("text", [INSTALL + IMPORT + BUILD, IMPORT + INSTALL + BUILD])
@pytest.mark.parametrize("way", ["command line", "standard input"])
def test_install_before_and_after_the_import(text, way):
    assert output_of("-c", text) == "3\n" if way == "command line" else output_of("-", text=text) == "3\n"


def test_session_of_a_program_on_the_command_line():
    assert output_of("-c", "import firesteel; print(firesteel.session().range(3).count())") == "3\n"


def test_stop_and_build_again():
    text = IMPORT + INSTALL + BUILD + "spark.stop()\n" + BUILD.replace("local[2]", "local[1]")
    assert output_of("-c", text + "print(spark.sparkContext.master)") == "3\n3\nlocal[1]\n"


def test_builder_returns_the_session_there_is(spark):
    again = SparkSession.builder.config("spark.sql.shuffle.partitions", 2).config("spark.app.new", True).getOrCreate()
    assert again is spark
    assert spark.conf.get("spark.app.new") == "true"
    assert SparkSession.getActiveSession() is spark


def test_builder_that_names_a_server_goes_to_that_server(spark):
    engine = _connect.engine_of(spark)
    url = f"sc://localhost:{engine.port}/;token={engine.token}"
    for options in ({"spark.remote": url}, {"spark.master": url}):
        assert embedded.server_url(options) == url
    remote = f'spark = SparkSession.builder.remote("{url}").getOrCreate()\nprint(spark.range(3).count())\n'
    assert output_of("-c", INSTALL + IMPORT + remote + "print(firesteel.embedded._current)") == "3\nNone\n"


def test_context_serves_what_programs_use_of_it(spark):
    context = spark.sparkContext
    assert (context.master, context.appName, context.defaultParallelism) == ("local[2]", "tests", 2)
    assert context.version == spark.version
    assert context.getConf().get("spark.app.name") == "tests"
    context.setLogLevel("WARN")
    assert context is spark.sparkContext


@pytest.mark.parametrize(
    ("feature", "reach"),
    [
        ("SparkContext._jvm", lambda spark: spark.sparkContext._jvm),
        ("Column._jc", lambda spark: spark.range(1).id._jc),
        ("SparkSession._jvm", lambda spark: spark._jvm),
        ("DataFrame._jdf", lambda spark: spark.range(1)._jdf),
        ("spark.jars.packages=a:b:1", lambda _: SparkSession.builder.config("spark.jars.packages", "a:b:1").create()),
    ],
)
def test_what_is_not_there_is_named(spark, feature, reach):
    with pytest.raises(PySparkAttributeError, match="is not supported by Firesteel") as failure:
        reach(spark)
    assert failure.value.getMessageParameters()["feature"] == feature


def test_workers_of_one_task_each() -> None:
    program = (
        "import firesteel, os; from pyspark.sql.functions import udf\n"
        "spark = firesteel.session(conf={'spark.python.worker.reuse': 'false'})\n"
        "frame = spark.range(1).select(udf(lambda _: os.getpid(), 'int')('id'))\n"
        "print(len({frame.collect()[0][0] for _ in range(3)}))\n"
    )
    assert output_of("-c", program) == "3\n"
