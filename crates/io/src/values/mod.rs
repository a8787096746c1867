//! Text to typed values and back, as Spark's CSV and JSON sources and partition directories do it.

pub mod column;
pub mod number;
pub mod pattern;
pub mod temporal;
