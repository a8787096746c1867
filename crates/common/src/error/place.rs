//! Which piece of the user's query the function comes from that is being built right now.
//!
//! A function that fails while it runs must say where the user wrote it. Hundreds of builders make
//! functions, each deep inside others, so the resolver notes the place once around each expression
//! ([`within`]) and a function takes it along when it is made ([`Place::here`]).

use super::{Origin, QueryContext, SparkError};
use std::cell::RefCell;
use std::hash::{Hash, Hasher};

thread_local! {
    static HERE: RefCell<Option<Origin>> = const { RefCell::new(None) };
}

/// Conditions that Spark shows with the place in the query; other errors of running queries have none.
const WITH_PLACE: &[&str] = &[
    "ARITHMETIC_OVERFLOW",
    "CAST_INVALID_INPUT",
    "DIVIDE_BY_ZERO",
    "INTERVAL_ARITHMETIC_OVERFLOW",
    "INTERVAL_DIVIDED_BY_ZERO",
    "INVALID_ARRAY_INDEX",
    "INVALID_ARRAY_INDEX_IN_ELEMENT_AT",
    "INVALID_INDEX_OF_ZERO",
    "NUMERIC_VALUE_OUT_OF_RANGE",
    "REMAINDER_BY_ZERO",
];

/// Where a function was written; nowhere, if the engine made it up. No part of what it means: two
/// functions that differ in nothing else are equal.
#[derive(Debug, Clone, Default)]
pub struct Place(Option<Origin>);

impl Place {
    /// The place around which the resolver is at work on this thread.
    pub fn here() -> Self {
        Place(HERE.with_borrow(Clone::clone))
    }

    /// `error` with this place, if Spark tells one with such errors and it has none yet.
    pub fn mark(&self, error: SparkError) -> SparkError {
        let Some(origin) = &self.0 else { return error };
        let parent = error.condition().split('.').next().unwrap_or_default();
        match error.query_context().is_none() && WITH_PLACE.contains(&parent) {
            true => error.at(origin.to_query_context()),
            false => error,
        }
    }

    /// What travels to another process.
    pub fn to_query_context(&self) -> Option<QueryContext> {
        self.0.as_ref().map(Origin::to_query_context)
    }
}

impl From<Option<QueryContext>> for Place {
    fn from(context: Option<QueryContext>) -> Self {
        Place(context.map(Origin::from))
    }
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

impl Hash for Place {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Runs `work`, whose functions were written at `origin`; without one, where the caller's were.
pub fn within<T>(origin: Option<&Origin>, work: impl FnOnce() -> T) -> T {
    match origin {
        Some(origin) => replaced(Some(origin.clone()), work),
        None => work(),
    }
}

/// Runs `work`, whose functions get no place.
pub fn nowhere<T>(work: impl FnOnce() -> T) -> T {
    replaced(None, work)
}

fn replaced<T>(origin: Option<Origin>, work: impl FnOnce() -> T) -> T {
    /// Puts the outer place back, also when `work` panics: the thread goes on with other queries.
    struct Restore(Option<Origin>);
    impl Drop for Restore {
        fn drop(&mut self) {
            HERE.set(self.0.take());
        }
    }
    let _restore = Restore(HERE.replace(origin));
    work()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn error(condition: &str) -> SparkError {
        SparkError::new(ErrorKind::Arithmetic, condition, "")
    }

    #[test]
    fn innermost_place_is_told_of_errors_that_have_one() {
        let text = "SELECT 1 + 1/0";
        let origin = |start, end| Origin::Sql { text: text.into(), view: None, start, end };
        let (inner, outer) = within(Some(&origin(7, 14)), || {
            let inner = within(Some(&origin(11, 14)), Place::here);
            (inner, within(None, Place::here))
        });
        let fragment = |place: &Place, condition| {
            place.mark(error(condition)).query_context().map(|context| context.fragment.clone())
        };
        assert_eq!(fragment(&inner, "DIVIDE_BY_ZERO").as_deref(), Some("1/0"));
        assert_eq!(fragment(&outer, "DIVIDE_BY_ZERO").as_deref(), Some("1 + 1/0"));
        assert_eq!(fragment(&outer, "CAST_OVERFLOW"), None);
        assert_eq!(fragment(&Place::here(), "DIVIDE_BY_ZERO"), None);
        assert_eq!(
            outer.mark(inner.mark(error("DIVIDE_BY_ZERO"))).query_context().unwrap().start_index,
            11
        );
    }
}
