//! Aggregates that need their rows: the arguments of each group are gathered and one function turns
//! them into the answer (`collect_list`, `percentile`, `mode`), or picks the one row that counts
//! (`first`, `max_by`), in which case the others are dropped as soon as there are many.

use super::states::{
    AggregateFunction, AnyAggregateKind, States, as_list, function_of, list_of, udaf,
};
use crate::scalar_kernel::Params;
use crate::wire::{Name, from_bytes, to_bytes};
use arrow::array::{Array, ArrayRef, ListArray, UInt32Array, new_empty_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{concat, filter, is_not_null, take};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_expr::AggregateUDF;
use firesteel_common::Result;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// The rows of all groups, group after group, in order of arrival within a group.
#[derive(Debug)]
pub(crate) struct Gathered {
    /// One column per argument.
    pub columns: Vec<ArrayRef>,
    /// Group `g` has the rows `offsets[g]..offsets[g + 1]`.
    pub offsets: Vec<usize>,
}

impl Gathered {
    pub(crate) fn groups(&self) -> impl Iterator<Item = Range<usize>> {
        self.offsets.windows(2).map(|pair| pair[0]..pair[1])
    }
}

/// The row to keep of each group; none where a group has no row.
pub(crate) type Keep<P> = fn(&P, &Gathered) -> Result<Vec<Option<usize>>>;
/// The answers, one per group.
pub(crate) type Finish<P> = fn(&P, &Gathered, &FieldRef) -> Result<ArrayRef>;

/// What an aggregate makes of its rows, known to every process under the same id.
#[derive(Debug)]
pub(crate) struct GatherKind<P> {
    id: &'static str,
    keep: Option<Keep<P>>,
    finish: Finish<P>,
}

impl<P> GatherKind<P> {
    pub(crate) const fn new(id: &'static str, finish: Finish<P>) -> Self {
        Self { id, keep: None, finish }
    }

    /// One that needs a single row of each group.
    pub(crate) const fn keeping(id: &'static str, keep: Keep<P>, finish: Finish<P>) -> Self {
        Self { id, keep: Some(keep), finish }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Gather<P: 'static> {
    pub kind: &'static GatherKind<P>,
    pub name: &'static str,
    pub params: P,
    /// Rows in which this argument is null do not count.
    pub skip_nulls_of: Option<usize>,
    pub result: FieldRef,
}

/// What travels of it besides its kind's id.
#[derive(Debug, Serialize, Deserialize)]
struct Travelling<P> {
    name: Name,
    params: P,
    skip_nulls_of: Option<usize>,
    #[serde(with = "firesteel_common::wire::field")]
    result: FieldRef,
}

impl<P: Params> AnyAggregateKind for GatherKind<P> {
    fn id(&self) -> &'static str {
        self.id
    }

    fn encode(&self, function: &AggregateUDF) -> Option<Result<Vec<u8>>> {
        let gather =
            function_of::<Gather<P>>(function).filter(|gather| gather.kind.id == self.id)?;
        let travelling = Travelling {
            name: Name(gather.name),
            params: &gather.params,
            skip_nulls_of: gather.skip_nulls_of,
            result: Arc::clone(&gather.result),
        };
        Some(to_bytes(&(self.id, travelling)))
    }

    fn decode(&'static self, bytes: &[u8]) -> Result<AggregateUDF> {
        let (IgnoredAny, found): (_, Travelling<P>) = from_bytes(bytes)?;
        Ok(udaf(Gather {
            kind: self,
            name: found.name.0,
            params: found.params,
            skip_nulls_of: found.skip_nulls_of,
            result: found.result,
        }))
    }
}

impl<P: Params> PartialEq for Gather<P> {
    fn eq(&self, other: &Self) -> bool {
        self.kind.id == other.kind.id
            && self.name == other.name
            && self.params == other.params
            && self.skip_nulls_of == other.skip_nulls_of
            && self.result == other.result
    }
}

impl<P: Params> Eq for Gather<P> {}

impl<P: Params> Hash for Gather<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind.id, self.name, &self.params, self.skip_nulls_of).hash(state);
    }
}

impl<P: Params> AggregateFunction for Gather<P> {
    type States = GatherStates<P>;

