//! `spark.read.format("…")` of a data source written in Python.

use crate::resolve::{Column, Resolved, Resolver, Scope, Table};
use crate::spec::DataSource;
use arrow::array::{ArrayRef, BinaryArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::datasource::MemTable;
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::nodes::MapInPython;
use firesteel_common::python::{
    DataSourceSchema, EvalType, PythonDataSource, PythonFunction, PythonTask,
};
use firesteel_common::types::type_from_json;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

impl Resolver<'_> {
    /// One task per partition that the source's reader names.
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
        let read =
            self.env.plan_data_source_read(registered, &instance, &schema.to_json().to_string())?;
        let input = self.partitions(read.partitions)?;
        let function = PythonFunction {
            name: registered.name.clone(),
            eval_type: EvalType::MAP_ARROW_ITER,
            command: read.command,
            version: registered.version.clone(),
            includes: Vec::new(),
            output_type: SparkType::Struct(schema.clone()),
            deterministic: true,
            result_id: PythonFunction::next_result_id(),
            settings: self.env.python()?,
        };
        let inputs = vec![StructField::new("partition", SparkType::Binary, true).to_arrow()];
        let task = Arc::new(PythonTask::over_all(&function, 1, false));
        let names = schema.fields.iter().map(|field| field.name.clone()).collect();
        let columns: Vec<Column> = schema
            .fields
            .into_iter()
            .map(|field| Column::new(self.fresh(), field, Vec::new()))
            .collect();
        let fields = columns.iter().map(Column::to_arrow).collect();
        let node = MapInPython::try_new(input, task, inputs, fields, names)?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }

    /// A relation of one row per partition.
    fn partitions(&mut self, partitions: Vec<Vec<u8>>) -> Result<LogicalPlan> {
        let field = Field::new("partition", DataType::Binary, true);
        let schema = Arc::new(Schema::new(vec![field]));
        let rows = partitions.iter().map(|partition| {
            let column: ArrayRef = Arc::new(BinaryArray::from_vec(vec![partition]));
            Ok(vec![RecordBatch::try_new(Arc::clone(&schema), vec![column])?])
        });
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let provider = Arc::new(MemTable::try_new(schema, rows)?);
        let schema =
            StructType { fields: vec![StructField::new("partition", SparkType::Binary, true)] };
        let table = Table::Provider { provider, schema, qualifier: Vec::new() };
        let resolved = self.table(table, Vec::new())?;
        Ok(self.exact(resolved)?.plan)
    }
}
