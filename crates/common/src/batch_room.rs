//! How much a function may make of one batch of rows.
//!
//! `array_repeat`, `repeat` and their kin make much from little. Where rows can be given to them in smaller
//! batches, whoever does that says so ([`divisible`]): functions then refuse early, with an error that is the sign to
//! take fewer rows. One row alone may take far more, until Arrow's offsets end. Constants may take least ([`folding`]).

use crate::{ErrorKind, SparkError};
use std::cell::Cell;

/// What a function may make of a batch that can be divided, in bytes.
const DIVISIBLE_BYTES_MAX: usize = 64 << 20;

/// What a function may make of a batch that cannot.
const BYTES_MAX: usize = i32::MAX as usize;

/// What a function may make of constants while a query is planned, in bytes: what it makes stays in the plan, whose
/// expressions are copied, compared and written as text. What is larger is computed when the query runs.
const FOLDED_BYTES_MAX: usize = 1 << 20;

thread_local! {
    static ROOM: Cell<usize> = const { Cell::new(BYTES_MAX) };
}

/// Runs `evaluate` on a batch that will come again in parts if a function refuses it.
pub fn divisible<T>(evaluate: impl FnOnce() -> T) -> T {
    within(DIVISIBLE_BYTES_MAX, evaluate)
}

/// Runs rules that replace expressions by their values, unless a function refuses to compute one.
pub fn folding<T>(rules: impl FnOnce() -> T) -> T {
    within(FOLDED_BYTES_MAX, rules)
}

fn within<T>(room: usize, work: impl FnOnce() -> T) -> T {
    struct Before(usize);
    impl Drop for Before {
        fn drop(&mut self) {
            ROOM.set(self.0);
        }
    }
    let _before = Before(ROOM.replace(room));
    work()
}

/// Whether the values that functions make now stay in a plan.
pub fn is_folding() -> bool {
    ROOM.get() == FOLDED_BYTES_MAX
}

/// Bytes that a function may make now, for all rows together.
pub fn bytes_max() -> usize {
    ROOM.get()
}

/// `limit`, or what replaces it where there is less room; in units of `unit_bytes`.
pub fn at_most(limit: usize, unit_bytes: usize) -> usize {
    match ROOM.get() {
        BYTES_MAX => limit,
        room => limit.min(room / unit_bytes.max(1)),
    }
}

/// Whether fewer rows may help against `error`.
pub fn is_too_much(error: &SparkError) -> bool {
    error.kind() == ErrorKind::Resources
        || error.condition().starts_with("COLLECTION_SIZE_LIMIT_EXCEEDED")
}
