//! `schema_of_variant(variant)`, `schema_of_variant_agg(variant)`: the type that holds what a document, or all
//! documents, hold.

use super::column::Variants;
use super::parse_json::variant_arg;
use super::reader::{Node, View, malformed};
use crate::aggregate::{AggregateFunction, Gather, GatherKind, Gathered, result_field};
use crate::call::{AggregateCall, Call};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::FieldRef;
use datafusion_expr::Expr;
use firesteel_common::types::quote_if_needed;
use firesteel_common::{Result, SparkType};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// Documents are not followed beyond this many levels.
const DEPTH_MAX: usize = 1000;
const PRECISION_MAX: u8 = 38;

/// What a value is, as far as its schema tells.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Void,
    Boolean,
    Long,
    Double,
    Float,
    Decimal {
        precision: u8,
        scale: u8,
    },
    Date,
    Timestamp,
    TimestampNtz,
    Binary,
    String,
    Uuid,
    Array(Box<Shape>),
    /// By name, in UTF-16 order.
    Object(BTreeMap<Vec<u16>, (String, Shape)>),
    /// Values that have nothing in common.
    Variant,
}

impl Shape {
    fn of(view: View<'_>, depth: usize) -> Result<Self> {
        if depth > DEPTH_MAX {
            return Err(malformed());
        }
        Ok(match view.node()? {
            Node::Null => Shape::Void,
            Node::Boolean(_) => Shape::Boolean,
            Node::Long(_) => Shape::Long,
            Node::Double(_) => Shape::Double,
            Node::Float(_) => Shape::Float,
            Node::Decimal(unscaled, scale) => {
                let digits = unscaled.unsigned_abs().checked_ilog10().unwrap_or(0) as u8 + 1;
                let whole_zeros = if scale < 0 { scale.unsigned_abs() } else { 0 };
                let scale = scale.max(0).unsigned_abs();
                Shape::Decimal { precision: (digits + whole_zeros).max(scale), scale }
            }
            Node::Date(_) => Shape::Date,
            Node::Timestamp(_) => Shape::Timestamp,
            Node::TimestampNtz(_) => Shape::TimestampNtz,
            Node::Binary(_) => Shape::Binary,
            Node::String(_) => Shape::String,
            Node::Uuid(_) => Shape::Uuid,
            Node::Array(elements) => {
                let mut all = Shape::Void;
                for element in elements {
                    all = all.merge(Self::of(element, depth + 1)?);
                }
                Shape::Array(Box::new(all))
            }
            Node::Object(fields) => {
                let mut shapes = BTreeMap::new();
                for (name, value) in fields {
                    let shape = Self::of(value, depth + 1)?;
                    shapes.insert(name.encode_utf16().collect(), (name.to_owned(), shape));
                }
                Shape::Object(shapes)
            }
        })
    }

