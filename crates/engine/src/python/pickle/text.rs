//! Objects as texts, as Java's `toString` writes them: a function that is declared to return strings may return
//! anything.

use super::read::{Id, Object, Objects};

/// How deep containers are written; a list may hold itself.
const DEPTH_MAX: usize = 100;

/// The text of an object that is not None.
pub(super) fn text(objects: &Objects, id: Id) -> String {
    written(objects, id, 0)
}

fn written(objects: &Objects, id: Id, depth: usize) -> String {
    if depth > DEPTH_MAX {
        return "...".to_owned();
    }
    let inner = |id: &Id| written(objects, *id, depth + 1);
    let listed = |items: &[Id]| items.iter().map(inner).collect::<Vec<_>>().join(", ");
    match objects.get(id) {
        Object::None => "null".to_owned(),
        Object::Bool(value) => value.to_string(),
        Object::Int(value) => value.to_string(),
        Object::Float(value) => double(*value),
        Object::Big(value) | Object::Decimal(value) | Object::Text(value) => value.clone(),
        // Java writes the class and a number that differs from run to run.
        Object::Bytes(_) => format!("[B@{id:x}"),
        Object::Tuple(_) => format!("[Ljava.lang.Object;@{id:x}"),
        Object::List(items) | Object::Set(items) => format!("[{}]", listed(items)),
        Object::Dict(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| format!("{}={}", inner(key), inner(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        Object::Global(class) | Object::Other(class) => class.clone(),
    }
}

/// Java's `Double.toString`.
fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => format!("{digits}E{exponent}"),
        Some((digits, exponent)) => format!("{digits}.0E{exponent}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_as_java_writes_them() {
        let cases =
            [(1.5, "1.5"), (1e7, "1.0E7"), (0.001, "0.001"), (1.25e-5, "1.25E-5"), (0.0, "0.0")];
        for (value, text) in cases {
            assert_eq!(double(value), text);
        }
    }
}
