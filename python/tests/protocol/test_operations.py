"""Operations: interrupted, taken up again, released; what is kept for a client whose connection broke."""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql.connect.proto import base_pb2

from raw_calls import RawCalls, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import SparkSession

LIMIT_S = 60


@pytest.fixture
def session(spark: SparkSession) -> Iterator[SparkSession]:
    """A session of its own: `interruptAll` stops no other test."""
    session = spark.cloneSession()
    yield session
    session.client.release_session()
    session.client.close()


class Query(threading.Thread):
    """A query that runs until it is stopped, and the error that it ends with."""

    def __init__(self, session: SparkSession, tag: str | None = None) -> None:
        super().__init__(daemon=True)
        self.session = session
        self.tag = tag
        self.error: PySparkException | None = None
        self.start()

    def run(self) -> None:
        """Run in this thread, whose tags are its own."""
        if self.tag:
            self.session.addTag(self.tag)
        try:
            self.session.range(0, 10**15, 1, 1).filter("id % 7 = 8").count()
        except PySparkException as error:
            self.error = error


def wait_for(condition: Callable[[], Any]) -> Any:
    """Wait until something holds, and return it."""
    deadline = time.monotonic() + LIMIT_S
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def running(session: SparkSession) -> list[str]:
    """Return the ids of the operations that run."""
    statuses = session.client._get_operation_statuses().operation_statuses
    return [status.operation_id for status in statuses if status.state == type(status).OPERATION_STATE_RUNNING]


def assert_canceled(query: Query) -> None:
    """Fail unless the query ends because it was stopped."""
    query.join(LIMIT_S)
    assert query.error is not None
    assert query.error.getCondition() == "OPERATION_CANCELED"
    assert query.error.getSqlState() == "HY008"


def test_interrupt_all(session: SparkSession) -> None:
    queries = [Query(session), Query(session)]
    ids = wait_for(lambda: len(found := running(session)) == 2 and found)
    assert sorted(session.interruptAll()) == sorted(ids)
    for query in queries:
        assert_canceled(query)
    assert session.interruptAll() == []
    assert RawCalls(session).state(ids[0]) == "CANCELLED"


def test_interrupt_by_tag_and_by_operation(session: SparkSession) -> None:
    tagged, other = Query(session, "one"), Query(session, "two")
    wait_for(lambda: len(running(session)) == 2)
    assert session.interruptTag("three") == []
    (stopped,) = session.interruptTag("one")
    assert_canceled(tagged)
    (left,) = running(session)
    assert left != stopped
    assert session.interruptOperation(stopped) == []
    assert session.interruptOperation(left) == [left]
    assert_canceled(other)
    assert session.range(3).count() == 3


def test_an_interrupt_that_overtakes_its_query(session: SparkSession) -> None:
    calls = RawCalls(session)
    operation = str(uuid.uuid4())
    assert session.interruptOperation(operation) == []
    plan = calls.plan(session.range(10**15).filter("id % 7 = 3").groupBy().count())
    error = failure(lambda: list(calls.execute(plan, operation_id=operation)))
    assert error.condition == "OPERATION_CANCELED"
    assert session.range(3).count() == 3


def test_interrupts_that_name_nothing(session: SparkSession) -> None:
    calls = RawCalls(session)
    kinds = base_pb2.InterruptRequest
    for fields, condition in [
        ({}, "UNSUPPORTED_FEATURE.INTERRUPT_TYPE"),
        (
            {"interrupt_type": kinds.INTERRUPT_TYPE_TAG},
            "INVALID_PARAMETER_VALUE.INTERRUPT_TYPE_TAG_REQUIRES_TAG",
        ),
        (
            {"interrupt_type": kinds.INTERRUPT_TYPE_OPERATION_ID},
            "INVALID_PARAMETER_VALUE.INTERRUPT_TYPE_OPERATION_ID_REQUIRES_ID",
        ),
    ]:
        request = calls.message(kinds, **fields)
        assert failure(lambda request=request: calls.call("Interrupt", request)).condition == condition
    request = calls.message(kinds, interrupt_type=kinds.INTERRUPT_TYPE_TAG, operation_tag="a,b")
    assert not calls.call("Interrupt", request).interrupted_ids


