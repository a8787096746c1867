//! Column references: by name, by plan id, through lambdas, aliases and outer queries.
//!
//! Order of search, as in Spark: lambda parameters, the input's columns, earlier aliases of the same
//! SELECT list, what lies below (where allowed), outer queries, functions that look like columns.

use super::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::scope::{Match, quote_name, same_name};
use crate::resolve::suggestion::unresolved_column;
use crate::resolve::{Column, Resolver, Scope};
use crate::spec;
use datafusion::common::Column as PlanColumn;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::LambdaVariable;
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

/// Functions that SQL calls without parentheses.
const CALLED_BARE: [&str; 10] = [
    "current_date",
    "current_timestamp",
    "current_time",
    "localtimestamp",
    "current_user",
    "user",
    "session_user",
    "current_catalog",
    "current_schema",
    "current_database",
];

impl Resolver<'_> {
    pub(super) fn attribute(
        &mut self,
        name: &[String],
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        if let Some(found) = self.lambda_parameter(name, context)? {
            return Ok(found);
        }
        let scope = Arc::clone(&context.scope);
        if context.looks_below && context.in_aggregate {
            // The argument of an aggregate in ORDER BY or HAVING means the aggregation's input.
            if let Some(found) = self.found_in_aggregation_input(&scope, name, context)? {
                return Ok(found);
            }
        }
        match self.found_in(&scope, name, context) {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            // Several items of the SELECT list have this name: ORDER BY then means the column below them.
            Err(error)
                if context.clause == Clause::OrderBy
                    && context.looks_below
                    && error.condition() == "AMBIGUOUS_REFERENCE" =>
            {
                if let Some(found) = self.found_below(&scope, name, context)? {
                    return Ok(found);
                }
                let columns: Vec<&Column> = scope.columns.iter().collect();
                return Err(unresolved_column(name, &columns));
            }
            Err(error) => return Err(error),
        }
        if let Some(found) = self.lateral_alias(name, context)? {
            return Ok(found);
        }
        if let Some((metadata, n_used)) = self.file_metadata(name, context) {
            return self.column_with_fields(&metadata, name, n_used, context);
        }
        if let Some(window) = self.time_window_column(name, context) {
            return self.column_with_fields(&window, name, 1, context);
        }
        if context.looks_below
            && let Some(found) = self.found_below(&scope, name, context)?
        {
            return Ok(found);
        }
        if let Some(found) = self.outer_column(name, context)? {
            return Ok(found);
        }
        if let [bare] = name {
            let lower = bare.to_lowercase();
            if CALLED_BARE.contains(&lower.as_str()) {
                let called = match lower.as_str() {
                    "user" | "session_user" => "current_user",
                    own => own,
                };
                return self.function(&spec::Function::new(called, Vec::new()), context);
            }
            if lower == "grouping__id" {
                return self.function(&spec::Function::new("grouping_id", Vec::new()), context);
            }
        }
        if let Some(found) = self.variable(name, context)? {
            return Ok(found);
        }
        let columns: Vec<&Column> = scope.columns.iter().collect();
        Err(unresolved_column(name, &columns))
    }

    /// `df["x"]`.
    pub(super) fn attribute_of_plan(
        &mut self,
        name: &[String],
        plan_id: i64,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let scope = Arc::clone(&context.scope);
        let occurrences = self.plan_ids.occurrences(plan_id).to_vec();
        if occurrences.is_empty() {
            // The plan is not among the inputs of this query: the column cannot be either.
            return Err(unresolved_in_dataframe(name));
        }
        let mut candidates: Vec<(usize, Column, usize)> = Vec::new();
        for occurrence in &occurrences {
            let matches = occurrence.scope.find(name, self.settings);
            let Some((column, n_used)) = one_match(name, &matches)? else { continue };
            let Some(nullable) = self.reachable(&scope, column, context) else { continue };
            if !candidates.iter().any(|(_, other, _)| other.internal == column.internal) {
                // An outer join in between makes nulls that the plan did not have.
                let mut column = column.clone();
                column.field.nullable |= nullable;
                candidates.push((occurrence.level, column, n_used));
            }
        }
        let nearest = candidates.iter().map(|(level, ..)| *level).min();
        candidates.retain(|(level, ..)| Some(*level) == nearest);
        match candidates.as_slice() {
            [(_, column, n_used)] => {
                if scope.by_internal(&column.internal).is_none() && context.looks_below {
                    context.from_below.push(column.clone());
                }
                // The name under which the plan knew it; later renamings are other columns.
                self.column_with_fields(column, name, *n_used, context)
            }
            [] => match self.outer_column_of_plan(name, &occurrences, context)? {
                Some(found) => Ok(found),
                None => Err(unresolved_in_dataframe(name)),
            },
            _ => Err(SparkError::analysis(
                "AMBIGUOUS_COLUMN_REFERENCE",
                format!(
                    "Column {} is ambiguous. It's because you joined several DataFrame together, \
                     and some of these DataFrames are the same. This column points to one of the \
                     DataFrames but Spark is unable to figure out which one. Please alias the \
                     DataFrames with different names via `DataFrame.alias` before joining them, \
                     and specify the column using qualified name, e.g. \
                     `df.alias(\"a\").join(df.alias(\"b\"), col(\"a.id\") > col(\"b.id\"))`.",
                    quote_name(name)
                ),
            )
            .with("name", quote_name(name))),
        }
    }

    /// Whether the column may be null in the scope, or in what lies below where that is allowed.
    fn reachable(&self, scope: &Scope, column: &Column, context: &ExprContext) -> Option<bool> {
        if let Some(own) = scope.by_internal(&column.internal) {
            return Some(own.field.nullable);
        }
        let mut below = scope.below.as_ref().filter(|_| context.looks_below);
        while let Some(layer) = below {
            if let Some(own) = layer.scope.by_internal(&column.internal) {
                return Some(own.field.nullable);
            }
            below = layer.scope.below.as_ref();
        }
        None
    }

    fn found_in(
        &mut self,
        scope: &Scope,
        name: &[String],
        context: &mut ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        let matches = scope.find(name, self.settings);
        match one_match(name, &matches)? {
            Some((column, n_used)) => {
                let column = column.clone();
                self.column_with_fields(&column, name, n_used, context).map(Some)
            }
            None => Ok(None),
        }
    }

    fn found_below(
        &mut self,
        scope: &Scope,
        name: &[String],
        context: &mut ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        let mut below = scope.below.clone();
        while let Some(layer) = below {
            let matches = layer.scope.find(name, self.settings);
            if let Some((column, n_used)) = one_match(name, &matches)? {
                let column = column.clone();
                context.from_below.push(column.clone());
                return self.column_with_fields(&column, name, n_used, context).map(Some);
            }
            if layer.aggregation.is_some() {
                return Ok(None);
            }
            below = layer.scope.below.clone();
        }
        Ok(None)
    }

    fn found_in_aggregation_input(
        &mut self,
        scope: &Scope,
        name: &[String],
        context: &mut ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        match &scope.below {
            Some(layer) if layer.aggregation.is_some() => {
                let input = Arc::clone(&layer.scope);
                self.found_in(&input, name, context)
            }
            _ => Ok(None),
        }
    }

    fn lateral_alias(
        &mut self,
        name: &[String],
        context: &mut ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        let Some(first) = name.first() else { return Ok(None) };
        let found: Vec<&ResolvedExpr> = context
            .aliases
            .iter()
            .filter(|alias| same_name(self.settings, alias.output_name(), first))
            .collect();
        let alias = match found.as_slice() {
            [] => return Ok(None),
            [alias] => (*alias).clone(),
            several => {
                return Err(SparkError::analysis(
                    "AMBIGUOUS_LATERAL_COLUMN_ALIAS",
                    format!(
                        "Lateral column alias {} is ambiguous and has {} matches.",
                        quote_name(name),
                        several.len()
                    ),
                )
                .with("name", quote_name(name))
                .with("n", several.len().to_string()));
            }
        };
        let shown = format!("lateralAliasReference({first})");
        let alias = ResolvedExpr {
            name: shown.clone(),
            output_name: Some(first.clone()),
            is_named: true,
            column: None,
            ..alias
        };
        self.fields_of(alias, &name[1..], shown, context).map(Some)
    }

    fn lambda_parameter(
        &mut self,
        name: &[String],
        context: &mut ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        let Some(first) = name.first() else { return Ok(None) };
        let found = context
            .lambda_parameters
            .iter()
            .rev()
            .find(|(parameter, _)| same_name(self.settings, parameter, first));
        let Some((_, field)) = found.cloned() else { return Ok(None) };
        let variable = LambdaVariable::new(field.name().clone(), Some(Arc::clone(&field)));
        let resolved = ResolvedExpr {
            expr: Expr::LambdaVariable(variable),
            field,
            name: "namedlambdavariable()".into(),
            output_name: None,
            is_named: true,
            column: None,
            metadata: None,
            is_generated: false,
        };
        let base = resolved.name.clone();
        self.fields_of(resolved, &name[1..], base, context).map(Some)
    }

    /// A column of the query around this subquery; what is further out Spark does not see either.
    fn outer_column(
        &mut self,
        name: &[String],
        context: &mut ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        if let Some(scope) = self.outer.last().cloned() {
            let matches = scope.find(name, self.settings);
            if let Some((column, n_used)) = one_match(name, &matches)? {
                let resolved = outer_reference(column);
                let base = column.field.name.clone();
                return self.fields_of(resolved, &name[n_used..], base, context).map(Some);
            }
        }
        Ok(None)
    }

    fn outer_column_of_plan(
        &mut self,
        name: &[String],
        occurrences: &[crate::resolve::plan_ids::Occurrence],
        context: &mut ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        if let Some(scope) = self.outer.last().cloned() {
            for occurrence in occurrences {
                let matches = occurrence.scope.find(name, self.settings);
                let Some((column, n_used)) = one_match(name, &matches)? else { continue };
                if scope.by_internal(&column.internal).is_some() {
                    let resolved = outer_reference(column);
                    let base = column.field.name.clone();
                    return self.fields_of(resolved, &name[n_used..], base, context).map(Some);
                }
            }
        }
        Ok(None)
    }

    /// `column`, named as the user wrote it, and the struct fields that follow it in `name`.
    pub(super) fn column_with_fields(
        &mut self,
        column: &Column,
        name: &[String],
        n_used: usize,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        context.fields.insert(column.to_arrow());
        let mut resolved = ResolvedExpr::of_column(column);
        if let Some(written) = name.get(n_used - 1) {
            resolved.name.clone_from(written);
        }
        let base = resolved.name.clone();
        self.fields_of(resolved, &name[n_used..], base, context)
    }

    /// `base.f.g`: generated names show the path, an output column is called after the last part.
    pub(super) fn fields_of(
        &mut self,
        base: ResolvedExpr,
        fields: &[String],
        base_name: String,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        if fields.is_empty() {
            return Ok(base);
        }
        let mut resolved = ResolvedExpr { name: base_name, ..base };
        let last = fields.last().cloned();
        for field in fields {
            let key = self.literal(&spec::Literal::String(field.clone()))?;
            resolved = self.extract(resolved, key, context)?;
        }
        resolved.is_named = true;
        resolved.output_name = last;
        Ok(resolved)
    }
}

