"""Sessions of one engine at the same time: each gets its own right answers."""

from concurrent.futures import ThreadPoolExecutor

N_SESSIONS = 50


def test_fifty_sessions_at_once(spark):
    def work(n: int) -> tuple[int, int, str]:
        mine = spark.newSession()
        try:
            mine.conf.set("spark.app.mine", str(n))
            mine.range(n + 1).createOrReplaceTempView("mine")
            total = mine.sql("SELECT sum(id) AS total FROM mine").collect()[0].total
            rows = mine.table("mine").count()
            return total, rows, mine.conf.get("spark.app.mine")
        finally:
            mine.stop()

    with ThreadPoolExecutor(N_SESSIONS) as threads:
        answers = list(threads.map(work, range(N_SESSIONS)))
    assert answers == [(n * (n + 1) // 2, n + 1, str(n)) for n in range(N_SESSIONS)]
