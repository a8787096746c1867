//! An aggregate with `FILTER` over a window: the condition is the last argument of the function.
//!
//! DataFusion keeps such a filter beside the function, where its form of a window on the wire has no
//! place for it: an executor would count all rows.

use super::states::AnyAggregateKind;
use crate::wire::{codec, from_bytes, to_bytes};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::{filter, prep_null_mask_filter};
use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::{Result as DataFusionResult, ScalarValue};
use datafusion_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ReversedUDAF, Signature, Volatility,
};
use firesteel_common::{Result, SparkError};
use std::any::Any;
use std::sync::Arc;

/// The function that takes only rows for which its last argument, which comes after those of
/// `function`, is true. For windows: it has no form for groups.
pub fn filtered(function: Arc<AggregateUDF>) -> AggregateUDF {
    let signature = Signature::user_defined(Volatility::Immutable);
    AggregateUDF::new_from_impl(Filtered { function, signature })
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Filtered {
    function: Arc<AggregateUDF>,
    signature: Signature,
}

/// All but the condition.
fn without_last<T>(args: &[T]) -> &[T] {
    args.split_last().map_or(args, |(_, rest)| rest)
}

impl AggregateUDFImpl for Filtered {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        Ok(arg_types.to_vec())
    }

    fn return_type(&self, arg_types: &[DataType]) -> DataFusionResult<DataType> {
        self.function.return_type(without_last(arg_types))
    }

    fn return_field(&self, arg_fields: &[FieldRef]) -> DataFusionResult<FieldRef> {
        self.function.return_field(without_last(arg_fields))
    }

    fn is_nullable(&self) -> bool {
        self.function.is_nullable()
    }

    fn state_fields(&self, args: StateFieldsArgs) -> DataFusionResult<Vec<FieldRef>> {
        let input_fields = without_last(args.input_fields);
        self.function.state_fields(StateFieldsArgs { input_fields, ..args })
    }

    fn accumulator(&self, args: AccumulatorArgs) -> DataFusionResult<Box<dyn Accumulator>> {
        let (exprs, expr_fields) = (without_last(args.exprs), without_last(args.expr_fields));
        let inner = self.function.accumulator(AccumulatorArgs { exprs, expr_fields, ..args })?;
        Ok(Box::new(Chosen(inner)))
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> DataFusionResult<Box<dyn Accumulator>> {
        let (exprs, expr_fields) = (without_last(args.exprs), without_last(args.expr_fields));
        let args = AccumulatorArgs { exprs, expr_fields, ..args };
        Ok(Box::new(Chosen(self.function.create_sliding_accumulator(args)?)))
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::NotSupported
    }
}

/// Hands on the rows that the condition chooses.
#[derive(Debug)]
struct Chosen(Box<dyn Accumulator>);

fn chosen(values: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
    let Some((condition, values)) = values.split_last() else {
        return Err(SparkError::internal("a filtered aggregate without arguments"));
    };
    let mask = match condition.as_boolean_opt() {
        Some(condition) if condition.null_count() == 0 => condition.clone(),
        Some(condition) => prep_null_mask_filter(condition),
        // `FILTER (WHERE NULL)`.
        None => BooleanArray::from(vec![false; condition.len()]),
    };
    values.iter().map(|column| Ok(filter(column, &mask)?)).collect()
}

impl Accumulator for Chosen {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        self.0.update_batch(&chosen(values)?)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        self.0.retract_batch(&chosen(values)?)
    }

    fn supports_retract_batch(&self) -> bool {
        self.0.supports_retract_batch()
    }

    fn evaluate(&mut self) -> DataFusionResult<ScalarValue> {
        self.0.evaluate()
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> DataFusionResult<Vec<ScalarValue>> {
        self.0.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> DataFusionResult<()> {
        self.0.merge_batch(states)
    }
}

/// The wire form: the name and the bytes of the function inside.
#[derive(Debug)]
pub(super) struct FilteredKind;

const ID: &str = "filtered";

impl AnyAggregateKind for FilteredKind {
    fn id(&self) -> &'static str {
        ID
    }

    fn encode(&self, function: &AggregateUDF) -> Option<Result<Vec<u8>>> {
        let Filtered { function, .. } = (function.inner().as_ref() as &dyn Any).downcast_ref()?;
        let mut bytes = Vec::new();
        Some(match codec().encode_udaf(function, &mut bytes) {
            Ok(()) => to_bytes(&(ID, (function.name(), bytes))),
            Err(error) => Err(error.into()),
        })
    }

    fn decode(&'static self, bytes: &[u8]) -> Result<AggregateUDF> {
        let (_, (name, bytes)): (String, (String, Vec<u8>)) = from_bytes(bytes)?;
        Ok(filtered(codec().decode_udaf(&name, &bytes)?))
    }
}
