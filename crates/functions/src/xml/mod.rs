//! XML functions (`xmlExpressions.scala`, `xpath.scala`).

mod document;
mod evaluate;
mod from_xml;
mod infer;
mod path;
mod to_xml;
mod xpath;

use crate::registry::FunctionDef;
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    vec![
        FunctionDef::scalar("xpath", xpath::xpath),
        FunctionDef::scalar("xpath_boolean", xpath::xpath),
        FunctionDef::scalar("xpath_short", xpath::xpath),
        FunctionDef::scalar("xpath_int", xpath::xpath),
        FunctionDef::scalar("xpath_long", xpath::xpath),
        FunctionDef::scalar("xpath_float", xpath::xpath),
        FunctionDef::scalar("xpath_double", xpath::xpath),
        FunctionDef::scalar("xpath_number", xpath::xpath),
        FunctionDef::scalar("xpath_string", xpath::xpath),
        FunctionDef::scalar("from_xml", from_xml::from_xml),
        FunctionDef::scalar("to_xml", to_xml::to_xml),
        FunctionDef::scalar("schema_of_xml", infer::schema_of_xml),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&xpath::XPATH, &from_xml::FROM_XML, &to_xml::TO_XML]
}
