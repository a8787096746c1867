//! Rows as pickles: what functions of eval type 100 take and give, `useArrow=False` and those registered for SQL.
//!
//! ```text
//! stream.rs  both, batch by batch
//! write.rs   arguments  →  frames of rows
//! read.rs    a frame    →  objects
//! values.rs  objects    →  columns; null where an object is not of the declared type
//! text.rs    objects    →  texts, as Java writes them
//! ```
//!
//! Both directions know the few opcodes that `pickle` itself writes for values; nothing of a pickle is run.

mod read;
mod stream;
mod text;
mod values;
mod write;

pub use stream::{Results, pickle_stream};
pub use write::RowWriter;
