"""Plans that no client sends: each gets an error or a right answer, and the engine lives on.

The conditions and counts in `SPARK_SAYS` were seen on Spark 4.2.0 with the same messages.
"""

from __future__ import annotations

import contextlib
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pyarrow as pa
import pytest
from google.protobuf import any_pb2
from pyspark.errors import PySparkException
from pyspark.sql.connect.proto import base_pb2, catalog_pb2, commands_pb2, expressions_pb2, relations_pb2, types_pb2

from firesteel import _connect
from raw_calls import RawCalls, failure, failure_if_any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

rel = relations_pb2
ex = expressions_pb2
Expression = ex.Expression
Literal = Expression.Literal

# What one of these plans may add to the engine's memory at most.
MEMORY_BYTES_MAX = 3 << 30
I32_MAX, I64_MAX, I64_MIN = 2**31 - 1, 2**63 - 1, -(2**63)


def relation(plan_id: int | None = None, **node: Any) -> rel.Relation:
    return rel.Relation(common=rel.RelationCommon(plan_id=plan_id), **node)


def literal(**value: Any) -> Expression:
    return Expression(literal=Literal(**value))


def column(name: str) -> Expression:
    return Expression(unresolved_attribute=Expression.UnresolvedAttribute(unparsed_identifier=name))


def call(name: str, *arguments: Expression) -> Expression:
    return Expression(unresolved_function=Expression.UnresolvedFunction(function_name=name, arguments=arguments))


def subquery(plan_id: int) -> Expression:
    kind = ex.SubqueryExpression.SUBQUERY_TYPE_SCALAR
    return Expression(subquery_expression=ex.SubqueryExpression(plan_id=plan_id, subquery_type=kind))


TEN = relation(range=rel.Range(start=0, end=10, step=1))


def project(*expressions: Expression, source: rel.Relation = TEN) -> rel.Relation:
    return relation(project=rel.Project(input=source, expressions=expressions))


def decimal(**fields: Any) -> rel.Relation:
    return project(literal(decimal=Literal.Decimal(**fields)))


def cast(**target: Any) -> rel.Relation:
    return project(Expression(cast=Expression.Cast(expr=literal(integer=1), **target)))


def ordered(**fields: Any) -> rel.Relation:
    return relation(sort=rel.Sort(input=TEN, order=[Expression.SortOrder(**fields)]))


def plan_of_write(**fields: Any) -> base_pb2.Plan:
    write = commands_pb2.WriteOperation(input=TEN, **fields)
    return base_pb2.Plan(command=commands_pb2.Command(write_operation=write))


INVALID = "CONNECT_INVALID_PLAN."
UNSET = INVALID + "INVALID_ONE_OF_FIELD_NOT_SET"
ENUM = INVALID + "INVALID_ENUM"
LIMIT = "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE"

