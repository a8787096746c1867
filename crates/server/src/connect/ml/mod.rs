//! MLlib over Spark Connect: `MlCommand` here, `MlRelation` in `convert/relation/ml.rs`.

mod command;
mod helper;
mod literal;

pub(super) use command::execute;
pub(super) use helper::{HELPER, helper_relation};
pub(super) use literal::{params, value};
