//! `spark.read…load()`.

use crate::resolve::{Resolved, Resolver};
use crate::spec::DataSource;
use firesteel_common::Result;

impl Resolver<'_> {
    pub(super) fn data_source(&mut self, source: &DataSource) -> Result<Resolved> {
        if let Some(name) = &source.format
            && let Some(registered) = self.env.registered_data_source(name)
        {
            return self.python_data_source(source, &registered);
        }
        let table = self.env.data_source(source)?;
        self.table(table, Vec::new())
    }
}
