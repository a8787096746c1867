//! Aggregate functions (`org.apache.spark.sql.catalyst.expressions.aggregate`).
//!
//! `count` and the extremes of plain types are DataFusion's; everything else stands on
//! [`states::States`], which works grouped, ungrouped, distinct and over moving window frames.

mod average;
mod bitmap;
mod builders;
mod collect;
mod distinct_estimate;
mod filtered;
mod fold;
mod gather;
mod histogram;
mod moments;
mod pandas;
mod percentile;
mod percentile_builders;
mod pick;
mod states;
mod top_k;
mod valid_rows;
mod vector_metrics;
mod vectors;

pub(crate) use builders::result_field;
pub use filtered::filtered;
pub(crate) use fold::take_first;
pub(crate) use gather::{Gather, GatherKind, Gathered};
pub(crate) use states::{AggregateFunction, AggregateKind, States, normalize_floats};

use crate::call::AggregateCall;
use crate::registry::{Builder, FunctionDef};
use crate::scalar_kernel::AnyKind;
use crate::wire::from_bytes;
use datafusion_expr::{AggregateUDF, Expr};
use firesteel_common::{Result, SparkError};
use moments::Statistic;
use serde::de::IgnoredAny;
use states::AnyAggregateKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let aggregate = |name, build| FunctionDef { name, builder: Builder::Aggregate(build) };
    vec![
        aggregate("count", builders::count),
        aggregate("count_if", builders::count_if),
        aggregate("sum", builders::sum),
        aggregate("try_sum", builders::sum),
        aggregate("avg", builders::avg),
        aggregate("mean", builders::avg),
        aggregate("try_avg", builders::avg),
        aggregate("product", builders::product),
        aggregate("min", builders::extreme),
        aggregate("max", builders::extreme),
        aggregate("min_by", builders::extreme_by),
        aggregate("max_by", builders::extreme_by),
        aggregate("first", builders::first_or_last),
        aggregate("first_value", builders::first_or_last),
        aggregate("any_value", builders::first_or_last),
        aggregate("last", builders::first_or_last),
        aggregate("last_value", builders::first_or_last),
        aggregate("collect_list", builders::collect),
        aggregate("array_agg", builders::collect),
        aggregate("collect_set", builders::collect),
        aggregate("listagg", builders::listagg),
        aggregate("string_agg", builders::listagg),
        aggregate("bool_and", builders::boolean),
        aggregate("every", builders::boolean),
        aggregate("bool_or", builders::boolean),
        aggregate("some", builders::boolean),
        aggregate("any", builders::boolean),
        aggregate("bit_and", builders::bits),
        aggregate("bit_or", builders::bits),
        aggregate("bit_xor", builders::bits),
        aggregate("bitmap_construct_agg", bitmap::bitmap),
        aggregate("bitmap_or_agg", bitmap::bitmap),
        aggregate("bitmap_and_agg", bitmap::bitmap),
        aggregate("stddev", |call| builders::moments(call, Statistic::StddevSamp)),
        aggregate("std", |call| builders::moments(call, Statistic::StddevSamp)),
        aggregate("stddev_samp", |call| builders::moments(call, Statistic::StddevSamp)),
        aggregate("stddev_pop", |call| builders::moments(call, Statistic::StddevPop)),
        aggregate("variance", |call| builders::moments(call, Statistic::VarSamp)),
        aggregate("var_samp", |call| builders::moments(call, Statistic::VarSamp)),
        aggregate("var_pop", |call| builders::moments(call, Statistic::VarPop)),
        aggregate("skewness", |call| builders::moments(call, Statistic::Skewness)),
        aggregate("kurtosis", |call| builders::moments(call, Statistic::Kurtosis)),
        aggregate("covar_samp", |call| builders::moments(call, Statistic::CovarSamp)),
        aggregate("covar_pop", |call| builders::moments(call, Statistic::CovarPop)),
        aggregate("corr", |call| builders::moments(call, Statistic::Corr)),
        aggregate("regr_count", |call| builders::moments(call, Statistic::RegrCount)),
        aggregate("regr_avgx", |call| builders::moments(call, Statistic::RegrAvgX)),
        aggregate("regr_avgy", |call| builders::moments(call, Statistic::RegrAvgY)),
        aggregate("regr_sxx", |call| builders::moments(call, Statistic::RegrSxx)),
        aggregate("regr_syy", |call| builders::moments(call, Statistic::RegrSyy)),
        aggregate("regr_sxy", |call| builders::moments(call, Statistic::RegrSxy)),
        aggregate("regr_slope", |call| builders::moments(call, Statistic::RegrSlope)),
        aggregate("regr_intercept", |call| builders::moments(call, Statistic::RegrIntercept)),
        aggregate("regr_r2", |call| builders::moments(call, Statistic::RegrR2)),
        aggregate("percentile", percentile_builders::percentile),
        aggregate("median", percentile_builders::median),
        aggregate("percentile_cont", percentile_builders::within_group),
        aggregate("percentile_disc", percentile_builders::within_group),
        aggregate("percentile_approx", percentile_builders::approximate),
        aggregate("approx_percentile", percentile_builders::approximate),
        aggregate("mode", percentile_builders::mode),
        aggregate("approx_count_distinct", builders::approx_count_distinct),
        aggregate("histogram_numeric", builders::histogram_numeric),
        aggregate("pandas_stddev", pandas::moments),
        aggregate("pandas_var", pandas::moments),
        aggregate("pandas_covar", pandas::moments),
        aggregate("pandas_skew", pandas::moments),
        aggregate("pandas_kurt", pandas::moments),
        aggregate("pandas_product", pandas::product),
        aggregate("pandas_mode", pandas::mode),
        aggregate("schema_of_variant_agg", crate::variant::schema_of_variant_agg),
        aggregate("approx_top_k", top_k::approx_top_k),
        aggregate("approx_top_k_accumulate", top_k::accumulate),
        aggregate("approx_top_k_combine", top_k::combine),
        FunctionDef::scalar("approx_top_k_estimate", top_k::estimate),
        aggregate("measure", measure),
        aggregate("aggregate_metrics", vector_metrics::metrics),
        aggregate("vector_sum", vectors::vectors),
        aggregate("vector_avg", vectors::vectors),
    ]
}

