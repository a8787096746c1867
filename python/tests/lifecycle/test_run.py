"""`firesteel run`: a program finds what `spark-submit` gives it."""

import json

PROGRAM = """
import json, os, sys
import helper
from pyspark.sql import SparkSession
spark = SparkSession.builder{builder}.getOrCreate()
sc = spark.sparkContext
print(json.dumps(dict(
    argv=sys.argv[1:], name=__name__, file=__file__, place=sys.path[0], helper=helper.VALUE,
    count=spark.range(3).count(), master=sc.master, app=sc.appName,
    conf=spark.conf.get("spark.sql.shuffle.partitions"),
)))
"""


def write_program(tmp_path, builder=""):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "helper.py").write_text("VALUE = 42\n", encoding="utf-8")
    (tmp_path / "scripts" / "app.py").write_text(PROGRAM.format(builder=builder), encoding="utf-8")


def test_program_with_arguments(firesteel_command, tmp_path):
    write_program(tmp_path)
    options = [
        "--master",
        "local[3]",
        "--conf",
        "spark.sql.shuffle.partitions=7",
        "--name",
        "mine",
        "--driver-memory",
        "4g",
    ]
    run = firesteel_command("run", *options, "--py-files", "lib/helper.py", "scripts/app.py", "--master", "a b", "-x")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "argv": ["--master", "a b", "-x"],
        "name": "__main__",
        "file": "scripts/app.py",
        "place": str(tmp_path.resolve() / "scripts"),
        "helper": 42,
        "count": 3,
        "master": "local[3]",
        "app": "mine",
        "conf": "7",
    }


def test_what_the_program_says_comes_before_the_command_line(firesteel_command, tmp_path):
    builder = '.master("local[1]").appName("own").config("spark.sql.shuffle.partitions", 3).enableHiveSupport()'
    write_program(tmp_path, builder)
    run = firesteel_command(
        *("run", "--master", "local[3]", "--conf", "spark.sql.shuffle.partitions=7", "--name", "mine"),
        *("--py-files", "lib/helper.py", "scripts/app.py"),
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert (said["master"], said["app"], said["conf"]) == ("local[1]", "own", "3")


def test_exit_code_and_traceback_are_the_programs(firesteel_command, tmp_path):
    (tmp_path / "app.py").write_text("import sys\nsys.exit(5)\n", encoding="utf-8")
    assert firesteel_command("run", "app.py").returncode == 5

    (tmp_path / "app.py").write_text("def f():\n    raise ValueError('boom')\nf()\n", encoding="utf-8")
    run = firesteel_command("run", "app.py")
    lines = [line for line in run.stderr.splitlines() if "^" not in line]
    assert (run.returncode, lines) == (
        1,
        [
            "Traceback (most recent call last):",
            '  File "app.py", line 3, in <module>',
            "    f()",
            '  File "app.py", line 2, in f',
            "    raise ValueError('boom')",
            "ValueError: boom",
        ],
    )

    (tmp_path / "app.py").write_text("1 +\n", encoding="utf-8")
    run = firesteel_command("run", "app.py")
    assert run.returncode == 1
    assert "firesteel" not in run.stderr
    assert "SyntaxError" in run.stderr


def test_wrong_arguments(firesteel_command):
    run = firesteel_command("run", "missing.py")
    assert (run.returncode, run.stderr) == (1, "firesteel: cannot read missing.py: No such file or directory\n")
    assert firesteel_command("run", "--conf", "novalue", "app.py").returncode == 2
    assert firesteel_command().returncode == 2
