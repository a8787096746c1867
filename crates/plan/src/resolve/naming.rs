//! Names of expressions without an alias, as Spark generates them: `(a + b)`, `count(1)`, `CEIL(x)`.
//!
//! The names follow Spark's "pretty SQL" of the analysed expression: its operators print infix, some
//! functions in capitals, and arguments that the user left out appear with their defaults.

use crate::spec::Literal;
use chrono::{DateTime, Datelike, Timelike};
use firesteel_common::{SessionSettings, SparkType};
use firesteel_functions::cast::decimal_literal;

/// The comparator that `array_sort` has when the user gives none.
const ARRAY_SORT_ORDER: &str = "lambdafunction((IF(((namedlambdavariable() IS NULL) AND \
    (namedlambdavariable() IS NULL)), 0, (IF((namedlambdavariable() IS NULL), 1, \
    (IF((namedlambdavariable() IS NULL), -1, (IF((namedlambdavariable() < namedlambdavariable()), \
    -1, (IF((namedlambdavariable() > namedlambdavariable()), 1, 0)))))))))), \
    namedlambdavariable(), namedlambdavariable())";

/// Name of a call of `name` (lower case) with arguments named `args`.
pub(crate) fn call(name: &str, args: &[String]) -> String {
    if let Some(infix) = operator(name, args) {
        return infix;
    }
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    let shown = shown_name(name, &mut args);
    format!("{shown}({})", args.join(", "))
}

fn operator(name: &str, args: &[String]) -> Option<String> {
    let text = match (name, args) {
        ("not" | "!", [a]) => format!("(NOT {a})"),
        ("-", [a]) => format!("(- {a})"),
        ("+" | "positive", [a]) => format!("(+ {a})"),
        ("~", [a]) => format!("~{a}"),
        ("and", [a, b]) => format!("({a} AND {b})"),
        ("or", [a, b]) => format!("({a} OR {b})"),
        ("=" | "==", [a, b]) => format!("({a} = {b})"),
        ("<>" | "!=", [a, b]) => format!("(NOT ({a} = {b}))"),
        (
            "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<=>" | "<" | "<=" | ">" | ">=" | "<<"
            | ">>" | ">>>" | "div",
            [a, b],
        ) => format!("({a} {name} {b})"),
        ("||", _) => format!("concat({})", args.join(", ")),
        ("isnull", [a]) => format!("({a} IS NULL)"),
        ("isnotnull", [a]) => format!("({a} IS NOT NULL)"),
        ("istrue", [a]) => format!("({a} <=> true)"),
        ("isfalse", [a]) => format!("({a} <=> false)"),
        ("isunknown", [a]) => format!("({a} IS UNKNOWN)"),
        ("convert_timezone", [to, time]) => {
            format!("convert_timezone(current_timezone(), {to}, {time})")
        }
        ("in", [a, values @ ..]) => format!("({a} IN ({}))", values.join(", ")),
        ("like", [a, b]) => format!("{a} LIKE {b}"),
        ("like", [a, b, escape]) if escape == "\\" => format!("{a} LIKE {b}"),
        ("like", [a, b, escape]) => format!("{a} LIKE {b} ESCAPE '{escape}'"),
        ("ilike", [a, b, escape]) if escape != "\\" => format!("ilike({a}, {b}, {escape})"),
        ("ilike", [a, b, ..]) => format!("ilike({a}, {b})"),
        ("if", [a, b, c]) => format!("(IF({a}, {b}, {c}))"),
        ("when", _) => case(args),
        ("window", [_, _, ..]) => "window".into(),
        ("extract" | "datepart", [field, source]) => format!("{name}({field} FROM {source})"),
        ("try_to_time", _) => format!("try_to_time(to_time({}))", args.join(", ")),
        // The names of types as functions are casts that print as what they cast.
        (
            "bigint" | "binary" | "boolean" | "date" | "decimal" | "double" | "float" | "int"
            | "smallint" | "string" | "time" | "timestamp" | "tinyint",
            [a],
        ) => a.clone(),
        ("ltrim", [trimmed, a]) => format!("TRIM(LEADING {trimmed} FROM {a})"),
        ("rtrim", [trimmed, a]) => format!("TRIM(TRAILING {trimmed} FROM {a})"),
        ("trim", [trimmed, a]) => format!("TRIM(BOTH {trimmed} FROM {a})"),
        ("assert_true", [a]) => format!("assert_true({a}, '{a}' is not true!)"),
        _ => return None,
    };
    Some(text)
}

