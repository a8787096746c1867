//! The names of built-in functions that Spark's catalog lists.

use firesteel_functions::registry;

/// What only other layers of PySpark call, and other spellings of operators: no functions of SQL.
const INTERNAL: [&str; 33] = [
    "&&",
    "aggregate_metrics",
    "array_binary_search",
    "array_to_vector",
    "bitwisenot",
    "ewm",
    "get_array_struct_fields",
    "get_item",
    "isfalse",
    "isnotfalse",
    "isnottrue",
    "isnotunknown",
    "istrue",
    "isunknown",
    "likeall",
    "likeany",
    "notlikeall",
    "notlikeany",
    "null_index",
    "pandas_covar",
    "pandas_kurt",
    "pandas_mode",
    "pandas_product",
    "pandas_skew",
    "pandas_stddev",
    "pandas_var",
    "product",
    "time_windows",
    "timestampadd",
    "timestampdiff",
    "unwrap_udt",
    "varchar_type_write_side_check",
    "vector_to_array",
];

/// Functions that the resolver rewrites, and tables.
const OTHERS: [&str; 12] = [
    "cast",
    "collations",
    "grouping",
    "grouping_id",
    "input_file_block_length",
    "input_file_block_start",
    "input_file_name",
    "python_worker_logs",
    "range",
    "session_window",
    "sql_keywords",
    "uniform",
];

/// Built-in functions as Spark lists them, in no order.
pub fn built_in_names() -> impl Iterator<Item = &'static str> {
    registry::names().into_iter().filter(|name| !INTERNAL.contains(name)).chain(OTHERS)
}
