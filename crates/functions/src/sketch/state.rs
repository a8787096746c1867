//! What a sketching aggregate holds of a group, whatever its kind.

use super::hash::murmur3;
use super::hll::Hll;
use super::kll::{Kll, key_of_double};
use super::sample::{Mode, Sample, Summary};
use super::tally::Tally;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type, Int64Type};
use firesteel_common::{Result, SparkError};
use serde::{Deserialize, Serialize};

/// What is built, and out of what.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum What {
    /// Out of values; the numbers of a tuple sketch are the second argument.
    Sample {
        lg: u8,
        mode: Mode,
        tuple: bool,
    },
    /// Out of sketches.
    Union {
        lg: u8,
        mode: Mode,
        tuple: bool,
    },
    Intersection {
        mode: Mode,
        tuple: bool,
    },
    Kll {
        k: u16,
    },
    KllMerge {
        k: Option<u16>,
    },
    Hll {
        lg: u8,
    },
    HllUnion {
        mixed: bool,
    },
    /// A count-min sketch: hashes, one per row of counters, and counters per row.
    Tally {
        hashes: Vec<i64>,
        width: usize,
    },
}

#[derive(Debug, Clone)]
pub(super) enum State {
    /// Nothing came yet.
    None,
    Sample(Sample),
    Kll(Kll),
    Hll(Hll),
    Tally(Tally),
}

impl State {
    /// Bytes of memory, about.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>()
            + match self {
                State::None => 0,
                State::Sample(sample) => sample.entries.capacity() * 32,
                State::Kll(kll) => kll.n_kept() * 8,
                State::Hll(hll) => hll.size(),
                State::Tally(tally) => tally.size(),
            }
    }
}

impl What {
    /// The state of a group without rows, as far as it has an answer.
    fn empty(&self) -> State {
        match self {
            What::Sample { .. } | What::Union { .. } => State::Sample(Sample::default()),
            What::Intersection { .. } | What::KllMerge { k: None } | What::HllUnion { .. } => {
                State::None
            }
            What::Kll { k } | What::KllMerge { k: Some(k) } => State::Kll(Kll::new(*k)),
            What::Hll { lg } => State::Hll(Hll::new(*lg)),
            What::Tally { hashes, width } => State::Tally(Tally::new(hashes, *width)),
        }
    }

    fn is_tuple(&self) -> bool {
        matches!(
            self,
            What::Sample { tuple: true, .. }
                | What::Union { tuple: true, .. }
                | What::Intersection { tuple: true, .. }
        )
    }

    /// Takes a row in. Rows with a null do not count.
    pub(super) fn update(&self, state: &mut State, args: &[ArrayRef], row: usize) -> Result<()> {
        if args.iter().any(|arg| arg.is_null(row)) {
            return Ok(());
        }
        if matches!(state, State::None) {
            *state = self.empty();
        }
        let column = &args[0];
        match (self, state) {
            (What::Sample { lg, mode, .. }, State::Sample(sample)) => {
                if let Some((low, _)) = hashed(column, row) {
                    let summary = match args.get(1) {
                        None => Summary::None,
                        Some(_)
                            if *mode == Mode::AlwaysOne
                                && args[1].data_type() == &DataType::Float64 =>
                        {
                            Summary::Double(1.0)
                        }
                        Some(_) if *mode == Mode::AlwaysOne => Summary::Integer(1),
                        Some(numbers) if numbers.data_type() == &DataType::Float64 => {
                            Summary::Double(numbers.as_primitive::<Float64Type>().value(row))
                        }
                        Some(numbers) => {
                            Summary::Integer(numbers.as_primitive::<Int32Type>().value(row))
                        }
                    };
                    sample.add(low >> 1, summary, *lg, *mode);
                }
            }
            (What::Hll { .. }, State::Hll(hll)) => {
                if let Some(pair) = hashed(column, row) {
                    hll.add(pair);
                }
            }
            (What::Kll { .. }, State::Kll(kll)) => match column.data_type() {
                DataType::Int64 => kll.add(column.as_primitive::<Int64Type>().value(row)),
                DataType::Float32 => {
                    add_double(kll, f64::from(column.as_primitive::<Float32Type>().value(row)));
                }
                _ => add_double(kll, column.as_primitive::<Float64Type>().value(row)),
            },
            (What::Tally { .. }, State::Tally(tally)) => match column.data_type() {
                DataType::Int64 => tally.add_long(column.as_primitive::<Int64Type>().value(row)),
                DataType::Utf8 => tally.add_bytes(column.as_string::<i32>().value(row).as_bytes()),
                _ => tally.add_bytes(column.as_binary::<i32>().value(row)),
            },
            (_, state) => self.merge(state, column.as_binary::<i32>().value(row))?,
        }
        Ok(())
    }

    /// Takes in a sketch: a row of an aggregate over sketches, or the state of another partition.
    pub(super) fn merge(&self, state: &mut State, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let other = self.read(bytes)?;
        match (self, &mut *state, other) {
            (_, State::None, other) => *state = other,
            (
                What::Sample { lg, mode, .. } | What::Union { lg, mode, .. },
                State::Sample(own),
                State::Sample(other),
            ) => {
                own.union(&other, *lg, *mode);
            }
            (What::Intersection { mode, .. }, State::Sample(own), State::Sample(other)) => {
                own.intersect(&other, *mode);
            }
            (_, State::Kll(own), State::Kll(other)) => own.merge(&other),
            (What::HllUnion { mixed: false }, State::Hll(own), State::Hll(other))
                if own.lg != other.lg =>
            {
                return Err(union_of_different(own.lg, other.lg, "hll_union_agg"));
            }
            (_, State::Hll(own), State::Hll(other)) => own.merge(&other),
            (_, State::Tally(own), State::Tally(other)) => own.merge(&other),
            _ => return Err(SparkError::internal("sketches of different kinds")),
        }
        Ok(())
    }

