//! Conditions as `pyspark.sql.datasource.Filter` knows them: one column compared with constants.

use super::variant::{METADATA, array, variant};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use datafusion_common::{Column, ScalarValue};
use datafusion_expr::{BinaryExpr, Expr, Operator};
use serde_json::{Value, json};

/// A condition that a reader may be asked to take over.
#[derive(Debug, Clone)]
pub struct SourceFilter {
    /// The class, without the column.
    name: &'static str,
    is_negated: bool,
    /// In the form of `VARIANT`; none for conditions without a value.
    value: Option<Vec<u8>>,
    /// What it is about, under its internal name.
    pub column: Column,
}

impl SourceFilter {
    /// `expr`, if it can be said so.
    pub fn of(expr: &Expr) -> Option<Self> {
        match expr {
            Expr::Not(inner) => {
                let inner = Self::of(inner)?;
                Some(Self { is_negated: !inner.is_negated, ..inner })
            }
            Expr::IsNull(inner) => Self::plain("IsNull", inner),
            Expr::IsNotNull(inner) => Self::plain("IsNotNull", inner),
            Expr::BinaryExpr(BinaryExpr { op: Operator::Or, .. }) => {
                let mut column = None;
                let mut values = Vec::new();
                equal_to_any(expr, &mut column, &mut values)?;
                Self::any(column?, &values)
            }
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                let (column, value, op) = match (left.as_ref(), right.as_ref()) {
                    (Expr::Column(column), Expr::Literal(value, _)) => (column, value, *op),
                    (Expr::Literal(value, _), Expr::Column(column)) => (column, value, op.swap()?),
                    _ => return None,
                };
                let (name, is_negated) = match op {
                    Operator::Eq => ("EqualTo", false),
                    Operator::NotEq => ("EqualTo", true),
                    Operator::Gt => ("GreaterThan", false),
                    Operator::GtEq => ("GreaterThanOrEqual", false),
                    Operator::Lt => ("LessThan", false),
                    Operator::LtEq => ("LessThanOrEqual", false),
                    Operator::IsNotDistinctFrom => ("EqualNullSafe", false),
                    Operator::IsDistinctFrom => ("EqualNullSafe", true),
                    _ => return None,
                };
                Some(Self {
                    name,
                    is_negated,
                    value: Some(variant(value)?),
                    column: column.clone(),
                })
            }
            Expr::InList(list) => {
                let Expr::Column(column) = list.expr.as_ref() else { return None };
                let values: Option<Vec<_>> = list
                    .list
                    .iter()
                    .map(|value| match value {
                        Expr::Literal(value, _) => variant(value),
                        _ => None,
                    })
                    .collect();
                let any = Self::any(column.clone(), &values?)?;
                Some(Self { is_negated: list.negated, ..any })
            }
            Expr::Like(like) if !like.case_insensitive => {
                let Expr::Column(column) = like.expr.as_ref() else { return None };
                let Expr::Literal(ScalarValue::Utf8(Some(pattern)), _) = like.pattern.as_ref()
                else {
                    return None;
                };
                let (name, text) = plain_pattern(pattern)?;
                let value = Some(variant(&ScalarValue::Utf8(Some(text.to_owned())))?);
                Some(Self { name, is_negated: like.negated, value, column: column.clone() })
            }
            Expr::ScalarFunction(call) => {
                let name = match call.name() {
                    "startswith" | "starts_with" => "StringStartsWith",
                    "endswith" | "ends_with" => "StringEndsWith",
                    "contains" => "StringContains",
                    _ => return None,
                };
                let [Expr::Column(column), Expr::Literal(value @ ScalarValue::Utf8(_), _)] =
                    call.args.as_slice()
                else {
                    return None;
                };
                Some(Self {
                    name,
                    is_negated: false,
                    value: Some(variant(value)?),
                    column: column.clone(),
                })
            }
            _ => None,
        }
    }

    fn plain(name: &'static str, of: &Expr) -> Option<Self> {
        let Expr::Column(column) = of else { return None };
        Some(Self { name, is_negated: false, value: None, column: column.clone() })
    }

    fn any(column: Column, values: &[Vec<u8>]) -> Option<Self> {
        Some(Self { name: "In", is_negated: false, value: Some(array(values)?), column })
    }

    /// Whether rows with a null in the column never pass.
    pub fn wants_value(&self) -> bool {
        self.value.is_some() && self.name != "EqualNullSafe"
    }

    /// What a worker reads; `name` is the user's of the column.
    pub fn to_json(&self, name: &str) -> Value {
        let mut filter =
            json!({"name": self.name, "columnPath": [name], "isNegated": self.is_negated});
        if let Some(value) = &self.value {
            filter["value"] = json!({
                "value": STANDARD.encode(value),
                "metadata": STANDARD.encode(METADATA),
            });
        }
        filter
    }
}

/// `a = 1 OR a = 2 OR …`, which the optimizer makes of short lists.
fn equal_to_any(expr: &Expr, of: &mut Option<Column>, values: &mut Vec<Vec<u8>>) -> Option<()> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = expr else { return None };
    match (left.as_ref(), op, right.as_ref()) {
        (left, Operator::Or, right) => {
            equal_to_any(left, of, values)?;
            equal_to_any(right, of, values)
        }
        (Expr::Column(column), Operator::Eq, Expr::Literal(value, _)) => {
            values.push(variant(value)?);
            (of.get_or_insert_with(|| column.clone()) == column).then_some(())
        }
        _ => None,
    }
}

/// What a pattern of LIKE asks for, if `%` stands only at its ends.
fn plain_pattern(pattern: &str) -> Option<(&'static str, &str)> {
    let (start, rest) = match pattern.strip_prefix('%') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let (end, text) = match rest.strip_suffix('%') {
        Some(text) => (true, text),
        None => (false, rest),
    };
    if text.is_empty() || text.contains(['%', '_', '\\']) {
        return None;
    }
    Some(match (start, end) {
        (false, false) => ("EqualTo", text),
        (false, true) => ("StringStartsWith", text),
        (true, false) => ("StringEndsWith", text),
        (true, true) => ("StringContains", text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion_expr::{col, lit};

    fn json(expr: Expr) -> Option<String> {
        SourceFilter::of(&expr).map(|own| {
            let json = own.to_json("A");
            let bytes = json["value"]["value"].as_str().map(|text| STANDARD.decode(text));
            let negated = if json["isNegated"] == true { "not " } else { "" };
            format!("{negated}{} {:?}", own.name, bytes.map(|bytes| bytes.expect("base64")))
        })
    }

    #[test]
    fn conditions() {
        assert_eq!(json(col("a").gt(lit(true))), Some("GreaterThan Some([4])".to_owned()));
        assert_eq!(json(lit(true).gt(col("a"))), Some("LessThan Some([4])".to_owned()));
        assert_eq!(json(!col("a").eq(lit(false))), Some("not EqualTo Some([8])".to_owned()));
        assert_eq!(json(col("a").is_null()), Some("IsNull None".to_owned()));
        assert_eq!(json(col("a").gt(col("b"))), None);
        let either = |name| col("a").eq(lit(true)).or(col(name).eq(lit(false)));
        assert!(json(either("a")).is_some_and(|json| json.starts_with("In ")));
        assert_eq!(json(either("b")), None);
    }

    #[test]
    fn patterns() {
        assert_eq!(plain_pattern("x%"), Some(("StringStartsWith", "x")));
        assert_eq!(plain_pattern("%x%"), Some(("StringContains", "x")));
        assert_eq!(plain_pattern("x%y"), None);
        assert_eq!(plain_pattern("%"), None);
    }
}
