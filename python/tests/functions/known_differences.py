"""Expressions that answer otherwise than in Spark, each with its reason. A test fails when one of them agrees."""

ALWAYS_EXACT = "Spark rounds the digits to 34 when it changes a decimal's sign, which loses some; here they stay"
BUG = "a fault of Spark's: it answers with an internal error or with what memory happened to hold"
CAST_CONDITION = "another condition, or none, of a cast that fails"
CLOCK_PRECISION = "times of another precision than microseconds"
COMPARED_TYPES = "Spark turns a decimal literal beside a whole number into a whole number, and its name with it"
EVALUATION_ORDER = "Spark looks at the null on the right first, here the left side fails before"
LITERAL_TYPE = "the whole literal inside is compared as a decimal of ten digits"
NAME = "the generated name differs"
NULL_FIRST = "Spark does not look at one side where the other is null, here the cast in it fails before"
OVERFLOW_CONDITION = "Spark's overflow has no condition"

KNOWN: dict[str, str] = {
    "lpad(X'C3A4F09F9880', -1)": BUG,
    "lpad(X'C328', -1, X'')": BUG,
    "rpad(X'537061726B', -3)": BUG,
    "abs(-12345678901234567890123456789012345678)": ALWAYS_EXACT,
    "- -12345678901234567890123456789012345678": ALWAYS_EXACT,
    "negative(-12345678901234567890123456789012345678)": ALWAYS_EXACT,
    "negative(99999999999999999999.999999999999999999)": ALWAYS_EXACT,
    "'äöü ß€' / CAST(NULL AS INT)": EVALUATION_ORDER,
    "string(- INTERVAL '-11' MONTH)": "a negated interval of months is printed in years and months",
    "nullifzero(0.0000000000000000000000000000000000001)": LITERAL_TYPE,
    "0L > 3.25": COMPARED_TYPES,
    "5L > -12345678901234567890123456789012345678": COMPARED_TYPES,
    "5L > 3.25": COMPARED_TYPES,
    "0L > 99999999999999999999.999999999999999999": COMPARED_TYPES,
    "CAST(NULL AS BIGINT) > 99999999999999999999.999999999999999999": COMPARED_TYPES,
    "true IS UNKNOWN": NAME,
    "false IS UNKNOWN": NAME,
    "array(3, 1, 2, 1)[CAST(NULL AS INT)]": BUG,
    "array_sort(array(1, CAST(NULL AS INT), 3), (x, y) -> y - x)": BUG,
    "element_at(array('😀', 'Z', 'a'), CAST(NULL AS INT))": BUG,
    "typeof(current_time(3))": CLOCK_PRECISION,
    "typeof(current_time(0))": CLOCK_PRECISION,
    "typeof(current_time(7))": CLOCK_PRECISION,
    "to_time('x')": CAST_CONDITION,
    "to_time('24:00')": CAST_CONDITION,
    "time_bucket(INTERVAL '106751991 04:00:54.775807' DAY TO SECOND, TIMESTAMP'2024-02-29 13:45:06.789012')": (
        "Spark fails when the bucket after the one it wants is beyond the last timestamp"
    ),
    "string(CAST('x' AS INTERVAL YEAR TO MONTH))": CAST_CONDITION,
    "schema_of_json('')": "the schema of an empty text is refused",
    "schema_of_json('x')": BUG,
    "schema_of_csv('')": BUG,
    "mode() WITHIN GROUP (ORDER BY s DESC)": "of equally frequent values only the least can be asked for",
}
"""Expression -> why."""

KNOWN_ANSI_OFF: dict[str, str] = {}
"""Expression -> why, without ANSI mode; those of `KNOWN` differ there too, but for the next ones."""

ONLY_WITH_ANSI = {
    "'äöü ß€' / CAST(NULL AS INT)",
    "array(3, 1, 2, 1)[CAST(NULL AS INT)]",
    "element_at(array('😀', 'Z', 'a'), CAST(NULL AS INT))",
}
"""Of `KNOWN` those that agree without ANSI mode."""

KNOWN_COLUMNS: dict[str, str] = {
    "l_0 > 3.25": COMPARED_TYPES,
}
"""Expression over columns -> why."""

KNOWN_COLUMNS_ANSI: dict[str, str] = {
    "lpad(b_0, n1)": BUG,
    "rpad(b_0, n1)": BUG,
    "array_sort(ai0, (x, y) -> y - x)": BUG,
    "timestamp_millis(l_0)": OVERFLOW_CONDITION,
    "timestamp_seconds(l_0)": OVERFLOW_CONDITION,
    "s_0 / i_1": NULL_FIRST,
    "'Spark SQL' / i_1": NULL_FIRST,
    "i_0 = 'Spark SQL'": NULL_FIRST,
    "i_0 = s_1": NULL_FIRST,
    "i_0 > s_1": NULL_FIRST,
    "d_0 = s_1": NULL_FIRST,
    "d_0 IN (d_1, s_2)": NULL_FIRST,
    "d_0 = 'Spark SQL'": NULL_FIRST,
    "i_0 > 'Spark SQL'": NULL_FIRST,
    "d_0 IN (DATE'2024-02-29', 'Spark SQL')": NULL_FIRST,
    "trunc(dates0, unit1)": NULL_FIRST,
}
"""The same, where they agree without ANSI mode or fail there in the same way, which is not looked at twice."""
