//! URL functions.

mod form;
mod parse;

pub(crate) use form::{decoded, encoded};

use crate::registry::FunctionDef;
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("parse_url", parse::parse_url),
        def("try_parse_url", parse::try_parse_url),
        def("url_encode", form::url_encode),
        def("url_decode", form::url_decode),
        def("try_url_decode", form::try_url_decode),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&form::URL_DECODE, &form::URL_ENCODE, &parse::PARSE_URL]
}
