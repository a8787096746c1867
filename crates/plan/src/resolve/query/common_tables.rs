//! WITH clauses and the relations that subquery expressions refer to by plan id.

use super::alias::qualified;
use crate::resolve::output::{column, named, projection};
use crate::resolve::scope::same_name;
use crate::resolve::{Column, Resolved, Resolver, Scope, Table};
use crate::spec::{CommonTable, Name, Relation, RelationNode, SetOperator, With};
use arrow::datatypes::{FieldRef, Schema};
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::logical_expr::{Extension, LogicalPlan, RecursiveQuery};
use firesteel_common::nodes::RecursionLimit;
use firesteel_common::{Result, SparkError, SparkType, StructType};
use std::sync::Arc;

/// For how many relations one use of a common table counts, beside the views in it.
const RELATIONS_EXPECTED: usize = 10;

/// The tables of one WITH clause that are defined so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommonTables {
    tables: Vec<(String, Definition)>,
}

#[derive(Debug, Clone)]
enum Definition {
    /// Resolved where it is used, in the scope of the clauses before it.
    Query { table: CommonTable, n_visible: usize, n_frames: usize },
    /// Resolved already: the working table inside a recursive query.
    Resolved(Resolved),
}

impl Resolver<'_> {
    pub(super) fn with(&mut self, with: &With) -> Result<Resolved> {
        let n_frames = self.common_tables.len();
        self.common_tables.push(CommonTables::default());
        let resolved = self.with_tables(with, n_frames);
        self.common_tables.truncate(n_frames);
        resolved
    }

    /// A query that knows `table` by `name`.
    pub(super) fn with_table(
        &mut self,
        name: &str,
        table: Resolved,
        query: &Relation,
    ) -> Result<Resolved> {
        let n_frames = self.common_tables.len();
        let tables = vec![(name.to_owned(), Definition::Resolved(table))];
        self.common_tables.push(CommonTables { tables });
        let resolved = self.relation(query);
        self.common_tables.truncate(n_frames);
        resolved
    }

    fn with_tables(&mut self, with: &With, n_frames: usize) -> Result<Resolved> {
        for table in &with.tables {
            let definition = if with.recursive && names_table(&table.query, &table.name) {
                Definition::Resolved(self.recursive_table(table)?)
            } else {
                let n_visible = self.common_tables[n_frames].tables.len();
                Definition::Query { table: table.clone(), n_visible, n_frames }
            };
            self.common_tables[n_frames].tables.push((table.name.clone(), definition));
        }
        self.relation(&with.input)
    }

    /// The table of a WITH clause called `name`; none if there is none.
    pub(super) fn common_table(&mut self, name: &Name) -> Result<Option<Resolved>> {
        let [name] = name.as_slice() else { return Ok(None) };
        let found = self.common_tables.iter().rev().find_map(|frame| {
            let mut tables = frame.tables.iter().rev();
            tables.find(|(known, _)| same_name(self.settings, known, name)).map(|(_, def)| def)
        });
        match found.cloned() {
            None => Ok(None),
            Some(Definition::Resolved(resolved)) => {
                self.view(&resolved, std::slice::from_ref(name)).map(Some)
            }
            Some(Definition::Query { table, n_visible, n_frames }) => {
                // How many there are shows when they are resolved: each use makes them anew.
                self.splice(RELATIONS_EXPECTED)?;
                // The query sees the clauses around its own, and the tables before it.
                let mut visible = self.common_tables[..=n_frames].to_vec();
                visible[n_frames].tables.truncate(n_visible);
                let all = std::mem::replace(&mut self.common_tables, visible);
                let resolved = self.common_table_query(&table);
                self.common_tables = all;
                resolved.map(Some)
            }
        }
    }

    fn common_table_query(&mut self, table: &CommonTable) -> Result<Resolved> {
        // A common table is not correlated with the query that uses it.
        let resolved = self.relation(&table.query)?;
        let renamed = self.with_column_aliases(resolved, &table.columns)?;
        Ok(qualified(renamed, std::slice::from_ref(&table.name)))
    }

    fn with_column_aliases(&mut self, resolved: Resolved, names: &[String]) -> Result<Resolved> {
        if names.is_empty() {
            return Ok(resolved);
        }
        let n_columns = resolved.scope.columns.len();
        if names.len() != n_columns {
            return Err(SparkError::analysis(
                "ASSIGNMENT_ARITY_MISMATCH",
                format!(
                    "The number of columns or variables assigned or aliased: {} does not match the \
                     number of source expressions: {n_columns}.",
                    names.len()
                ),
            )
            .with("numTarget", names.len().to_string())
            .with("numExpr", n_columns.to_string()));
        }
        self.renamed_columns(&resolved, names)
    }

    /// `WITH RECURSIVE r AS (anchor UNION ALL step)`: the step reads the rows of the round before.
    fn recursive_table(&mut self, table: &CommonTable) -> Result<Resolved> {
        let RelationNode::SetOperation(union) = table.query.node.as_ref() else {
            return Err(SparkError::unsupported(
                "recursive common table expressions that are no UNION",
            ));
        };
        if union.op != SetOperator::Union {
            return Err(SparkError::unsupported(
                "recursive common table expressions that are no UNION",
            ));
        }
        let anchor = self.relation(&union.left)?;
        let anchor = self.with_column_aliases(anchor, &table.columns)?;
        let anchor = self.exact(anchor)?;
        let types: Vec<SparkType> =
            anchor.scope.columns.iter().map(|own| own.field.data_type.clone()).collect();

        // The working table's columns are nullable: a later round may bring nulls.
        let working_name = self.fresh();
        let mut working_columns = anchor.scope.columns.clone();
        for own in &mut working_columns {
            own.field.nullable = true;
        }
        let fields: Vec<FieldRef> = working_columns.iter().map(Column::to_arrow).collect();
        let schema = Arc::new(Schema::new(fields));
        let provider = Arc::new(CteWorkTable::new(&working_name, schema));
        let shown = StructType::new(working_columns.iter().map(|own| own.field.clone()).collect());
        let working =
            Table::Provider { provider, schema: shown, qualifier: vec![table.name.clone()] };
        let working = self.table(working, vec![working_name.clone()])?;

        let frame = self.common_tables.len() - 1;
        self.common_tables[frame].tables.push((table.name.clone(), Definition::Resolved(working)));
        let step = self.relation(&union.right);
        self.common_tables[frame].tables.pop();
        let step = self.exact(step?)?;
        if step.scope.columns.len() != types.len() {
            return Err(SparkError::analysis(
                "NUM_COLUMNS_MISMATCH",
                format!(
                    "UNION can only be performed on inputs with the same number of columns, but the \
                     first input has {} columns and the second input has {} columns.",
                    types.len(),
                    step.scope.columns.len()
                ),
            ));
        }
        let step = self.with_types(step, &types)?;
        let step_exprs = step.scope.columns.iter().zip(&working_columns).map(|(own, working)| {
            let nullable = own.field.nullable;
            let field = working.to_arrow().as_ref().clone().with_nullable(nullable);
            (named(column(&own.internal), &working.internal), Arc::new(field))
        });
        let step = projection(step.plan, step_exprs.collect())?;
        // Zero and less mean no limit.
        let levels = match table.recursion_levels_max {
            Some(levels) => u32::try_from(levels).ok().filter(|levels| *levels > 0),
            None => self.settings.recursion_levels_max,
        };
        let rows = self.settings.recursion_rows_max;
        let limit = RecursionLimit { input: step, levels, rows };
        let step = LogicalPlan::Extension(Extension { node: Arc::new(limit) });
        let node = RecursiveQuery::try_new(
            working_name,
            Arc::new(anchor.plan),
            Arc::new(step),
            !union.all,
        )?;
        let scope = Arc::new(Scope::new(working_columns));
        Ok(Resolved { plan: LogicalPlan::RecursiveQuery(node), scope })
    }

    pub(super) fn with_relations(
        &mut self,
        root: &Relation,
        references: &[Relation],
    ) -> Result<Resolved> {
        let mut added = Vec::new();
        for reference in references {
            if let Some(plan_id) = reference.plan_id {
                added.push((plan_id, self.references.insert(plan_id, reference.clone())));
            }
        }
        let aliases: Vec<(String, Relation)> =
            references.iter().filter_map(named_reference).collect();
        let resolved = if aliases.is_empty() {
            self.relation(root)
        } else {
            // `spark.sql(text, df=df)`: references with a name are tables for the text.
            let tables = aliases.into_iter().map(|(name, query)| CommonTable {
                name,
                columns: Vec::new(),
                query,
                recursion_levels_max: None,
            });
            let with = With { input: root.clone(), tables: tables.collect(), recursive: false };
            self.with(&with)
        };
        for (plan_id, before) in added {
            match before {
                Some(before) => self.references.insert(plan_id, before),
                None => self.references.remove(&plan_id),
            };
        }
        resolved
    }
}

fn named_reference(reference: &Relation) -> Option<(String, Relation)> {
    match reference.node.as_ref() {
        RelationNode::Alias { name, .. } => Some((name.clone(), reference.clone())),
        _ => None,
    }
}

/// Whether a table called `name` is read somewhere in `query`. The debug form names every table;
/// a false positive only costs a failed attempt at recursion.
fn names_table(query: &Relation, name: &str) -> bool {
    let text = format!("{query:?}").to_lowercase();
    text.contains(&format!("namedtable {{ name: [{:?}]", name.to_lowercase()))
}
