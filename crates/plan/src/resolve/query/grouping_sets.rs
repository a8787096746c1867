//! GROUP BY's grouping elements: plain, ALL, ROLLUP, CUBE, GROUPING SETS and their products; and the
//! functions `grouping` and `grouping_id`.

use super::aggregate::is_groupable;
use crate::resolve::expression::aggregates::contains_aggregate;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::output::column;
use crate::resolve::scope::same_name;
use crate::resolve::{Resolved, Resolver};
use crate::spec::{self, ExprNode, Grouping, Literal};
use arrow::datatypes::{DataType, Field};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Aggregate, BinaryExpr, Cast, Expr, GroupingSet, Operator};
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

/// Most grouping expressions of grouping sets: `grouping_id` is a bigint.
const GROUPS_MAX: usize = 64;

/// The groups of a GROUP BY clause.
#[derive(Debug, Clone, Default)]
pub(super) struct GroupingSets {
    /// Distinct grouping expressions in the order in which `grouping_id` counts them.
    pub groups: Vec<ResolvedExpr>,
    /// Positions in `groups`. One set with all of them unless `is_grouping_sets`.
    sets: Vec<Vec<usize>>,
    pub is_grouping_sets: bool,
}

/// Marks `grouping(x)` until the aggregation's columns are known: a column that no plan has.
const GROUPING_MARK: &str = "grouping:";

