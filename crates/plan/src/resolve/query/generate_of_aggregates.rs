//! A generator whose arguments are aggregates: `SELECT k, explode(collect_list(v)) … GROUP BY k`.
//!
//! The arguments become columns of the aggregation, and the generator stands above it.

use super::generate::may_be_generator;
use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{self, Aggregate, Expr, ExprNode};
use firesteel_common::Result;

/// Prefix of the columns that a generator reads.
const INPUT: &str = "_gen_input_";

impl Resolver<'_> {
    /// Whether an item of a SELECT list over `input` is a generator.
    pub(super) fn has_generator(&mut self, input: &Resolved, exprs: &[Expr]) -> Result<bool> {
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        for expr in exprs.iter().filter(|expr| may_be_generator(expr)) {
            if self.generator(expr, &mut context)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The aggregation with its generators above it; none if its SELECT list has no generator, or a `*`.
    pub(super) fn generators_of_aggregates(
        &mut self,
        input: &Resolved,
        aggregate: &Aggregate,
        having: Option<&Expr>,
    ) -> Result<Option<Resolved>> {
        if aggregate.prepend_grouping || !aggregate.aggregates.iter().any(may_be_generator) {
            return Ok(None);
        }
        let (mut below, mut above) = (Vec::new(), Vec::new());
        let mut has_generator = false;
        for item in &aggregate.aggregates {
            let parsed;
            let item = match &item.node {
                ExprNode::Sql(text) => {
                    parsed = self.parsed_text(text)?;
                    &parsed
                }
                _ => item,
            };
            if matches!(item.node, ExprNode::Star { .. } | ExprNode::Regex { .. }) {
                return Ok(None);
            }
            if may_be_generator(item) {
                has_generator = true;
                above.push(Above::Generator(reading(item, &mut below)));
            } else {
                above.push(Above::Column(below.len()));
                below.push(item.clone());
            }
        }
        if !has_generator {
            return Ok(None);
        }
        let aggregate = Aggregate { aggregates: below, ..aggregate.clone() };
        let grouped = self.aggregate_over(input.clone(), &aggregate, having)?;
        let columns = grouped.scope.columns.clone();
        let exprs = above.into_iter().map(|item| match item {
            Above::Generator(expr) => expr,
            Above::Column(position) => column_at(position),
        });
        let exprs: Vec<Expr> = exprs.collect();
        // Columns under names that nobody else has, while the generators are put above.
        let mut renamed = grouped;
        let mut scope = renamed.scope.as_ref().clone();
        for (position, own) in scope.columns.iter_mut().enumerate() {
            if !own.field.name.starts_with(INPUT) {
                own.field.name = format!("{INPUT}column_{position}");
            }
        }
        renamed.scope = scope.into();
        let Some(mut made) = self.project_generator(&renamed, &exprs)? else { return Ok(None) };
        let mut scope = made.scope.as_ref().clone();
        for own in &mut scope.columns {
            let position =
                own.field.name.strip_prefix(INPUT).and_then(|rest| rest.strip_prefix("column_"));
            let position = position.and_then(|text| text.parse::<usize>().ok());
            if let Some(shown) = position.and_then(|position| columns.get(position)) {
                own.field.name.clone_from(&shown.field.name);
            }
        }
        made.scope = scope.into();
        Ok(Some(made))
    }
}

enum Above {
    /// A column of the aggregation, by its position.
    Column(usize),
    Generator(Expr),
}

fn column_at(position: usize) -> Expr {
    attribute(format!("{INPUT}column_{position}"))
}

fn attribute(name: String) -> Expr {
    ExprNode::Attribute { name: vec![name], plan_id: None, is_metadata_column: false }.into()
}

/// The generator with columns for its arguments, which are added to the aggregation's list. Literals stay:
/// some of them have to be constants.
fn reading(generator: &Expr, below: &mut Vec<Expr>) -> Expr {
    let node = match &generator.node {
        ExprNode::Alias { expr, names, metadata } => ExprNode::Alias {
            expr: Box::new(reading(expr, below)),
            names: names.clone(),
            metadata: metadata.clone(),
        },
        ExprNode::Function(function) => {
            let mut args = Vec::with_capacity(function.args.len());
            for arg in &function.args {
                if matches!(arg.node, ExprNode::Literal(_)) {
                    args.push(arg.clone());
                    continue;
                }
                let name = format!("{INPUT}{}", below.len());
                below.push(arg.clone().alias(name.clone()));
                args.push(attribute(name));
            }
            ExprNode::Function(spec::Function { args, ..function.clone() })
        }
        other => other.clone(),
    };
    Expr { node, ..generator.clone() }
}
