//! Frequent sequences (`org.apache.spark.ml.fpm.PrefixSpan`; Pei et al., "Mining sequential patterns by
//! pattern-growth", 2004): a pattern grows by items that often come later, or together with its last ones.

use crate::error;
use crate::fpm::items::{ItemNumbers, decoded};
use crate::model::TableArgument;
use arrow::array::{ArrayRef, AsArray, Int64Array, ListArray, RecordBatch};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use datafusion_expr::{Expr, LogicalPlanBuilder};
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, StructType, TableHost};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sets of items one after the other; items ascend in a set.
type Sequence = Vec<Vec<u32>>;

/// A sequence, and in how many others it is.
type Pattern = (Sequence, i64);

/// Where a pattern ends in a sequence: its number, and the numbers of all sets that may hold the pattern's last one.
type Ends = Vec<(u32, Vec<u32>)>;

fn broken() -> SparkError {
    SparkError::internal("a column of sequences is a list of lists")
}

/// `PrefixSpan.findFrequentSequentialPatterns`: relation, least support, longest pattern, largest local database,
/// column.
///
/// # Errors
/// Spark's: a parameter is not valid, or the column holds no sequences.
pub(crate) fn find_frequent_sequential_patterns(
    args: Vec<TableArgument>,
    host: &mut dyn TableHost,
) -> Result<Frame> {
    let mut args = args.into_iter();
    let mut next =
        || args.next().ok_or_else(|| SparkError::invalid_plan("An argument is missing."));
    let input = next()?.frame()?;
    let support_min = next()?.value()?.as_f64().unwrap_or_default();
    let length_max = next()?.value()?.as_i64().unwrap_or_default();
    // The size up to which Spark mines in one task.
    next()?;
    let name = next()?.value()?;
    let name = name.as_str().unwrap_or("sequence");
    let column = input.column(name)?;
    let kind = column.field.data_type.clone();
    let is_nested = matches!(&kind, SparkType::Array { element, .. }
        if matches!(**element, SparkType::Array { .. }));
    if !is_nested {
        return Err(error::requirement(format!(
            "The input column must be ArrayType and the array element type must also be ArrayType, but got {}.",
            kind.simple_string()
        )));
    }
    let not_null: Expr = column.expr().is_not_null();
    let plan = LogicalPlanBuilder::from(input.plan.clone())
        .filter(not_null)?
        .project(vec![column.expr()])?
        .build()?;
    let mut numbers = ItemNumbers::default();
    let mut sequences: Vec<Sequence> = Vec::new();
    for batch in host.collect(plan)? {
        let outer = batch.column(0).as_list_opt::<i32>().ok_or_else(broken)?;
        let inner = outer.values().as_list_opt::<i32>().ok_or_else(broken)?;
        let items = numbers.of(inner.values())?;
        for ends in outer.value_offsets().windows(2) {
            let sets = (ends[0] as usize..ends[1] as usize).map(|set| {
                let ends = inner.value_offsets();
                items[ends[set] as usize..ends[set + 1] as usize].to_vec()
            });
            sequences.push(sets.collect());
        }
    }
    let count_min = (support_min * sequences.len() as f64).ceil() as i64;
    let order = frequent(&mut sequences, numbers.items.len(), count_min.max(1));
    let patterns = patterns(&sequences, order.len(), count_min.max(1), length_max);
    let items: Vec<&[u8]> =
        order.iter().map(|item| numbers.items[*item as usize].as_slice()).collect();
    frame(&kind, &patterns, &items, host)
}

/// Leaves frequent items alone, as ranks by their frequency; gives them in that order.
fn frequent(sequences: &mut [Sequence], n_items: usize, count_min: i64) -> Vec<u32> {
    let mut counts = vec![0_i64; n_items];
    let mut last = vec![usize::MAX; n_items];
    for (number, sequence) in sequences.iter().enumerate() {
        for item in sequence.iter().flatten() {
            if std::mem::replace(&mut last[*item as usize], number) != number {
                counts[*item as usize] += 1;
            }
        }
    }
    let mut order: Vec<u32> =
        (0..n_items as u32).filter(|item| counts[*item as usize] >= count_min).collect();
    // Of equally frequent items the later one comes first, as it usually does in Spark.
    order.sort_by_key(|item| (-counts[*item as usize], std::cmp::Reverse(*item)));
    let mut ranks = vec![None; n_items];
    for (rank, item) in order.iter().enumerate() {
        ranks[*item as usize] = Some(rank as u32);
    }
    for set in sequences.iter_mut().flatten() {
        *set = set.iter().filter_map(|item| ranks[*item as usize]).collect();
        set.sort_unstable();
        set.dedup();
    }
    order
}