# A condition (empty for Spark's errors without one), or how many rows come.
SPARK_SAYS: dict[str, tuple[rel.Relation, str | int]] = {
    # What is not there
    "no relation": (rel.Relation(), UNSET),
    "no condition": (relation(filter=rel.Filter(input=TEN)), UNSET),
    "no expression": (project(Expression()), UNSET),
    "no literal": (project(literal()), INVALID + "UNSUPPORTED_LITERAL_TYPE"),
    "no root": (relation(with_relations=rel.WithRelations()), UNSET),
    "no reference": (
        relation(with_relations=rel.WithRelations(root=TEN, references=[rel.Relation()])),
        INVALID + "INVALID_WITH_RELATION_REFERENCE",
    ),
    "nothing to read": (relation(read=rel.Read()), UNSET),
    "no window function": (project(Expression(window=Expression.Window())), INVALID + "WINDOW_FUNCTION_REQUIRED"),
    "no sort key": (ordered(), UNSET),
    "no schema": (relation(to_schema=rel.ToSchema(input=TEN)), INVALID + "DATA_TYPE_UNSUPPORTED_PROTO_TO_CATALYST"),
    "no catalog call": (relation(catalog=catalog_pb2.Catalog()), UNSET),
    "no array type": (project(literal(array=Literal.Array())), INVALID + "ARRAY_LITERAL_MISSING_DATA_TYPE"),
    "no map type": (
        project(literal(map=Literal.Map(keys=[Literal(integer=1)]))),
        INVALID + "MAP_LITERAL_MISSING_DATA_TYPE",
    ),
    "no columns to deduplicate": (
        relation(deduplicate=rel.Deduplicate(input=TEN)),
        INVALID + "DEDUPLICATE_REQUIRES_COLUMNS_OR_ALL",
    ),
    "all columns and some": (
        relation(deduplicate=rel.Deduplicate(input=TEN, column_names=["id"], all_columns_as_keys=True)),
        INVALID + "DEDUPLICATE_ALL_COLUMNS_AND_SUBSET",
    ),
    "no values to fill": (relation(fill_na=rel.NAFill(input=TEN, cols=["id"])), INVALID + "NA_FILL_VALUES_EMPTY"),
    "no function name": (project(call("")), "UNRESOLVED_ROUTINE"),
    "no table function": (
        relation(unresolved_table_valued_function=rel.UnresolvedTableValuedFunction()),
        "UNRESOLVABLE_TABLE_VALUED_FUNCTION",
    ),
    "star without a star": (
        project(Expression(unresolved_star=Expression.UnresolvedStar(unparsed_target="a"))),
        INVALID + "UNRESOLVED_STAR_TARGET_INVALID",
    ),
    # Enums
    "join of no type": (relation(join=rel.Join(left=TEN, right=TEN)), ENUM),
    "join of type 99": (relation(join=rel.Join(left=TEN, right=TEN, join_type=99)), ENUM),
    "set operation of no type": (relation(set_op=rel.SetOperation(left_input=TEN, right_input=TEN)), ENUM),
    "set operation of type 99": (
        relation(set_op=rel.SetOperation(left_input=TEN, right_input=TEN, set_op_type=99)),
        ENUM,
    ),
    "groups of no kind": (relation(aggregate=rel.Aggregate(input=TEN)), ENUM),
    "groups of kind 99": (relation(aggregate=rel.Aggregate(input=TEN, group_type=99)), ENUM),
    "text of no format": (relation(parse=rel.Parse(input=TEN)), ENUM),
    "subquery of no type": (
        project(Expression(subquery_expression=ex.SubqueryExpression(plan_id=99))),
        ENUM,
    ),
    "direction 99": (ordered(child=column("id"), direction=99), 10),
    "nulls 99": (ordered(child=column("id"), direction=1, null_ordering=99), 10),
    "casts that answer 99": (
        project(Expression(cast=Expression.Cast(expr=literal(integer=1), type_str="string", eval_mode=99))),
        10,
    ),
    "frame of no type": (
        project(
            Expression(
                window=Expression.Window(
                    window_function=call("count", literal(integer=1)),
                    order_spec=[Expression.SortOrder(child=column("id"))],
                    frame_spec=Expression.Window.WindowFrame(),
                )
            )
        ),
        ENUM,
    ),
    # Numbers
    "step 0": (relation(range=rel.Range(end=10, step=0)), ""),
    "no partitions": (relation(range=rel.Range(end=10, step=1, num_partitions=0)), ""),
    "partitions below 0": (relation(range=rel.Range(end=10, step=1, num_partitions=-1)), ""),
    "repartition to 0": (relation(repartition=rel.Repartition(input=TEN, num_partitions=0, shuffle=True)), ""),
    "limit below 0": (relation(limit=rel.Limit(input=TEN, limit=-1)), LIMIT),
    "offset below 0": (relation(offset=rel.Offset(input=TEN, offset=-1)), LIMIT),
    "tail below 0": (relation(tail=rel.Tail(input=TEN, limit=-1)), LIMIT),
    "greatest limit": (relation(limit=rel.Limit(input=TEN, limit=I32_MAX)), 10),
    "greatest offset": (relation(offset=rel.Offset(input=TEN, offset=I32_MAX)), 0),
    "greatest tail": (relation(tail=rel.Tail(input=TEN, limit=I32_MAX)), 10),
    "show all rows": (relation(show_string=rel.ShowString(input=TEN, num_rows=I32_MAX, truncate=20)), 1),
    "show rows below 0": (relation(show_string=rel.ShowString(input=TEN, num_rows=-5, truncate=-3)), 1),
    "sample of a negative share": (relation(sample=rel.Sample(input=TEN, lower_bound=0.9, upper_bound=0.1)), ""),
    "sample of more than all": (relation(sample=rel.Sample(input=TEN, lower_bound=0, upper_bound=5)), ""),
    "sample of not a number": (
        relation(sample=rel.Sample(input=TEN, lower_bound=float("nan"), upper_bound=float("nan"))),
        "",
    ),
    "quantile with a negative error": (
        relation(
            approx_quantile=rel.StatApproxQuantile(input=TEN, cols=["id"], probabilities=[2.0], relative_error=-1)
        ),
        "",
    ),
    "support of 0": (relation(freq_items=rel.StatFreqItems(input=TEN, cols=["id"], support=0)), ""),
    "negative share of a stratum": (
        relation(
            sample_by=rel.StatSampleBy(
                input=TEN,
                col=column("id"),
                fractions=[rel.StatSampleBy.Fraction(stratum=Literal(long=1), fraction=-1)],
            )
        ),
        "",
    ),
    "last date": (project(literal(date=I32_MAX)), 10),
    "last timestamp": (project(literal(timestamp=I64_MAX)), 10),
    "decimal of letters": (decimal(value="abc", precision=5, scale=2), ""),
    "decimal of 100 digits": (decimal(value="1" * 100), "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"),
    "decimal of precision 99": (
        decimal(value="1", precision=99, scale=2),
        "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
    ),
    # Names and types
    "one name too many": (relation(to_df=rel.ToDF(input=TEN, column_names=["a", "b"])), "ASSIGNMENT_ARITY_MISMATCH"),
    "cast to nothing": (cast(), "PARSE_EMPTY_STATEMENT"),
    "cast to nonsense": (cast(type_str="nonsense"), "UNSUPPORTED_DATATYPE"),
    "cast to a decimal of precision 99": (
        cast(type=types_pb2.DataType(decimal=types_pb2.DataType.Decimal(precision=99, scale=99))),
        "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
    ),
    "cast to a time of precision 99": (
        cast(type=types_pb2.DataType(time=types_pb2.DataType.Time(precision=99))),
        "UNSUPPORTED_TIME_PRECISION",
    ),
    "lambda without arguments": (
        project(Expression(lambda_function=Expression.LambdaFunction(function=literal(integer=1)))),
        INVALID + "LAMBDA_FUNCTION_ARGUMENT_COUNT_INVALID",
    ),
    "unpivot of nothing": (
        relation(unpivot=rel.Unpivot(input=TEN, variable_column_name="v", value_column_name="w")),
        10,
    ),
    "hint of no meaning": (relation(hint=rel.Hint(input=TEN, name="zork")), 10),
    "extension": (
        relation(extension=any_pb2.Any(type_url="a.b/c.D", value=b"x")),
        INVALID + "NO_HANDLER_FOR_EXTENSION",
    ),
    "unknown": (relation(unknown=rel.Unknown()), INVALID + "INVALID_ONE_OF_FIELD_NOT_SUPPORTED"),
    # Local data
    "no data and no schema": (
        relation(local_relation=rel.LocalRelation()),
        INVALID + "SCHEMA_REQUIRED_FOR_LOCAL_RELATION",
    ),
    "schema of nonsense": (relation(local_relation=rel.LocalRelation(schema="array<")), "PARSE_SYNTAX_ERROR"),
    "rows that are nowhere": (
        relation(cached_local_relation=rel.CachedLocalRelation(hash="00")),
        INVALID + "CANNOT_FIND_CACHED_LOCAL_RELATION",
    ),
    "frame that is nowhere": (
        relation(cached_remote_relation=rel.CachedRemoteRelation(relation_id="zz")),
        INVALID + "DATAFRAME_NOT_FOUND",
    ),
}


