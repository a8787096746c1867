//! The frame in which every aggregate of ours runs.
//!
//! An aggregate gives one thing, [`States`]: columns of per-group state that can be updated, merged
//! and finished. From it come DataFusion's grouped accumulator, its single accumulator, the one for
//! DISTINCT and the one for sliding window frames. The last recomputes each frame from its rows, as
//! Spark does: subtracting what leaves would give other floating-point sums.
//!
//! ```text
//! AggregateFunction::states() ─▶ States ─┬─ Grouped   (GROUP BY)
//!                                        ├─ Single    (no groups, growing window frames)
//!                                        ├─ Distinct  (DISTINCT that no rule rewrote)
//!                                        └─ Sliding   (moving window frames)
//! ```

use crate::wire::{from_bytes, to_bytes};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, new_empty_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{concat, filter};
use arrow::datatypes::{DataType, Field, FieldRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion_common::{Result as DataFusionResult, ScalarValue};
use datafusion_expr::expr::AggregateFunction as AggregateExpr;
use datafusion_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion_expr::utils::format_state_name;
use datafusion_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, Expr, GroupsAccumulator, ReversedUDAF,
    Signature, Volatility,
};
use firesteel_common::{Result, SparkError};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::any::Any;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

/// Columns of state, one entry per group.
pub(crate) trait States: Debug + Send + Sync + Sized + 'static {
    /// Takes in rows; row `i` belongs to group `groups[i]`, and there are `n_groups` groups.
    fn update(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()>;

    /// Takes in rows that all belong to the one group there is.
    fn update_only(&mut self, values: &[ArrayRef], n_rows: usize) -> Result<()> {
        self.update(values, &vec![0; n_rows], 1)
    }

    /// Takes in the states of another partition, in the form that [`States::state`] gives.
    fn merge(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()>;

    /// Removes the first `n` groups and returns them.
    fn split_off_first(&mut self, n: usize) -> Self;

    /// The answers of `n_groups` groups. Called again and again for a growing window frame.
    fn evaluate(&mut self, n_groups: usize) -> Result<ArrayRef>;

    fn state(&mut self, n_groups: usize) -> Result<Vec<ArrayRef>>;

    fn size(&self) -> usize;
}

/// An aggregate function with its parameters and types.
pub(crate) trait AggregateFunction:
    Debug + Clone + Eq + Hash + Send + Sync + 'static
{
    type States: States;

    fn name(&self) -> &'static str;

    /// Type, tags and nullability of the answer.
    fn result(&self) -> FieldRef;

    fn state_types(&self, input: &[FieldRef]) -> Vec<DataType>;

    fn states(&self, input: &[FieldRef]) -> Result<Self::States>;

    /// The expression that calls this function.
    fn call(self, args: Vec<Expr>, distinct: bool, filter: Option<Box<Expr>>) -> Expr {
        Expr::AggregateFunction(AggregateExpr::new_udf(
            Arc::new(udaf(self)),
            args,
            distinct,
            filter,
            vec![],
            None,
        ))
    }
}

/// A sort of aggregate function, known to every process under the same id.
#[derive(Debug)]
pub(crate) struct AggregateKind<F> {
    id: &'static str,
    function: PhantomData<fn() -> F>,
}

impl<F> AggregateKind<F> {
    pub(crate) const fn new(id: &'static str) -> Self {
        Self { id, function: PhantomData }
    }
}

/// A kind of any functions.
pub(crate) trait AnyAggregateKind: Send + Sync {
    fn id(&self) -> &'static str;

    /// The function as bytes (its kind's id and whatever the kind makes of it), if it is of this
    /// kind.
    fn encode(&self, function: &AggregateUDF) -> Option<Result<Vec<u8>>>;

    fn decode(&'static self, bytes: &[u8]) -> Result<AggregateUDF>;
}

impl<F: AggregateFunction + Serialize + DeserializeOwned> AnyAggregateKind for AggregateKind<F> {
    fn id(&self) -> &'static str {
        self.id
    }

    fn encode(&self, function: &AggregateUDF) -> Option<Result<Vec<u8>>> {
        Some(to_bytes(&(self.id, function_of::<F>(function)?)))
    }

    fn decode(&'static self, bytes: &[u8]) -> Result<AggregateUDF> {
        let (IgnoredAny, function): (_, F) = from_bytes(bytes)?;
        Ok(udaf(function))
    }
}

/// The function inside, if it is an `F`.
pub(crate) fn function_of<F: AggregateFunction>(udaf: &AggregateUDF) -> Option<&F> {
    let udaf = (udaf.inner().as_ref() as &dyn Any).downcast_ref::<Udaf<F>>()?;
    Some(&udaf.function)
}

/// The function in DataFusion's form.
pub(crate) fn udaf(function: impl AggregateFunction) -> AggregateUDF {
    AggregateUDF::new_from_impl(Udaf {
        function,
        signature: Signature::user_defined(Volatility::Immutable),
    })
}

#[derive(Debug, Clone)]
struct Udaf<F> {
    function: F,
    signature: Signature,
}

impl<F: PartialEq> PartialEq for Udaf<F> {
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function
    }
}

