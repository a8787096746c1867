//! What an expression means: from names and calls to a typed DataFusion expression.
//!
//! Coercions are explicit: the function builders emit them as casts, so that DataFusion's own
//! analyser finds nothing to do.

mod aggregate_filter;
pub(crate) mod aggregates;
mod attribute;
mod cast;
mod collated_map;
mod collated_rows;
mod collation;
mod context;
mod extract_value;
mod file_metadata;
mod function;
mod generator;
mod higher_order;
mod literal;
mod python;
mod python_aggregate;
mod same_subquery;
mod star;
mod subquery;
mod temporal_name;
mod time_window;
mod update_field;
mod variable;
mod window;
pub(crate) mod windows;

pub(crate) use context::{Clause, ExprContext};
pub(crate) use generator::Generator;
pub(crate) use time_window::under_internal_names;

pub(crate) use same_subquery::is_same;
pub(crate) use subquery::as_subquery;

use super::{Column, Resolver, STACK_ADDED_BYTES, STACK_LEFT_BYTES, argument_naming, naming};
use crate::spec::{self, ExprNode};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::logical_expr::{Expr, ExprSchemable};
use firesteel_common::error::place;
use firesteel_common::types::{METADATA_KEY, TYPE_KEY};
use firesteel_common::{Result, SparkError, SparkType, StructField};
use firesteel_functions::Arg;
use firesteel_functions::cast::{EvalMode, cast};
use firesteel_functions::coercion::common_type;
use serde_json::{Map, Value};

/// A resolved expression.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedExpr {
    pub expr: Expr,
    /// What it produces: type, nullability, tags. The name means nothing.
    pub field: FieldRef,
    /// The name as it appears inside the names of larger expressions: `st.f`, `b AS z`, `(a + b)`.
    pub name: String,
    /// The name as an output column, where that is another one: `f`, `z`.
    pub output_name: Option<String>,
    /// Whether the output name is the user's: such an argument names a field of `struct(…)`.
    pub is_named: bool,
    /// The column that this is, when it is one as a whole and has no alias.
    pub column: Option<Column>,
    /// Column metadata that an alias sets.
    pub metadata: Option<Map<String, Value>>,
    /// Whether Spark would mark the output column's name as made by itself: no alias, and more than
    /// a column, a literal, a part of a column or a cast of one.
    pub is_generated: bool,
}

impl ResolvedExpr {
    pub fn arg(&self) -> Arg {
        Arg::new(self.expr.clone(), self.field.clone()).shown_as(&self.name)
    }

    pub fn spark_type(&self) -> Result<SparkType> {
        self.arg().spark_type()
    }

    /// The same value under an alias.
    pub fn aliased(mut self, name: impl Into<String>) -> Self {
        // An alias makes a new column that keeps the metadata of the column it renames.
        if self.metadata.is_none() {
            self.metadata = self.column.map(|column| column.field.metadata);
        }
        let name = name.into();
        let shown = format!("{} AS {name}", self.name);
        Self { name: shown, output_name: Some(name), is_named: true, column: None, ..self }
    }

    /// The name that it has as an output column.
    pub fn output_name(&self) -> &str {
        self.output_name.as_deref().unwrap_or(&self.name)
    }
}