impl Resolver<'_> {
    pub(super) fn grouping_sets(
        &mut self,
        aggregate: &spec::Aggregate,
        input: &Resolved,
        context: &mut ExprContext,
    ) -> Result<GroupingSets> {
        let mut found = GroupingSets::default();
        if aggregate.grouping == Grouping::All {
            let mut item_context = ExprContext::new(&input.scope, Clause::Select);
            let items = self.select_items(&aggregate.aggregates, &mut item_context)?;
            context.time_windows.append(&mut item_context.time_windows);
            for item in items.into_iter().filter(is_groupable) {
                if !matches!(item.expr, Expr::Literal(..)) {
                    found.position(item);
                }
            }
            found.sets = vec![(0..found.groups.len()).collect()];
            check_orderable(&found.groups)?;
            return Ok(found);
        }
        found.sets = self.sets_of(&aggregate.grouping, aggregate, input, context, &mut found)?;
        found.is_grouping_sets = has_sets(&aggregate.grouping);
        if found.is_grouping_sets && found.groups.len() > GROUPS_MAX {
            return Err(SparkError::analysis(
                "GROUPING_SIZE_LIMIT_EXCEEDED",
                format!("Grouping sets size cannot be greater than {GROUPS_MAX}."),
            )
            .with("maxSize", GROUPS_MAX.to_string()));
        }
        check_orderable(&found.groups)?;
        Ok(found)
    }

    fn sets_of(
        &mut self,
        grouping: &Grouping,
        aggregate: &spec::Aggregate,
        input: &Resolved,
        context: &mut ExprContext,
        found: &mut GroupingSets,
    ) -> Result<Vec<Vec<usize>>> {
        match grouping {
            Grouping::All => Err(SparkError::unsupported("GROUP BY ALL beside other groups")),
            Grouping::By(exprs) => {
                let mut set = Vec::new();
                for expr in exprs {
                    set.extend(self.element(expr, aggregate, input, context, found)?);
                }
                Ok(vec![set])
            }
            Grouping::Rollup(exprs) => {
                let mut elements = Vec::new();
                for expr in exprs {
                    elements.push(self.element(expr, aggregate, input, context, found)?);
                }
                let prefixes = (0..=elements.len()).rev();
                Ok(prefixes.map(|n| elements[..n].concat()).collect())
            }
            Grouping::Cube(exprs) => {
                let mut elements = Vec::new();
                for expr in exprs {
                    elements.push(self.element(expr, aggregate, input, context, found)?);
                }
                let n = elements.len().min(GROUPS_MAX - 1);
                let subsets = (0..1_u64 << n).map(|absent| {
                    let kept = (0..n).filter(|i| absent >> (n - 1 - i) & 1 == 0);
                    kept.flat_map(|i| elements[i].clone()).collect()
                });
                Ok(subsets.collect())
            }
            Grouping::Sets { exprs, sets } => {
                for expr in exprs {
                    self.element(expr, aggregate, input, context, found)?;
                }
                let mut resolved = Vec::with_capacity(sets.len());
                for set in sets {
                    let mut positions = Vec::new();
                    for expr in set {
                        positions.extend(self.element(expr, aggregate, input, context, found)?);
                    }
                    resolved.push(positions);
                }
                Ok(resolved)
            }
            Grouping::Product(parts) => {
                let mut product: Vec<Vec<usize>> = vec![Vec::new()];
                for part in parts {
                    let sets = self.sets_of(part, aggregate, input, context, found)?;
                    product = product
                        .iter()
                        .flat_map(|left| sets.iter().map(move |right| [&left[..], right].concat()))
                        .collect();
                }
                Ok(product)
            }
        }
    }

    /// Positions of one grouping element: several for `(a, b)`.
    fn element(
        &mut self,
        expr: &spec::Expr,
        aggregate: &spec::Aggregate,
        input: &Resolved,
        context: &mut ExprContext,
        found: &mut GroupingSets,
    ) -> Result<Vec<usize>> {
        match &expr.node {
            ExprNode::Row(parts) => {
                let mut positions = Vec::new();
                for part in parts {
                    positions.extend(self.element(part, aggregate, input, context, found)?);
                }
                Ok(positions)
            }
            ExprNode::Star { .. } | ExprNode::Regex { .. } => {
                let columns = self.expand_star(expr, context)?;
                Ok(columns.into_iter().map(|column| found.position(column)).collect())
            }
            _ => {
                let group = self.group(expr, aggregate, input, context)?;
                Ok(vec![found.position(group)])
            }
        }
    }

    /// A grouping expression: an expression over the input, a position in the SELECT list, or an
    /// alias from there.
    fn group(
        &mut self,
        expr: &spec::Expr,
        aggregate: &spec::Aggregate,
        input: &Resolved,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        match &expr.node {
            ExprNode::Literal(Literal::Integer(position))
                if self.settings.group_by_ordinal && !aggregate.prepend_grouping =>
            {
                let group = self.group_at(*position, aggregate, input, context);
                return group.map_err(|error| match &expr.origin {
                    Some(origin) => error.at(origin.to_query_context()),
                    None => error,
                });
            }
            ExprNode::Attribute { name, plan_id: None, .. } if name.len() == 1 => {
                let resolved = self.expr(expr, context);
                let Err(error) = resolved else { return resolved };
                let is_unknown = error.condition().starts_with("UNRESOLVED_COLUMN");
                if !is_unknown || !self.settings.group_by_aliases {
                    return Err(error);
                }
                let alias = aggregate.aggregates.iter().find_map(|item| match &item.node {
                    ExprNode::Alias { expr, names, .. } => match names.as_slice() {
                        [alias] if same_name(self.settings, alias, &name[0]) => Some(expr),
                        _ => None,
                    },
                    _ => None,
                });
                let Some(aliased) = alias else { return Err(error) };
                let resolved = self.expr(aliased, context)?;
                return Ok(resolved.aliased(&name[0]));
            }
            _ => {}
        }
        self.expr(expr, context)
    }

    fn group_at(
        &mut self,
        position: i32,
        aggregate: &spec::Aggregate,
        input: &Resolved,
        outer: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        // A window of time is one column, wherever it is called.
        context.time_windows.clone_from(&outer.time_windows);
        // `grouping()` in another item needs the groups that are being found here.
        context.grouping = Some(Vec::new());
        let items = self.select_items(&aggregate.aggregates, &mut context)?;
        let item = usize::try_from(position).ok().and_then(|n| n.checked_sub(1));
        let Some(item) = item.and_then(|index| items.get(index)) else {
            return Err(SparkError::analysis(
                "GROUP_BY_POS_OUT_OF_RANGE",
                format!(
                    "GROUP BY position {position} is not in select list (valid range is [1, {}]).",
                    items.len()
                ),
            )
            .with("index", position.to_string())
            .with("size", items.len().to_string()));
        };
        if contains_aggregate(&item.expr) {
            return Err(SparkError::analysis(
                "GROUP_BY_POS_AGGREGATE",
                format!(
                    "GROUP BY {position} refers to an expression {} that contains an aggregate \
                     function. Aggregate functions are not allowed in GROUP BY.",
                    item.name
                ),
            )
            .with("index", position.to_string())
            .with("aggExpr", item.name.clone()));
        }
        for window in &context.time_windows {
            outer.fields.insert(window.column.to_arrow());
        }
        outer.time_windows = context.time_windows;
        Ok(item.clone())
    }

    /// `grouping(x)`: 1 where x is not part of the row's grouping set; `grouping_id(…)`: all such
    /// bits as a number.
    pub(crate) fn grouping(
        &mut self,
        name: &str,
        function: &spec::Function,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let Some(groups) = context.grouping.clone() else {
            return Err(SparkError::analysis(
                "UNSUPPORTED_GROUPING_EXPRESSION",
                "grouping()/grouping_id() can only be used with GroupingSets/Cube/Rollup.",
            ));
        };
        let args = self.args(&function.args, context)?;
        let names: Vec<String> = args.iter().map(|arg| arg.name.clone()).collect();
        let shown = crate::resolve::naming::call(name, &names);
        if name == "grouping_id" {
            if !args.is_empty()
                && !groups.is_empty()
                && !args.iter().map(|arg| &arg.expr).eq(&groups)
            {
                return Err(SparkError::analysis(
                    "GROUPING_ID_COLUMN_MISMATCH",
                    format!(
                        "Columns of grouping_id ({}) does not match grouping columns.",
                        names.join(",")
                    ),
                )
                .with("groupingIdColumn", names.join(",")));
            }
            let id = self.grouping_mark("id", DataType::Int64, shown.clone(), context)?;
            if self.settings.legacy.integer_grouping_id {
                let int = datafusion::logical_expr::cast(id.expr, DataType::Int32);
                return self.typed(int, shown, context);
            }
            return Ok(id);
        }
        let Some(position) =
            args.first().and_then(|arg| groups.iter().position(|group| *group == arg.expr))
        else {
            if groups.is_empty() {
                return self.grouping_mark("id", DataType::Int8, shown, context);
            }
            return Err(SparkError::analysis(
                "GROUPING_COLUMN_MISMATCH",
                format!(
                    "Column of grouping ({}) can't be found in grouping columns.",
                    names.join(",")
                ),
            )
            .with("grouping", names.join(",")));
        };
        self.grouping_mark(&position.to_string(), DataType::Int8, shown, context)
    }

    fn grouping_mark(
        &self,
        which: &str,
        data_type: DataType,
        shown: String,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let mark = format!("{GROUPING_MARK}{which}");
        context.fields.insert(Arc::new(Field::new(&mark, data_type, false)));
        self.typed(column(&mark), shown, context)
    }
}

