//! `to_char` and `to_number` with Oracle's number formats: `[MI|S] [$] 0 9 G , D . [PR|MI|S]`.

use crate::call::{Arg, Call};
use crate::cast::EvalMode;
use crate::cast::decimal::decimal_text;
use crate::coercion::decimal_for;
use crate::coercion::implicit::{Class, expect};
use crate::columns::{get, primitives_as, strings};
use crate::faults::invalid_parameter_value;
use crate::implicit::{literal_text, not_foldable, unexpected_type};
use crate::scalar_kernel::{Input, Kind};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Decimal128Type;
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Token {
    /// `MI` and `S`; `always` shows a plus sign too.
    Sign {
        always: bool,
    },
    Dollar,
    /// `0` pads with zeros, `9` with blanks.
    Digit {
        zero: bool,
    },
    /// `,`, and `G`, which is a blank beside hashes.
    Comma {
        blank: bool,
    },
    Point,
    /// `PR`: angle brackets around a negative number.
    Brackets,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct NumberFormat {
    text: String,
    tokens: Vec<Token>,
    whole: usize,
    fraction: usize,
}

impl NumberFormat {
    fn parse(text: &str) -> Result<NumberFormat> {
        let invalid = |sub: &str, why: &str| {
            SparkError::analysis(
                format!("INVALID_FORMAT.{sub}"),
                format!("The format is invalid: '{text}'. {why}"),
            )
            .with("format", format!("'{text}'"))
        };
        let upper = text.to_uppercase();
        let mut rest = upper.as_str();
        let mut tokens = Vec::new();
        let (mut whole, mut fraction, mut after_point) = (0, 0, false);
        if rest.is_empty() {
            return Err(invalid("EMPTY", "The number format string cannot be empty."));
        }
        while let Some(letter) = rest.chars().next() {
            let (token, length) = match letter {
                'M' if rest.starts_with("MI") => (Token::Sign { always: false }, 2),
                'P' if rest.starts_with("PR") => (Token::Brackets, 2),
                'S' => (Token::Sign { always: true }, 1),
                '$' => (Token::Dollar, 1),
                '0' | '9' => {
                    if after_point {
                        fraction += 1
                    } else {
                        whole += 1
                    }
                    (Token::Digit { zero: letter == '0' }, 1)
                }
                ',' | 'G' => (Token::Comma { blank: letter == 'G' }, 1),
                '.' | 'D' if !after_point => {
                    after_point = true;
                    (Token::Point, 1)
                }
                other => {
                    return Err(invalid(
                        "UNEXPECTED_TOKEN",
                        &format!(
                            "Found the unexpected '{other}' in the format string; the structure \
                             of the format string must match: `[MI|S]` `[$]` `[0|9|G|,]*` `[.|D]` \
                             `[0|9]*` `[$]` `[PR|MI|S]`."
                        ),
                    ));
                }
            };
            tokens.push(token);
            rest = rest.get(length..).unwrap_or_default();
        }
        if whole + fraction == 0 {
            let why = "The format string requires at least one number digit.";
            return Err(invalid("WRONG_NUM_DIGIT", why));
        }
        Ok(NumberFormat { text: text.to_owned(), tokens, whole, fraction })
    }

    /// The number, or hashes where it has more digits than the format.
    fn show(&self, unscaled: i128, scale: i8) -> String {
        let negative = unscaled < 0;
        let text = decimal_text(unscaled.saturating_abs(), scale);
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let overflow = whole.len() > self.whole || fraction.len() > self.fraction;
        let whole = format!("{whole:0>width$}", width = self.whole);
        let fraction = format!("{fraction:0<width$}", width = self.fraction);
        let mut digits = whole.chars().chain(fraction.chars());
        let mut out = String::new();
        let (mut significant, mut after_point, mut pads) = (false, false, false);
        let mut n_left = self.whole;
        for token in &self.tokens {
            match token {
                Token::Digit { zero } => {
                    let digit = digits.next().unwrap_or('0');
                    // From the first `0` or digit on, everything is shown.
                    // So is the last one before a point.
                    n_left = n_left.saturating_sub(1);
                    let is_last = n_left == 0 && self.fraction > 0;
                    significant |= *zero || digit != '0' || after_point || is_last;
                    out.push(match (overflow, significant) {
                        (true, _) => '#',
                        (false, true) => digit,
                        (false, false) => {
                            pads = true;
                            ' '
                        }
                    });
                }
                Token::Comma { blank } => {
                    let shown = if overflow { !blank } else { significant };
                    out.push(if shown { ',' } else { ' ' });
                }
                Token::Point => {
                    after_point = true;
                    out.push('.');
                }
                Token::Dollar => out.push('$'),
                Token::Sign { always } => {
                    let sign = match (negative, always) {
                        (true, _) => '-',
                        (false, true) => '+',
                        (false, false) => ' ',
                    };
                    out.push(sign);
                }
                Token::Brackets => {
                    if negative {
                        out.insert(0, '<');
                        out.push('>');
                    } else {
                        out.push_str("  ");
                    }
                }
            }
        }
        if pads {
            // A sign stands beside the first digit, unless a dollar is between.
            let n_front = out.chars().take_while(|c| matches!(c, '-' | '+' | '<')).count();
            let n_blanks = out.chars().skip(n_front).take_while(|c| c.is_whitespace()).count();
            if n_front > 0 {
                let front: String = out.chars().take(n_front).collect();
                let rest: String = out.chars().skip(n_front + n_blanks).collect();
                out = format!("{}{front}{rest}", " ".repeat(n_blanks));
            }
        }
        out
    }

    /// The number that `text` shows; none where it does not match.
    fn read(&self, text: &str) -> Option<i128> {
        let mut rest = text.trim();
        let mut negative = false;
        if self.tokens.last() == Some(&Token::Brackets)
            && let Some(inner) = rest.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'))
        {
            negative = true;
            rest = inner;
        }
        for sign in ['-', '+'] {
            let signed = self.tokens.iter().any(|t| matches!(t, Token::Sign { .. }));
            if signed
                && let Some(inner) = rest.strip_prefix(sign).or_else(|| rest.strip_suffix(sign))
            {
                negative = sign == '-';
                rest = inner.trim();
                break;
            }
        }
        if self.tokens.contains(&Token::Dollar) {
            rest = rest.strip_prefix('$').or_else(|| rest.strip_suffix('$'))?;
        }
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        let whole: String = whole.chars().filter(|c| *c != ',').collect();
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let has_comma = rest.contains(',');
        if !digits(&whole)
            || !digits(fraction)
            || whole.len() > self.whole
            || fraction.len() > self.fraction
            || (has_comma && !self.tokens.iter().any(|token| matches!(token, Token::Comma { .. })))
            || (whole.is_empty() && fraction.is_empty())
        {
            return None;
        }
        let text = format!("{whole}{fraction:0<width$}", width = self.fraction);
        let value: i128 = if text.is_empty() { 0 } else { text.parse().ok()? };
        Some(if negative { -value } else { value })
    }
}

fn format_of(name: &str, arg: &Arg) -> Result<NumberFormat> {
    match literal_text(arg) {
        Some(text) => NumberFormat::parse(&text),
        None => Err(not_foldable(name, "format")),
    }
}

/// Spark's error for a name that is no form of bytes as text.
pub(super) fn unknown_binary_format(name: &str, format: &str) -> SparkError {
    let what =
        format!("expects one of binary formats 'base64', 'hex', 'utf-8', but got '{format}'.");
    invalid_parameter_value(name, "fmt", "BINARY_FORMAT", &what)
}

/// Of numbers; of binary with `base64`, `hex`, `utf-8`; of dates as `date_format`.
pub(super) fn to_char(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let data_type = call.args[0].spark_type()?;
    let other = match &data_type {
        SparkType::Date | SparkType::Timestamp | SparkType::TimestampNtz => "date_format",
        SparkType::Binary => match literal_text(&call.args[1]).map(|t| t.to_lowercase()).as_deref()
        {
            Some("base64") => "base64",
            Some("hex") => "hex",
            Some("utf-8" | "utf8") => "decode",
            other => return Err(unknown_binary_format(call.name, other.unwrap_or_default())),
        },
        _ => "",
    };
    if !other.is_empty() {
        let Call { name, mut args, settings, query_start_micros } = call;
        if other != "date_format" && other != "decode" {
            args.truncate(1);
        }
        return match crate::registry::lookup(other).map(|found| &found.builder) {
            Some(crate::registry::Builder::Scalar(build)) => {
                build(Call { name: other, args, settings, query_start_micros })
            }
            _ => Err(SparkError::unsupported(format!("{name} of {}", data_type.sql()))),
        };
    }
    let (name, settings) = (call.name, call.settings);
    let [number, format] = call.exactly::<2>()?;
    if !data_type.is_numeric() && !data_type.is_string() && data_type != SparkType::Null {
        let required = "(\"NUMERIC\" or \"DATE\" or \"TIMESTAMP\" or \"BINARY\")";
        return Err(unexpected_type(name, 0, &number, required));
    }
    let format = format_of(name, &format)?;
    let number = expect(name, 0, number, Class::Numeric, settings)?;
    let source = number.spark_type()?;
    let (precision, scale) = decimal_for(&source).unwrap_or((38, 18));
    let target = SparkType::Decimal { precision, scale };
    let expr = crate::cast::cast(number, &target, EvalMode::of(settings), settings)?;
    let kernel = TO_CHAR.kernel((format, scale), &SparkType::string());
    Ok(kernel.call(vec![expr]))
}

pub(super) static TO_CHAR: Kind<(NumberFormat, i8)> = Kind::new("to_char", evaluate_to_char);

fn evaluate_to_char(params: &(NumberFormat, i8), input: &Input<'_>) -> Result<ArrayRef> {
    let (format, scale) = params;
    let values = input.numbers::<Decimal128Type>(0)?;
    strings(input.n_rows, |row| Ok(get!(values, row).map(|value| format.show(value, *scale))))
}

pub(super) fn to_number(call: Call<'_>) -> Result<Expr> {
    build_to_number(call, EvalMode::Ansi)
}

pub(super) fn try_to_number(call: Call<'_>) -> Result<Expr> {
    build_to_number(call, EvalMode::Try)
}

fn build_to_number(call: Call<'_>, mode: EvalMode) -> Result<Expr> {
    let (name, settings) = (call.name, call.settings);
    let [text, format] = call.exactly::<2>()?;
    let format = format_of(name, &format)?;
    let text = expect(name, 0, text, Class::String, settings)?;
    let precision = u8::try_from(format.whole + format.fraction).unwrap_or(38).min(38);
    let scale = i8::try_from(format.fraction).unwrap_or(0);
    let result = SparkType::Decimal { precision, scale };
    let kernel = TO_NUMBER.kernel((format, mode), &result);
    Ok(kernel.call(vec![text.expr]))
}

pub(super) static TO_NUMBER: Kind<(NumberFormat, EvalMode)> =
    Kind::new("to_number", evaluate_to_number);

fn evaluate_to_number(params: &(NumberFormat, EvalMode), input: &Input<'_>) -> Result<ArrayRef> {
    let (format, mode) = params;
    let texts = input.text(0)?;
    primitives_as::<Decimal128Type>(input.result, input.n_rows, |row| {
        let Some(text) = get!(texts, row) else { return Ok(None) };
        match format.read(text) {
            Some(value) => Ok(Some(value)),
            None if *mode == EvalMode::Try => Ok(None),
            None => Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "INVALID_FORMAT.MISMATCH_INPUT",
                format!(
                    "The format is invalid: '{0}'. The input \"STRING\" '{text}' does not match \
                     the format.",
                    format.text
                ),
            )
            .with("format", format!("'{}'", format.text))
            .with("inputType", "\"STRING\"")
            .with("input", text)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0.
    #[test]
    fn recorded() {
        let show = |value, scale, format: &str| {
            NumberFormat::parse(format).expect("a format").show(value, scale)
        };
        assert_eq!(show(454, 0, "999"), "454");
        assert_eq!(show(45400, 2, "000D00"), "454.00");
        assert_eq!(show(12454, 0, "99G999"), "12,454");
        assert_eq!(show(7812, 2, "$99.99"), "$78.12");
        assert_eq!(show(-124548, 1, "99G999D9S"), "12,454.8-");
        let read =
            |text: &str, format: &str| NumberFormat::parse(format).expect("a format").read(text);
        assert_eq!(read("12,454", "99,999"), Some(12454));
        assert_eq!(read("$78.12", "$99.99"), Some(7812));
        assert_eq!(read("12,454.8-", "99,999.9S"), Some(-124_548));
        assert_eq!(read("abc", "999"), None);
    }
}
