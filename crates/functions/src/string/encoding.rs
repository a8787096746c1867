//! Bytes and text: `base64`, `unbase64`, `encode`, `decode`, `to_binary`, validity of UTF-8.

use crate::call::Call;
use crate::cast::EvalMode;
use crate::coercion::implicit::{Class, expect};
use crate::columns::{binaries, booleans, get, strings};
use crate::faults::invalid_parameter_value;
use crate::implicit::{is_null_constant, literal_text, not_foldable};
use crate::math::hexadecimal;
use crate::scalar_kernel::{Input, Kind};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// MIME's lines of 76 letters, as Spark's default has it.
pub(super) fn base64(call: Call<'_>) -> Result<Expr> {
    call.strict(&BASE64, 1, &[Class::Binary], &SparkType::string())
}

pub(super) static BASE64: Kind<()> = Kind::new("base64", |(), input| {
    let values = input.bytes(0)?;
    strings(input.n_rows, |row| {
        Ok(get!(values, row).map(|bytes| {
            let plain = STANDARD.encode(bytes);
            let lines: Vec<&str> = (0..plain.len())
                .step_by(76)
                .filter_map(|at| plain.get(at..(at + 76).min(plain.len())))
                .collect();
            lines.join("\r\n")
        }))
    })
});

/// Letters outside the alphabet are skipped, as in Java's MIME decoder.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let clean: Vec<u8> =
        text.bytes().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
    LENIENT.decode(clean).ok()
}

pub(super) fn unbase64(call: Call<'_>) -> Result<Expr> {
    call.strict(&UNBASE64, 1, &[Class::String], &SparkType::Binary)
}

pub(super) static UNBASE64: Kind<()> = Kind::new("unbase64", |(), input| {
    let texts = input.text(0)?;
    binaries(input.n_rows, |row| match get!(texts, row) {
        Some(text) => match decode_base64(text) {
            Some(bytes) => Ok(Some(bytes)),
            // Java's decoder throws, and Spark lets it through.
            None => Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "",
                "Last unit does not have enough valid bits",
            )),
        },
        None => Ok(None),
    })
});

fn not_convertible(_function: &str, text: &str, format: &str) -> SparkError {
    SparkError::new(
        ErrorKind::IllegalArgument,
        "CONVERSION_INVALID_INPUT",
        format!(
            "The value '{text}' ({format}) cannot be converted to \"BINARY\" because it is \
             malformed. Correct the value as per the syntax, or change its format. Use \
             `try_to_binary` to tolerate malformed input and return NULL instead."
        ),
    )
    .with("str", format!("'{text}'"))
    .with("fmt", format)
    .with("targetType", "\"BINARY\"")
    .with("suggestion", "`try_to_binary`")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Charset {
    Ascii,
    Latin1,
    Utf8,
    Utf16,
    Utf16Be,
    Utf16Le,
    Utf32,
}

fn charset(function: &str, name: &str) -> Result<Charset> {
    Ok(match name.to_uppercase().as_str() {
        "US-ASCII" => Charset::Ascii,
        "ISO-8859-1" => Charset::Latin1,
        "UTF-8" => Charset::Utf8,
        "UTF-16" => Charset::Utf16,
        "UTF-16BE" => Charset::Utf16Be,
        "UTF-16LE" => Charset::Utf16Le,
        "UTF-32" => Charset::Utf32,
        _ => {
            let known = "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8";
            return Err(invalid_parameter_value(
                function,
                "charset",
                "CHARSET",
                &format!("expects one of the {known}, but got {name}."),
            )
            .with("charset", name)
            .with("charsets", known));
        }
    })
}

fn encoded(text: &str, charset: Charset) -> Option<Vec<u8>> {
    let narrow = |limit: u32| {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).ok().filter(|b| u32::from(*b) < limit))
            .collect::<Option<Vec<u8>>>()
    };
    let units =
        |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    match charset {
        Charset::Utf8 => Some(text.as_bytes().to_vec()),
        Charset::Ascii => narrow(128),
        Charset::Latin1 => narrow(256),
        Charset::Utf16Be => Some(units(u16::to_be_bytes)),
        Charset::Utf16Le => Some(units(u16::to_le_bytes)),
        Charset::Utf16 => {
            let mut out = vec![0xfe, 0xff];
            out.extend(units(u16::to_be_bytes));
            Some(out)
        }
        Charset::Utf32 => Some(text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect()),
    }
}