    fn name(&self) -> &'static str {
        self.name
    }

    fn result(&self) -> FieldRef {
        Arc::clone(&self.result)
    }

    fn state_types(&self, input: &[FieldRef]) -> Vec<DataType> {
        input.iter().map(|field| list_of(field.data_type())).collect()
    }

    fn states(&self, input: &[FieldRef]) -> Result<GatherStates<P>> {
        Ok(GatherStates {
            function: self.clone(),
            input: input.to_vec(),
            pieces: Vec::new(),
            n_rows: 0,
            n_compact: 0,
            bytes: 0,
        })
    }
}

#[derive(Debug)]
pub(crate) struct GatherStates<P: 'static> {
    function: Gather<P>,
    input: Vec<FieldRef>,
    /// Columns and the group of each of their rows.
    pieces: Vec<(Vec<ArrayRef>, Vec<u32>)>,
    n_rows: usize,
    /// Rows left after the last dropping of rows.
    n_compact: usize,
    bytes: usize,
}

/// Rows to gather before those that cannot count are dropped.
const ROWS_BEFORE_DROP: usize = 4096;

impl<P: Params> GatherStates<P> {
    fn push(&mut self, columns: Vec<ArrayRef>, groups: Vec<u32>) {
        if groups.is_empty() {
            return;
        }
        self.n_rows += groups.len();
        self.bytes += groups.len() * 4
            + columns
                .iter()
                .map(|column| column.to_data().get_slice_memory_size().unwrap_or(0))
                .sum::<usize>();
        self.pieces.push((columns, groups));
    }

    /// All rows as one piece, group after group.
    fn gather(&mut self, n_groups: usize) -> Result<Gathered> {
        let columns = match self.pieces.len() {
            0 => self.input.iter().map(|field| new_empty_array(field.data_type())).collect(),
            1 => self.pieces[0].0.clone(),
            _ => (0..self.pieces[0].0.len())
                .map(|column| {
                    let parts: Vec<_> =
                        self.pieces.iter().map(|(columns, _)| columns[column].as_ref()).collect();
                    concat(&parts)
                })
                .collect::<Result<Vec<_>, _>>()?,
        };
        let groups: Vec<u32> = match self.pieces.as_mut_slice() {
            [(_, groups)] => std::mem::take(groups),
            pieces => pieces.iter().flat_map(|(_, groups)| groups.iter().copied()).collect(),
        };
        let (columns, groups, offsets) = sort_by_group(columns, groups, n_groups)?;
        self.pieces = vec![(columns.clone(), groups)];
        if self.n_rows == 0 {
            self.pieces.clear();
        }
        Ok(Gathered { columns, offsets })
    }

    /// Drops the rows that cannot become the answer.
    fn drop_rows(&mut self, n_groups: usize) -> Result<()> {
        let Some(keep) = self.function.kind.keep else { return Ok(()) };
        if self.n_rows <= n_groups && self.pieces.len() <= 1 {
            return Ok(());
        }
        let gathered = self.gather(n_groups)?;
        let kept = keep(&self.function.params, &gathered)?;
        let rows = kept.iter().flatten().map(|row| *row as u32).collect::<UInt32Array>();
        let groups = (0u32..).zip(&kept).filter(|(_, row)| row.is_some()).map(|(group, _)| group);
        let groups = groups.collect();
        let columns = gathered
            .columns
            .iter()
            .map(|column| take(column, &rows, None))
            .collect::<Result<Vec<_>, _>>()?;
        self.pieces.clear();
        (self.n_rows, self.bytes) = (0, 0);
        self.push(columns, groups);
        self.n_compact = self.n_rows;
        Ok(())
    }

    fn add(&mut self, values: &[ArrayRef], groups: Vec<u32>, n_groups: usize) -> Result<()> {
        match self.function.skip_nulls_of {
            Some(argument) if values[argument].logical_null_count() > 0 => {
                let mask = is_not_null(&values[argument])?;
                let kept = groups.iter().zip(mask.values()).filter(|(_, keep)| *keep);
                let groups = kept.map(|(group, _)| *group).collect();
                let columns = values
                    .iter()
                    .map(|column| filter(column, &mask))
                    .collect::<Result<Vec<_>, _>>()?;
                self.push(columns, groups);
            }
            _ => self.push(values.to_vec(), groups),
        }
        if self.function.kind.keep.is_some() && self.n_rows > 2 * self.n_compact + ROWS_BEFORE_DROP
        {
            self.drop_rows(n_groups)?;
        }
        Ok(())
    }
}

