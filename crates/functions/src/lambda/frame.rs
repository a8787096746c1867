//! The frame of our higher-order functions: name, result, lambda parameters and the kernel.

use crate::call::Arg;
use crate::columns::plain;
use crate::conform::conform;
use crate::scalar_kernel::Params;
use crate::wire::{from_bytes, to_bytes};
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
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::borrow::Cow;
use std::fmt::Debug;
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

/// What a higher-order function computes, known to every process under the same id: as
/// [`crate::scalar_kernel::Kind`].
#[derive(Debug)]
pub(crate) struct LambdaKind<P> {
    id: &'static str,
    evaluate: fn(&P, &Input<'_>) -> Result<ArrayRef>,
}

impl<P: Params> LambdaKind<P> {
    pub(crate) const fn new(
        id: &'static str,
        evaluate: fn(&P, &Input<'_>) -> Result<ArrayRef>,
    ) -> Self {
        Self { id, evaluate }
    }

    /// `parameters`: for each lambda the fields of its parameters.
    pub(crate) fn kernel(
        &'static self,
        params: P,
        parameters: Vec<Vec<FieldRef>>,
        result: (&SparkType, bool),
    ) -> LambdaKernel {
        let (data_type, nullable) = result;
        LambdaKernel {
            body: Arc::new(Bound { kind: self, params }),
            parameters,
            result: StructField::new(self.id, data_type.clone(), nullable).to_arrow(),
            signature: HigherOrderSignature::variadic_any(Volatility::Immutable),
        }
    }
}

/// A kind of any parameters.
pub(crate) trait AnyLambdaKind: Debug + Send + Sync {
    fn id(&self) -> &'static str;

    /// The parameters out of what [`Body::encode`] gave.
    fn decode(&'static self, bytes: &[u8]) -> Result<Arc<dyn Body>>;
}

impl<P: Params> AnyLambdaKind for LambdaKind<P> {
    fn id(&self) -> &'static str {
        self.id
    }

    fn decode(&'static self, bytes: &[u8]) -> Result<Arc<dyn Body>> {
        let (IgnoredAny, params) = from_bytes(bytes)?;
        Ok(Arc::new(Bound { kind: self, params }))
    }
}

/// A kind with its parameters.
pub(crate) trait Body: Any + Debug + Send + Sync {
    fn evaluate(&self, input: &Input<'_>) -> Result<ArrayRef>;
    fn is_equal(&self, other: &dyn Body) -> bool;
    fn digest(&self, state: &mut dyn Hasher);
    fn id(&self) -> &'static str;
    fn encode(&self, head: &Head<'_>) -> Result<Vec<u8>>;
}

#[derive(Debug)]
struct Bound<P: 'static> {
    kind: &'static LambdaKind<P>,
    params: P,
}

impl<P: Params> Body for Bound<P> {
    fn evaluate(&self, input: &Input<'_>) -> Result<ArrayRef> {
        (self.kind.evaluate)(&self.params, input)
    }

    fn is_equal(&self, other: &dyn Body) -> bool {
        let other = (other as &dyn Any).downcast_ref::<Self>();
        other.is_some_and(|other| self.kind.id == other.kind.id && self.params == other.params)
    }

    fn digest(&self, mut state: &mut dyn Hasher) {
        self.kind.id.hash(&mut state);
        self.params.hash(&mut state);
    }

    fn id(&self) -> &'static str {
        self.kind.id
    }

    fn encode(&self, head: &Head<'_>) -> Result<Vec<u8>> {
        to_bytes(&(head, &self.params))
    }
}

/// What travels of a kernel besides its kind's parameters.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head<'a> {
    id: Cow<'a, str>,
    #[serde(with = "firesteel_common::wire::fields")]
    parameters: Vec<Vec<FieldRef>>,
    #[serde(with = "firesteel_common::wire::field")]
    result: FieldRef,
}

fn find(id: &str) -> Option<&'static dyn AnyLambdaKind> {
    super::kinds().into_iter().find(|kind| kind.id() == id)
}

/// A higher-order function of ours.
#[derive(Debug, Clone)]
pub(crate) struct LambdaKernel {
    body: Arc<dyn Body>,
    /// For each lambda the fields of its parameters.
    parameters: Vec<Vec<FieldRef>>,
    result: FieldRef,
    signature: HigherOrderSignature,
}

impl LambdaKernel {
    pub(crate) fn call(self, args: Vec<Expr>) -> Expr {
        let udf = Arc::new(HigherOrderUDF::new_from_impl(self));
        Expr::HigherOrderFunction(HigherOrderFunction::new(udf, args))
    }

    /// The bytes from which [`LambdaKernel::decode`] makes an equal kernel in another process.
    ///
    /// # Errors
    /// An internal error: the kernel's kind is not in the group's list.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let id = self.body.id();
        if find(id).is_none() {
            return Err(SparkError::internal(format!("the function {id} is in no group's list")));
        }
        self.body.encode(&Head {
            id: id.into(),
            parameters: self.parameters.clone(),
            result: Arc::clone(&self.result),
        })
    }

    /// # Errors
    /// An internal error: the bytes are none that [`LambdaKernel::encode`] gives.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let (head, IgnoredAny): (Head<'_>, _) = from_bytes(bytes)?;
        let kind = find(&head.id)
            .ok_or_else(|| SparkError::internal(format!("there is no function {}", head.id)))?;
        Ok(Self {
            body: kind.decode(bytes)?,
            parameters: head.parameters,
            result: head.result,
            signature: HigherOrderSignature::variadic_any(Volatility::Immutable),
        })
    }
}

impl PartialEq for LambdaKernel {
    fn eq(&self, other: &Self) -> bool {
        self.body.is_equal(other.body.as_ref())
            && self.parameters == other.parameters
            && self.result == other.result
    }
}

impl Eq for LambdaKernel {}

impl Hash for LambdaKernel {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.body.digest(state);
        self.result.data_type().hash(state);
    }
}

impl HigherOrderUDFImpl for LambdaKernel {
    fn name(&self) -> &str {
        self.body.id()
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
        Ok(ColumnarValue::Array(self.body.evaluate(&input)?))
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
