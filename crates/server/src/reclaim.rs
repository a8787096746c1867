//! Frees what clients left behind: sessions that nobody uses, operations that nobody reads.

use crate::engine::Engine;
use std::sync::Weak;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Timeouts shorter than the maintenance interval are kept to by looking this often per timeout.
const LOOKS_PER_TIMEOUT: u32 = 4;
const INTERVAL_MIN: Duration = Duration::from_millis(50);

/// Looks again and again until the engine is gone.
pub async fn run(engine: Weak<Engine>) {
    let Some(interval) = engine.upgrade().map(|engine| interval(&engine)) else {
        return;
    };
    loop {
        tokio::time::sleep(interval).await;
        let Some(engine) = engine.upgrade() else {
            return;
        };
        engine.sessions().reclaim(engine.limits(), Instant::now());
        let (sessions, operations) = engine.sessions().count();
        let calls = Handle::current().metrics().num_alive_tasks();
        let tasks = calls + engine.queries().metrics().num_alive_tasks();
        tracing::debug!(sessions, operations, tasks, "held");
    }
}

fn interval(engine: &Engine) -> Duration {
    let limits = engine.limits();
    let shortest = limits.session_timeout.unwrap_or(Duration::MAX).min(limits.detached_timeout);
    limits.maintenance_interval.min(shortest / LOOKS_PER_TIMEOUT).max(INTERVAL_MIN)
}
