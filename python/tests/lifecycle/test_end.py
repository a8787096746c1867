"""However a program ends, its engine ends; and what does not end the program does not end the engine."""

import os
import signal

import pytest

from processes import assert_ends, is_running


@pytest.mark.parametrize(
    ("text", "exit_code"),
    [
        ("print(spark.range(3).count())", 0),
        ("spark.stop()", 0),
        ("sys.exit(3)", 3),
        ("raise ValueError('the program fails')", 1),
        ("os._exit(4)", 4),
    ],
)
def test_program_ends_by_itself(start, text, exit_code):
    program = start(text)
    program.end()
    assert program.process.returncode == exit_code
    assert_ends(program.engine_pid)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP, signal.SIGINT])
def test_program_is_ended_during_a_query(start, sent):
    program = start("print('running', flush=True)\nendless_query()")
    program.wait_for("running")
    program.process.send_signal(sent)
    program.end()
    assert program.process.returncode != 0
    assert_ends(program.engine_pid)


def test_interrupt_from_the_terminal_ends_the_query_only(start):
    program = start(
        """
import threading
threading.Timer(0.5, print, ['running'], {'flush': True}).start()
try:
    endless_query()
except KeyboardInterrupt:
    print('interrupted')
print(spark.range(3).count(), engine_pid(spark))
"""
    )
    program.wait_for("running")
    # A terminal sends Ctrl-C to all of its foreground group.
    os.killpg(program.process.pid, signal.SIGINT)
    output, errors = program.end()
    assert output.split() == ["interrupted", "3", str(program.engine_pid)], errors


def test_interrupts_at_any_moment_of_a_query(start):
    """gRPC's locks, and calls that overtake each other, each have moments in which an interrupt was lost or hung."""
    program = start(
        """
import random, threading
moments = random.Random(1)
interrupted = 0
for n in range(60):
    timer = threading.Timer(moments.uniform(0, 0.02), os.kill, [os.getpid(), signal.SIGINT])
    try:
        timer.start()
        endless_query()
    except KeyboardInterrupt:
        interrupted += 1
    assert spark.range(3).count() == 3
print(interrupted, engine_pid(spark))
"""
    )
    output, errors = program.end()
    assert output.split() == ["60", str(program.engine_pid)], errors


def test_forked_child_that_outlives_the_program_keeps_no_engine(start):
    program = start(
        """
child = os.fork()
if child == 0:
    time.sleep(600)
print(child, flush=True)
time.sleep(600)
"""
    )
    assert program.process.stdout is not None
    child = int(program.process.stdout.readline())
    program.process.kill()
    try:
        assert_ends(program.engine_pid)
        assert is_running(child)
    finally:
        os.kill(child, signal.SIGKILL)
