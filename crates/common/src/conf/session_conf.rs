//! The configuration of one session, with the rules of `spark.conf`.

use super::{ConfEntry, check};
use crate::error::{ErrorKind, Result, SparkError};
use std::collections::BTreeMap;

/// Values that were set, over the engine's own, over Spark's defaults.
#[derive(Debug, Clone, Default)]
pub struct SessionConf {
    values: BTreeMap<String, String>,
    /// What the engine was started with; `unset` and `RESET` return to it.
    base: BTreeMap<String, String>,
}

impl SessionConf {
    pub fn new(base: BTreeMap<String, String>) -> Self {
        Self { values: BTreeMap::new(), base }
    }

    /// Sets a key as `spark.conf.set` does.
    ///
    /// # Errors
    /// `CANNOT_MODIFY_STATIC_CONFIG`, `CANNOT_MODIFY_CONFIG`, `INVALID_CONF_VALUE`.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        require_modifiable(key)?;
        if let Some(entry) = ConfEntry::find(key) {
            check::check(entry, value)?;
        }
        self.values.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    /// Sets a key as a session's builder does: keys that only matter when a JVM starts are kept too,
    /// so that the program reads back what it wrote.
    ///
    /// # Errors
    /// `INVALID_CONF_VALUE`.
    pub fn set_silently(&mut self, key: &str, value: &str) -> Result<()> {
        if let Some(entry) = ConfEntry::find(key) {
            check::check(entry, value)?;
        }
        self.values.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    /// Returns a key to its default.
    ///
    /// # Errors
    /// `CANNOT_MODIFY_STATIC_CONFIG`, `CANNOT_MODIFY_CONFIG`.
    pub fn unset(&mut self, key: &str) -> Result<()> {
        require_modifiable(key)?;
        self.values.remove(key);
        Ok(())
    }

    /// `RESET`: every key back to what the engine was started with.
    pub fn reset(&mut self) {
        self.values.retain(|key, _| require_modifiable(key).is_err());
    }

    /// The value of a key, set or default; none when the key is known and has none.
    ///
    /// # Errors
    /// `SQL_CONF_NOT_FOUND` for a key that is neither set nor known.
    pub fn get(&self, key: &str) -> Result<Option<String>> {
        match (self.explicit(key), ConfEntry::find(key)) {
            (Some(value), _) => Ok(Some(value.to_owned())),
            (None, Some(entry)) if entry.is_sql() => Ok(self.default_of(entry)),
            _ => Err(SparkError::new(
                ErrorKind::NoSuchElement,
                "SQL_CONF_NOT_FOUND",
                format!(
                    "The SQL config \"{key}\" cannot be found. Please verify that the config exists."
                ),
            )
            .with("sqlConf", format!("\"{key}\""))),
        }
    }

    /// The value of a key, or `default` when it is not set. Spark checks the default like a value.
    ///
    /// # Errors
    /// `INVALID_CONF_VALUE` for the default.
    pub fn get_with_default(&self, key: &str, default: Option<&str>) -> Result<Option<String>> {
        if let Some(value) = self.explicit(key) {
            return Ok(Some(value.to_owned()));
        }
        if let (Some(entry), Some(default)) = (ConfEntry::find(key), default) {
            check::check(entry, default)?;
        }
        match (default, ConfEntry::find(key)) {
            // The host's own values count as set: Spark fixes them when it starts.
            (_, Some(entry)) if entry.is_static && entry.is_sql() => Ok(self.default_of(entry)),
            (default, _) => Ok(default.map(str::to_owned)),
        }
    }

    /// The value of a key that was set here or at start.
    pub fn explicit(&self, key: &str) -> Option<&str> {
        self.values.get(key).or_else(|| self.base.get(key)).map(String::as_str)
    }

    /// The value that is in force: set, or default, or none.
    pub fn effective(&self, key: &str) -> Option<String> {
        match self.explicit(key) {
            Some(value) => Some(value.to_owned()),
            None => self.default_of(ConfEntry::find(key)?),
        }
    }

    /// Everything that was set, by key.
    pub fn all_explicit(&self) -> BTreeMap<String, String> {
        let mut all = self.base.clone();
        all.extend(self.values.clone());
        all
    }

    pub fn is_modifiable(&self, key: &str) -> bool {
        ConfEntry::find(key).is_some_and(|entry| entry.is_sql() && !entry.is_static)
    }

    fn default_of(&self, entry: &ConfEntry) -> Option<String> {
        match entry.key {
            "spark.sql.session.timeZone" => Some(host_time_zone()),
            _ => entry.default_with(&|other| self.effective(other)),
        }
    }
}

fn require_modifiable(key: &str) -> Result<()> {
    let Some(entry) = ConfEntry::find(key) else {
        return Ok(());
    };
    if entry.is_static {
        return Err(SparkError::analysis(
            "CANNOT_MODIFY_STATIC_CONFIG",
            format!("Cannot modify the value of the static Spark config: \"{key}\"."),
        )
        .with("key", format!("\"{key}\"")));
    }
    if !entry.is_sql() {
        let docroot = "https://spark.apache.org/docs/latest";
        return Err(SparkError::analysis(
            "CANNOT_MODIFY_CONFIG",
            format!(
                "Cannot modify the value of the Spark config: \"{key}\".\nSee also \
                 '{docroot}/sql-migration-guide.html#ddl-statements'."
            ),
        )
        .with("key", format!("\"{key}\""))
        .with("docroot", docroot));
    }
    Ok(())
}

/// The zone of this machine, by `TZ`, `/etc/timezone` or the target of `/etc/localtime`.
pub fn host_time_zone() -> String {
    let named = |name: &str| {
        let name = name.trim().trim_start_matches(':');
        name.parse::<arrow::array::timezone::Tz>().is_ok().then(|| name.to_owned())
    };
    let from_link = || {
        let target = std::fs::read_link("/etc/localtime").ok()?;
        let target = target.to_str()?.to_owned();
        named(target.split_once("zoneinfo/")?.1)
    };
    std::env::var("TZ")
        .ok()
        .and_then(|name| named(&name))
        .or_else(|| std::fs::read_to_string("/etc/timezone").ok().and_then(|name| named(&name)))
        .or_else(from_link)
        .unwrap_or_else(|| "UTC".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_spark_conf() {
        let mut conf = SessionConf::default();
        assert_eq!(conf.get("spark.sql.shuffle.partitions").unwrap().as_deref(), Some("200"));
        assert_eq!(conf.get("spark.sql.optimizer.excludedRules").unwrap(), None);
        assert_eq!(conf.get("nope").unwrap_err().condition(), "SQL_CONF_NOT_FOUND");
        assert_eq!(
            conf.get("spark.executor.memory").unwrap_err().condition(),
            "SQL_CONF_NOT_FOUND"
        );
        assert_eq!(
            conf.set("spark.sql.warehouse.dir", "/x").unwrap_err().condition(),
            "CANNOT_MODIFY_STATIC_CONFIG"
        );
        assert_eq!(
            conf.set("spark.executor.memory", "2g").unwrap_err().condition(),
            "CANNOT_MODIFY_CONFIG"
        );
        conf.set_silently("spark.executor.memory", "2g").unwrap();
        assert_eq!(conf.get("spark.executor.memory").unwrap().as_deref(), Some("2g"));
        conf.set("my.key", "v").unwrap();
        assert_eq!(conf.get("my.key").unwrap().as_deref(), Some("v"));
        conf.reset();
        assert_eq!(conf.get_with_default("my.key", Some("d")).unwrap().as_deref(), Some("d"));
    }
}
