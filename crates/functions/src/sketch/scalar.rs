//! Functions of sketches: estimates, set operations, quantiles and ranks.

use super::kll::{Kll, double_of_key, key_of_double};
use super::sample::{Mode, Sample, Summary};
use super::state::{read_hll, read_kll, read_theta, read_tuple, union_of_different};
use crate::call::{Arg, Call};
use crate::implicit::{implicit, literal_boolean, literal_long, not_foldable};
use crate::scalar_kernel::{Input, Kind, at};
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, Float32Array, Float64Array, Int64Array, ListArray,
};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is computed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Params {
    name: String,
    lg: u8,
    mode: Mode,
    mixed: bool,
}

pub(super) static SKETCH: Kind<Params> = Kind::new("sketch", evaluate);

/// All scalar functions of the module; which one the name says.
pub(super) fn sketch(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let pair =
        ["union", "intersection", "difference", "merge"].iter().any(|word| name.contains(word));
    let ranked = name.contains("get_quantile") || name.contains("get_rank");
    let n_args = if pair || ranked { 2 } else { 1 };
    let n_options = match name.as_str() {
        "theta_union" | "hll_union" => 1,
        _ if name.starts_with("tuple_union") => 2,
        _ if name.starts_with("tuple_intersection") || name.starts_with("tuple_sketch_summary") => {
            1
        }
        _ => 0,
    };
    call.check_arity(n_args, n_args + n_options)?;
    let mut args = call.args;
    let options = args.split_off(n_args);
    let lg = match options.first() {
        Some(arg) if name.contains("union") && name != "hll_union" => {
            let given = literal_long(arg).ok_or_else(|| not_foldable(&name, "lgNomEntries"))?;
            u8::try_from(given).ok().filter(|lg| (4..=26).contains(lg)).ok_or_else(|| {
                SparkError::runtime(
                    "SKETCH_INVALID_LG_NOM_ENTRIES",
                    format!("Invalid call to `{name}`; the size parameter must be between 4 and 26: {given}."),
                )
            })?
        }
        _ => 12,
    };
    let mode = match options.last() {
        Some(arg)
            if name.starts_with("tuple") && (options.len() == 2 || !name.contains("union")) =>
        {
            super::mode(&name, arg)?
        }
        _ => Mode::Sum,
    };
    let mixed = match options.first() {
        Some(arg) if name == "hll_union" => {
            literal_boolean(arg).ok_or_else(|| not_foldable(&name, "allowDifferentLgConfigK"))?
        }
        _ => false,
    };
    let scalar = match name.as_str() {
        "theta_sketch_estimate" | "hll_sketch_estimate" => SparkType::Long,
        _ if pair => SparkType::Binary,
        _ if name.contains("estimate") || name.contains("_theta_") || name.contains("get_rank") => {
            SparkType::Double
        }
        _ if name.contains("to_string") => SparkType::string(),
        "tuple_sketch_summary_integer" => SparkType::Long,
        _ if name.contains("get_n") || name.ends_with("bigint") => SparkType::Long,
        _ if name.ends_with("float") => SparkType::Float,
        _ => SparkType::Double,
    };
    let wanted = if name.contains("get_rank") && name.ends_with("bigint") {
        SparkType::Long
    } else {
        SparkType::Double
    };
    let many =
        ranked && matches!(args.get(1).map(Arg::spark_type), Some(Ok(SparkType::Array { .. })));
    let list =
        |element: SparkType| SparkType::Array { element: Box::new(element), contains_null: true };
    let exprs = args.into_iter().enumerate().map(|(position, arg)| {
        let target = match position {
            1 if many => list(wanted.clone()),
            1 if ranked => wanted.clone(),
            _ => SparkType::Binary,
        };
        implicit(&name, position, arg, &target, settings)
    });
    let exprs = exprs.collect::<Result<Vec<_>>>()?;
    let result = if many { list(scalar) } else { scalar };
    let params = Params { name, lg, mode, mixed };
    Ok(SKETCH.kernel(params, &result).call(exprs))
}

