//! The frame of our higher-order functions: name, result, lambda parameters and the kernel.

use crate::call::Arg;
use crate::columns::plain;
use crate::conform::conform;
use crate::scalar_kernel::Params;
use arrow::array::{
    Array, ArrayRef, ListArray, MapArray, StructArray, UInt32Array, new_empty_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::Result as DataFusionResult;
use datafusion_expr::expr::HigherOrderFunction;
use datafusion_expr::{
    ColumnarValue, Expr, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature,
    HigherOrderUDF, HigherOrderUDFImpl, LambdaArgument, LambdaParametersProgress, ValueOrLambda,
    Volatility,
};
use firesteel_common::{Result, SparkError, SparkType, StructField};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What a kernel computes from: values and lambdas in the order of the arguments, apart.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    pub values: Vec<ArrayRef>,
    lambdas: Vec<&'a LambdaArgument>,
    parameters: &'a [Vec<FieldRef>],
    pub n_rows: usize,
    pub result: &'a DataType,
}

#[derive(Debug, Clone)]
pub(crate) struct LambdaKernel<P> {
    name: &'static str,
    params: P,
    /// For each lambda the fields of its parameters.
    parameters: Vec<Vec<FieldRef>>,
    result: FieldRef,
    evaluate: fn(&P, &Input<'_>) -> Result<ArrayRef>,
    signature: HigherOrderSignature,
}

impl<P: Params> LambdaKernel<P> {
    pub(crate) fn new(
        name: &'static str,
        params: P,
        parameters: Vec<Vec<FieldRef>>,
        result: (&SparkType, bool),
        evaluate: fn(&P, &Input<'_>) -> Result<ArrayRef>,
    ) -> Self {
        let (data_type, nullable) = result;
        Self {
            name,
            params,
            parameters,
            result: StructField::new(name, data_type.clone(), nullable).to_arrow(),
            evaluate,
            signature: HigherOrderSignature::variadic_any(Volatility::Immutable),
        }
    }

    pub(crate) fn call(self, args: Vec<Expr>) -> Expr {
        let udf = Arc::new(HigherOrderUDF::new_from_impl(self));
        Expr::HigherOrderFunction(HigherOrderFunction::new(udf, args))
    }
}

impl<P: Params> PartialEq for LambdaKernel<P> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.params == other.params
            && self.parameters == other.parameters
            && self.result == other.result
    }
}

impl<P: Params> Eq for LambdaKernel<P> {}

impl<P: Params> Hash for LambdaKernel<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, &self.params, self.result.data_type()).hash(state);
    }
}

impl<P: Params> HigherOrderUDFImpl for LambdaKernel<P> {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn lambda_parameters(
        &self,
        _step: usize,
        _fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> DataFusionResult<LambdaParametersProgress> {
        Ok(LambdaParametersProgress::Complete(self.parameters.clone()))
    }

    fn return_field_from_args(
        &self,
        _args: HigherOrderReturnFieldArgs,
    ) -> DataFusionResult<FieldRef> {
        Ok(Arc::clone(&self.result))
    }

    /// The kernels leave out what lies under nulls themselves, of maps too.
    fn clear_null_values(&self) -> bool {
        false
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let n_rows = args.number_rows;
        let mut values = Vec::new();
        let mut lambdas = Vec::new();
        for arg in &args.args {
            match arg {
                ValueOrLambda::Value(value) => {
                    values.push(plain(&value.clone().into_array(n_rows)?)?);
                }
                ValueOrLambda::Lambda(lambda) => lambdas.push(lambda),
            }
        }
        let input = Input {
            values,
            lambdas,
            parameters: &self.parameters,
            n_rows,
            result: self.result.data_type(),
        };
        Ok(ColumnarValue::Array((self.evaluate)(&self.params, &input)?))
    }
}

impl Input<'_> {
    /// The lambda at `position` among the lambdas over `arguments`; element `i` belongs to row
    /// `rows[i]`, from which it sees the captured columns.
    pub(crate) fn evaluate(
        &self,
        position: usize,
        arguments: &[ArrayRef],
        rows: &UInt32Array,
        body: &DataType,
    ) -> Result<ArrayRef> {
        let n = rows.len();
        if n == 0 {
            return Ok(new_empty_array(body));
        }
        let lambda = self
            .lambdas
            .get(position)
            .ok_or_else(|| SparkError::internal(format!("no lambda {position}")))?;
        let arguments = arguments
            .iter()
            .zip(&self.parameters[position])
            .map(|(argument, field)| conform(argument, field.data_type()))
            .collect::<Result<Vec<_>>>()?;
        let providers: Vec<Box<dyn Fn() -> DataFusionResult<ArrayRef>>> = arguments
            .into_iter()
            .map(|argument| Box::new(move || Ok(Arc::clone(&argument))) as Box<_>)
            .collect();
        let providers: Vec<&dyn Fn() -> DataFusionResult<ArrayRef>> =
            providers.iter().map(AsRef::as_ref).collect();
        let answer = lambda.evaluate(&providers, |captures| {
            captures.iter().map(|column| Ok(take(column, rows, None)?)).collect()
        })?;
        conform(&plain(&answer.into_array(n)?)?, body)
    }
}

