//! The aggregates: a tally per group.

use super::tally::Tally;
use crate::aggregate::{AggregateFunction, AggregateKind, States, take_first};
use crate::conform::conform;
use crate::wire::Name;
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, Int32Array, Int64Array, ListArray,
    StringArray, StructArray, new_null_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, FieldRef, Fields};
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What becomes of the tallies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum What {
    /// The most frequent values.
    Top { k: usize },
    /// The tally of values as a value.
    State,
    /// The tally of tallies as a value. Without a size of its own theirs, which must be the same.
    Combination { sized: bool },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TopK {
    pub name: Name,
    pub what: What,
    pub tracked: i64,
    #[serde(with = "firesteel_common::wire::field")]
    pub item: FieldRef,
    #[serde(with = "firesteel_common::wire::field")]
    pub result: FieldRef,
}

pub(crate) static TOP_K: AggregateKind<TopK> = AggregateKind::new("approx_top_k");

impl Hash for TopK {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, self.what, self.tracked).hash(state);
    }
}

#[derive(Debug)]
pub(crate) struct TopKStates {
    function: TopK,
    item: SparkType,
    groups: Vec<Tally>,
    /// Of a combination: the groups that no tally has come to yet.
    untouched: Vec<bool>,
}

impl AggregateFunction for TopK {
    type States = TopKStates;

    fn name(&self) -> &'static str {
        self.name.0
    }

    fn result(&self) -> FieldRef {
        Arc::clone(&self.result)
    }

    fn state_types(&self, _input: &[FieldRef]) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn states(&self, _input: &[FieldRef]) -> Result<TopKStates> {
        let item = firesteel_common::StructField::from_arrow(&self.item)?.data_type;
        Ok(TopKStates { function: self.clone(), item, groups: Vec::new(), untouched: Vec::new() })
    }
}

impl TopKStates {
    fn grow(&mut self, n_groups: usize) -> Result<()> {
        while self.groups.len() < n_groups {
            let capacity = self.capacity();
            self.groups.push(Tally::new(self.function.tracked, capacity, &self.item)?);
            self.untouched.push(true);
        }
        Ok(())
    }

    fn capacity(&self) -> i64 {
        match self.function.what {
            What::Combination { sized: false } => super::ITEMS_TRACKED_MAX,
            _ => self.function.tracked,
        }
    }

    fn take_in(&mut self, group: usize, tally: &Tally) -> Result<()> {
        let own = &mut self.groups[group];
        if let What::Combination { sized } = self.function.what {
            if std::mem::take(&mut self.untouched[group]) {
                (own.ddl, own.form) = (tally.ddl.clone(), tally.form);
                if !sized {
                    own.tracked = tally.tracked;
                }
            }
            if own.ddl != tally.ddl {
                return Err(other_type(&own.ddl, &tally.ddl));
            }
            if !sized && own.tracked != tally.tracked {
                return Err(other_size(own.tracked, tally.tracked));
            }
        }
        own.merge(tally);
        Ok(())
    }
}

impl States for TopKStates {
    fn update(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.grow(n_groups)?;
        let column = &values[0];
        let nulls = column.logical_nulls();
        for (row, group) in groups.iter().enumerate() {
            if matches!(self.function.what, What::Combination { .. }) {
                if let Some(tally) = Tally::of_state(column, row)? {
                    self.take_in(*group, &tally)?;
                }
            } else if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                self.groups[*group].nulls += 1;
            } else {
                self.groups[*group].add(column, row)?;
            }
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.grow(n_groups)?;
        let states = states[0].as_binary::<i32>();
        for (row, group) in groups.iter().enumerate() {
            if states.is_valid(row) {
                let tally = Tally::of_whole_bytes(states.value(row))?;
                self.take_in(*group, &tally)?;
            }
        }
        Ok(())
    }

    fn split_off_first(&mut self, n: usize) -> Self {
        Self {
            function: self.function.clone(),
            item: self.item.clone(),
            groups: take_first(&mut self.groups, n),
            untouched: take_first(&mut self.untouched, n),
        }
    }

    fn evaluate(&mut self, n_groups: usize) -> Result<ArrayRef> {
        self.grow(n_groups)?;
        let capacity = self.capacity();
        let mut tallies = self.groups.clone();
        tallies.iter_mut().try_for_each(|tally| tally.settle(capacity))?;
        let target = self.function.result.data_type();
        match self.function.what {
            What::Top { k } => lists(tallies.iter().map(Some), |_| k, target),
            What::State | What::Combination { .. } => states(&tallies, target),
        }
    }