fn evaluate(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let (name, sketches) = (params.name.as_str(), input.bytes(0)?);
    if name.contains("get_quantile") || name.contains("get_rank") {
        return ranked(name, input);
    }
    if input.args.len() == 2 {
        let others = input.bytes(1)?;
        let mut builder = BinaryBuilder::new();
        for row in 0..input.n_rows {
            match (at(sketches, row), at(others, row)) {
                (Some(left), Some(right)) => builder.append_value(joined(params, left, right)?),
                _ => builder.append_null(),
            }
        }
        return Ok(Arc::new(builder.finish()));
    }
    macro_rules! each {
        ($type:ty, $of:expr) => {
            input.primitives::<$type>(|row| at(sketches, row).map($of).transpose())
        };
    }
    match name {
        "theta_sketch_estimate" => {
            each!(Int64Type, |bytes| Ok(read_theta(bytes, name)?.estimate().round() as i64))
        }
        "hll_sketch_estimate" => each!(Int64Type, |bytes| Ok(read_hll(bytes, name)?.estimate())),
        _ if name.starts_with("tuple_sketch_estimate") => {
            each!(Float64Type, |bytes| Ok(read_tuple(bytes, name)?.estimate()))
        }
        _ if name.starts_with("tuple_sketch_theta") => {
            each!(Float64Type, |bytes| Ok(read_tuple(bytes, name)?.fraction()))
        }
        "tuple_sketch_summary_double" => each!(Float64Type, |bytes| {
            let whole = folded(&read_tuple(bytes, name)?, params.mode);
            Ok(whole.map_or(
                0.0,
                |summary| if let Summary::Double(value) = summary { value } else { 0.0 },
            ))
        }),
        "tuple_sketch_summary_integer" => each!(Int64Type, |bytes| {
            Ok(folded_integers(&read_tuple(bytes, name)?, params.mode))
        }),
        _ if name.contains("get_n") => {
            each!(Int64Type, |bytes| Ok(read_kll(bytes, name)?.n as i64))
        }
        _ => input.strings(|row| {
            at(sketches, row).map(|bytes| Ok(summary(&read_kll(bytes, name)?, name))).transpose()
        }),
    }
}

/// The numbers of all keys as one.
fn folded(sample: &Sample, mode: Mode) -> Option<Summary> {
    let mut hashes: Vec<_> = sample.entries.iter().collect();
    hashes.sort_by_key(|(hash, _)| **hash);
    hashes.into_iter().map(|(_, summary)| *summary).reduce(|left, right| left.join(right, mode))
}

fn folded_integers(sample: &Sample, mode: Mode) -> i64 {
    let numbers = sample.entries.values().filter_map(|summary| match summary {
        Summary::Integer(value) => Some(i64::from(*value)),
        _ => None,
    });
    match mode {
        Mode::Sum => numbers.sum(),
        Mode::Min => numbers.min().unwrap_or(0),
        Mode::Max => numbers.max().unwrap_or(0),
        Mode::AlwaysOne => i64::from(numbers.count() > 0),
    }
}

/// A set operation over two sketches.
fn joined(params: &Params, left: &[u8], right: &[u8]) -> Result<Vec<u8>> {
    let Params { name, lg, mode, mixed } = params;
    if name.starts_with("kll") {
        let mut own = read_kll(left, name)?;
        own.merge(&read_kll(right, name)?);
        return Ok(own.to_bytes());
    }
    if name == "hll_union" {
        let (mut own, other) = (read_hll(left, name)?, read_hll(right, name)?);
        if own.lg != other.lg && !mixed {
            return Err(union_of_different(own.lg, other.lg, name));
        }
        own.merge(&other);
        return Ok(own.to_bytes());
    }
    let tuple = name.starts_with("tuple");
    let mut own = if tuple { read_tuple(left, name)? } else { read_theta(left, name)? };
    let mut other = match !tuple || name.contains("_theta_") {
        true => read_theta(right, name)?,
        false => read_tuple(right, name)?,
    };
    if tuple && name.contains("_theta_") && name.contains("union") {
        // Keys without a number get the default, as in DataSketches.
        let default = match (name.ends_with("double"), mode) {
            (true, Mode::AlwaysOne) => Summary::Double(1.0),
            (false, Mode::AlwaysOne) => Summary::Integer(1),
            (true, _) => Summary::Double(0.0),
            (false, _) => Summary::Integer(0),
        };
        other.entries.values_mut().for_each(|summary| *summary = default);
    }
    if name.contains("union") {
        own.union(&other, *lg, *mode);
    } else if name.contains("intersection") {
        own.intersect(&other, *mode);
    } else {
        own.subtract(&other);
    }
    Ok(if tuple { own.tuple_bytes() } else { own.theta_bytes() })
}

