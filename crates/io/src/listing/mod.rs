//! Which files a read means (Spark's `DataSource.checkAndGlobPathIfNecessary`,
//! `InMemoryFileIndex`, `PartitioningAwareFileIndex`).
//!
//! Paths, directories and globs go in; data files with the values of their partition columns come
//! out. Only the local file system is known.

pub mod glob;
pub mod partition;

use crate::request::{Options, invalid};
use chrono::{DateTime, Local, NaiveDateTime, TimeZone, Utc};
use firesteel_common::{Result, SessionSettings, SparkError, StructField, StructType};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A data file as it was found.
#[derive(Debug, Clone)]
pub struct FoundFile {
    pub path: PathBuf,
    pub size: u64,
    pub modified: SystemTime,
}

/// Files and their partition columns.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The paths that were asked for, globs expanded.
    pub roots: Vec<PathBuf>,
    pub files: Vec<FoundFile>,
    pub partition_fields: Vec<StructField>,
    /// One list of values per file, in the order of `partition_fields`.
    pub partition_values: Vec<Vec<partition::Value>>,
}

/// Finds the files of `paths`.
///
/// # Errors
/// `PATH_NOT_FOUND`, unsupported schemes, and the conflicts of [`partition::discover`].
pub fn list(
    paths: &[String],
    options: &Options,
    user_schema: Option<&StructType>,
    settings: &SessionSettings,
) -> Result<Listing> {
    let ignore_missing = options.flag("ignoreMissingFiles", false)?;
    let recursive = options.flag("recursiveFileLookup", false)?;
    let mut roots = Vec::new();
    for path in paths {
        roots.extend(expand_root(path, ignore_missing)?);
    }
    let mut found = Vec::new();
    for root in &roots {
        collect(root, true, &mut found)?;
    }
    let mut seen = BTreeSet::new();
    found.retain(|file: &FoundFile| seen.insert(file.path.clone()));

    let bases = match options.get("basePath") {
        Some(base) => vec![local_path(base)?],
        None => roots
            .iter()
            .map(|root| if root.is_dir() { root.clone() } else { parent(root) })
            .collect(),
    };
    let mut listing = if recursive {
        Listing { files: found, ..Listing::default() }
    } else {
        let discovered = partition::discover(found, &bases, user_schema, settings)?;
        if discovered.partition_fields.is_empty() {
            // Without partitions only the files directly in a root count.
            let mut listing = discovered;
            listing.files.retain(|file| {
                roots
                    .iter()
                    .any(|root| *root == file.path || Some(root.as_path()) == file.path.parent())
            });
            listing.partition_values.truncate(listing.files.len());
            listing
        } else {
            discovered
        }
    };
    retain(&mut listing, options, settings)?;
    listing.roots = roots;
    Ok(listing)
}

/// The local path of a plain path or a `file:` URI, made absolute.
///
/// # Errors
/// For schemes of other file systems.
pub fn local_path(path: &str) -> Result<PathBuf> {
    let plain = match path.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => {
            if !scheme.eq_ignore_ascii_case("file") {
                return Err(SparkError::unsupported(format!(
                    "the file system scheme \"{scheme}:\" (only local files can be read and written)"
                )));
            }
            // `file:///a` and `file://localhost/a` have an authority, `file:/a` has none.
            match rest.strip_prefix("//") {
                Some(rest) => &rest[rest.find('/').unwrap_or(rest.len())..],
                None => rest,
            }
        }
        _ => path,
    };
    let absolute = std::path::absolute(plain)
        .map_err(|error| invalid("path", path, &format!("a path ({error})")))?;
    Ok(normal(&absolute))
}

/// `file:/a/b`, as Spark shows paths.
pub fn show_path(path: &Path) -> String {
    format!("file:{}", path.display())
}

/// Whether Spark leaves a file or directory of this name out.
pub fn is_hidden(name: &str) -> bool {
    (name.starts_with('_') && !name.contains('='))
        || name.starts_with('.')
        || name.ends_with("._COPYING_")
}

fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// Removes `.`, `..` and trailing slashes.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(path).to_path_buf()
}

fn expand_root(path: &str, ignore_missing: bool) -> Result<Vec<PathBuf>> {
    let root = local_path(path)?;
    let text = root.to_string_lossy();
    if root.exists() {
        return Ok(vec![root]);
    }
    let found = if glob::is_pattern(&text) { glob::expand(&text) } else { Vec::new() };
    if found.is_empty() && !ignore_missing {
        let shown = show_path(&root);
        return Err(SparkError::analysis(
            "PATH_NOT_FOUND",
            format!("Path does not exist: {shown}."),
        )
        .with("path", shown));
    }
    Ok(found)
}

fn collect(path: &Path, is_root: bool, found: &mut Vec<FoundFile>) -> Result<()> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        // It vanished between listing and now, as a concurrent overwrite makes it.
        Err(_) => return Ok(()),
    };
    if is_hidden(&name) && !(is_root && metadata.is_dir()) {
        return Ok(());
    }
    if metadata.is_file() {
        found.push(FoundFile {
            path: path.to_path_buf(),
            size: metadata.len(),
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        });
        return Ok(());
    }
    let entries = std::fs::read_dir(path).map_err(|error| {
        SparkError::new(
            firesteel_common::ErrorKind::Execution,
            "",
            format!("Cannot list {}: {error}", show_path(path)),
        )
    })?;
    let mut children: Vec<PathBuf> =
        entries.filter_map(|entry| entry.ok()).map(|entry| entry.path()).collect();
    children.sort();
    for child in children {
        collect(&child, false, found)?;
    }
    Ok(())
}

/// Applies `pathGlobFilter`, `modifiedBefore` and `modifiedAfter`.
fn retain(listing: &mut Listing, options: &Options, settings: &SessionSettings) -> Result<()> {
    let pattern = options.get("pathGlobFilter");
    let before = options.get("modifiedBefore").map(|text| instant(text, options, settings));
    let after = options.get("modifiedAfter").map(|text| instant(text, options, settings));
    let (before, after) = (before.transpose()?, after.transpose()?);
    if pattern.is_none() && before.is_none() && after.is_none() {
        return Ok(());
    }
    let keep: Vec<bool> = listing
        .files
        .iter()
        .map(|file| {
            let name = file.path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            pattern.is_none_or(|pattern| glob::matches(pattern, &name))
                && before.is_none_or(|limit| file.modified < limit)
                && after.is_none_or(|limit| file.modified > limit)
        })
        .collect();
    let mut flags = keep.iter();
    listing.files.retain(|_| flags.next().copied().unwrap_or(true));
    let mut flags = keep.iter();
    listing.partition_values.retain(|_| flags.next().copied().unwrap_or(true));
    Ok(())
}

fn instant(text: &str, options: &Options, settings: &SessionSettings) -> Result<SystemTime> {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S"))
        .map_err(|_| {
            invalid("modifiedBefore/modifiedAfter", text, "of the form YYYY-MM-DDTHH:mm:ss")
        })?;
    let zone = options.get("timeZone").unwrap_or(&settings.time_zone);
    let utc: Option<DateTime<Utc>> = match zone.parse::<arrow::array::timezone::Tz>() {
        Ok(zone) => zone.from_local_datetime(&naive).earliest().map(|t| t.with_timezone(&Utc)),
        Err(_) => Local.from_local_datetime(&naive).earliest().map(|t| t.with_timezone(&Utc)),
    };
    Ok(utc.map_or(SystemTime::UNIX_EPOCH, SystemTime::from))
}
