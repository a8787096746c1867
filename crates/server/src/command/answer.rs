//! The rows that a command answers with.

use arrow::array::{ArrayRef, BooleanArray, ListBuilder, RecordBatch, RecordBatchOptions};
use arrow::array::{StringArray, StringBuilder};
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Result, SparkType, StructField, StructType};
use std::sync::Arc;

/// A value of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    Text(String),
    Flag(bool),
    List(Vec<String>),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Cell::Flag(flag)
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.map_or(Cell::Null, Cell::Text)
    }
}

/// Schema and rows.
#[derive(Debug, Clone)]
pub struct Answer {
    pub schema: StructType,
    pub rows: Vec<Vec<Cell>>,
    /// The rows, where they are those of a query.
    batch: Option<RecordBatch>,
}

impl Answer {
    /// No columns, no rows: what most commands answer.
    pub fn none() -> Self {
        Self { schema: StructType::default(), rows: Vec::new(), batch: None }
    }

    /// Columns are strings that are never null, unless the name says otherwise: `name?` may be null,
    /// `name:flag` is a boolean, `name:list?` a list of strings.
    pub fn with_columns(columns: &[&str]) -> Self {
        let fields = columns.iter().map(|column| {
            let (column, nullable) = match column.strip_suffix('?') {
                Some(column) => (column, true),
                None => (*column, false),
            };
            let (name, data_type) = match column.split_once(':') {
                Some((name, "flag")) => (name, SparkType::Boolean),
                Some((name, _)) => (name, SparkType::array(SparkType::string())),
                None => (column, SparkType::string()),
            };
            StructField::new(name, data_type, nullable)
        });
        Self { schema: StructType { fields: fields.collect() }, rows: Vec::new(), batch: None }
    }

    /// The rows of a query, whose columns are those of `schema` in order.
    ///
    /// # Errors
    /// When they are not: our defect.
    pub fn of_batches(schema: StructType, batches: &[RecordBatch]) -> Result<Self> {
        let arrow = Arc::new(schema_to_arrow(&schema));
        let batch = match batches.first() {
            None => RecordBatch::new_empty(arrow),
            Some(first) => {
                let all = arrow::compute::concat_batches(&first.schema(), batches)?;
                let options = RecordBatchOptions::new().with_row_count(Some(all.num_rows()));
                RecordBatch::try_new_with_options(arrow, all.columns().to_vec(), &options)?
            }
        };
        Ok(Self { schema, rows: Vec::new(), batch: Some(batch) })
    }

    /// Adds a row.
    #[must_use]
    pub fn row(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.push(cells);
        self
    }

    pub fn push(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The rows as a batch of the schema.
    ///
    /// # Errors
    /// When a row does not fit the schema: our defect.
    pub fn batch(&self) -> Result<RecordBatch> {
        if let Some(batch) = &self.batch {
            return Ok(batch.clone());
        }
        let columns = self.schema.fields.iter().enumerate().map(|(position, field)| {
            let cells = self.rows.iter().map(|row| row.get(position).unwrap_or(&Cell::Null));
            column(&field.data_type, cells)
        });
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows.len()));
        let schema = Arc::new(schema_to_arrow(&self.schema));
        Ok(RecordBatch::try_new_with_options(schema, columns.collect(), &options)?)
    }
}

fn column<'a>(data_type: &SparkType, cells: impl Iterator<Item = &'a Cell>) -> ArrayRef {
    match data_type {
        SparkType::Boolean => {
            let flags = cells.map(|cell| match cell {
                Cell::Flag(flag) => Some(*flag),
                _ => None,
            });
            Arc::new(flags.collect::<BooleanArray>())
        }
        SparkType::Array { .. } => {
            let field =
                arrow::datatypes::Field::new("element", arrow::datatypes::DataType::Utf8, true);
            let mut lists = ListBuilder::new(StringBuilder::new()).with_field(field);
            for cell in cells {
                match cell {
                    Cell::List(items) => {
                        for item in items {
                            lists.values().append_value(item);
                        }
                        lists.append(true);
                    }
                    _ => lists.append(false),
                }
            }
            Arc::new(lists.finish())
        }
        _ => {
            let texts = cells.map(|cell| match cell {
                Cell::Text(text) => Some(text.as_str()),
                _ => None,
            });
            Arc::new(texts.collect::<StringArray>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fit_their_columns() {
        let answer = Answer::with_columns(&["a", "b?", "c:flag", "d:list?"])
            .row([Cell::from("x"), Cell::Null, true.into(), Cell::List(vec!["y".into()])])
            .row([Cell::from("z"), "w".into(), false.into(), Cell::Null]);
        let batch = answer.batch().unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (2, 4));
        assert_eq!(Answer::none().batch().unwrap().num_columns(), 0);
    }
}
