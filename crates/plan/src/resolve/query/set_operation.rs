//! UNION, INTERSECT and EXCEPT: by position or by name, with types widened.

use super::with_columns::already_exists;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::output::{column, projection};
use crate::resolve::scope::{quote, same_name};
use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::{Literal, SetOperation, SetOperator};
use arrow::datatypes::{Field, FieldRef};
use datafusion::common::{JoinConstraint, JoinType, NullEquality};
use datafusion::logical_expr::{Aggregate, Distinct, Expr, Join, LogicalPlan, Union};
use firesteel_common::types::TYPE_KEY;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_functions::collation::{is_collated, relabelled};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn set_operation(&mut self, operation: &SetOperation) -> Result<Resolved> {
        let left = self.relation(&operation.left)?;
        let right = self.relation(&operation.right)?;
        let twins = twins(&left.scope, &right.scope);
        let (left, right) = (self.exact(left)?, self.exact(right)?);
        let (left, right) = if operation.by_name {
            self.check_distinct_names(&left.scope)?;
            self.check_distinct_names(&right.scope)?;
            self.matched_by_name(left, right, operation.allow_missing_columns)?
        } else {
            (left, right)
        };
        let (left, right) = self.with_common_types(left, right, operation)?;
        if (operation.op, operation.all) != (SetOperator::Union, true) {
            check_comparable(&left.scope.columns)?;
        }
        match (operation.op, operation.all) {
            (SetOperator::Union, true) => {
                let mut united = self.union_all(left, right)?;
                if !operation.by_name && !twins.is_empty() {
                    let scope = Arc::make_mut(&mut united.scope);
                    for (twin, first) in twins {
                        let origin = scope.columns[first].origin.clone();
                        scope.columns[twin].origin = origin;
                    }
                }
                Ok(united)
            }
            (SetOperator::Union, false) => {
                let united = self.union_all(left, right)?;
                Ok(distinct(united))
            }
            (SetOperator::Intersect, all) => self.intersect_or_except(left, right, all, false),
            (SetOperator::Except, all) => self.intersect_or_except(left, right, all, true),
        }
    }

    /// # Errors
    /// `COLUMN_ALREADY_EXISTS` where two columns have one name.
    fn check_distinct_names(&self, scope: &Scope) -> Result<()> {
        for (position, own) in scope.columns.iter().enumerate() {
            let mut before = scope.columns[..position].iter();
            if before.any(|other| same_name(self.settings, &other.field.name, &own.field.name)) {
                return Err(already_exists(&own.field.name));
            }
        }
        Ok(())
    }

    /// One column per position, of one type on both sides.
    fn with_common_types(
        &mut self,
        left: Resolved,
        right: Resolved,
        operation: &SetOperation,
    ) -> Result<(Resolved, Resolved)> {
        let name = match operation.op {
            SetOperator::Union => "UNION",
            SetOperator::Intersect if operation.all => "INTERSECT ALL",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::Except if operation.all => "EXCEPT ALL",
            SetOperator::Except => "EXCEPT",
        };
        let (n_left, n_right) = (left.scope.columns.len(), right.scope.columns.len());
        if n_left != n_right {
            return Err(SparkError::analysis(
                "NUM_COLUMNS_MISMATCH",
                format!(
                    "{name} can only be performed on inputs with the same number of columns, but \
                     the first input has {n_left} columns and the second input has {n_right} columns."
                ),
            )
            .with("operator", name)
            .with("firstNumColumns", n_left.to_string())
            .with("invalidOrdinalNum", "second")
            .with("invalidNumColumns", n_right.to_string()));
        }
        let mut common = Vec::with_capacity(n_left);
        for (position, (own, other)) in
            left.scope.columns.iter().zip(&right.scope.columns).enumerate()
        {
            let (own, other) = (&own.field.data_type, &other.field.data_type);
            // Spark brings strings of different collations to none.
            let differ = own.is_string()
                && other.is_string()
                && own != other
                && (is_collated(own) || is_collated(other));
            let wider = if differ { None } else { self.common_type_of([own, other]) };
            let Some(found) = wider else {
                return Err(SparkError::analysis(
                    "INCOMPATIBLE_COLUMN_TYPE",
                    format!(
                        "{name} can only be performed on tables with compatible column types. The \
                         {} column of the second table is \"{}\" type which is not compatible with \
                         \"{}\" at the same column of the first table.",
                        ordinal(position + 1),
                        other.sql(),
                        own.sql()
                    ),
                )
                .with("operator", name)
                .with("columnOrdinalNumber", ordinal(position + 1))
                .with("tableOrdinalNumber", "second")
                .with("dataType1", format!("\"{}\"", other.sql()))
                .with("dataType2", format!("\"{}\"", own.sql()))
                .with("hint", ""));
            };
            common.push(found);
        }
        Ok((self.with_types(left, &common)?, self.with_types(right, &common)?))
    }

    /// `input` with its columns cast to `types`.
    pub(crate) fn with_types(&mut self, input: Resolved, types: &[SparkType]) -> Result<Resolved> {
        let columns = &input.scope.columns;
        if columns.iter().zip(types).all(|(own, target)| own.field.data_type == *target) {
            return Ok(input);
        }
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let mut items = Vec::with_capacity(columns.len());
        for (own, target) in columns.iter().zip(types) {
            context.fields.insert(own.to_arrow());
            let item = ResolvedExpr::of_column(own);
            if own.field.data_type == *target {
                items.push(item);
            } else {
                let cast = self.coerce(item, target, &context)?;
                items.push(cast.aliased(&own.field.name));
            }
        }
        let projected = self.project(&input, items)?;
        self.exact(projected)
    }

    fn union_all(&mut self, left: Resolved, right: Resolved) -> Result<Resolved> {
        // Both sides under the output's new names: DataFusion's union is by position, but several of
        // its rules look columns up by name.
        let mut columns = Vec::with_capacity(left.scope.columns.len());
        let mut fields: Vec<FieldRef> = Vec::with_capacity(left.scope.columns.len());
        for (own, other) in left.scope.columns.iter().zip(&right.scope.columns) {
            let internal = self.fresh();
            let mut shown = own.field.clone();
            shown.nullable |= other.field.nullable;
            let field = own.to_arrow();
            let mut metadata = field.metadata().clone();
            if metadata != *other.to_arrow().metadata() {
                // DataFusion mixes the metadata of both sides, and not alike everywhere.
                metadata.retain(|key, _| key == TYPE_KEY);
            }
            let field = Field::clone(&field).with_name(&internal).with_metadata(metadata);
            fields.push(Arc::new(field.with_nullable(shown.nullable)));
            columns.push(Column::new(internal, shown, Vec::new()));
        }
        let side = |side: Resolved| -> Result<LogicalPlan> {
            let exprs = side.scope.columns.iter().zip(&fields).map(|(own, field)| {
                let nullable = own.field.nullable;
                let field = Arc::new(Field::clone(field).with_nullable(nullable));
                let value = match own.to_arrow().metadata() == field.metadata() {
                    true => column(&own.internal),
                    false => relabelled(column(&own.internal), &own.field.data_type),
                };
                (value.alias(field.name()), field)
            });
            projection(side.plan, exprs.collect())
        };
        let (left, right) = (side(left)?, side(right)?);
        let mut inputs = Vec::new();
        for plan in [left, right] {
            inputs.push(Arc::new(plan));
        }
        let plan = if fields.is_empty() {
            LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?)
        } else {
            let unqualified = fields.iter().map(|field| (None, Arc::clone(field))).collect();
            let schema = datafusion::common::DFSchema::new_with_metadata(
                unqualified,
                std::collections::HashMap::new(),
            )?;
            LogicalPlan::Union(Union { inputs, schema: Arc::new(schema) })
        };
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }

    /// Rows of the left side that the right side has, or has not; null equals null.
    fn intersect_or_except(
        &mut self,
        left: Resolved,
        right: Resolved,
        all: bool,
        except: bool,
    ) -> Result<Resolved> {
        let (left, right) = if all {
            // With the n-th copy of a row numbered, copies are matched one by one.
            (self.with_copy_number(left)?, self.with_copy_number(right)?)
        } else {
            (distinct(left), right)
        };
        let scope = Arc::clone(&left.scope);
        let left_names = left.plan.schema().fields().iter().map(|field| field.name().clone());
        let right_names = right.plan.schema().fields().iter().map(|field| field.name().clone());
        let on: Vec<(Expr, Expr)> = left_names
            .zip(right_names)
            .map(|(own, other)| (column(&own), column(&other)))
            .collect();
        let join_type = if except { JoinType::LeftAnti } else { JoinType::LeftSemi };
        let join = Join::try_new(
            Arc::new(left.plan),
            Arc::new(right.plan),
            on,
            None,
            join_type,
            JoinConstraint::On,
            NullEquality::NullEqualsNull,
            false,
        )?;
        let plan = self.cut(LogicalPlan::Join(join), &scope)?;
        let columns = scope.columns.iter();
        let columns = columns.map(|own| Column { qualifier: Vec::new(), ..own.clone() }).collect();
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }

    /// `input` with one more column: the number of the row among its equals.
    fn with_copy_number(&mut self, input: Resolved) -> Result<Resolved> {
        use datafusion::functions_window::row_number::row_number_udwf;
        use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
        use datafusion::logical_expr::{Window, WindowFrame, WindowFunctionDefinition};
        let partition_by: Vec<Expr> =
            input.scope.columns.iter().map(|own| column(&own.internal)).collect();
        let function = Expr::WindowFunction(Box::new(WindowFunction {
            fun: WindowFunctionDefinition::WindowUDF(row_number_udwf()),
            params: WindowFunctionParams {
                args: Vec::new(),
                partition_by,
                order_by: Vec::new(),
                window_frame: WindowFrame::new(None),
                filter: None,
                null_treatment: None,
                distinct: false,
            },
        }));
        let name = self.fresh();
        let node = Window::try_new(vec![function.alias(name)], Arc::new(input.plan))?;
        Ok(Resolved { plan: LogicalPlan::Window(node), scope: input.scope })
    }

    /// The right side's columns in the order of the left side's names.
    fn matched_by_name(
        &mut self,
        left: Resolved,
        right: Resolved,
        allow_missing: bool,
    ) -> Result<(Resolved, Resolved)> {
        let mut left_items: Vec<ResolvedExpr> = self.all_columns(&left.scope);
        let mut right_items = Vec::with_capacity(left_items.len());
        for (position, own) in left.scope.columns.iter().enumerate() {
            let mut found = right.scope.named(&own.field.name, self.settings);
            match (found.next(), allow_missing) {
                (Some(other), _) => {
                    let other = other.clone();
                    let (from, to) = (&other.field.data_type, &own.field.data_type);
                    let united = self.united_type(to, from, allow_missing)?;
                    if united != *to {
                        let item = self.as_united(&left, own, &united)?.aliased(&own.field.name);
                        left_items[position] = item;
                    }
                    right_items.push(if united != *from && holds_structs(&united) {
                        self.as_united(&right, &other, &united)?.aliased(&own.field.name)
                    } else {
                        ResolvedExpr::of_column(&other)
                    });
                }
                (None, true) => {
                    let null = self.literal(&Literal::Null(own.field.data_type.clone()))?;
                    right_items.push(null.aliased(&own.field.name));
                }
                (None, false) => {
                    let known: Vec<String> =
                        right.scope.columns.iter().map(|own| quote(&own.field.name)).collect();
                    let known = known.join(", ").replace('`', "");
                    return Err(SparkError::analysis(
                        "UNRESOLVED_COLUMN_AMONG_FIELD_NAMES",
                        format!(
                            "Cannot resolve column name \"{}\" among ({known}).",
                            own.field.name
                        ),
                    )
                    .with("colName", own.field.name.clone())
                    .with("fieldNames", known));
                }
            }
        }
        for other in &right.scope.columns {
            let is_known = left
                .scope
                .columns
                .iter()
                .any(|own| same_name(self.settings, &own.field.name, &other.field.name));
            if is_known {
                continue;
            }
            if !allow_missing {
                return Err(SparkError::analysis(
                    "NUM_COLUMNS_MISMATCH",
                    format!(
                        "UNION can only be performed on inputs with the same number of columns, but \
                         the first input has {} columns and the second input has {} columns.",
                        left.scope.columns.len(),
                        right.scope.columns.len()
                    ),
                ));
            }
            let null = self.literal(&Literal::Null(other.field.data_type.clone()))?;
            left_items.push(null.aliased(&other.field.name));
            right_items.push(ResolvedExpr::of_column(other));
        }
        let (left, right) = (self.project(&left, left_items)?, self.project(&right, right_items)?);
        Ok((self.exact(left)?, self.exact(right)?))
    }
}