fn case(args: &[String]) -> String {
    let mut text = String::from("CASE");
    let mut rest = args;
    while let [condition, value, more @ ..] = rest {
        text.push_str(&format!(" WHEN {condition} THEN {value}"));
        rest = more;
    }
    if let [otherwise] = rest {
        text.push_str(&format!(" ELSE {otherwise}"));
    }
    text + " END"
}

/// The name that Spark prints, with arguments that were left out added and hidden ones removed.
fn shown_name(name: &str, args: &mut Vec<&str>) -> String {
    let default = |args: &mut Vec<&str>, n_given: usize, values: &[&'static str]| {
        if args.len() >= n_given {
            let missing = values.iter().skip(args.len() - n_given).copied();
            args.extend(missing);
        }
    };
    match name {
        "substring" | "substr" => default(args, 2, &["2147483647"]),
        "vector_norm" | "vector_normalize" => default(args, 1, &["2.0"]),
        "approx_top_k" => default(args, 1, &["5", "10000"]),
        "approx_top_k_accumulate" => default(args, 1, &["10000"]),
        "approx_top_k_combine" => default(args, 1, &["-1"]),
        "approx_top_k_estimate" => default(args, 1, &["5"]),
        "aes_encrypt" => default(args, 2, &["GCM", "DEFAULT", "", ""]),
        "aes_decrypt" | "try_aes_decrypt" => default(args, 2, &["GCM", "DEFAULT", ""]),
        "percentile" => default(args, 2, &["1"]),
        "percentile_approx" | "approx_percentile" => default(args, 2, &["10000"]),
        // Byte strings are padded with zeros.
        "lpad" | "rpad" => {
            let is_binary = args.first().is_some_and(|text| text.starts_with("X'"));
            default(args, 2, if is_binary { &["X'00'"] } else { &[" "] });
        }
        "listagg" | "string_agg" => {
            default(args, 1, &["NULL"]);
            return "listagg".into();
        }
        "approx_count_distinct" | "approx_distinct" => args.truncate(1),
        "aggregate_metrics" if args.len() == 3 => {
            args.remove(0);
        }
        "array_sort" => default(args, 1, &[ARRAY_SORT_ORDER]),
        "to_json" | "to_csv" | "schema_of_json" | "schema_of_csv" => args.truncate(1),
        // Only a mode that is to be deterministic says so.
        "mode" if args.last().is_some_and(|last| *last == "false") => args.truncate(1),
        "round" | "bround" => default(args, 1, &["0"]),
        "locate" | "position" => default(args, 2, &["1"]),
        "sentences" => default(args, 1, &["", ""]),
        "split" => default(args, 2, &["-1"]),
        "regexp_replace" | "regexp_extract" | "regexp_extract_all" => {
            let n_given = if name == "regexp_replace" { 3 } else { 2 };
            default(args, n_given, &["1"]);
        }
        "regexp_instr" => default(args, 2, &["0"]),
        "unix_timestamp" | "to_unix_timestamp" => {
            if args.is_empty() {
                args.push("current_timestamp()");
            }
            default(args, 1, &["yyyy-MM-dd HH:mm:ss"]);
        }
        "from_unixtime" => default(args, 1, &["yyyy-MM-dd HH:mm:ss"]),
        "months_between" => default(args, 2, &["true"]),
        "replace" => default(args, 2, &[""]),
        "overlay" => default(args, 3, &["-1"]),
        "sort_array" => default(args, 1, &["true"]),
        "str_to_map" => default(args, 1, &[",", ":"]),
        "mask" => default(args, 1, &["X", "x", "n", "NULL"]),
        // A seed is not shown, nor the zone.
        "uuid" => args.clear(),
        "shuffle" => args.truncate(1),
        "try_make_timestamp" => args.truncate(6),
        "make_dt_interval" => default(args, 0, &["0", "0", "0", "0.000000"]),
        "make_interval" | "try_make_interval" => {
            default(args, 0, &["0", "0", "0", "0", "0", "0", "0.000000"]);
        }
        "lag" | "lead" => default(args, 1, &["1", "NULL"]),
        "first" | "first_value" | "last" | "last_value" | "any_value" => args.truncate(1),
        "likeany" | "likeall" | "notlikeany" | "notlikeall" => args.truncate(1),
        "from_json" | "from_csv" | "from_xml" => args.truncate(1),
        "variant_get" | "try_variant_get" => args.truncate(2),
        "to_xml" | "schema_of_xml" => args.truncate(1),
        "theta_sketch_agg" | "theta_union_agg" | "hll_sketch_agg" => default(args, 1, &["12"]),
        "st_geomfromwkb" => default(args, 1, &["0"]),
        "st_asbinary" => default(args, 1, &["NDR"]),
        "theta_union" => default(args, 2, &["12"]),
        "hll_union_agg" => default(args, 1, &["false"]),
        "hll_union" => default(args, 2, &["false"]),
        "tuple_sketch_agg_double"
        | "tuple_sketch_agg_integer"
        | "tuple_union_double"
        | "tuple_union_integer"
        | "tuple_union_theta_double"
        | "tuple_union_theta_integer" => default(args, 2, &["12", "sum"]),
        "tuple_union_agg_double" | "tuple_union_agg_integer" => default(args, 1, &["12", "sum"]),
        "tuple_intersection_agg_double"
        | "tuple_intersection_agg_integer"
        | "tuple_sketch_summary_double"
        | "tuple_sketch_summary_integer" => default(args, 1, &["sum"]),
        "tuple_intersection_double"
        | "tuple_intersection_integer"
        | "tuple_intersection_theta_double"
        | "tuple_intersection_theta_integer" => default(args, 2, &["sum"]),
        "log" if args.len() == 1 => args.insert(0, "E()"),
        "dateadd" | "date_add" if args.len() == 3 => return "timestampadd".into(),
        "dateadd" => return "date_add".into(),
        "datediff" | "date_diff" | "timediff" if args.len() == 3 => return "timestampdiff".into(),
        "array_agg" => return "collect_list".into(),
        "current_database" => return "current_schema".into(),
        "random" => return "rand".into(),
        "to_varchar" => return "to_char".into(),
        "curdate" => return "current_date".into(),
        "current_time" => default(args, 0, &["6"]),
        _ => {}
    }
    if is_printed_in_capitals(name, args.len()) { name.to_uppercase() } else { name.to_owned() }
}