impl<F: Eq> Eq for Udaf<F> {}

impl<F: Hash> Hash for Udaf<F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.hash(state);
    }
}

impl<F: AggregateFunction> AggregateUDFImpl for Udaf<F> {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> DataFusionResult<DataType> {
        Ok(self.function.result().data_type().clone())
    }

    fn return_field(&self, _arg_fields: &[FieldRef]) -> DataFusionResult<FieldRef> {
        Ok(self.function.result())
    }

    fn is_nullable(&self) -> bool {
        self.function.result().is_nullable()
    }

    /// The builder has coerced already.
    fn coerce_types(&self, arg_types: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        Ok(arg_types.to_vec())
    }

    fn state_fields(&self, args: StateFieldsArgs) -> DataFusionResult<Vec<FieldRef>> {
        let types = if args.is_distinct {
            args.input_fields.iter().map(|field| list_of(field.data_type())).collect()
        } else {
            self.function.state_types(args.input_fields)
        };
        let fields = types.into_iter().enumerate().map(|(position, data_type)| {
            let name = format_state_name(args.name, &format!("state{position}"));
            Arc::new(Field::new(name, data_type, true))
        });
        Ok(fields.collect())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> DataFusionResult<Box<dyn Accumulator>> {
        if args.is_distinct {
            return Ok(Box::new(Distinct::try_new(self.function.clone(), args.expr_fields)?));
        }
        Ok(Box::new(Single { states: self.function.states(args.expr_fields)? }))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> DataFusionResult<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Grouped {
            function: self.function.clone(),
            input: args.expr_fields.to_vec(),
            states: self.function.states(args.expr_fields)?,
            n_groups: 0,
        }))
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> DataFusionResult<Box<dyn Accumulator>> {
        Ok(Box::new(Sliding {
            function: self.function.clone(),
            input: args.expr_fields.to_vec(),
            rows: VecDeque::new(),
        }))
    }

    /// What a scalar subquery over no rows answers.
    fn default_value(&self, _data_type: &DataType) -> DataFusionResult<ScalarValue> {
        let mut states = self.function.states(&[])?;
        Ok(scalar(&states.evaluate(1)?)?)
    }

    /// The frame of a window is never run backwards: the order matters to some of ours.
    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::NotSupported
    }
}

/// `list<item>` as state columns use it.
pub(crate) fn list_of(data_type: &DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(data_type.clone(), true)))
}

struct Grouped<F: AggregateFunction> {
    function: F,
    input: Vec<FieldRef>,
    states: F::States,
    n_groups: usize,
}

impl<F: AggregateFunction> Grouped<F> {
    /// The states to emit, and how many groups they are.
    fn emit(&mut self, emit_to: EmitTo) -> Result<(F::States, usize)> {
        let n = match emit_to {
            EmitTo::First(n) => n,
            EmitTo::All => {
                let fresh = self.function.states(&self.input)?;
                let all = std::mem::replace(&mut self.states, fresh);
                return Ok((all, std::mem::take(&mut self.n_groups)));
            }
        };
        self.n_groups -= n;
        Ok((self.states.split_off_first(n), n))
    }
}

