"""``firesteel sql``: SQL at a prompt, from the command line or from a file, as ``spark-sql`` runs it.

Results are printed as ``DataFrame.show`` prints them. At the prompt an error is printed and the next
statement can be typed; with -e and -f the first error ends the command with exit code 1.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from firesteel.cli.history import keep_history
from firesteel.cli.session_arguments import add_session_arguments, apply_session_arguments
from firesteel.cli.statements import split_statements
from firesteel.embedded import session

if TYPE_CHECKING:
    import argparse

    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

PROMPT = "spark-sql> "
CONTINUATION = "         > "


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``firesteel sql``."""
    add_session_arguments(parser)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("-e", dest="text", metavar="SQL", help="run these statements")
    source.add_argument("-f", dest="file", metavar="FILE", help="run the statements of this file")
    parser.add_argument(
        "--max-rows",
        type=int,
        default=1000,
        metavar="N",
        help="print at most N rows of a result (%(default)s)",
    )


def execute(parsed: argparse.Namespace) -> int:
    """Run SQL at a prompt, from the command line or from a file."""
    text = parsed.text
    if parsed.file is not None:
        try:
            text = Path(parsed.file).read_text(encoding="utf-8")
        except OSError as error:
            sys.stderr.write(f"firesteel: cannot read {parsed.file}: {error.strerror}\n")
            return 1
    elif text is None and not sys.stdin.isatty():
        text = sys.stdin.read()
    apply_session_arguments(parsed)
    spark = session(app_name=parsed.name or "Firesteel SQL")
    # The client would print each error a second time, as JSON with a trace.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
    try:
        if text is None:
            _prompt(spark, parsed.max_rows)
            return 0
        statements, rest = split_statements(text)
        return 0 if all(_run(spark, s, parsed.max_rows) for s in [*statements, rest]) else 1
    finally:
        spark.stop()


def _prompt(spark: SparkSession, rows_max: int) -> None:
    sys.stdout.write(f"Firesteel SQL, answering as Spark {spark.version}. Leave with quit; or Ctrl-D.\n")
    with keep_history("sql"):
        rest = ""
        while True:
            try:
                line = input(CONTINUATION if rest else PROMPT)
            except EOFError:
                sys.stdout.write("\n")
                return
            except KeyboardInterrupt:
                # Ctrl-C drops what has been typed, as in every shell.
                rest = ""
                sys.stdout.write("\n")
                continue
            statements, rest = split_statements(f"{rest}\n{line}" if rest else line)
            if not statements and rest.lower() in ("quit", "exit"):
                return
            for statement in statements:
                if statement.strip().lower() in ("quit", "exit"):
                    return
                _run(spark, statement, rows_max)


def _run(spark: SparkSession, statement: str, rows_max: int) -> bool:
    """Run one statement and print what it gives; return whether it succeeded."""
    if not statement.strip():
        return True
    from pyspark.errors import PySparkException

    try:
        result = spark.sql(statement)
        # Statements that only do something give no columns.
        if result.columns:
            result.show(rows_max, truncate=False)
    except PySparkException as error:
        sys.stderr.write(f"{_message(error)}\n")
        return False
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return False
    return True


def _message(error: PySparkException) -> str:
    # The condition in brackets, the text, the SQLSTATE; what follows is for whoever mends the engine.
    return str(error).partition("\n\nJVM stacktrace:")[0].rstrip()
