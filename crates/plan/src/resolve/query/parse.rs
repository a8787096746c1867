//! `spark.read.json(df)` and its like: rows out of a column of strings.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Options, Relation};
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn parse(&mut self, _input: &Relation, _format: &str, _schema: Option<&firesteel_common::StructType>, _options: &Options) -> Result<Resolved> {
        Err(SparkError::unsupported("reading from a DataFrame of strings"))
    }
}
