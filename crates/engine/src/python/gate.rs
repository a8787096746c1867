//! How many workers of one operator may be busy at once: as many as the engine has task slots.
//!
//! Partitions of a plan's root are admitted by the runner already, those below an exchange are not: a
//! thousand of them would start a thousand workers. An operator that runs on another's output (`f(g(x))`
//! of two kinds in one task) has a gate of its own, so neither waits for the other's place.
//!
//! A task may hold its place and yet not run: whoever reads it may first want rows of a task that has
//! none. So if nobody who holds a place has been asked for output for a while, one more is let in.

use super::barrier::Gang;
use parking_lot::Mutex;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long all places must be held idle before another one is made.
const PATIENCE: Duration = Duration::from_millis(500);

/// The places of one operator, and what its tasks report.
#[derive(Debug)]
pub struct Gate {
    places: Arc<Semaphore>,
    state: Mutex<State>,
    /// Updates of accumulators, pickled, of tasks that went well.
    accumulators: Mutex<Vec<Vec<u8>>>,
    /// Of a barrier stage: the tasks that run now.
    gang: Mutex<Weak<Gang>>,
}

#[derive(Debug)]
struct State {
    /// Tasks that hold a place and are being asked for output.
    n_wanted: usize,
    /// Since when there are none.
    since: Instant,
}

/// One place; given back when dropped.
#[derive(Debug)]
pub struct Permit {
    gate: Arc<Gate>,
    is_wanted: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub fn new(places: usize) -> Arc<Self> {
        let state = State { n_wanted: 0, since: Instant::now() };
        Arc::new(Self {
            places: Arc::new(Semaphore::new(places.max(1))),
            state: Mutex::new(state),
            accumulators: Mutex::default(),
            gang: Mutex::default(),
        })
    }

    /// Notes what a task that went well added to accumulators.
    pub fn accumulated(&self, updates: Vec<Vec<u8>>) {
        self.accumulators.lock().extend(updates);
    }

    /// Takes what all tasks have added since the last call.
    pub fn take_accumulated(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.accumulators.lock())
    }

    /// Where the tasks of a barrier stage gather.
    pub fn gang(&self) -> &Mutex<Weak<Gang>> {
        &self.gang
    }

    /// Waits for a place.
    pub async fn enter(self: &Arc<Self>) -> Permit {
        let permit = |place| Permit { gate: Arc::clone(self), is_wanted: false, _place: place };
        // One and the same until the end: places are given in the order of asking.
        let place = Arc::clone(&self.places).acquire_owned();
        tokio::pin!(place);
        loop {
            match tokio::time::timeout(PATIENCE, &mut place).await {
                // The semaphore is never closed: an error would mean no limit.
                Ok(place) => return permit(place.ok()),
                Err(_) if self.all_idle() => return permit(None),
                Err(_) => {}
            }
        }
    }

    /// Whether all who hold places have been idle for a while; the while begins anew for the next.
    fn all_idle(&self) -> bool {
        let mut state = self.state.lock();
        let idle = state.n_wanted == 0 && state.since.elapsed() >= PATIENCE;
        if idle {
            state.since = Instant::now();
        }
        idle
    }
}

impl Permit {
    /// Whoever reads the task waits for it, or does not.
    pub fn wanted(&mut self, is_wanted: bool) {
        if self.is_wanted == is_wanted {
            return;
        }
        self.is_wanted = is_wanted;
        let mut state = self.gate.state.lock();
        if is_wanted {
            state.n_wanted += 1;
        } else {
            state.n_wanted -= 1;
            state.since = Instant::now();
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.wanted(false);
    }
}
