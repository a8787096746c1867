//! Letters: `lower`, `upper`, `initcap`, `reverse`, `repeat`, `space`, `ascii`, `chr`, `soundex`,
//! `luhn_check`, `quote`.

use super::room::Room;
use crate::call::{Arg, Call};
use crate::coercion::implicit::Class;
use crate::columns::{binaries, booleans, get, primitives, strings};
use crate::scalar_kernel::{Kind, Nullable};
use arrow::array::Array;
use arrow::datatypes::Int32Type;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

/// A builder of a function from one string to another.
macro_rules! from_string {
    ($($name:ident $kind:ident $shown:literal $compute:expr;)*) => {
        $(
            pub(super) fn $name(call: Call<'_>) -> Result<Expr> {
                call.strict(&$kind, 1, &[Class::String], &SparkType::string())
            }

            pub(super) static $kind: Kind<()> = Kind::new($shown, |(), input| {
                let texts = input.text(0)?;
                strings(input.n_rows, |row| Ok(get!(texts, row).map($compute)))
            });
        )*
    };
}

from_string! {
    lower LOWER "lower" str::to_lowercase;
    upper UPPER "upper" str::to_uppercase;
    init_cap INIT_CAP "initcap" capitalized;
    soundex SOUNDEX "soundex" soundex_of;
    quote QUOTE "quote" quoted;
}

/// Words are what blanks divide.
fn capitalized(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut first = true;
    for letter in text.chars() {
        if first {
            titlecase(letter, &mut out);
        } else {
            out.extend(letter.to_lowercase());
        }
        first = letter == ' ';
    }
    out
}

/// As Unicode's title case: `ß` becomes `Ss`, `ǆ` becomes `ǅ`.
fn titlecase(letter: char, out: &mut String) {
    match letter {
        '\u{1c4}'..='\u{1c6}' => out.push('\u{1c5}'),
        '\u{1c7}'..='\u{1c9}' => out.push('\u{1c8}'),
        '\u{1ca}'..='\u{1cc}' => out.push('\u{1cb}'),
        '\u{1f1}'..='\u{1f3}' => out.push('\u{1f2}'),
        _ => {
            let mut first = true;
            for upper in letter.to_uppercase() {
                match first {
                    true => out.push(upper),
                    false => out.extend(upper.to_lowercase()),
                }
                first &= !upper.is_uppercase();
            }
        }
    }
}

/// Backslashes stay as they are.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "\\'"))
}

/// The American code, and the text itself when it does not begin with an ASCII letter.
fn soundex_of(text: &str) -> String {
    const CODES: &[u8; 26] = b"01230127022455012623010202";
    let Some(first) = text.bytes().next().map(|b| b.to_ascii_uppercase()) else {
        return String::new();
    };
    if !first.is_ascii_uppercase() {
        return text.to_owned();
    }
    let code = |letter: u8| CODES[usize::from(letter - b'A')];
    let mut out = vec![first];
    let mut last = code(first);
    for letter in text.bytes().skip(1).map(|b| b.to_ascii_uppercase()) {
        if out.len() == 4 {
            break;
        }
        if !letter.is_ascii_uppercase() {
            last = b'0';
            continue;
        }
        // H and W between two equal codes do not part them.
        if matches!(letter, b'H' | b'W') {
            continue;
        }
        let next = code(letter);
        if next != b'0' && next != last {
            out.push(next);
        }
        last = next;
    }
    out.resize(4, b'0');
    String::from_utf8_lossy(&out).into_owned()
}

/// Of a string, or of an array.
pub(super) fn reverse(call: Call<'_>) -> Result<Expr> {
    let is_array = |arg: &Arg| matches!(arg.spark_type(), Ok(SparkType::Array { .. }));
    if call.args.first().is_some_and(is_array) {
        let [array] = call.exactly::<1>()?;
        return crate::array::reverse(array);
    }
    if call.args.first().is_some_and(|arg| matches!(arg.spark_type(), Ok(SparkType::Binary))) {
        let [bytes] = call.exactly::<1>()?;
        return Ok(REVERSE_BYTES
            .kernel((), &SparkType::Binary)
            .nullable(Nullable::Propagate)
            .call(vec![bytes.expr]));
    }
    call.strict(&REVERSE, 1, &[Class::String], &SparkType::string())
}

