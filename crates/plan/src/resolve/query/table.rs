//! Tables and views by name, and whatever else stands for a table.

use crate::resolve::output::{column, projection, renamed};
use crate::resolve::scope::quote_name;
use crate::resolve::{Column, Resolved, Resolver, Scope, Table};
use crate::spec::{CatalogCall, Name, NamedTable};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Column as PlanColumn, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, TableScanBuilder};
use firesteel_common::{Result, SparkError, StructField};
use std::sync::Arc;

/// Last column of a table of files, which `*` does not select.
const METADATA: &str = "_metadata";

/// Relations that one query may take from views and common tables, counted at each use.
const SPLICED_MAX: usize = 100_000;

/// Name of a scan of something that has no name.
const UNNAMED: &str = "rows";

impl Resolver<'_> {
    pub(super) fn named_table(&mut self, table: &NamedTable) -> Result<Resolved> {
        if table.time_travel.is_some() {
            return Err(SparkError::unsupported("time travel"));
        }
        let name = match &table.identifier {
            Some(expr) => self.identifier(expr)?,
            None => table.name.clone(),
        };
        if let Some(resolved) = self.common_table(&name)? {
            return Ok(resolved);
        }
        match self.env.table(&name, &table.options)? {
            Some(found) => self.table(found, name),
            None => Err(self.not_found(&name)),
        }
    }

    pub(super) fn cached_remote(&mut self, relation_id: &str) -> Result<Resolved> {
        let table = self.env.cached_remote(relation_id)?;
        self.table(table, Vec::new())
    }

    pub(super) fn catalog_call(
        &mut self,
        call: &CatalogCall,
        plan_id: Option<i64>,
    ) -> Result<Resolved> {
        if let CatalogCall::CreateTable { table, .. } = call {
            // The call stands for the new table.
            if !plan_id.is_some_and(|plan_id| self.env.is_repeated(call, plan_id)) {
                self.env.catalog(call)?;
            }
            return match self.env.table(table, &Vec::new())? {
                Some(found) => self.table(found, table.clone()),
                None => Err(self.not_found(table)),
            };
        }
        let (schema, batches) = self.env.catalog(call)?;
        self.rows(schema, &batches)
    }

    /// A table under fresh internal names.
    pub(crate) fn table(&mut self, table: Table, name: Name) -> Result<Resolved> {
        match table {
            Table::View { resolved, qualifier } => self.view(&resolved, &qualifier),
            Table::Provider { provider, schema, qualifier } => {
                let scan_name = name.last().map_or(UNNAMED, String::as_str);
                let reference = TableReference::bare(scan_name);
                let source = provider_as_source(provider);
                let scan = TableScanBuilder::new(reference.clone(), source).build()?;
                let fields = scan.projected_schema.fields().clone();
                let n_hidden = fields.len().saturating_sub(schema.fields.len());
                let is_metadata = fields.last().is_some_and(|field| field.name() == METADATA);
                if fields.len() < schema.fields.len() || n_hidden > usize::from(is_metadata) {
                    return Err(SparkError::internal("a table's schema is not its provider's"));
                }
                let mut exprs = Vec::with_capacity(fields.len());
                let mut columns = Vec::with_capacity(fields.len());
                for (field, shown) in fields.iter().zip(schema.fields) {
                    let internal = self.fresh();
                    let source = PlanColumn::new(Some(reference.clone()), field.name());
                    let expr = self.as_declared(Expr::Column(source), &shown)?.alias(&internal);
                    exprs.push((expr, renamed(field, &internal)));
                    columns.push(Column::new(internal, shown, qualifier.clone()));
                }
                let mut file_metadata = None;
                if n_hidden == 1
                    && let Some(field) = fields.last()
                {
                    let internal = self.fresh();
                    let source = PlanColumn::new(Some(reference), field.name());
                    let field = renamed(field, &internal);
                    exprs.push((Expr::Column(source).alias(&internal), Arc::clone(&field)));
                    let mut shown = StructField::from_arrow(&field)?;
                    shown.name = METADATA.to_owned();
                    file_metadata = Some(Column::new(internal, shown, qualifier));
                }
                let plan = projection(LogicalPlan::TableScan(scan), exprs)?;
                let scope = Scope { file_metadata, ..Scope::new(columns) };
                Ok(Resolved { plan, scope: Arc::new(scope) })
            }
        }
    }

    /// Answers for relations that a query takes from a view or a common table.
    ///
    /// # Errors
    /// `FAILED_TO_PARSE_TOO_COMPLEX` when they become more than [`SPLICED_MAX`].
    pub(super) fn splice(&mut self, n_relations: usize) -> Result<()> {
        if n_relations > SPLICED_MAX - self.n_spliced {
            return Err(too_complex());
        }
        self.n_spliced += n_relations;
        Ok(())
    }

    /// A resolved plan once more: it may stand in one query several times.
    ///
    /// Plans share what they have in common, but the rules walk over all of it: forty views of which each joins the
    /// one before with itself are 2^40 scans.
    ///
    /// # Errors
    /// As [`Resolver::splice`].
    pub(super) fn view(&mut self, resolved: &Resolved, qualifier: &[String]) -> Result<Resolved> {
        let left = SPLICED_MAX - self.n_spliced;
        let mut n_relations = 0;
        resolved.plan.apply_with_subqueries(|_| {
            n_relations += 1;
            Ok(match n_relations > left {
                true => TreeNodeRecursion::Stop,
                false => TreeNodeRecursion::Continue,
            })
        })?;
        self.splice(n_relations)?;
        let mut exprs = Vec::with_capacity(resolved.scope.columns.len());
        let mut columns = Vec::with_capacity(resolved.scope.columns.len());
        for own in &resolved.scope.columns {
            let internal = self.fresh();
            let field = resolved.plan.schema().field_with_unqualified_name(&own.internal)?;
            exprs.push((column(&own.internal).alias(&internal), renamed(field, &internal)));
            columns.push(Column::new(internal, own.field.clone(), qualifier.to_vec()));
        }
        let mut input = resolved.plan.clone();
        let mut file_metadata = None;
        if let Some(own) = &resolved.scope.file_metadata
            && let Some(exposed) = self.expose(&input, &own.internal)?
        {
            let internal = self.fresh();
            let field = Arc::clone(exposed.schema().field_with_unqualified_name(&own.internal)?);
            exprs.push((column(&own.internal).alias(&internal), renamed(&field, &internal)));
            file_metadata = Some(Column::new(internal, own.field.clone(), qualifier.to_vec()));
            input = exposed;
        }
        let plan = projection(input, exprs)?;
        let scope = Scope { file_metadata, ..Scope::new(columns) };
        Ok(Resolved { plan, scope: Arc::new(scope) })
    }
}

