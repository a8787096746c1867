//! Sketches: theta, tuple, KLL, HyperLogLog and count-min (`datasketchesAggregates.scala` and its neighbours).
//!
//! Theta and count-min sketches have the bytes that Spark gives them; the other kinds have forms of our own, which
//! Spark cannot read, nor we Spark's.

mod aggregate;
mod hash;
mod hll;
mod kll;
mod sample;
mod scalar;
mod state;
mod tally;

pub(crate) use aggregate::{SKETCHING, sketch as sketch_aggregate};

use crate::call::Arg;
use crate::implicit::{literal_text, not_foldable};
use crate::registry::{Builder, FunctionDef};
use crate::scalar_kernel::AnyKind;
use firesteel_common::{Result, SparkError};

const AGGREGATES: [&str; 18] = [
    "theta_sketch_agg",
    "theta_union_agg",
    "theta_intersection_agg",
    "tuple_sketch_agg_double",
    "tuple_sketch_agg_integer",
    "tuple_union_agg_double",
    "tuple_union_agg_integer",
    "tuple_intersection_agg_double",
    "tuple_intersection_agg_integer",
    "hll_sketch_agg",
    "hll_union_agg",
    "kll_sketch_agg_bigint",
    "kll_sketch_agg_float",
    "kll_sketch_agg_double",
    "kll_merge_agg_bigint",
    "kll_merge_agg_float",
    "kll_merge_agg_double",
    "count_min_sketch",
];

const SCALARS: [&str; 39] = [
    "theta_sketch_estimate",
    "theta_union",
    "theta_intersection",
    "theta_difference",
    "hll_sketch_estimate",
    "hll_union",
    "tuple_sketch_estimate_double",
    "tuple_sketch_estimate_integer",
    "tuple_sketch_summary_double",
    "tuple_sketch_summary_integer",
    "tuple_sketch_theta_double",
    "tuple_sketch_theta_integer",
    "tuple_union_double",
    "tuple_union_integer",
    "tuple_intersection_double",
    "tuple_intersection_integer",
    "tuple_difference_double",
    "tuple_difference_integer",
    "tuple_union_theta_double",
    "tuple_union_theta_integer",
    "tuple_intersection_theta_double",
    "tuple_intersection_theta_integer",
    "tuple_difference_theta_double",
    "tuple_difference_theta_integer",
    "kll_sketch_to_string_bigint",
    "kll_sketch_to_string_float",
    "kll_sketch_to_string_double",
    "kll_sketch_get_n_bigint",
    "kll_sketch_get_n_float",
    "kll_sketch_get_n_double",
    "kll_sketch_merge_bigint",
    "kll_sketch_merge_float",
    "kll_sketch_merge_double",
    "kll_sketch_get_quantile_bigint",
    "kll_sketch_get_quantile_float",
    "kll_sketch_get_quantile_double",
    "kll_sketch_get_rank_bigint",
    "kll_sketch_get_rank_float",
    "kll_sketch_get_rank_double",
];

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let aggregates = AGGREGATES
        .into_iter()
        .map(|name| FunctionDef { name, builder: Builder::Aggregate(sketch_aggregate) });
    let scalars = SCALARS.into_iter().map(|name| FunctionDef::scalar(name, scalar::sketch));
    aggregates.chain(scalars).collect()
}

/// What the group's scalar functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&scalar::SKETCH]
}

/// The mode of a tuple sketch that an argument names.
fn mode(name: &str, arg: &Arg) -> Result<sample::Mode> {
    let text = literal_text(arg).ok_or_else(|| not_foldable(name, "mode"))?;
    sample::Mode::parse(&text).ok_or_else(|| {
        SparkError::analysis(
            "DATATYPE_MISMATCH.TYPE_CHECK_FAILURE_WITH_HINT",
            format!("Invalid call to `{name}`; the `mode` parameter must be sum, min, max or alwaysone: {text}."),
        )
        .with("function", format!("`{name}`"))
        .with("mode", text)
    })
}
