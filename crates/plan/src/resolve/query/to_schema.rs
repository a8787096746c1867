//! `df.to(schema)`: columns reordered, cast and checked against a schema.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Relation;
use firesteel_common::{Result, SparkError, StructType};

impl Resolver<'_> {
    pub(super) fn to_schema(
        &mut self,
        _input: &Relation,
        _schema: &StructType,
    ) -> Result<Resolved> {
        Err(SparkError::unsupported("DataFrame.to"))
    }
}
