//! A plan drawn as Spark draws its trees.
//!
//! ```text
//! HashJoinExec: …
//! :- FilterExec: …
//! :  +- DataSourceExec: …
//! +- DataSourceExec: …
//! ```

use super::names::ShownNames;
use super::spark_names::{projects, renamed_only, spark_name};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, displayable};
use firesteel_plan::spec::Relation;
use std::sync::Arc;

/// A line and what stands under it.
pub struct Tree {
    pub line: String,
    pub children: Vec<Tree>,
}

impl Tree {
    pub fn unresolved(relation: &Relation) -> Self {
        let outline = relation.outline();
        Tree {
            line: outline.line,
            children: outline.inputs.into_iter().map(Tree::unresolved).collect(),
        }
    }

    /// Plans of subqueries stand under the operator whose expressions use them.
    pub fn logical(plan: &LogicalPlan, names: &ShownNames) -> Self {
        let mut children = Vec::new();
        let subqueries = plan.apply_subqueries(|subquery| {
            children.push(Tree::logical(subquery, names));
            Ok(TreeNodeRecursion::Continue)
        });
        // Nothing in the closure fails.
        debug_assert!(subqueries.is_ok());
        children.extend(plan.inputs().into_iter().map(|input| Tree::logical(input, names)));
        Tree { line: logical_line(plan, names), children }
    }

    /// A projection that only renames is left out: columns are shown by the names that people know. One that a join
    /// does itself stands above it.
    pub fn physical(plan: &Arc<dyn ExecutionPlan>, names: &ShownNames) -> Self {
        if let Some(input) = renamed_only(plan) {
            return Tree::physical(input, names);
        }
        let children = plan.children().into_iter().map(|child| Tree::physical(child, names));
        let own = physical_line(plan, names);
        let line = match spark_name(plan, &own) {
            Some(name) => format!("{name} ({own})"),
            None => own.clone(),
        };
        let tree = Tree { line, children: children.collect() };
        if !projects(&own) {
            return tree;
        }
        let schema = plan.schema();
        let columns = schema.fields().iter().map(|field| names.shown(field.name()));
        let line = format!("Project [{}]", columns.collect::<Vec<_>>().join(", "));
        Tree { line, children: vec![tree] }
    }

    /// Lines that end in a line break each.
    pub fn draw(&self) -> String {
        let mut out = String::new();
        self.draw_under("", "", &mut out);
        out
    }

    fn draw_under(&self, first: &str, rest: &str, out: &mut String) {
        out.push_str(first);
        out.push_str(&self.line);
        out.push('\n');
        let Some((last, others)) = self.children.split_last() else { return };
        for child in others {
            child.draw_under(&format!("{rest}:- "), &format!("{rest}:  "), out);
        }
        last.draw_under(&format!("{rest}+- "), &format!("{rest}   "), out);
    }
}

pub fn logical_line(plan: &LogicalPlan, names: &ShownNames) -> String {
    one_line(&names.shown(&plan.display().to_string()))
}

pub fn physical_line(plan: &Arc<dyn ExecutionPlan>, names: &ShownNames) -> String {
    one_line(&names.shown(&displayable(plan.as_ref()).one_line().to_string()))
}

/// Texts inside of expressions may hold line breaks, which would break the drawing.
fn one_line(text: &str) -> String {
    text.trim_end().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(line: &str) -> Tree {
        Tree { line: line.to_owned(), children: Vec::new() }
    }

    #[test]
    fn draws_as_spark() {
        let filter = Tree { line: "Filter".to_owned(), children: vec![leaf("Range")] };
        let join = Tree { line: "Join".to_owned(), children: vec![filter, leaf("Scan")] };
        let sort = Tree { line: "Sort".to_owned(), children: vec![join] };
        assert_eq!(sort.draw(), "Sort\n+- Join\n   :- Filter\n   :  +- Range\n   +- Scan\n");
    }
}
