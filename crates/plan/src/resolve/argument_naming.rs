//! Names of expressions inside the arguments of a Python function: `f(-x)`, `f(NOT (x > 1))`, `f(size(a, false))`.
//!
//! There Spark prints the nodes of its plan instead of SQL (`PrettyPythonUDF`): functions in prefix form, and with
//! what an expression holds beside the user's arguments, such as the session's time zone, whether a failure raises, or
//! where an aggregate keeps its state. An optional part is `None` or `Some(…)`. Not the same as Spark's: what carries a
//! number that is new each time (variables of lambdas, subqueries, seeds).

use super::naming;
use crate::spec;
use firesteel_common::{SessionSettings, SparkType};

/// Name of a call of `name` (lower case) with arguments named `args`; `is_binary` says of what type the first is.
pub(crate) fn call(
    name: &str,
    args: &[String],
    is_binary: bool,
    settings: &SessionSettings,
) -> String {
    if let Some(text) = operator(name, args, is_binary) {
        return text;
    }
    let zone = || format!("Some({})", settings.time_zone);
    let ansi = || settings.ansi.to_string();
    let instant = if settings.timestamp_ntz { "TimestampNTZType" } else { "TimestampType" };
    let mut shown = name;
    let mut parts = args.to_vec();
    match name {
        "hash" | "xxhash64" => parts.push("42".into()),
        "size" | "cardinality" => parts.push(settings.size_of_null.to_string()),
        "conv" | "elt" | "make_date" | "next_day" | "parse_url" => parts.push(ansi()),
        "url_decode" => parts.push("true".into()),
        "unbase64" | "unhex" | "array_insert" | "randstr" => parts.push("false".into()),
        "element_at" => parts.extend(["None".into(), ansi()]),
        "levenshtein" | "array_join" => optional(&mut parts, 2),
        "trim" | "ltrim" | "rtrim" => {
            parts.reverse();
            optional(&mut parts, 1);
        }
        "to_binary" => {
            optional(&mut parts, 1);
            parts.push("false".into());
        }
        "to_date" | "try_to_date" => {
            optional(&mut parts, 1);
            parts.extend([zone(), flag(name, settings)]);
        }
        "to_timestamp" | "to_timestamp_ltz" | "to_timestamp_ntz" | "try_to_timestamp" => {
            optional(&mut parts, 1);
            parts.extend([kind(name, instant).into(), zone(), flag(name, settings)]);
        }
        "make_timestamp" if args.len() <= 3 => {
            if let Some(clock) = parts.get_mut(1) {
                *clock = format!("Some({clock})");
            }
            optional(&mut parts, 2);
            parts.push(zone());
        }
        "make_timestamp"
        | "make_timestamp_ltz"
        | "make_timestamp_ntz"
        | "try_make_timestamp_ltz"
        | "try_make_timestamp_ntz" => {
            optional(&mut parts, 6);
            parts.extend([zone(), flag(name, settings), kind(name, instant).into()]);
        }
        "sequence" => {
            optional(&mut parts, 2);
            parts.push(zone());
        }
        "shuffle" | "uuid" => optional_given(&mut parts, usize::from(name == "shuffle")),
        "curdate" | "current_date" => {
            shown = "current_date";
            parts.push(zone());
        }
        "localtimestamp" | "date_format" | "date_trunc" | "hour" | "minute" | "second"
        | "time_bucket" => parts.push(zone()),
        "to_json" | "to_csv" => {
            parts.truncate(1);
            parts.push(zone());
        }
        "dateadd" | "date_add" | "timestampadd" if args.len() == 3 => {
            shown = "timestampadd";
            parts.push(zone());
        }
        "datediff" | "date_diff" | "timestampdiff" if args.len() == 3 => {
            shown = "timestampdiff";
            parts.push(zone());
        }
        "raise_error" if args.len() == 1 => {
            parts = vec![
                "USER_RAISED_EXCEPTION".into(),
                format!("map(errorMessage, {})", args[0]),
                "NullType".into(),
            ];
        }
        "random" | "user" | "session_user" => {}
        "months_between" | "from_unixtime" | "current_time" => {
            return with(naming::call(name, args), &[zone()]);
        }
        "unix_timestamp" | "to_unix_timestamp" => {
            return with(naming::call(name, args), &[zone(), ansi()]);
        }
        "make_interval" => return with(naming::call(name, args), &[ansi()]),
        _ => return naming::call(name, args),
    }
    format!("{shown}({})", parts.join(", "))
}