@pytest.fixture(scope="module")
def calls(spark: SparkSession) -> Iterator[RawCalls]:
    """Calls; afterwards the engine must live and not have grown beyond reason."""
    pid = _connect.engine_of(spark).pid
    before = peak_bytes(pid)
    calls = RawCalls(spark)
    yield calls
    assert calls.count(TEN) == 10
    assert peak_bytes(pid) - before < MEMORY_BYTES_MAX


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process ever had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    assert found
    return int(found[1]) * 1024


@pytest.mark.parametrize("name", SPARK_SAYS)
def test_as_spark_says(calls: RawCalls, name: str) -> None:
    node, expected = SPARK_SAYS[name]
    if isinstance(expected, int):
        assert calls.count(node) == expected
    else:
        refused = failure(lambda: calls.count(node))
        assert refused.condition == expected, refused
        assert refused.text


@pytest.mark.parametrize("kind", ["execute", "analyze", "command"])
def test_plans_of_nothing(calls: RawCalls, kind: str) -> None:
    plan = base_pb2.Plan()
    if kind == "analyze":
        request = calls.message(base_pb2.AnalyzePlanRequest)
        refused = failure(lambda: calls.call("AnalyzePlan", request))
        assert refused.condition == INVALID + "UNKNOWN_ANALYZE_METHOD"
        return
    if kind == "command":
        plan.command.SetInParent()
    refused = failure(lambda: list(calls.execute(plan)))
    assert (refused.condition, refused.state) == (UNSET, "56K00")