impl<F: AggregateFunction> GroupsAccumulator for Grouped<F> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> DataFusionResult<()> {
        self.n_groups = total_num_groups;
        match opt_filter {
            None => self.states.update(values, group_indices, total_num_groups)?,
            Some(mask) => {
                let (values, groups) = filtered(values, group_indices, mask)?;
                self.states.update(&values, &groups, total_num_groups)?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> DataFusionResult<ArrayRef> {
        let (mut states, n) = self.emit(emit_to)?;
        Ok(states.evaluate(n)?)
    }

    fn state(&mut self, emit_to: EmitTo) -> DataFusionResult<Vec<ArrayRef>> {
        let (mut states, n) = self.emit(emit_to)?;
        Ok(states.state(n)?)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> DataFusionResult<()> {
        self.n_groups = total_num_groups;
        Ok(self.states.merge(values, group_indices, total_num_groups)?)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> DataFusionResult<Vec<ArrayRef>> {
        let n_rows = values.first().map_or(0, |column| column.len());
        let groups: Vec<usize> = (0..n_rows).collect();
        let mut states = self.function.states(&self.input)?;
        match opt_filter {
            None => states.update(values, &groups, n_rows)?,
            Some(mask) => {
                let (values, groups) = filtered(values, &groups, mask)?;
                states.update(&values, &groups, n_rows)?;
            }
        }
        Ok(states.state(n_rows)?)
    }

    fn size(&self) -> usize {
        self.states.size()
    }
}

fn filtered(
    values: &[ArrayRef],
    groups: &[usize],
    mask: &BooleanArray,
) -> Result<(Vec<ArrayRef>, Vec<usize>)> {
    let values = values.iter().map(|column| filter(column, mask)).collect::<Result<Vec<_>, _>>()?;
    let kept = groups.iter().zip(mask.iter()).filter(|(_, keep)| *keep == Some(true));
    Ok((values, kept.map(|(group, _)| *group).collect()))
}

#[derive(Debug)]
struct Single<S> {
    states: S,
}

impl<S: States> Accumulator for Single<S> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        let n_rows = values.first().map_or(0, |column| column.len());
        Ok(self.states.update_only(values, n_rows)?)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> DataFusionResult<()> {
        let n_rows = states.first().map_or(0, |column| column.len());
        Ok(self.states.merge(states, &vec![0; n_rows], 1)?)
    }

    fn evaluate(&mut self) -> DataFusionResult<ScalarValue> {
        scalar(&self.states.evaluate(1)?)
    }

    fn state(&mut self) -> DataFusionResult<Vec<ScalarValue>> {
        let columns = self.states.state(1)?;
        columns.iter().map(scalar).collect()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.states.size()
    }
}

/// Keeps the distinct rows of arguments and feeds them to the aggregate at the end.
#[derive(Debug)]
struct Distinct<F> {
    function: F,
    input: Vec<FieldRef>,
    converter: RowConverter,
    seen: HashSet<OwnedRow>,
    /// In order of arrival, so that equal input gives equal output.
    order: Vec<OwnedRow>,
}

impl<F: AggregateFunction> Distinct<F> {
    fn try_new(function: F, input: &[FieldRef]) -> Result<Self> {
        let fields = input.iter().map(|field| SortField::new(field.data_type().clone())).collect();
        Ok(Self {
            function,
            input: input.to_vec(),
            converter: RowConverter::new(fields)?,
            seen: HashSet::new(),
            order: Vec::new(),
        })
    }

    fn add(&mut self, values: &[ArrayRef]) -> Result<()> {
        let normalized: Vec<_> = values.iter().map(normalize_floats).collect();
        for row in &self.converter.convert_columns(&normalized)? {
            let row = row.owned();
            if self.seen.insert(row.clone()) {
                self.order.push(row);
            }
        }
        Ok(())
    }

    fn columns(&self) -> Result<Vec<ArrayRef>> {
        if self.order.is_empty() {
            return Ok(self.input.iter().map(|f| new_empty_array(f.data_type())).collect());
        }
        Ok(self.converter.convert_rows(self.order.iter().map(OwnedRow::row))?)
    }
}

impl<F: AggregateFunction> Accumulator for Distinct<F> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        Ok(self.add(values)?)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> DataFusionResult<()> {
        let n_rows = states.first().map_or(0, |column| column.len());
        for row in 0..n_rows {
            let columns = states
                .iter()
                .map(|column| Ok(as_list(column)?.value(row)))
                .collect::<Result<Vec<_>>>()?;
            self.add(&columns)?;
        }
        Ok(())
    }

    fn evaluate(&mut self) -> DataFusionResult<ScalarValue> {
        let columns = self.columns()?;
        let mut states = self.function.states(&self.input)?;
        states.update(&columns, &vec![0; self.order.len()], 1)?;
        scalar(&states.evaluate(1)?)
    }

    fn state(&mut self) -> DataFusionResult<Vec<ScalarValue>> {
        let lists = self.columns()?.into_iter().map(|column| {
            let field = Arc::new(Field::new_list_field(column.data_type().clone(), true));
            let offsets = OffsetBuffer::from_lengths([column.len()]);
            ScalarValue::List(Arc::new(ListArray::new(field, offsets, column, None)))
        });
        Ok(lists.collect())
    }

    fn size(&self) -> usize {
        let row_bytes: usize = self.order.iter().map(|row| row.row().data().len() * 2 + 64).sum();
        size_of_val(self) + row_bytes + self.converter.size()
    }
}

/// The rows of a moving frame; the answer is computed anew for each frame.
#[derive(Debug)]
struct Sliding<F> {
    function: F,
    input: Vec<FieldRef>,
    /// Pieces of the frame in order.
    rows: VecDeque<Vec<ArrayRef>>,
}

/// So many pieces are joined to one: rows arrive one by one, and each piece costs a call.
const PIECES_MAX: usize = 8;

impl<F: AggregateFunction> Sliding<F> {
    fn states(&mut self) -> Result<F::States> {
        if self.rows.len() > PIECES_MAX {
            let n_columns = self.rows[0].len();
            let joined = (0..n_columns)
                .map(|column| {
                    let pieces: Vec<_> =
                        self.rows.iter().map(|piece| piece[column].as_ref()).collect();
                    concat(&pieces)
                })
                .collect::<Result<Vec<_>, _>>()?;
            self.rows = VecDeque::from([joined]);
        }
        let mut states = self.function.states(&self.input)?;
        for piece in &self.rows {
            let n_rows = piece.first().map_or(0, |column| column.len());
            states.update(piece, &vec![0; n_rows], 1)?;
        }
        Ok(states)
    }
}

impl<F: AggregateFunction> Accumulator for Sliding<F> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        self.rows.push_back(values.to_vec());
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        let mut leaving = values.first().map_or(0, |column| column.len());
        while leaving > 0 {
            let Some(piece) = self.rows.front_mut() else { break };
            let n_rows = piece.first().map_or(0, |column| column.len());
            if n_rows <= leaving {
                leaving -= n_rows;
                self.rows.pop_front();
            } else {
                for column in piece.iter_mut() {
                    *column = column.slice(leaving, n_rows - leaving);
                }
                leaving = 0;
            }
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, _states: &[ArrayRef]) -> DataFusionResult<()> {
        Err(SparkError::internal("a window frame is not merged").into())
    }

    fn evaluate(&mut self) -> DataFusionResult<ScalarValue> {
        scalar(&self.states()?.evaluate(1)?)
    }

    fn state(&mut self) -> DataFusionResult<Vec<ScalarValue>> {
        let columns = self.states()?.state(1)?;
        columns.iter().map(scalar).collect()
    }

    fn size(&self) -> usize {
        let pieces = self.rows.iter().flatten().map(|column| column.get_array_memory_size());
        size_of_val(self) + pieces.sum::<usize>()
    }
}

/// A state column as list.
pub(crate) fn as_list(column: &ArrayRef) -> Result<&ListArray> {
    column
        .as_any()
        .downcast_ref::<ListArray>()
        .ok_or_else(|| SparkError::internal("an aggregate's state is not a list"))
}

/// `-0.0` as `0.0` and each NaN as the one NaN: Spark groups and compares values so.
pub(crate) fn normalize_floats(column: &ArrayRef) -> ArrayRef {
    use arrow::array::AsArray;
    use arrow::datatypes::{Float32Type, Float64Type};
    match column.data_type() {
        DataType::Float64 => {
            Arc::new(column.as_primitive::<Float64Type>().unary::<_, Float64Type>(|value| {
                if value.is_nan() { f64::NAN } else { value + 0.0 }
            }))
        }
        DataType::Float32 => {
            Arc::new(column.as_primitive::<Float32Type>().unary::<_, Float32Type>(|value| {
                if value.is_nan() { f32::NAN } else { value + 0.0 }
            }))
        }
        _ => Arc::clone(column),
    }
}
/// The first value. DataFusion's own way loses what the field of a list's elements says besides its type.
fn scalar(column: &ArrayRef) -> DataFusionResult<ScalarValue> {
    match column.data_type() {
        DataType::List(_) if !column.is_empty() => {
            Ok(ScalarValue::List(Arc::new(column.as_list::<i32>().slice(0, 1))))
        }
        _ => ScalarValue::try_from_array(column, 0),
    }
}
