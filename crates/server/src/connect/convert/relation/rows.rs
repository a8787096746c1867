//! Relations that choose, order, place and print rows.

use super::super::expression::{expression, expressions, sort_order};
use super::super::{faults, required};
use super::input;
use crate::session::Session;
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec::{Expr, Literal, RelationNode, Sample};
use firesteel_proto::spark::connect as proto;

pub fn filter(session: &Session, message: &proto::Filter) -> Result<RelationNode> {
    Ok(RelationNode::Filter {
        input: input(session, message.input.as_deref())?,
        condition: expression(required(message.condition.as_ref(), faults::expression)?)?,
    })
}

pub fn sort(session: &Session, message: &proto::Sort) -> Result<RelationNode> {
    Ok(RelationNode::Sort {
        input: input(session, message.input.as_deref())?,
        order: message.order.iter().map(sort_order).collect::<Result<_>>()?,
        global: message.is_global.unwrap_or(true),
    })
}

fn number(value: i32) -> Expr {
    Expr::literal(Literal::Integer(value))
}

pub fn limit(session: &Session, message: &proto::Limit) -> Result<RelationNode> {
    let input = input(session, message.input.as_deref())?;
    Ok(RelationNode::Limit { input, limit: number(message.limit) })
}

pub fn offset(session: &Session, message: &proto::Offset) -> Result<RelationNode> {
    let input = input(session, message.input.as_deref())?;
    Ok(RelationNode::Offset { input, offset: number(message.offset) })
}

pub fn tail(session: &Session, message: &proto::Tail) -> Result<RelationNode> {
    let input = input(session, message.input.as_deref())?;
    Ok(RelationNode::Tail { input, limit: number(message.limit) })
}

pub fn sample(session: &Session, message: &proto::Sample) -> Result<RelationNode> {
    Ok(RelationNode::Sample(Sample {
        input: input(session, message.input.as_deref())?,
        lower: message.lower_bound,
        upper: message.upper_bound,
        with_replacement: message.with_replacement.unwrap_or(false),
        seed: message.seed,
        deterministic_order: message.deterministic_order,
    }))
}

pub fn deduplicate(session: &Session, message: &proto::Deduplicate) -> Result<RelationNode> {
    match (message.all_columns_as_keys.unwrap_or(false), message.column_names.is_empty()) {
        (true, false) => {
            let text = "Cannot deduplicate on both all columns and a subset of columns";
            return Err(faults::invalid("DEDUPLICATE_ALL_COLUMNS_AND_SUBSET", text));
        }
        (false, true) => {
            let text =
                "Deduplicate requires to either deduplicate on all columns or a subset of columns";
            return Err(faults::invalid("DEDUPLICATE_REQUIRES_COLUMNS_OR_ALL", text));
        }
        _ => {}
    }
    Ok(RelationNode::Deduplicate {
        input: input(session, message.input.as_deref())?,
        columns: message.column_names.clone(),
        all_columns: message.all_columns_as_keys.unwrap_or(false),
        within_watermark: message.within_watermark.unwrap_or(false),
    })
}

pub fn repartition(session: &Session, message: &proto::Repartition) -> Result<RelationNode> {
    Ok(RelationNode::Repartition {
        input: input(session, message.input.as_deref())?,
        partitions: partitions(message.num_partitions)?,
        shuffle: message.shuffle.unwrap_or(false),
    })
}

pub fn repartition_by_expression(
    session: &Session,
    message: &proto::RepartitionByExpression,
) -> Result<RelationNode> {
    Ok(RelationNode::RepartitionByExpression {
        input: input(session, message.input.as_deref())?,
        exprs: expressions(&message.partition_exprs)?,
        partitions: message.num_partitions.map(partitions).transpose()?,
    })
}

fn partitions(number: i32) -> Result<usize> {
    usize::try_from(number).ok().filter(|number| *number > 0).ok_or_else(|| {
        let message = format!("Number of partitions ({number}) must be positive.");
        SparkError::new(firesteel_common::ErrorKind::IllegalArgument, "", message)
    })
}

pub fn hint(session: &Session, message: &proto::Hint) -> Result<RelationNode> {
    Ok(RelationNode::Hint {
        input: input(session, message.input.as_deref())?,
        name: message.name.clone(),
        parameters: expressions(&message.parameters)?,
    })
}

/// A watermark of rows that are all there has no effect.
pub fn with_watermark(session: &Session, message: &proto::WithWatermark) -> Result<RelationNode> {
    Ok(RelationNode::Hint {
        input: input(session, message.input.as_deref())?,
        name: "watermark".to_owned(),
        parameters: Vec::new(),
    })
}

pub fn show_string(session: &Session, message: &proto::ShowString) -> Result<RelationNode> {
    Ok(RelationNode::ShowString {
        input: input(session, message.input.as_deref())?,
        rows: message.num_rows,
        truncate: message.truncate,
        vertical: message.vertical,
    })
}

pub fn html_string(session: &Session, message: &proto::HtmlString) -> Result<RelationNode> {
    Ok(RelationNode::HtmlString {
        input: input(session, message.input.as_deref())?,
        rows: message.num_rows,
        truncate: message.truncate,
    })
}

pub fn collect_metrics(session: &Session, message: &proto::CollectMetrics) -> Result<RelationNode> {
    Ok(RelationNode::CollectMetrics {
        input: input(session, message.input.as_deref())?,
        name: message.name.clone(),
        metrics: expressions(&message.metrics)?,
    })
}
