//! As-of joins: beside each row of the left side, the nearest row of the right side.
//!
//! Without a condition of its own beyond equal columns, both sides are put into one sequence, sorted
//! once, and each left row takes the last right row before it:
//!
//! ```text
//!   Projection   left columns, fields of the found row
//!     Filter       left rows
//!       Window       last_value(row) IGNORE NULLS OVER (PARTITION BY keys ORDER BY time, side)
//!         Union        left (row is null), right
//! ```
//! With another condition, the sides are joined and the nearest partner of each left row is kept.

use super::nearest_by_join::{Ranking, null_of};
use super::shown_order::{ascending, is_local};
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr, under_internal_names};
use crate::resolve::output::{column, named, projection, renamed};
use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::{
    self, AsOfJoin, ExprNode, FrameBound, JoinType, Literal, SortOrder, WindowFrame,
};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::functions::core::get_field;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, ExprSchemable, Filter, LogicalPlan, Sort, Union, lit, when};
use firesteel_common::{Result, SparkError};
use firesteel_functions::Arg;
use std::collections::HashMap;
use std::sync::Arc;

/// Which right rows count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// At or before the left row.
    Backward,
    /// At or after it.
    Forward,
    Nearest,
}

/// The sides of a join and what compares them.
struct Sides {
    left: Resolved,
    right: Resolved,
    scope: Arc<Scope>,
    /// The as-of values, of one type.
    left_time: ResolvedExpr,
    right_time: ResolvedExpr,
    /// Pairs of equal columns, of one type.
    keys: Vec<(ResolvedExpr, ResolvedExpr)>,
    condition: Option<ResolvedExpr>,
    tolerance: Option<ResolvedExpr>,
}