    /// The shape that holds both.
    fn merge(self, other: Self) -> Self {
        use Shape::{
            Array, Date, Decimal, Double, Float, Long, Object, Timestamp, TimestampNtz, Void,
        };
        const LONG: Shape = Decimal { precision: 20, scale: 0 };
        match (self, other) {
            (left, right) if left == right => left,
            (Void, shape) | (shape, Void) => shape,
            (Array(left), Array(right)) => Array(Box::new(left.merge(*right))),
            (Object(mut left), Object(right)) => {
                for (key, (name, shape)) in right {
                    let merged = match left.remove(&key) {
                        Some((_, known)) => known.merge(shape),
                        None => shape,
                    };
                    left.insert(key, (name, merged));
                }
                Object(left)
            }
            (Long, shape @ Decimal { .. }) => LONG.merge(shape),
            (shape @ Decimal { .. }, Long) => shape.merge(LONG),
            (
                Decimal { precision: left, scale: left_scale },
                Decimal { precision: right, scale: right_scale },
            ) => {
                let scale = left_scale.max(right_scale);
                let whole = (left - left_scale).max(right - right_scale);
                match whole + scale > PRECISION_MAX {
                    true => Double,
                    false => Decimal { precision: whole + scale, scale },
                }
            }
            (Double, Long | Float | Decimal { .. }) | (Long | Float | Decimal { .. }, Double) => {
                Double
            }
            (Float, Long) | (Long, Float) => Float,
            (Float, Decimal { .. }) | (Decimal { .. }, Float) => Double,
            (Date | Timestamp, Timestamp) | (Timestamp, Date) => Timestamp,
            (Date, TimestampNtz) | (TimestampNtz, Date) => TimestampNtz,
            (Timestamp, TimestampNtz) | (TimestampNtz, Timestamp) => Timestamp,
            _ => Shape::Variant,
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Shape::Void => out.push_str("VOID"),
            Shape::Boolean => out.push_str("BOOLEAN"),
            Shape::Long => out.push_str("BIGINT"),
            Shape::Double => out.push_str("DOUBLE"),
            Shape::Float => out.push_str("FLOAT"),
            Shape::Decimal { precision, scale } => {
                let _ = write!(out, "DECIMAL({precision},{scale})");
            }
            Shape::Date => out.push_str("DATE"),
            Shape::Timestamp => out.push_str("TIMESTAMP"),
            Shape::TimestampNtz => out.push_str("TIMESTAMP_NTZ"),
            Shape::Binary => out.push_str("BINARY"),
            Shape::String => out.push_str("STRING"),
            Shape::Uuid => out.push_str("UUID"),
            Shape::Variant => out.push_str("VARIANT"),
            Shape::Array(element) => {
                out.push_str("ARRAY<");
                element.write(out);
                out.push('>');
            }
            Shape::Object(fields) => {
                out.push_str("OBJECT<");
                for (position, (name, shape)) in fields.values().enumerate() {
                    if position > 0 {
                        out.push_str(", ");
                    }
                    out.push_str(&quote_if_needed(name));
                    out.push_str(": ");
                    shape.write(out);
                }
                out.push('>');
            }
        }
    }

    fn sql(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }
}

pub(super) fn schema_of_variant(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [arg] = call.exactly()?;
    let variant = variant_arg(&name, 0, arg, settings)?;
    let kernel = SCHEMA.kernel((), &SparkType::string()).nullable(Nullable::Propagate);
    Ok(kernel.call(vec![variant]))
}

pub(super) static SCHEMA: Kind<()> = Kind::new("schema_of_variant", |(), input: &Input<'_>| {
    let variants = Variants::of(&input.args[0])?;
    input.strings(|row| variants.get(row).map(|view| Ok(Shape::of(view, 0)?.sql())).transpose())
});

pub(crate) fn schema_of_variant_agg(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let (name, settings) = ("schema_of_variant_agg", call.call.settings);
    let Some(arg) = std::mem::take(&mut call.call.args).pop() else {
        return Err(firesteel_common::SparkError::internal("an aggregate without argument"));
    };
    let variant = variant_arg(name, 0, arg, settings)?;
    let function = Gather {
        kind: &SCHEMA_AGG,
        name,
        params: (),
        skip_nulls_of: Some(0),
        result: result_field(name, &SparkType::string(), false),
    };
    Ok(function.call(vec![variant], call.distinct, call.filter))
}

pub(crate) static SCHEMA_AGG: GatherKind<()> = GatherKind::new("schema_of_variant_agg", merged);

fn merged((): &(), gathered: &Gathered, _result: &FieldRef) -> Result<ArrayRef> {
    let variants = gathered.columns.first().map(Variants::of).transpose()?;
    let answers = gathered.groups().map(|rows| {
        let mut all = Shape::Void;
        for view in rows.filter_map(|row| variants.as_ref().and_then(|known| known.get(row))) {
            all = all.merge(Shape::of(view, 0)?);
        }
        Ok(Some(all.sql()))
    });
    Ok(Arc::new(answers.collect::<Result<StringArray>>()?))
}