impl Resolver<'_> {
    /// Resolves one expression that yields one value.
    pub(crate) fn expr(
        &mut self,
        expr: &spec::Expr,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let resolved = stacker::maybe_grow(STACK_LEFT_BYTES, STACK_ADDED_BYTES, || {
            place::within(expr.origin.as_ref(), || self.expr_node(expr, context))
        });
        resolved.map_err(|error| match &expr.origin {
            Some(origin) => error.at(origin.to_query_context()),
            None => error,
        })
    }

    fn expr_node(&mut self, expr: &spec::Expr, context: &mut ExprContext) -> Result<ResolvedExpr> {
        match &expr.node {
            ExprNode::Literal(value) => self.literal(value),
            ExprNode::Attribute { name, is_metadata_column: true, .. } => {
                self.metadata_column(name, context)
            }
            ExprNode::Attribute { name, plan_id: None, .. } => self.attribute(name, context),
            ExprNode::Attribute { name, plan_id: Some(plan_id), .. } => {
                self.attribute_of_plan(name, *plan_id, context)
            }
            ExprNode::LambdaVariable(name) => self.attribute(name, context),
            ExprNode::Star { .. } | ExprNode::Regex { .. } => Err(invalid_star(context)),
            ExprNode::Function(function) => self.function(function, context),
            ExprNode::Cast { expr, to, mode } => self.cast_expr(expr, to, *mode, context),
            ExprNode::Alias { expr, names, metadata } => {
                self.alias(expr, names, metadata.as_deref(), context)
            }
            ExprNode::SortOrder(order) if self.in_python_args => {
                let name = self.sort_order(order, context)?.1;
                Ok(ResolvedExpr { name, ..self.expr(&order.child, context)? })
            }
            ExprNode::SortOrder(order) => self.expr(&order.child, context),
            ExprNode::Lambda { .. } => Err(SparkError::analysis(
                "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION",
                "A lambda function should only be used in a higher order function.",
            )),
            ExprNode::Window(window) => self.window(window, context),
            ExprNode::ExtractValue { child, key } => self.extract_value(child, key, context),
            ExprNode::UpdateField { child, name, value } => {
                self.update_field(child, name, value.as_deref(), context)
            }
            ExprNode::Subquery(subquery) => self.subquery(subquery, context),
            ExprNode::Sql(text) => {
                let parsed = self.parsed_text(text)?;
                self.expr(&parsed, context)
            }
            ExprNode::Named { value, .. } => self.expr(value, context),
            ExprNode::Parameter(parameter) => {
                let argument = self.parameter(parameter)?;
                self.expr(&argument, context)
            }
            ExprNode::Identifier(name) => {
                let name = self.identifier(name)?;
                self.attribute(&name, context)
            }
            ExprNode::Python(function) => self.python_call(function, context),
            ExprNode::Row(values) => {
                let call = row_as_struct(values);
                self.function(&call, context)
            }
            ExprNode::DirectShufflePartitionId(child) => self.expr(child, context),
        }
    }

    fn alias(
        &mut self,
        expr: &spec::Expr,
        names: &[String],
        metadata: Option<&str>,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let [name] = names else {
            return Err(SparkError::analysis(
                "MULTI_ALIAS_WITHOUT_GENERATOR",
                format!(
                    "Multi part aliasing ({}) is not supported with the expression as it is not a \
                     generator function.",
                    names.join(", ")
                ),
            )
            .with("names", names.join(", ")));
        };
        // Spark prints SQL under an alias, in the arguments of Python functions too.
        let in_python_args = std::mem::take(&mut self.in_python_args);
        let resolved = self.expr(expr, context);
        self.in_python_args = in_python_args;
        let mut resolved = resolved?.aliased(name);
        if let Some(json) = metadata {
            resolved.metadata = Some(parse_metadata(json)?);
        }
        Ok(resolved)
    }

    /// A built expression with the field that it produces.
    pub(crate) fn typed(
        &self,
        expr: Expr,
        name: String,
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        let mut field = expr.to_field(&context.fields)?.1;
        if matches!(expr, Expr::Cast(_) | Expr::TryCast(_))
            && [TYPE_KEY, METADATA_KEY].iter().any(|key| field.metadata().contains_key(*key))
        {
            field = untagged_cast(&expr, &field);
        }
        Ok(ResolvedExpr {
            expr,
            field,
            name,
            output_name: None,
            is_named: false,
            column: None,
            metadata: None,
            is_generated: true,
        })
    }

    /// Calls a built-in on resolved arguments; `name` is the name of the result.
    pub(crate) fn call_builtin(
        &self,
        function: &str,
        args: Vec<Arg>,
        name: String,
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        let expr = self.build_scalar(function, args)?;
        self.typed(expr, name, context)
    }

    /// `value` as `target`, implicitly.
    pub(crate) fn coerce(
        &self,
        value: ResolvedExpr,
        target: &SparkType,
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        if value.spark_type()? == *target {
            return Ok(value);
        }
        let expr = cast(value.arg(), target, EvalMode::of(self.settings), self.settings)?;
        let mut typed = self.typed(expr, value.name.clone(), context)?;
        typed.field = tagged(&typed.field, target);
        typed.is_named = value.is_named;
        typed.is_generated = value.is_generated;
        typed.output_name = Some(value.output_name().to_owned());
        typed.metadata = value.metadata;
        Ok(typed)
    }

    /// The type that all of `types` are brought to.
    pub(crate) fn common_type_of<'t>(
        &self,
        types: impl IntoIterator<Item = &'t SparkType>,
    ) -> Option<SparkType> {
        let mut types = types.into_iter();
        let first = types.next()?.clone();
        types.try_fold(first, |found, next| {
            if found == *next { Some(found) } else { common_type(&found, next, self.settings) }
        })
    }

    /// As [`Resolver::common_type_of`], where a string and something else have none.
    pub(crate) fn common_type_without_promotion(&self, types: &[SparkType]) -> Option<SparkType> {
        let is_string = |own: &SparkType| matches!(own, SparkType::String { .. });
        let is_other = |own: &SparkType| !is_string(own) && *own != SparkType::Null;
        if types.iter().any(is_string) && types.iter().any(is_other) {
            return None;
        }
        self.common_type_of(types)
    }
}