    fn read(&self, bytes: &[u8]) -> Result<State> {
        let read = match self {
            What::Sample { .. } | What::Union { .. } | What::Intersection { .. }
                if self.is_tuple() =>
            {
                return read_tuple(bytes, "tuple_sketch_agg").map(State::Sample);
            }
            What::Sample { .. } | What::Union { .. } | What::Intersection { .. } => {
                return read_theta(bytes, "theta_sketch_agg").map(State::Sample);
            }
            What::Kll { .. } | What::KllMerge { .. } => {
                return read_kll(bytes, "kll_merge_agg").map(State::Kll);
            }
            What::Hll { .. } | What::HllUnion { .. } => {
                return read_hll(bytes, "hll_union_agg").map(State::Hll);
            }
            What::Tally { hashes, width } => {
                Tally::of_bytes(bytes, hashes, *width).map(State::Tally)
            }
        };
        read.ok_or_else(|| SparkError::internal("a count-min sketch of another form"))
    }

    /// The sketch, for the answer (`last`) or for other partitions. None: no answer.
    pub(super) fn bytes(&self, state: &State, last: bool) -> Option<Vec<u8>> {
        let empty;
        let state = match state {
            State::None if last => {
                empty = self.empty();
                &empty
            }
            other => other,
        };
        match (self, state) {
            (What::Sample { lg, .. } | What::Union { lg, .. }, State::Sample(sample)) if last => {
                let mut sample = sample.clone();
                sample.shrink(*lg);
                Some(if self.is_tuple() { sample.tuple_bytes() } else { sample.theta_bytes() })
            }
            (_, State::Sample(sample)) => {
                Some(if self.is_tuple() { sample.tuple_bytes() } else { sample.theta_bytes() })
            }
            (_, State::Kll(kll)) => Some(kll.to_bytes()),
            (_, State::Hll(hll)) => Some(hll.to_bytes()),
            (_, State::Tally(tally)) => Some(tally.to_bytes()),
            (_, State::None) => None,
        }
    }
}

fn add_double(kll: &mut Kll, value: f64) {
    // What is not a number has no rank.
    if !value.is_nan() {
        kll.add(key_of_double(value));
    }
}

/// The hash of a value; an empty text or byte string has none.
fn hashed(column: &ArrayRef, row: usize) -> Option<(u64, u64)> {
    Some(match column.data_type() {
        DataType::Int64 => murmur3(&column.as_primitive::<Int64Type>().value(row).to_le_bytes()),
        DataType::Float64 => {
            let value = column.as_primitive::<Float64Type>().value(row);
            // One zero and one NaN.
            let value = if value == 0.0 { 0.0 } else { value };
            let bits = if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() };
            murmur3(&bits.to_le_bytes())
        }
        DataType::Utf8 => {
            let text = column.as_string::<i32>().value(row);
            return (!text.is_empty()).then(|| murmur3(text.as_bytes()));
        }
        _ => {
            let bytes = column.as_binary::<i32>().value(row);
            return (!bytes.is_empty()).then(|| murmur3(bytes));
        }
    })
}

pub(super) fn read_theta(bytes: &[u8], function: &str) -> Result<Sample> {
    Sample::of_theta_bytes(bytes)
        .ok_or_else(|| invalid("THETA_INVALID_INPUT_SKETCH_BUFFER", "Theta", function))
}

pub(super) fn read_tuple(bytes: &[u8], function: &str) -> Result<Sample> {
    Sample::of_tuple_bytes(bytes)
        .ok_or_else(|| invalid("TUPLE_INVALID_INPUT_SKETCH_BUFFER", "Tuple", function))
}

pub(super) fn read_kll(bytes: &[u8], function: &str) -> Result<Kll> {
    Kll::of_bytes(bytes).ok_or_else(|| invalid("KLL_INVALID_INPUT_SKETCH_BUFFER", "KLL", function))
}

pub(super) fn read_hll(bytes: &[u8], function: &str) -> Result<Hll> {
    Hll::of_bytes(bytes).ok_or_else(|| invalid("HLL_INVALID_INPUT_SKETCH_BUFFER", "HLL", function))
}

fn invalid(condition: &str, kind: &str, function: &str) -> SparkError {
    SparkError::runtime(
        condition,
        format!(
            "Invalid call to `{function}`; only valid {kind} sketch buffers are supported as inputs (such as \
             those produced by the sketch aggregates)."
        ),
    )
    .with("function", format!("`{function}`"))
}

pub(super) fn union_of_different(left: u8, right: u8, function: &str) -> SparkError {
    SparkError::runtime(
        "HLL_UNION_DIFFERENT_LG_K",
        format!(
            "Sketches have different `lgConfigK` values: {left} and {right}. Set the \
             `allowDifferentLgConfigK` parameter to true to call `{function}` with different `lgConfigK` values."
        ),
    )
    .with("left", left.to_string())
    .with("right", right.to_string())
    .with("function", format!("`{function}`"))
}
