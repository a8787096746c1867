//! Doubles as Java shows them.

/// `Double.toString`: the shortest digits that say which double it is.
pub fn double_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        let text = format!("{value}");
        return if text.contains('.') { text } else { format!("{text}.0") };
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    match digits.contains('.') {
        true => format!("{digits}E{exponent}"),
        false => format!("{digits}.0E{exponent}"),
    }
}

#[cfg(test)]
mod tests {
    use super::double_text;

    #[test]
    fn is_java() {
        let texts = [0.0, -1.0, 1e-4, 1.5e7, 123.25, 1e7].map(double_text);
        assert_eq!(texts, ["0.0", "-1.0", "1.0E-4", "1.5E7", "123.25", "1.0E7"]);
    }
}