/// Brings the rows in the order of their groups, keeping the order within a group.
fn sort_by_group(
    columns: Vec<ArrayRef>,
    groups: Vec<u32>,
    n_groups: usize,
) -> Result<(Vec<ArrayRef>, Vec<u32>, Vec<usize>)> {
    let mut offsets = vec![0usize; n_groups + 1];
    for group in &groups {
        offsets[*group as usize + 1] += 1;
    }
    for group in 0..n_groups {
        offsets[group + 1] += offsets[group];
    }
    if groups.is_sorted() {
        return Ok((columns, groups, offsets));
    }
    let mut next = offsets.clone();
    let mut order = vec![0u32; groups.len()];
    for (row, group) in groups.iter().enumerate() {
        let place = &mut next[*group as usize];
        order[*place] = row as u32;
        *place += 1;
    }
    let sorted = order.iter().map(|row| groups[*row as usize]).collect();
    let order = UInt32Array::from(order);
    let columns =
        columns.iter().map(|column| take(column, &order, None)).collect::<Result<Vec<_>, _>>()?;
    Ok((columns, sorted, offsets))
}

impl<P: Params> States for GatherStates<P> {
    fn update(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.add(values, groups.iter().map(|group| *group as u32).collect(), n_groups)
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        let lists = states.iter().map(as_list).collect::<Result<Vec<_>>>()?;
        let mut row_groups = Vec::new();
        for (row, group) in groups.iter().enumerate() {
            let n_values = lists[0].value_length(row) as usize;
            row_groups.extend(std::iter::repeat_n(*group as u32, n_values));
        }
        let columns: Vec<ArrayRef> = lists
            .iter()
            .map(|list| {
                let (first, last) = (list.value_offsets()[0], list.value_offsets()[list.len()]);
                list.values().slice(first as usize, (last - first) as usize)
            })
            .collect();
        if self.input.is_empty() {
            self.input = columns
                .iter()
                .map(|column| Arc::new(Field::new("", column.data_type().clone(), true)))
                .collect();
        }
        self.add(&columns, row_groups, n_groups)
    }

    fn split_off_first(&mut self, n: usize) -> Self {
        let mut first = Self {
            function: self.function.clone(),
            input: self.input.clone(),
            pieces: Vec::new(),
            n_rows: 0,
            n_compact: 0,
            bytes: 0,
        };
        let pieces = std::mem::take(&mut self.pieces);
        (self.n_rows, self.n_compact, self.bytes) = (0, 0, 0);
        for (columns, groups) in pieces {
            let (early, late): (Vec<u32>, Vec<u32>) =
                (0..groups.len() as u32).partition(|row| (groups[*row as usize] as usize) < n);
            for (rows, shift, states) in [(early, 0, &mut first), (late, n as u32, &mut *self)] {
                let part_groups =
                    rows.iter().map(|row| groups[*row as usize] - shift).collect::<Vec<_>>();
                let rows = UInt32Array::from(rows);
                // Rows of an array can always be taken by positions below its length.
                let part =
                    columns.iter().filter_map(|column| take(column, &rows, None).ok()).collect();
                states.push(part, part_groups);
            }
        }
        first
    }

    fn evaluate(&mut self, n_groups: usize) -> Result<ArrayRef> {
        self.drop_rows(n_groups)?;
        let gathered = self.gather(n_groups)?;
        (self.function.kind.finish)(&self.function.params, &gathered, &self.function.result)
    }

    fn state(&mut self, n_groups: usize) -> Result<Vec<ArrayRef>> {
        self.drop_rows(n_groups)?;
        let gathered = self.gather(n_groups)?;
        let offsets = OffsetBuffer::from_lengths(gathered.groups().map(|rows| rows.len()));
        let lists = gathered.columns.into_iter().map(|column| {
            let field = Arc::new(Field::new_list_field(column.data_type().clone(), true));
            Arc::new(ListArray::new(field, offsets.clone(), column, None)) as ArrayRef
        });
        Ok(lists.collect())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes
    }
}
