"""The driver's side of barriers: who calls is known by a secret, all are answered together, closing ends all waiting."""

import threading

import pytest
from pyspark.taskcontext import ALL_GATHER_FUNCTION, BARRIER_FUNCTION, _load_from_socket

from firesteel.core.barrier import Coordinator

ENDED = (EOFError, OSError)


def call_together(coordinator, calls):
    """Call from one thread per task; the answers by task."""
    answers = {}

    def call(task, function, message):
        try:
            answers[task] = _load_from_socket(coordinator.port, f"{coordinator.secret}:{task}", function, message)
        except ENDED as error:
            answers[task] = error

    threads = [threading.Thread(target=call, args=(task, *rest)) for task, rest in calls.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_messages_come_in_the_order_of_partitions():
    coordinator = Coordinator(3)
    for round_ in range(3):
        calls = {task: (ALL_GATHER_FUNCTION, f"{round_} é {task}") for task in (2, 0, 1)}
        expected = [f"{round_} é {task}" for task in range(3)]
        assert call_together(coordinator, calls) == dict.fromkeys(range(3), expected)
    coordinator.close()


def test_a_stranger_and_a_disagreement_fail():
    coordinator = Coordinator(2)
    with pytest.raises(ENDED):
        _load_from_socket(coordinator.port, "guess:0", BARRIER_FUNCTION)
    mixed = call_together(coordinator, {0: (BARRIER_FUNCTION, None), 1: (ALL_GATHER_FUNCTION, "m")})
    assert all(isinstance(answer, Exception) for answer in mixed.values())
    coordinator.close()


def test_closing_ends_all_waiting():
    coordinator = Coordinator(2)
    timer = threading.Timer(0.2, coordinator.close)
    timer.start()
    with pytest.raises(ENDED):
        _load_from_socket(coordinator.port, f"{coordinator.secret}:0", BARRIER_FUNCTION)
    timer.join()
