//! All classes by name. A family lists its own; a new class is a line in its family's `classes()`, a new function
//! a line in its `functions()`.

use crate::class::Class;
use crate::function::AnyFunction;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What all families list.
fn classes() -> Vec<Class> {
    [
        crate::classification::classes(),
        crate::clustering::classes(),
        crate::evaluation::classes(),
        crate::feature::classes(),
        crate::fpm::classes(),
        crate::recommendation::classes(),
        crate::regression::classes(),
        crate::tree::classes(),
    ]
    .concat()
}

/// Functions of plans, for those that come as bytes.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    [
        crate::classification::functions(),
        crate::clustering::functions(),
        crate::evaluation::functions(),
        crate::feature::functions(),
        crate::fpm::functions(),
        crate::recommendation::functions(),
        crate::regression::functions(),
        crate::tree::functions(),
    ]
    .concat()
}

/// The class of this full name; none if it is not served.
pub fn class(name: &str) -> Option<&'static Class> {
    static CLASSES: LazyLock<HashMap<&'static str, Class>> =
        LazyLock::new(|| classes().into_iter().map(|class| (class.name, class)).collect());
    CLASSES.get(name)
}
