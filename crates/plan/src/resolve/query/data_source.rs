//! `spark.read…load()`.

use crate::resolve::{Resolved, Resolver};
use crate::spec::DataSource;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_functions::refuse_lengths;

impl Resolver<'_> {
    pub(super) fn data_source(&mut self, source: &DataSource) -> Result<Resolved> {
        if let Some(name) = &source.format
            && let Some(registered) = self.env.registered_data_source(name)
        {
            return self.python_data_source(source, &registered);
        }
        let table = match &source.schema {
            Some(schema) if schema.fields.iter().any(|field| field.data_type.holds_length()) => {
                let schema = SparkType::Struct(schema.clone());
                let plain = refuse_lengths(schema, self.settings.char_varchar_as_string)?;
                let SparkType::Struct(plain) = plain else {
                    return Err(SparkError::internal("a schema became another type"));
                };
                self.env.data_source(&DataSource { schema: Some(plain), ..source.clone() })?
            }
            _ => self.env.data_source(source)?,
        };
        self.table(table, Vec::new())
    }
}
