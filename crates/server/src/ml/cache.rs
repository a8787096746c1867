//! Models and summaries that the clients of a session refer to by id.
//!
//! As in Spark, what was not used for a while, or what does not fit, is kept on disk: least recently used first
//! (`spark.connect.session.connectML.mlCache.memoryControl.*`).

use super::offload;
use crate::limits::milliseconds;
use crate::memory_limit::memory_limit;
use crate::session::Session;
use firesteel_common::conf::parse_byte_size;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_ml::{Instance, Summary};
use firesteel_plan::spec::Relation;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A summary and the relation that it is over.
#[derive(Clone)]
pub struct SummaryEntry {
    pub summary: Arc<dyn Summary>,
    pub predictions: Relation,
}

/// What an id stands for.
#[derive(Clone)]
pub enum Cached {
    Model(Instance),
    Summary(SummaryEntry),
}

struct Entry {
    /// None: on disk.
    value: Option<Cached>,
    /// The summary of a model's training.
    summary: Option<SummaryEntry>,
    class: String,
    size_bytes: u64,
    last_used: Instant,
}

/// The objects of one session.
#[derive(Default)]
pub struct MlCache {
    entries: Mutex<HashMap<String, Entry>>,
}

/// `spark.connect.session.connectML.mlCache.memoryControl.*`.
struct Limits {
    enabled: bool,
    memory_bytes: u64,
    model_bytes: u64,
    storage_bytes: u64,
    idle: Duration,
}

impl Limits {
    fn of(session: &Session) -> Self {
        let key = |name: &str| {
            let key = format!("spark.connect.session.connectML.mlCache.memoryControl.{name}");
            session.conf.read().effective(&key)
        };
        let bytes = |name: &str, default: u64| {
            key(name).and_then(|text| parse_byte_size(name, &text, 0).ok()).unwrap_or(default)
        };
        let memory = memory_limit(session.engine().conf()).map_or(4 << 30, |bytes| bytes as u64);
        Self {
            enabled: key("enabled").is_none_or(|text| text.eq_ignore_ascii_case("true")),
            memory_bytes: bytes("maxInMemorySize", memory / 4),
            model_bytes: bytes("maxModelSize", 1 << 30),
            storage_bytes: bytes("maxStorageSize", 10 << 30),
            idle: key("offloadingTimeout")
                .and_then(|text| idle_time(&text))
                .unwrap_or(Duration::from_secs(15 * 60)),
        }
    }
}

/// `5min`, `300s`; minutes without a unit.
fn idle_time(text: &str) -> Option<Duration> {
    match text.trim().parse::<u64>() {
        Ok(minutes) => minutes.checked_mul(60).map(Duration::from_secs),
        Err(_) => Some(Duration::from_millis(u64::try_from(milliseconds(text)?).ok()?)),
    }
}

impl MlCache {
    /// Keeps a model; gives its id.
    ///
    /// # Errors
    /// `CONNECT_ML.MODEL_SIZE_OVERFLOW_EXCEPTION`, `CONNECT_ML.ML_CACHE_SIZE_OVERFLOW_EXCEPTION`.
    pub fn put_model(
        &self,
        session: &Session,
        instance: Instance,
        summary: Option<SummaryEntry>,
    ) -> Result<String> {
        let limits = Limits::of(session);
        let size_bytes = instance.model.size_bytes();
        if limits.enabled && size_bytes > limits.model_bytes {
            return Err(overflow(
                "MODEL_SIZE_OVERFLOW_EXCEPTION",
                format!(
                    "The fitted or loaded model size is about {size_bytes} bytes. Please fit or load a model smaller \
                     than {} bytes.",
                    limits.model_bytes
                ),
                size_bytes,
                limits.model_bytes,
            ));
        }
        let class = instance.params.class().to_owned();
        let id = uuid::Uuid::new_v4().to_string();
        let mut entries = self.entries.lock();
        if limits.enabled {
            let all: u64 = entries.values().map(|entry| entry.size_bytes).sum();
            if all + size_bytes > limits.storage_bytes {
                return Err(overflow(
                    "ML_CACHE_SIZE_OVERFLOW_EXCEPTION",
                    format!(
                        "The model cache size in current session is about to exceed {} bytes. Please delete existing \
                         cached model by executing 'del model' in python client before fitting new model or loading \
                         new model.",
                        limits.storage_bytes
                    ),
                    all + size_bytes,
                    limits.storage_bytes,
                ));
            }
        }
        let entry = Entry {
            value: Some(Cached::Model(instance)),
            summary,
            class,
            size_bytes,
            last_used: Instant::now(),
        };
        entries.insert(id.clone(), entry);
        if limits.enabled {
            Self::offload(session, &mut entries, &limits, &id);
        }
        Ok(id)
    }

    /// Keeps a summary; gives its id.
    pub fn put_summary(&self, summary: SummaryEntry) -> String {
        let id = uuid::Uuid::new_v4().to_string();
        let entry = Entry {
            class: summary.summary.class().to_owned(),
            value: Some(Cached::Summary(summary)),
            summary: None,
            size_bytes: 0,
            last_used: Instant::now(),
        };
        self.entries.lock().insert(id.clone(), entry);
        id
    }

