//! `summary`: one row per statistic, one string column per column.
//!
//! ```text
//!   inline(array(struct('count' AS summary, #count_a AS a, …), struct('mean', …), …))
//!     Aggregate  every statistic of every column, as a string
//! ```

use crate::resolve::{Column, Resolved, Resolver};
use crate::spec::{Aggregate, CastMode, Expr, ExprNode, Grouping, Literal, Relation, RelationNode};
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

const SUMMARY: [&str; 8] = ["count", "mean", "stddev", "min", "25%", "50%", "75%", "max"];

/// Accuracy of percentiles (`percentile_approx`).
const ACCURACY: i32 = 10_000;

impl Resolver<'_> {
    pub(super) fn summary(&mut self, input: &Relation, statistics: &[String]) -> Result<Resolved> {
        let input = self.relation(input)?;
        if statistics.is_empty() {
            let default: Vec<String> = SUMMARY.iter().map(|name| (*name).to_owned()).collect();
            return self.statistics(input, &[], &default);
        }
        self.statistics(input, &[], statistics)
    }

    /// `statistics` of the numeric and string columns among `columns`.
    pub(super) fn statistics(
        &mut self,
        input: Resolved,
        columns: &[String],
        statistics: &[String],
    ) -> Result<Resolved> {
        let columns: Vec<Column> = self
            .named_positions(&input, columns)?
            .into_iter()
            .map(|position| input.scope.columns[position].clone())
            .filter(|column| {
                column.field.data_type.is_numeric() || column.field.data_type.is_string()
            })
            .collect();
        let mut aggregates = Vec::new();
        let mut rows = Vec::new();
        for (row, statistic) in statistics.iter().enumerate() {
            let mut fields = vec![Expr::string("summary"), Expr::string(statistic)];
            for (position, column) in columns.iter().enumerate() {
                let name = format!("s{row}_{position}");
                let value = as_type(statistic_of(statistic, column)?, SparkType::string());
                aggregates.push(value.alias(&name));
                fields.push(Expr::string(format!("c{position}")));
                fields.push(Expr::attribute([name]));
            }
            rows.push(Expr::call("named_struct", fields));
        }
        // Without columns to describe there is nothing to aggregate, but the statistics stay named.
        if aggregates.is_empty() {
            aggregates.push(Expr::call("count", vec![Expr::literal(Literal::Integer(1))]));
        }
        let aggregate = RelationNode::Aggregate(Aggregate {
            input: self.given(input),
            grouping: Grouping::By(Vec::new()),
            aggregates,
            prepend_grouping: false,
            pivot: None,
        });
        let mut names = vec!["summary".to_owned()];
        names.extend(columns.iter().map(|column| column.field.name.clone()));
        let rows = Expr::call("inline", vec![Expr::call("array", rows)]);
        let rows = ExprNode::Alias { expr: Box::new(rows), names, metadata: None };
        let project = RelationNode::Project { input: aggregate.into(), exprs: vec![rows.into()] };
        self.relation(&project.into())
    }
}

fn as_type(expr: Expr, to: SparkType) -> Expr {
    ExprNode::Cast { expr: Box::new(expr), to, mode: CastMode::Session }.into()
}

/// A statistic of one column.
///
/// # Errors
/// An illegal argument for an unknown name or a percentile outside of 0 % to 100 %.
fn statistic_of(statistic: &str, column: &Column) -> Result<Expr> {
    let own = Expr::attribute([column.field.name.clone()]);
    // Strings that are not numbers have no mean; they are no error either.
    let number = || -> Expr {
        if column.field.data_type.is_string() {
            let to = SparkType::Double;
            ExprNode::Cast { expr: Box::new(own.clone()), to, mode: CastMode::Try }.into()
        } else {
            own.clone()
        }
    };
    if let Some(percent) = statistic.strip_suffix('%') {
        let fraction = percent
            .trim()
            .parse::<f64>()
            .map_err(|_| illegal(format!("Unable to parse {statistic} as a percentile")))?
            / 100.0;
        if !(0.0..=1.0).contains(&fraction) {
            return Err(illegal(format!(
                "requirement failed: Percentiles must be in the range [0, 1]"
            )));
        }
        let fraction = Expr::literal(Literal::Double(fraction));
        let accuracy = Expr::literal(Literal::Integer(ACCURACY));
        return Ok(Expr::call("percentile_approx", vec![number(), fraction, accuracy]));
    }
    Ok(match statistic.to_lowercase().as_str() {
        "count" => Expr::call("count", vec![own]),
        "count_distinct" => {
            let mut call = crate::spec::Function::new("count", vec![own]);
            call.distinct = true;
            ExprNode::Function(call).into()
        }
        "approx_count_distinct" => Expr::call("approx_count_distinct", vec![own]),
        "mean" => Expr::call("avg", vec![number()]),
        "stddev" => Expr::call("stddev_samp", vec![number()]),
        "min" => Expr::call("min", vec![own]),
        "max" => Expr::call("max", vec![own]),
        other => {
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "UNRECOGNIZED_STATISTIC",
                format!(
                    "The statistic '{other}' is not recognized. Valid statistics include `count`, \
                     `count_distinct`, `approx_count_distinct`, `mean`, `stddev`, `min`, `max`, and \
                     percentile values. Percentile must be a numeric value followed by '%', within \
                     the range 0% to 100%."
                ),
            )
            .with("stats", format!("'{other}'")));
        }
    })
}

fn illegal(message: String) -> SparkError {
    SparkError::new(ErrorKind::IllegalArgument, "", message)
}