/// # Errors
/// `GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE`: variants are neither equal nor unequal.
fn check_orderable(groups: &[ResolvedExpr]) -> Result<()> {
    for group in groups {
        let data_type = group.spark_type()?;
        if data_type.holds(&|part| matches!(part, SparkType::Variant)) {
            let (expr, sql) = (format!("\"{}\"", group.name), format!("\"{}\"", data_type.sql()));
            return Err(SparkError::analysis(
                "GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE",
                format!(
                    "The expression {expr} cannot be used as a grouping expression because its \
                     data type {sql} is not an orderable data type."
                ),
            )
            .with("sqlExpr", expr)
            .with("dataType", sql));
        }
    }
    Ok(())
}

fn has_sets(grouping: &Grouping) -> bool {
    match grouping {
        Grouping::By(_) | Grouping::All => false,
        Grouping::Rollup(_) | Grouping::Cube(_) | Grouping::Sets { .. } => true,
        Grouping::Product(parts) => parts.iter().any(has_sets),
    }
}

impl GroupingSets {
    /// Plain groups, as `GROUP BY` without sets has them.
    pub fn plain(groups: Vec<ResolvedExpr>) -> Self {
        let mut found = Self::default();
        for group in groups {
            found.position(group);
        }
        found.sets = vec![(0..found.groups.len()).collect()];
        found
    }

