//! Where a string lies in another: `contains`, `startswith`, `instr`, `locate`, `find_in_set`.

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{booleans, get, primitives};
use crate::scalar_kernel::Kind;
use arrow::array::Array;
use arrow::datatypes::Int32Type;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

/// A builder of a test of two strings (or two byte strings).
macro_rules! tests_of_two {
    ($($name:ident $shown:literal $of_text:ident $text:expr, $of_bytes:ident $bytes:expr;)*) => {
        $(
            pub(super) fn $name(call: Call<'_>) -> Result<Expr> {
                let binary = call.args.len() == 2
                    && call.args.iter().all(|arg| matches!(arg.spark_type(), Ok(SparkType::Binary)));
                if binary {
                    let classes = [Class::Binary, Class::Binary];
                    return call.strict(&$of_bytes, 2, &classes, &SparkType::Boolean);
                }
                let classes = [Class::String, Class::String];
                call.strict(&$of_text, 2, &classes, &SparkType::Boolean)
            }

            pub(super) static $of_text: Kind<()> = Kind::new($shown, |(), input| {
                let (left, right) = (input.text(0)?, input.text(1)?);
                let test: fn(&str, &str) -> bool = $text;
                booleans(input.n_rows, |row| match (get!(left, row), get!(right, row)) {
                    (Some(a), Some(b)) => Ok(Some(test(a, b))),
                    _ => Ok(None),
                })
            });

            pub(super) static $of_bytes: Kind<()> = Kind::new(concat!($shown, ".bytes"), |(), input| {
                let (left, right) = (input.bytes(0)?, input.bytes(1)?);
                let test: fn(&[u8], &[u8]) -> bool = $bytes;
                booleans(input.n_rows, |row| match (get!(left, row), get!(right, row)) {
                    (Some(a), Some(b)) => Ok(Some(test(a, b))),
                    _ => Ok(None),
                })
            });
        )*
    };
}

tests_of_two! {
    contains "contains"
        CONTAINS |a, b| a.contains(b),
        CONTAINS_BYTES |a, b| b.is_empty() || a.windows(b.len()).any(|w| w == b);
    starts_with "startswith"
        STARTS_WITH |a, b| a.starts_with(b),
        STARTS_WITH_BYTES |a, b| a.starts_with(b);
    ends_with "endswith"
        ENDS_WITH |a, b| a.ends_with(b),
        ENDS_WITH_BYTES |a, b| a.ends_with(b);
}

/// Position from 1 of the first `part` in `text` at or after letter `from` (from 1); 0 for none.
fn position(text: &str, part: &str, from: i32) -> i32 {
    if from < 1 {
        return 0;
    }
    if part.is_empty() {
        return 1;
    }
    let skipped = (from - 1) as usize;
    let Some(start) = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(skipped) else {
        return 0;
    };
    match text.get(start..).and_then(|rest| rest.find(part)) {
        Some(at) => text.get(..start + at).map_or(0, |before| before.chars().count() as i32 + 1),
        None => 0,
    }
}

pub(super) fn instr(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String];
    call.strict(&INSTR, 2, &classes, &SparkType::Integer)
}

pub(super) static INSTR: Kind<()> = Kind::new("instr", |(), input| {
    let (texts, parts) = (input.text(0)?, input.text(1)?);
    primitives::<Int32Type>(input.n_rows, |row| match (get!(texts, row), get!(parts, row)) {
        (Some(text), Some(part)) => Ok(Some(position(text, part, 1))),
        _ => Ok(None),
    })
});

pub(super) fn locate(mut call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    if call.args.len() == 2 {
        let one = Expr::Literal(ScalarValue::Int32(Some(1)), None);
        call.args.push(crate::cast::retyped(one, &SparkType::Integer, false));
    }
    let classes = [Class::String, Class::String, Class::Integer];
    call.partial(&LOCATE, 3, &classes, &SparkType::Integer)
}

pub(super) static LOCATE: Kind<()> = Kind::new("locate", |(), input| {
    let (parts, texts, starts) = (input.text(0)?, input.text(1)?, input.ints(2)?);
    primitives::<Int32Type>(input.n_rows, |row| {
        // A start of null finds nothing.
        let Some(start) = get!(starts, row) else { return Ok(Some(0)) };
        match (get!(texts, row), get!(parts, row)) {
            (Some(text), Some(part)) => Ok(Some(position(text, part, start))),
            _ => Ok(None),
        }
    })
});

pub(super) fn find_in_set(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String];
    call.strict(&FIND_IN_SET, 2, &classes, &SparkType::Integer)
}

pub(super) static FIND_IN_SET: Kind<()> = Kind::new("find_in_set", |(), input| {
    let (words, sets) = (input.text(0)?, input.text(1)?);
    primitives::<Int32Type>(input.n_rows, |row| match (get!(words, row), get!(sets, row)) {
        (Some(word), Some(_)) if word.contains(',') => Ok(Some(0)),
        (Some(word), Some(set)) => {
            let at = set.split(',').position(|member| member == word);
            Ok(Some(at.map_or(0, |at| at as i32 + 1)))
        }
        _ => Ok(None),
    })
});