fn decoded(bytes: &[u8], charset: Charset) -> Option<String> {
    let units = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        if bytes.len() % 2 != 0 {
            return None;
        }
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    };
    match charset {
        Charset::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
        Charset::Ascii => bytes.is_ascii().then(|| bytes.iter().map(|b| char::from(*b)).collect()),
        Charset::Latin1 => Some(bytes.iter().map(|b| char::from(*b)).collect()),
        Charset::Utf16Be => units(bytes, u16::from_be_bytes),
        Charset::Utf16Le => units(bytes, u16::from_le_bytes),
        Charset::Utf16 => match bytes {
            [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
            rest => units(rest, u16::from_be_bytes),
        },
        Charset::Utf32 => bytes
            .chunks(4)
            .map(|unit| char::from_u32(u32::from_be_bytes(unit.try_into().ok()?)))
            .collect(),
    }
}

fn malformed(function: &str, name: &str) -> SparkError {
    SparkError::runtime(
        "MALFORMED_CHARACTER_CODING",
        format!("Invalid value found when performing `{function}` with {name}"),
    )
    .with("function", format!("`{function}`"))
    .with("charset", name)
}

pub(super) fn encode(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String];
    call.strict(&ENCODE, 2, &classes, &SparkType::Binary)
}

pub(super) static ENCODE: Kind<()> = Kind::new("encode", |(), input| {
    let (texts, names) = (input.text(0)?, input.text(1)?);
    binaries(input.n_rows, |row| {
        let (Some(text), Some(name)) = (get!(texts, row), get!(names, row)) else {
            return Ok(None);
        };
        let bytes = encoded(text, charset("encode", name)?);
        bytes.map(Some).ok_or_else(|| malformed("encode", name))
    })
});

/// Of bytes with a character set; with more arguments Oracle's `decode(x, a, b, …, default)`.
pub(super) fn decode(call: Call<'_>) -> Result<Expr> {
    if call.args.len() > 2 {
        return compare_and_choose(call);
    }
    let classes = [Class::Binary, Class::String];
    call.strict(&DECODE, 2, &classes, &SparkType::string())
}

pub(super) static DECODE: Kind<()> = Kind::new("decode", |(), input| {
    let (values, names) = (input.bytes(0)?, input.text(1)?);
    strings(input.n_rows, |row| {
        let (Some(bytes), Some(name)) = (get!(values, row), get!(names, row)) else {
            return Ok(None);
        };
        let text = decoded(bytes, charset("decode", name)?);
        text.map(Some).ok_or_else(|| malformed("decode", name))
    })
});

