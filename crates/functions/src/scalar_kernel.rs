//! A scalar function as a value: its name, parameters fixed while planning, result field and the
//! kernel that computes a column.
//!
//! A kernel sees its arguments as columns of equal length; scalars become columns of one row and
//! the answer a scalar again, so folding a constant costs one row. Coercion is finished before
//! (`implicit.rs`): a kernel may rely on the Arrow types that its builder asked for.

use crate::columns::plain;
use arrow::array::{
    Array, ArrayAccessor, ArrayRef, ArrowPrimitiveType, AsArray, ListArray, MapArray,
    PrimitiveArray, PrimitiveBuilder, StringArray, StringBuilder,
};
use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion_common::{Result as DataFusionResult, ScalarValue};
use datafusion_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use firesteel_common::{Result, SparkError, SparkType, StructField};
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// What a kernel computes from.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    pub args: &'a [ArrayRef],
    pub n_rows: usize,
    /// Arrow type of the answer.
    pub result: &'a DataType,
}

/// Parameters that are fixed while planning. Two kernels with equal name and parameters are equal.
pub(crate) trait Params: Debug + Clone + Eq + Hash + Send + Sync + 'static {}
impl<T: Debug + Clone + Eq + Hash + Send + Sync + 'static> Params for T {}

/// When the answer may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Nullable {
    /// If an argument may be.
    Propagate,
    Always,
    Never,
}

/// A scalar function of ours.
#[derive(Debug, Clone)]
pub(crate) struct Kernel<P> {
    name: &'static str,
    params: P,
    result: FieldRef,
    nullable: Nullable,
    evaluate: fn(&P, &Input<'_>) -> Result<ArrayRef>,
    signature: Signature,
}

impl<P: Params> Kernel<P> {
    pub(crate) fn new(
        name: &'static str,
        params: P,
        result: &SparkType,
        evaluate: fn(&P, &Input<'_>) -> Result<ArrayRef>,
    ) -> Self {
        let result = StructField::new(name, result.clone(), true).to_arrow();
        Self {
            name,
            params,
            result,
            nullable: Nullable::Always,
            evaluate,
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }

    pub(crate) fn nullable(mut self, nullable: Nullable) -> Self {
        self.nullable = nullable;
        self
    }

    /// Gives another answer each time: not folded, not shared.
    pub(crate) fn volatile(mut self) -> Self {
        self.signature = Signature::user_defined(Volatility::Volatile);
        self
    }

    pub(crate) fn call(self, args: Vec<Expr>) -> Expr {
        ScalarUDF::new_from_impl(self).call(args)
    }
}

impl<P: Params> PartialEq for Kernel<P> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.params == other.params
            && self.result == other.result
            && self.nullable == other.nullable
    }
}

impl<P: Params> Eq for Kernel<P> {}

impl<P: Params> Hash for Kernel<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.params.hash(state);
        self.result.data_type().hash(state);
    }
}

/// Nodes up to which an expression is spelt out in names.
const NODES_SPELT_MAX: usize = 40;

fn is_small(args: &[Expr]) -> bool {
    let mut n_nodes = 0;
    args.iter().all(|arg| {
        let walk = arg.apply(|_| {
            n_nodes += 1;
            Ok(if n_nodes > NODES_SPELT_MAX {
                TreeNodeRecursion::Stop
            } else {
                TreeNodeRecursion::Continue
            })
        });
        walk.is_ok() && n_nodes <= NODES_SPELT_MAX
    })
}

