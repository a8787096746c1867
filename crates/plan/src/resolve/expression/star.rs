//! `*`, `t.*`, `s.*` of a struct, `df["*"]`, `EXCEPT (…)` and `colRegex`.

use super::{ExprContext, ResolvedExpr};
use crate::resolve::scope::{quote, quote_name, same_name};
use crate::resolve::{Column, Resolver};
use crate::spec::{self, ExprNode, Name};
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    /// The columns that a star or column pattern stands for.
    pub(crate) fn expand_star(
        &mut self,
        star: &spec::Expr,
        context: &mut ExprContext,
    ) -> Result<Vec<ResolvedExpr>> {
        match &star.node {
            ExprNode::Star { target, plan_id, except } => {
                let columns = match (target, plan_id) {
                    (_, Some(plan_id)) => self.star_of_plan(*plan_id, context)?,
                    (None, None) => self.refer(context.scope.columns.clone(), context),
                    (Some(target), None) => self.star_of(target, context)?,
                };
                self.without(columns, except, context)
            }
            ExprNode::Regex { pattern, .. } => self.columns_like(pattern, context),
            _ => Ok(vec![self.expr(star, context)?]),
        }
    }

    fn refer(&self, columns: Vec<Column>, context: &mut ExprContext) -> Vec<ResolvedExpr> {
        let resolved: Vec<_> = columns.iter().map(ResolvedExpr::of_column).collect();
        for column in &resolved {
            context.fields.insert(Arc::clone(&column.field));
        }
        resolved
    }

    fn star_of_plan(&self, plan_id: i64, context: &mut ExprContext) -> Result<Vec<ResolvedExpr>> {
        let mut nearest: Option<(usize, Vec<Column>)> = None;
        for occurrence in self.plan_ids.occurrences(plan_id) {
            let columns: Vec<Column> = occurrence
                .scope
                .columns
                .iter()
                .filter(|column| context.scope.by_internal(&column.internal).is_some())
                .cloned()
                .collect();
            let is_all = columns.len() == occurrence.scope.columns.len();
            if is_all && nearest.as_ref().is_none_or(|(level, _)| occurrence.level < *level) {
                nearest = Some((occurrence.level, columns));
            }
        }
        match nearest {
            Some((_, columns)) => Ok(self.refer(columns, context)),
            None => Err(SparkError::analysis(
                "CANNOT_RESOLVE_DATAFRAME_COLUMN",
                "Cannot resolve dataframe column \"*\". It's probably because of illegal \
                 references like `df1.select(df2.col(\"a\"))`.",
            )
            .with("name", "\"*\"")),
        }
    }

    /// `t.*`: all columns of a table or alias, or all fields of a struct column.
    fn star_of(&mut self, target: &Name, context: &mut ExprContext) -> Result<Vec<ResolvedExpr>> {
        let columns: Vec<Column> = context
            .scope
            .columns
            .iter()
            .chain(context.scope.hidden.iter().filter(|hidden| {
                // A USING join shows its keys once; `t.*` still has them in their place.
                !context.scope.columns.iter().any(|own| own.internal == hidden.internal)
            }))
            .filter(|column| {
                let own = &column.qualifier;
                own.len() >= target.len()
                    && own[own.len() - target.len()..]
                        .iter()
                        .zip(target)
                        .all(|(own, asked)| same_name(self.settings, own, asked))
            })
            .cloned()
            .collect();
        if !columns.is_empty() {
            return Ok(self.refer(columns, context));
        }
        let resolved = self.attribute(target, context);
        if let Ok(base) = &resolved
            && let DataType::Struct(fields) = base.field.data_type()
        {
            let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
            let mut expanded = Vec::with_capacity(names.len());
            for name in names {
                let mut field = self.struct_field(base.clone(), &name, context)?;
                field.output_name = Some(name);
                field.is_named = true;
                expanded.push(field);
            }
            return Ok(expanded);
        }
        let known: Vec<String> =
            context.scope.columns.iter().map(|column| quote(&column.field.name)).collect();
        let target = quote_name(target);
        Err(SparkError::analysis(
            "CANNOT_RESOLVE_STAR_EXPAND",
            format!(
                "Cannot resolve {target}.* given input columns {}. Please check that the \
                 specified table or struct exists and is accessible in the input columns.",
                known.join(", ")
            ),
        )
        .with("targetString", target)
        .with("columns", known.join(", ")))
    }

    fn without(
        &mut self,
        columns: Vec<ResolvedExpr>,
        except: &[Name],
        context: &mut ExprContext,
    ) -> Result<Vec<ResolvedExpr>> {
        let mut left = columns;
        for name in except {
            if self.drops_field(&mut left, name, context)? {
                continue;
            }
            let dropped = self.attribute(name, context)?;
            let before = left.len();
            left.retain(|column| column.expr != dropped.expr);
            if left.len() == before {
                return Err(SparkError::analysis(
                    "EXCEPT_NESTED_COLUMN_INVALID_TYPE",
                    format!(
                        "EXCEPT column {} was resolved and expected to be StructType.",
                        quote_name(name)
                    ),
                )
                .with("columnName", quote_name(name)));
            }
        }
        Ok(left)
    }

    /// `EXCEPT (s.f)`: the struct without the field. False where the name is no field of a struct in `columns`.
    fn drops_field(
        &mut self,
        columns: &mut [ResolvedExpr],
        name: &Name,
        context: &mut ExprContext,
    ) -> Result<bool> {
        let [base @ .., field] = name.as_slice() else { return Ok(false) };
        if base.is_empty() {
            return Ok(false);
        }
        let Ok(of) = self.attribute(&base.to_vec(), context) else { return Ok(false) };
        let is_struct = matches!(of.field.data_type(), DataType::Struct(_));
        let place = columns.iter().position(|column| column.expr == of.expr);
        let (true, Some(place)) = (is_struct, place) else { return Ok(false) };
        let child = Box::new(spec::Expr::attribute(base.to_vec()));
        let update = spec::ExprNode::UpdateField { child, name: quote(field), value: None };
        let without = self.expr(&update.into(), context)?;
        columns[place] = without.aliased(columns[place].name.clone());
        Ok(true)
    }

    /// `` df.colRegex("`a.*`") ``: columns whose whole name matches, by Java's rules.
    fn columns_like(
        &mut self,
        pattern: &str,
        context: &mut ExprContext,
    ) -> Result<Vec<ResolvedExpr>> {
        let (qualifier, pattern) = match pattern.split_once('.') {
            Some((qualifier, rest)) if rest.starts_with('`') && !qualifier.starts_with('`') => {
                (Some(qualifier), rest)
            }
            _ => (None, pattern),
        };
        let Some(inner) = pattern.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) else {
            let name = crate::sql::parse_name(pattern)?;
            return Ok(vec![self.attribute(&name, context)?]);
        };
        let case = if self.settings.case_sensitive { "" } else { "(?i)" };
        let text = format!("{case}^(?:{inner})$");
        let regex = compile(&text)?;
        let columns: Vec<Column> = context
            .scope
            .columns
            .iter()
            .filter(|column| {
                qualifier.is_none_or(|qualifier| {
                    column
                        .qualifier
                        .last()
                        .is_some_and(|own| same_name(self.settings, own, qualifier))
                }) && regex.is_match(&column.field.name).unwrap_or(false)
            })
            .cloned()
            .collect();
        Ok(self.refer(columns, context))
    }
}

fn compile(pattern: &str) -> Result<fancy_regex::Regex> {
    fancy_regex::Regex::new(pattern).map_err(|error| {
        SparkError::analysis("INVALID_PARAMETER_VALUE.PATTERN", format!("{error}"))
            .with("value", pattern)
    })
}
