//! `spec` → DataFusion `LogicalPlan` with Spark's semantics.
//!
//! | module | question |
//! |---|---|
//! | [`scope`] | what do people call the columns of a plan? |
//! | `query` | what does a relation mean? one file per relation |
//! | `expression` | what does an expression mean? one file per kind |
//! | `naming` | what is an unnamed expression called? |
//! | `kept` | what takes the place of a cached relation? |
//! | `unnest` | which joins are the subqueries in expressions? |
//! | `environment` | what is needed from outside? |
//!
//! Every column in the plan has a unique internal name (`#12`), so DataFusion never sees a
//! duplicate or a name that it could normalise; see [`Scope`].

mod argument_naming;
mod char_varchar;
mod collated;
mod environment;
mod expression;
mod kept;
mod names;
mod naming;
mod output;
mod plan_ids;
mod query;
mod range_table;
mod scope;
mod suggestion;
mod unnest;

pub use char_varchar::declared;
pub use environment::{Environment, Table};
pub use kept::{KeptRows, ScopeBelow, resolve_to_keep};
pub use names::Names;
pub use query::{Aggregation, frame_of};
pub use range_table::operators;
pub use scope::{Below, Column, Scope};

use crate::spec;
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::{Result, SessionSettings, SparkError, StructType};
use std::collections::HashMap;
use std::sync::Arc;

/// A resolved relation. Columns of `plan` have unique internal names; `scope` says, in order, what
/// the user calls them. The plan may have more columns than the scope shows.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub plan: LogicalPlan,
    pub scope: Arc<Scope>,
}

impl Resolved {
    /// The schema that the user sees.
    pub fn schema(&self) -> StructType {
        self.scope.schema()
    }
}

/// Resolves a query. Blocks while the environment does; recurses as deep as the query is.
///
/// # Errors
/// Spark's analysis errors.
pub fn resolve_query(env: &dyn Environment, relation: &spec::Relation) -> Result<Resolved> {
    Resolver::new(env).query(relation)
}

/// As [`resolve_query`], with what the user calls the columns everywhere in the plan.
///
/// # Errors
/// Spark's analysis errors.
pub fn resolve_query_with_names(
    env: &dyn Environment,
    relation: &spec::Relation,
) -> Result<(Resolved, Names)> {
    let mut resolver = Resolver::new(env);
    resolver.names = Some(Names::default());
    let resolved = resolver.query(relation)?;
    Ok((resolved, resolver.names.unwrap_or_default()))
}

/// As [`resolve_query_with_names`], of a query whose rows go to the client: a few in Spark's order.
///
/// # Errors
/// Spark's analysis errors.
pub fn resolve_query_to_collect(
    env: &dyn Environment,
    relation: &spec::Relation,
) -> Result<(Resolved, Names)> {
    let mut resolver = Resolver::new(env);
    resolver.names = Some(Names::default());
    let resolved = resolver.query(relation)?;
    let resolved = resolver.in_collected_order(resolved);
    Ok((resolved, resolver.names.unwrap_or_default()))
}

/// Most columns of a relation. DataFusion compares each with each while it plans constants: 20,000 take 3 s, 100,000
/// would take more than a minute.
const COLUMNS_MAX: usize = 50_000;

pub(crate) use firesteel_common::frame::fresh_internal_name as fresh_name;

/// Stack that must be left before a level of recursion, and what is added where it is not.
const STACK_LEFT_BYTES: usize = 256 * 1024;
const STACK_ADDED_BYTES: usize = 4 * 1024 * 1024;

