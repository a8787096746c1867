"""Connects the official client to an engine: channel, retries, session.

Imports the client, which takes most of a session's start; the engine is started before that.
"""

from __future__ import annotations

import getpass
import os
import sys
from typing import TYPE_CHECKING, Any

from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.client.retries import DefaultPolicy
from pyspark.sql.connect.session import SparkSession

from firesteel._interrupts import CallsInOtherThreads
from firesteel.errors import EngineLostError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import grpc

    from firesteel._engine import Engine


class EngineChannelBuilder(DefaultChannelBuilder):
    """Channel to an embedded engine.

    The URL says ``localhost``, the one host for which the client sends a token without TLS; the channel
    goes to 127.0.0.1, where the engine listens. The name may also stand for ::1, and there the same
    port may belong to another user, who would be handed the token.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        super().__init__(
            f"sc://localhost:{engine.port}/;token={engine.token}",
            # gRPC would send even this connection through http_proxy.
            channelOptions=[("grpc.enable_http_proxy", 0)],
        )
        self._calls = CallsInOtherThreads()
        self.add_interceptor(self._calls)

    def toChannel(self) -> grpc.Channel:
        """Open the channel. Calls after its end are refused here: gRPC's own code may crash the process."""
        channel = super().toChannel()
        close = channel.close

        def close_for_good() -> None:
            self._calls.is_closed = True
            close()

        channel.close = close_for_good
        return channel

    def __deepcopy__(self, memo: dict[int, Any]) -> EngineChannelBuilder:
        """Copy for the client of a cloned session: another session of the same engine."""
        clone = EngineChannelBuilder(self.engine)
        for key, value in self._params.items():
            clone.set(key, value)
        return clone

    @property
    def userId(self) -> str | None:
        """Who asks, for `current_user()`: the client alone looks at variables that containers do not set."""
        try:
            return os.getenv("SPARK_USER") or getpass.getuser()
        except (KeyError, OSError):  # an account without a name
            return None

    @property
    def endpoint(self) -> str:
        """Address of the engine as host and port."""
        return f"127.0.0.1:{self.engine.port}"


class EngineRetryPolicy(DefaultPolicy):
    """The client's own retries, given up at once when the engine is gone.

    The client retries UNAVAILABLE for ten minutes; a dead child will not come back.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine

    def can_retry(self, e: BaseException) -> bool:
        """Whether the call may be tried again after the error `e`.

        Raises
        ------
        EngineLostError
            The call failed because the engine ended.
        """
        if not super().can_retry(e):
            return False
        if not self._engine.is_alive:
            raise EngineLostError(self._engine.describe_end()) from None
        return True


def connect(engine: Engine, options: Mapping[str, Any]) -> SparkSession:
    """Open a new session of `engine`.

    It becomes the default and the thread's active session if there is none yet, as in PySpark.

    Parameters
    ----------
    engine : Engine
        A started engine.
    options : mapping of str to any
        The builder's options. Those that the session cannot set (static ones) are passed over, as in
        PySpark.

    Raises
    ------
    EngineStartError
        The engine did not come up.
    """
    _allow_deep_plans()
    # Without options, so that no call is made before the policy is in place.
    session = SparkSession.builder.channelBuilder(EngineChannelBuilder(engine)).create()
    session.client.set_retry_policies([EngineRetryPolicy(engine)])
    apply_options(session, options)
    return session


def _allow_deep_plans() -> None:
    """Let the client build plans as deep as the engine takes, and deeper ones up to the engine's refusal.

    The client recurses about three Python frames for each level of a plan: Python's default of 1,000 ends at some
    300 chained calls. From 3.11 on such frames take no C stack.
    """
    depth = 30_000 if sys.version_info >= (3, 11) else 6_000
    sys.setrecursionlimit(max(sys.getrecursionlimit(), depth))


def apply_options(session: SparkSession, options: Mapping[str, Any]) -> None:
    """Set a builder's options on a session that exists, as ``getOrCreate`` does."""
    SparkSession.builder.config(map=dict(options))._apply_options(session)


def current_session() -> SparkSession | None:
    """Return the thread's active session, else the default one, else None; never one whose engine ended."""
    for session in (SparkSession.getActiveSession(), SparkSession._get_default_session()):
        if session is None:
            continue
        engine = engine_of(session)
        if engine is None or engine.is_alive:
            return session
        # Closed, it no longer counts as active or default.
        session.client.close()
    return None


def engine_of(session: SparkSession) -> Engine | None:
    """Return the embedded engine that serves `session`, None for a server elsewhere."""
    builder = session.client._builder
    return builder.engine if isinstance(builder, EngineChannelBuilder) else None