fn too_complex() -> SparkError {
    SparkError::analysis(
        "FAILED_TO_PARSE_TOO_COMPLEX",
        format!(
            "The statement, including potential SQL functions and referenced views, was too complex to parse: it \
             uses more than {SPLICED_MAX} relations. To mitigate this error divide the statement into multiple, \
             less complex chunks."
        ),
    )
}

impl Resolver<'_> {
    fn not_found(&self, name: &Name) -> SparkError {
        let quoted = quote_name(name);
        let catalog = &self.settings.catalog;
        if name.len() > 3 || name.len() == 3 && !name[0].eq_ignore_ascii_case(catalog) {
            return SparkError::analysis(
                "REQUIRES_SINGLE_PART_NAMESPACE",
                format!("{catalog} requires a single-part namespace, but got identifier {quoted}."),
            )
            .with("sessionCatalog", catalog.clone())
            .with("identifier", quoted);
        }
        let search = format!(
            "[`system`.`builtin`, `system`.`session`, `{}`.`{}`]",
            self.settings.catalog, self.settings.database
        );
        SparkError::analysis(
        "TABLE_OR_VIEW_NOT_FOUND",
        format!(
            "The table or view {quoted} cannot be found. Verify the spelling and correctness of \
             the schema and catalog.\nSearch path: {search}.\nIf you did not qualify the name with a schema, verify the \
             current_schema() output, or qualify the name with the correct schema and catalog.\nTo \
             tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."
        ),
    )
    .with("relationName", quoted)
    .with("searchPath", search)
    }
}