fn operator(name: &str, args: &[String], is_binary: bool) -> Option<String> {
    let text = match (name, args) {
        ("not" | "!", [a]) => format!("NOT {a}"),
        ("-" | "negative", [a]) => format!("-{a}"),
        ("+" | "positive", [a]) => format!("positive({a})"),
        ("<>" | "!=", [a, b]) => format!("NOT ({a} = {b})"),
        ("isnull" | "isunknown", [a]) => format!("isnull({a})"),
        ("isnotnull", [a]) => format!("isnotnull({a})"),
        ("in", [a, values @ ..]) => format!("{a} IN ({})", values.join(",")),
        ("ilike", [a, b]) => format!("ilike({a}, {b}, \\)"),
        ("ilike", [a, b, escape]) => format!("ilike({a}, {b}, {escape})"),
        ("if" | "iff", [a, b, c]) => format!("if ({a}) {b} else {c}"),
        ("regexp" | "regexp_like", [a, b]) => format!("RLIKE({a}, {b})"),
        ("likeany" | "likeall" | "notlikeany" | "notlikeall", _) => {
            format!("{name}({})", args.join(", "))
        }
        ("contains" | "startswith" | "endswith", [a, b]) if is_binary => {
            format!("{name}({name}, {a}, {b})")
        }
        ("contains", [a, b]) => format!("Contains({a}, {b})"),
        ("startswith", [a, b]) => format!("StartsWith({a}, {b})"),
        ("endswith", [a, b]) => format!("EndsWith({a}, {b})"),
        ("lpad" | "rpad", [a, n, rest @ ..]) if is_binary => {
            let pad = rest.first().map_or("0x00", String::as_str);
            format!("{name}({name}, {a}, {n}, {pad})")
        }
        _ => return None,
    };
    Some(text)
}

/// Whether a call raises where its input is no such value.
fn flag(name: &str, settings: &SessionSettings) -> String {
    (settings.ansi && !name.starts_with("try_")).to_string()
}

/// The type that such a function makes.
fn kind<'t>(name: &str, otherwise: &'t str) -> &'t str {
    if name.ends_with("_ltz") {
        "TimestampType"
    } else if name.ends_with("_ntz") {
        "TimestampNTZType"
    } else {
        otherwise
    }
}

/// The argument at `position`, which the user may have left out.
fn optional(parts: &mut Vec<String>, position: usize) {
    if parts.len() == position {
        parts.push("None".into());
    } else {
        optional_given(parts, position);
    }
}

fn optional_given(parts: &mut [String], position: usize) {
    if let Some(given) = parts.get_mut(position) {
        *given = format!("Some({given})");
    }
}

/// The call with more arguments.
fn with(mut call: String, more: &[String]) -> String {
    call.pop();
    let comma = if call.ends_with('(') { "" } else { ", " };
    format!("{call}{comma}{})", more.join(", "))
}

/// Name of a cast that the user wrote.
pub(crate) fn cast(value: &str, to: &SparkType, is_try: bool) -> String {
    let prefix = if is_try { "try_" } else { "" };
    format!("{prefix}cast({value} as {})", to.simple_string())
}

/// Name of an aggregate call with its modifiers.
pub(crate) fn aggregate(
    name: &str,
    args: &[String],
    function: &spec::Function,
    orders: &[String],
    filter: Option<&str>,
) -> String {
    let descending = function.within_group.first().is_some_and(|order| !order.ascending);
    let given = |position: usize| args.get(position).map(String::as_str);
    let more = |parts: &[&str]| {
        let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        with(naming::call(name, args), &parts)
    };
    let mut text = match name {
        "first" | "first_value" | "last" | "last_value" | "any_value" => {
            let ignores = function.ignore_nulls == Some(true) || given(1) == Some("true");
            more(&[if ignores { "true" } else { "false" }])
        }
        "collect_list" | "collect_set" | "array_agg" => more(&["0", "0", "true"]),
        "percentile" => more(&["0", "0", "false"]),
        "percentile_cont" | "percentile_disc" => {
            let order = orders.first().map_or("", String::as_str);
            let state = if name == "percentile_disc" { ", 0, 0, false" } else { "" };
            format!("{name}({order}, {}, {descending}{state})", args.join(", "))
        }
        "approx_count_distinct" | "approx_distinct" => {
            format!("{name}({}, {}, 0, 0)", args[0], given(1).unwrap_or("0.05"))
        }
        "mode" => {
            let order = given(1).map_or("None".to_owned(), |first| format!("Some({first})"));
            format!("mode({}, 0, 0, {order})", args.first().map_or("", String::as_str))
        }
        "max_by" | "min_by" if args.len() == 3 => {
            more(&[if name == "min_by" { "true" } else { "false" }, "0", "0"])
        }
        "listagg" | "string_agg" => {
            let mut parts: Vec<&str> = orders.iter().map(String::as_str).collect();
            parts.extend(["0", "0"]);
            more(&parts)
        }
        "kll_sketch_agg_bigint" | "kll_sketch_agg_double" | "kll_sketch_agg_float" => {
            let size = given(1).map_or("None".to_owned(), |size| format!("Some({size})"));
            format!("{name}({}, {size}, 0, 0)", args[0])
        }
        "percentile_approx"
        | "approx_percentile"
        | "histogram_numeric"
        | "bitmap_construct_agg"
        | "bitmap_or_agg"
        | "bitmap_and_agg"
        | "approx_top_k"
        | "approx_top_k_accumulate"
        | "count_min_sketch"
        | "hll_sketch_agg"
        | "theta_sketch_agg"
        | "vector_avg"
        | "vector_sum" => more(&["0", "0"]),
        _ => naming::call(name, args),
    };
    if function.distinct
        && let Some(position) = text.find('(')
    {
        text.insert_str(position + 1, "distinct ");
    }
    if let Some(filter) = filter {
        text.push_str(&format!(" FILTER (WHERE {filter})"));
    }
    text
}

