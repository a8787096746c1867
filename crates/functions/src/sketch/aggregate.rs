//! The aggregates that build and unite sketches.

use super::sample::Mode;
use super::state::{State, What};
use super::tally::Tally;
use crate::aggregate::{AggregateFunction, AggregateKind, States, result_field, take_first};
use crate::call::{AggregateCall, Arg};
use crate::cast::{EvalMode, cast};
use crate::implicit::{
    implicit, invalid_parameter, literal_boolean, literal_double, literal_long, not_foldable,
    unexpected_type,
};
use crate::wire::Name;
use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder};
use arrow::datatypes::{DataType, FieldRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SessionSettings, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sketching {
    name: Name,
    what: What,
    #[serde(with = "firesteel_common::wire::field")]
    result: FieldRef,
}

pub(crate) static SKETCHING: AggregateKind<Sketching> = AggregateKind::new("sketch");

impl Hash for Sketching {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, &self.what).hash(state);
    }
}

#[derive(Debug)]
pub(crate) struct SketchingStates {
    what: What,
    groups: Vec<State>,
}

impl AggregateFunction for Sketching {
    type States = SketchingStates;

    fn name(&self) -> &'static str {
        self.name.0
    }

    fn result(&self) -> FieldRef {
        Arc::clone(&self.result)
    }

    fn state_types(&self, _input: &[FieldRef]) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn states(&self, _input: &[FieldRef]) -> Result<SketchingStates> {
        Ok(SketchingStates { what: self.what.clone(), groups: Vec::new() })
    }
}

impl SketchingStates {
    fn bytes(&self, last: bool) -> ArrayRef {
        let mut builder = BinaryBuilder::new();
        for state in &self.groups {
            builder.append_option(self.what.bytes(state, last));
        }
        Arc::new(builder.finish())
    }
}

