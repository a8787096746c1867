//! Finds equal subplans in a query and puts [`SharedRows`] over them.

use super::classes::{Class, Classes};
use super::node::SharedRows;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, Projection, Subquery};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Stack that is left when more is taken, and how much that is: plans are hundreds of levels deep.
const STACK_LEFT_BYTES: usize = 128 << 10;
const STACK_MORE_BYTES: usize = 2 << 20;

/// `plan` with each costly subplan that stands in it more than once, subqueries included, under a node that says
/// so; none if there is no such subplan. `plan` is optimized.
///
/// # Errors
/// When a node does not take its own inputs again, which does not happen.
pub(crate) fn share_equal_subplans(plan: &LogicalPlan) -> Result<Option<LogicalPlan>> {
    let mut tables = HashSet::new();
    if !reads_a_table_twice(plan, &mut tables)? {
        return Ok(None);
    }
    let subqueries = Subqueries::of(plan)?;
    let mut search =
        Search { classes: Classes::default(), found: HashMap::new(), subqueries: &subqueries };
    search.describe(plan)?;
    search.collect(plan, None)?;
    search.choose();
    if search.found.is_empty() {
        return Ok(None);
    }
    search.count(plan, None)?;
    search.found.retain(|_, found| found.count > 1);
    if search.found.is_empty() {
        return Ok(None);
    }
    let shared = Rewrite { search: &search, shared: HashMap::new() }.rewrite(plan, None)?;
    Ok(shared)
}

/// Costs other queries one look at their scans.
fn reads_a_table_twice(plan: &LogicalPlan, tables: &mut HashSet<usize>) -> Result<bool> {
    let mut twice = false;
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            twice |= !tables.insert(Arc::as_ptr(&scan.source).cast::<()>() as usize);
        }
        Ok(if twice { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(twice)
}

/// The scalar subqueries in the expressions of each node, by its address: the only ones that are left.
struct Subqueries(HashMap<usize, Vec<Arc<LogicalPlan>>>);

impl Subqueries {
    fn of(plan: &LogicalPlan) -> Result<Self> {
        let mut all: HashMap<_, Vec<_>> = HashMap::new();
        plan.apply_with_subqueries(|node| {
            node.apply_expressions(|expr| {
                expr.apply(|expr| {
                    if let Expr::ScalarSubquery(subquery) = expr {
                        let at = std::ptr::from_ref(node) as usize;
                        all.entry(at).or_default().push(Arc::clone(&subquery.subquery));
                    }
                    Ok(TreeNodeRecursion::Continue)
                })
            })
        })?;
        Ok(Self(all))
    }

    /// Visits the inputs of `plan`, then its subqueries.
    fn below<'a>(
        &'a self,
        plan: &'a LogicalPlan,
        visit: &mut dyn FnMut(&'a LogicalPlan) -> Result<()>,
    ) -> Result<()> {
        // Its parts run again and again, over other rows each time.
        if matches!(plan, LogicalPlan::RecursiveQuery(_)) {
            return Ok(());
        }
        stacker::maybe_grow(STACK_LEFT_BYTES, STACK_MORE_BYTES, || {
            for input in plan.inputs() {
                visit(input)?;
            }
            let subqueries = self.0.get(&(std::ptr::from_ref(plan) as usize));
            subqueries.into_iter().flatten().try_for_each(|subquery| visit(subquery))
        })
    }
}

struct Search<'a> {
    classes: Classes,
    found: HashMap<Class, Found<'a>>,
    subqueries: &'a Subqueries,
}

/// The subplans of one class.
struct Found<'a> {
    copies: Vec<&'a LogicalPlan>,
    /// How many of them are not within a part that is shared itself.
    count: usize,
}

impl<'a> Search<'a> {
    fn describe(&mut self, plan: &'a LogicalPlan) -> Result<()> {
        self.subqueries.below(plan, &mut |part| self.describe(part))?;
        self.classes.add(plan);
        Ok(())
    }

    /// Notes the topmost node of each costly subplan that is no projection.
    fn collect(&mut self, plan: &'a LogicalPlan, parent: Option<Class>) -> Result<()> {
        let class = self.candidate(plan, parent);
        if let Some(class) = class {
            let new = || Found { copies: Vec::new(), count: 0 };
            self.found.entry(class).or_insert_with(new).copies.push(plan);
        }
        let parent = self.parent(plan, parent);
        self.subqueries.below(plan, &mut |part| self.collect(part, parent))
    }

