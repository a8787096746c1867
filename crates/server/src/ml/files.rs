//! Saved instances in Spark's layout: `metadata/` is a text file of one line of JSON, tables are Parquet beside it.

use crate::command;
use crate::planning::{resolve, visible_plan};
use crate::session::Session;
use arrow::array::{RecordBatch, RecordBatchOptions, StringArray};
use arrow::compute::concat_batches;
use firesteel_common::error::ErrorKind;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{PlanRunner, Result, SparkError, SparkType, StructField, StructType};
use firesteel_io::local_path;
use firesteel_ml::saved::{ModelReader, ModelWriter, Table};
use firesteel_ml::{Class, Instance, Params, Role};
use firesteel_plan::spec::{
    Command, DataSource, LocalRelation, Options, Relation, RelationNode, SaveMode, WritePath,
};
use futures::TryStreamExt;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::runtime::Handle;

/// The Spark whose layout this is.
const SPARK_VERSION: &str = "4.2.0";

/// Makes room at `path`: refuses what is there, or removes it.
///
/// # Errors
/// Spark's, if something is there and `overwrite` is not set.
pub fn handle_overwrite(path: &str, overwrite: bool) -> Result<()> {
    let local = local_path(path)?;
    if !local.exists() {
        return Ok(());
    }
    if !overwrite {
        return Err(SparkError::new(
            ErrorKind::Execution,
            "",
            format!(
                "(java.io.IOException) Path {path} already exists. To overwrite it, please use \
                 write.overwrite().save(path) for Scala and use write().overwrite().save(path) for Java and Python."
            ),
        ));
    }
    let removed = match local.is_dir() {
        true => std::fs::remove_dir_all(&local),
        false => std::fs::remove_file(&local),
    };
    removed.map_err(|error| failed(path, &error.to_string()))
}

/// Writes a model. Blocks.
///
/// # Errors
/// When files cannot be written.
pub fn save(session: &Arc<Session>, path: &str, instance: &Instance) -> Result<()> {
    let mut writer = Writer { session, path, extra: Map::new() };
    instance.model.save(&instance.params, &mut writer)?;
    let extra = writer.extra;
    write_metadata(session, path, &metadata(&instance.params, extra))
}

/// Writes an estimator, transformer or evaluator: its parameters. Blocks.
///
/// # Errors
/// When files cannot be written.
pub fn save_params(session: &Arc<Session>, path: &str, params: &Params) -> Result<()> {
    write_metadata(session, path, &metadata(params, Map::new()))
}

/// Reads a model of whatever class is saved there. Blocks.
///
/// # Errors
/// When there is none, or its class is not served.
pub fn load(session: &Arc<Session>, path: &str) -> Result<Instance> {
    let metadata = read_metadata(session, path)?;
    let (class, params) = params_of(&metadata)?;
    let Role::Model { load, .. } = class.role else {
        return Err(firesteel_ml::error::unsupported_class(class.name));
    };
    let mut reader = Reader { session, path, metadata };
    let model = load(&params, &mut reader)?;
    Ok(Instance { params, model })
}

/// Reads an estimator, transformer or evaluator. Blocks.
///
/// # Errors
/// As [`load`].
pub fn load_params(session: &Arc<Session>, path: &str) -> Result<(&'static Class, Params)> {
    params_of(&read_metadata(session, path)?)
}

fn metadata(params: &Params, extra: Map<String, Json>) -> Json {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (set, defaults) = params.to_json();
    let mut line = Map::new();
    line.insert("class".to_owned(), json!(params.class()));
    line.insert("timestamp".to_owned(), json!(now.as_millis() as u64));
    line.insert("sparkVersion".to_owned(), json!(SPARK_VERSION));
    line.insert("uid".to_owned(), json!(params.uid()));
    line.insert("paramMap".to_owned(), set);
    line.insert("defaultParamMap".to_owned(), defaults);
    line.extend(extra);
    Json::Object(line)
}

fn params_of(metadata: &Json) -> Result<(&'static Class, Params)> {
    let text = |key: &str| metadata.get(key).and_then(Json::as_str).unwrap_or_default();
    let class = super::class(text("class"))?;
    let mut params = Params::new(class.name, text("uid"), class.params);
    let map = |key: &str| metadata.get(key).cloned().unwrap_or(Json::Null);
    params.read_json(class.params, &map("paramMap"), &map("defaultParamMap"))?;
    Ok((class, params))
}

fn failed(path: &str, reason: &str) -> SparkError {
    SparkError::new(ErrorKind::Execution, "", format!("{path}: {reason}"))
}

