"""An engine that ends gives one clear error, and the next session works."""


def test_engine_killed_during_a_query(start):
    program = start(
        """
import threading
from pyspark.errors import PySparkException

threading.Timer(1, os.kill, [engine_pid(spark), signal.SIGKILL]).start()
for attempt in range(2):
    try:
        endless_query()
    except PySparkException as error:
        print(error.getCondition(), error.getSqlState(), "SIGKILL" in str(error))

again = firesteel.session()
print(again.range(3).count(), engine_pid(again) != engine_pid(spark))
try:
    spark.range(3).count()
except PySparkException as error:
    print(error.getCondition())
"""
    )
    output, errors = program.end()
    assert output.splitlines() == [
        "ENGINE_LOST 08006 True",
        "ENGINE_LOST 08006 True",
        "3 True",
        "NO_ACTIVE_SESSION",
    ], errors
    assert program.process.returncode == 0


def test_engine_killed_between_queries_is_replaced_by_the_builder(start):
    program = start(
        """
from pyspark.sql import SparkSession
lost = engine_pid(spark)
os.kill(lost, signal.SIGKILL)
os.waitid(os.P_PID, lost, os.WEXITED | os.WNOWAIT)
spark = SparkSession.builder.master("local[1]").getOrCreate()
print(spark.range(3).count(), spark.sparkContext.master)
"""
    )
    output, errors = program.end()
    assert output.splitlines() == ["3 local[1]"], errors


def test_program_ends_though_its_engine_was_killed(start):
    program = start("os.kill(engine_pid(spark), signal.SIGKILL)")
    _, errors = program.end()
    assert (program.process.returncode, errors) == (0, "")


def test_workers_of_a_lost_engine_end_without_a_word(start):
    program = start(
        """
import shutil, tempfile, threading
from pyspark.errors import PySparkException

marks = tempfile.mkdtemp()

def passed(batches):
    for number, batch in enumerate(batches):
        if number == 20:
            open(os.path.join(marks, "busy"), "w").close()
        yield batch

def kill():
    while not os.listdir(marks):
        time.sleep(0.05)
    os.kill(engine_pid(spark), signal.SIGKILL)

threading.Thread(target=kill).start()
try:
    spark.range(10**12).mapInArrow(passed, "id long").groupBy().sum().collect()
except PySparkException as error:
    print(error.getCondition())
# What a worker prints goes where the engine's words went.
time.sleep(1)
shutil.rmtree(marks)
"""
    )
    output, errors = program.end()
    assert (output, errors) == ("ENGINE_LOST\n", "")
