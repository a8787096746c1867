//! A scalar function as a value: its name, parameters fixed while planning, result field and the
//! kernel that computes a column.
//!
//! A kernel sees its arguments as columns of equal length; scalars become columns of one row and
//! the answer a scalar again, so folding a constant costs one row. Coercion is finished before
//! (`implicit.rs`): a kernel may rely on the Arrow types that its builder asked for.

use crate::columns::{check_offset, plain};
use crate::name_digest::NameDigest;
use crate::wire::{from_bytes, to_bytes};
use arrow::array::{
    Array, ArrayAccessor, ArrayRef, ArrowPrimitiveType, AsArray, ListArray, MapArray,
    PrimitiveArray, PrimitiveBuilder, StringArray, StringBuilder,
};
use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::cse::HashNode;
use datafusion_common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion_common::{Result as DataFusionResult, ScalarValue, exec_err};
use datafusion_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use firesteel_common::error::place::Place;
use firesteel_common::{QueryContext, Result, SparkError, SparkType, StructField, batch_room};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

/// What a kernel computes from.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    pub args: &'a [ArrayRef],
    pub n_rows: usize,
    /// Arrow type of the answer.
    pub result: &'a DataType,
}

/// Parameters that are fixed while planning. Two kernels of equal kind and parameters are equal.
pub(crate) trait Params:
    Debug + Clone + Eq + Hash + Serialize + DeserializeOwned + Send + Sync + 'static
{
}
impl<T> Params for T where
    T: Debug + Clone + Eq + Hash + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

/// What a scalar function computes, known to every process under the same id.
///
/// Kinds are statics, and each group lists its own (`kinds()` in its `mod.rs`): that list is how a
/// kernel that came as bytes finds its code.
#[derive(Debug)]
pub(crate) struct Kind<P> {
    /// Unique among the scalar functions. Up to a dot it is the name of its kernels, unless they
    /// are given another.
    id: &'static str,
    evaluate: fn(&P, &Input<'_>) -> Result<ArrayRef>,
}

impl<P: Params> Kind<P> {
    pub(crate) const fn new(
        id: &'static str,
        evaluate: fn(&P, &Input<'_>) -> Result<ArrayRef>,
    ) -> Self {
        Self { id, evaluate }
    }

    pub(crate) fn kernel(&'static self, params: P, result: &SparkType) -> Kernel {
        let name = self.id.split_once('.').map_or(self.id, |(name, _)| name);
        self.named(name, params, result)
    }

    /// A kernel that plans show as `name`.
    pub(crate) fn named(
        &'static self,
        name: &'static str,
        params: P,
        result: &SparkType,
    ) -> Kernel {
        #[cfg(any(test, debug_assertions))]
        assert!(find(self.id).is_some(), "the kind {} is in no group's list", self.id);
        Kernel {
            name: name.into(),
            body: Arc::new(Bound { kind: self, params }),
            result: StructField::new(name, result.clone(), true).to_arrow(),
            nullable: Nullable::Always,
            place: Place::here(),
            signature: Signature::user_defined(Volatility::Immutable),
            digest: None,
        }
    }
}

/// A kind of any parameters.
pub(crate) trait AnyKind: Debug + Send + Sync {
    fn id(&self) -> &'static str;

    /// The parameters out of what [`Body::encode`] gave.
    fn decode(&'static self, bytes: &[u8]) -> Result<Arc<dyn Body>>;
}

impl<P: Params> AnyKind for Kind<P> {
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
    kind: &'static Kind<P>,
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

/// What travels of a kernel besides its parameters.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    #[serde(with = "firesteel_common::wire::field")]
    result: FieldRef,
    nullable: Nullable,
    volatile: bool,
    place: Option<QueryContext>,
    digest: Option<(u64, u64)>,
}

/// The kind with this id.
fn find(id: &str) -> Option<&'static dyn AnyKind> {
    static KINDS: LazyLock<HashMap<&'static str, &'static dyn AnyKind>> = LazyLock::new(|| {
        crate::registry::scalar_kinds().into_iter().map(|kind| (kind.id(), kind)).collect()
    });
    KINDS.get(id).copied()
}

/// When the answer may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Nullable {
    /// If an argument may be.
    Propagate,
    Always,
    Never,
}

/// A scalar function of ours.
#[derive(Debug, Clone)]
pub(crate) struct Kernel {
    name: Cow<'static, str>,
    body: Arc<dyn Body>,
    result: FieldRef,
    nullable: Nullable,
    /// Where the user wrote the call, for the errors of rows.
    place: Place,
    signature: Signature,
    /// Of the call that the builder made, with its arguments; set by [`Kernel::call`].
    digest: Option<NameDigest>,
}

impl Kernel {
    /// The bytes from which [`Kernel::decode`] makes an equal kernel in another process.
    ///
    /// # Errors
    /// An internal error: the kernel's kind is in no group's list.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let id = self.body.id();
        if find(id).is_none() {
            return Err(SparkError::internal(format!("the function {id} is in no group's list")));
        }
        self.body.encode(&Head {
            id: id.into(),
            name: self.name.as_ref().into(),
            result: Arc::clone(&self.result),
            nullable: self.nullable,
            volatile: self.signature.volatility == Volatility::Volatile,
            place: self.place.to_query_context(),
            digest: self.digest.map(NameDigest::halves),
        })
    }