fn compare_and_choose(call: Call<'_>) -> Result<Expr> {
    use crate::cast::retyped;
    use crate::operators::comparison::compare;
    let Call { args, settings, query_start_micros, .. } = call;
    let mut args = args.into_iter();
    let Some(tested) = args.next() else {
        return Err(crate::call::wrong_num_args("decode", "> 1", 0));
    };
    let rest: Vec<_> = args.collect();
    let mut branches = Vec::with_capacity(rest.len());
    let mut rest = rest.into_iter();
    while let Some(first) = rest.next() {
        let Some(value) = rest.next() else {
            branches.push(first);
            break;
        };
        let operator = datafusion_expr::Operator::IsNotDistinctFrom;
        let same = compare(tested.clone(), operator, "<=>", first, settings)?;
        branches.push(retyped(same, &SparkType::Boolean, false));
        branches.push(value);
    }
    let found = crate::registry::lookup("when");
    match found.map(|found| &found.builder) {
        Some(crate::registry::Builder::Scalar(build)) => {
            build(Call { name: "decode", args: branches, settings, query_start_micros })
        }
        _ => Err(SparkError::internal("CASE is not registered")),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Format {
    Hex,
    Utf8,
    Base64,
}

pub(super) fn to_binary(call: Call<'_>) -> Result<Expr> {
    build_to_binary(call, EvalMode::Ansi)
}

pub(super) fn try_to_binary(call: Call<'_>) -> Result<Expr> {
    build_to_binary(call, EvalMode::Try)
}

fn build_to_binary(call: Call<'_>, mode: EvalMode) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let (name, settings) = (call.name, call.settings);
    let format = match call.args.get(1) {
        None => Format::Hex,
        Some(arg) => match literal_text(arg).map(|text| text.to_lowercase()).as_deref() {
            Some("hex") => Format::Hex,
            Some("utf-8" | "utf8") => Format::Utf8,
            Some("base64") => Format::Base64,
            _ if is_null_constant(arg) => return Ok(no_bytes()),
            Some(_) if mode == EvalMode::Try => return Ok(no_bytes()),
            Some(other) => return Err(unknown_format(name, other)),
            None => return Err(not_foldable(name, "fmt")),
        },
    };
    let Some(arg) = call.args.into_iter().next() else {
        return Err(SparkError::internal("to_binary without argument"));
    };
    let arg = expect(name, 0, arg, Class::String, settings)?;
    let kernel = TO_BINARY.kernel((format, mode), &SparkType::Binary);
    Ok(kernel.call(vec![arg.expr]))
}

fn no_bytes() -> Expr {
    Expr::Literal(ScalarValue::Binary(None), None)
}

fn unknown_format(name: &str, format: &str) -> SparkError {
    SparkError::analysis(
        "DATATYPE_MISMATCH.INVALID_ARG_VALUE",
        format!(
            "Cannot resolve \"{name}\" due to data type mismatch: The `fmt` value must to be a \
             case-insensitive \"STRING\" literal of 'hex', 'utf-8', 'utf8', or 'base64', but got \
             '{format}'."
        ),
    )
    .with("inputName", "`fmt`")
    .with("requireType", "case-insensitive \"STRING\"")
    .with("validValues", "'hex', 'utf-8', 'utf8', or 'base64'")
    .with("inputValue", format!("'{format}'"))
}

pub(super) static TO_BINARY: Kind<(Format, EvalMode)> = Kind::new("to_binary", evaluate_to_binary);

fn evaluate_to_binary(params: &(Format, EvalMode), input: &Input<'_>) -> Result<ArrayRef> {
    let (format, mode) = *params;
    let texts = input.text(0)?;
    binaries(input.n_rows, |row| {
        let Some(text) = get!(texts, row) else { return Ok(None) };
        let (bytes, shown) = match format {
            Format::Hex => (hexadecimal::decode(text), "'HEX'"),
            Format::Utf8 => (Some(text.as_bytes().to_vec()), "'UTF-8'"),
            Format::Base64 => {
                let blank = |c: char| c.is_ascii_whitespace();
                let plain: String = text.chars().filter(|c| !blank(*c)).collect();
                (LENIENT.decode(plain).ok(), "'BASE64'")
            }
        };
        match bytes {
            Some(bytes) => Ok(Some(bytes)),
            None if mode == EvalMode::Try => Ok(None),
            None => Err(not_convertible("to_binary", text, shown)),
        }
    })
}

/// Strings are always valid here: Arrow has no others. Bytes may be anything.
pub(super) fn is_valid_utf8(call: Call<'_>) -> Result<Expr> {
    call.strict(&IS_VALID_UTF8, 1, &[Class::StringOrBinary], &SparkType::Boolean)
}

pub(super) static IS_VALID_UTF8: Kind<()> = Kind::new("is_valid_utf8", |(), input| {
    if input.args[0].data_type() == &DataType::Binary {
        let values = input.bytes(0)?;
        return booleans(input.n_rows, |row| {
            Ok(get!(values, row).map(|bytes| std::str::from_utf8(bytes).is_ok()))
        });
    }
    let texts = input.text(0)?;
    booleans(input.n_rows, |row| Ok(get!(texts, row).map(|_| true)))
});

/// What becomes of bytes that are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Invalid {
    Replaced,
    Null,
    Error,
}

/// `make_valid_utf8`, `validate_utf8`, `try_validate_utf8`: a string is itself.
pub(super) fn valid_utf8(call: Call<'_>) -> Result<Expr> {
    let invalid = match call.name {
        "make_valid_utf8" => Invalid::Replaced,
        "try_validate_utf8" => Invalid::Null,
        _ => Invalid::Error,
    };
    let [arg] = call.coerced(1, &[Class::StringOrBinary])?.exactly::<1>()?;
    if arg.spark_type()? != SparkType::Binary {
        return Ok(arg.expr);
    }
    Ok(VALID_UTF8.kernel(invalid, &SparkType::string()).call(vec![arg.expr]))
}

pub(super) static VALID_UTF8: Kind<Invalid> = Kind::new("validate_utf8", |invalid, input| {
    let values = input.bytes(0)?;
    strings(input.n_rows, |row| {
        let Some(bytes) = get!(values, row) else { return Ok(None) };
        match (std::str::from_utf8(bytes), invalid) {
            (Ok(text), _) => Ok(Some(text.to_owned())),
            (Err(_), Invalid::Replaced) => Ok(Some(String::from_utf8_lossy(bytes).into_owned())),
            (Err(_), Invalid::Null) => Ok(None),
            (Err(_), Invalid::Error) => {
                let shown: String = bytes.iter().map(|byte| format!("\\x{byte:02X}")).collect();
                Err(SparkError::new(
                    ErrorKind::IllegalArgument,
                    "INVALID_UTF8_STRING",
                    format!("Invalid UTF8 byte sequence found in string: {shown}."),
                )
                .with("str", shown))
            }
        }
    })
});