# Spark says to all of these that it "can't get the number of an unknown enum value", without a condition.
UNKNOWN_ENUMS: dict[str, base_pb2.Plan] = {
    "mode of a write": plan_of_write(source="noop", mode=99),
    "method of a table's write": plan_of_write(
        source="parquet", table=commands_pb2.WriteOperation.SaveTable(table_name="never", save_method=99)
    ),
    "mode of writeTo": base_pb2.Plan(
        command=commands_pb2.Command(
            write_operation_v2=commands_pb2.WriteOperationV2(input=TEN, table_name="never", mode=99)
        )
    ),
    "subquery": base_pb2.Plan(
        root=project(Expression(subquery_expression=ex.SubqueryExpression(plan_id=1, subquery_type=99)))
    ),
    "format of texts": base_pb2.Plan(root=relation(parse=rel.Parse(input=TEN, format=99))),
    "first field of an interval": base_pb2.Plan(
        root=cast(type=types_pb2.DataType(day_time_interval=types_pb2.DataType.DayTimeInterval(start_field=99)))
    ),
    "last field of an interval": base_pb2.Plan(
        root=cast(type=types_pb2.DataType(year_month_interval=types_pb2.DataType.YearMonthInterval(end_field=2)))
    ),
}


@pytest.mark.parametrize("name", UNKNOWN_ENUMS)
def test_unknown_enums(calls: RawCalls, name: str) -> None:
    refused = failure(lambda: list(calls.execute(UNKNOWN_ENUMS[name])))
    assert (refused.condition.partition(".")[0], refused.state) == ("CONNECT_INVALID_PLAN", "56K00"), refused


def test_an_unknown_mode_of_explain(calls: RawCalls) -> None:
    request = calls.message(base_pb2.AnalyzePlanRequest)
    request.explain.plan.root.CopyFrom(TEN)
    request.explain.explain_mode = 99
    assert failure(lambda: calls.call("AnalyzePlan", request)).condition == ENUM


HUGE_RANGE = relation(range=rel.Range(start=I64_MIN, end=I64_MAX, step=1))


