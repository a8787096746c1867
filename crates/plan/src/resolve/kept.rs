//! Relations whose rows are kept (`df.cache()`): a scan of the rows takes the place of the plan.

use super::output::{projection, renamed};
use super::{Column, Environment, Resolved, Resolver, Scope};
use crate::spec;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column as PlanColumn, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, TableScanBuilder};
use firesteel_common::{Result, SparkError};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Name of the scan.
const SCAN: &str = "kept";

/// Columns of a DataFrame under a kept one, so that `df["x"]` still finds what passed through.
#[derive(Debug, Clone)]
pub struct ScopeBelow {
    pub plan_id: i64,
    /// How many relations lie between, one for the input.
    pub depth: usize,
    pub scope: Arc<Scope>,
}

/// The rows of a kept relation.
#[derive(Clone)]
pub struct KeptRows {
    /// Has the columns of `scope`, in order.
    pub provider: Arc<dyn TableProvider>,
    /// As the relation was resolved when it was kept.
    pub scope: Arc<Scope>,
    pub below: Arc<Vec<ScopeBelow>>,
}

/// As [`super::resolve_query`], with the DataFrames under it.
///
/// # Errors
/// Spark's analysis errors.
pub fn resolve_to_keep(
    env: &dyn Environment,
    relation: &spec::Relation,
) -> Result<(Resolved, Vec<ScopeBelow>)> {
    let mut resolver = Resolver::new(env);
    let resolved = resolver.query(relation)?;
    let below = resolver.plan_ids.all().filter(|(_, found)| found.level > 0);
    let below = below.map(|(plan_id, found)| ScopeBelow {
        plan_id,
        depth: found.level,
        scope: Arc::clone(&found.scope),
    });
    Ok((resolved, below.collect()))
}

impl Resolver<'_> {
    /// What is kept of a relation that was kept in the same words.
    pub(super) fn kept(&mut self, kept: &KeptRows) -> Result<Resolved> {
        let names: Vec<_> = kept.scope.columns.iter().map(|_| self.fresh()).collect();
        let mut moved = HashMap::new();
        for (own, name) in kept.scope.columns.iter().zip(&names) {
            moved.entry(own.internal.clone()).or_insert_with(|| name.clone());
        }
        for ScopeBelow { plan_id, depth, scope } in kept.below.iter() {
            let passed = scope.columns.iter().filter_map(|own| {
                let internal = moved.get(&own.internal)?.clone();
                Some(Column { origin: internal.clone(), internal, ..own.clone() })
            });
            let scope = Arc::new(Scope::new(passed.collect()));
            self.plan_ids.record(*plan_id, self.level + depth - 1, &scope);
        }
        scan(Arc::clone(&kept.provider), &kept.scope, names)
    }

    /// `resolved`, or what is kept of a relation that means the same.
    pub(super) fn or_kept(&mut self, resolved: Resolved) -> Result<Resolved> {
        let Some(provider) = self.env.persisted_as(&resolved)? else {
            return Ok(resolved);
        };
        let mut seen = HashSet::new();
        let columns = &resolved.scope.columns;
        let names = columns.iter().map(|own| match seen.insert(own.internal.as_str()) {
            true => own.internal.clone(),
            false => self.fresh(),
        });
        let names = names.collect();
        scan(provider, &resolved.scope, names)
    }
}

/// The visible columns of `scope`, which `provider` has in order, under the internal names `names`.
fn scan(provider: Arc<dyn TableProvider>, scope: &Scope, names: Vec<String>) -> Result<Resolved> {
    let reference = TableReference::bare(SCAN);
    let source = provider_as_source(provider);
    let scan = TableScanBuilder::new(reference.clone(), source).build()?;
    let fields = scan.projected_schema.fields().clone();
    if fields.len() != scope.columns.len() {
        return Err(SparkError::internal("kept rows have other columns than their relation"));
    }
    let mut exprs = Vec::with_capacity(names.len());
    let mut columns = Vec::with_capacity(names.len());
    let mut internals: HashMap<&str, String> = HashMap::new();
    for ((field, own), internal) in fields.iter().zip(&scope.columns).zip(names) {
        let source = PlanColumn::new(Some(reference.clone()), field.name());
        exprs.push((Expr::Column(source).alias(&internal), renamed(field, &internal)));
        let origin = internals.entry(&own.origin).or_insert_with(|| internal.clone()).clone();
        columns.push(Column { internal, origin, ..own.clone() });
    }
    let plan = projection(LogicalPlan::TableScan(scan), exprs)?;
    Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
}
