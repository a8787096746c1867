//! JSON files and columns of JSON lines (Spark's `JacksonParser` and `JsonDataSource`).

mod column;
mod infer;
mod options;
mod parser;
mod reader;

pub use infer::{infer_files, infer_json_schema};
pub use reader::{format, parse_json};
