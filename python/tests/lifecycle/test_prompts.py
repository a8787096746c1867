"""`firesteel sql`, `firesteel shell` and `firesteel server`."""

import os
import re
import signal
import subprocess

import pytest
from pyspark.sql.connect.session import SparkSession

from firesteel.cli.statements import split_statements
from processes import FIRESTEEL, LIMIT_S


def test_sql_on_the_command_line(firesteel_command):
    run = firesteel_command("sql", "-e", "CREATE TEMP VIEW v AS SELECT 1 AS a, 'x;y' AS b; SELECT * FROM v;")
    assert run.returncode == 0, run.stderr
    assert run.stdout == "+---+---+\n|a  |b  |\n+---+---+\n|1  |x;y|\n+---+---+\n\n"


def test_sql_of_a_file_stops_at_the_first_error(firesteel_command, tmp_path):
    (tmp_path / "q.sql").write_text("SELECT 1 AS a;\n-- then\nSELECT * FROM missing;\nSELECT 2;\n", encoding="utf-8")
    run = firesteel_command("sql", "-f", "q.sql")
    assert run.returncode == 1
    assert run.stdout == "+---+\n|a  |\n+---+\n|1  |\n+---+\n\n"
    assert run.stderr.startswith("[TABLE_OR_VIEW_NOT_FOUND] ")
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("text", "statements", "rest"),
    [
        ("select 1; select 2", ["select 1"], "select 2"),
        ("select ';' ; -- x;y\nselect `;`", ["select ';'"], "-- x;y\nselect `;`"),
        ("/* a;/* b;*/ c; */ select 1;", ["/* a;/* b;*/ c; */ select 1"], ""),
        ("select 'it\\';s', \"a;b\"; x", ["select 'it\\';s', \"a;b\""], "x"),
        ("select r'\\'; x", ["select r'\\'"], "x"),
        ("select 'open;", [], "select 'open;"),
        ("/* open ;", [], "/* open ;"),
        ("; -- nothing\n ;", [], ""),
    ],
)
def test_statements_end_at_semicolons(text, statements, rest):
    assert split_statements(text) == (statements, rest)


def test_shell_has_a_session(firesteel_command):
    run = firesteel_command("shell", "--master", "local[2]", typed="print(spark.range(3).count(), sc.master)\n")
    assert run.returncode == 0, run.stderr
    assert "3 local[2]" in run.stdout


def test_server_serves_whoever_has_the_token():
    server = subprocess.Popen(
        [str(FIRESTEEL), "server", "--port", "0", "--conf", "spark.app.mine=yes"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "FIRESTEEL_TOKEN": "secret"},
    )
    try:
        assert server.stdout is not None
        # The secret itself is not printed.
        url = re.search(r"sc://localhost:[0-9]+/;token=\$FIRESTEEL_TOKEN", server.stdout.readline())
        assert url
        client = SparkSession(url[0].replace("$FIRESTEEL_TOKEN", "secret"))
        assert client.range(3).count() == 3
        assert client.conf.get("spark.app.mine") == "yes"
        client.stop()
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(LIMIT_S) == 0