/// A parameter of a lambda.
pub(crate) fn parameter(data_type: &SparkType, nullable: bool) -> FieldRef {
    StructField::new("", data_type.clone(), nullable).to_arrow()
}

/// The argument at `position`, which must be resolved before the lambda.
pub(crate) fn resolved(args: &[Option<Arg>], position: usize) -> Result<&Arg> {
    args.get(position)
        .and_then(Option::as_ref)
        .ok_or_else(|| SparkError::internal("a lambda came before the argument it depends on"))
}

/// The type and nullability of a lambda's body.
pub(crate) fn body(lambda: &Arg) -> Result<(SparkType, bool)> {
    Ok((lambda.spark_type()?, lambda.field.is_nullable()))
}

/// The list without what lies under nulls, and for each element its row.
pub(crate) fn dense(list: &ListArray) -> Result<(ListArray, UInt32Array)> {
    let mut elements = Vec::with_capacity(list.values().len());
    let mut rows = Vec::with_capacity(list.values().len());
    let mut lengths = Vec::with_capacity(list.len());
    for row in 0..list.len() {
        let range = if list.is_valid(row) { crate::array::rows_of(list, row) } else { 0..0 };
        lengths.push(range.len());
        rows.extend(std::iter::repeat_n(row as u32, range.len()));
        elements.extend(range.map(|element| element as u32));
    }
    let rows = UInt32Array::from(rows);
    let field = match list.data_type() {
        DataType::List(field) => Arc::clone(field),
        other => Arc::new(Field::new_list_field(other.clone(), true)),
    };
    let values = take(list.values(), &UInt32Array::from(elements), None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok((ListArray::try_new(field, offsets, values, list.nulls().cloned())?, rows))
}

/// The map without what lies under nulls, and for each entry its row.
pub(crate) fn dense_map(map: &MapArray) -> Result<(MapArray, UInt32Array)> {
    let entries: ArrayRef = Arc::new(map.entries().clone());
    let field = Arc::new(Field::new_list_field(entries.data_type().clone(), false));
    let list = ListArray::try_new(field, map.offsets().clone(), entries, map.nulls().cloned())?;
    let (list, rows) = dense(&list)?;
    let entries: &StructArray = arrow::array::AsArray::as_struct(list.values().as_ref());
    let DataType::Map(field, ordered) = map.data_type() else {
        return Err(SparkError::internal("a map has another type"));
    };
    let dense = MapArray::try_new(
        Arc::clone(field),
        list.offsets().clone(),
        entries.clone(),
        list.nulls().cloned(),
        *ordered,
    )?;
    Ok((dense, rows))
}
