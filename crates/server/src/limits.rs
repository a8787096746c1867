//! How long idle sessions and abandoned operations are kept, and how much of their answers: Spark's keys,
//! read once when the engine starts.

use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SessionConf, SparkError};
use std::collections::BTreeMap;
use std::time::Duration;

/// Limits of sessions and operations. Fixed when the engine starts, as in Spark.
#[derive(Debug, Clone)]
pub struct Limits {
    /// A session that nobody asked anything for this long is closed; never if there is none.
    /// `spark.connect.session.manager.defaultSessionTimeout`, an hour.
    pub session_timeout: Option<Duration>,
    /// Closed sessions whose ids are remembered, so that they do not come back empty.
    /// `spark.connect.session.manager.closedSessionsTombstonesSize`, 1,000.
    pub closed_sessions_max: usize,
    /// An operation without a reader is stopped and dropped after this long.
    /// `spark.connect.execute.manager.detachedTimeout`, five minutes.
    pub detached_timeout: Duration,
    /// Operations dropped so whose ids are remembered, so that a late retry does not run them twice.
    /// `spark.connect.execute.manager.abandonedTombstonesSize`, 10,000.
    pub abandoned_operations_max: usize,
    /// How often idle sessions and abandoned operations are looked for, at most: the shorter of
    /// `spark.connect.session.manager.maintenanceInterval` and
    /// `spark.connect.execute.manager.maintenanceInterval`, 30 seconds. Timeouts that are shorter are
    /// kept to nevertheless.
    pub maintenance_interval: Duration,
    /// How long GetStatus knows of an operation that ended.
    /// `spark.connect.session.inactiveOperations.cacheExpiration`, half an hour.
    pub ended_operation_expiration: Duration,
    /// After this long, or this many bytes, a reattachable stream ends and the client takes it up again.
    /// `spark.connect.execute.reattachable.senderMaxStreamDuration`, two minutes, and
    /// `…senderMaxStreamSize`, 1 GiB; zero for no limit.
    pub stream_duration_max: Option<Duration>,
    pub stream_bytes_max: Option<usize>,
    /// Bytes of answers that were sent and are kept in case the connection broke.
    /// `spark.connect.execute.reattachable.observerRetryBufferSize`, 10 MiB.
    pub retry_buffer_bytes: usize,
    /// Whether streams can be taken up again at all. `spark.connect.execute.reattachable.enabled`.
    pub reattachable: bool,
    /// The largest message that is taken. `spark.connect.grpc.maxInboundMessageSize`, 128 MiB.
    pub inbound_message_bytes_max: usize,
    /// What a compressed plan may unpack to. `spark.connect.maxPlanSize`, 512 MiB.
    pub plan_bytes_max: usize,
}