def test_numbers_at_the_ends(calls: RawCalls) -> None:
    """Spark gives no rows at all for the first; we give those that there are."""
    assert calls.count(relation(limit=rel.Limit(input=HUGE_RANGE, limit=3))) == 3
    skipped = relation(offset=rel.Offset(input=HUGE_RANGE, offset=I32_MAX))
    assert calls.count(relation(limit=rel.Limit(input=skipped, limit=2))) in (0, 2)
    backwards = relation(range=rel.Range(start=I64_MAX, end=I64_MIN, step=I64_MIN))
    assert calls.count(backwards) == 2


@pytest.mark.parametrize(
    "node",
    [
        relation(range=rel.Range(end=10, step=1, num_partitions=I32_MAX)),
        relation(repartition=rel.Repartition(input=TEN, num_partitions=I32_MAX, shuffle=True)),
        relation(
            repartition_by_expression=rel.RepartitionByExpression(
                input=TEN, partition_exprs=[column("id")], num_partitions=I32_MAX
            )
        ),
    ],
    ids=["range", "round robin", "hash"],
)
def test_billions_of_partitions(calls: RawCalls, node: rel.Relation) -> None:
    """Spark runs out of memory."""
    assert "artitions" in failure(lambda: calls.count(node)).text


def test_coalesce_to_billions_of_partitions(calls: RawCalls) -> None:
    assert calls.count(relation(repartition=rel.Repartition(input=TEN, num_partitions=I32_MAX))) == 10


def test_huge_samples(calls: RawCalls) -> None:
    """With replacement a share may be more than all; a limit above asks for few."""
    sample = rel.Sample(input=TEN, lower_bound=0, upper_bound=1e6, with_replacement=True, seed=1)
    assert calls.count(relation(limit=rel.Limit(input=relation(sample=sample), limit=5))) == 5


def test_relations_that_refer_to_themselves(calls: RawCalls) -> None:
    own = relation(7, project=rel.Project(input=TEN, expressions=[subquery(7)]))
    failure(lambda: calls.count(relation(with_relations=rel.WithRelations(root=own, references=[own]))))
    first = relation(8, project=rel.Project(input=TEN, expressions=[subquery(9)]))
    second = relation(9, project=rel.Project(input=TEN, expressions=[subquery(8)]))
    failure(lambda: calls.count(relation(with_relations=rel.WithRelations(root=first, references=[first, second]))))


def test_views_that_refer_to_themselves(spark: SparkSession) -> None:
    """The query of a view of the catalog is resolved again with each use. Conditions and cycles are Spark's."""
    spark.sql("CREATE VIEW hostile_a AS SELECT 1 AS x")
    spark.sql("CREATE VIEW hostile_b AS SELECT * FROM hostile_a")
    a, b = (f"`spark_catalog`.`default`.`hostile_{view}`" for view in "ab")
    for statement, cycle in {
        "ALTER VIEW hostile_a AS SELECT * FROM hostile_b": f"{a} -> {b} -> {a}",
        "CREATE OR REPLACE VIEW hostile_a AS SELECT * FROM hostile_b": f"{a} -> {b} -> {a}",
        "CREATE OR REPLACE VIEW hostile_b AS SELECT (SELECT max(x) FROM hostile_b) AS x": f"{b} -> {b}",
    }.items():
        with pytest.raises(PySparkException) as caught:
            spark.sql(statement)
        assert (caught.value.getCondition(), caught.value.getSqlState()) == ("RECURSIVE_VIEW", "42K0H")
        assert f"(cycle: {cycle})" in str(caught.value)
    assert spark.table("hostile_b").collect() == [(1,)]
    # A frame's view keeps its plan, not its query: Spark has no cycle here either.
    spark.table("hostile_b").createOrReplaceTempView("hostile_frame")
    spark.table("hostile_frame").createOrReplaceTempView("hostile_frame")
    assert spark.table("hostile_frame").collect() == [(1,)]
    for view in ("hostile_b", "hostile_a"):
        spark.sql(f"DROP VIEW {view}")