    /// # Errors
    /// An internal error: the bytes are none that [`Kernel::encode`] gives.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let (head, IgnoredAny): (Head<'_>, _) = from_bytes(bytes)?;
        let kind = find(&head.id)
            .ok_or_else(|| SparkError::internal(format!("there is no function {}", head.id)))?;
        let kernel = Self {
            body: kind.decode(bytes)?,
            name: head.name.into_owned().into(),
            result: head.result,
            nullable: head.nullable,
            place: head.place.into(),
            signature: Signature::user_defined(Volatility::Immutable),
            digest: head.digest.map(NameDigest::from),
        };
        Ok(if head.volatile { kernel.volatile() } else { kernel })
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

    pub(crate) fn call(mut self, args: Vec<Expr>) -> Expr {
        self.digest = self.digest_of_call(&args).ok();
        ScalarUDF::new_from_impl(self).call(args)
    }
}

impl Kernel {
    /// A digest of a call. A call of ours below it counts by the digest that it was made with, so that the
    /// cost does not grow with the depth of an expression.
    fn digest_of_call(&self, args: &[Expr]) -> DataFusionResult<NameDigest> {
        let mut digest = NameDigest::new();
        self.hash(&mut digest);
        for arg in args {
            arg.apply(|part| {
                if let Expr::ScalarFunction(call) = part
                    && let Some(kernel) =
                        (call.func.inner().as_ref() as &dyn Any).downcast_ref::<Kernel>()
                    && let Some(known) = kernel.digest
                {
                    known.halves().hash(&mut digest);
                    return Ok(TreeNodeRecursion::Jump);
                }
                part.hash_node(&mut digest);
                let mut n_children = 0_usize;
                part.apply_children(|_| {
                    n_children += 1;
                    Ok(TreeNodeRecursion::Continue)
                })?;
                n_children.hash(&mut digest);
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        Ok(digest)
    }
}

impl PartialEq for Kernel {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.body.is_equal(other.body.as_ref())
            && self.result == other.result
            && self.nullable == other.nullable
    }
}

impl Eq for Kernel {}

impl Hash for Kernel {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.body.digest(state);
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

impl ScalarUDFImpl for Kernel {
    fn name(&self) -> &str {
        &self.name
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
    /// every level of an expression, so a name that costs the size of the expression costs the cube of the
    /// depth (a sum of 800 columns: half a minute).
    fn schema_name(&self, args: &[Expr]) -> DataFusionResult<String> {
        if is_small(args) {
            let args: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
            return Ok(format!("{}({})", self.name, args.join(",")));
        }
        let (low, high) = self.digest_of_call(args)?.halves();
        Ok(format!("{}(#{high:016x}{low:016x})", self.name))
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
        let answer = self.body.evaluate(&input).map_err(|error| self.place.mark(error))?;
        if batch_room::is_folding() && answer.get_buffer_memory_size() > batch_room::bytes_max() {
            // Not seen by anybody: the call stays a call.
            return exec_err!("the constant is too large for a plan");
        }
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
            let answer = row(position)?;
            let more = answer.as_ref().map_or(0, |it| it.as_ref().len());
            check_offset(builder.values_slice().len(), more)?;
            builder.append_option(answer);
        }
        Ok(Arc::new(builder.finish()))
    }
}

/// The value at `row`, or none where it is null.
pub(crate) fn at<A: ArrayAccessor>(array: A, row: usize) -> Option<A::Item> {
    (!array.is_null(row)).then(|| array.value(row))
}
