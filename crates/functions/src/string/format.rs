//! `format_string`/`printf` in Java's syntax and `format_number`.

use super::room::Room;
use crate::call::Call;
use crate::cast::decimal::{decimal_literal, decimal_text};
use crate::cast::java_double::double_text;
use crate::coercion::implicit::{Class, expect};
use crate::columns::{get, strings};
use crate::implicit::unexpected_type;
use crate::operators::decimal_arithmetic::round_to;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

pub(super) fn format_string(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, usize::MAX)?;
    let (name, settings) = (call.name, call.settings);
    let mut exprs = Vec::with_capacity(call.args.len());
    for (position, arg) in call.args.into_iter().enumerate() {
        let arg = match (position, arg.spark_type()?) {
            (0, _) => expect(name, 0, arg, Class::String, settings)?,
            _ => arg,
        };
        exprs.push(arg.expr);
    }
    let kernel = FORMAT_STRING.kernel((), &SparkType::string());
    Ok(kernel.nullable(Nullable::Always).call(exprs))
}

pub(super) static FORMAT_STRING: Kind<()> = Kind::new("format_string", evaluate_format);

fn evaluate_format(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let formats = input.text(0)?;
    let mut values = Vec::new();
    strings(input.n_rows, |row| {
        let Some(format) = get!(formats, row) else { return Ok(None) };
        values.clear();
        for column in &input.args[1..] {
            values.push(ScalarValue::try_from_array(column, row)?);
        }
        java_format(format, &values).map(Some)
    })
}

/// One `%[index$][flags][width][.precision]conversion`.
#[derive(Debug, Default)]
struct Directive {
    index: Option<usize>,
    left: bool,
    plus: bool,
    blank: bool,
    zero: bool,
    comma: bool,
    parentheses: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

fn invalid(message: String) -> SparkError {
    SparkError::new(ErrorKind::IllegalArgument, "", message)
}

pub(super) fn java_format(format: &str, values: &[ScalarValue]) -> Result<String> {
    let mut out = String::with_capacity(format.len() + 16);
    let mut room = Room::new("format_string");
    let mut letters = format.chars().peekable();
    let mut next = 0;
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let mut directive = Directive::default();
        let mut number = String::new();
        while let Some(letter) = letters.peek().copied() {
            match letter {
                '0' if number.is_empty() => directive.zero = true,
                '0'..='9' => number.push(letter),
                '$' => directive.index = std::mem::take(&mut number).parse().ok(),
                '-' => directive.left = true,
                '+' => directive.plus = true,
                ' ' => directive.blank = true,
                ',' => directive.comma = true,
                '(' => directive.parentheses = true,
                '#' => directive.alternate = true,
                '.' => {
                    directive.width = std::mem::take(&mut number).parse().unwrap_or(0);
                    letters.next();
                    let mut digits = String::new();
                    while let Some(digit) = letters.peek().copied().filter(char::is_ascii_digit) {
                        digits.push(digit);
                        letters.next();
                    }
                    directive.precision = digits.parse().ok();
                    continue;
                }
                _ => break,
            }
            letters.next();
        }
        if !number.is_empty() {
            directive.width = number.parse().unwrap_or(0);
        }
        room.take(directive.width.max(directive.precision.unwrap_or(0)))?;
        directive.conversion =
            letters.next().ok_or_else(|| invalid("Conversion = '%'".to_owned()))?;
        match directive.conversion {
            '%' => {
                pad("%".to_owned(), &directive, &mut out);
                continue;
            }
            'n' => {
                out.push('\n');
                continue;
            }
            _ => {}
        }
        let at = match directive.index {
            Some(index) => index.saturating_sub(1),
            None => {
                next += 1;
                next - 1
            }
        };
        let value = values
            .get(at)
            .ok_or_else(|| invalid(format!("Format specifier '%{}'", directive.conversion)))?;
        let text = converted(value, &directive)?;
        pad(text, &directive, &mut out);
    }
    Ok(out)
}

fn pad(text: String, directive: &Directive, out: &mut String) {
    // Java counts the units of UTF-16.
    let missing = directive.width.saturating_sub(text.encode_utf16().count());
    if directive.left {
        out.push_str(&text);
    }
    out.extend(std::iter::repeat_n(' ', missing));
    if !directive.left {
        out.push_str(&text);
    }
}

fn wrong_conversion(directive: &Directive, value: &ScalarValue) -> SparkError {
    invalid(format!("{} != {}", directive.conversion, value.data_type()))
}