/// Whether fields inside the type may have to be matched by name.
fn holds_structs(data_type: &SparkType) -> bool {
    match data_type {
        SparkType::Struct(_) => true,
        SparkType::Array { element, .. } => matches!(element.as_ref(), SparkType::Struct(_)),
        _ => false,
    }
}

/// Columns that are, on both sides, what an earlier column is: the same attribute for Spark, so that their common name
/// is not ambiguous.
fn twins(left: &Scope, right: &Scope) -> Vec<(usize, usize)> {
    let pairs: Vec<_> = left.columns.iter().zip(&right.columns).collect();
    let same = |a: usize, b: usize| {
        pairs[a].0.origin == pairs[b].0.origin && pairs[a].1.origin == pairs[b].1.origin
    };
    let first = |twin: usize| (0..twin).find(|first| same(*first, twin));
    (1..pairs.len()).filter_map(|twin| Some((twin, first(twin)?))).collect()
}

/// # Errors
/// `UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE` or `…_VARIANT_TYPE`: values without equality.
pub(super) fn check_comparable<'a>(columns: impl IntoIterator<Item = &'a Column>) -> Result<()> {
    for own in columns {
        let data_type = &own.field.data_type;
        let kind = if data_type.holds_map() {
            "MAP"
        } else if data_type.holds(&|part| matches!(part, SparkType::Variant)) {
            "VARIANT"
        } else {
            continue;
        };
        let (name, sql) = (quote(&own.field.name), data_type.sql());
        return Err(SparkError::analysis(
            format!("UNSUPPORTED_FEATURE.SET_OPERATION_ON_{kind}_TYPE"),
            format!(
                "The feature is not supported: Cannot have {kind} type columns in DataFrame which \
                 calls set operations (INTERSECT, EXCEPT, etc.), but the type of column {name} is \
                 \"{sql}\"."
            ),
        )
        .with("colName", name)
        .with("dataType", format!("\"{sql}\"")));
    }
    Ok(())
}

/// `input` without repeated rows.
pub(super) fn distinct(input: Resolved) -> Resolved {
    let columns = input.scope.columns.clone();
    let groups: Vec<Expr> = columns.iter().map(|own| column(&own.internal)).collect();
    let input_plan = Arc::new(input.plan);
    let plan = match Aggregate::try_new(Arc::clone(&input_plan), groups, Vec::new()) {
        Ok(node) if !columns.is_empty() => LogicalPlan::Aggregate(node),
        _ => LogicalPlan::Distinct(Distinct::All(input_plan)),
    };
    Resolved { plan, scope: Arc::new(Scope::new(columns)) }
}

fn ordinal(position: usize) -> String {
    const NAMES: [&str; 11] = [
        "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
        "ninth", "tenth",
    ];
    match NAMES.get(position) {
        Some(name) => (*name).to_owned(),
        None => {
            let suffix = match (position % 10, position % 100) {
                (1, n) if n != 11 => "st",
                (2, n) if n != 12 => "nd",
                (3, n) if n != 13 => "rd",
                _ => "th",
            };
            format!("{position}{suffix}")
        }
    }
}
