//! From a name to the builder that serves it.

use crate::call::{AggregateCall, Arg, Call};
use crate::scalar_kernel::AnyKind;
use arrow::datatypes::FieldRef;
use datafusion_expr::{Expr, WindowFunctionDefinition};
use firesteel_common::Result;
pub use firesteel_common::nodes::PartitionFunction;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// One row of a group's table.
#[derive(Debug, Clone)]
pub struct FunctionDef {
    /// Spark's name in lower case, or the operator's symbol.
    pub name: &'static str,
    pub builder: Builder,
}

impl FunctionDef {
    pub(crate) fn scalar(name: &'static str, build: fn(Call<'_>) -> Result<Expr>) -> Self {
        Self { name, builder: Builder::Scalar(build) }
    }
}

/// How a call of a function becomes a DataFusion expression.
#[derive(Debug, Clone)]
pub enum Builder {
    Scalar(fn(Call<'_>) -> Result<Expr>),
    /// The expression holds exactly one `Expr::AggregateFunction`, perhaps inside casts and
    /// arithmetic. The resolver moves it into an aggregate, or turns it into a window function.
    Aggregate(fn(AggregateCall<'_>) -> Result<Expr>),
    /// Needs OVER: `rank`, `lag`, …
    Window(fn(Call<'_>) -> Result<WindowCall>),
    /// Several rows for one: `explode`, `stack`, …
    Generator(fn(Call<'_>) -> Result<GeneratorCall>),
    /// Takes lambdas: `transform`, `aggregate`, …
    HigherOrder(HigherOrder),
    /// Its value depends on the partition: the resolver hands it to the operator that knows it.
    Partition(fn(Call<'_>) -> Result<PartitionFunction>),
}

/// A window function with coerced arguments.
#[derive(Debug, Clone)]
pub struct WindowCall {
    pub function: WindowFunctionDefinition,
    pub args: Vec<Expr>,
    /// Spark fixes the frame of this function (`rank`, `lag`): a user's frame is an error.
    pub fixed_frame: bool,
}

impl WindowCall {
    /// The call with `IGNORE NULLS`.
    pub fn ignoring_nulls(self) -> Self {
        let WindowFunctionDefinition::WindowUDF(function) = &self.function else { return self };
        match crate::window::ignoring_nulls(function) {
            Some(function) => {
                let function = WindowFunctionDefinition::WindowUDF(Arc::new(function));
                Self { function, ..self }
            }
            None => self,
        }
    }
}

/// A generator: an expression of type `array<struct<…>>`, one array element per output row.
#[derive(Debug, Clone)]
pub struct GeneratorCall {
    pub rows: Expr,
    /// Names and types of the output columns.
    pub columns: Vec<FieldRef>,
    /// A row of nulls where the array is null or empty (`explode_outer`).
    pub outer: bool,
}

/// A function with lambda arguments. A lambda reaches `build` as `Arg { expr: Expr::Lambda, field }`
/// with `field` the type of its body.
#[derive(Debug, Clone)]
pub struct HigherOrder {
    /// Types of the parameters of the lambda at position `lambda`, which has `arity` parameters,
    /// given the arguments resolved so far (lambdas before it included).
    pub parameters:
        fn(resolved: &[Option<Arg>], lambda: usize, arity: usize) -> Result<Vec<FieldRef>>,
    pub build: fn(Call<'_>) -> Result<Expr>,
}

/// The builder of `name`, found without regard to case. None: no such built-in function.
pub fn lookup(name: &str) -> Option<&'static FunctionDef> {
    match REGISTRY.get(name) {
        Some(found) => Some(found.as_ref()),
        None => REGISTRY.get(name.to_lowercase().as_str()).map(Arc::as_ref),
    }
}

/// All names, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = REGISTRY.keys().copied().collect();
    names.sort_unstable();
    names
}

static REGISTRY: LazyLock<HashMap<&'static str, Arc<FunctionDef>>> =
    LazyLock::new(|| groups().into_iter().flatten().map(|def| (def.name, Arc::new(def))).collect());

/// The table of each group.
fn groups() -> Vec<Vec<FunctionDef>> {
    vec![
        crate::aggregate::functions(),
        crate::array::functions(),
        crate::bitwise::functions(),
        crate::collation::functions(),
        crate::conditional::functions(),
        crate::conversion::functions(),
        crate::csv::functions(),
        crate::datetime::functions(),
        crate::generator::functions(),
        crate::hash::functions(),
        crate::interval::functions(),
        crate::json::functions(),
        crate::lambda::functions(),
        crate::map::functions(),
        crate::math::functions(),
        crate::misc::functions(),
        crate::ml::functions(),
        crate::operators::functions(),
        crate::partition::functions(),
        crate::predicate::functions(),
        crate::sketch::functions(),
        crate::st::functions(),
        crate::string::functions(),
        crate::struct_::functions(),
        crate::url::functions(),
        crate::variant::functions(),
        crate::vector::functions(),
        crate::window::functions(),
        crate::xml::functions(),
    ]
}

/// What the scalar functions of each group compute.
pub(crate) fn scalar_kinds() -> Vec<&'static dyn AnyKind> {
    let groups = [
        crate::aggregate::scalar_kinds(),
        crate::array::kinds(),
        crate::bitwise::kinds(),
        crate::cast::kinds(),
        crate::collation::kinds(),
        crate::csv::kinds(),
        crate::datetime::kinds(),
        crate::generator::kinds(),
        crate::hash::kinds(),
        crate::interval::kinds(),
        crate::json::kinds(),
        crate::map::kinds(),
        crate::math::kinds(),
        crate::misc::kinds(),
        crate::ml::kinds(),
        crate::operators::kinds(),
        crate::predicate::kinds(),
        crate::sketch::kinds(),
        crate::st::kinds(),
        crate::string::kinds(),
        crate::struct_::kinds(),
        crate::url::kinds(),
        crate::variant::kinds(),
        crate::xml::kinds(),
        crate::vector::kinds(),
        crate::lambda::scalar_kinds(),
    ];
    groups.into_iter().flatten().collect()
}
