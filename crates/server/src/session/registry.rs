//! The sessions of the engine, by user and id.

use super::Session;
use crate::engine::Engine;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

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
    closed: HashSet<SessionKey>,
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
            return check_observed(session, observed);
        }
        if inner.closed.contains(&key) {
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
            Some(session) => check_observed(session, observed),
            None if inner.closed.contains(key) => Err(closed(&key.id)),
            None => Err(invalid_handle(&key.id, "SESSION_NOT_FOUND", "Session not found.")),
        }
    }

    /// Ends the session of `key`; later calls for it fail unless `allow_reconnect`.
    pub fn close(&self, key: &SessionKey, allow_reconnect: bool) -> Option<Arc<Session>> {
        let session = {
            let mut inner = self.0.lock();
            if !allow_reconnect {
                inner.closed.insert(key.clone());
            }
            inner.open.remove(key)
        };
        if let Some(session) = &session {
            session.close();
        }
        session
    }

    /// Adds a session that was made elsewhere (a clone).
    ///
    /// # Errors
    /// `INVALID_CLONE_SESSION_REQUEST` when the id is taken or closed.
    pub fn add(&self, session: Arc<Session>) -> Result<()> {
        check_format(&session.key.id)?;
        let mut inner = self.0.lock();
        if inner.open.contains_key(&session.key) || inner.closed.contains(&session.key) {
            return Err(invalid_handle(
                &session.key.id,
                "SESSION_ALREADY_EXISTS",
                "A session with this id exists already.",
            ));
        }
        inner.open.insert(session.key.clone(), session);
        Ok(())
    }
}

fn check_observed(session: &Arc<Session>, observed: Option<&str>) -> Result<Arc<Session>> {
    match observed {
        Some(observed) if !observed.is_empty() && observed != session.server_side_id => {
            Err(changed(&session.key.id))
        }
        _ => Ok(Arc::clone(session)),
    }
}

fn check_format(id: &str) -> Result<()> {
    match uuid::Uuid::try_parse(id) {
        Ok(_) => Ok(()),
        Err(_) => Err(invalid_handle(
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

/// `INVALID_HANDLE` for a session or operation id.
pub fn invalid_handle(handle: &str, sub_condition: &str, message: &str) -> SparkError {
    SparkError::new(
        ErrorKind::InvalidHandle,
        format!("INVALID_HANDLE.{sub_condition}"),
        format!("The handle {handle} is invalid. {message}"),
    )
    .with("handle", handle)
}