    fn state(&mut self, n_groups: usize) -> Result<Vec<ArrayRef>> {
        self.grow(n_groups)?;
        let combines = matches!(self.function.what, What::Combination { .. });
        let mut builder = BinaryBuilder::new();
        for (tally, untouched) in self.groups.iter().zip(&self.untouched) {
            // A group without tallies knows neither a size nor a type.
            builder.append_option((!combines || !untouched).then(|| tally.whole_bytes()));
        }
        Ok(vec![Arc::new(builder.finish())])
    }

    fn size(&self) -> usize {
        self.groups.iter().map(|tally| tally.sketch.size()).sum()
    }
}

/// `array<struct<item, count>>` of each tally; null without one.
pub(super) fn lists<'a>(
    tallies: impl Iterator<Item = Option<&'a Tally>>,
    k: impl Fn(usize) -> usize,
    target: &DataType,
) -> Result<ArrayRef> {
    let DataType::List(element) = target else {
        return Err(SparkError::internal("approx_top_k answers with a list"));
    };
    let DataType::Struct(fields) = element.data_type() else {
        return Err(SparkError::internal("approx_top_k answers with structs"));
    };
    let (mut items, mut counts, mut lengths, mut valid) = (vec![], vec![], vec![], vec![]);
    let mut form = None;
    for (row, tally) in tallies.enumerate() {
        valid.push(tally.is_some());
        let Some(tally) = tally else {
            lengths.push(0);
            continue;
        };
        form = Some(tally.form);
        let top = tally.top(k(row));
        lengths.push(top.len());
        for (item, count) in top {
            items.push(item);
            counts.push(count);
        }
    }
    let items = match form {
        Some(form) => form.column(&items, fields[0].data_type())?,
        None => arrow::array::new_empty_array(fields[0].data_type()),
    };
    let counts: ArrayRef = Arc::new(Int64Array::from(counts));
    let pairs = StructArray::try_new(fields.clone(), vec![items, counts], None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    let valid =
        Some(valid.into()).filter(|valid: &arrow::buffer::NullBuffer| valid.null_count() > 0);
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, Arc::new(pairs), valid)?))
}

fn states(tallies: &[Tally], target: &DataType) -> Result<ArrayRef> {
    let DataType::Struct(fields) = target else {
        return Err(SparkError::internal("a state of approx_top_k is a struct"));
    };
    let fields: &Fields = fields;
    let n = tallies.len();
    let sketches: BinaryArray = tallies.iter().map(|tally| Some(tally.bytes())).collect();
    let tracked: Int32Array = tallies.iter().map(|tally| tally.tracked).collect();
    let ddl: StringArray = tallies.iter().map(|tally| Some(tally.ddl.as_str())).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(sketches),
        Arc::new(tracked),
        new_null_array(fields[2].data_type(), n),
        Arc::new(ddl),
    ];
    let columns = columns
        .iter()
        .zip(fields)
        .map(|(column, field)| conform(column, field.data_type()))
        .collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(StructArray::try_new_with_length(fields.clone(), columns, None, n)?))
}

fn other_size(one: i32, other: i32) -> SparkError {
    SparkError::runtime(
        "APPROX_TOP_K_SKETCH_SIZE_NOT_MATCH",
        format!(
            "Combining approx_top_k sketches of different sizes is not allowed. Found sketches of \
             size {one} and {other}."
        ),
    )
    .with("size1", one.to_string())
    .with("size2", other.to_string())
}

fn other_type(one: &str, other: &str) -> SparkError {
    let name = |ddl: &str| match crate::json::ddl::parse_schema(ddl) {
        Ok(SparkType::Struct(columns)) => match columns.fields.first() {
            Some(item) => format!("\"{}\"", item.data_type.sql()),
            None => ddl.to_owned(),
        },
        _ => ddl.to_owned(),
    };
    let (one, other) = (name(one), name(other));
    SparkError::runtime(
        "APPROX_TOP_K_SKETCH_TYPE_NOT_MATCH",
        format!(
            "Combining approx_top_k sketches of different types is not allowed. Found sketches of \
             type {one} and {other}."
        ),
    )
    .with("type1", one)
    .with("type2", other)
}
