//! Pipe syntax: `FROM t |> WHERE a > 1 |> AGGREGATE count(*) GROUP BY b`.

use super::error;
use super::parser::Parser;
use super::query::{deduplicated, set_operation};
use crate::spec::{Aggregate, Expr, ExprNode, Grouping, Relation, RelationNode, SetOperator};
use firesteel_common::{Result, SparkError};

impl Parser<'_> {
    /// One operator after `|>`.
    pub(super) fn pipe_operator(&mut self, input: Relation) -> Result<Relation> {
        if let Some((join_type, natural)) = self.join_kind()? {
            return self.join(input, join_type, natural);
        }
        if self.is_pivot_or_unpivot() {
            let start = self.start();
            let pivoted = self.pivot_or_unpivot(input)?;
            if self.is_pivot_or_unpivot() {
                let error = self.not_in_from("UNPIVOT_WITH_PIVOT", start);
                self.fault(error);
                return self.pivot_or_unpivot(pivoted);
            }
            return Ok(pivoted);
        }
        match self.word() {
            "SELECT" => {
                self.advance();
                let hints = self.hints()?;
                let distinct = self.select_quantifier();
                let exprs = self.list(Self::named_expression)?;
                let grouping = self.group_by()?;
                let mut windows = Vec::new();
                while self.begins_window_clause() {
                    self.advance();
                    windows.extend(self.window_definitions()?);
                }
                let mut query = match grouping {
                    None => RelationNode::Project { input, exprs }.into(),
                    Some(grouping) => RelationNode::Aggregate(Aggregate {
                        input,
                        grouping,
                        aggregates: exprs,
                        prepend_grouping: false,
                        pivot: None,
                    })
                    .into(),
                };
                if distinct {
                    query = deduplicated(query);
                }
                if !windows.is_empty() {
                    query = RelationNode::WindowClause { input: query, windows }.into();
                }
                for (name, parameters) in hints.into_iter().rev() {
                    query = RelationNode::Hint { input: query, name, parameters }.into();
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
                    let start = p.start();
                    let name = p.name()?;
                    if p.is(".") {
                        while p.take(".") {
                            p.name()?;
                        }
                        let what = "SQL pipe syntax |> SET operator with multi-part assignment key (only \
                                    single-part keys are allowed)";
                        let error = error::not_allowed(&p.origin(start), what);
                        p.fault(error);
                    }
                    p.expect("=")?;
                    Ok((name, p.expression()?))
                })?;
                // Each sees what the ones before it set.
                let set =
                    |input, (name, value)| RelationNode::SetColumn { input, name, value }.into();
                Ok(columns.into_iter().fold(input, set))
            }
            "DROP" => {
                self.advance();
                let except = self.multipart_names()?;
                let star = ExprNode::Star { target: None, plan_id: None, except };
                Ok(RelationNode::Project { input, exprs: vec![star.into()] }.into())
            }
            "AS" => {
                self.advance();
                let name = self.name()?;
                Ok(RelationNode::Alias { input, name, qualifier: Vec::new(), columns: Vec::new() }
                    .into())
            }
            "WHERE" => {
                self.advance();
                let start = self.start();
                let condition = self.expression()?;
                if self.begins_window_clause() {
                    self.advance();
                    self.window_definitions()?;
                    let message = "Not allowed in the pipe WHERE clause: WINDOW clause.";
                    let condition = "NOT_ALLOWED_IN_PIPE_OPERATOR_WHERE.WINDOW_CLAUSE";
                    let error = error::at(&self.origin(start), condition, message);
                    self.fault(error);
                }
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
            "ORDER" | "SORT" | "CLUSTER" | "DISTRIBUTE" | "LIMIT" | "OFFSET" | "WINDOW" => {
                let start = self.start();
                let is_order = !self.is_one_of(&["LIMIT", "OFFSET"]);
                let query = self.organized(input)?;
                if is_order && self.has_limit(start) {
                    let error = self.multiple_result_clauses(start);
                    self.fault(error);
                }
                Ok(query)
            }
            // Nothing is an empty list of clauses.
            _ => Ok(input),
        }
    }

    /// `AGGREGATE [aggregates] [GROUP BY keys [AS names]]`: keys first in the result.
    fn pipe_aggregate(&mut self, input: Relation) -> Result<Relation> {
        let start = self.start();
        self.expect("AGGREGATE")?;
        let begins_grouping = self.is_all(&["GROUP", "BY"]) && !matches!(self.word_ahead(2), "");
        let is_empty = self.is_end() || self.is_one_of(&["|>", ";", ")"]);
        let aggregates = if begins_grouping || is_empty {
            Vec::new()
        } else {
            self.list(Self::named_expression)?
        };
        let mut keys = Vec::new();
        let has_keys = self.take_all(&["GROUP", "BY"]);
        if has_keys {
            self.check_pipe_grouping(start);
            if self.is_all(&["GROUPING", "SETS", "("]) {
                self.grouping_element()?;
            } else {
                keys = self.list(Self::named_expression)?;
                self.take_all(&["WITH", "ROLLUP"]);
                self.take_all(&["WITH", "CUBE"]);
            }
        }
        if is_empty && !has_keys {
            let what = "The AGGREGATE clause requires a list of aggregate expressions or a list of \
                        grouping expressions, or both";
            let error = error::not_allowed(&self.origin(start), what);
            self.fault(error);
        }
        if let Some(what) = aggregates.iter().find_map(unsupported_aggregate) {
            self.pipe_aggregate_fault(what, start);
        }
        Ok(RelationNode::PipeAggregate(Aggregate {
            input,
            grouping: Grouping::By(keys),
            aggregates,
            prepend_grouping: true,
            pivot: None,
        })
        .into())
    }

    /// Whether LIMIT or OFFSET ended the clauses that began at `start`.
    fn has_limit(&self, start: usize) -> bool {
        let mut depth = 0_usize;
        self.words_from(start).any(|word| {
            match word {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && matches!(word, "LIMIT" | "OFFSET")
        })
    }

    fn multiple_result_clauses(&self, start: usize) -> SparkError {
        let message = "ORDER BY and LIMIT cannot coexist in the same SQL pipe operator using '|>'. Please \
                       separate the multiple result clauses into separate pipe operators and then retry \
                       the query again.";
        let condition = "MULTIPLE_QUERY_RESULT_CLAUSES_WITH_PIPE_OPERATORS";
        error::at(&self.origin(start), condition, message)
            .with("clause1", "ORDER BY")
            .with("clause2", "LIMIT")
    }

    /// What a FROM clause or a pipe cannot hold together.
    pub(super) fn not_in_from(&self, kind: &str, start: usize) -> SparkError {
        let what = match kind {
            "LATERAL_WITH_PIVOT" => "LATERAL together with PIVOT",
            "LATERAL_WITH_UNPIVOT" => "LATERAL together with UNPIVOT",
            _ => "UNPIVOT together with PIVOT",
        };
        let message = format!("Not allowed in the FROM clause: {what}.");
        error::at(&self.origin(start), &format!("NOT_ALLOWED_IN_FROM.{kind}"), message)
    }

    /// The forms of grouping that pipes do not have. GROUP BY has been read.
    fn check_pipe_grouping(&mut self, start: usize) {
        let what = match (self.word(), self.word_ahead(1)) {
            ("ALL", "" | ";" | "|>" | ")") => "GROUP BY ALL",
            ("ROLLUP", "(") => "GROUPING ANALYTICS",
            ("CUBE", "(") => "GROUPING ANALYTICS",
            ("GROUPING", "SETS") => "GROUPING SETS",
            _ => return,
        };
        self.pipe_aggregate_fault(what, start);
    }

    fn pipe_aggregate_fault(&mut self, what: &str, start: usize) {
        let message = format!(
            "The feature is not supported: The SQL pipe operator syntax with aggregation (using |> \
             AGGREGATE) does not support {what}."
        );
        let condition = "UNSUPPORTED_FEATURE.PIPE_OPERATOR_AGGREGATE_UNSUPPORTED_CASE";
        let error = error::at(&self.origin(start), condition, message);
        self.fault(error.with("case", what));
    }
}

/// What an aggregate of a pipe holds that it may not: windows and the functions of grouping sets.
fn unsupported_aggregate(expr: &Expr) -> Option<&'static str> {
    match &expr.node {
        ExprNode::Window(_) => Some(
            "window functions; please update the query to move the window \
                                     functions to a subsequent |> SELECT operator instead",
        ),
        ExprNode::Function(function) => match function.name.as_slice() {
            [name] if name.eq_ignore_ascii_case("grouping") => Some("GROUPING"),
            [name] if name.eq_ignore_ascii_case("grouping_id") => Some("GROUPING_ID"),
            _ => function.args.iter().find_map(unsupported_aggregate),
        },
        ExprNode::Alias { expr, .. } | ExprNode::Cast { expr, .. } => unsupported_aggregate(expr),
        _ => None,
    }
}