    /// The object of this id; reads it back if it is on disk.
    ///
    /// # Errors
    /// `CONNECT_ML.CACHE_INVALID`.
    pub fn get(&self, session: &Session, id: &str) -> Result<Cached> {
        let mut entries = self.entries.lock();
        let entry = entries.get_mut(id).ok_or_else(|| super::cache_invalid(id))?;
        entry.last_used = Instant::now();
        if entry.value.is_none() {
            let instance = offload::read(&directory(session).join(id))?;
            entry.value = Some(Cached::Model(instance));
        }
        entry.value.clone().ok_or_else(|| super::cache_invalid(id))
    }

    /// The model of this id.
    ///
    /// # Errors
    /// As [`MlCache::get`]; it is no model.
    pub fn model(&self, session: &Session, id: &str) -> Result<Instance> {
        match self.get(session, id)? {
            Cached::Model(instance) => Ok(instance),
            Cached::Summary(_) => Err(super::cache_invalid(id)),
        }
    }

    /// The summary of the training of a model, or the summary of this id.
    ///
    /// # Errors
    /// As [`MlCache::get`]; the model has none.
    pub fn summary(&self, id: &str) -> Result<SummaryEntry> {
        let mut entries = self.entries.lock();
        let entry = entries.get_mut(id).ok_or_else(|| super::cache_invalid(id))?;
        entry.last_used = Instant::now();
        let own = match &entry.value {
            Some(Cached::Summary(own)) => Some(own.clone()),
            _ => entry.summary.clone(),
        };
        own.ok_or_else(|| {
            let name = entry.class.rsplit('.').next().unwrap_or_default();
            SparkError::runtime("", format!("No training summary available for this {name}"))
        })
    }

    /// Sets the summary of a model's training.
    ///
    /// # Errors
    /// `CONNECT_ML.CACHE_INVALID`.
    pub fn set_summary(&self, id: &str, summary: SummaryEntry) -> Result<()> {
        let mut entries = self.entries.lock();
        let entry = entries.get_mut(id).ok_or_else(|| super::cache_invalid(id))?;
        entry.summary = Some(summary);
        Ok(())
    }

    /// Memory of the model of this id, about, in bytes.
    ///
    /// # Errors
    /// `CONNECT_ML.CACHE_INVALID`.
    pub fn size_bytes(&self, id: &str) -> Result<u64> {
        let entries = self.entries.lock();
        entries.get(id).map(|entry| entry.size_bytes).ok_or_else(|| super::cache_invalid(id))
    }

    /// Forgets the object, or only moves it to disk; whether there was one.
    pub fn remove(&self, session: &Session, id: &str, evict_only: bool) -> bool {
        let mut entries = self.entries.lock();
        if evict_only {
            let Some(entry) = entries.get_mut(id) else { return false };
            evict(session, id, entry);
            return true;
        }
        match entries.remove(id) {
            Some(entry) => {
                if entry.value.is_none() {
                    let _ = std::fs::remove_dir_all(directory(session).join(id));
                }
                true
            }
            None => false,
        }
    }

    /// Forgets all; how many there were.
    pub fn clear(&self, session: &Session) -> usize {
        let mut entries = self.entries.lock();
        let n = entries.len();
        entries.clear();
        let _ = std::fs::remove_dir_all(directory(session));
        n
    }

    /// Id, class and size in bytes of every object in memory, sorted by id.
    pub fn info(&self) -> Vec<(String, String, u64)> {
        let entries = self.entries.lock();
        let in_memory = entries.iter().filter(|(_, entry)| entry.value.is_some());
        let mut info: Vec<_> = in_memory
            .map(|(id, entry)| (id.clone(), entry.class.clone(), entry.size_bytes))
            .collect();
        info.sort();
        info
    }

    /// Moves models to disk until the rest fits: idle ones, then the least recently used; not `newest`.
    fn offload(
        session: &Session,
        entries: &mut HashMap<String, Entry>,
        limits: &Limits,
        newest: &str,
    ) {
        let mut in_memory: Vec<_> = entries
            .iter()
            .filter(|(id, entry)| *id != newest && matches!(entry.value, Some(Cached::Model(_))))
            .map(|(id, entry)| (entry.last_used, id.clone(), entry.size_bytes))
            .collect();
        in_memory.sort();
        let newest_bytes = entries.get(newest).map_or(0, |entry| entry.size_bytes);
        let mut bytes: u64 =
            newest_bytes + in_memory.iter().map(|(.., size_bytes)| size_bytes).sum::<u64>();
        for (last_used, id, size_bytes) in in_memory {
            if bytes <= limits.memory_bytes && last_used.elapsed() < limits.idle {
                break;
            }
            if let Some(entry) = entries.get_mut(&id)
                && evict(session, &id, entry)
            {
                bytes -= size_bytes;
            }
        }
    }
}

/// Moves a model to disk; whether that went well.
fn evict(session: &Session, id: &str, entry: &mut Entry) -> bool {
    let Some(Cached::Model(instance)) = &entry.value else { return false };
    match offload::write(&directory(session).join(id), instance) {
        Ok(()) => {
            entry.value = None;
            true
        }
        Err(error) => {
            tracing::warn!("a model stays in memory: {error}");
            false
        }
    }
}

fn directory(session: &Session) -> PathBuf {
    session.engine().temp_dir().join("ml_models").join(&session.server_side_id)
}

fn overflow(condition: &str, message: String, size_bytes: u64, bytes_max: u64) -> SparkError {
    SparkError::new(
        ErrorKind::Execution,
        format!("CONNECT_ML.{condition}"),
        format!("Generic Spark Connect ML error. {message}"),
    )
    .with("modelSize", size_bytes.to_string())
    .with("modelMaxSize", bytes_max.to_string())
}
