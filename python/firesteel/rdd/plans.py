"""Connect relations as protobuf, built directly: a job is one small message and needs no analysis first."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyspark.sql.connect.proto as proto
from pyspark.sql.connect.types import pyspark_types_to_proto_types
from pyspark.sql.connect.utils import get_python_ver
from pyspark.sql.types import BinaryType, IntegerType, LongType, StructField, StructType
from pyspark.util import PythonEvalType

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULT = StructType([StructField("p", IntegerType()), StructField("d", BinaryType())])
EXCHANGE = StructType(
    [
        *(StructField("k", LongType()), StructField("p", IntegerType())),
        *(StructField("s", LongType()), StructField("d", BinaryType())),
    ]
)


def numbers(n: int) -> Any:
    """Relation of the numbers 0 to n-1, one in each of n partitions."""
    relation = proto.Relation()
    relation.range.start = 0
    relation.range.end = n
    relation.range.step = 1
    relation.range.num_partitions = n
    return relation


def map_in_arrow(
    source: Any,
    columns: Sequence[str],
    command: bytes,
    schema: StructType,
    barrier: bool,
    profile_id: int | None = None,
) -> Any:
    """Relation that a pickled function makes of another one's Arrow batches."""
    relation = proto.Relation()
    part = relation.map_partitions
    part.input.CopyFrom(source)
    part.is_barrier = barrier
    if profile_id is not None:
        part.profile_id = profile_id
    part.func.function_name = "rdd"
    part.func.deterministic = True
    for column in columns:
        part.func.arguments.add().unresolved_attribute.unparsed_identifier = column
    udf = part.func.python_udf
    udf.output_type.CopyFrom(_wire_type(schema))
    udf.eval_type = PythonEvalType.SQL_MAP_ARROW_ITER_UDF
    udf.command = command
    udf.python_ver = get_python_ver()
    return relation


def exchange(source: Any, n_partitions: int) -> Any:
    """Relation with its rows in the partitions of their ``k``; see `partition_keys`."""
    relation = proto.Relation()
    part = relation.repartition_by_expression
    part.input.CopyFrom(source)
    part.num_partitions = n_partitions
    part.partition_exprs.add().unresolved_attribute.unparsed_identifier = "k"
    return relation


def only_keys(source: Any, keys: Sequence[int]) -> Any:
    """Relation of the rows whose ``k`` is one of `keys`."""
    relation = proto.Relation()
    relation.filter.input.CopyFrom(source)
    function = relation.filter.condition.unresolved_function
    function.function_name = "in"
    function.arguments.add().unresolved_attribute.unparsed_identifier = "k"
    for key in keys:
        function.arguments.add().literal.long = key
    return relation


def union(relations: Sequence[Any]) -> Any:
    """Relation of the rows of all."""
    relation = relations[0]
    for other in relations[1:]:
        both = proto.Relation()
        operation = both.set_op
        operation.left_input.CopyFrom(relation)
        operation.right_input.CopyFrom(other)
        operation.set_op_type = proto.SetOperation.SET_OP_TYPE_UNION
        operation.is_all = True
        relation = both
    return relation


def _wire_type(schema: StructType) -> Any:
    return _own_types().get(id(schema)) or pyspark_types_to_proto_types(schema)


@lru_cache(maxsize=1)
def _own_types() -> dict[int, Any]:
    return {id(schema): pyspark_types_to_proto_types(schema) for schema in (RESULT, EXCHANGE)}
