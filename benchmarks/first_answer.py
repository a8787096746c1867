"""The smallest program of a named engine: `first_answer.py ENGINE` prints one count, as a user's first cell does."""

from __future__ import annotations

import os
import sys


def main(engine: str) -> None:
    if engine == "duckdb":
        import duckdb

        print(duckdb.sql("SELECT count(*) FROM range(1)").fetchall()[0][0])
    elif engine == "datafusion":
        from datafusion import SessionContext

        print(SessionContext().sql("SELECT count(*) FROM range(1)").to_pylist()[0]["count(*)"])
    elif engine == "firesteel":
        import firesteel

        print(firesteel.session().range(1).count())
    elif engine == "sail":
        from pysail.spark import SparkConnectServer
        from pyspark.sql import SparkSession

        server = SparkConnectServer("127.0.0.1", 0)
        server.start()
        host, port = server.listening_address
        print(SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate().range(1).count(), flush=True)
        # Its server's threads would keep the process.
        os._exit(0)
    else:
        from pyspark.sql import SparkSession

        print(SparkSession.builder.config("spark.ui.enabled", "false").getOrCreate().range(1).count())


if __name__ == "__main__":
    main(sys.argv[1])