pub(super) static REVERSE: Kind<()> = Kind::new("reverse", |(), input| {
    let texts = input.text(0)?;
    strings(input.n_rows, |row| Ok(get!(texts, row).map(|t| t.chars().rev().collect::<String>())))
});

pub(super) static REVERSE_BYTES: Kind<()> = Kind::new("reverse_bytes", |(), input| {
    let values = input.bytes(0)?;
    binaries(input.n_rows, |row| {
        Ok(get!(values, row).map(|bytes| bytes.iter().rev().copied().collect::<Vec<u8>>()))
    })
});

pub(super) fn repeat(call: Call<'_>) -> Result<Expr> {
    call.strict(&REPEAT, 2, &[Class::String, Class::Integer], &SparkType::string())
}

pub(super) static REPEAT: Kind<()> = Kind::new("repeat", |(), input| {
    let (texts, times) = (input.text(0)?, input.ints(1)?);
    let mut room = Room::new("repeat");
    strings(input.n_rows, |row| match (get!(texts, row), get!(times, row)) {
        (Some(text), Some(times)) => {
            let times = usize::try_from(times).unwrap_or(0);
            room.take(text.len().saturating_mul(times))?;
            Ok(Some(text.repeat(times)))
        }
        _ => Ok(None),
    })
});

pub(super) fn space(call: Call<'_>) -> Result<Expr> {
    call.strict(&SPACE, 1, &[Class::Integer], &SparkType::string())
}

pub(super) static SPACE: Kind<()> = Kind::new("space", |(), input| {
    let times = input.ints(0)?;
    let mut room = Room::new("space");
    strings(input.n_rows, |row| {
        let Some(times) = get!(times, row) else { return Ok(None) };
        let times = usize::try_from(times).unwrap_or(0);
        room.take(times)?;
        Ok(Some(" ".repeat(times)))
    })
});

/// Code of the first letter; 0 for the empty string.
pub(super) fn ascii(call: Call<'_>) -> Result<Expr> {
    call.strict(&ASCII, 1, &[Class::String], &SparkType::Integer)
}

pub(super) static ASCII: Kind<()> = Kind::new("ascii", |(), input| {
    let texts = input.text(0)?;
    primitives::<Int32Type>(input.n_rows, |row| {
        Ok(get!(texts, row).map(|text| text.chars().next().map_or(0, |c| c as i32)))
    })
});

/// The letter of a code modulo 256; nothing for a negative code.
pub(super) fn chr(call: Call<'_>) -> Result<Expr> {
    call.strict(&CHR, 1, &[Class::Long], &SparkType::string())
}

pub(super) static CHR: Kind<()> = Kind::new("chr", |(), input| {
    let codes = input.longs(0)?;
    strings(input.n_rows, |row| {
        Ok(get!(codes, row).map(|code| {
            if code < 0 { String::new() } else { char::from((code & 0xff) as u8).to_string() }
        }))
    })
});

pub(super) fn luhn_check(call: Call<'_>) -> Result<Expr> {
    call.strict(&LUHN_CHECK, 1, &[Class::String], &SparkType::Boolean)
}

pub(super) static LUHN_CHECK: Kind<()> = Kind::new("luhn_check", |(), input| {
    let texts = input.text(0)?;
    booleans(input.n_rows, |row| Ok(get!(texts, row).map(luhn)))
});

fn luhn(text: &str) -> bool {
    let mut sum = 0;
    for (position, digit) in text.bytes().rev().enumerate() {
        if !digit.is_ascii_digit() {
            return false;
        }
        let digit = u32::from(digit - b'0');
        sum += match (position % 2, digit * 2) {
            (0, _) => digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        };
    }
    !text.is_empty() && sum % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0.
    #[test]
    fn recorded() {
        assert_eq!(soundex_of("Miller"), "M460");
        assert_eq!(soundex_of("Ashcraft"), "A261");
        assert_eq!(capitalized("sPark sql-x"), "Spark Sql-x");
        assert!(luhn("8112189876"));
        assert!(!luhn("79927398714"));
    }
}
