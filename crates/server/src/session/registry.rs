//! The sessions of the engine, by user and id.

use super::Session;
use crate::engine::Engine;
use crate::limits::Limits;
use crate::tombstones::Tombstones;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// Who asks, and for which session.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionKey {
    pub user: String,
    pub id: String,
}

/// All sessions, and the ids of closed ones: a closed session does not come back empty.
#[derive(Default)]
pub struct Sessions(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    open: HashMap<SessionKey, Arc<Session>>,
    closed: Tombstones<SessionKey, ()>,
}

impl Inner {
    fn is_closed(&self, key: &SessionKey) -> bool {
        self.closed.get(key).is_some()
    }
}

impl Sessions {
    /// The session of `key`, made when it is new. `observed` is the server-side id that the client saw
    /// last.
    ///
    /// # Errors
    /// `INVALID_HANDLE` with `FORMAT`, `SESSION_CLOSED` or `SESSION_CHANGED`.
    pub fn open(
        &self,
        engine: &Arc<Engine>,
        key: SessionKey,
        observed: Option<&str>,
    ) -> Result<Arc<Session>> {
        check_format(&key.id)?;
        let mut inner = self.0.lock();
        if let Some(session) = inner.open.get(&key) {
            return used(session, observed);
        }
        if inner.is_closed(&key) {
            return Err(closed(&key.id));
        }
        if observed.is_some_and(|observed| !observed.is_empty()) {
            return Err(changed(&key.id));
        }
        let session = Session::new(key.clone(), Arc::clone(engine));
        inner.open.insert(key, Arc::clone(&session));
        Ok(session)
    }

    /// The session of `key` if it exists.
    ///
    /// # Errors
    /// `INVALID_HANDLE` with `SESSION_NOT_FOUND`, `SESSION_CLOSED` or `SESSION_CHANGED`.
    pub fn find(&self, key: &SessionKey, observed: Option<&str>) -> Result<Arc<Session>> {
        check_format(&key.id)?;
        let inner = self.0.lock();
        match inner.open.get(key) {
            Some(session) => used(session, observed),
            None if inner.is_closed(key) => Err(closed(&key.id)),
            None => Err(invalid_handle(&key.id, "SESSION_NOT_FOUND", "Session not found.")),
        }
    }

    /// Ends the session of `key`; later calls for it fail unless `allow_reconnect`.
    pub fn close(
        &self,
        key: &SessionKey,
        allow_reconnect: bool,
        limits: &Limits,
    ) -> Option<Arc<Session>> {
        let session = {
            let mut inner = self.0.lock();
            let session = inner.open.remove(key)?;
            if !allow_reconnect {
                inner.closed.add(key.clone(), (), limits.closed_sessions_max);
            }
            session
        };
        session.close();
        Some(session)
    }

    /// Adds a session that was made elsewhere (a clone).
    ///
    /// # Errors
    /// `INVALID_CLONE_SESSION_REQUEST`: the id is malformed, taken, or a closed session's.
    pub fn add(&self, session: Arc<Session>) -> Result<()> {
        let id = &session.key.id;
        if check_format(id).is_err() {
            let text = format!(
                "Target session ID {id} for clone operation must be an UUID string of the format \
                 '00112233-4455-6677-8899-aabbccddeeff'."
            );
            return Err(invalid_clone(id, "TARGET_SESSION_ID_FORMAT", &text));
        }
        let mut inner = self.0.lock();
        if inner.is_closed(&session.key) {
            let text = format!(
                "Cannot clone session to target session ID {id} because a session with this ID was \
                 previously closed."
            );
            return Err(invalid_clone(id, "TARGET_SESSION_ID_ALREADY_CLOSED", &text));
        }
        if inner.open.contains_key(&session.key) {
            let text = format!(
                "Cannot clone session to target session ID {id} because a session with this ID \
                 already exists."
            );
            return Err(invalid_clone(id, "TARGET_SESSION_ID_ALREADY_EXISTS", &text));
        }
        inner.open.insert(session.key.clone(), session);
        Ok(())
    }

    /// Those that are open.
    pub fn all(&self) -> Vec<Arc<Session>> {
        self.0.lock().open.values().cloned().collect()
    }

    /// How many sessions are open, and how many operations live in them.
    pub fn count(&self) -> (usize, usize) {
        let inner = self.0.lock();
        let operations = inner.open.values().map(|session| session.operations.count());
        (inner.open.len(), operations.sum())
    }

    /// Drops operations that nobody reads, and closes sessions that nobody uses.
    pub fn reclaim(&self, limits: &Limits, now: Instant) {
        let open: Vec<_> = self.0.lock().open.values().cloned().collect();
        for session in open {
            session.operations.reclaim(limits, now);
            let idle = now.saturating_duration_since(session.last_used());
            let expired = limits.session_timeout.is_some_and(|timeout| idle > timeout);
            if expired && session.operations.count() == 0 {
                tracing::info!(session = session.key.id, "closed: idle for {idle:?}");
                self.close(&session.key, false, limits);
            }
        }
    }
}

fn used(session: &Arc<Session>, observed: Option<&str>) -> Result<Arc<Session>> {
    match observed {
        Some(observed) if !observed.is_empty() && observed != session.server_side_id => {
            Err(changed(&session.key.id))
        }
        _ => {
            session.touch();
            Ok(Arc::clone(session))
        }
    }
}

fn check_format(id: &str) -> Result<()> {
    // Other spellings of a UUID (without hyphens, in braces) are not Spark's.
    match uuid::Uuid::try_parse(id) {
        Ok(_) if id.len() == 36 => Ok(()),
        _ => Err(invalid_handle(
            id,
            "FORMAT",
            "Handle must be an UUID string of the format \
             '00112233-4455-6677-8899-aabbccddeeff'",
        )),
    }
}

fn changed(id: &str) -> SparkError {
    invalid_handle(
        id,
        "SESSION_CHANGED",
        "The existing Spark server driver instance has restarted. Please reconnect.",
    )
}

fn closed(id: &str) -> SparkError {
    invalid_handle(id, "SESSION_CLOSED", "Session was closed.")
}

fn invalid_clone(id: &str, sub_condition: &str, text: &str) -> SparkError {
    SparkError::new(
        ErrorKind::InvalidHandle,
        format!("INVALID_CLONE_SESSION_REQUEST.{sub_condition}"),
        format!("Invalid session clone request. {text}"),
    )
    .with("targetSessionId", id)
}

/// `INVALID_HANDLE` for a session or operation id.
pub fn invalid_handle(handle: &str, sub_condition: &str, message: &str) -> SparkError {
    SparkError::new(
        ErrorKind::InvalidHandle,
        format!("INVALID_HANDLE.{sub_condition}"),
        format!("The handle {handle} is invalid. {message}"),
    )
    .with("handle", handle)
}