fn is_printed_in_capitals(name: &str, n_args: usize) -> bool {
    match name {
        "ceil" | "floor" => n_args == 1,
        "acos" | "acosh" | "asin" | "asinh" | "atan" | "atan2" | "atanh" | "cbrt" | "cos"
        | "cosh" | "cot" | "csc" | "degrees" | "dense_rank" | "e" | "exp" | "expm1" | "hypot"
        | "log" | "log10" | "log1p" | "log2" | "percent_rank" | "pi" | "power" | "radians"
        | "rank" | "regexp" | "regexp_like" | "rlike" | "sec" | "signum" | "sin" | "sinh"
        | "spark_partition_id" | "sqrt" | "tan" | "tanh" => true,
        _ => false,
    }
}

/// Name of an aggregate call with its modifiers.
pub(crate) fn aggregate(
    name: &str,
    args: &[String],
    distinct: bool,
    within_group: &[String],
    filter: Option<&str>,
) -> String {
    let mut text = match (name, args) {
        // `mode(x, true)` prints as what it is short for.
        ("mode", [arg, deterministic]) if deterministic == "true" => {
            format!("mode() WITHIN GROUP (ORDER BY {arg} DESC)")
        }
        // Spark forgets which of the two names was used when it puts the order in.
        ("string_agg", _) if within_group.is_empty() => {
            call(name, args).replacen("listagg", name, 1)
        }
        _ => call(name, args),
    };
    if distinct && let Some(position) = text.find('(') {
        text.insert_str(position + 1, "DISTINCT ");
    }
    if !within_group.is_empty() {
        text.push_str(&format!(" WITHIN GROUP (ORDER BY {})", within_group.join(", ")));
    }
    if let Some(filter) = filter {
        text.push_str(&format!(" FILTER (WHERE {filter})"));
    }
    text
}

