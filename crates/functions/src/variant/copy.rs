//! A value of one variant as a variant of its own.

use super::reader::{Node, View, malformed};
use super::writer::{Field, Writer};
use firesteel_common::Result;

/// Documents are not followed beyond this many levels.
const DEPTH_MAX: usize = 1000;

/// Appends the value; names get the numbers of `writer`.
///
/// # Errors
/// `MALFORMED_VARIANT`, `VARIANT_DUPLICATE_KEY`.
pub(super) fn copy(view: View<'_>, writer: &mut Writer) -> Result<()> {
    copy_at(view, writer, 0)
}

fn copy_at(view: View<'_>, writer: &mut Writer, depth: usize) -> Result<()> {
    if depth > DEPTH_MAX {
        return Err(malformed());
    }
    match view.node()? {
        Node::Array(elements) => {
            let start = writer.position();
            let mut starts = Vec::with_capacity(elements.len());
            for element in elements {
                starts.push(writer.position());
                copy_at(element, writer, depth + 1)?;
            }
            writer.close_array(start, &starts);
        }
        Node::Object(fields) => {
            let start = writer.position();
            let mut written = Vec::with_capacity(fields.len());
            for (name, value) in fields {
                let number = writer.number(name);
                written.push(Field { name: name.to_owned(), number, start: writer.position() });
                copy_at(value, writer, depth + 1)?;
            }
            writer.close_object(start, written)?;
        }
        _ => writer.raw(view.bytes().ok_or_else(malformed)?),
    }
    Ok(())
}