/// What the group's scalar functions compute.
pub(crate) fn scalar_kinds() -> Vec<&'static dyn AnyKind> {
    vec![&top_k::ESTIMATE]
}

/// A metric view's measure; there are no metric views.
fn measure(call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    Err(SparkError::internal("measure() has a value in queries of metric views only"))
}

/// What the group's functions compute.
fn kinds() -> Vec<&'static dyn AnyAggregateKind> {
    vec![
        &fold::OF_BYTES,
        &fold::OF_SHORTS,
        &fold::OF_INTS,
        &fold::OF_LONGS,
        &fold::OF_FLOATS,
        &fold::OF_DOUBLES,
        &fold::OF_DECIMALS,
        &fold::OF_MONTHS,
        &fold::OF_MICROS,
        &average::AVERAGE,
        &moments::MOMENTS,
        &bitmap::BITMAP,
        &distinct_estimate::DISTINCT_ESTIMATE,
        &filtered::FilteredKind,
        &pick::PICK,
        &collect::LIST,
        &collect::SET,
        &collect::JOINED,
        &percentile::PERCENTILE,
        &percentile::MODE,
        &histogram::HISTOGRAM,
        &pandas::PRODUCT,
        &pandas::PRODUCT_OF_LONGS,
        &pandas::MODE,
        &crate::variant::SCHEMA_AGG,
        &crate::sketch::SKETCHING,
        &vector_metrics::VECTOR_METRICS,
        &vectors::VECTORS,
        &top_k::TOP_K,
    ]
}

/// The function as bytes; none if it is not of this group.
pub(crate) fn encode(function: &AggregateUDF) -> Result<Option<Vec<u8>>> {
    kinds().into_iter().find_map(|kind| kind.encode(function)).transpose()
}

/// # Errors
/// An internal error: the bytes are none that [`encode`] gives.
pub(crate) fn decode(bytes: &[u8]) -> Result<AggregateUDF> {
    let (id, IgnoredAny): (String, _) = from_bytes(bytes)?;
    let kind = kinds().into_iter().find(|kind| kind.id() == id);
    kind.ok_or_else(|| SparkError::internal(format!("no aggregate {id}")))?.decode(bytes)
}
