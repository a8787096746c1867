//! The schema of JSON (Spark's `JsonInferSchema`): fields sorted by name, types widened until they
//! hold every value, `string` where nothing else does.
//!
//! All records are read whatever `samplingRatio` says: more evidence gives a type that fits.

use super::options::JsonOptions;
use super::parser::{Member, Node, Value, parse};
use super::reader::decoded;
use crate::listing::FoundFile;
use crate::request::Options;
use crate::source::csv::options::ParseMode;
use crate::source::lines::Lines;
use crate::table::row_source::open_local;
use firesteel_common::{Result, SessionSettings, SparkError, SparkType, StructField, StructType};

/// The schema of files; none without files.
///
/// # Errors
/// Of options and of the file system; malformed records in `FAILFAST` mode.
pub fn infer_files(
    files: &[FoundFile],
    options: &Options,
    settings: &SessionSettings,
) -> Result<Option<StructType>> {
    if files.is_empty() {
        return Ok(None);
    }
    let options = JsonOptions::new(options, settings)?;
    let mut inference = Inference { options: &options, found: StructType::default() };
    for file in files {
        let split = decoded(open_local(&file.path)?, &options)?;
        if options.multi_line {
            let all = Lines::new(split, None)?.rest()?;
            inference.add(&String::from_utf8_lossy(&all))?;
            continue;
        }
        let mut lines = Lines::new(split, options.line_separator.clone())?;
        while let Some(line) = lines.next_line()? {
            inference.add(&String::from_utf8_lossy(line))?;
        }
    }
    Ok(Some(inference.schema()))
}

/// The schema of a column of JSON texts.
///
/// # Errors
/// Of options; malformed records in `FAILFAST` mode.
pub fn infer_json_schema<'a>(
    lines: impl Iterator<Item = &'a str>,
    options: &Options,
    settings: &SessionSettings,
) -> Result<StructType> {
    let options = JsonOptions::new(options, settings)?;
    let mut inference = Inference { options: &options, found: StructType::default() };
    for line in lines {
        inference.add(line)?;
    }
    Ok(inference.schema())
}

struct Inference<'a> {
    options: &'a JsonOptions,
    found: StructType,
}

impl Inference<'_> {
    fn add(&mut self, text: &str) -> Result<()> {
        let root = match parse(text, self.options.rules) {
            Ok(None) => return Ok(()),
            Ok(Some(root)) => root,
            Err(_) => return self.add_corrupt(),
        };
        match &root.value {
            Value::Null => {}
            Value::Object(members) => absorb_members(&mut self.found, members, self.options),
            Value::Array(elements) => match type_of(&root, self.options) {
                SparkType::Array { element, .. } => match *element {
                    SparkType::Struct(schema) => {
                        self.found = merge(std::mem::take(&mut self.found), schema);
                    }
                    SparkType::Null if elements.is_empty() => {}
                    _ => return self.add_corrupt(),
                },
                _ => return self.add_corrupt(),
            },
            _ => return self.add_corrupt(),
        }
        Ok(())
    }

    fn add_corrupt(&mut self) -> Result<()> {
        match self.options.mode {
            ParseMode::DropMalformed => Ok(()),
            ParseMode::FailFast => Err(SparkError::runtime(
                "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
                format!(
                    "Malformed records are detected in record parsing: {}.\nParse Mode: FAILFAST. To \
                     process malformed records as null result, try setting the option 'mode' as \
                     'PERMISSIVE'.",
                    self.options.corrupt_column
                ),
            )
            .with("badRecord", self.options.corrupt_column.clone())
            .with("failFastMode", "FAILFAST")),
            ParseMode::Permissive => {
                let name = &self.options.corrupt_column;
                let field = StructField::new(name, SparkType::string(), true);
                self.found = merge(std::mem::take(&mut self.found), StructType::new(vec![field]));
                Ok(())
            }
        }
    }

    fn schema(self) -> StructType {
        match settled(SparkType::Struct(self.found), self.options.drop_all_null) {
            Some(SparkType::Struct(schema)) => schema,
            _ => StructType::default(),
        }
    }
}

fn type_of(node: &Node<'_>, options: &JsonOptions) -> SparkType {
    match &node.value {
        Value::Null => SparkType::Null,
        Value::Boolean | Value::Number if options.primitives_as_string => SparkType::string(),
        Value::Boolean => SparkType::Boolean,
        Value::Number => type_of_number(node.raw, options),
        Value::String(text) => type_of_string(text, options),
        Value::Array(elements) => SparkType::array(
            elements
                .iter()
                .map(|element| type_of(element, options))
                .fold(SparkType::Null, compatible),
        ),
        Value::Object(members) => {
            let mut schema = StructType::default();
            absorb_members(&mut schema, members, options);
            SparkType::Struct(schema)
        }
    }
}