    /// What [`Search::candidate`] is told below `plan`.
    fn parent(&self, plan: &LogicalPlan, parent: Option<Class>) -> Option<Class> {
        match plan {
            LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_) => parent,
            plan => self.classes.of(plan).map(|described| described.class),
        }
    }

    /// The class of `plan`, if it is the topmost node of it that is no projection.
    fn candidate(&self, plan: &LogicalPlan, parent: Option<Class>) -> Option<Class> {
        if matches!(plan, LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_)) {
            return None;
        }
        let described = self.classes.of(plan)?;
        (described.is_costly && parent != Some(described.class)).then_some(described.class)
    }

    /// Keeps the classes in which one copy has the columns of all; puts that copy in front.
    fn choose(&mut self) {
        let classes = &self.classes;
        self.found.retain(|_, found| {
            let columns = |plan: &LogicalPlan| {
                let described = classes.of(plan);
                described.iter().flat_map(|it| &it.columns).copied().collect::<HashSet<_>>()
            };
            if found.copies.len() < 2 {
                return false;
            }
            let all: HashSet<_> = found.copies.iter().flat_map(|copy| columns(copy)).collect();
            match found.copies.iter().position(|copy| columns(copy).len() == all.len()) {
                Some(position) => found.copies.swap(0, position),
                None => return false,
            }
            true
        });
    }

    /// Counts the copies that are left when the parts around them are shared.
    fn count(&mut self, plan: &'a LogicalPlan, parent: Option<Class>) -> Result<()> {
        let mut plan = plan;
        if let Some(class) = self.candidate(plan, parent)
            && let Some(found) = self.found.get_mut(&class)
        {
            found.count += 1;
            if found.count > 1 {
                return Ok(());
            }
            plan = found.copies[0];
        }
        let parent = self.parent(plan, parent);
        self.subqueries.below(plan, &mut |part| self.count(part, parent))
    }
}

struct Rewrite<'a, 's> {
    search: &'s Search<'a>,
    /// The node of each class that was met.
    shared: HashMap<Class, LogicalPlan>,
}

impl<'a> Rewrite<'a, '_> {
    /// None: nothing below is shared.
    fn rewrite(
        &mut self,
        plan: &'a LogicalPlan,
        parent: Option<Class>,
    ) -> Result<Option<LogicalPlan>> {
        let class = self.search.candidate(plan, parent);
        let found = class.and_then(|class| Some((class, self.search.found.get(&class)?)));
        let Some((class, found)) = found else {
            return self.with_parts(plan, parent);
        };
        let model = found.copies[0];
        let node = match self.shared.get(&class) {
            Some(node) => node.clone(),
            None => {
                let input = self.with_parts(model, parent)?.unwrap_or_else(|| model.clone());
                let id = self.shared.len() + 1;
                let described = self.search.classes.of(model);
                let is_reduced = described.is_some_and(|described| described.is_reduced);
                let node = Arc::new(SharedRows { id, is_reduced, input });
                let node = LogicalPlan::Extension(Extension { node });
                self.shared.insert(class, node.clone());
                node
            }
        };
        if std::ptr::eq(model, plan) {
            return Ok(Some(node));
        }
        self.renamed(node, model, plan).map(Some)
    }

    /// `node`, which has the columns of `model`, with those of `plan`.
    fn renamed(
        &self,
        node: LogicalPlan,
        model: &LogicalPlan,
        plan: &LogicalPlan,
    ) -> Result<LogicalPlan> {
        let ids = |plan| {
            let described = self.search.classes.of(plan);
            described.map(|described| described.columns.clone()).unwrap_or_default()
        };
        let columns: HashMap<_, Column> =
            ids(model).into_iter().zip(model.schema().columns()).collect();
        let mut exprs = Vec::new();
        for (id, own) in ids(plan).into_iter().zip(plan.schema().columns()) {
            let Some(column) = columns.get(&id) else {
                return datafusion::common::internal_err!("a shared part has no column {own}");
            };
            exprs.push(match *column == own {
                true => Expr::Column(own),
                false => Expr::Column(column.clone()).alias_qualified(own.relation, own.name),
            });
        }
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(node))?))
    }

    /// `plan` with what is below it rewritten.
    fn with_parts(
        &mut self,
        plan: &'a LogicalPlan,
        parent: Option<Class>,
    ) -> Result<Option<LogicalPlan>> {
        let parent = self.search.parent(plan, parent);
        let mut parts = Vec::new();
        let subqueries = self.search.subqueries;
        subqueries.below(plan, &mut |part| {
            parts.push(self.rewrite(part, parent)?);
            Ok(())
        })?;
        if parts.iter().all(Option::is_none) {
            return Ok(None);
        }
        let mut parts = parts.into_iter();
        let with_inputs = plan.clone().map_children(|input| {
            Ok(match parts.next().flatten() {
                Some(input) => Transformed::yes(input),
                None => Transformed::no(input),
            })
        })?;
        let with_subqueries = with_inputs.data.map_expressions(|expr| {
            expr.transform_down(|expr| match expr {
                Expr::ScalarSubquery(subquery) => {
                    let new = parts.next().flatten();
                    let subquery = match new {
                        Some(plan) => Subquery { subquery: Arc::new(plan), ..subquery },
                        None => subquery,
                    };
                    Ok(Transformed::yes(Expr::ScalarSubquery(subquery)))
                }
                expr => Ok(Transformed::no(expr)),
            })
        })?;
        Ok(Some(with_subqueries.data))
    }
}
