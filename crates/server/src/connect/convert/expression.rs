//! Expressions.

use super::literal::literal;
use super::name::{column_name, multipart_name};
use super::python::python_function;
use super::{data_type, faults, required};
use firesteel_common::error::{ContextKind, Origin};
use firesteel_common::{QueryContext, Result, SparkError};
use firesteel_plan::spec::{
    CastMode, Expr, ExprNode, FrameBound, Function, SortOrder, Subquery, SubqueryKind,
    SubqueryPlan, Window, WindowFrame,
};
use firesteel_plan::sql;
use firesteel_proto::spark::connect as proto;
use proto::expression as message;
use proto::expression::ExprType;

/// # Errors
/// When a part is missing or an expression does not exist here.
pub fn expression(expression: &proto::Expression) -> Result<Expr> {
    let node = node(required(expression.expr_type.as_ref(), faults::expression)?)?;
    let common = expression.common.as_ref();
    Ok(Expr { node, origin: common.and_then(|common| common.origin.as_ref()).and_then(origin) })
}

/// As [`expression`], for a list.
pub fn expressions(list: &[proto::Expression]) -> Result<Vec<Expr>> {
    list.iter().map(expression).collect()
}

fn boxed(part: Option<&proto::Expression>) -> Result<Box<Expr>> {
    Ok(Box::new(expression(required(part, faults::expression)?)?))
}

fn node(kind: &ExprType) -> Result<ExprNode> {
    Ok(match kind {
        ExprType::Literal(value) => ExprNode::Literal(literal(value)?),
        ExprType::UnresolvedAttribute(attribute) => ExprNode::Attribute {
            name: column_name(&attribute.unparsed_identifier)?,
            plan_id: attribute.plan_id,
            is_metadata_column: attribute.is_metadata_column.unwrap_or(false),
        },
        ExprType::UnresolvedFunction(function) => unresolved_function(function)?,
        ExprType::ExpressionString(text) => ExprNode::Sql(text.expression.clone()),
        ExprType::UnresolvedStar(star) => unresolved_star(star)?,
        ExprType::Alias(alias) => ExprNode::Alias {
            expr: boxed(alias.expr.as_deref())?,
            names: alias.name.clone(),
            metadata: alias.metadata.clone(),
        },
        ExprType::Cast(cast) => self::cast(cast)?,
        ExprType::UnresolvedRegex(regex) => {
            ExprNode::Regex { pattern: regex.col_name.clone(), plan_id: regex.plan_id }
        }
        ExprType::SortOrder(order) => ExprNode::SortOrder(sort_order(order)?),
        ExprType::LambdaFunction(lambda) => ExprNode::Lambda {
            body: boxed(lambda.function.as_deref())?,
            params: lambda_parameters(&lambda.arguments)?,
        },
        ExprType::Window(window) => ExprNode::Window(Box::new(self::window(window)?)),
        ExprType::UnresolvedExtractValue(extract) => ExprNode::ExtractValue {
            child: boxed(extract.child.as_deref())?,
            key: boxed(extract.extraction.as_deref())?,
        },
        ExprType::UpdateFields(update) => ExprNode::UpdateField {
            child: boxed(update.struct_expression.as_deref())?,
            name: update.field_name.clone(),
            value: update
                .value_expression
                .as_deref()
                .map(|value| expression(value).map(Box::new))
                .transpose()?,
        },
        ExprType::UnresolvedNamedLambdaVariable(variable) => {
            ExprNode::LambdaVariable(variable.name_parts.clone())
        }
        ExprType::CommonInlineUserDefinedFunction(function) => {
            ExprNode::Python(Box::new(python_function(function)?))
        }
        ExprType::CallFunction(call) => {
            let name = multipart_name(&call.function_name)?;
            let args = expressions(&call.arguments)?;
            ExprNode::Function(Function { name, ..Function::new("", args) })
        }
        ExprType::NamedArgumentExpression(named) => {
            ExprNode::Named { name: named.key.clone(), value: boxed(named.value.as_deref())? }
        }
        ExprType::SubqueryExpression(subquery) => {
            ExprNode::Subquery(Box::new(self::subquery(subquery)?))
        }
        ExprType::DirectShufflePartitionId(id) => {
            ExprNode::DirectShufflePartitionId(boxed(id.child.as_deref())?)
        }
        ExprType::MergeAction(_) => return Err(SparkError::unsupported("MERGE INTO")),
        ExprType::TypedAggregateExpression(_) => {
            return Err(SparkError::unsupported("aggregators written in Scala"));
        }
        ExprType::Extension(any) => {
            let what = format!("the expression extension {}", any.type_url);
            return Err(SparkError::unsupported(what));
        }
    })
}

fn lambda_parameters(arguments: &[message::UnresolvedNamedLambdaVariable]) -> Result<Vec<String>> {
    if !(1..=3).contains(&arguments.len()) {
        let got = arguments.len();
        let text = format!("LambdaFunction requires 1 ~ 3 arguments, but got {got} ones!");
        let error = faults::invalid("LAMBDA_FUNCTION_ARGUMENT_COUNT_INVALID", text);
        return Err(error.with("got", got.to_string()));
    }
    Ok(arguments.iter().map(|argument| argument.name_parts.join(".")).collect())
}

fn unresolved_function(message: &message::UnresolvedFunction) -> Result<ExprNode> {
    let name = match message.is_user_defined_function {
        true => multipart_name(&message.function_name)?,
        false => vec![message.function_name.clone()],
    };
    Ok(ExprNode::Function(Function {
        name,
        distinct: message.is_distinct,
        is_internal: message.is_internal.unwrap_or(false),
        ..Function::new("", expressions(&message.arguments)?)
    }))
}

