//! What expressions refer to.

use crate::spec::{Expr, ExprNode, Relation, RelationNode, SortOrder};
use std::collections::HashSet;

/// The condition as `relation` can answer it: columns of frames that are no part of it are taken by name.
pub fn known_to(relation: &Relation, condition: Expr) -> Expr {
    let known = plan_ids_of(relation);
    rewritten(condition, &|plan_id| known.contains(&plan_id))
}

/// The expression with all columns taken by name: what it was written for has become another relation.
pub fn without_plan_ids(expr: Expr) -> Expr {
    rewritten(expr, &|_| false)
}

/// Numbers of the relations that `relation` is made of.
pub fn plan_ids_of(relation: &Relation) -> HashSet<i64> {
    let mut found = HashSet::new();
    let mut left = vec![relation];
    while let Some(relation) = left.pop() {
        found.extend(relation.plan_id);
        match relation.node.as_ref() {
            RelationNode::Transform { inputs, .. } => left.extend(inputs),
            _ => left.extend(relation.inputs()),
        }
    }
    found
}

fn rewritten(mut expr: Expr, keeps: &dyn Fn(i64) -> bool) -> Expr {
    change(&mut expr, keeps);
    expr
}

fn change(expr: &mut Expr, keeps: &dyn Fn(i64) -> bool) {
    let forget = |plan_id: &mut Option<i64>| {
        if plan_id.is_some_and(|plan_id| !keeps(plan_id)) {
            *plan_id = None;
        }
    };
    match &mut expr.node {
        ExprNode::Attribute { plan_id, .. }
        | ExprNode::Star { plan_id, .. }
        | ExprNode::Regex { plan_id, .. } => forget(plan_id),
        _ => {}
    }
    each_part_mut(expr, &mut |part| change(part, keeps));
}

/// The parts of an expression, one level down. Subqueries are not looked into.
fn each_part_mut(expr: &mut Expr, take: &mut dyn FnMut(&mut Expr)) {
    fn orders(list: &mut [SortOrder], take: &mut dyn FnMut(&mut Expr)) {
        list.iter_mut().for_each(|order| take(&mut order.child));
    }
    match &mut expr.node {
        ExprNode::Function(function) => {
            function.args.iter_mut().for_each(&mut *take);
            if let Some(filter) = &mut function.filter {
                take(filter);
            }
            orders(&mut function.within_group, take);
        }
        ExprNode::Cast { expr, .. } | ExprNode::Alias { expr, .. } => take(expr),
        ExprNode::SortOrder(order) => take(&mut order.child),
        ExprNode::Lambda { body, .. } => take(body),
        ExprNode::Window(window) => {
            take(&mut window.function);
            window.partition_by.iter_mut().for_each(&mut *take);
            orders(&mut window.order_by, take);
        }
        ExprNode::ExtractValue { child, key } => {
            take(child);
            take(key);
        }
        ExprNode::UpdateField { child, value, .. } => {
            take(child);
            if let Some(value) = value {
                take(value);
            }
        }
        ExprNode::Named { value, .. } => take(value),
        ExprNode::Identifier(inner) | ExprNode::DirectShufflePartitionId(inner) => take(inner),
        ExprNode::Python(function) => function.args.iter_mut().for_each(take),
        ExprNode::Row(exprs) => exprs.iter_mut().for_each(take),
        ExprNode::Literal(_)
        | ExprNode::Attribute { .. }
        | ExprNode::Star { .. }
        | ExprNode::Regex { .. }
        | ExprNode::LambdaVariable(_)
        | ExprNode::Subquery(_)
        | ExprNode::Sql(_)
        | ExprNode::Parameter(_) => {}
    }
}

/// Fields of the struct column `name` that the expressions read; none if it may be all of them.
pub(super) fn fields_of(exprs: &[Expr], name: &str) -> Option<HashSet<String>> {
    let mut fields = HashSet::new();
    let mut is_open = false;
    for expr in exprs {
        collect(&mut expr.clone(), name, &mut fields, &mut is_open);
    }
    (!is_open).then_some(fields)
}

fn collect(expr: &mut Expr, name: &str, fields: &mut HashSet<String>, is_open: &mut bool) {
    let is_name = |part: &String| part.eq_ignore_ascii_case(name);
    match &mut expr.node {
        ExprNode::Attribute { name: parts, .. } => {
            match parts.iter().position(is_name).map(|at| parts.get(at + 1)) {
                Some(Some(field)) => {
                    fields.insert(field.to_lowercase());
                }
                Some(None) => *is_open = true,
                None => {}
            }
            return;
        }
        // `dst["x"]`, `dst.getField("x")`.
        ExprNode::ExtractValue { child, key } => {
            if let ExprNode::Attribute { name: parts, .. } = &child.node
                && parts.last().is_some_and(is_name)
                && let ExprNode::Literal(crate::spec::Literal::String(field)) = &key.node
            {
                fields.insert(field.to_lowercase());
                return;
            }
        }
        ExprNode::Star { .. }
        | ExprNode::Regex { .. }
        | ExprNode::Sql(_)
        | ExprNode::Subquery(_) => *is_open = true,
        _ => {}
    }
    each_part_mut(expr, &mut |part| collect(part, name, fields, is_open));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::parse_expression;

    fn fields(text: &str) -> Option<Vec<String>> {
        let expr = parse_expression(text).unwrap();
        let mut fields: Vec<_> = fields_of(&[expr], "dst")?.into_iter().collect();
        fields.sort();
        Some(fields)
    }

    #[test]
    fn fields_of_structs() {
        assert_eq!(fields("src.a + 1"), Some(vec![]));
        assert_eq!(fields("coalesce(dst.ID, src.id)"), Some(vec!["id".to_owned()]));
        assert_eq!(fields("dst['x'] + dst.y"), Some(vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(fields("named_struct('a', dst)"), None);
    }
}