impl<P: Params> ScalarUDFImpl for Kernel<P> {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> DataFusionResult<DataType> {
        Ok(self.result.data_type().clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> DataFusionResult<FieldRef> {
        let nullable = match self.nullable {
            Nullable::Always => true,
            Nullable::Never => false,
            Nullable::Propagate => args.arg_fields.iter().any(|field| field.is_nullable()),
        };
        Ok(Arc::new(self.result.as_ref().clone().with_nullable(nullable)))
    }

    /// The call as text, or a digest of it where that would be long: DataFusion asks for the name at
    /// every level of an expression, so spelt out it costs the cube of the depth (1,000 chained
    /// `withColumn`s that build on each other: minutes instead of seconds).
    fn schema_name(&self, args: &[Expr]) -> DataFusionResult<String> {
        if is_small(args) {
            let args: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
            return Ok(format!("{}({})", self.name, args.join(",")));
        }
        let mut digest = DefaultHasher::new();
        self.hash(&mut digest);
        args.hash(&mut digest);
        Ok(format!("{}(#{:016x})", self.name, digest.finish()))
    }

    /// The builder has coerced already.
    fn coerce_types(&self, arg_types: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        Ok(arg_types.to_vec())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let volatile = self.signature.volatility == Volatility::Volatile;
        let scalar =
            !volatile && args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let n_rows = if scalar { 1 } else { args.number_rows };
        let columns = args
            .args
            .into_iter()
            .map(|arg| Ok(plain(&arg.into_array(n_rows)?)?))
            .collect::<DataFusionResult<Vec<_>>>()?;
        let input = Input { args: &columns, n_rows, result: self.result.data_type() };
        let answer = (self.evaluate)(&self.params, &input)?;
        if scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&answer, 0)?));
        }
        debug_assert_eq!(answer.len(), n_rows, "{} lost rows", self.name);
        Ok(ColumnarValue::Array(answer))
    }
}

impl Input<'_> {
    /// The column of a primitive type at `position`.
    pub(crate) fn primitive<T: ArrowPrimitiveType>(
        &self,
        position: usize,
    ) -> Result<&PrimitiveArray<T>> {
        self.args.get(position).and_then(|column| column.as_primitive_opt::<T>()).ok_or_else(|| {
            SparkError::internal(format!("a kernel expected {} at {position}", T::DATA_TYPE))
        })
    }

    pub(crate) fn string(&self, position: usize) -> Result<&StringArray> {
        self.args.get(position).and_then(|column| column.as_string_opt::<i32>()).ok_or_else(|| {
            SparkError::internal(format!("a kernel expected a string at {position}"))
        })
    }

    pub(crate) fn list(&self, position: usize) -> Result<&ListArray> {
        self.args
            .get(position)
            .and_then(|column| column.as_list_opt::<i32>())
            .ok_or_else(|| SparkError::internal(format!("a kernel expected a list at {position}")))
    }

    pub(crate) fn map(&self, position: usize) -> Result<&MapArray> {
        self.args
            .get(position)
            .and_then(|column| column.as_map_opt())
            .ok_or_else(|| SparkError::internal(format!("a kernel expected a map at {position}")))
    }

    /// A column of the answer's type: per row a value, or none for null.
    pub(crate) fn primitives<T: ArrowPrimitiveType>(
        &self,
        mut row: impl FnMut(usize) -> Result<Option<T::Native>>,
    ) -> Result<ArrayRef> {
        let mut builder = PrimitiveBuilder::<T>::with_capacity(self.n_rows);
        for position in 0..self.n_rows {
            builder.append_option(row(position)?);
        }
        let column = builder.finish();
        if column.data_type() == self.result {
            return Ok(Arc::new(column));
        }
        Ok(Arc::new(column.with_data_type(self.result.clone())))
    }

    /// A column of strings: per row a text, or none for null.
    pub(crate) fn strings<S: AsRef<str>>(
        &self,
        mut row: impl FnMut(usize) -> Result<Option<S>>,
    ) -> Result<ArrayRef> {
        let mut builder = StringBuilder::with_capacity(self.n_rows, self.n_rows * 8);
        for position in 0..self.n_rows {
            builder.append_option(row(position)?);
        }
        Ok(Arc::new(builder.finish()))
    }
}

/// The value at `row`, or none where it is null.
pub(crate) fn at<A: ArrayAccessor>(array: A, row: usize) -> Option<A::Item> {
    (!array.is_null(row)).then(|| array.value(row))
}
