"""Connect sessions gain what programs for a JVM use of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from firesteel import embedded

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    from firesteel.core.context import SparkContext


def patch() -> None:
    """Patch the class of Connect sessions."""
    from pyspark.sql.connect.session import SparkSession

    official_create = SparkSession.createDataFrame
    official_stop = SparkSession.stop

    def spark_context(self: ConnectSession) -> SparkContext:
        from firesteel.core.context import SparkContext

        return SparkContext._of_session(self)

    def new_session(self: ConnectSession) -> SparkSession:
        from firesteel import _connect

        engine = _connect.engine_of(self)
        if engine is None:
            builder: Any = SparkSession.builder
            return cast("SparkSession", builder.channelBuilder(self.client._builder).create())
        return cast("SparkSession", embedded.create(engine.conf))

    def create_frame(
        self: ConnectSession, data: Any, schema: Any = None, samplingRatio: Any = None, verifySchema: Any = None
    ) -> Any:
        if _is_rdd(data):
            from firesteel.rdd.frames import frame_of_rdd

            return frame_of_rdd(self, data, schema, samplingRatio, verifySchema is not False)
        return official_create(self, data, schema, samplingRatio, verifySchema)

    def infer_schema(self: ConnectSession, rdd: Any, samplingRatio: Any = None, names: Any = None) -> Any:
        from firesteel.rdd.frames import schema_of_rdd

        return schema_of_rdd(self, rdd, samplingRatio, names)

    def stop(self: ConnectSession) -> None:
        official_stop(self)
        context = self.__dict__.get("_firesteel_context")
        if context is not None and context._session is self:
            context._end()

    def enter(self: ConnectSession) -> ConnectSession:
        return self

    def leave(self: ConnectSession, *_error: object) -> None:
        self.stop()

    create_frame.__doc__ = official_create.__doc__
    stop.__doc__ = official_stop.__doc__
    patched: Any = SparkSession
    patched.sparkContext = property(spark_context, doc="The SparkContext of this session.")
    patched._sc = patched.sparkContext
    patched.newSession = new_session
    patched.createDataFrame = create_frame
    # The metrics of pyspark.mllib ask for it.
    patched._inferSchema = infer_schema
    patched.stop = stop
    patched.__enter__ = enter
    patched.__exit__ = leave


def _is_rdd(data: Any) -> bool:
    # Whoever holds an RDD has imported its class.
    rdd = sys.modules.get("firesteel.rdd.core")
    return rdd is not None and isinstance(data, rdd.RDD)
