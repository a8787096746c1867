//! A variant as JSON text: no spaces, fields in the order of names.

use super::reader::{Node, View, malformed};
use crate::cast::datetime_text::{date_text, timestamp_text};
use crate::cast::decimal::decimal_text;
use crate::cast::java_double::{double_text, float_text};
use crate::time_zone::Zone;
use base64::Engine;
use firesteel_common::Result;
use std::fmt::Write;

/// Documents are not followed beyond this many levels: bytes of others must not end the process.
const DEPTH_MAX: usize = 1000;

/// Appends the text.
///
/// # Errors
/// `MALFORMED_VARIANT`.
pub(crate) fn write_json(view: View<'_>, zone: Zone, out: &mut String) -> Result<()> {
    write_node(&view.node()?, zone, 0, out)
}

fn write_node(node: &Node<'_>, zone: Zone, depth: usize, out: &mut String) -> Result<()> {
    if depth > DEPTH_MAX {
        return Err(malformed());
    }
    match node {
        Node::Null => out.push_str("null"),
        Node::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Long(value) => {
            let _ = write!(out, "{value}");
        }
        Node::Double(value) if value.is_finite() => out.push_str(&double_text(*value)),
        Node::Float(value) if value.is_finite() => out.push_str(&float_text(*value)),
        Node::Double(value) => quote(&double_text(*value), out),
        Node::Float(value) => quote(&float_text(*value), out),
        Node::Decimal(unscaled, scale) => out.push_str(&plain(*unscaled, *scale)),
        Node::Date(days) => quote(&date_text(i64::from(*days)), out),
        Node::Timestamp(micros) => quote(&instant_text(*micros, zone), out),
        Node::TimestampNtz(micros) => quote(&timestamp_text(*micros), out),
        Node::Binary(bytes) => {
            quote(&base64::engine::general_purpose::STANDARD.encode(bytes), out);
        }
        Node::String(text) => quote(text, out),
        Node::Uuid(bytes) => quote(&uuid_text(bytes), out),
        Node::Array(elements) => {
            out.push('[');
            for (position, element) in elements.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_node(&element.node()?, zone, depth + 1, out)?;
            }
            out.push(']');
        }
        Node::Object(fields) => {
            out.push('{');
            for (position, (name, value)) in fields.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                quote(name, out);
                out.push(':');
                write_node(&value.node()?, zone, depth + 1, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// `BigDecimal.toPlainString`.
fn plain(unscaled: i128, scale: i8) -> String {
    if scale < 0 {
        return format!("{unscaled}{}", "0".repeat(usize::from(scale.unsigned_abs())));
    }
    decimal_text(unscaled, scale)
}

/// `2020-01-02 03:04:05.67-08:00`.
fn instant_text(micros: i64, zone: Zone) -> String {
    let local = zone.to_local(micros);
    let offset_s = local.saturating_sub(micros) / 1_000_000;
    let (sign, minutes) = (if offset_s < 0 { '-' } else { '+' }, offset_s.unsigned_abs() / 60);
    format!("{}{sign}{:02}:{:02}", timestamp_text(local), minutes / 60, minutes % 60)
}

pub(super) fn uuid_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (position, byte) in bytes.iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::String(text.to_owned()).to_string());
}