fn patterns(
    sequences: &[Sequence],
    n_items: usize,
    count_min: i64,
    length_max: i64,
) -> Vec<Pattern> {
    let mut found = Vec::new();
    for item in 0..n_items as u32 {
        let ends: Ends = sequences
            .iter()
            .enumerate()
            .filter_map(|(number, sequence)| {
                let sets = positions(sequence, 0, item);
                (!sets.is_empty()).then_some((number as u32, sets))
            })
            .collect();
        grow(sequences, &mut vec![vec![item]], 1, &ends, (count_min, length_max), &mut found);
    }
    found
}

/// Sets from `first` on that have an item.
fn positions(sequence: &Sequence, first: usize, item: u32) -> Vec<u32> {
    (first..sequence.len())
        .filter(|set| sequence[*set].binary_search(&item).is_ok())
        .map(|set| set as u32)
        .collect()
}

fn grow(
    sequences: &[Sequence],
    pattern: &mut Sequence,
    length: i64,
    ends: &Ends,
    limits: (i64, i64),
    found: &mut Vec<Pattern>,
) {
    let (count_min, length_max) = limits;
    if (ends.len() as i64) < count_min {
        return;
    }
    found.push((pattern.clone(), ends.len() as i64));
    if length >= length_max {
        return;
    }
    let Some(last) = pattern.last().and_then(|set| set.last()).copied() else { return };
    // Items that come later (false) or together with the last set (true), with where they do.
    let mut next: BTreeMap<(bool, u32), Ends> = BTreeMap::new();
    let mut put = |key: (bool, u32), number: u32, set: u32| {
        let ends = next.entry(key).or_default();
        match ends.last_mut() {
            Some((same, sets)) if *same == number => sets.push(set),
            _ => ends.push((number, vec![set])),
        }
    };
    for (number, sets) in ends {
        let sequence = &sequences[*number as usize];
        for set in sets {
            let own = &sequence[*set as usize];
            own.iter()
                .filter(|item| **item > last)
                .for_each(|item| put((true, *item), *number, *set));
        }
        let after = sets.first().map_or(0, |set| set + 1);
        for set in after..sequence.len() as u32 {
            sequence[set as usize].iter().for_each(|item| put((false, *item), *number, set));
        }
    }
    for ((together, item), ends) in next {
        if together {
            if let Some(set) = pattern.last_mut() {
                set.push(item);
            }
            grow(sequences, pattern, length + 1, &ends, limits, found);
            if let Some(set) = pattern.last_mut() {
                set.pop();
            }
        } else {
            pattern.push(vec![item]);
            grow(sequences, pattern, length + 1, &ends, limits, found);
            pattern.pop();
        }
    }
}

fn frame(
    kind: &SparkType,
    patterns: &[Pattern],
    items: &[&[u8]],
    host: &mut dyn TableHost,
) -> Result<Frame> {
    let outer = kind.to_arrow();
    let DataType::List(set) = &outer else { return Err(broken()) };
    let DataType::List(item) = set.data_type() else { return Err(broken()) };
    let sets = || patterns.iter().flat_map(|(sequence, _)| sequence);
    let all = sets().flatten().map(|item| items[*item as usize]);
    let values = decoded(all, item.data_type())?;
    let lengths = OffsetBuffer::from_lengths(sets().map(Vec::len));
    let inner: ArrayRef = Arc::new(ListArray::try_new(Arc::clone(item), lengths, values, None)?);
    let lengths = OffsetBuffer::from_lengths(patterns.iter().map(|(sequence, _)| sequence.len()));
    let sequences = Arc::new(ListArray::try_new(Arc::clone(set), lengths, inner, None)?);
    let counts = Int64Array::from_iter_values(patterns.iter().map(|(_, count)| *count));
    let schema = StructType::new(vec![
        StructField::new("sequence", kind.clone(), false),
        StructField::new("freq", SparkType::Long, false),
    ]);
    let arrow = Arc::new(firesteel_common::types::schema_to_arrow(&schema));
    let batch = RecordBatch::try_new(arrow, vec![sequences, Arc::new(counts)])?;
    host.rows(schema, &[batch])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the paper's authors in Spark's documentation: 5 patterns in at least half the sequences.
    #[test]
    fn patterns_by_hand() {
        let mut sequences = vec![
            vec![vec![1, 2], vec![3]],
            vec![vec![1], vec![3, 2], vec![1, 2]],
            vec![vec![1, 2], vec![5]],
            vec![vec![6]],
        ];
        let order = frequent(&mut sequences, 7, 2);
        assert_eq!(order, [2, 1, 3]);
        let mut found = patterns(&sequences, 3, 2, 5);
        found.sort();
        let expected = vec![
            (vec![vec![0]], 3),
            (vec![vec![0, 1]], 3),
            (vec![vec![1]], 3),
            (vec![vec![1], vec![2]], 2),
            (vec![vec![2]], 2),
        ];
        assert_eq!(found, expected);
    }
}
