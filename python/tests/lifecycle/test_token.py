"""A client without the engine's token gets nothing."""

import grpc
import pytest
from pyspark.errors.exceptions.connect import SparkConnectGrpcException
from pyspark.sql.connect.session import SparkSession as ConnectSession

from firesteel import _connect
from processes import LIMIT_S


@pytest.mark.parametrize("token", ["wrong", ""])
def test_client_with_another_token(spark, token):
    port = _connect.engine_of(spark).port
    stranger = ConnectSession(f"sc://localhost:{port}/;token={token}")
    try:
        with pytest.raises(SparkConnectGrpcException) as failure:
            stranger.range(3).count()
        assert failure.value.getGrpcStatusCode() == grpc.StatusCode.UNAUTHENTICATED
    finally:
        stranger.client.close()


@pytest.mark.parametrize("method", ["Config", "AnalyzePlan", "ExecutePlan", "Interrupt", "ReleaseSession"])
def test_call_without_a_token(spark, method):
    port = _connect.engine_of(spark).port
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        # The bytes of an empty message are the same for all requests.
        call = channel.unary_stream if method == "ExecutePlan" else channel.unary_unary
        invoke = call(f"/spark.connect.SparkConnectService/{method}")
        for metadata in ((), (("authorization", "Bearer "),), (("authorization", "Basic x"),)):
            with pytest.raises(grpc.RpcError) as failure:
                list(invoke(b"", timeout=LIMIT_S, metadata=metadata))
            assert failure.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_proxy_settings_do_not_reach_the_engine(start, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    output, errors = start("print(spark.range(3).count())").end()
    assert output.split() == ["3"], errors
