//! Constants as Python unpickles them: what `analyze` of a table function sees of its arguments.

use datafusion::common::ScalarValue;

/// `value` pickled (protocol 3) in Spark's internal form; none for types that have no such form here.
pub(super) fn pickled(value: &ScalarValue) -> Option<Vec<u8>> {
    let mut out = vec![0x80, 3];
    if value.is_null() {
        out.push(b'N');
    } else {
        match value {
            ScalarValue::Boolean(Some(value)) => out.push(if *value { 0x88 } else { 0x89 }),
            ScalarValue::Int8(Some(value)) => integer(&mut out, i128::from(*value)),
            ScalarValue::Int16(Some(value)) => integer(&mut out, i128::from(*value)),
            ScalarValue::Int32(Some(value)) | ScalarValue::Date32(Some(value)) => {
                integer(&mut out, i128::from(*value));
            }
            ScalarValue::Int64(Some(value)) | ScalarValue::TimestampMicrosecond(Some(value), _) => {
                integer(&mut out, i128::from(*value));
            }
            ScalarValue::Float32(Some(value)) => float(&mut out, f64::from(*value)),
            ScalarValue::Float64(Some(value)) => float(&mut out, *value),
            ScalarValue::Utf8(Some(value)) => text(&mut out, value)?,
            ScalarValue::Binary(Some(value)) => {
                out.push(b'B');
                out.extend(u32::try_from(value.len()).ok()?.to_le_bytes());
                out.extend(value);
            }
            ScalarValue::Decimal128(Some(value), _, scale) => {
                out.extend(b"cdecimal\nDecimal\n");
                text(&mut out, &decimal(*value, *scale))?;
                // One argument, called.
                out.extend([0x85, b'R']);
            }
            _ => return None,
        }
    }
    out.push(b'.');
    Some(out)
}

fn integer(out: &mut Vec<u8>, value: i128) {
    out.extend(format!("L{value}L\n").bytes());
}

fn float(out: &mut Vec<u8>, value: f64) {
    out.push(b'G');
    out.extend(value.to_be_bytes());
}

fn text(out: &mut Vec<u8>, value: &str) -> Option<()> {
    out.push(b'X');
    out.extend(u32::try_from(value.len()).ok()?.to_le_bytes());
    out.extend(value.as_bytes());
    Some(())
}

/// `12345`, scale 2 → `123.45`.
fn decimal(value: i128, scale: i8) -> String {
    match usize::try_from(scale) {
        Ok(scale) if scale > 0 => {
            let sign = if value < 0 { "-" } else { "" };
            let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            format!("{sign}{whole}.{fraction}")
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(
            pickled(&ScalarValue::Int32(Some(-7))).as_deref(),
            Some(&b"\x80\x03L-7L\n."[..])
        );
        assert_eq!(pickled(&ScalarValue::Utf8(None)).as_deref(), Some(&b"\x80\x03N."[..]));
        let text = pickled(&ScalarValue::from("ab"));
        assert_eq!(text.as_deref(), Some(&b"\x80\x03X\x02\0\0\0ab."[..]));
        assert_eq!(decimal(-5, 2), "-0.05");
        assert_eq!(decimal(12345, 2), "123.45");
    }
}