impl Resolver<'_> {
    pub(super) fn as_of_join(&mut self, join: &AsOfJoin) -> Result<Resolved> {
        let direction = match join.direction.to_lowercase().as_str() {
            "backward" => Direction::Backward,
            "forward" => Direction::Forward,
            "nearest" => Direction::Nearest,
            _ => {
                return Err(invalid(
                    "UNSUPPORTED_DIRECTION",
                    &format!(
                        "Unsupported as-of join direction '{}'. Supported as-of join direction \
                         include: 'forward', 'backward', 'nearest'.",
                        join.direction
                    ),
                )
                .with("direction", join.direction.clone())
                .with("supported", "'forward', 'backward', 'nearest'"));
            }
        };
        let join_type = match join.join_type.to_lowercase().replace('_', "").as_str() {
            "" | "inner" => JoinType::Inner,
            "left" | "leftouter" => JoinType::Left,
            other => return Err(SparkError::unsupported(format!("the as-of join type {other}"))),
        };
        let mut sides = self.as_of_sides(join)?;
        match sides.condition.take() {
            None => self.as_of_in_sequence(sides, direction, join_type, join.allow_exact_matches),
            Some(condition) => self.as_of_by_pairs(
                sides,
                condition,
                direction,
                join_type,
                join.allow_exact_matches,
            ),
        }
    }

    fn as_of_sides(&mut self, join: &AsOfJoin) -> Result<Sides> {
        let left = self.relation(&join.left)?;
        let left = self.exact(left)?;
        let right = self.relation(&join.right)?;
        let right = self.exact(right)?;
        let scope = Arc::new(super::join::both(&left.scope, &right.scope));
        let mut left_context = ExprContext::new(&left.scope, Clause::Join);
        let left_time = self.expr(&join.left_as_of, &mut left_context)?;
        let mut right_context = ExprContext::new(&right.scope, Clause::Join);
        let right_time = self.expr(&join.right_as_of, &mut right_context)?;
        let (left_time, right_time) =
            self.as_of_one_type(left_time, right_time, &left_context, &right_context)?;
        let mut keys = Vec::with_capacity(join.using.len());
        for name in &join.using {
            let left_key = self.using_key(&left.scope, name, "left")?;
            let right_key = self.using_key(&right.scope, name, "right")?;
            left_context.fields.insert(left_key.to_arrow());
            right_context.fields.insert(right_key.to_arrow());
            let (left_key, right_key) =
                (ResolvedExpr::of_column(&left_key), ResolvedExpr::of_column(&right_key));
            keys.push(self.as_of_one_type(left_key, right_key, &left_context, &right_context)?);
        }
        let condition = match &join.condition {
            Some(condition) => {
                let mut context = ExprContext::new(&scope, Clause::Join);
                let condition = self.expr(condition, &mut context)?;
                Some(self.boolean_condition(condition, "JOIN", "join", &context)?)
            }
            None => None,
        };
        let tolerance = match &join.tolerance {
            Some(tolerance) => Some(self.as_of_tolerance(tolerance)?),
            None => None,
        };
        Ok(Sides { left, right, scope, left_time, right_time, keys, condition, tolerance })
    }

    fn as_of_one_type(
        &self,
        left: ResolvedExpr,
        right: ResolvedExpr,
        left_context: &ExprContext,
        right_context: &ExprContext,
    ) -> Result<(ResolvedExpr, ResolvedExpr)> {
        let types = [left.spark_type()?, right.spark_type()?];
        let Some(common) = self.common_type_of(&types) else {
            let [left_type, right_type] = [types[0].sql(), types[1].sql()];
            return Err(SparkError::analysis(
                "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
                format!(
                    "Cannot resolve \"({} >= {})\" due to data type mismatch: the left and right \
                     operands of the binary operator have incompatible types (\"{left_type}\" and \
                     \"{right_type}\").",
                    left.name, right.name
                ),
            ));
        };
        Ok((self.coerce(left, &common, left_context)?, self.coerce(right, &common, right_context)?))
    }

    /// A constant that is not negative.
    fn as_of_tolerance(&mut self, tolerance: &spec::Expr) -> Result<ResolvedExpr> {
        let mut context = ExprContext::new(&Arc::new(Scope::default()), Clause::Other);
        let unfoldable = || {
            invalid("TOLERANCE_IS_UNFOLDABLE", "The input argument `tolerance` must be a constant.")
        };
        let tolerance = self.expr(tolerance, &mut context).map_err(|_| unfoldable())?;
        let value = self.constant(&tolerance.expr).map_err(|_| unfoldable())?;
        let zero = ScalarValue::new_zero(&value.data_type());
        if zero.is_ok_and(|zero| value < zero) {
            return Err(invalid(
                "TOLERANCE_IS_NON_NEGATIVE",
                "The input argument `tolerance` must be non-negative.",
            ));
        }
        Ok(tolerance)
    }

    fn as_of_in_sequence(
        &mut self,
        sides: Sides,
        direction: Direction,
        join_type: JoinType,
        exact: bool,
    ) -> Result<Resolved> {
        let Sides { mut left, right, scope, left_time, right_time, keys, tolerance, .. } = sides;
        // Rows of the client stay in their order.
        let mut order = None;
        if is_local(&left.plan) {
            let (plan, row) = self.numbered(left.plan)?;
            left.plan = plan;
            order = Some((self.fresh(), row));
        }
        // One field per right column, under its internal name, and the row's own time.
        let time_type = Arc::clone(&left_time.field);
        let found_time = self.fresh();
        let mut pairs = Vec::with_capacity(right.scope.columns.len() * 2 + 2);
        for own in &right.scope.columns {
            pairs.push(self.literal(&Literal::String(own.internal.clone()))?.arg());
            pairs.push(ResolvedExpr::of_column(own).arg());
        }
        pairs.push(self.literal(&Literal::String(found_time.clone()))?.arg());
        pairs.push(right_time.arg());
        let row = self.build_scalar("named_struct", pairs)?;
        let row_field = row.to_field(right.plan.schema())?.1;
        let (is_left, time, row_name) = (self.fresh(), self.fresh(), self.fresh());
        let key_names: Vec<String> = keys.iter().map(|_| self.fresh()).collect();
        let mut fields: Vec<FieldRef> = Vec::new();
        let (mut from_left, mut from_right) = (Vec::new(), Vec::new());
        let mut add = |name: &str, field: &FieldRef, left: Expr, right: Expr| {
            let field = Arc::new(field.as_ref().clone().with_nullable(true));
            fields.push(renamed(&field, name));
            from_left.push(left);
            from_right.push(right);
        };
        for own in &left.scope.columns {
            let field = own.to_arrow();
            add(&own.internal, &field, column(&own.internal), null_of(&field)?);
        }
        let number_field = Arc::new(Field::new("", DataType::Int64, true));
        if let Some((name, row)) = &order {
            add(name, &number_field, row.clone(), lit(ScalarValue::Int64(None)));
        }
        let flag = Arc::new(Field::new(&is_left, DataType::Int32, true));
        let number = |value: i32| lit(value);
        add(&is_left, &flag, number(1), number(0));
        add(&time, &time_type, left_time.expr.clone(), right_time.expr.clone());
        for (name, (left_key, right_key)) in key_names.iter().zip(&keys) {
            add(name, &left_key.field, left_key.expr.clone(), right_key.expr.clone());
        }
        add(&row_name, &row_field, null_of(&row_field)?, row);
        // A row without time or key is nobody's partner.
        let mut present = right_time.expr.clone().is_not_null();
        for (_, key) in &keys {
            present = present.and(key.expr.clone().is_not_null());
        }
        let partners = LogicalPlan::Filter(Filter::try_new(present, Arc::new(right.plan))?);
        let side = |plan: LogicalPlan, exprs: Vec<Expr>| {
            let pairs = exprs.into_iter().zip(&fields);
            projection(
                plan,
                pairs.map(|(expr, field)| (named(expr, field.name()), Arc::clone(field))).collect(),
            )
        };
        let inputs =
            vec![Arc::new(side(left.plan, from_left)?), Arc::new(side(partners, from_right)?)];
        let unqualified = fields.iter().map(|field| (None, Arc::clone(field))).collect();
        let schema = Arc::new(DFSchema::new_with_metadata(unqualified, HashMap::new())?);
        let plan = LogicalPlan::Union(Union { inputs, schema });
        let mut work = under_internal_names(plan)?;
        let searches: &[bool] = match direction {
            Direction::Backward => &[true],
            Direction::Forward => &[false],
            Direction::Nearest => &[true, false],
        };
        let mut found = Vec::with_capacity(searches.len());
        for backward in searches {
            let name = self.fresh();
            let search = search(&row_name, &key_names, &time, &is_left, *backward, exact);
            work = self.with_computed(work, vec![(name.clone(), search)])?;
            let own = work.scope.columns.iter().find(|own| own.field.name == name);
            found.push(own.map(|own| own.internal.clone()).unwrap_or_default());
        }
        let left_rows = Filter::try_new(column(&is_left).eq(number(1)), Arc::new(work.plan))?;
        let plan = LogicalPlan::Filter(left_rows);
        // Each search's partner, if it is near enough, and how far it is.
        let mut partners: Vec<(Expr, Arg)> = Vec::with_capacity(found.len());
        for (backward, name) in searches.iter().zip(&found) {
            let partner = column(name);
            let own = typed_by(&plan, column(&time))?;
            let other = typed_by(&plan, field_of(partner.clone(), &found_time))?;
            let order = if *backward { vec![own, other] } else { vec![other, own] };
            let distance = typed_by(&plan, self.build_scalar("-", order)?)?;
            let partner = match &tolerance {
                Some(tolerance) => {
                    let near = vec![distance.clone(), tolerance.arg()];
                    when(self.build_scalar("<=", near)?, partner).end()?
                }
                None => partner,
            };
            partners.push((partner, distance));
        }
        let row = match partners.as_slice() {
            [(before, to_before), (after, to_after)] => {
                let nearer = vec![to_before.clone(), to_after.clone()];
                let nearer = before.clone().is_not_null().and(self.build_scalar("<=", nearer)?);
                when(after.clone().is_null().or(nearer), before.clone()).otherwise(after.clone())?
            }
            [(one, _)] => one.clone(),
            _ => return Err(SparkError::internal("an as-of join without a search")),
        };
        let found_field = Arc::new(row_field.as_ref().clone().with_nullable(true));
        let partner = self.fresh();
        let mut exprs: Vec<(Expr, FieldRef)> = Vec::new();
        for own in &left.scope.columns {
            exprs.push((column(&own.internal), own.to_arrow()));
        }
        exprs.push((named(row, &partner), renamed(&found_field, &partner)));
        if let Some((name, _)) = &order {
            exprs.push((column(name), renamed(&number_field, name)));
        }
        let mut plan = projection(plan, exprs)?;
        if join_type == JoinType::Inner {
            plan = LogicalPlan::Filter(Filter::try_new(
                column(&partner).is_not_null(),
                Arc::new(plan),
            )?);
        }
        if let Some((name, _)) = &order {
            let expr = vec![ascending(&column(name))];
            plan = LogicalPlan::Sort(Sort { expr, input: Arc::new(plan), fetch: None });
        }
        let mut exprs: Vec<(Expr, FieldRef)> = Vec::new();
        let mut columns: Vec<Column> = Vec::with_capacity(scope.columns.len());
        for own in &left.scope.columns {
            exprs.push((column(&own.internal), own.to_arrow()));
            columns.push(own.clone());
        }
        for own in &right.scope.columns {
            // The field of a row that was found too far away must not show.
            let value = field_of(column(&partner), &own.internal);
            let value = when(column(&partner).is_not_null(), value).end()?;
            let mut own = own.clone();
            own.field.nullable = true;
            exprs.push((named(value, &own.internal), own.to_arrow()));
            columns.push(own);
        }
        let plan = projection(plan, exprs)?;
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }

    fn as_of_by_pairs(
        &mut self,
        sides: Sides,
        condition: ResolvedExpr,
        direction: Direction,
        join_type: JoinType,
        exact: bool,
    ) -> Result<Resolved> {
        let Sides { left, right, scope, left_time, right_time, keys, tolerance, .. } = sides;
        let (l, r) = (left_time.arg(), right_time.arg());
        let mut all = vec![condition.expr];
        for (own, other) in &keys {
            all.push(self.build_scalar("=", vec![own.arg(), other.arg()])?);
        }
        let schema = super::nearest_by_join::joined_schema(&left, &right)?;
        let typed = |expr: Expr| -> Result<Arg> {
            let field = expr.to_field(&schema)?.1;
            Ok(Arg::new(expr, field))
        };
        let ahead = typed(self.build_scalar("-", vec![l.clone(), r.clone()])?)?;
        let behind = typed(self.build_scalar("-", vec![r.clone(), l.clone()])?)?;
        let distance = match direction {
            Direction::Backward => ahead,
            Direction::Forward => behind,
            Direction::Nearest => {
                let is_ahead = self.build_scalar(">", vec![l.clone(), r.clone()])?;
                typed(when(is_ahead, ahead.expr).otherwise(behind.expr)?)?
            }
        };
        let comparison = match (direction, exact) {
            (Direction::Backward, true) => Some(">="),
            (Direction::Backward, false) => Some(">"),
            (Direction::Forward, true) => Some("<="),
            (Direction::Forward, false) => Some("<"),
            (Direction::Nearest, true) => None,
            (Direction::Nearest, false) => Some("!="),
        };
        if let Some(comparison) = comparison {
            all.push(self.build_scalar(comparison, vec![l, r])?);
        }
        if let Some(tolerance) = tolerance {
            all.push(self.build_scalar("<=", vec![distance.clone(), tolerance.arg()])?);
        }
        let ranking =
            Ranking { distance: distance.expr, ascending: true, partners_max: 1, join_type };
        let condition = conjunction(all);
        self.nearest(left, right, &scope, ranking, condition)
    }
}

