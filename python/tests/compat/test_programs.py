"""An unmodified program, however it is started: `firesteel run`, or `install` before or after its own imports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("program.py")
ANSWER = "Cannot run multiple SparkContexts at once\n[('a', 1), ('b', 2), ('c', 3)]\n['b', 'c']\ndone\n"
INSTALL = "import firesteel\nfiresteel.install()\n"


def output_of(*command, typed=None, env=None):
    run = subprocess.run(
        [str(part) for part in command], input=typed, capture_output=True, text=True, timeout=120, env=env
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def changed(tmp_path, head):
    """The program with lines before it."""
    path = tmp_path / "changed.py"
    path.write_text(head + PROGRAM.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_under_run():
    assert output_of(Path(sys.executable).with_name("firesteel"), "run", PROGRAM) == ANSWER


@pytest.mark.parametrize(
    "head",
    [INSTALL, "import pyspark\nimport pyspark.sql\n" + INSTALL],
    ids=["before the import", "after the import"],
)
def test_after_install(tmp_path, head):
    assert output_of(sys.executable, changed(tmp_path, head)) == ANSWER


@pytest.mark.live
@pytest.mark.parametrize(
    "head",
    [INSTALL, "import pyspark.sql\nfrom pyspark import SparkContext as Early\n" + INSTALL],
    ids=["before the import", "after the import"],
)
def test_with_the_full_pyspark(tmp_path, head):
    """The full package, whose files take the same places, in the environment that real Spark has."""
    engine = Path(sys.executable).with_name("firesteel-engine")
    ours = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": ours, "FIRESTEEL_ENGINE": str(engine)}
    assert output_of(os.environ["SPARK_PYTHON"], changed(tmp_path, head), env=env) == ANSWER


def test_in_the_shell():
    typed = "print(sc.parallelize([1, 2]).map(lambda x: x + 1).collect())\nprint(spark.sparkContext is sc)\n"
    shown = output_of(Path(sys.executable).with_name("firesteel"), "shell", "--master", "local[2]", typed=typed)
    assert "[2, 3]" in shown
    assert "True" in shown


def test_run_gives_master_name_and_files(tmp_path):
    (tmp_path / "helper.py").write_text("from pyspark import SparkContext\n\ndef f(x):\n    return x * 10\n")
    (tmp_path / "app.py").write_text(
        "from pyspark import SparkContext\nimport helper\nsc = SparkContext()\n"
        "print(sc.master, sc.appName, sc.parallelize([1, 2]).map(helper.f).collect())\n"
    )
    options = ("--master", "local[3]", "--py-files", tmp_path / "helper.py")
    shown = output_of(Path(sys.executable).with_name("firesteel"), "run", *options, tmp_path / "app.py")
    assert shown == "local[3] app.py [10, 20]\n"


ATTEMPTS = """
import os, signal
from pyspark import SparkContext, TaskContext
sc = SparkContext()
count = sc.accumulator(0)

def fails_twice(x):
    count.add(1)
    attempt = TaskContext.get().attemptNumber()
    if x == 3 and attempt == 0:
        raise ValueError("first")
    if x == 3 and attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return x

print(sc.parallelize(range(4), 2).map(fails_twice).collect(), count.value)
try:
    sc.parallelize([1]).map(lambda x: 1 // 0).collect()
except Exception as error:
    print("ZeroDivisionError" in str(error))
print(sc.parallelize([1]).count())
"""


def test_jobs_are_tried_again_where_the_master_says_so(tmp_path):
    (tmp_path / "app.py").write_text(ATTEMPTS)
    run = (Path(sys.executable).with_name("firesteel"), "run", "--master")
    assert output_of(*run, "local[2,3]", tmp_path / "app.py") == "[0, 1, 2, 3] 4\nTrue\n1\n"
    once = subprocess.run([*map(str, run), "local[2]", str(tmp_path / "app.py")], capture_output=True, text=True)
    assert once.returncode == 1
    assert "ValueError: first" in once.stderr