fn join(path: &str, name: &str) -> String {
    format!("{}/{name}", path.trim_end_matches('/'))
}

/// Writes rows as one file of `format`.
fn write(
    session: &Arc<Session>,
    path: String,
    format: &str,
    schema: StructType,
    batch: RecordBatch,
) -> Result<()> {
    let rows: Relation =
        RelationNode::Local(LocalRelation { schema: Some(schema), batches: vec![batch] }).into();
    let input: Relation =
        RelationNode::Repartition { input: rows, partitions: 1, shuffle: false }.into();
    let write = WritePath {
        input,
        format: Some(format.to_owned()),
        path: Some(path),
        mode: SaveMode::ErrorIfExists,
        options: Options::default(),
        partition_by: Vec::new(),
        sort_by: Vec::new(),
        bucket_by: None,
        cluster_by: Vec::new(),
    };
    Handle::current().block_on(command::run(session, Command::Write(write))).map(drop)
}

fn write_metadata(session: &Arc<Session>, path: &str, line: &Json) -> Result<()> {
    let schema = StructType::new(vec![StructField::new("value", SparkType::string(), true)]);
    let column = Arc::new(StringArray::from(vec![line.to_string()]));
    let batch = RecordBatch::try_new(Arc::new(schema_to_arrow(&schema)), vec![column])?;
    write(session, join(path, "metadata"), "text", schema, batch)
}

fn read(session: &Arc<Session>, path: String, format: &str) -> Result<Table> {
    let source = DataSource {
        format: Some(format.to_owned()),
        schema: None,
        options: Options::default(),
        paths: vec![path],
        predicates: Vec::new(),
    };
    let relation: Relation = RelationNode::DataSource(source).into();
    let resolved = resolve(session, &relation)?;
    let plan = visible_plan(&resolved)?;
    let schema = resolved.schema();
    let runner = session.engine().runner()?;
    let batches: Vec<RecordBatch> = Handle::current()
        .block_on(async { Ok::<_, SparkError>(runner.run(plan).await?.try_collect().await?) })?;
    let arrow = Arc::new(schema_to_arrow(&schema));
    let named = batches.iter().map(|batch| {
        let columns = batch.columns().iter().zip(arrow.fields());
        let columns =
            columns.map(|(column, field)| match column.data_type() == field.data_type() {
                true => Ok(Arc::clone(column)),
                false => arrow::compute::cast(column, field.data_type()),
            });
        let fields = arrow.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        let own = Arc::new(arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()));
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(
            own,
            columns.collect::<std::result::Result<_, _>>()?,
            &options,
        )?)
    });
    let named = named.collect::<Result<Vec<_>>>()?;
    let batch = match named.first() {
        Some(first) => concat_batches(&first.schema(), &named)?,
        None => RecordBatch::new_empty(arrow),
    };
    Ok(Table { schema, batch })
}

fn read_metadata(session: &Arc<Session>, path: &str) -> Result<Json> {
    let table = read(session, join(path, "metadata"), "text")?;
    let lines = firesteel_ml::saved::texts(table.column("value")?)?;
    let line = lines.first().ok_or_else(|| failed(path, "the metadata has no line"))?;
    serde_json::from_str(line).map_err(|error| failed(path, &format!("broken metadata: {error}")))
}

struct Writer<'a> {
    session: &'a Arc<Session>,
    path: &'a str,
    extra: Map<String, Json>,
}

impl ModelWriter for Writer<'_> {
    fn extra(&mut self, name: &str, value: Json) {
        self.extra.insert(name.to_owned(), value);
    }

    fn table(&mut self, name: &str, table: Table) -> Result<()> {
        write(self.session, join(self.path, name), "parquet", table.schema, table.batch)
    }

    fn instance(&mut self, name: &str, instance: &Instance) -> Result<()> {
        save(self.session, &join(self.path, name), instance)
    }

    fn metadata(&mut self, name: &str, line: &Json) -> Result<()> {
        write_metadata(self.session, &join(self.path, name), line)
    }
}

struct Reader<'a> {
    session: &'a Arc<Session>,
    path: &'a str,
    metadata: Json,
}

impl ModelReader for Reader<'_> {
    fn metadata(&self) -> &Json {
        &self.metadata
    }

    fn table(&mut self, name: &str) -> Result<Table> {
        read(self.session, join(self.path, name), "parquet")
    }

    fn instance(&mut self, name: &str) -> Result<Instance> {
        load(self.session, &join(self.path, name))
    }

    fn metadata_of(&mut self, name: &str) -> Result<Json> {
        read_metadata(self.session, &join(self.path, name))
    }
}
