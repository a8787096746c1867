//! Whether two subqueries, each resolved by itself, are the same: `GROUP BY (SELECT …)` names what is selected.

use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::{Expr, LogicalPlan, Subquery};
use std::collections::HashMap;
use std::fmt::Write;

/// Whether `one` and `other` mean the same. Columns that a subquery makes have other names whenever it is resolved.
pub(crate) fn is_same(one: &Expr, other: &Expr) -> bool {
    if one == other {
        return true;
    }
    let (Some((one, left)), Some((other, right))) = (subquery(one), subquery(other)) else {
        return false;
    };
    one == other && text(left) == text(right)
}

/// What is around the subquery, if there is one, and the subquery.
fn subquery(expr: &Expr) -> Option<((u8, bool, Option<&Expr>), &Subquery)> {
    match expr {
        Expr::ScalarSubquery(own) => Some(((0, false, None), own)),
        Expr::Exists(own) => Some(((1, own.negated, None), &own.subquery)),
        Expr::InSubquery(own) => Some(((2, own.negated, Some(&own.expr)), &own.subquery)),
        _ => None,
    }
}

/// The plan, its own columns numbered in the order in which they are met.
fn text(subquery: &Subquery) -> String {
    let outer: Vec<String> = subquery
        .outer_ref_columns
        .iter()
        .filter_map(|expr| match expr {
            Expr::OuterReferenceColumn(_, own) => Some(own.name.clone()),
            _ => None,
        })
        .collect();
    let mut written = String::new();
    write_plan(&subquery.subquery, &mut written);
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut done = String::with_capacity(written.len());
    let mut rest = written.as_str();
    while let Some(at) = rest.find('#') {
        let (before, from) = rest.split_at(at);
        let n_digits = from[1..].bytes().take_while(u8::is_ascii_digit).count();
        let (name, after) = from.split_at(1 + n_digits);
        done.push_str(before);
        rest = after;
        if n_digits == 0 || outer.iter().any(|own| own == name) {
            done.push_str(name);
            continue;
        }
        let n_known = numbers.len();
        let number = *numbers.entry(name.to_owned()).or_insert(n_known);
        let _ = write!(done, "#own{number}");
    }
    done.push_str(rest);
    done
}

fn write_plan(plan: &LogicalPlan, out: &mut String) {
    let _ = writeln!(out, "{}", plan.display_indent_schema());
    // Sources of one name may differ: which provider it is decides.
    let _ = plan.apply(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let _ = writeln!(out, "{:p}", std::sync::Arc::as_ptr(&scan.source).cast::<u8>());
        }
        Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
    });
}
