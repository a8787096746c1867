//! Spark's settings where a plan runs: strings in DataFusion's configuration, which travels with a task.

use datafusion_common::Result;
use datafusion_common::config::{ConfigEntry, ConfigExtension, ConfigOptions, ExtensionOptions};
use std::any::Any;
use std::collections::BTreeMap;

/// The `spark.…` settings that an engine was started with.
#[derive(Debug, Clone, Default)]
pub struct SparkStrings(BTreeMap<String, String>);

impl SparkStrings {
    /// Takes the keys that begin with `spark.`.
    pub fn new<'a>(settings: impl IntoIterator<Item = (&'a String, &'a String)>) -> Self {
        let own = settings.into_iter().filter_map(|(key, value)| {
            Some((key.strip_prefix("spark.")?.to_owned(), value.clone()))
        });
        Self(own.collect())
    }

    /// The value of `key`, with `spark.` before it, in the configuration of a task.
    pub fn get<'a>(options: &'a ConfigOptions, key: &str) -> Option<&'a str> {
        let own = options.extensions.get::<SparkStrings>()?;
        own.0.get(key.strip_prefix("spark.")?).map(String::as_str)
    }
}

impl ConfigExtension for SparkStrings {
    const PREFIX: &'static str = "spark";
}

impl ExtensionOptions for SparkStrings {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        self.0.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        let entry = |(key, value): (&String, &String)| ConfigEntry {
            key: format!("{}.{key}", Self::PREFIX),
            value: Some(value.clone()),
            description: "",
        };
        self.0.iter().map(entry).collect()
    }
}
