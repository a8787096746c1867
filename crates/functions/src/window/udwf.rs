//! The frame of our window functions: name, result and the evaluator of one partition.

use super::running::Running;
use crate::registry::WindowCall;
use crate::scalar_kernel::Params;
use crate::wire::{from_bytes, to_bytes};
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::{Result as DataFusionResult, ScalarValue};
use datafusion_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion_expr::{
    Expr, PartitionEvaluator, Signature, Volatility, WindowFunctionDefinition, WindowUDF,
    WindowUDFImpl,
};
use firesteel_common::{Result, SparkType, StructField};
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::borrow::Cow;
use std::fmt::Debug;
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

/// What a window function computes, known to every process under the same id: as
/// [`crate::scalar_kernel::Kind`].
#[derive(Debug)]
pub(crate) struct WindowKind<P> {
    /// Its name too.
    id: &'static str,
    evaluate: Evaluate<P>,
    running: Begin<P>,
}

/// Begins a partition that is evaluated row after row, with or without `IGNORE NULLS`; none where that
/// needs the whole partition.
type Begin<P> = fn(&P, bool) -> Option<Box<dyn Running>>;

impl<P: Params> WindowKind<P> {
    pub(crate) const fn new(id: &'static str, evaluate: Evaluate<P>) -> Self {
        Self { id, evaluate, running: |_, _| None }
    }

    pub(crate) const fn running(self, running: Begin<P>) -> Self {
        Self { id: self.id, evaluate: self.evaluate, running }
    }

    fn udwf<'a>(&self, function: &'a WindowUDF) -> Option<&'a Udwf<P>> {
        let udwf = (function.inner().as_ref() as &dyn Any).downcast_ref::<Udwf<P>>();
        udwf.filter(|udwf| udwf.kind.id == self.id)
    }

    /// The call of the function.
    pub(crate) fn call(
        &'static self,
        params: P,
        result: (&SparkType, bool),
        args: Vec<Expr>,
    ) -> WindowCall {
        let (data_type, nullable) = result;
        let udwf = Udwf {
            kind: self,
            params,
            ignore_nulls: false,
            result: StructField::new(self.id, data_type.clone(), nullable).to_arrow(),
            signature: Signature::user_defined(Volatility::Immutable),
        };
        WindowCall {
            function: WindowFunctionDefinition::WindowUDF(Arc::new(WindowUDF::new_from_impl(udwf))),
            args,
            fixed_frame: !matches!(self.evaluate, Evaluate::Frame(_)),
        }
    }
}

/// A kind of any parameters.
pub(crate) trait AnyWindowKind: Debug + Send + Sync {
    fn id(&self) -> &'static str;

    /// The function as bytes, if it is of this kind.
    fn encode(&self, function: &WindowUDF) -> Option<Result<Vec<u8>>>;

    fn decode(&'static self, bytes: &[u8]) -> Result<WindowUDF>;

    /// The function with `IGNORE NULLS`, if it is of this kind.
    fn ignoring_nulls(&self, function: &WindowUDF) -> Option<WindowUDF>;
}

/// What travels of a window function besides its parameters.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head<'a> {
    pub id: Cow<'a, str>,
    ignore_nulls: bool,
    #[serde(with = "firesteel_common::wire::field")]
    result: FieldRef,
}

impl<P: Params> AnyWindowKind for WindowKind<P> {
    fn id(&self) -> &'static str {
        self.id
    }

    fn encode(&self, function: &WindowUDF) -> Option<Result<Vec<u8>>> {
        let udwf = self.udwf(function)?;
        let head = Head {
            id: self.id.into(),
            ignore_nulls: udwf.ignore_nulls,
            result: Arc::clone(&udwf.result),
        };
        Some(to_bytes(&(head, &udwf.params)))
    }

    fn ignoring_nulls(&self, function: &WindowUDF) -> Option<WindowUDF> {
        let udwf = self.udwf(function)?.clone();
        Some(WindowUDF::new_from_impl(Udwf { ignore_nulls: true, ..udwf }))
    }

    fn decode(&'static self, bytes: &[u8]) -> Result<WindowUDF> {
        let (head, params): (Head<'_>, P) = from_bytes(bytes)?;
        Ok(WindowUDF::new_from_impl(Udwf {
            kind: self,
            params,
            ignore_nulls: head.ignore_nulls,
            result: head.result,
            signature: Signature::user_defined(Volatility::Immutable),
        }))
    }
}

#[derive(Debug, Clone)]
struct Udwf<P: 'static> {
    kind: &'static WindowKind<P>,
    params: P,
    /// Part of the function, not of the call: DataFusion's form of a window on the wire has no place
    /// for it.
    ignore_nulls: bool,
    result: FieldRef,
    signature: Signature,
}

impl<P: Params> PartialEq for Udwf<P> {
    fn eq(&self, other: &Self) -> bool {
        self.kind.id == other.kind.id
            && self.params == other.params
            && self.ignore_nulls == other.ignore_nulls
            && self.result == other.result
    }
}

impl<P: Params> Eq for Udwf<P> {}

impl<P: Params> Hash for Udwf<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind.id, &self.params, self.ignore_nulls).hash(state);
    }
}

impl<P: Params> WindowUDFImpl for Udwf<P> {
    fn name(&self) -> &str {
        self.kind.id
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
        let ignore_nulls = self.ignore_nulls || args.ignore_nulls();
        Ok(Box::new(Evaluator {
            params: self.params.clone(),
            evaluate: self.kind.evaluate,
            ignore_nulls,
            running: (self.kind.running)(&self.params, ignore_nulls),
        }))
    }
}

#[derive(Debug)]
struct Evaluator<P> {
    params: P,
    evaluate: Evaluate<P>,
    ignore_nulls: bool,
    running: Option<Box<dyn Running>>,
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
        if let Some(running) = &mut self.running {
            return running.next(values, range);
        }
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

    /// Asked only where the partition is evaluated row after row. `supports_bounded_execution` stays false, so
    /// that DataFusion does not plan that where memory suffices.
    fn get_range(&self, row: usize, n_rows: usize) -> DataFusionResult<Range<usize>> {
        match &self.running {
            Some(running) => Ok(running.rows(row, n_rows)),
            None => Err(firesteel_common::SparkError::internal("needs the whole partition").into()),
        }
    }

    fn is_causal(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.is_causal())
    }

    fn uses_window_frame(&self) -> bool {
        matches!(self.evaluate, Evaluate::Frame(_))
    }

    fn include_rank(&self) -> bool {
        matches!(self.evaluate, Evaluate::Ranks(_))
    }
}
