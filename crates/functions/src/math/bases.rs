//! `bin` and `conv`.

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, strings};
use crate::faults;
use crate::scalar_kernel::{Input, Kind};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

pub(super) fn bin(call: Call<'_>) -> Result<Expr> {
    call.strict(&BIN, 1, &[Class::Long], &SparkType::string())
}

pub(super) static BIN: Kind<()> = Kind::new("bin", |(), input| {
    let values = input.longs(0)?;
    strings(input.n_rows, |row| Ok(get!(values, row).map(|value| format!("{value:b}"))))
});

/// `conv(number, from, to)`: the number is read as far as its digits go; a negative `to` gives a
/// signed answer.
pub(super) fn conv(call: Call<'_>) -> Result<Expr> {
    let ansi = call.settings.ansi;
    let call = call.coerced(3, &[Class::String, Class::Integer, Class::Integer])?;
    Ok(CONV.kernel(ansi, &SparkType::string()).call(call.exprs()))
}

pub(super) static CONV: Kind<bool> = Kind::new("conv", evaluate);

fn evaluate(ansi: &bool, input: &Input<'_>) -> Result<ArrayRef> {
    let (texts, froms, tos) = (input.text(0)?, input.ints(1)?, input.ints(2)?);
    strings(input.n_rows, |row| {
        let (Some(text), Some(from), Some(to)) =
            (get!(texts, row), get!(froms, row), get!(tos, row))
        else {
            return Ok(None);
        };
        converted(text.trim(), from, to, *ansi)
    })
}

fn converted(text: &str, from: i32, to: i32, ansi: bool) -> Result<Option<String>> {
    let bases = 2..=36u32;
    let (Ok(from), target) = (u32::try_from(from), to.unsigned_abs()) else { return Ok(None) };
    if !bases.contains(&from) || !bases.contains(&target) || text.is_empty() {
        return Ok(None);
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut value: u64 = 0;
    for digit in digits.chars().map_while(|letter| letter.to_digit(from)) {
        let next = value
            .checked_mul(u64::from(from))
            .and_then(|value| value.checked_add(u64::from(digit)));
        value = match next {
            Some(next) => next,
            None if ansi => {
                return Err(faults::arithmetic_overflow("Overflow in function conv()", ""));
            }
            None => {
                value = u64::MAX;
                break;
            }
        };
    }
    let mut minus = false;
    if to < 0 {
        // Signed: the bits as a long.
        let signed = if negative { (value as i64).wrapping_neg() } else { value as i64 };
        minus = signed < 0;
        value = signed.unsigned_abs();
    } else if negative {
        // Unsigned: two's complement, and all ones where the number did not fit.
        value = if (value as i64) < 0 { u64::MAX } else { value.wrapping_neg() };
    }
    let mut out = Vec::new();
    loop {
        let digit = char::from_digit((value % u64::from(target)) as u32, target);
        out.push(digit.unwrap_or('0').to_ascii_uppercase());
        value /= u64::from(target);
        if value == 0 {
            break;
        }
    }
    if minus {
        out.push('-');
    }
    Ok(Some(out.into_iter().rev().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0.
    #[test]
    fn recorded() {
        let conv = |text, from, to| converted(text, from, to, true).expect("no overflow");
        assert_eq!(conv("100", 2, 10).as_deref(), Some("4"));
        assert_eq!(conv("-10", 16, -10).as_deref(), Some("-16"));
        assert_eq!(conv("-10", 16, 16).as_deref(), Some("FFFFFFFFFFFFFFF0"));
        assert_eq!(conv("zz", 36, 10).as_deref(), Some("1295"));
    }
}