/// The field with the tags of `target` and no others.
pub(crate) fn tagged(field: &FieldRef, target: &SparkType) -> FieldRef {
    let own = StructField::new(field.name(), target.clone(), field.is_nullable()).to_arrow();
    let data_type = field.data_type().clone();
    std::sync::Arc::new(own.as_ref().clone().with_data_type(data_type))
}

/// A cast passes on the tags of its source, which are not true of its result any more, unless the
/// cast itself set them.
fn untagged_cast(expr: &Expr, field: &FieldRef) -> FieldRef {
    let target = match expr {
        Expr::Cast(cast) => &cast.field,
        Expr::TryCast(cast) => &cast.field,
        _ => return field.clone(),
    };
    let metadata = target.metadata().clone();
    std::sync::Arc::new(field.as_ref().clone().with_metadata(metadata))
}

/// `(a, b)` outside of IN is a struct: its fields take the names of columns and aliases, or else
/// `col3`.
fn row_as_struct(values: &[spec::Expr]) -> spec::Function {
    let args = values.iter().enumerate().flat_map(|(position, value)| {
        let name = match &value.node {
            ExprNode::Attribute { name, .. } => name.last().cloned(),
            ExprNode::Alias { names, .. } => names.first().cloned(),
            _ => None,
        };
        let name = name.unwrap_or_else(|| format!("col{}", position + 1));
        [spec::Expr::string(name), value.clone()]
    });
    spec::Function::new("named_struct", args.collect())
}

fn parse_metadata(json: &str) -> Result<Map<String, Value>> {
    serde_json::from_str(json).map_err(|_| {
        SparkError::analysis(
            "INVALID_COLUMN_METADATA",
            format!("Column metadata must be a JSON object, got {json}"),
        )
    })
}

fn invalid_star(context: &ExprContext) -> SparkError {
    let elem = "expression";
    SparkError::analysis(
        "INVALID_USAGE_OF_STAR_OR_REGEX",
        format!("Invalid usage of '*' in {}.", context.clause.operator().unwrap_or(elem)),
    )
    .with("elem", "'*'")
    .with("prettyName", context.clause.operator().unwrap_or(elem))
}

impl Resolver<'_> {
    /// The generated name of a function call.
    pub(crate) fn call_name(&self, name: &str, args: &[ResolvedExpr]) -> String {
        if !self.in_python_args {
            return call_name(name, args);
        }
        if let Some(name) = temporal_name::temporal(name, args) {
            return name;
        }
        let names: Vec<String> = args.iter().map(|arg| arg.name.clone()).collect();
        let is_binary = args.first().is_some_and(|arg| *arg.field.data_type() == DataType::Binary);
        argument_naming::call(name, &names, is_binary, self.settings)
    }
}

/// Whether a type is a struct, for `a.b`.
pub(crate) fn is_struct(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Struct(_))
}

/// The generated name of a function call with named arguments.
fn call_name(name: &str, args: &[ResolvedExpr]) -> String {
    if let Some(name) = temporal_name::temporal(name, args) {
        return name;
    }
    let names: Vec<String> = args.iter().map(|arg| arg.name.clone()).collect();
    naming::call(name, &names)
}