def test_views_within_views(spark: SparkSession) -> None:
    spark.sql("CREATE VIEW nested_0 AS SELECT 1 AS x")
    last = 0
    with pytest.raises(PySparkException) as caught:  # noqa: PT012
        for last in range(1, 110):
            spark.sql(f"CREATE VIEW nested_{last} AS SELECT * FROM nested_{last - 1}")
    assert caught.value.getCondition() == "VIEW_EXCEED_MAX_NESTED_DEPTH"
    assert last > 90
    for number in range(last):
        spark.sql(f"DROP VIEW nested_{number}")


@pytest.mark.parametrize("kind", ["views", "common tables"])
def test_views_that_double(spark: SparkSession, kind: str) -> None:
    """Forty, each of which joins the one before with itself: 2^40 scans."""
    query = "SELECT l.x FROM {0} l CROSS JOIN {0} r"
    with pytest.raises(PySparkException) as caught:  # noqa: PT012
        if kind == "views":
            spark.sql("CREATE TEMP VIEW double_0 AS SELECT 1 AS x")
            for number in range(1, 40):
                spark.sql(f"CREATE TEMP VIEW double_{number} AS {query.format(f'double_{number - 1}')}")
        else:
            tables = [f"t{number} AS ({query.format(f't{number - 1}')})" for number in range(1, 40)]
            spark.sql(f"WITH t0 AS (SELECT 1 AS x), {', '.join(tables)} SELECT * FROM t39").collect()
    assert caught.value.getCondition() == "FAILED_TO_PARSE_TOO_COMPLEX"


def test_references_that_double(calls: RawCalls) -> None:
    """Forty relations, each of which uses the one before twice: 2^40 ranges if each were written out."""
    one = relation(100, range=rel.Range(end=1, step=1))
    references = [one]
    for number in range(101, 140):
        both = call("+", subquery(number - 1), subquery(number - 1))
        references.append(relation(number, project=rel.Project(input=one, expressions=[both])))
    root = relation(with_relations=rel.WithRelations(root=references[-1], references=references))
    failure(lambda: calls.count(root))


def test_a_giant_literal(calls: RawCalls) -> None:
    size = 64 << 20
    text = project(Expression(alias=Expression.Alias(expr=literal(string="x" * size), name=["x"])))
    assert calls.count(relation(limit=rel.Limit(input=text, limit=1))) == 1
    numbers = Literal(array=Literal.Array(elements=[Literal(integer=n) for n in range(100_000)]))
    numbers.array.element_type.integer.SetInParent()
    assert calls.count(project(call("size", Expression(literal=numbers)))) == 10


def test_constants_too_large_for_a_plan(spark: SparkSession) -> None:
    """What rules compute beforehand stays in the plan, whose expressions they spell out: minutes, and gigabytes."""
    made = "SELECT x[7] AS y, x FROM (SELECT sequence(1, 5000000) AS x)"
    frame = spark.sql(made).selectExpr("y", "size(x) AS n")
    assert frame.collect() == [(8, 5_000_000)]
    assert len(spark.sql(made)._explain_string()) < 10_000


def test_strings_that_never_end(calls: RawCalls) -> None:
    r"""Each `'` begins one that the next `\'` does not end: all of them were read to the end of the text."""
    refused = failure(lambda: calls.count(relation(sql=rel.SQL(query="SELECT " + "\\'" * 500_000))))
    assert refused.condition == "PARSE_SYNTAX_ERROR"


def test_a_message_beyond_the_limit(calls: RawCalls) -> None:
    text = project(literal(string="x" * (130 << 20)))
    refused = failure(lambda: calls.count(text))
    assert refused.code in (grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.RESOURCE_EXHAUSTED)


def test_many_columns(calls: RawCalls) -> None:
    """A fifth of what was tried by hand: a hundred thousand work too, in DataFusion's square of the number."""
    names = [Expression(alias=Expression.Alias(expr=literal(integer=n), name=[f"c{n}"])) for n in range(20_000)]
    assert calls.count(project(*names, source=relation(range=rel.Range(end=1, step=1)))) == 1


