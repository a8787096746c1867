//! CSV files and columns of CSV lines (Spark's `UnivocityParser` and `CSVDataSource`).

mod infer;
pub(crate) mod options;
mod reader;
mod tokenizer;

pub use infer::{infer_csv_schema, infer_files};
pub(crate) use reader::malformed_record;
pub use reader::{format, parse_csv};