fn converted(value: &ScalarValue, directive: &Directive) -> Result<String> {
    let upper = directive.conversion.is_ascii_uppercase();
    let conversion = directive.conversion.to_ascii_lowercase();
    let text = match conversion {
        's' | 'b' | 'h' => {
            let text = match (conversion, value) {
                ('b', ScalarValue::Boolean(Some(flag))) => flag.to_string(),
                ('b', value) => (!value.is_null()).to_string(),
                _ => plain_text(value),
            };
            match directive.precision {
                Some(n_max) => cut(&text, n_max),
                None => text,
            }
        }
        // Java cuts this text, too, to the precision.
        _ if value.is_null() => {
            "null".chars().take(directive.precision.unwrap_or(usize::MAX)).collect()
        }
        'd' => {
            let number = whole(value).ok_or_else(|| wrong_conversion(directive, value))?;
            signed(number < 0, &number.unsigned_abs().to_string(), directive)
        }
        'x' | 'o' => {
            // Negative numbers show their bits.
            let bits = match value {
                ScalarValue::Int8(Some(value)) => u64::from(*value as u8),
                ScalarValue::Int16(Some(value)) => u64::from(*value as u16),
                ScalarValue::Int32(Some(value)) => u64::from(*value as u32),
                ScalarValue::Int64(Some(value)) => *value as u64,
                _ => return Err(wrong_conversion(directive, value)),
            };
            let digits = if conversion == 'x' { format!("{bits:x}") } else { format!("{bits:o}") };
            let prefix = match (directive.alternate, conversion) {
                (true, 'x') => "0x",
                (true, _) => "0",
                _ => "",
            };
            let zeros = if directive.zero {
                directive.width.saturating_sub(digits.len() + prefix.len())
            } else {
                0
            };
            format!("{prefix}{}{digits}", "0".repeat(zeros))
        }
        'c' => match value {
            ScalarValue::Utf8(Some(text)) => text.chars().take(1).collect(),
            _ => {
                let code = whole(value).and_then(|code| u32::try_from(code).ok());
                let letter = code.and_then(char::from_u32);
                letter.ok_or_else(|| wrong_conversion(directive, value))?.to_string()
            }
        },
        'f' => {
            let precision = directive.precision.unwrap_or(6);
            let (negative, digits) =
                fixed(value, precision).ok_or_else(|| wrong_conversion(directive, value))?;
            signed(negative, &digits, directive)
        }
        'e' | 'g' => {
            let number = crate::implicit::scalar_double(value)
                .ok_or_else(|| wrong_conversion(directive, value))?;
            let precision = directive.precision.unwrap_or(6);
            let digits = if conversion == 'e' {
                scientific(number.abs(), precision)
            } else {
                general(number.abs(), precision.max(1))
            };
            signed(number.is_sign_negative(), &digits, directive)
        }
        other => return Err(invalid(format!("Conversion = '{other}'"))),
    };
    Ok(if upper { text.to_uppercase() } else { text })
}

/// So many of Java's characters; half of a letter that is two of them is a question mark.
fn cut(text: &str, n_max: usize) -> String {
    let mut left = n_max;
    let mut out = String::new();
    for letter in text.chars() {
        match left.checked_sub(letter.len_utf16()) {
            Some(rest) => {
                out.push(letter);
                left = rest;
            }
            None => {
                out.extend((left > 0).then_some('?'));
                break;
            }
        }
    }
    out
}

fn scientific(number: f64, precision: usize) -> String {
    if !number.is_finite() {
        return double_text(number);
    }
    match rounded_half_up(number, precision).split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = match exponent.strip_prefix('-') {
                Some(digits) => ('-', digits),
                None => ('+', exponent),
            };
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => double_text(number),
    }
}