def test_tags_have_no_comma(session: SparkSession) -> None:
    calls = RawCalls(session)
    plan = calls.plan(session.range(1))
    for tag in ["a,b", ""]:
        assert "tag cannot" in failure(lambda tag=tag: list(calls.execute(plan, tags=[tag]))).text


def test_operation_ids(session: SparkSession) -> None:
    calls = RawCalls(session)
    plan = calls.plan(session.range(3))
    assert failure(lambda: list(calls.execute(plan, operation_id="x"))).condition == "INVALID_HANDLE.FORMAT"
    operation = str(uuid.uuid4())
    list(calls.execute(plan, operation_id=operation))
    again = failure(lambda: list(calls.execute(plan, operation_id=operation)))
    assert again.condition == "INVALID_HANDLE.OPERATION_ALREADY_EXISTS"
    # A retry that comes after the end must not run the query a second time.
    calls.release(operation)
    again = failure(lambda: list(calls.execute(plan, operation_id=operation)))
    assert again.condition == "INVALID_HANDLE.OPERATION_ABANDONED"


def test_reattach_until_it_is_released(session: SparkSession) -> None:
    calls = RawCalls(session)
    operation = str(uuid.uuid4())
    answers = list(calls.execute(calls.plan(session.range(3)), operation_id=operation))
    assert list(calls.reattach(operation)) == answers
    assert list(calls.reattach(operation, answers[0].response_id)) == answers[1:]
    assert list(calls.reattach(operation, answers[-1].response_id)) == []
    calls.release(operation, until=answers[0].response_id)
    assert list(calls.reattach(operation, answers[0].response_id)) == answers[1:]
    gone = failure(lambda: list(calls.reattach(operation)))
    assert (gone.condition, gone.state) == ("INVALID_CURSOR.POSITION_NOT_AVAILABLE", "HY109")
    unknown = failure(lambda: list(calls.reattach(operation, str(uuid.uuid4()))))
    assert unknown.condition == "INVALID_CURSOR.POSITION_NOT_FOUND"
    assert calls.release(operation).operation_id == operation
    assert calls.release(operation).operation_id == ""
    assert failure(lambda: list(calls.reattach(operation))).condition == "INVALID_HANDLE.OPERATION_NOT_FOUND"


def test_newest_reader_has_the_stream(session: SparkSession) -> None:
    calls = RawCalls(session)
    operation = str(uuid.uuid4())
    endless = session.range(0, 10**15, 1, 1).filter("id % 7 = 8")
    first = calls.execute(calls.plan(endless), operation_id=operation)
    next(first)  # the schema
    second = calls.reattach(operation)
    next(second)
    assert failure(lambda: next(first)).condition == "INVALID_CURSOR.DISCONNECTED"
    assert calls.state(operation) == "RUNNING"
    assert session.interruptOperation(operation) == [operation]
    assert failure(lambda: list(second)).condition == "OPERATION_CANCELED"


def test_stream_that_cannot_be_taken_up(session: SparkSession) -> None:
    calls = RawCalls(session)
    operation = str(uuid.uuid4())
    endless = session.range(0, 10**15, 1, 1).filter("id % 7 = 8")
    stream = calls.execute(calls.plan(endless), operation_id=operation, reattachable=False)
    next(stream)
    assert failure(lambda: list(calls.reattach(operation))).condition == "INVALID_CURSOR.NOT_REATTACHABLE"
    # It ends with its reader.
    stream.cancel()
    wait_for(lambda: calls.state(operation) == "CANCELLED")


def test_real_client_takes_a_cut_stream_up(session: SparkSession) -> None:
    """Each stream of the client breaks off after three answers."""
    client = session.client
    stub = client._stub
    cuts = []

    class Cut:
        def __getattr__(self, name: str) -> Any:
            call = getattr(stub, name)
            if name not in ("ExecutePlan", "ReattachExecute"):
                return call

            def cut(request: Any, **options: Any) -> Iterator[Any]:
                stream = call(request, **options)
                for n_answers, answer in enumerate(stream):
                    if n_answers == 3:
                        cuts.append(name)
                        stream.cancel()
                        return
                    yield answer

            return cut

    client._stub = Cut()
    try:
        rows = session.range(0, 200_000, 1, 4).collect()
    finally:
        client._stub = stub
    assert [row.id for row in rows] == list(range(200_000))
    assert "ReattachExecute" in cuts
