//! Functions in plans: what a model or transformer computes per row, for whole columns.
//!
//! A [`FunctionKind`] is a static with an id, so that a plan can travel: what crosses is the id and the parameters.
//! Parameters are [`Shared`]: a model is held by every plan that uses it, never copied.

use crate::error;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::{Result as DataFusionResult, ScalarValue};
use datafusion_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError, SparkType, StructField};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, OnceLock};

/// Parameters of a function, and a digest of them that is computed once.
#[derive(Debug)]
pub struct Shared<P> {
    value: P,
    digest: OnceLock<u64>,
}

impl<P> Shared<P> {
    pub fn new(value: P) -> Arc<Self> {
        Arc::new(Self { value, digest: OnceLock::new() })
    }
}

impl<P> std::ops::Deref for Shared<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.value
    }
}

impl<P: Serialize> Shared<P> {
    fn digest(&self) -> u64 {
        *self.digest.get_or_init(|| {
            let mut hasher = DefaultHasher::new();
            // What cannot be written is told apart by where it lies.
            match serde_json::to_vec(&self.value) {
                Ok(bytes) => bytes.hash(&mut hasher),
                Err(_) => std::ptr::from_ref(self).addr().hash(&mut hasher),
            }
            hasher.finish()
        })
    }
}

/// What a function computes, known to every process under the same id.
#[derive(Debug)]
pub struct FunctionKind<P> {
    /// Unique among all of MLlib: `linear_regression.predict`.
    id: &'static str,
    evaluate: fn(&P, &[ArrayRef], usize) -> Result<ArrayRef>,
    /// Spark's class whose function it is, where that takes no nulls.
    in_spark: Option<&'static str>,
}

impl<P: Debug + Serialize + DeserializeOwned + Send + Sync + 'static> FunctionKind<P> {
    /// `evaluate` gets parameters, columns and the number of rows, and gives one column of the type that
    /// [`FunctionKind::call`] was told.
    pub const fn new(
        id: &'static str,
        evaluate: fn(&P, &[ArrayRef], usize) -> Result<ArrayRef>,
    ) -> Self {
        Self { id, evaluate, in_spark: None }
    }

    /// With the name of the class that Spark's errors have: there it is a Scala function that fails where its first
    /// argument is null, and whose errors are `FAILED_EXECUTE_UDF`.
    #[must_use]
    pub const fn in_spark(self, class: &'static str) -> Self {
        Self { in_spark: Some(class), ..self }
    }

    /// A call as an expression.
    pub fn call(
        &'static self,
        params: &Arc<Shared<P>>,
        result: &SparkType,
        nullable: bool,
        args: Vec<Expr>,
    ) -> Expr {
        let digest = params.digest();
        let function = MlFunction {
            name: format!("{}@{digest:016x}", self.id),
            body: Arc::new(Bound { kind: self, params: Arc::clone(params) }),
            result: StructField::new("ml", result.clone(), nullable).to_arrow(),
            signature: Signature::user_defined(Volatility::Immutable),
        };
        ScalarUDF::new_from_impl(function).call(args)
    }
}

/// A kind of any parameters.
pub trait AnyFunction: Debug + Send + Sync {
    fn id(&self) -> &'static str;

    /// # Errors
    /// An internal error: the bytes are none that encoding gives.
    fn decode(&'static self, wire: Wire) -> Result<ScalarUDF>;
}

impl<P: Debug + Serialize + DeserializeOwned + Send + Sync + 'static> AnyFunction
    for FunctionKind<P>
{
    fn id(&self) -> &'static str {
        self.id
    }

    fn decode(&'static self, wire: Wire) -> Result<ScalarUDF> {
        let params = serde_json::from_str(&wire.params).map_err(|error| {
            SparkError::internal(format!("{} came with broken parameters: {error}", self.id))
        })?;
        Ok(ScalarUDF::new_from_impl(MlFunction {
            name: wire.name,
            body: Arc::new(Bound { kind: self, params: Shared::new(params) }),
            result: wire.result,
            signature: Signature::user_defined(Volatility::Immutable),
        }))
    }
}

/// A function as it travels.
#[derive(Debug, Serialize, Deserialize)]
pub struct Wire {
    id: String,
    name: String,
    #[serde(with = "firesteel_common::wire::field")]
    result: FieldRef,
    params: String,
}

trait Body: Debug + Send + Sync {
    fn id(&self) -> &'static str;
    fn evaluate(&self, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef>;
    fn in_spark(&self) -> Option<&'static str>;
    fn encode(&self) -> Result<String>;
}

#[derive(Debug)]
struct Bound<P: 'static> {
    kind: &'static FunctionKind<P>,
    params: Arc<Shared<P>>,
}

