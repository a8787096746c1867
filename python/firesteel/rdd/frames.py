"""RDDs of frames, and frames of RDDs: ``df.rdd``, ``spark.createDataFrame(rdd)``, ``rdd.toDF()``.

Neither runs anything, except that a frame's schema has to be known, and found in the data if it is not given.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkNotImplementedError, PySparkTypeError, PySparkValueError
from pyspark.sql.types import (
    ArrayType,
    DataType,
    IntegerType,
    MapType,
    StructField,
    StructType,
    YearMonthIntervalType,
    _create_converter,
    _has_nulltype,
    _infer_schema,
    _merge_type,
)

from firesteel.rdd import barrier_chain, lineage, plans, shipping, sources
from firesteel.rdd.worker.frame_rows import FrameSink, OneRowEach, RowsOfFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.session import SparkSession

    from firesteel.rdd.core import RDD

_INFERENCE = (
    "spark.sql.timestampType",
    "spark.sql.pyspark.inferNestedDictAsStruct.enabled",
    "spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled",
    "spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled",
)
# Rows that are looked at when the first one does not tell all types.
_ROWS_LOOKED_AT = 100

_ONE_ROW = StructType([StructField("n", IntegerType())])


def rdd_of_frame(frame: DataFrame) -> RDD[Any]:
    """Return the rows of a frame as an RDD of `Row`: ``DataFrame.rdd``. Its partitions are the frame's.

    Raises
    ------
    PySparkNotImplementedError
        For intervals of months, which have no form in Python. Spark raises it with the first row.
    """
    from firesteel.core.context import SparkContext

    session = frame.sparkSession
    schema = frame.schema
    if _holds_months(schema):
        feature = "YearMonthIntervalType.fromInternal"
        raise PySparkNotImplementedError(errorClass="NOT_IMPLEMENTED", messageParameters={"feature": feature})
    names = schema.fieldNames()
    if len({name.lower() for name in names}) < len(names) or not all(name.isidentifier() for name in names):
        # A function's arguments are named, so that names must tell columns apart.
        names = [f"_{number}" for number in range(len(names))]
        frame = frame.toDF(*names)  # type: ignore[assignment]
    relation = frame._plan.plan(session.client)
    decode = RowsOfFrame(schema.json(), frame._get_binary_as_bytes())
    context = SparkContext._of_session(session)
    count = partial(_count_partitions, session, relation, names, context._shares_files)
    return sources.from_relation(context, relation, names, count, decode)


def _holds_months(data_type: DataType) -> bool:
    if isinstance(data_type, StructType):
        return any(_holds_months(field.dataType) for field in data_type.fields)
    if isinstance(data_type, ArrayType):
        return _holds_months(data_type.elementType)
    if isinstance(data_type, MapType):
        return _holds_months(data_type.keyType) or _holds_months(data_type.valueType)
    return isinstance(data_type, YearMonthIntervalType)


def frame_of_rdd(
    session: SparkSession, rdd: RDD[Any], schema: Any = None, sampling_ratio: float | None = None, verify: bool = True
) -> DataFrame:
    """Return a frame of the items of an RDD: ``SparkSession.createDataFrame``.

    Parameters
    ----------
    session : pyspark.sql.connect.session.SparkSession
        The session of the frame.
    rdd : RDD
        Rows, tuples, dicts, objects with attributes; or values, if `schema` is not a struct.
    schema : StructType, DataType, str or list of str, optional
        Types of the columns, or their names only. Default: both are found in the items.
    sampling_ratio : float, optional
        Part of the items that the types are found in. Default: the first ones, until all types are known.
    verify : bool, default True
        Whether the items are checked against a schema that is given.
    """
    from pyspark.sql.connect.dataframe import DataFrame

    if isinstance(schema, str):
        schema = session.client._analyze(method="ddl_parse", ddl_string=schema).parsed
    single = False
    if isinstance(schema, StructType):
        struct = schema
    elif isinstance(schema, DataType):
        struct, single = StructType([StructField("value", schema, True)]), True
    elif schema is None or isinstance(schema, (list, tuple)):
        struct = schema_of_rdd(session, rdd, sampling_ratio, schema)
        rdd = rdd.map(_create_converter(struct))
        for field, name in zip(struct.fields, schema or (), strict=False):
            field.name = name
        struct = StructType(struct.fields)
        verify = False
    else:
        raise PySparkTypeError(
            errorClass="NOT_EXPECTED_TYPE",
            messageParameters={
                "arg_name": "schema",
                "expected_type": "list, None or StructType",
                "arg_type": type(schema).__name__,
            },
        )
    frame = DataFrame(_plan_of(_relation(rdd, struct, verify, single)), session)
    frame._cached_schema = struct
    if schema is None:
        # Tuples now, whatever they were.
        frame._items = rdd  # type: ignore[attr-defined]
    return frame


def items_of_frame(frame: DataFrame) -> RDD[Any]:
    """Return the rows of a frame as an RDD, those of the RDD that it was made of if there is one.

    Parameters
    ----------
    frame : DataFrame
        A frame whose rows are wanted by position: they may be any objects that the frame was made of.
    """
    return getattr(frame, "_items", None) or frame.rdd


def _relation(rdd: RDD[Any], struct: StructType, verify: bool, single: bool) -> Any:
    from firesteel.core.jobs import Job

    # Of no action: the frame may be run any number of times, or never.
    job = Job(rdd.ctx, -1, "createDataFrame")
    barrier_chain.check(rdd)
    branches = lineage.branches_of(rdd, job) or lineage.empty(1).branches(job)
    return lineage.close(job, rdd.ctx, branches, FrameSink(struct.json(), verify, single), struct)


def _plan_of(relation: Any) -> Any:
    from pyspark.sql.connect.plan import LogicalPlan

    class RelationPlan(LogicalPlan):
        """A plan that is known as a message."""

        def plan(self, session: Any) -> Any:
            plan = self._create_proto_relation()
            plan_id = plan.common.plan_id
            plan.CopyFrom(relation)
            plan.common.plan_id = plan_id
            return plan

    return RelationPlan(None)


def _count_partitions(session: SparkSession, relation: Any, columns: Sequence[str], workers_have_us: bool) -> int:
    """Return the number of a frame's partitions, empty ones included; it takes a job."""
    from pyspark.sql.connect.dataframe import DataFrame

    command = shipping.command(OneRowEach(), _ONE_ROW, workers_have_us)
    counted = plans.map_in_arrow(relation, columns, command, _ONE_ROW, False)
    return int(DataFrame(_plan_of(counted), session).toArrow().num_rows)