/// The last partner in the sequence up to a row.
fn search(
    row: &str,
    keys: &[String],
    time: &str,
    is_left: &str,
    backward: bool,
    exact: bool,
) -> spec::Expr {
    let by = |name: &str| spec::Expr::attribute([name.to_owned()]);
    let order = |name: &str, ascending: bool| SortOrder {
        child: Box::new(by(name)),
        ascending,
        nulls_first: Some(false),
    };
    let mut call = spec::Function::new("last_value", vec![by(row)]);
    call.ignore_nulls = Some(true);
    ExprNode::Window(Box::new(spec::Window {
        function: ExprNode::Function(call).into(),
        partition_by: keys.iter().map(|key| by(key)).collect(),
        // Partners at the same time come before the row where they count, after it where not.
        order_by: vec![order(time, backward), order(is_left, exact)],
        frame: Some(WindowFrame {
            rows: true,
            lower: FrameBound::Unbounded,
            upper: FrameBound::CurrentRow,
        }),
        reference: None,
    }))
    .into()
}

fn typed_by(plan: &LogicalPlan, expr: Expr) -> Result<Arg> {
    let field = expr.to_field(plan.schema())?.1;
    Ok(Arg::new(expr, field))
}

fn field_of(row: Expr, name: &str) -> Expr {
    let name = ScalarValue::Utf8(Some(name.to_owned()));
    get_field().call(vec![row, Expr::Literal(name, None)])
}

fn invalid(condition: &str, message: &str) -> SparkError {
    SparkError::analysis(
        format!("AS_OF_JOIN.{condition}"),
        format!("Invalid as-of join. {message}"),
    )
}
