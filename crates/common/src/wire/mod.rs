//! How parts of a physical plan become bytes and come back in another process of the same binary.
//!
//! Whoever owns a thing owns its wire form; this room has only what several crates need: the trait
//! through which an encoder of plans reaches the functions, and serde forms of Arrow's fields and
//! types. Bytes are taken for hostile: what does not decode is an error, and nothing in them is an
//! address.

pub mod bytes;
pub mod data_type;
pub mod field;
pub mod fields;
mod functions;

pub use functions::FunctionCodec;
