//! `approx_top_k(value [, k [, maxItemsTracked]])`: the most frequent values with their counts, and the same in steps:
//! `approx_top_k_accumulate` makes a state of values, `approx_top_k_combine` one of states, `approx_top_k_estimate`
//! reads it. States have Spark's bytes.

mod decimal_hash;
mod frequent;
mod items;
mod states;
mod tally;

pub(crate) use states::TOP_K;

use super::builders::result_field;
use super::states::AggregateFunction;
use crate::call::{AggregateCall, Arg, Call};
use crate::implicit::{is_null_constant, literal_long, literal_text, unexpected_type};
use crate::scalar_kernel::{Input, Kind};
use crate::wire::Name;
use arrow::array::ArrayRef;
use arrow::datatypes::FieldRef;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use items::Form;
use states::{TopK, What};
use tally::Tally;

const K_DEFAULT: i64 = 5;
const ITEMS_TRACKED_DEFAULT: i64 = 10_000;
const ITEMS_TRACKED_MAX: i64 = 1_000_000;

/// The parameter: how many values to answer with.
pub(crate) static ESTIMATE: Kind<i64> = Kind::new("approx_top_k_estimate", estimate_states);

pub(super) fn approx_top_k(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 3)?;
    let args = std::mem::take(&mut call.call.args);
    let k = number(&args, 1, "k", K_DEFAULT)?;
    let tracked = tracked(&args, 2)?;
    check_k(k, tracked)?;
    let item = countable("approx_top_k", &args)?;
    let result = result_field("approx_top_k", &list_of_items(item.clone()), false);
    aggregate(call, args, "approx_top_k", What::Top { k: k as usize }, tracked, &item, result)
}

pub(super) fn accumulate(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 2)?;
    let args = std::mem::take(&mut call.call.args);
    let item = countable("approx_top_k_accumulate", &args)?;
    let tracked = tracked(&args, 1)?;
    let name = "approx_top_k_accumulate";
    let result = result_field(name, &state_of(item.clone()), false);
    aggregate(call, args, name, What::State, tracked, &item, result)
}

pub(super) fn combine(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 2)?;
    let args = std::mem::take(&mut call.call.args);
    let name = "approx_top_k_combine";
    let item = item_of_state(name, &args)?;
    let sized = args.len() > 1;
    let tracked = tracked(&args, 1)?;
    let result = result_field(name, &state_of(item.clone()), false);
    aggregate(call, args, name, What::Combination { sized }, tracked, &item, result)
}

/// A scalar function: what a state says.
pub(super) fn estimate(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let item = item_of_state("approx_top_k_estimate", &call.args)?;
    let k = number(&call.args, 1, "k", K_DEFAULT)?;
    let state = call.args.into_iter().take(1).map(|arg| arg.expr).collect();
    Ok(ESTIMATE.kernel(k, &list_of_items(item)).call(state))
}

fn estimate_states(k: &i64, input: &Input<'_>) -> Result<ArrayRef> {
    let tallies = (0..input.n_rows)
        .map(|row| {
            let tally = Tally::of_state(&input.args[0], row)?;
            if let Some(tally) = &tally {
                check_k(*k, i64::from(tally.tracked))?;
            }
            Ok(tally)
        })
        .collect::<Result<Vec<_>>>()?;
    states::lists(tallies.iter().map(Option::as_ref), |_| *k as usize, input.result)
}

fn aggregate(
    call: AggregateCall<'_>,
    args: Vec<Arg>,
    name: &'static str,
    what: What,
    tracked: i64,
    item: &SparkType,
    result: FieldRef,
) -> Result<Expr> {
    let item = StructField::new("item", item.clone(), true).to_arrow();
    let function = TopK { name: Name(name), what, tracked, item, result };
    let values = args.into_iter().take(1).map(|arg| arg.expr).collect();
    // DISTINCT counts each value once.
    Ok(function.call(values, call.distinct, call.filter))
}

fn list_of_items(item: SparkType) -> SparkType {
    let row = SparkType::Struct(StructType::new(vec![
        StructField::new("item", item, true),
        StructField::new("count", SparkType::Long, false),
    ]));
    SparkType::Array { element: Box::new(row), contains_null: false }
}

fn state_of(item: SparkType) -> SparkType {
    SparkType::Struct(StructType::new(vec![
        StructField::new("sketch", SparkType::Binary, false),
        StructField::new("maxItemsTracked", SparkType::Integer, false),
        StructField::new("itemDataType", item, true),
        StructField::new("itemDataTypeDDL", SparkType::string(), false),
    ]))
}

