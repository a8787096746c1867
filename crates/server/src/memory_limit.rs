//! How much memory the server may use.

use firesteel_common::conf::parse_byte_size;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use std::collections::BTreeMap;
use std::fs::read_to_string;

/// Keys that set the limit, the first that is there. In Spark's local mode the driver runs the tasks.
const KEYS: [&str; 2] = ["spark.executor.memory", "spark.driver.memory"];
/// Less is taken for a mistake, such as a missing unit of a number of bytes.
const LIMIT_MIN_BYTES: u64 = 4 << 20;
/// Of what the machine has left when the engine starts: the rest is for the user's Python, for the page
/// cache, and for what operators hold without being asked.
const SHARE_PERCENT: u64 = 60;
/// Where the system does not say what it has.
const UNKNOWN_MACHINE_BYTES: u64 = 4 << 30;

/// The limit in bytes: `spark.executor.memory` or else `spark.driver.memory` as Spark writes sizes (a
/// number alone counts mebibytes), or else 60 per cent of what is available, in the machine or in the
/// container.
///
/// # Errors
/// `IllegalArgument` for a value that is no size or less than 4 MiB.
pub fn memory_limit(conf: &BTreeMap<String, String>) -> Result<usize> {
    let set = KEYS.iter().find_map(|key| conf.get(*key).map(|text| (*key, text)));
    let bytes = match set {
        Some((key, text)) => {
            let bytes = parse_byte_size(key, text, 20)?;
            if bytes < LIMIT_MIN_BYTES {
                return Err(SparkError::new(
                    ErrorKind::IllegalArgument,
                    "",
                    format!("{key} must be at least 4m, got \"{text}\"."),
                ));
            }
            bytes
        }
        None => available_bytes() / 100 * SHARE_PERCENT,
    };
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// `spark.io.compression.codec`, in the words of [`firesteel_engine::EngineConfig`]; lz4 by default.
///
/// # Errors
/// `IllegalArgument` for a codec that Spark does not know.
pub fn spill_codec(conf: &BTreeMap<String, String>) -> Result<String> {
    if conf.get("spark.shuffle.spill.compress").is_some_and(|on| on.trim() == "false") {
        return Ok("none".to_owned());
    }
    let codec = conf.get("spark.io.compression.codec").map_or("lz4", |codec| codec.trim());
    match codec.to_ascii_lowercase().as_str() {
        "zstd" => Ok("zstd".to_owned()),
        "lz4" | "lzf" | "snappy" => Ok("lz4".to_owned()),
        _ => Err(SparkError::new(
            ErrorKind::IllegalArgument,
            "CODEC_NOT_AVAILABLE.WITH_CONF_SUGGESTION",
            format!(
                "The codec {codec} is not available. Consider to set the config \
                 \"spark.io.compression.codec\" to one of lz4, lzf, snappy, zstd."
            ),
        )
        .with("codecName", codec)
        .with("configKey", "\"spark.io.compression.codec\"")
        .with("configVal", "lz4, lzf, snappy, zstd")),
    }
}

/// `firesteel.spill.maxSize`: most bytes of spilled data on disk at once; none: 100 GiB.
///
/// # Errors
/// `IllegalArgument` for a value that is no size.
pub fn spill_bytes_max(conf: &BTreeMap<String, String>) -> Result<Option<u64>> {
    const KEY: &str = "firesteel.spill.maxSize";
    conf.get(KEY).map(|text| parse_byte_size(KEY, text, 0)).transpose()
}

fn available_bytes() -> u64 {
    let machine = read_to_string("/proc/meminfo").ok().and_then(|text| meminfo_available(&text));
    let control_groups = read_to_string("/proc/self/cgroup").unwrap_or_default();
    let group = group_directories(&control_groups)
        .iter()
        .filter_map(|directory| {
            let read = |name: &str| {
                read_to_string(format!("{directory}/{name}")).ok()?.trim().parse::<u64>().ok()
            };
            let limit = read("memory.max").or_else(|| read("memory.limit_in_bytes"))?;
            let used = read("memory.current").or_else(|| read("memory.usage_in_bytes"))?;
            Some(limit.saturating_sub(used))
        })
        .min();
    match (machine, group) {
        (Some(machine), Some(group)) => machine.min(group),
        (one, other) => one.or(other).unwrap_or(UNKNOWN_MACHINE_BYTES),
    }
}

/// `MemAvailable: 123 kB`.
fn meminfo_available(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The directories of the process's memory groups, parents included: any of them may hold the limit.
fn group_directories(control_groups: &str) -> Vec<String> {
    let mut directories = Vec::new();
    for line in control_groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let root = match controllers {
            "" => "/sys/fs/cgroup",
            list if list.split(',').any(|one| one == "memory") => "/sys/fs/cgroup/memory",
            _ => continue,
        };
        let mut path = path.trim_end_matches('/');
        loop {
            directories.push(format!("{root}{path}"));
            match path.rfind('/') {
                Some(end) => path = &path[..end],
                None => break,
            }
        }
    }
    directories
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(key: &str, value: &str) -> Result<usize> {
        memory_limit(&BTreeMap::from([(key.to_owned(), value.to_owned())]))
    }

    #[test]
    fn limits_that_are_set() {
        assert_eq!(limit("spark.executor.memory", "256m").ok(), Some(256 << 20));
        assert_eq!(limit("spark.driver.memory", "2g").ok(), Some(2 << 30));
        let error = limit("spark.executor.memory", "lots").unwrap_err();
        assert!(error.raw_message().contains("spark.executor.memory"));
        assert!(limit("spark.executor.memory", "1m").is_err());
    }

    #[test]
    fn limits_of_the_machine() {
        assert!(memory_limit(&BTreeMap::new()).is_ok_and(|bytes| bytes > 0));
        assert_eq!(meminfo_available("MemTotal: 9 kB\nMemAvailable:  4 kB\n"), Some(4096));
        assert_eq!(
            group_directories("0::/user.slice/app\n"),
            ["/sys/fs/cgroup/user.slice/app", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"]
        );
        assert_eq!(group_directories("4:cpu:/x\n5:memory:/"), ["/sys/fs/cgroup/memory"]);
    }
}
