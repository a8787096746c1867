//! Which part of rows passes a condition.

use super::estimate::{Domain, number};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{
    BinaryExpr, CastExpr, Column, InListExpr, IsNotNullExpr, IsNullExpr, LikeExpr, Literal, NotExpr,
};
use datafusion::physical_expr::{PhysicalExpr, split_conjunction};
use std::any::Any;
use std::sync::Arc;

/// An equality with a value of a column of which nothing is known, mostly a string.
const EQUAL: f64 = 0.05;
const LIKE: f64 = 0.1;
const RANGE: f64 = 0.33;
const UNKNOWN: f64 = 0.25;

/// `domain` knows columns by their places.
pub(super) fn selectivity(
    expr: &Arc<dyn PhysicalExpr>,
    domain: &dyn Fn(usize) -> Option<Domain>,
) -> f64 {
    let any = expr.as_ref() as &dyn Any;
    let part = if let Some(binary) = any.downcast_ref::<BinaryExpr>() {
        match binary.op() {
            Operator::And => conjunction(expr, domain),
            Operator::Or => {
                let left = selectivity(binary.left(), domain);
                let right = selectivity(binary.right(), domain);
                left + right - left * right
            }
            _ => comparison(binary, domain),
        }
    } else if let Some(not) = any.downcast_ref::<NotExpr>() {
        1.0 - selectivity(not.arg(), domain)
    } else if let Some(list) = any.downcast_ref::<InListExpr>() {
        let one = column(list.expr()).and_then(domain).map_or(EQUAL, |domain| equal(&domain));
        let within = (one * list.list().len() as f64).min(0.9);
        if list.negated() { 1.0 - within } else { within }
    } else if let Some(like) = any.downcast_ref::<LikeExpr>() {
        if like.negated() { 1.0 - LIKE } else { LIKE }
    } else if let Some(null) = any.downcast_ref::<IsNullExpr>() {
        column(null.arg()).and_then(domain).map_or(LIKE, |domain| domain.null_part)
    } else if let Some(present) = any.downcast_ref::<IsNotNullExpr>() {
        1.0 - column(present.arg()).and_then(domain).map_or(0.0, |domain| domain.null_part)
    } else {
        match any.downcast_ref::<Literal>().map(Literal::value) {
            Some(ScalarValue::Boolean(Some(true))) => 1.0,
            Some(_) => 0.0,
            None => UNKNOWN,
        }
    };
    part.clamp(0.0, 1.0)
}

/// Domains of the columns of what passes.
pub(super) fn domains_after(predicate: &Arc<dyn PhysicalExpr>, before: &[Domain]) -> Vec<Domain> {
    let mut domains = before.to_vec();
    for part in split_conjunction(predicate) {
        let any = part.as_ref() as &dyn Any;
        let (own, is_list) =
            match (any.downcast_ref::<BinaryExpr>(), any.downcast_ref::<InListExpr>()) {
                (Some(binary), _) => (sides(binary).map(|(column, _, _)| column), false),
                (_, Some(list)) if !list.negated() => (column(list.expr()), true),
                _ => (None, false),
            };
        let Some(domain) = own.and_then(|column| domains.get_mut(column)) else { continue };
        if is_list || domain.is_known {
            let kept = selectivity(part, &|column| before.get(column).copied());
            domain.size = (domain.size * kept).max(1.0);
        } else if any.downcast_ref::<BinaryExpr>().is_some_and(|it| *it.op() == Operator::Eq) {
            domain.size = 1.0;
        }
    }
    domains
}

/// Two bounds of one column are one range, not two independent conditions.
fn conjunction(expr: &Arc<dyn PhysicalExpr>, domain: &dyn Fn(usize) -> Option<Domain>) -> f64 {
    let mut part_of_all = 1.0;
    let mut ranges: Vec<(usize, f64)> = Vec::new();
    for part in split_conjunction(expr) {
        let passed = selectivity(part, domain);
        let bound = (part.as_ref() as &dyn Any).downcast_ref::<BinaryExpr>().and_then(|binary| {
            let (column, op, _) = sides(binary)?;
            let is_bound =
                matches!(op, Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq);
            (is_bound && domain(column).is_some_and(|domain| domain.range.is_some()))
                .then_some(column)
        });
        let Some(column) = bound else {
            part_of_all *= passed;
            continue;
        };
        match ranges.iter_mut().find(|(other, _)| *other == column) {
            // What one bound drops is not dropped again by the other.
            Some((_, kept)) => *kept = (*kept + passed - 1.0).max(0.001),
            None => ranges.push((column, passed)),
        }
    }
    ranges.into_iter().fold(part_of_all, |all, (_, kept)| all * kept)
}

fn comparison(binary: &BinaryExpr, domain: &dyn Fn(usize) -> Option<Domain>) -> f64 {
    let Some((column, op, value)) = sides(binary) else {
        return match binary.op() {
            Operator::Eq => EQUAL,
            Operator::NotEq => 1.0 - EQUAL,
            Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq => RANGE,
            _ => UNKNOWN,
        };
    };
    let domain = domain(column);
    let below = |domain: Domain| {
        let (min, max) = domain.range?;
        let value = number(value)?;
        Some(if max > min { ((value - min) / (max - min)).clamp(0.0, 1.0) } else { 0.5 })
    };
    let below = domain.and_then(below);
    match op {
        Operator::Eq | Operator::IsNotDistinctFrom => domain.map_or(EQUAL, |it| equal(&it)),
        Operator::NotEq | Operator::IsDistinctFrom => 1.0 - domain.map_or(EQUAL, |it| equal(&it)),
        Operator::Lt | Operator::LtEq => below.unwrap_or(RANGE),
        Operator::Gt | Operator::GtEq => below.map_or(RANGE, |below| 1.0 - below),
        _ => UNKNOWN,
    }
}

fn equal(domain: &Domain) -> f64 {
    match domain.is_known {
        true => 1.0 / domain.size.max(1.0),
        // A column of a table of few rows has few values.
        false => EQUAL.max(1.0 / domain.size.max(1.0)),
    }
}

/// A column, how it is compared, and with which value.
fn sides(binary: &BinaryExpr) -> Option<(usize, Operator, &ScalarValue)> {
    let literal = |expr: &Arc<dyn PhysicalExpr>| {
        (expr.as_ref() as &dyn Any).downcast_ref::<Literal>().map(|_| ())
    };
    let (expr, op, value) = match (literal(binary.left()), literal(binary.right())) {
        (None, Some(())) => (binary.left(), *binary.op(), binary.right()),
        (Some(()), None) => (binary.right(), binary.op().swap()?, binary.left()),
        _ => return None,
    };
    let value = (value.as_ref() as &dyn Any).downcast_ref::<Literal>()?.value();
    Some((column(expr)?, op, value))
}

fn column(expr: &Arc<dyn PhysicalExpr>) -> Option<usize> {
    let any = expr.as_ref() as &dyn Any;
    match any.downcast_ref::<CastExpr>() {
        Some(cast) => column(cast.expr()),
        None => any.downcast_ref::<Column>().map(Column::index),
    }
}
