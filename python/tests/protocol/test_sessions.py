"""Sessions: cloned, released, changed; ids that are none; what the status of operations says."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql.connect.proto import base_pb2

from raw_calls import RawCalls, failure

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KEY = "spark.sql.shuffle.partitions"


def test_clone_has_its_own_copy(spark: SparkSession) -> None:
    first = spark.cloneSession()
    first.conf.set(KEY, "7")
    first.range(3).createOrReplaceTempView("cloned")
    first.sql("DECLARE VARIABLE not_cloned INT")
    second = first.cloneSession(str(uuid.uuid4()))
    assert second.conf.get(KEY) == "7"
    assert second.table("cloned").count() == 3
    with pytest.raises(AnalysisException, match="not_cloned"):
        second.sql("SELECT not_cloned").collect()
    second.conf.set(KEY, "8")
    second.catalog.dropTempView("cloned")
    assert first.conf.get(KEY) == "7"
    assert first.table("cloned").count() == 3
    for session in [first, second]:
        session.client.release_session()
        session.client.close()


def test_clone_needs_a_new_id(spark: SparkSession) -> None:
    calls = RawCalls(spark)
    closed = str(uuid.uuid4())
    calls.clone(closed)
    RawCalls(spark, closed).release_session()
    for new_id, condition in [
        ("no uuid", "TARGET_SESSION_ID_FORMAT"),
        (calls.session_id, "TARGET_SESSION_ID_ALREADY_EXISTS"),
        (closed, "TARGET_SESSION_ID_ALREADY_CLOSED"),
    ]:
        refused = failure(lambda new_id=new_id: calls.clone(new_id))
        assert refused.condition == f"INVALID_CLONE_SESSION_REQUEST.{condition}"
        assert refused.state == "42K04"


def test_released_session_does_not_come_back(spark: SparkSession) -> None:
    session = RawCalls(spark, RawCalls(spark).clone().new_session_id)
    before = session.conf(KEY).server_side_session_id
    assert session.release_session().server_side_session_id == before
    assert failure(lambda: session.conf(KEY)).condition == "INVALID_HANDLE.SESSION_CLOSED"
    assert session.release_session().server_side_session_id == ""


def test_released_session_comes_back_if_that_was_allowed(spark: SparkSession) -> None:
    session = RawCalls(spark, RawCalls(spark).clone().new_session_id)
    before = session.conf(KEY).server_side_session_id
    session.release_session(allow_reconnect=True)
    # Who remembers the old one is told that its state is gone; who does not gets a new one.
    refused = failure(lambda: session.conf(KEY, observed=before))
    assert (refused.condition, refused.state) == ("INVALID_HANDLE.SESSION_CHANGED", "HY000")
    assert session.conf(KEY).server_side_session_id != before
    session.release_session()


def test_changed_session(spark: SparkSession) -> None:
    calls = RawCalls(spark)
    refused = failure(lambda: calls.conf(KEY, observed=str(uuid.uuid4())))
    assert refused.condition == "INVALID_HANDLE.SESSION_CHANGED"


def test_client_of_a_changed_session(spark: SparkSession) -> None:
    session = spark.cloneSession()
    assert session.range(2).count() == 2
    session.client._server_session_id = str(uuid.uuid4())
    with pytest.raises(PySparkException, match="SESSION_CHANGED"):
        session.range(2).count()
    session.client.close()


@pytest.mark.parametrize(
    "session_id", ["", "x", "00112233445566778899aabbccddeeff", "{00112233-4455-6677-8899-aabbccddeeff}"]
)
def test_ids_that_are_none(spark: SparkSession, session_id: str) -> None:
    calls = RawCalls(spark)
    calls.session_id = session_id
    for call in [lambda: calls.conf(KEY), calls.clone, lambda: list(calls.reattach(str(uuid.uuid4())))]:
        refused = failure(call)
        assert (refused.condition, refused.state) == ("INVALID_HANDLE.FORMAT", "HY000")
    # As Spark: what is not there is released already.
    assert calls.release_session().server_side_session_id == ""


def test_unknown_session(spark: SparkSession) -> None:
    unknown = RawCalls(spark, str(uuid.uuid4()))
    assert failure(unknown.clone).condition == "INVALID_HANDLE.SESSION_NOT_FOUND"
    assert failure(lambda: list(unknown.reattach(str(uuid.uuid4())))).condition == "INVALID_HANDLE.SESSION_NOT_FOUND"


def test_status_of_operations(spark: SparkSession) -> None:
    calls = RawCalls(spark)
    operation = str(uuid.uuid4())
    assert calls.state(operation) == "UNKNOWN"
    list(calls.execute(calls.plan(spark.range(2)), operation_id=operation))
    assert calls.state(operation) == "SUCCEEDED"
    calls.release(operation)
    assert calls.state(operation) == "SUCCEEDED"
    failed = str(uuid.uuid4())
    failure(lambda: list(calls.execute(calls.plan(spark.sql("SELECT raise_error('x')")), operation_id=failed)))
    assert calls.state(failed) == "FAILED"
    everything = spark.client._get_operation_statuses()
    assert {operation, failed} <= {status.operation_id for status in everything.operation_statuses}
    # Without the question there is no answer.
    assert not calls.call("GetStatus", calls.message(base_pb2.GetStatusRequest)).operation_statuses