/// State of the resolution of one query.
pub(crate) struct Resolver<'e> {
    pub(crate) env: &'e dyn Environment,
    pub(crate) settings: &'e SessionSettings,
    /// Nesting of the relation that is being resolved.
    level: usize,
    plan_ids: plan_ids::PlanIds,
    /// Scopes of the queries around the current subquery, outermost first.
    outer: Vec<Arc<Scope>>,
    /// WITH clauses in force, innermost last.
    pub(crate) common_tables: Vec<query::CommonTables>,
    /// Relations that subquery expressions name by plan id.
    pub(crate) references: HashMap<i64, spec::Relation>,
    /// How often that happened: a short plan of references to references could ask for any number.
    pub(crate) n_references: usize,
    /// Relations taken over from views and common tables so far.
    pub(crate) n_spliced: usize,
    /// Whether any expression has held a subquery.
    has_subqueries: bool,
    /// WINDOW clauses in force, innermost last.
    pub(crate) windows: Vec<Vec<(String, spec::Window)>>,
    /// What `RelationNode::Resolved` stands for.
    pub(crate) given: Vec<Resolved>,
    /// Arguments of `spark.sql(text, args)`, innermost last.
    pub(crate) parameters: Vec<query::Parameters>,
    /// Filled for whoever shows the plan to people.
    names: Option<Names>,
    /// Inside the arguments of a Python function, which are named otherwise (`argument_naming`).
    in_python_args: bool,
    /// Names of observations and what they observe: one name may not mean two things.
    pub(crate) observed: Vec<(String, (spec::Relation, Vec<spec::Expr>))>,
}

impl<'e> Resolver<'e> {
    pub(crate) fn new(env: &'e dyn Environment) -> Self {
        Self {
            env,
            settings: env.settings(),
            level: 0,
            plan_ids: plan_ids::PlanIds::default(),
            outer: Vec::new(),
            common_tables: Vec::new(),
            references: HashMap::new(),
            n_references: 0,
            n_spliced: 0,
            has_subqueries: false,
            windows: Vec::new(),
            given: Vec::new(),
            parameters: Vec::new(),
            observed: Vec::new(),
            names: None,
            in_python_args: false,
        }
    }

    /// As [`fresh_name`].
    pub(crate) fn fresh(&mut self) -> String {
        fresh_name()
    }

    /// Resolves a whole query.
    fn query(&mut self, relation: &spec::Relation) -> Result<Resolved> {
        let Resolved { plan, scope } = self.relation(relation)?;
        Ok(Resolved { plan: self.runnable(plan)?, scope })
    }

    /// `plan` as it may be run: no subqueries but those that DataFusion decorrelates.
    pub(crate) fn runnable(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let plan = if self.has_subqueries { unnest::subqueries_as_joins(plan)? } else { plan };
        collated::by_keys(plan)
    }

    /// The expression that a piece of SQL text is (`F.expr`, `selectExpr`).
    pub(crate) fn parsed_text(&self, text: &str) -> Result<spec::Expr> {
        let dialect = self.settings.dialect;
        match text.contains("${") {
            true => crate::sql::parse_expression_in(&self.env.substituted(text), dialect),
            false => crate::sql::parse_expression_in(text, dialect),
        }
    }

    /// Resolves a relation and everything under it.
    pub(crate) fn relation(&mut self, relation: &spec::Relation) -> Result<Resolved> {
        stacker::maybe_grow(STACK_LEFT_BYTES, STACK_ADDED_BYTES, || {
            self.level += 1;
            let in_python_args = std::mem::take(&mut self.in_python_args);
            let resolved = match self.env.persisted(relation) {
                Some(kept) => self.kept(&kept),
                None => self.relation_node(relation).and_then(|resolved| self.or_kept(resolved)),
            };
            self.level -= 1;
            self.in_python_args = in_python_args;
            let resolved = resolved.map_err(|error| match &relation.origin {
                Some(origin) => error.at(origin.to_query_context()),
                None => error,
            })?;
            let n_columns = resolved.scope.columns.len();
            if n_columns > COLUMNS_MAX {
                return Err(SparkError::unsupported(format!(
                    "a relation of {n_columns} columns; {COLUMNS_MAX} are the most"
                )));
            }
            if let Some(names) = &mut self.names {
                names.add(&resolved.scope);
            }
            if let Some(plan_id) = relation.plan_id {
                self.plan_ids.record(plan_id, self.level, &resolved.scope);
            }
            Ok(resolved)
        })
    }
}
