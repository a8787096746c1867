//! The frame of our window functions: name, result and the evaluator of one partition.

use crate::registry::WindowCall;
use crate::scalar_kernel::Params;
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::{Result as DataFusionResult, ScalarValue};
use datafusion_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion_expr::{
    Expr, PartitionEvaluator, Signature, Volatility, WindowFunctionDefinition, WindowUDF,
    WindowUDFImpl,
};
use firesteel_common::{Result, SparkType, StructField};
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// How the values of a partition come about.
#[derive(Debug)]
pub(crate) enum Evaluate<P> {
    /// From the ranges of rows that are equal in the window's order.
    Ranks(fn(&P, usize, &[Range<usize>]) -> Result<ArrayRef>),
    /// From the columns of the whole partition.
    Partition(fn(&P, &Columns<'_>, usize) -> Result<ArrayRef>),
    /// From the columns of the frame of one row.
    Frame(fn(&P, &Columns<'_>, &Range<usize>) -> Result<ScalarValue>),
}

// Derived, these would ask the parameters to be `Copy`.
impl<P> Clone for Evaluate<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Evaluate<P> {}

/// The arguments over the partition.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    pub values: &'a [ArrayRef],
    /// `IGNORE NULLS`.
    pub ignore_nulls: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Udwf<P> {
    name: &'static str,
    params: P,
    result: FieldRef,
    evaluate: Evaluate<P>,
    signature: Signature,
}

impl<P: Params> PartialEq for Udwf<P> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.params == other.params && self.result == other.result
    }
}

impl<P: Params> Eq for Udwf<P> {}

impl<P: Params> Hash for Udwf<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, &self.params).hash(state);
    }
}

/// The call of a window function of ours.
pub(crate) fn window_call<P: Params>(
    name: &'static str,
    params: P,
    result: (&SparkType, bool),
    evaluate: Evaluate<P>,
    args: Vec<Expr>,
) -> WindowCall {
    let (data_type, nullable) = result;
    let udwf = Udwf {
        name,
        params,
        result: StructField::new(name, data_type.clone(), nullable).to_arrow(),
        evaluate,
        signature: Signature::user_defined(Volatility::Immutable),
    };
    WindowCall {
        function: WindowFunctionDefinition::WindowUDF(Arc::new(WindowUDF::new_from_impl(udwf))),
        args,
        ignore_nulls: false,
        fixed_frame: !matches!(evaluate, Evaluate::Frame(_)),
    }
}

impl<P: Params> WindowUDFImpl for Udwf<P> {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        Ok(arg_types.to_vec())
    }

    fn field(&self, field_args: WindowUDFFieldArgs) -> DataFusionResult<FieldRef> {
        Ok(Arc::new(self.result.as_ref().clone().with_name(field_args.name())))
    }

    fn partition_evaluator(
        &self,
        args: PartitionEvaluatorArgs,
    ) -> DataFusionResult<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Evaluator {
            params: self.params.clone(),
            evaluate: self.evaluate,
            ignore_nulls: args.ignore_nulls(),
        }))
    }
}

#[derive(Debug)]
struct Evaluator<P> {
    params: P,
    evaluate: Evaluate<P>,
    ignore_nulls: bool,
}

impl<P: Params> PartitionEvaluator for Evaluator<P> {
    fn evaluate_all(&mut self, values: &[ArrayRef], num_rows: usize) -> DataFusionResult<ArrayRef> {
        let columns = Columns { values, ignore_nulls: self.ignore_nulls };
        match self.evaluate {
            Evaluate::Partition(evaluate) => Ok(evaluate(&self.params, &columns, num_rows)?),
            _ => Err(firesteel_common::SparkError::internal("not by partition").into()),
        }
    }

    fn evaluate(
        &mut self,
        values: &[ArrayRef],
        range: &Range<usize>,
    ) -> DataFusionResult<ScalarValue> {
        let columns = Columns { values, ignore_nulls: self.ignore_nulls };
        match self.evaluate {
            Evaluate::Frame(evaluate) => Ok(evaluate(&self.params, &columns, range)?),
            _ => Err(firesteel_common::SparkError::internal("not by frame").into()),
        }
    }

    fn evaluate_all_with_rank(
        &self,
        num_rows: usize,
        ranks_in_partition: &[Range<usize>],
    ) -> DataFusionResult<ArrayRef> {
        match self.evaluate {
            Evaluate::Ranks(evaluate) => Ok(evaluate(&self.params, num_rows, ranks_in_partition)?),
            _ => Err(firesteel_common::SparkError::internal("not by rank").into()),
        }
    }

    fn uses_window_frame(&self) -> bool {
        matches!(self.evaluate, Evaluate::Frame(_))
    }

    fn include_rank(&self) -> bool {
        matches!(self.evaluate, Evaluate::Ranks(_))
    }
}