fn countable(name: &str, args: &[Arg]) -> Result<SparkType> {
    let Some(value) = args.first() else {
        return Err(SparkError::internal("approx_top_k without arguments"));
    };
    let item = value.spark_type()?;
    if Form::of(&item).is_none() {
        return Err(failed_check(
            name,
            &format!("{} columns are not supported", item.simple_string()),
        ));
    }
    Ok(item)
}

/// The type of the items that a state counts.
fn item_of_state(name: &str, args: &[Arg]) -> Result<SparkType> {
    let Some(state) = args.first() else {
        return Err(SparkError::internal(format!("{name} without arguments")));
    };
    let given = match state.spark_type()? {
        SparkType::Struct(given) => given,
        SparkType::Null => StructType::new(Vec::new()),
        _ => return Err(unexpected_type(name, 0, state, "STRUCT")),
    };
    let fields = &given.fields;
    let wrong = if fields.len() != 4 {
        "State must be a struct with 4 fields"
    } else if fields[0].data_type != SparkType::Binary {
        "State struct must have the first field to be binary"
    } else if fields[1].data_type != SparkType::Integer {
        "State struct must have the second field to be int"
    } else if Form::of(&fields[2].data_type).is_none() {
        "State struct must have the third field to be a supported type"
    } else if !fields[3].data_type.is_string() {
        "State struct must have the fourth field to be string"
    } else {
        return Ok(fields[2].data_type.clone());
    };
    let given = SparkType::Struct(given).simple_string();
    Err(failed_check(
        name,
        &format!(
            "{wrong}. Expected struct: struct<sketch:binary,maxItemsTracked:int,itemDataType:any,\
             itemDataTypeDDL:string>. Got: {given}"
        ),
    ))
}

fn tracked(args: &[Arg], position: usize) -> Result<i64> {
    let tracked = number(args, position, "maxItemsTracked", ITEMS_TRACKED_DEFAULT)?;
    if tracked <= ITEMS_TRACKED_MAX {
        return Ok(tracked);
    }
    Err(SparkError::runtime(
        "APPROX_TOP_K_MAX_ITEMS_TRACKED_EXCEEDS_LIMIT",
        format!(
            "The max items tracked `maxItemsTracked`({tracked}) of `approx_top_k` should be \
             less than or equal to {ITEMS_TRACKED_MAX}."
        ),
    )
    .with("maxItemsTracked", tracked.to_string())
    .with("limit", ITEMS_TRACKED_MAX.to_string()))
}

fn check_k(k: i64, tracked: i64) -> Result<()> {
    if tracked >= k {
        return Ok(());
    }
    Err(SparkError::runtime(
        "APPROX_TOP_K_MAX_ITEMS_TRACKED_LESS_THAN_K",
        format!(
            "The max items tracked `maxItemsTracked`({tracked}) of `approx_top_k` should be \
             greater than or equal to `k`({k})."
        ),
    )
    .with("maxItemsTracked", tracked.to_string())
    .with("k", k.to_string()))
}

fn failed_check(name: &str, hint: &str) -> SparkError {
    SparkError::analysis(
        "DATATYPE_MISMATCH.TYPE_CHECK_FAILURE_WITH_HINT",
        format!("Cannot resolve \"{name}\" due to data type mismatch: {hint}."),
    )
    .with("msg", hint)
    .with("hint", "")
}

/// The whole number at a position, which is above zero.
fn number(args: &[Arg], position: usize, name: &str, default: i64) -> Result<i64> {
    let Some(arg) = args.get(position) else { return Ok(default) };
    if is_null_constant(arg) {
        return Err(SparkError::runtime(
            "APPROX_TOP_K_NULL_ARG",
            format!("The value of `{name}` in `approx_top_k` cannot be NULL."),
        )
        .with("argName", format!("`{name}`")));
    }
    let text = || literal_text(arg).and_then(|text| text.trim().parse().ok());
    let Some(value) = literal_long(arg).or_else(text) else {
        let shown = if name == "k" { "K" } else { "Number of items tracked" };
        return Err(failed_check("approx_top_k", &format!("{shown} must be a constant literal")));
    };
    if value > 0 {
        return Ok(value);
    }
    Err(SparkError::runtime(
        "APPROX_TOP_K_NON_POSITIVE_ARG",
        format!(
            "The value of `{name}` in `approx_top_k` must be a positive integer, but got {value}."
        ),
    )
    .with("argName", format!("`{name}`"))
    .with("argValue", value.to_string()))
}