impl Limits {
    /// # Errors
    /// `INVALID_CONF_VALUE` when a value is not of its key's kind.
    pub fn new(conf: &BTreeMap<String, String>) -> Result<Limits> {
        let conf = SessionConf::new(conf.clone());
        let text = |key: &str| conf.effective(key);
        let milliseconds = |key: &str| -> Result<i64> {
            let value = text(key).unwrap_or_default();
            milliseconds(&value).ok_or_else(|| invalid(key, &value, "a time such as 30s"))
        };
        let duration = |key: &str| -> Result<Duration> {
            Ok(Duration::from_millis(u64::try_from(milliseconds(key)?).unwrap_or_default()))
        };
        let bytes = |key: &str| -> Result<usize> {
            let value = text(key).unwrap_or_default();
            bytes(&value).ok_or_else(|| invalid(key, &value, "a size such as 10m"))
        };
        let count = |key: &str| -> Result<usize> {
            let value = text(key).unwrap_or_default();
            value.trim().parse().map_err(|_| invalid(key, &value, "a number"))
        };
        let session_timeout = milliseconds("spark.connect.session.manager.defaultSessionTimeout")?;
        let stream_duration =
            duration("spark.connect.execute.reattachable.senderMaxStreamDuration")?;
        let stream_bytes = bytes("spark.connect.execute.reattachable.senderMaxStreamSize")?;
        let session_interval = duration("spark.connect.session.manager.maintenanceInterval")?;
        let operation_interval = duration("spark.connect.execute.manager.maintenanceInterval")?;
        Ok(Limits {
            session_timeout: u64::try_from(session_timeout).ok().map(Duration::from_millis),
            closed_sessions_max: count(
                "spark.connect.session.manager.closedSessionsTombstonesSize",
            )?,
            detached_timeout: duration("spark.connect.execute.manager.detachedTimeout")?,
            abandoned_operations_max: count(
                "spark.connect.execute.manager.abandonedTombstonesSize",
            )?,
            maintenance_interval: session_interval.min(operation_interval),
            ended_operation_expiration: duration(
                "spark.connect.session.inactiveOperations.cacheExpiration",
            )?,
            stream_duration_max: Some(stream_duration).filter(|limit| !limit.is_zero()),
            stream_bytes_max: Some(stream_bytes).filter(|limit| *limit > 0),
            retry_buffer_bytes: bytes(
                "spark.connect.execute.reattachable.observerRetryBufferSize",
            )?,
            reattachable: text("spark.connect.execute.reattachable.enabled")
                .is_none_or(|value| !value.trim().eq_ignore_ascii_case("false")),
            inbound_message_bytes_max: bytes("spark.connect.grpc.maxInboundMessageSize")?,
            plan_bytes_max: bytes("spark.connect.maxPlanSize")?,
        })
    }
}

fn invalid(key: &str, value: &str, expected: &str) -> SparkError {
    SparkError::new(
        ErrorKind::IllegalArgument,
        "INVALID_CONF_VALUE.TYPE_MISMATCH",
        format!("The value '{value}' in the config \"{key}\" is invalid. It should be {expected}."),
    )
    .with("confName", key)
    .with("confValue", value)
}

/// `30s`, `500ms`, `2min`, `1h`; milliseconds without a unit. Negative values mean "never" to some keys.
pub fn milliseconds(text: &str) -> Option<i64> {
    let (number, unit) = split(text)?;
    match unit.as_str() {
        "us" => Some(number / 1_000),
        "" | "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" | "min" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        "d" => number.checked_mul(86_400_000),
        _ => None,
    }
}

/// `10m`, `1g`, `4096b`; bytes without a unit.
fn bytes(text: &str) -> Option<usize> {
    let (number, unit) = split(text)?;
    let shift = match unit.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    usize::try_from(number).ok()?.checked_mul(1 << shift)
}

fn split(text: &str) -> Option<(i64, String)> {
    let text = text.trim();
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let number = text[..end].trim().parse().ok()?;
    Some((number, text[end..].to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_sparks() {
        let limits = Limits::new(&BTreeMap::new()).unwrap();
        assert_eq!(limits.session_timeout, Some(Duration::from_secs(3_600)));
        assert_eq!(limits.detached_timeout, Duration::from_secs(300));
        assert_eq!(limits.stream_bytes_max, Some(1 << 30));
        assert_eq!(limits.retry_buffer_bytes, 10 << 20);
    }

    #[test]
    fn units() {
        let conf = |key: &str, value: &str| {
            Limits::new(&BTreeMap::from([(key.to_owned(), value.to_owned())]))
        };
        let timeout = "spark.connect.session.manager.defaultSessionTimeout";
        assert_eq!(conf(timeout, "3s").unwrap().session_timeout, Some(Duration::from_secs(3)));
        assert_eq!(conf(timeout, "-1").unwrap().session_timeout, None);
        assert!(conf(timeout, "soon").is_err());
        let size = "spark.connect.execute.reattachable.senderMaxStreamSize";
        assert_eq!(conf(size, "1k").unwrap().stream_bytes_max, Some(1_024));
        assert_eq!(conf(size, "0").unwrap().stream_bytes_max, None);
    }
}