/// Name of a lambda: Spark prints its variables without their names.
pub(crate) fn lambda(body: &str, n_parameters: usize) -> String {
    format!("lambdafunction({body}{})", ", namedlambdavariable()".repeat(n_parameters))
}

/// A literal as it appears inside a generated name: strings without quotes. In the arguments of Python functions
/// (`is_plain`) times and bytes are without them too.
pub(crate) fn literal(value: &Literal, is_plain: bool, settings: &SessionSettings) -> String {
    match value {
        Literal::String(text) => text.clone(),
        Literal::Binary(_) if is_plain => {
            let text = sql(value, settings);
            format!("0x{}", text.trim_start_matches("X'").trim_end_matches('\''))
        }
        Literal::Date(_)
        | Literal::Timestamp(_)
        | Literal::TimestampNtz(_)
        | Literal::Time { .. }
            if is_plain =>
        {
            let text = sql(value, settings);
            text.split('\'').nth(1).unwrap_or(&text).to_owned()
        }
        other => sql(other, settings),
    }
}

/// A literal as SQL.
fn sql(value: &Literal, settings: &SessionSettings) -> String {
    match value {
        Literal::Null(_) => "NULL".into(),
        Literal::Boolean(value) => value.to_string(),
        Literal::Byte(value) => value.to_string(),
        Literal::Short(value) => value.to_string(),
        Literal::Integer(value) => value.to_string(),
        Literal::Long(value) => value.to_string(),
        Literal::Float(value) => java_float(f64::from(*value), format!("{value:e}")),
        Literal::Double(value) => java_float(*value, format!("{value:e}")),
        Literal::Decimal { value, scale, .. } => decimal_literal(*value, *scale),
        Literal::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        Literal::Binary(bytes) => {
            format!("X'{}'", bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>())
        }
        Literal::Date(days) => format!("DATE '{}'", date(*days)),
        Literal::Timestamp(micros) => {
            format!("TIMESTAMP '{}'", timestamp(*micros, Some(&settings.time_zone)))
        }
        Literal::TimestampNtz(micros) => format!("TIMESTAMP_NTZ '{}'", timestamp(*micros, None)),
        Literal::Time { nanos, .. } => {
            let seconds = nanos / 1_000_000_000;
            let clock =
                format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            format!("TIME '{clock}{}'", fraction(nanos / 1000 % 1_000_000))
        }
        Literal::CalendarInterval { months, days, micros } => {
            format!("INTERVAL '{}'", calendar_interval(*months, *days, *micros))
        }
        Literal::YearMonthInterval { months, start, end } => year_month(*months, *start, *end),
        Literal::DayTimeInterval { micros, start, end } => day_time(*micros, *start, *end),
        Literal::Array { elements, .. } => {
            let elements: Vec<_> = elements.iter().map(|value| sql(value, settings)).collect();
            format!("ARRAY({})", elements.join(", "))
        }
        Literal::Map { entries, .. } => {
            let entries = entries.iter().flat_map(|(key, value)| [key, value]);
            let entries: Vec<_> = entries.map(|value| sql(value, settings)).collect();
            format!("MAP({})", entries.join(", "))
        }
        Literal::Struct { data_type, elements } => {
            let names: Vec<String> = match data_type {
                SparkType::Struct(fields) => {
                    fields.fields.iter().map(|field| field.name.clone()).collect()
                }
                _ => (1..=elements.len()).map(|position| format!("col{position}")).collect(),
            };
            let pairs: Vec<_> = names
                .iter()
                .zip(elements)
                .map(|(name, value)| format!("'{name}', {}", sql(value, settings)))
                .collect();
            format!("NAMED_STRUCT({})", pairs.join(", "))
        }
    }
}

