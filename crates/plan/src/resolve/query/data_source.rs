//! `spark.read…load()`.

use crate::resolve::{Resolved, Resolver};
use crate::spec::DataSource;
use firesteel_common::Result;

impl Resolver<'_> {
    pub(super) fn data_source(&mut self, source: &DataSource) -> Result<Resolved> {
        let table = self.env.data_source(source)?;
        self.table(table, Vec::new())
    }
}
