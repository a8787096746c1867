//! URL functions.

mod form;
mod parse;

use crate::registry::FunctionDef;

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