impl<P: Debug + Serialize + Send + Sync> Body for Bound<P> {
    fn id(&self) -> &'static str {
        self.kind.id
    }

    fn evaluate(&self, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
        (self.kind.evaluate)(&self.params.value, args, n_rows)
    }

    fn in_spark(&self) -> Option<&'static str> {
        self.kind.in_spark
    }

    fn encode(&self) -> Result<String> {
        serde_json::to_string(&self.params.value)
            .map_err(|error| SparkError::internal(format!("a model does not travel: {error}")))
    }
}

/// The function in a plan. Its name holds a digest of the parameters: equal names mean equal functions.
#[derive(Debug)]
struct MlFunction {
    name: String,
    body: Arc<dyn Body>,
    result: FieldRef,
    signature: Signature,
}

impl MlFunction {
    fn evaluate(&self, columns: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
        let Some(class) = self.body.in_spark() else {
            return self.body.evaluate(columns, n_rows);
        };
        if columns.first().is_some_and(|column| column.null_count() > 0) {
            let reason = "java.lang.NullPointerException: the argument is null";
            return Err(self.failed(class, columns, reason));
        }
        self.body.evaluate(columns, n_rows).map_err(|error| {
            match (error.kind(), error.condition()) {
                (ErrorKind::IllegalArgument, "") => {
                    let reason =
                        format!("java.lang.IllegalArgumentException: {}", error.raw_message());
                    self.failed(class, columns, &reason)
                }
                (ErrorKind::Execution, "") => {
                    let reason =
                        format!("org.apache.spark.SparkException: {}", error.raw_message());
                    self.failed(class, columns, &reason)
                }
                _ => error,
            }
        })
    }

    fn failed(&self, class: &str, columns: &[ArrayRef], reason: &str) -> SparkError {
        let text = |data_type: &DataType| {
            SparkType::from_arrow(data_type)
                .map_or_else(|_| data_type.to_string(), |own| own.simple_string())
        };
        let arguments: Vec<String> =
            columns.iter().map(|column| text(column.data_type())).collect();
        error::function_failed(class, &arguments.join(", "), &text(self.result.data_type()), reason)
    }
}

impl PartialEq for MlFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.result == other.result
    }
}

impl Eq for MlFunction {}

impl Hash for MlFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for MlFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> DataFusionResult<DataType> {
        Ok(self.result.data_type().clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> DataFusionResult<FieldRef> {
        Ok(Arc::clone(&self.result))
    }

    fn coerce_types(&self, types: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let is_scalar = !args.args.is_empty()
            && args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let n_rows = if is_scalar { 1 } else { args.number_rows };
        let columns = args
            .args
            .iter()
            .map(|arg| arg.to_array(n_rows))
            .collect::<DataFusionResult<Vec<ArrayRef>>>()?;
        let answer = self.evaluate(&columns, n_rows)?;
        if answer.len() != n_rows {
            return Err(SparkError::internal(format!(
                "{} gave a column of another length",
                self.name
            ))
            .into());
        }
        Ok(match is_scalar {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&answer, 0)?),
            false => ColumnarValue::Array(answer),
        })
    }
}

/// First byte of what [`encode`] gives; other crates' functions have others.
pub const WIRE_TAG: u8 = 3;

/// A function of this crate as bytes; none for any other.
///
/// # Errors
/// An internal error: its kind is in no family's list.
pub fn encode(function: &ScalarUDF) -> Result<Option<Vec<u8>>> {
    let Some(own) = (function.inner().as_ref() as &dyn Any).downcast_ref::<MlFunction>() else {
        return Ok(None);
    };
    let id = own.body.id();
    if find(id).is_none() {
        return Err(SparkError::internal(format!("the function {id} is in no family's list")));
    }
    let wire = Wire {
        id: id.to_owned(),
        name: own.name.clone(),
        result: Arc::clone(&own.result),
        params: own.body.encode()?,
    };
    let mut bytes = vec![WIRE_TAG];
    serde_json::to_writer(&mut bytes, &wire)
        .map_err(|error| SparkError::internal(format!("a model does not travel: {error}")))?;
    Ok(Some(bytes))
}

/// What [`encode`] made, its first byte taken off.
///
/// # Errors
/// An internal error: the bytes are none that [`encode`] gives.
pub fn decode(bytes: &[u8]) -> Result<ScalarUDF> {
    let wire: Wire = serde_json::from_slice(bytes)
        .map_err(|error| SparkError::internal(format!("a broken function came: {error}")))?;
    let kind = find(&wire.id)
        .ok_or_else(|| SparkError::internal(format!("there is no function {}", wire.id)))?;
    kind.decode(wire)
}

fn find(id: &str) -> Option<&'static dyn AnyFunction> {
    static KINDS: LazyLock<HashMap<&'static str, &'static dyn AnyFunction>> = LazyLock::new(|| {
        crate::registry::functions().into_iter().map(|kind| (kind.id(), kind)).collect()
    });
    KINDS.get(id).copied()
}