/// As Java rounds: half up on the shortest digits that tell the number from its neighbours.
fn rounded_half_up(number: f64, precision: usize) -> String {
    let shortest = double_text(number);
    let (mantissa, exponent) = shortest.split_once('E').unwrap_or((&shortest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut exponent: i32 = exponent.parse::<i32>().unwrap_or(0) + whole.len() as i32 - 1;
    let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    let n_zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    if n_zeros == digits.len() {
        exponent = 0;
    } else {
        digits.drain(..n_zeros);
        exponent -= n_zeros as i32;
    }
    let up = digits.get(precision + 1).is_some_and(|digit| *digit >= b'5');
    digits.resize(precision + 1, b'0');
    if up {
        let mut place = digits.len();
        loop {
            let Some(before) = place.checked_sub(1) else {
                digits.insert(0, b'1');
                digits.pop();
                exponent += 1;
                break;
            };
            place = before;
            if digits[place] < b'9' {
                digits[place] += 1;
                break;
            }
            digits[place] = b'0';
        }
    }
    let digits: String = digits.into_iter().map(char::from).collect();
    let (whole, fraction) = digits.split_at(1);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{whole}{point}{fraction}e{exponent}")
}

fn general(number: f64, precision: usize) -> String {
    if number != 0.0 && !(1e-4..10f64.powi(precision as i32)).contains(&number) {
        return scientific(number, precision - 1);
    }
    // Zeros after the point count as little as the one before it.
    let n_whole = if number == 0.0 { 1 } else { number.log10().floor() as i64 + 1 };
    let n_fraction = (precision as i64 - n_whole).max(0) as usize;
    format!("{number:.n_fraction$}")
}

fn signed(negative: bool, digits: &str, directive: &Directive) -> String {
    let mut body = if directive.comma { grouped(digits) } else { digits.to_owned() };
    let (before, after) = match (negative, directive) {
        (true, Directive { parentheses: true, .. }) => ("(", ")"),
        (true, _) => ("-", ""),
        (false, Directive { plus: true, .. }) => ("+", ""),
        (false, Directive { blank: true, .. }) => (" ", ""),
        _ => ("", ""),
    };
    if directive.zero {
        let missing = directive.width.saturating_sub(body.len() + before.len() + after.len());
        body.insert_str(0, &"0".repeat(missing));
    }
    format!("{before}{body}{after}")
}

/// Commas between each three digits before the point.
pub(super) fn grouped(digits: &str) -> String {
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::with_capacity(digits.len() + whole.len() / 3);
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(fraction);
    out
}

fn whole(value: &ScalarValue) -> Option<i128> {
    match value {
        ScalarValue::Int8(value) => value.map(i128::from),
        ScalarValue::Int16(value) => value.map(i128::from),
        ScalarValue::Int32(value) => value.map(i128::from),
        ScalarValue::Int64(value) => value.map(i128::from),
        _ => None,
    }
}

/// Sign and digits with that many after the point, rounded half up on the decimal text.
fn fixed(value: &ScalarValue, precision: usize) -> Option<(bool, String)> {
    let n_digits = i8::try_from(precision).ok()?;
    match value {
        ScalarValue::Decimal128(Some(unscaled), _, scale) => {
            let rounded = round_to(*unscaled, *scale, i32::from(n_digits), false);
            let text = decimal_text(rounded.abs(), *scale);
            Some((*unscaled < 0, with_digits(&text, precision)))
        }
        ScalarValue::Float64(Some(value)) => Some(fixed_double(*value, precision)),
        ScalarValue::Float32(Some(value)) => Some(fixed_double(f64::from(*value), precision)),
        _ => None,
    }
}

fn fixed_double(value: f64, precision: usize) -> (bool, String) {
    if !value.is_finite() {
        return (value.is_sign_negative() && !value.is_nan(), double_text(value.abs()));
    }
    let scale = i8::try_from(precision).unwrap_or(38);
    let text = double_text(value.abs());
    let exact =
        crate::cast::decimal::parse_decimal(&text).and_then(|parsed| parsed.unscaled(scale));
    let digits = match exact {
        Some(unscaled) => decimal_text(unscaled, scale),
        None => of_shortest_digits(value.abs(), precision),
    };
    (value.is_sign_negative(), digits)
}

/// A number beyond decimals: its shortest digits, then zeros.
fn of_shortest_digits(value: f64, precision: usize) -> String {
    let shown = format!("{value}");
    with_digits(&shown, precision)
}

fn with_digits(text: &str, n_digits: usize) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if n_digits == 0 {
        return whole.to_owned();
    }
    format!("{whole}.{:0<n_digits$}", fraction.get(..n_digits).unwrap_or(fraction))
}

fn plain_text(value: &ScalarValue) -> String {
    match value {
        ScalarValue::Float64(Some(value)) => double_text(*value),
        ScalarValue::Float32(Some(value)) => crate::cast::java_double::float_text(*value),
        ScalarValue::Decimal128(Some(value), _, scale) => decimal_literal(*value, *scale),
        value if value.is_null() => "null".to_owned(),
        // Spark hands over what it holds: days and microseconds.
        ScalarValue::Date32(Some(days)) => days.to_string(),
        ScalarValue::TimestampMicrosecond(Some(micros), _)
        | ScalarValue::DurationMicrosecond(Some(micros)) => micros.to_string(),
        ScalarValue::IntervalYearMonth(Some(months)) => months.to_string(),
        value => value.to_string(),
    }
}

/// `format_number(x, d)`: grouped, d digits, half even; or `format_number(x, '#,###.##')`.
pub(super) fn format_number(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name, call.settings);
    let [number, digits] = call.exactly::<2>()?;
    let number = expect(name, 0, number, Class::Numeric, settings)?;
    let data_type = digits.spark_type()?;
    let by_pattern = data_type.is_string();
    let digits = if by_pattern {
        digits
    } else if data_type.is_integral() || data_type == SparkType::Null {
        expect(name, 1, digits, Class::Integer, settings)?
    } else {
        return Err(unexpected_type(name, 1, &digits, "(\"INT\" or \"STRING\")"));
    };
    let kernel = FORMAT_NUMBER.kernel(by_pattern, &SparkType::string());
    Ok(kernel.call(vec![number.expr, digits.expr]))
}