/// The target comes as `t.*`.
fn unresolved_star(message: &message::UnresolvedStar) -> Result<ExprNode> {
    let target = match message.unparsed_target.as_deref() {
        None | Some("") => None,
        Some(text) => {
            let target = text.strip_suffix(".*").ok_or_else(|| {
                let message = format!(
                    "UnresolvedStar requires a unparsed target ending with '.*', but got {text}."
                );
                faults::invalid("UNRESOLVED_STAR_TARGET_INVALID", message).with("target", text)
            })?;
            Some(column_name(target)?)
        }
    };
    Ok(ExprNode::Star { target, plan_id: message.plan_id, except: Vec::new() })
}

fn cast(message: &message::Cast) -> Result<ExprNode> {
    use message::cast::{CastToType, EvalMode};
    let to = match &message.cast_to_type {
        Some(CastToType::Type(to)) => data_type(to)?,
        Some(CastToType::TypeStr(text)) => sql::parse_type(text)?,
        // As Spark, which reads a text that is not there.
        None => sql::parse_type("")?,
    };
    let mode = match message.eval_mode() {
        EvalMode::Unspecified => CastMode::Session,
        EvalMode::Legacy => CastMode::Legacy,
        EvalMode::Ansi => CastMode::Ansi,
        EvalMode::Try => CastMode::Try,
    };
    Ok(ExprNode::Cast { expr: boxed(message.expr.as_deref())?, to, mode })
}

/// A column with direction and place of nulls.
pub fn sort_order(message: &message::SortOrder) -> Result<SortOrder> {
    use message::sort_order::{NullOrdering, SortDirection};
    Ok(SortOrder {
        child: boxed(message.child.as_deref())?,
        ascending: message.direction() != SortDirection::Descending,
        nulls_first: match message.null_ordering() {
            NullOrdering::SortNullsUnspecified => None,
            NullOrdering::SortNullsFirst => Some(true),
            NullOrdering::SortNullsLast => Some(false),
        },
    })
}

fn window(message: &message::Window) -> Result<Window> {
    Ok(Window {
        function: expression(required(
            message.window_function.as_deref(),
            faults::window_function,
        )?)?,
        partition_by: expressions(&message.partition_spec)?,
        order_by: message.order_spec.iter().map(sort_order).collect::<Result<_>>()?,
        frame: message.frame_spec.as_deref().map(window_frame).transpose()?,
        reference: None,
    })
}

fn window_frame(frame: &message::window::WindowFrame) -> Result<WindowFrame> {
    use message::window::window_frame::FrameType;
    Ok(WindowFrame {
        rows: match frame.frame_type() {
            FrameType::Row => true,
            FrameType::Range => false,
            FrameType::Undefined => {
                return Err(faults::invalid_enum(
                    "spark.connect.Expression.Window.WindowFrame.FrameType",
                    "FRAME_TYPE_UNDEFINED",
                ));
            }
        },
        lower: frame_bound(required(frame.lower.as_deref(), faults::lower_bound)?)?,
        upper: frame_bound(required(frame.upper.as_deref(), faults::upper_bound)?)?,
    })
}

fn frame_bound(bound: &message::window::window_frame::FrameBoundary) -> Result<FrameBound> {
    use message::window::window_frame::frame_boundary::Boundary;
    Ok(match required(bound.boundary.as_ref(), faults::part("the bound of a window frame"))? {
        Boundary::CurrentRow(_) => FrameBound::CurrentRow,
        Boundary::Unbounded(_) => FrameBound::Unbounded,
        Boundary::Value(value) => FrameBound::Value(Box::new(expression(value)?)),
    })
}

fn subquery(message: &proto::SubqueryExpression) -> Result<Subquery> {
    use proto::subquery_expression::SubqueryType;
    let kind = match message.subquery_type() {
        SubqueryType::Scalar => SubqueryKind::Scalar,
        SubqueryType::Exists => SubqueryKind::Exists,
        SubqueryType::In => {
            SubqueryKind::In { values: expressions(&message.in_subquery_values)?, negated: false }
        }
        SubqueryType::TableArg => {
            let options = message.table_arg_options.clone().unwrap_or_default();
            let orders = options.order_spec.iter().map(sort_order);
            SubqueryKind::Table {
                partition_by: expressions(&options.partition_spec)?,
                order_by: orders.collect::<Result<_>>()?,
                single_partition: options.with_single_partition.unwrap_or(false),
            }
        }
        SubqueryType::Unknown => {
            let name = SubqueryType::Unknown.as_str_name();
            return Err(faults::invalid_enum(
                "spark.connect.SubqueryExpression.SubqueryType",
                name,
            ));
        }
    };
    Ok(Subquery { kind, plan: SubqueryPlan::PlanId(message.plan_id) })
}

/// The line of Python that made an expression.
pub fn origin(message: &proto::Origin) -> Option<Origin> {
    use proto::origin::Function;
    let Some(Function::PythonOrigin(python)) = &message.function else {
        return None;
    };
    let (fragment, call_site) = (&python.fragment, &python.call_site);
    Some(Origin::from(QueryContext {
        kind: ContextKind::DataFrame,
        fragment: fragment.clone(),
        call_site: call_site.clone(),
        summary: format!("== DataFrame ==\n\"{fragment}\" was called from\n{call_site}\n"),
        ..QueryContext::default()
    }))
}