/// Quantiles of ranks, or ranks of values: one, or a list of them.
fn ranked(name: &str, input: &Input<'_>) -> Result<ArrayRef> {
    let (sketches, asked) = (input.bytes(0)?, &input.args[1]);
    let many = asked.as_list_opt::<i32>();
    let mut longs: Vec<Option<i64>> = Vec::new();
    let mut doubles: Vec<Option<f64>> = Vec::new();
    let mut answer = |kll: Option<&Kll>, values: &ArrayRef, place: usize| -> Result<()> {
        let kll = kll.filter(|_| !values.is_null(place));
        if name.contains("get_rank") {
            let key = match values.data_type() {
                DataType::Int64 => values.as_primitive::<Int64Type>().value(place),
                _ => key_of_double(values.as_primitive::<Float64Type>().value(place)),
            };
            doubles.push(kll.and_then(|kll| kll.rank(key)));
            return Ok(());
        }
        let rank = values.as_primitive::<Float64Type>().value(place);
        if kll.is_some() && !(0.0..=1.0).contains(&rank) {
            return Err(out_of_range(name, rank));
        }
        let key = kll.and_then(|kll| kll.quantile(rank));
        match name.ends_with("bigint") {
            true => longs.push(key),
            false => doubles.push(key.map(double_of_key)),
        }
        Ok(())
    };
    let mut lengths = Vec::with_capacity(input.n_rows);
    let mut valid = Vec::with_capacity(input.n_rows);
    for row in 0..input.n_rows {
        let sketch = at(sketches, row).map(|bytes| read_kll(bytes, name)).transpose()?;
        let list = many.and_then(|many| (!many.is_null(row)).then(|| many.value(row)));
        match (&sketch, many, list) {
            (Some(kll), Some(_), Some(values)) => {
                (0..values.len()).try_for_each(|place| answer(Some(kll), &values, place))?;
                lengths.push(values.len());
                valid.push(true);
            }
            (_, None, _) => answer(sketch.as_ref(), asked, row)?,
            (_, Some(_), _) => {
                lengths.push(0);
                valid.push(false);
            }
        }
    }
    let element = match input.result {
        DataType::List(field) => field.data_type(),
        other => other,
    };
    let values: ArrayRef = match element {
        DataType::Int64 => Arc::new(Int64Array::from(longs)),
        DataType::Float32 => {
            let floats = doubles.into_iter().map(|value| value.map(|value| value as f32));
            Arc::new(floats.collect::<Float32Array>())
        }
        _ => Arc::new(Float64Array::from(doubles)),
    };
    let DataType::List(field) = input.result else { return Ok(values) };
    let offsets = arrow::buffer::OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, Some(valid.into()))?))
}

fn out_of_range(name: &str, rank: f64) -> SparkError {
    SparkError::new(
        ErrorKind::Runtime,
        "KLL_SKETCH_INVALID_QUANTILE_RANGE",
        format!("Invalid call to `{name}`; the quantile must be between 0.0 and 1.0: {rank}."),
    )
    .with("functionName", format!("`{name}`"))
    .with("quantile", rank.to_string())
}

fn summary(kll: &Kll, name: &str) -> String {
    let shown = |rank: f64| match (kll.quantile(rank), name.ends_with("bigint")) {
        (None, _) => "none".to_owned(),
        (Some(key), true) => key.to_string(),
        (Some(key), false) => crate::cast::java_double::double_text(double_of_key(key)),
    };
    format!(
        "### KLL sketch summary:\n   K              : {}\n   N              : {}\n   Retained Items : {}\n   \
         Min Item       : {}\n   Max Item       : {}\n### End sketch summary\n",
        kll.k,
        kll.n,
        kll.n_kept(),
        shown(0.0),
        shown(1.0)
    )
}
