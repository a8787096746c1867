//! The log: warnings to stderr, more or less on request, as text or as one JSON object a line.
//!
//! | what | how |
//! |---|---|
//! | level | `FIRESTEEL_LOG` (`info`, or a filter such as `warn,firesteel_server=debug`), else `spark.log.level` (also while running: `setLogLevel`), else warnings |
//! | form | `FIRESTEEL_LOG_FORMAT` (`text`, `json`), else `spark.log.structuredLogging.enabled`, else text |
//!
//! JSON lines have the fields of Spark's structured log: `ts`, `level`, `msg`, `context`, `logger`.

use std::collections::BTreeMap;
use std::fmt;
use std::io::IsTerminal;
use std::sync::OnceLock;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::reload::Handle;
use tracing_subscriber::{EnvFilter, Registry, layer::SubscriberExt, reload};

const LEVEL_KEY: &str = "spark.log.level";
const STRUCTURED_KEY: &str = "spark.log.structuredLogging.enabled";

static FILTER: OnceLock<Handle<EnvFilter, Registry>> = OnceLock::new();

/// Starts the log of this process; a second call does nothing.
pub fn start(conf: &[(String, String)]) {
    let value = |key: &str| conf.iter().rev().find(|(own, _)| own == key).map(|(_, value)| value);
    let given = EnvFilter::try_from_env("FIRESTEEL_LOG").ok();
    let is_given = given.is_some();
    let filter = given.or_else(|| filter_of(value(LEVEL_KEY)?));
    let filter = filter.unwrap_or_else(|| EnvFilter::new("warn"));
    let is_json = match std::env::var("FIRESTEEL_LOG_FORMAT") {
        Ok(format) => format.eq_ignore_ascii_case("json"),
        Err(_) => value(STRUCTURED_KEY).is_some_and(|own| own.eq_ignore_ascii_case("true")),
    };
    let (filter, handle) = reload::Layer::new(filter);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .event_format(Line { is_json, text: Format::default() });
    let log = tracing_subscriber::registry().with(filter).with(lines);
    let is_first = tracing::subscriber::set_global_default(log).is_ok();
    // What the environment says stays: programs set the other one without being asked.
    if is_first && !is_given {
        let _ = FILTER.set(handle);
    }
}

/// Changes the level when `key` is the one that says so: `setLogLevel` sets it.
pub fn configured(key: &str, value: &str) {
    if key != LEVEL_KEY {
        return;
    }
    if let (Some(handle), Some(filter)) = (FILTER.get(), filter_of(value)) {
        // It fails when the log is gone, and then there is nothing to change.
        let _ = handle.reload(filter);
    }
}

/// Spark's level as a filter. Details are told of this engine only: those of the libraries under it are
/// many, and say little to its users.
fn filter_of(level: &str) -> Option<EnvFilter> {
    Some(EnvFilter::new(match level.trim().to_ascii_uppercase().as_str() {
        "OFF" => "off",
        "FATAL" | "ERROR" => "error",
        "WARN" => "warn",
        "INFO" => "warn,firesteel=info",
        "DEBUG" => "warn,firesteel=debug",
        "TRACE" | "ALL" => "warn,firesteel=trace",
        _ => return None,
    }))
}

/// One line per event, in either form.
struct Line {
    is_json: bool,
    text: Format,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if !self.is_json {
            return self.text.format_event(context, writer, event);
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let line = serde_json::json!({
            "ts": now,
            "level": level_name(*event.metadata().level()),
            "msg": fields.message,
            "context": fields.context,
            "logger": event.metadata().target(),
        });
        writeln!(writer, "{line}")
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARN",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    }
}

/// The fields of an event: its message and the others.
#[derive(Default)]
struct Fields {
    message: String,
    context: BTreeMap<&'static str, serde_json::Value>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "message" => self.message = text,
            name => {
                self.context.insert(name, text.into());
            }
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = value.to_owned(),
            name => {
                self.context.insert(name, value.into());
            }
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.context.insert(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.context.insert(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.context.insert(field.name(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_sparks() {
        for level in ["ALL", "DEBUG", "ERROR", "FATAL", "INFO", "OFF", "TRACE", "WARN", "info"] {
            assert!(filter_of(level).is_some(), "{level}");
        }
        assert!(filter_of("LOUD").is_none());
    }
}