def nested(levels: int, innermost: bytes, *tags: bytes) -> bytes:
    """Wrap bytes in fields, `levels` times each of `tags`, outermost first; by hand, as encoding recurses."""
    pieces = [innermost]
    length = len(innermost)
    for _ in range(levels):
        for tag in reversed(tags):
            head = tag + varint(length)
            pieces.append(head)
            length += len(head)
    return b"".join(reversed(pieces))


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(message: Any, name: str) -> bytes:
    """Return the tag of a message field."""
    return varint(message.DESCRIPTOR.fields_by_name[name].number << 3 | 2)


def send_bytes(calls: RawCalls, plan: bytes) -> list[Any]:
    """Execute a plan that is given as bytes."""
    request = calls.execute_request(base_pb2.Plan()).SerializeToString() + field(base_pb2.ExecutePlanRequest, "plan")
    execute = calls.client._channel.unary_stream(
        "/spark.connect.SparkConnectService/ExecutePlan", request_serializer=bytes, response_deserializer=bytes
    )
    return list(execute(request + varint(len(plan)) + plan, metadata=calls.client._builder.metadata()))


ROOT = field(base_pb2.Plan, "root")
PROJECT = [ROOT, field(rel.Relation, "project"), field(rel.Project, "expressions")]
DEEP: dict[str, tuple[list[bytes], list[bytes]]] = {
    "filters": ([ROOT], [field(rel.Relation, "filter"), field(rel.Filter, "input")]),
    "joins": ([ROOT], [field(rel.Relation, "join"), field(rel.Join, "right")]),
    "references": ([ROOT], [field(rel.Relation, "with_relations"), field(rel.WithRelations, "references")]),
    "casts": (PROJECT, [field(Expression, "cast"), field(Expression.Cast, "expr")]),
    "functions": (
        PROJECT,
        [field(Expression, "unresolved_function"), field(Expression.UnresolvedFunction, "arguments")],
    ),
    "aliases": (PROJECT, [field(Expression, "alias"), field(Expression.Alias, "expr")]),
    "lambdas": (PROJECT, [field(Expression, "lambda_function"), field(Expression.LambdaFunction, "function")]),
    "array literals": (
        [*PROJECT, field(Expression, "literal")],
        [field(Literal, "array"), field(Literal.Array, "elements")],
    ),
    "array types": (
        [*PROJECT, field(Expression, "cast"), field(Expression.Cast, "type")],
        [field(types_pb2.DataType, "array"), field(types_pb2.DataType.Array, "element_type")],
    ),
    "unknown fields": ([ROOT], [varint(15_000 << 3 | 2)]),
}


@pytest.mark.parametrize("levels", [1_100, 200_000])
@pytest.mark.parametrize("kind", DEEP)
def test_deep_messages(calls: RawCalls, kind: str, levels: int) -> None:
    outer, repeated = DEEP[kind]
    plan = nested(levels, b"", *repeated)
    for tag in reversed(outer[1:]):
        plan = tag + varint(len(plan)) + plan
    if outer:
        plan = outer[0] + varint(len(plan)) + plan
    with pytest.raises(grpc.RpcError):
        send_bytes(calls, plan)


@pytest.mark.parametrize("levels", [500, 100_000])
@pytest.mark.parametrize("text", ["{}1{}", "SELECT {}1{}", "CAST(1 AS {}INT{})", "{}", "1 {}"])
def test_deep_texts(calls: RawCalls, text: str, levels: int) -> None:
    """Texts are messages too."""
    opening, closing = ("ARRAY<", ">") if "CAST" in text else ("(", ")")
    if text == "{}":
        query = "SELECT " + "-" * levels + "1"
    elif text == "1 {}":
        query = "SELECT 1" + " + 1" * levels
    else:
        query = text.format(opening * levels, closing * levels)
        query = query if query.startswith("SELECT") else f"SELECT {query}"
    node = relation(sql=rel.SQL(query=query))
    with contextlib.suppress(grpc.RpcError):
        assert calls.count(node) in (0, 1)