/// A floating-point number as Java prints it: at least one decimal, `E` outside [1e-3, 1e7).
/// `scientific` is Rust's shortest form with exponent, of the number's own width.
fn java_float(value: f64, scientific: String) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    // Java keeps two digits of the smallest numbers, where one would do.
    let scientific = match scientific.as_str() {
        "5e-324" => "4.9e-324".to_owned(),
        "-5e-324" => "-4.9e-324".to_owned(),
        "1e-45" => "1.4e-45".to_owned(),
        "-1e-45" => "-1.4e-45".to_owned(),
        _ => scientific,
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value == 0.0 || (-3..7).contains(&exponent) {
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        let sign = if mantissa.starts_with('-') { "-" } else { "" };
        return format!("{sign}{}", place_point(&digits, exponent));
    }
    let point = if mantissa.contains('.') { "" } else { ".0" };
    format!("{mantissa}{point}E{exponent}")
}

/// Digits `d.ddd × 10^exponent` without exponent, with at least one decimal.
fn place_point(digits: &str, exponent: i32) -> String {
    let n_integer = exponent + 1;
    if n_integer <= 0 {
        return format!("0.{}{digits}", "0".repeat(n_integer.unsigned_abs() as usize));
    }
    let n_integer = n_integer as usize;
    if digits.len() <= n_integer {
        return format!("{digits}{}.0", "0".repeat(n_integer - digits.len()));
    }
    format!("{}.{}", &digits[..n_integer], &digits[n_integer..])
}

fn date(days: i32) -> String {
    match DateTime::from_timestamp(i64::from(days) * 86_400, 0) {
        Some(day) => {
            let sign = if day.year() < 0 { "-" } else { "" };
            format!("{sign}{:04}-{:02}-{:02}", day.year().unsigned_abs(), day.month(), day.day())
        }
        None => days.to_string(),
    }
}

fn timestamp(micros: i64, zone: Option<&str>) -> String {
    let clock = zone.and_then(|zone| firesteel_functions::wall_clock_micros(micros, zone));
    let Some(local) = DateTime::from_timestamp_micros(clock.unwrap_or(micros)) else {
        return micros.to_string();
    };
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}{}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second(),
        fraction(i64::from(local.nanosecond() / 1000)),
    )
}

/// `.5` for 500,000 microseconds, nothing for none.
fn fraction(micros: i64) -> String {
    if micros == 0 {
        return String::new();
    }
    format!(".{}", format!("{micros:06}").trim_end_matches('0'))
}

fn calendar_interval(months: i32, days: i32, micros: i64) -> String {
    let mut parts = Vec::new();
    let mut add = |value: i64, unit: &str| {
        if value != 0 {
            parts.push(format!("{value} {unit}"));
        }
    };
    add(i64::from(months / 12), "years");
    add(i64::from(months % 12), "months");
    add(i64::from(days), "days");
    add(micros / 3_600_000_000, "hours");
    add(micros / 60_000_000 % 60, "minutes");
    let seconds = micros % 60_000_000;
    if seconds != 0 {
        let sign = if seconds < 0 { "-" } else { "" };
        let seconds = seconds.abs();
        let fraction = fraction(seconds % 1_000_000);
        parts.push(format!("{sign}{}{fraction} seconds", seconds / 1_000_000));
    }
    if parts.is_empty() { "0 seconds".into() } else { parts.join(" ") }
}