pub(super) static FORMAT_NUMBER: Kind<bool> = Kind::new("format_number", evaluate_format_number);

fn evaluate_format_number(by_pattern: &bool, input: &Input<'_>) -> Result<ArrayRef> {
    strings(input.n_rows, |row| {
        let value = ScalarValue::try_from_array(&input.args[0], row)?;
        if value.is_null() || input.args[1].is_null(row) {
            return Ok(None);
        }
        let (least, most, groups, zero) = if *by_pattern {
            pattern_digits(input.text(1)?.value(row))
        } else {
            let digits = input.ints(1)?.value(row);
            let Ok(digits) = usize::try_from(digits) else { return Ok(None) };
            (digits, digits, true, true)
        };
        let text = number_text(&value, least, most, groups);
        Ok(Some(if zero { text } else { without_zero(text) }))
    })
}

/// Least and most digits after the point, whether `pattern` groups, and whether a zero stands
/// before the point where nothing else does.
fn pattern_digits(pattern: &str) -> (usize, usize, bool, bool) {
    if pattern.is_empty() {
        return (0, 0, true, true);
    }
    let (whole, fraction) = pattern.split_once('.').unwrap_or((pattern, ""));
    let least = fraction.chars().filter(|c| *c == '0').count();
    let most = fraction.chars().filter(|c| matches!(c, '0' | '#')).count();
    (least, most, whole.contains(','), whole.contains('0') || !fraction.contains('0'))
}

/// `0.50` as `.50`.
fn without_zero(text: String) -> String {
    match text.strip_prefix("0.").map(str::len) {
        Some(_) => text[1..].to_owned(),
        None => match text.strip_prefix("-0.") {
            Some(rest) => format!("-.{rest}"),
            None => text,
        },
    }
}

fn number_text(value: &ScalarValue, least: usize, most: usize, groups: bool) -> String {
    let (negative, digits) = match value {
        ScalarValue::Float32(Some(value)) if !value.is_finite() => {
            return special(f64::from(*value));
        }
        ScalarValue::Float64(Some(value)) if !value.is_finite() => return special(*value),
        ScalarValue::Decimal128(Some(unscaled), _, scale) => {
            let rounded = round_to(*unscaled, *scale, most as i32, true);
            (*unscaled < 0, with_digits(&decimal_text(rounded.abs(), *scale), most))
        }
        value => match whole(value) {
            Some(number) => (number < 0, with_digits(&number.unsigned_abs().to_string(), most)),
            None => {
                let number = crate::implicit::scalar_double(value).unwrap_or(0.0);
                (number.is_sign_negative(), java_digits(number.abs(), most))
            }
        },
    };
    let mut digits = if groups { grouped(&digits) } else { digits };
    if let Some(point) = digits.find('.') {
        while digits.len() > point + 1 + least && digits.ends_with('0') {
            digits.pop();
        }
        if digits.ends_with('.') {
            digits.pop();
        }
    }
    let sign = if negative { "-" } else { "" };
    format!("{sign}{digits}")
}

/// `most` digits after the point. Rust rounds the exact binary value, half to even, as Java's
/// DecimalFormat does; but Java knows only the 17 digits that tell the number, and zeros after those.
fn java_digits(number: f64, most: usize) -> String {
    let exact = format!("{number:.most$}");
    let n_whole = exact.find('.').unwrap_or(exact.len());
    if n_whole <= 17 {
        return exact;
    }
    // So large a number is whole: `1.7976931348623157e308`.
    let shortest = format!("{number:e}");
    let mantissa = shortest.split('e').next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let whole = format!("{digits:0<n_whole$}");
    if most == 0 { whole } else { format!("{whole}.{}", "0".repeat(most)) }
}

fn special(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value > 0.0 {
        "∞".to_owned()
    } else {
        "-∞".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0.
    #[test]
    fn recorded() {
        let values = [
            ScalarValue::Int32(Some(-42)),
            ScalarValue::Utf8(Some("ab".to_owned())),
            ScalarValue::Float64(Some(1234.565)),
        ];
        let text = |format: &str| java_format(format, &values).expect("a format");
        assert_eq!(text("%d|%s|%.2f"), "-42|ab|1234.57");
        assert_eq!(text("%1$05d %2$-4s| %3$,.1f"), "-0042 ab  | 1,234.6");
        assert_eq!(text("%1$x %3$e"), "ffffffd6 1.234565e+03");
        assert_eq!(number_text(&values[2], 2, 2, true), "1,234.57");
        assert_eq!(number_text(&ScalarValue::Int32(Some(12_332)), 4, 4, true), "12,332.0000");
    }
}