impl States for SketchingStates {
    fn update(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.groups.resize(n_groups, State::None);
        for (row, group) in groups.iter().enumerate() {
            self.what.update(&mut self.groups[*group], values, row)?;
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.groups.resize(n_groups, State::None);
        let sketches = states[0].as_binary::<i32>();
        for (row, group) in groups.iter().enumerate() {
            if sketches.is_valid(row) {
                self.what.merge(&mut self.groups[*group], sketches.value(row))?;
            }
        }
        Ok(())
    }

    fn split_off_first(&mut self, n: usize) -> Self {
        Self { what: self.what.clone(), groups: take_first(&mut self.groups, n) }
    }

    fn evaluate(&mut self, n_groups: usize) -> Result<ArrayRef> {
        self.groups.resize(n_groups, State::None);
        Ok(self.bytes(true))
    }

    fn state(&mut self, n_groups: usize) -> Result<Vec<ArrayRef>> {
        self.groups.resize(n_groups, State::None);
        Ok(vec![self.bytes(false)])
    }

    fn size(&self) -> usize {
        self.groups.iter().map(State::size).sum()
    }
}

/// All aggregates of the module; which one the name says.
pub(crate) fn sketch(mut call: AggregateCall<'_>) -> Result<Expr> {
    let Some(name) = super::AGGREGATES.into_iter().find(|name| *name == call.call.name) else {
        return Err(SparkError::internal(format!("{} is no sketch", call.call.name)));
    };
    let settings = call.call.settings;
    let n_values = if name.starts_with("tuple_sketch_agg") { 2 } else { 1 };
    let n_options = match name {
        "count_min_sketch" => 3,
        "theta_intersection_agg" => 0,
        "tuple_intersection_agg_double" | "tuple_intersection_agg_integer" => 1,
        _ if name.starts_with("tuple_") => 2,
        _ => 1,
    };
    call.call.check_arity(n_values, n_values + n_options)?;
    let mut args = std::mem::take(&mut call.call.args);
    let options = args.split_off(n_values);
    let what = what(name, &options)?;
    let args = args
        .into_iter()
        .enumerate()
        .map(|(position, arg)| value(name, position, arg, settings))
        .collect::<Result<Vec<_>>>()?;
    let nullable =
        matches!(what, What::Intersection { .. } | What::HllUnion { .. } | What::KllMerge { .. });
    let function = Sketching {
        name: Name(name),
        what,
        result: result_field(name, &SparkType::Binary, nullable),
    };
    Ok(function.call(args, call.distinct, call.filter))
}

/// The argument in the type in which it is hashed, ranked or joined.
fn value(name: &str, position: usize, arg: Arg, settings: &SessionSettings) -> Result<Expr> {
    let mode = EvalMode::of(settings);
    let given = arg.spark_type()?;
    if name.contains("union_agg")
        || name.contains("intersection_agg")
        || name.starts_with("kll_merge")
    {
        return implicit(name, position, arg, &SparkType::Binary, settings);
    }
    let target = match name {
        "kll_sketch_agg_bigint" => SparkType::Long,
        "kll_sketch_agg_float" => SparkType::Float,
        "kll_sketch_agg_double" => SparkType::Double,
        "tuple_sketch_agg_double" if position == 1 => SparkType::Double,
        "tuple_sketch_agg_integer" if position == 1 => {
            // Spark's clients send Python's integers, which are longs.
            return cast(arg, &SparkType::Integer, mode, settings);
        }
        _ => match &given {
            given if given.is_integral() || *given == SparkType::Null => SparkType::Long,
            SparkType::Float | SparkType::Double
                if name != "count_min_sketch" && !name.starts_with("hll") =>
            {
                SparkType::Double
            }
            given if given.is_string() => SparkType::string(),
            SparkType::Binary => SparkType::Binary,
            _ => {
                let allowed = "(\"INTEGRAL\" or \"STRING\" or \"BINARY\")";
                return Err(unexpected_type(name, position, &arg, allowed));
            }
        },
    };
    match given.is_integral() && target == SparkType::Long {
        true => cast(arg, &target, mode, settings),
        false => implicit(name, position, arg, &target, settings),
    }
}

fn what(name: &'static str, options: &[Arg]) -> Result<What> {
    let lg = |position: usize, least: i64, most: i64, condition: &str| -> Result<u8> {
        let Some(arg) = options.get(position) else { return Ok(12) };
        let given = literal_long(arg).ok_or_else(|| not_foldable(name, "lgNomEntries"))?;
        if (least..=most).contains(&given) {
            return Ok(given as u8);
        }
        let message = format!(
            "Invalid call to `{name}`; the size parameter must be between {least} and {most}, inclusive: {given}."
        );
        Err(SparkError::runtime(condition, message)
            .with("function", format!("`{name}`"))
            .with("min", least.to_string())
            .with("max", most.to_string())
            .with("value", given.to_string()))
    };
    let mode = |position: usize| -> Result<Mode> {
        let Some(arg) = options.get(position) else { return Ok(Mode::Sum) };
        super::mode(name, arg)
    };
    let k = |position: usize| -> Result<Option<u16>> {
        let Some(arg) = options.get(position) else { return Ok(None) };
        let given = literal_long(arg).ok_or_else(|| not_foldable(name, "k"))?;
        const LEAST: i64 = 8;
        const MOST: i64 = 65535;
        if (LEAST..=MOST).contains(&given) {
            return Ok(Some(given as u16));
        }
        let message = format!(
            "Invalid call to `{name}`; the `k` parameter must be between {LEAST} and {MOST}: {given}."
        );
        Err(SparkError::analysis("DATATYPE_MISMATCH.TYPE_CHECK_FAILURE_WITH_HINT", message)
            .with("functionName", format!("`{name}`"))
            .with("k", given.to_string()))
    };
    const DEFAULT_K: u16 = 200;
    const NOMINAL: &str = "SKETCH_INVALID_LG_NOM_ENTRIES";
    let tuple = name.starts_with("tuple");
    Ok(match name {
        "theta_sketch_agg" | "tuple_sketch_agg_double" | "tuple_sketch_agg_integer" => {
            What::Sample { lg: lg(0, 4, 26, NOMINAL)?, mode: mode(1)?, tuple }
        }
        "theta_union_agg" | "tuple_union_agg_double" | "tuple_union_agg_integer" => {
            What::Union { lg: lg(0, 4, 26, NOMINAL)?, mode: mode(1)?, tuple }
        }
        "theta_intersection_agg"
        | "tuple_intersection_agg_double"
        | "tuple_intersection_agg_integer" => What::Intersection { mode: mode(0)?, tuple },
        "hll_sketch_agg" => What::Hll { lg: lg(0, 4, 21, "HLL_INVALID_LG_K")? },
        "hll_union_agg" => What::HllUnion {
            mixed: match options.first() {
                None => false,
                Some(arg) => literal_boolean(arg)
                    .ok_or_else(|| not_foldable(name, "allowDifferentLgConfigK"))?,
            },
        },
        "count_min_sketch" => tally(name, options)?,
        _ if name.starts_with("kll_merge") => What::KllMerge { k: k(0)? },
        _ => What::Kll { k: k(0)?.unwrap_or(DEFAULT_K) },
    })
}

fn tally(name: &'static str, options: &[Arg]) -> Result<What> {
    const COUNTERS_MAX: f64 = 1e7;
    let number = |position: usize, parameter: &str| {
        let arg = options.get(position).ok_or_else(|| not_foldable(name, parameter))?;
        literal_double(arg).ok_or_else(|| not_foldable(name, parameter))
    };
    let (error, confidence) = (number(0, "eps")?, number(1, "confidence")?);
    let Some(seed) = options.get(2).and_then(literal_long) else {
        return Err(not_foldable(name, "seed"));
    };
    if error.is_nan() || error <= 0.0 {
        return Err(invalid_parameter(name, "eps", "must be positive"));
    }
    if !(0.0..1.0).contains(&confidence) || confidence == 0.0 {
        return Err(invalid_parameter(name, "confidence", "must be within range (0.0, 1.0)"));
    }
    let (width, depth) = ((2.0 / error).ceil(), (-(1.0 - confidence).ln() / 2f64.ln()).ceil());
    if width * depth > COUNTERS_MAX {
        return Err(invalid_parameter(name, "eps", "asks for too many counters"));
    }
    // Java keeps the lower half of a long.
    Ok(What::Tally { hashes: Tally::hashes(seed as i32, depth as usize), width: width as usize })
}