/// Name of `function` over a window: `keys` are those of PARTITION BY and then of ORDER BY.
pub(crate) fn over(function: &str, keys: &[String], frame: &str) -> String {
    let keys: String = keys.iter().map(|key| format!("{key}, ")).collect();
    format!("{function} windowspecdefinition({keys}{frame})")
}

/// Name of a window's frame from bounds that are named already.
pub(crate) fn frame(by_rows: bool, lower: &str, upper: &str) -> String {
    let kind = if by_rows { "RowFrame" } else { "RangeFrame" };
    format!("specifiedwindowframe({kind}, {lower}, {upper})")
}

pub(crate) const CURRENT_ROW: &str = "currentrow$()";
pub(crate) const UNBOUNDED_PRECEDING: &str = "unboundedpreceding$()";
pub(crate) const UNBOUNDED_FOLLOWING: &str = "unboundedfollowing$()";

/// Name of `from_json` and `from_csv`, which show the type that they make: a struct as its fields.
pub(crate) fn parsed(name: &str, to: &SparkType, text: &str, settings: &SessionSettings) -> String {
    let schema = match to {
        SparkType::Struct(fields) => fields.fields.iter().map(field).collect::<Vec<_>>().join(", "),
        other => scala(other),
    };
    let last = if name == "from_json" { "false" } else { "None" };
    format!("{name}({schema}, {text}, Some({}), {last})", settings.time_zone)
}

fn field(field: &firesteel_common::StructField) -> String {
    format!("StructField({},{},{})", field.name, scala(&field.data_type), field.nullable)
}

/// A type as Scala prints it.
fn scala(data_type: &SparkType) -> String {
    match data_type {
        SparkType::Null => "NullType".into(),
        SparkType::Boolean => "BooleanType".into(),
        SparkType::Byte => "ByteType".into(),
        SparkType::Short => "ShortType".into(),
        SparkType::Integer => "IntegerType".into(),
        SparkType::Long => "LongType".into(),
        SparkType::Float => "FloatType".into(),
        SparkType::Double => "DoubleType".into(),
        SparkType::String { .. } => "StringType".into(),
        SparkType::Binary => "BinaryType".into(),
        SparkType::Date => "DateType".into(),
        SparkType::Timestamp => "TimestampType".into(),
        SparkType::TimestampNtz => "TimestampNTZType".into(),
        SparkType::Variant => "VariantType".into(),
        SparkType::CalendarInterval => "CalendarIntervalType".into(),
        SparkType::Decimal { precision, scale } => format!("DecimalType({precision},{scale})"),
        SparkType::Array { element, contains_null } => {
            format!("ArrayType({},{contains_null})", scala(element))
        }
        SparkType::Map { key, value, value_contains_null } => {
            format!("MapType({},{},{value_contains_null})", scala(key), scala(value))
        }
        SparkType::Struct(fields) => {
            let fields: Vec<String> = fields.fields.iter().map(field).collect();
            format!("StructType({})", fields.join(","))
        }
        other => other.sql(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, args: &[&str]) -> String {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let settings = SessionSettings { time_zone: "UTC".into(), ..SessionSettings::default() };
        call(name, &args, false, &settings)
    }

    #[test]
    fn what_an_expression_holds_beside_its_arguments_shows() {
        assert_eq!(named("to_date", &["s"]), "to_date(s, None, Some(UTC), true)");
        assert_eq!(named("to_date", &["s", "yyyy"]), "to_date(s, Some(yyyy), Some(UTC), true)");
        assert_eq!(named("trim", &["a", "s"]), "trim(s, Some(a))");
        assert_eq!(named("current_date", &[]), "current_date(Some(UTC))");
        assert_eq!(named("not", &[&named("in", &["x", "1", "2"])]), "NOT x IN (1,2)");
    }
}