    /// Position of a group, which is added if it is new.
    fn position(&mut self, group: ResolvedExpr) -> usize {
        match self.groups.iter().position(|known| known.expr == group.expr) {
            Some(position) => position,
            None => {
                self.groups.push(group);
                self.groups.len() - 1
            }
        }
    }

    pub fn is_in_some_set(&self, expr: &Expr) -> bool {
        let position = self.groups.iter().position(|group| group.expr == *expr);
        position.is_some_and(|position| self.sets.iter().any(|set| set.contains(&position)))
    }

    /// The grouping expressions of DataFusion's node, over the columns called `names`.
    pub fn plan_groups(&self, names: &[String]) -> Vec<Expr> {
        if !self.is_grouping_sets {
            return names.iter().map(|name| column(name)).collect();
        }
        let sets = self.sets.iter().map(|set| {
            let mut distinct: Vec<usize> = Vec::new();
            for position in set {
                if !distinct.contains(position) {
                    distinct.push(*position);
                }
            }
            distinct.sort_unstable();
            distinct.into_iter().map(|position| column(&names[position])).collect()
        });
        vec![Expr::GroupingSet(GroupingSet::GroupingSets(sets.collect()))]
    }

    /// What `grouping` and `grouping_id` mean above the aggregation.
    ///
    /// DataFusion's id has a bit per expression, the first one highest, in the order in which the
    /// sets mention them; Spark's in the order of the GROUP BY clause.
    pub fn grouping_functions(&self, _names: &[String]) -> Vec<(Expr, Expr)> {
        let mut mentioned: Vec<usize> = Vec::new();
        for set in &self.sets {
            let mut set = set.clone();
            set.sort_unstable();
            for position in set {
                if !mentioned.contains(&position) {
                    mentioned.push(position);
                }
            }
        }
        let id = as_type(column(Aggregate::INTERNAL_GROUPING_ID), DataType::Int64);
        let bit = |position: usize| match mentioned.iter().position(|known| *known == position) {
            Some(rank) => {
                let shift = i64::try_from(mentioned.len() - 1 - rank).unwrap_or(0);
                let shifted = binary(id.clone(), Operator::BitwiseShiftRight, long(shift));
                binary(shifted, Operator::BitwiseAnd, long(1))
            }
            // In no set at all: always absent.
            None => long(1),
        };
        let mark = |which: &str| column(&format!("{GROUPING_MARK}{which}"));
        let n_groups = self.groups.len();
        let mut functions = Vec::with_capacity(n_groups + 1);
        let mut whole = long(0);
        for position in 0..n_groups {
            functions.push((mark(&position.to_string()), as_type(bit(position), DataType::Int8)));
            let shift = i64::try_from(n_groups - 1 - position).unwrap_or(0);
            let shifted = binary(bit(position), Operator::BitwiseShiftLeft, long(shift));
            whole = binary(whole, Operator::BitwiseOr, shifted);
        }
        functions.push((mark("id"), whole));
        functions
    }
}

fn long(value: i64) -> Expr {
    Expr::Literal(ScalarValue::Int64(Some(value)), None)
}

fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

fn as_type(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), data_type))
}
