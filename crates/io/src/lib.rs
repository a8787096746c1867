//! Files: reading and writing them as Spark does.
//!
//! | module | answers |
//! |---|---|
//! | `request` | what a caller asks for: [`ReadRequest`], [`WriteRequest`] |
//! | `listing` | paths, globs and `k=v` directories → files with partition values |
//! | `table` | files → DataFusion `TableProvider`, cut into Spark's partitions |
//! | `source` | one format each: parquet, csv, json, text |
//! | `values` | text → typed columns and back (numbers, dates, timestamps) |
//! | `sink` | batches → files, committed by rename |
//!
//! This crate sees neither plans nor protobuf: the caller maps its request to the structs here.

mod listing;
mod request;
mod sink;
mod source;
mod table;
mod values;

pub use listing::local_path;
pub use listing::partition::partition_value_name;
pub use request::{Options, ReadRequest, SaveMode, WriteRequest};
pub use sink::write;
pub use source::csv::{infer_csv_schema, parse_csv};
pub use source::json::{infer_json_schema, parse_json};
pub use source::parquet::existence::with_missing_value;
pub use source::{OpenTable, open};
pub use table::{FileTable, METADATA, metadata_field, operators};