/// Widens `schema`, whose fields are sorted by name, until it holds an object.
fn absorb_members(schema: &mut StructType, members: &[Member<'_>], options: &JsonOptions) {
    for (name, value) in members {
        let fields = &mut schema.fields;
        match fields.binary_search_by(|known| known.name.as_str().cmp(name)) {
            Ok(position) => absorb(&mut fields[position].data_type, value, options),
            Err(position) => {
                let field = StructField::new(name.as_ref(), type_of(value, options), true);
                fields.insert(position, field);
            }
        }
    }
}

/// Widens a type in place: most records change nothing, and building their types anew is slow.
fn absorb(found: &mut SparkType, node: &Node<'_>, options: &JsonOptions) {
    match (&mut *found, &node.value) {
        (SparkType::Struct(schema), Value::Object(members)) => {
            absorb_members(schema, members, options);
        }
        (SparkType::Array { element, .. }, Value::Array(elements)) => {
            elements.iter().for_each(|one| absorb(element, one, options));
        }
        (SparkType::String { .. }, _) | (_, Value::Null) => {}
        _ => {
            let known = std::mem::replace(found, SparkType::Null);
            *found = compatible(known, type_of(node, options));
        }
    }
}

fn type_of_number(raw: &str, options: &JsonOptions) -> SparkType {
    if raw.parse::<i64>().is_ok() {
        return SparkType::Long;
    }
    let digits = raw.trim_start_matches('-');
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return decimal(digits.len(), 0);
    }
    if options.prefers_decimal { decimal_of(raw) } else { SparkType::Double }
}

fn type_of_string(text: &str, options: &JsonOptions) -> SparkType {
    if text.is_empty() {
        // Generators that write "" for null are common.
        return SparkType::Null;
    }
    if options.prefers_decimal && crate::values::number::parse_decimal(text, 38, 0).is_some() {
        return decimal_of(text);
    }
    if options.infer_timestamp && options.formats.parse_timestamp(text).is_some() {
        return SparkType::Timestamp;
    }
    SparkType::string()
}

/// The decimal type that holds a number as written.
fn decimal_of(raw: &str) -> SparkType {
    let (mantissa, exponent) = raw.split_once(['e', 'E']).unwrap_or((raw, "0"));
    let (Ok(exponent), Some((whole, fraction))) =
        (exponent.parse::<i64>(), mantissa.split_once('.').or(Some((mantissa, ""))))
    else {
        return SparkType::Double;
    };
    let digits = whole.trim_start_matches(['-', '+', '0']).len() + fraction.len();
    let scale = fraction.len() as i64 - exponent;
    if !(0..=38).contains(&scale) || mantissa.contains(['N', 'I']) {
        return SparkType::Double;
    }
    decimal(digits.max(scale as usize), scale as usize)
}

fn decimal(precision: usize, scale: usize) -> SparkType {
    if precision > 38 {
        return SparkType::Double;
    }
    SparkType::Decimal { precision: precision.max(1) as u8, scale: scale as i8 }
}

fn merge(left: StructType, right: StructType) -> StructType {
    let mut fields = left.fields;
    for field in right.fields {
        match fields.binary_search_by(|known| known.name.as_str().cmp(&field.name)) {
            Ok(position) => {
                let known = std::mem::replace(&mut fields[position].data_type, SparkType::Null);
                fields[position].data_type = compatible(known, field.data_type);
            }
            Err(position) => fields.insert(position, field),
        }
    }
    StructType::new(fields)
}

fn compatible(left: SparkType, right: SparkType) -> SparkType {
    use SparkType::{Array, Decimal, Double, Long, Null, Struct};
    match (left, right) {
        (left, right) if left == right => left,
        (Null, other) | (other, Null) => other,
        (Long | Decimal { .. }, Double) | (Double, Long | Decimal { .. }) => Double,
        (Long, Decimal { precision, scale }) | (Decimal { precision, scale }, Long) => {
            wider((20, 0), (precision, scale))
        }
        (Decimal { precision: a, scale: b }, Decimal { precision: c, scale: d }) => {
            wider((a, b), (c, d))
        }
        (Struct(left), Struct(right)) => Struct(merge(left, right)),
        (Array { element: left, .. }, Array { element: right, .. }) => {
            SparkType::array(compatible(*left, *right))
        }
        _ => SparkType::string(),
    }
}

fn wider(left: (u8, i8), right: (u8, i8)) -> SparkType {
    let scale = left.1.max(right.1);
    let whole = (left.0 as i8 - left.1).max(right.0 as i8 - right.1);
    decimal((whole + scale) as usize, scale as usize)
}

/// Types for what stayed undecided: `void` becomes a string, empty structs go.
fn settled(data_type: SparkType, drop_all_null: bool) -> Option<SparkType> {
    match data_type {
        SparkType::Null => (!drop_all_null).then(SparkType::string),
        SparkType::Array { element, .. } => settled(*element, drop_all_null).map(SparkType::array),
        SparkType::Struct(schema) => {
            let fields: Vec<StructField> = schema
                .fields
                .into_iter()
                .filter(|field| !field.name.is_empty())
                .filter_map(|field| {
                    let data_type = settled(field.data_type, drop_all_null)?;
                    Some(StructField::new(field.name, data_type, true))
                })
                .collect();
            (!fields.is_empty()).then(|| SparkType::Struct(StructType::new(fields)))
        }
        other => Some(other),
    }
}