def schema_of_rdd(
    session: SparkSession, rdd: RDD[Any], sampling_ratio: float | None, names: Iterable[str] | None
) -> StructType:
    """Return the types of the columns, found in the items.

    Parameters
    ----------
    session : pyspark.sql.connect.session.SparkSession
        Whose configuration says which types are found.
    rdd : RDD
        Rows, tuples, dicts or objects with attributes.
    sampling_ratio : float, optional
        Part of the items that is looked at. Default: the first ones, until all types are known.
    names : list of str, optional
        Names of the columns. Default: those of the items, else ``_1`` and so on.
    """
    infer = _inference(session, None if names is None else list(names))
    if sampling_ratio is not None:
        sampled = rdd.sample(False, float(sampling_ratio)) if sampling_ratio < 0.99 else rdd
        found: StructType = sampled.map(infer).reduce(_merge_type)
        return found
    first = rdd.first()
    if hasattr(first, "__len__") and len(first) == 0:
        raise PySparkValueError(errorClass="CANNOT_INFER_EMPTY_SCHEMA", messageParameters={})
    found = infer(first)
    if not _has_nulltype(found):
        return found
    for row in rdd.take(_ROWS_LOOKED_AT)[1:]:
        found = _merge_type(found, infer(row))
        if not _has_nulltype(found):
            return found
    raise PySparkValueError(errorClass="CANNOT_DETERMINE_TYPE", messageParameters={})


def _inference(session: SparkSession, names: list[str] | None) -> Callable[[Any], StructType]:
    timestamp, dict_as_struct, from_first_element, from_first_pair = session.client.get_configs(*_INFERENCE)
    return partial(
        _infer_schema,
        names=names,
        infer_dict_as_struct=dict_as_struct == "true",
        infer_array_from_first_element=from_first_element == "true",
        infer_map_from_first_pair=from_first_pair == "true",
        prefer_timestamp_ntz=timestamp == "TIMESTAMP_NTZ",
    )