fn year_month(months: i32, start: u8, end: u8) -> String {
    let sign = if months < 0 { "-" } else { "" };
    let months = months.unsigned_abs();
    match (start, end) {
        (0, 0) => format!("INTERVAL '{sign}{}' YEAR", months / 12),
        (1, 1) => format!("INTERVAL '{sign}{months}' MONTH"),
        _ => format!("INTERVAL '{sign}{}-{}' YEAR TO MONTH", months / 12, months % 12),
    }
}

fn day_time(micros: i64, start: u8, end: u8) -> String {
    const NAMES: [&str; 4] = ["DAY", "HOUR", "MINUTE", "SECOND"];
    const UNITS: [u64; 4] = [86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000];
    let sign = if micros < 0 { "-" } else { "" };
    let mut left = micros.unsigned_abs();
    let mut text = String::new();
    let (first, last) = (usize::from(start.min(3)), usize::from(end.min(3)));
    for unit in first..=last {
        let value = left / UNITS[unit];
        left %= UNITS[unit];
        if unit > first {
            text.push(if unit == 1 { ' ' } else { ':' });
            text.push_str(&format!("{value:02}"));
        } else if unit > 0 {
            text.push_str(&format!("{value:02}"));
        } else {
            text.push_str(&value.to_string());
        }
    }
    if last == 3 {
        text.push_str(&fraction(left as i64));
    }
    let fields = if first == last {
        NAMES[first].to_owned()
    } else {
        format!("{} TO {}", NAMES[first], NAMES[last])
    };
    format!("INTERVAL '{sign}{text}' {fields}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, args: &[&str]) -> String {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        call(name, &args)
    }

    #[test]
    fn calls_are_named_as_spark_4_2_names_them() {
        assert_eq!(named("<>", &["a", "1"]), "(NOT (a = 1))");
        assert_eq!(named("in", &["a", "1", "2"]), "(a IN (1, 2))");
        assert_eq!(named("when", &["(a = 1)", "p", "q"]), "CASE WHEN (a = 1) THEN p ELSE q END");
        assert_eq!(named("ceil", &["x"]), "CEIL(x)");
        assert_eq!(named("ceil", &["x", "1"]), "ceil(x, 1)");
        assert_eq!(named("substring", &["c", "1"]), "substring(c, 1, 2147483647)");
        assert_eq!(named("ltrim", &["x", "c"]), "TRIM(LEADING x FROM c)");
        assert_eq!(named("log", &["a"]), "LOG(E(), a)");
    }

    #[test]
    fn literals_are_named_as_spark_4_2_names_them() {
        let settings = SessionSettings::default();
        let name = |value| literal(&value, false, &settings);
        assert_eq!(name(Literal::Double(1000.0)), "1000.0");
        assert_eq!(name(Literal::Double(1.5e-7)), "1.5E-7");
        assert_eq!(name(Literal::Float(0.1)), "0.1");
        assert_eq!(name(Literal::Decimal { value: -105, precision: 3, scale: 2 }), "-1.05");
        assert_eq!(
            name(Literal::DayTimeInterval { micros: 93_600_000_000, start: 0, end: 1 }),
            "INTERVAL '1 02' DAY TO HOUR"
        );
        assert_eq!(
            name(Literal::YearMonthInterval { months: 14, start: 0, end: 1 }),
            "INTERVAL '1-2' YEAR TO MONTH"
        );
        assert_eq!(name(Literal::Date(18262)), "DATE '2020-01-01'");
    }
}
