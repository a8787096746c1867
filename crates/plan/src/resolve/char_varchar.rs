//! Columns that were declared `CHAR(n)`: filled up with blanks as they are read, and so are the texts and columns
//! that they are compared with.

use super::Resolver;
use super::expression::{ExprContext, ResolvedExpr};
use crate::sql::parse_type;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use firesteel_common::types::CHAR_VARCHAR_KEY;
use firesteel_common::{Result, SparkType, StructField, StructType};
use firesteel_functions::{Arg, padded};

/// What may be compared with blanks at its end.
const COMPARISONS: [&str; 9] = ["=", "==", "<=>", "<", "<=", ">", ">=", "!=", "in"];

/// The schema as it was declared, of columns that queries see as strings.
///
/// # Errors
/// When the metadata of a column holds something that is no type.
pub fn declared(schema: StructType) -> Result<StructType> {
    let fields = schema.fields.into_iter().map(|mut field| {
        if let Some(declared) = declared_type(&field)? {
            field.data_type = declared;
            field.metadata.remove(CHAR_VARCHAR_KEY);
        }
        Ok(field)
    });
    Ok(StructType { fields: fields.collect::<Result<_>>()? })
}

fn declared_type(field: &StructField) -> Result<Option<SparkType>> {
    field.declared_text().map(parse_type).transpose()
}

impl Resolver<'_> {
    /// A column of files as queries read it.
    pub(crate) fn as_declared(&self, expr: Expr, field: &StructField) -> Result<Expr> {
        let Some(declared) = declared_type(field)? else { return Ok(expr) };
        let is_char = |part: &SparkType| matches!(part, SparkType::Char { .. });
        let pads = self.settings.read_side_char_padding && !self.settings.char_varchar_as_string;
        if !pads || !declared.holds(&is_char) {
            return Ok(expr);
        }
        Ok(padded(Arg::new(expr, field.to_arrow()), &declared))
    }

    /// Fills up what is compared with a column of `CHAR(n)`: to the longest of them.
    pub(crate) fn pad_compared(
        &self,
        function: &str,
        args: &mut [ResolvedExpr],
        context: &ExprContext,
    ) -> Result<()> {
        let declares = |arg: &ResolvedExpr| {
            arg.column.as_ref().is_some_and(|own| own.field.metadata.contains_key(CHAR_VARCHAR_KEY))
        };
        if self.settings.char_varchar_as_string
            || !args.iter().any(declares)
            || !COMPARISONS.contains(&function)
            || (function == "in" && !args.first().is_some_and(declares))
        {
            return Ok(());
        }
        let mut lengths = Vec::with_capacity(args.len());
        for arg in args.iter() {
            let Some(length) = self.compared_length(arg)? else { return Ok(()) };
            lengths.push(length);
        }
        let longest = lengths.iter().copied().max().unwrap_or(0);
        for (arg, length) in args.iter_mut().zip(lengths) {
            if length < longest {
                let length = i32::try_from(longest).unwrap_or(i32::MAX);
                let length = Expr::Literal(ScalarValue::Int32(Some(length)), None);
                let blank = Expr::Literal(ScalarValue::from(" "), None);
                let mut operands = vec![arg.arg()];
                for (expr, own) in [(length, SparkType::Integer), (blank, SparkType::string())] {
                    operands.push(Arg::new(expr, StructField::new("", own, false).to_arrow()));
                }
                let filled = self.build_scalar("rpad", operands)?;
                let filled = self.typed(filled, arg.name.clone(), context)?;
                arg.expr = filled.expr;
                arg.field = filled.field;
            }
        }
        Ok(())
    }

    /// Characters of a `CHAR` column or of a constant text; none for anything else.
    fn compared_length(&self, arg: &ResolvedExpr) -> Result<Option<usize>> {
        if let Some(own) = &arg.column {
            return Ok(match declared_type(&own.field)? {
                Some(SparkType::Char { length }) => Some(length as usize),
                _ => None,
            });
        }
        if !matches!(arg.spark_type()?, SparkType::String { .. })
            || arg.expr.any_column_refs()
            || arg.expr.is_volatile()
        {
            return Ok(None);
        }
        // What is no constant is compared as it is.
        Ok(match self.constant(&arg.expr) {
            Ok(ScalarValue::Utf8(Some(text))) => Some(text.chars().count()),
            _ => None,
        })
    }
}
