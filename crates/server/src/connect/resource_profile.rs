//! Resource profiles (`rdd.withResources`): numbered, so that programs which make them run. Every task has one processor
//! and there are no devices, so that a profile changes nothing; Spark's local mode disregards them, too.

use firesteel_proto::spark::connect as proto;
use std::sync::atomic::{AtomicI32, Ordering};

/// 0 is the default profile.
static NEXT_ID: AtomicI32 = AtomicI32::new(1);

/// Gives a new profile its number.
pub fn create() -> proto::CreateResourceProfileCommandResult {
    proto::CreateResourceProfileCommandResult {
        profile_id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
    }
}
