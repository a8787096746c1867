//! `spark.read.format("…")` of a data source written in Python.

use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::DataSource;
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::nodes::{PythonScan, PythonSource};
use firesteel_common::python::{DataSourceSchema, PythonDataSource};
use firesteel_common::types::type_from_json;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

impl Resolver<'_> {
    /// An instance of the source. How it is read is asked when the query runs.
    pub(super) fn python_data_source(
        &mut self,
        source: &DataSource,
        registered: &PythonDataSource,
    ) -> Result<Resolved> {
        let mut options = source.options.clone();
        // Paths are an option, as in Spark.
        match source.paths.as_slice() {
            [] => {}
            [path] => options.push(("path".to_owned(), path.clone())),
            paths => {
                let paths = serde_json::Value::from(paths.to_vec()).to_string();
                options.push(("paths".to_owned(), paths));
            }
        }
        let given = source.schema.as_ref().map(|schema| schema.to_json().to_string());
        let instance = self.env.create_data_source(registered, given.as_deref(), &options)?;
        let schema = match &instance.schema {
            DataSourceSchema::Ddl(text) => crate::sql::parse_schema(text)?,
            DataSourceSchema::Json(text) => match type_from_json(text)? {
                SparkType::Struct(schema) => schema,
                _ => return Err(SparkError::invalid_plan("A data source's schema is a struct.")),
            },
        };
        let columns: Vec<Column> = schema
            .fields
            .iter()
            .map(|field| Column::new(self.fresh(), field.clone(), Vec::new()))
            .collect();
        let scan = PythonScan {
            source: registered.clone(),
            instance: instance.instance,
            schema,
            settings: self.env.python()?,
            pushes_filters: self.env.pushes_filters_to_python(),
        };
        let fields = columns.iter().map(Column::to_arrow).collect();
        let node = PythonSource::try_new(Arc::new(scan), fields)?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }
}
