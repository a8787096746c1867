"""A forked child of the user's program neither stops nor breaks the engine."""


def test_child_that_exits_leaves_the_engine_to_its_parent(start):
    program = start(
        """
assert spark.range(3).count() == 3
child = os.fork()
if child == 0:
    sys.exit(0)  # runs the exit functions that the client and Firesteel registered
assert os.waitpid(child, 0)[1] == 0
print(spark.range(5).count(), engine_pid(spark))
"""
    )
    output, errors = program.end()
    assert output.split() == ["5", str(program.engine_pid)], errors


def test_child_that_exits_during_a_query_of_its_parent(start):
    program = start(
        """
import threading
query = threading.Thread(target=endless_query, args=[1], daemon=True)
query.start()
time.sleep(1)
child = os.fork()
if child == 0:
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
print(query.is_alive(), spark.range(5).count(), flush=True)
"""
    )
    output, errors = program.end()
    assert output.split() == ["True", "5"], errors
    assert program.process.returncode == 0


def test_session_says_in_a_child_that_it_is_not_the_childs(start):
    program = start(
        """
frame = spark.range(3)
child = os.fork()
if child == 0:
    try:
        frame.count()
    except Exception as error:
        print(error.getCondition(), flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(frame.count())
"""
    )
    output, errors = program.end()
    assert output.split() == ["NO_ACTIVE_SESSION", "3"], errors


def test_pool_of_forked_processes_beside_a_session(start):
    program = start(
        """
import multiprocessing
with multiprocessing.get_context("fork").Pool(3) as pool:
    print(sum(pool.map(abs, range(-100, 0))))
print(spark.range(3).count())
"""
    )
    output, errors = program.end()
    assert output.split() == ["5050", "3"], errors