/// The only match. Several are an error, none is none.
fn one_match<'s>(name: &[String], matches: &[Match<'s>]) -> Result<Option<Match<'s>>> {
    match matches {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => {
            let mut names: Vec<String> =
                several.iter().map(|(column, _)| column.quoted()).collect();
            names.sort();
            let references = format!("[{}]", names.join(", "));
            Err(SparkError::analysis(
                "AMBIGUOUS_REFERENCE",
                format!("Reference {} is ambiguous, could be: {references}.", quote_name(name)),
            )
            .with("name", quote_name(name))
            .with("referenceNames", references))
        }
    }
}

fn outer_reference(column: &Column) -> ResolvedExpr {
    let field = column.to_arrow();
    let plan_column = PlanColumn::new_unqualified(&column.internal);
    ResolvedExpr {
        expr: Expr::OuterReferenceColumn(Arc::clone(&field), plan_column),
        field,
        name: format!("outer({})", column.field.name),
        output_name: None,
        is_named: true,
        column: None,
        metadata: None,
        is_generated: false,
    }
}

pub(super) fn unresolved_in_dataframe(name: &[String]) -> SparkError {
    let shown = format!("\"{}\"", name.join("."));
    SparkError::analysis(
        "CANNOT_RESOLVE_DATAFRAME_COLUMN",
        format!(
            "Cannot resolve dataframe column {}. It's probably because of illegal references like \
             `df1.select(df2.col(\"a\"))`.",
            shown
        ),
    )
    .with("name", shown.clone())
}
