//! The operations of a session: those that live, and what is remembered of those that ended.

use super::operation::{Operation, State};
use crate::limits::Limits;
use crate::session::{Session, invalid_handle};
use crate::tombstones::Tombstones;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use futures::future::AbortRegistration;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// Ended operations whose state is remembered for GetStatus.
const ENDED_MAX: usize = 1_000;
/// Interrupts remembered of operations that had not begun.
const INTERRUPTED_EARLY_MAX: usize = 1_000;

/// Operations by id.
#[derive(Default)]
pub struct Operations(Mutex<Known>);

#[derive(Default)]
struct Known {
    live: HashMap<String, Arc<Operation>>,
    ended: Tombstones<String, State>,
    /// Dropped because nobody read them: a client that comes late is told so.
    abandoned: Tombstones<String, ()>,
    /// Interrupted before they began: calls of one connection overtake each other, and a Ctrl-C that arrived
    /// before its query would otherwise leave it running with nobody to read it.
    interrupted_early: Tombstones<String, ()>,
}

impl Operations {
    /// Begins an operation. The registration makes the future stoppable that does the work.
    ///
    /// # Errors
    /// `INVALID_HANDLE` when the id is no UUID, is taken, or was abandoned.
    pub fn begin(
        &self,
        session: &Arc<Session>,
        id: String,
        tags: Vec<String>,
        reattachable: bool,
    ) -> Result<(Arc<Operation>, AbortRegistration)> {
        if uuid::Uuid::try_parse(&id).is_err() {
            return Err(invalid_handle(
                &id,
                "FORMAT",
                "Handle must be an UUID string of the format '00112233-4455-6677-8899-aabbccddeeff'",
            ));
        }
        if tags.iter().any(|tag| tag.contains(',')) {
            let message = "Spark Connect tag cannot contain ','.";
            return Err(SparkError::new(ErrorKind::IllegalArgument, "", message));
        }
        if tags.iter().any(String::is_empty) {
            let message = "Spark Connect tag cannot be an empty string.";
            return Err(SparkError::new(ErrorKind::IllegalArgument, "", message));
        }
        let mut known = self.0.lock();
        if known.live.contains_key(&id) {
            return Err(invalid_handle(
                &id,
                "OPERATION_ALREADY_EXISTS",
                "Operation already exists.",
            ));
        }
        // A retry of a request that did arrive: it must not run twice.
        if known.ended.get(&id).is_some() {
            return Err(abandoned(&id));
        }
        check_abandoned(&known, &id)?;
        let (operation, registration) = Operation::new(session, id.clone(), tags, reattachable);
        if known.interrupted_early.get(&id).is_some() {
            operation.cancel();
        }
        known.live.insert(id, Arc::clone(&operation));
        Ok((operation, registration))
    }

    pub fn find(&self, id: &str) -> Option<Arc<Operation>> {
        self.0.lock().live.get(id).cloned()
    }

    /// The operation to be taken up again.
    ///
    /// # Errors
    /// `INVALID_HANDLE` with `OPERATION_NOT_FOUND` (the client looks for the condition in the text: it may
    /// then send its query again) or `OPERATION_ABANDONED`.
    pub fn find_lost(&self, id: &str) -> Result<Arc<Operation>> {
        let known = self.0.lock();
        match known.live.get(id) {
            Some(operation) => Ok(Arc::clone(operation)),
            None => {
                check_abandoned(&known, id)?;
                Err(invalid_handle(id, "OPERATION_NOT_FOUND", "Operation not found."))
            }
        }
    }

    /// Stops an operation if it still runs and drops its answers.
    pub fn forget(&self, id: &str) {
        let operation = self.0.lock().live.remove(id);
        if let Some(operation) = operation {
            operation.cancel();
            self.0.lock().ended.add(id.to_owned(), operation.state(), ENDED_MAX);
        }
    }

    /// Drops operations that nobody has read for too long.
    pub fn reclaim(&self, limits: &Limits, now: Instant) {
        let abandoned: Vec<_> = {
            let mut known = self.0.lock();
            known.ended.expire(limits.ended_operation_expiration, now);
            known.interrupted_early.expire(limits.ended_operation_expiration, now);
            let live = known.live.iter();
            let abandoned = live.filter(|(_, operation)| {
                operation.detached_since().is_some_and(|left| {
                    now.saturating_duration_since(left) > limits.detached_timeout
                })
            });
            abandoned.map(|(id, _)| id.clone()).collect()
        };
        for id in abandoned {
            tracing::info!(operation = id, "dropped: nobody reads its answers");
            self.forget(&id);
            self.0.lock().abandoned.add(id, (), limits.abandoned_operations_max);
        }
    }

    /// Stops the running operations that `which` picks; their ids.
    pub fn interrupt(&self, which: impl Fn(&Operation) -> bool) -> Vec<String> {
        let picked: Vec<_> = {
            let known = self.0.lock();
            known.live.values().filter(|operation| which(operation)).cloned().collect()
        };
        picked
            .into_iter()
            .filter(|operation| operation.cancel())
            .map(|operation| operation.id().to_owned())
            .collect()
    }

    /// Stops the operation `id` if it runs, and as soon as it begins if it is not known yet. Whether it ran.
    pub fn interrupt_one(&self, id: &str) -> bool {
        let mut known = self.0.lock();
        match known.live.get(id).cloned() {
            Some(operation) => {
                drop(known);
                operation.cancel()
            }
            None => {
                if known.ended.get(id).is_none() && uuid::Uuid::try_parse(id).is_ok() {
                    known.interrupted_early.add(id.to_owned(), (), INTERRUPTED_EARLY_MAX);
                }
                false
            }
        }
    }

    /// How many live: run, or wait to be read.
    pub fn count(&self) -> usize {
        self.0.lock().live.len()
    }

    pub fn ids(&self) -> Vec<String> {
        let known = self.0.lock();
        known.live.keys().chain(known.ended.keys()).cloned().collect()
    }

    pub fn state(&self, id: &str) -> Option<State> {
        let known = self.0.lock();
        match known.live.get(id) {
            Some(operation) => Some(operation.state()),
            None => known.ended.get(id).copied(),
        }
    }
}

fn check_abandoned(known: &Known, id: &str) -> Result<()> {
    match known.abandoned.get(id) {
        None => Ok(()),
        Some(()) => Err(abandoned(id)),
    }
}

fn abandoned(id: &str) -> SparkError {
    invalid_handle(
        id,
        "OPERATION_ABANDONED",
        "Operation was considered abandoned because of inactivity and removed.",
    )
}
