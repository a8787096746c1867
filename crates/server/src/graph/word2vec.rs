//! MLlib's Word2Vec for walks over graphs: algorithms of graphs do not know MLlib, so it is handed to them.

use crate::ml::{SessionJob, class, params};
use arrow::array::{ArrayRef, AsArray, ListBuilder, RecordBatch, StringBuilder};
use datafusion::catalog::MemTable;
use datafusion::common::{Column, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, TableScanBuilder};
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{
    Frame, Result, SessionSettings, SparkError, SparkType, StructField, StructType, TableHost,
};
use firesteel_engine::LocalRunner;
use firesteel_graph::algorithm::Word2Vec;
use firesteel_ml::data::Dataset;
use firesteel_ml::linalg::VectorColumn;
use firesteel_ml::{Role, Value};
use std::collections::HashMap;
use std::sync::Arc;

const CLASS: &str = "org.apache.spark.ml.feature.Word2Vec";
const TEXTS: &str = "walk";

/// Word2Vec with these parameters, by Spark's names for them.
///
/// # Errors
/// `IllegalArgumentException` for parameters out of range.
pub fn word2vec(
    mut set: Vec<(String, Value)>,
    settings: SessionSettings,
    runner: Arc<LocalRunner>,
) -> Result<Word2Vec> {
    let estimator = class(CLASS)?;
    set.push(("inputCol".to_owned(), Value::String(TEXTS.to_owned())));
    let params = params(estimator, "graph", set)?;
    let Role::Estimator { fit, .. } = estimator.role else {
        return Err(SparkError::internal("Word2Vec is no estimator"));
    };
    Ok(Arc::new(move |walks, names| {
        let job = SessionJob::within(settings.clone(), Arc::clone(&runner));
        let data = Dataset { frame: texts(walks, names)?, job: Arc::new(job) };
        let model = fit(&params, &data)?.model;
        let mut host = Rows { settings: settings.clone(), rows: Vec::new() };
        model.table(&params, "getVectors", Vec::new(), &mut host)?;
        vectors(&host.rows, names)
    }))
}

/// The walks as a frame of one column: lists of the vertices' names.
fn texts(walks: &[Vec<u32>], names: &[String]) -> Result<Frame> {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for walk in walks {
        walk.iter().for_each(|vertex| lists.values().append_value(&names[*vertex as usize]));
        lists.append(true);
    }
    let text = Box::new(SparkType::String { collation: None });
    let words = SparkType::Array { element: text, contains_null: true };
    let field = StructField::new(TEXTS, words, false);
    let schema = Arc::new(schema_to_arrow(&StructType::new(vec![field.clone()])));
    let lists: ArrayRef = Arc::new(lists.finish());
    let lists = arrow::compute::cast(&lists, schema.field(0).data_type())?;
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![lists])?;
    let table = provider_as_source(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?));
    let name = TableReference::bare("walks");
    let plan = LogicalPlan::TableScan(TableScanBuilder::new(name.clone(), table).build()?);
    let column = Expr::Column(Column::new(Some(name), TEXTS));
    Frame { plan, columns: Vec::new(), case_sensitive: false }.select(vec![(column, field)])
}

/// The vector of each name; none for names that occur too rarely.
fn vectors(rows: &[RecordBatch], names: &[String]) -> Result<Vec<Option<Vec<f64>>>> {
    let numbers: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    let mut found = vec![None; names.len()];
    for batch in rows {
        let broken = || SparkError::internal("vectors of words are words and vectors");
        let words = arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Utf8)?;
        let words = words.as_string_opt::<i32>().ok_or_else(broken)?;
        let vectors = VectorColumn::new(batch.column(1))?;
        for (row, word) in words.iter().enumerate() {
            let number = word.and_then(|word| numbers.get(word)).ok_or_else(broken)?;
            found[*number] = vectors.get(row).map(|vector| vector.to_dense());
        }
    }
    Ok(found)
}

/// Takes the rows that a model makes a table of.
struct Rows {
    settings: SessionSettings,
    rows: Vec<RecordBatch>,
}

impl TableHost for Rows {
    fn settings(&self) -> &SessionSettings {
        &self.settings
    }

    fn collect(&mut self, _plan: LogicalPlan) -> Result<Vec<RecordBatch>> {
        Err(SparkError::internal("vectors of words need no query"))
    }

    fn rows(&mut self, _schema: StructType, batches: &[RecordBatch]) -> Result<Frame> {
        self.rows = batches.to_vec();
        // Nobody reads it.
        texts(&[], &[])
    }

    fn sql(&mut self, _query: &str, _name: &str, _table: Frame) -> Result<Frame> {
        Err(SparkError::internal("vectors of words need no query"))
    }
}
