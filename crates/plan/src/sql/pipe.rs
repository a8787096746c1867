//! Pipe syntax: `FROM t |> WHERE a > 1 |> AGGREGATE count(*) GROUP BY b`.

use super::parser::Parser;
use super::query::{deduplicated, set_operation};
use crate::spec::{Aggregate, Expr, ExprNode, Grouping, Relation, RelationNode, SetOperator};
use firesteel_common::Result;

impl Parser<'_> {
    /// One operator after `|>`.
    pub(super) fn pipe_operator(&mut self, input: Relation) -> Result<Relation> {
        if let Some((join_type, natural)) = self.join_kind()? {
            return self.join(input, join_type, natural);
        }
        if self.is_pivot_or_unpivot() {
            return self.pivot_or_unpivot(input);
        }
        match self.word() {
            "SELECT" => {
                self.advance();
                let distinct = self.take_one_of(&["ALL", "DISTINCT"]) == Some("DISTINCT");
                let exprs = self.list(Self::named_expression)?;
                let windows =
                    if self.take("WINDOW") { self.window_definitions()? } else { Vec::new() };
                let mut query = RelationNode::Project { input, exprs }.into();
                if distinct {
                    query = deduplicated(query);
                }
                if !windows.is_empty() {
                    query = RelationNode::WindowClause { input: query, windows }.into();
                }
                Ok(query)
            }
            "EXTEND" => {
                self.advance();
                let star = ExprNode::Star { target: None, plan_id: None, except: Vec::new() };
                let mut exprs = vec![Expr::from(star)];
                exprs.extend(self.list(Self::named_expression)?);
                Ok(RelationNode::Project { input, exprs }.into())
            }
            "SET" => {
                self.advance();
                let columns = self.list(|p| {
                    let name = p.name()?;
                    p.expect("=")?;
                    Ok((name, p.expression()?, None))
                })?;
                Ok(RelationNode::WithColumns { input, columns }.into())
            }
            "DROP" => {
                self.advance();
                let except = self.list(|p| Ok(vec![p.name()?]))?;
                let star = ExprNode::Star { target: None, plan_id: None, except };
                Ok(RelationNode::Project { input, exprs: vec![star.into()] }.into())
            }
            "AS" => {
                self.advance();
                let name = self.plain_name()?;
                Ok(RelationNode::Alias { input, name, qualifier: Vec::new(), columns: Vec::new() }
                    .into())
            }
            "WHERE" => {
                self.advance();
                let condition = self.expression()?;
                Ok(RelationNode::Filter { input, condition }.into())
            }
            "AGGREGATE" => self.pipe_aggregate(input),
            "TABLESAMPLE" => self.table_sample(input),
            "UNION" | "EXCEPT" | "MINUS" | "INTERSECT" => {
                let op = match self.word() {
                    "UNION" => SetOperator::Union,
                    "INTERSECT" => SetOperator::Intersect,
                    _ => SetOperator::Except,
                };
                self.advance();
                let all = self.set_quantifier();
                let right = self.query_primary()?;
                Ok(set_operation(input, right, op, all))
            }
            "ORDER" | "SORT" | "CLUSTER" | "DISTRIBUTE" | "LIMIT" | "OFFSET" => {
                self.organized(input)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// `AGGREGATE [aggregates] [GROUP BY keys [AS names]]`: keys first in the result.
    fn pipe_aggregate(&mut self, input: Relation) -> Result<Relation> {
        self.expect("AGGREGATE")?;
        let aggregates = if self.is_all(&["GROUP", "BY"]) {
            Vec::new()
        } else {
            self.list(Self::named_expression)?
        };
        let keys = if self.take_all(&["GROUP", "BY"]) {
            self.list(Self::named_expression)?
        } else {
            Vec::new()
        };
        Ok(RelationNode::Aggregate(Aggregate {
            input,
            grouping: Grouping::By(keys),
            aggregates,
            prepend_grouping: true,
            pivot: None,
        })
        .into())
    }
}