@pytest.mark.parametrize(
    "plan",
    [b"\xff", b"\x0a\xff\xff\xff\xff\x0f", b"\x0a\x02\x08", b"\x0b\x0b\x0b", ROOT + b"\x05hello", b"\x00"],
    ids=["tag only", "length beyond", "cut off", "groups", "no message", "tag 0"],
)
def test_bytes_that_are_no_plan(calls: RawCalls, plan: bytes) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        send_bytes(calls, plan)
    assert caught.value.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL)


def test_text_that_is_no_utf8(calls: RawCalls) -> None:
    sql = field(rel.SQL, "query") + b"\x04\xff\xfe\xfd\xfc"
    plan = field(rel.Relation, "sql") + varint(len(sql)) + sql
    with pytest.raises(grpc.RpcError):
        send_bytes(calls, ROOT + varint(len(plan)) + plan)


def arrow_stream(table: pa.Table, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
def test_damaged_arrow(calls: RawCalls, compression: str | None) -> None:
    """Bytes damaged or missing at many places; whatever the reader makes of the rest, it ends."""
    table = pa.table({"a": list(range(100)), "b": ["text"] * 100, "c": [[1, 2]] * 100})
    good = arrow_stream(table, compression=compression)
    assert calls.count(relation(local_relation=rel.LocalRelation(data=good))) == 100
    for position in range(0, len(good), len(good) // 40):
        for bad in [good[:position], good[:position] + b"\x7f\xff\xff\xff" + good[position + 4 :]]:
            # An engine that ended would answer the next one with UNAVAILABLE, and the fixture tells.
            damaged = relation(local_relation=rel.LocalRelation(data=bad))
            refused = failure_if_any(lambda damaged=damaged: calls.count(damaged))
            assert refused is None or refused.condition != "INTERNAL_ERROR", refused


@pytest.mark.parametrize(
    "data",
    [b"garbage garbage garbage", b"\xff\xff\xff\xff\x10\x00\x00\x00abc", struct.pack("<Ii", 0xFFFFFFFF, I32_MAX)],
    ids=["garbage", "truncated", "two gigabytes of metadata"],
)
def test_bytes_that_are_no_arrow(calls: RawCalls, data: bytes) -> None:
    refused = failure(lambda: calls.count(relation(local_relation=rel.LocalRelation(data=data))))
    assert refused.condition == "CONNECT_INVALID_PLAN"


def test_values_that_rows_share(calls: RawCalls) -> None:
    """Twenty thousand rows of one byte each that stand for a megabyte, and then as texts for twenty gigabytes."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int8()), pa.array(["x" * (1 << 20)]))
    data = arrow_stream(pa.table({"a": texts}))
    refused = failure(lambda: calls.count(relation(local_relation=rel.LocalRelation(data=data, schema="a string"))))
    assert refused.condition == "CONNECT_INVALID_PLAN"


def test_rows_without_bytes(calls: RawCalls) -> None:
    """A column of nulls takes no bytes, so that a few of them could claim any number of rows."""
    nulls = arrow_stream(pa.table({"a": pa.nulls(1000)}))
    assert calls.count(relation(local_relation=rel.LocalRelation(data=nulls))) == 1000
    claim, claimed = struct.pack("<q", 1000), struct.pack("<q", 1 << 40)
    assert claim in nulls
    bomb = rel.LocalRelation(data=nulls.replace(claim, claimed), schema="a string")
    assert "rows" in failure(lambda: calls.count(relation(local_relation=bomb))).text


@pytest.mark.parametrize(
    "text",
    [
        "length(repeat('x', 2000000000))",
        "length(format_string('%2000000000d', 1))",
        "length(replace(repeat('x', 100000), 'x', repeat('y', 100000)))",
        "length(lpad('x', 2147483647, 'y'))",
        "size(sequence(1, 100000000000))",
        "size(array_repeat(1, 2000000000))",
    ],
)
def test_much_from_little(calls: RawCalls, text: str) -> None:
    """Short texts that ask for gigabytes: Spark ends such a query, or itself, for want of memory."""
    failure(lambda: calls.count(relation(sql=rel.SQL(query=f"SELECT {text}"))))
