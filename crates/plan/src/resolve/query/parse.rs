//! `spark.read.json(df)` and `spark.read.csv(df)`: rows from a column of strings.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, ExprNode, Literal, Options, Relation, RelationNode};
use arrow::array::AsArray;
use arrow::record_batch::RecordBatch;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};

/// Where a malformed record stands until it is dropped.
const CORRUPT: &str = "__corrupt_record";

impl Resolver<'_> {
    /// The input's only column holds one record per row; its schema is inferred where none is given,
    /// which reads the data now.
    pub(super) fn parse(
        &mut self,
        input: &Relation,
        format: &str,
        schema: Option<&StructType>,
        options: &Options,
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let [column] = input.scope.columns.as_slice() else {
            let n_columns = input.scope.columns.len();
            return Err(SparkError::analysis(
                "DATAFRAME_INPUT_NOT_SINGLE_COLUMN",
                format!("Input DataFrame must have exactly one column, but got {n_columns}."),
            )
            .with("numColumns", n_columns.to_string()));
        };
        if !column.field.data_type.is_string() {
            let found = column.field.data_type.sql();
            return Err(SparkError::analysis(
                "DATAFRAME_INPUT_NOT_STRING_TYPE",
                format!("Input DataFrame column must be StringType, but got \"{found}\"."),
            )
            .with("dataType", format!("\"{found}\"")));
        }
        let name = column.field.name.clone();
        let has_header = format == "csv" && is_true(options, "header");
        let lines = if schema.is_none() || has_header {
            let lines = self.exact(input.clone())?;
            self.env.collect(self.runnable(lines.plan)?)?
        } else {
            Vec::new()
        };
        let header = has_header.then(|| first_line(&lines)).flatten();
        let schema = match schema {
            Some(schema) => schema.clone(),
            None => self.env.infer_from_strings(format, options, lines)?,
        };
        // Records that are dropped must be told from records of nulls: they are parsed into a column.
        let mode = options.iter().find(|(key, _)| key.eq_ignore_ascii_case("mode"));
        let drops = mode.is_some_and(|(_, mode)| mode.eq_ignore_ascii_case("DROPMALFORMED"));
        let mut options = options.clone();
        let mut parsed_schema = schema.clone();
        if drops {
            let is_replaced = |key: &str| {
                key.eq_ignore_ascii_case("mode")
                    || key.eq_ignore_ascii_case("columnNameOfCorruptRecord")
            };
            options.retain(|(key, _)| !is_replaced(key));
            options.push(("mode".to_owned(), "PERMISSIVE".to_owned()));
            options.push(("columnNameOfCorruptRecord".to_owned(), CORRUPT.to_owned()));
            parsed_schema.fields.push(StructField::new(CORRUPT, SparkType::string(), true));
        }
        let ddl = Expr::string(SparkType::Struct(parsed_schema).sql());
        let pairs = options
            .iter()
            .flat_map(|(key, value)| [Expr::string(key), Expr::string(value)])
            .collect();
        let mut args = vec![Expr::attribute([name.clone()]), ddl];
        if !options.is_empty() {
            args.push(Expr::call("map", pairs));
        }
        // A blank line is no record.
        let trimmed = Expr::call("trim", vec![Expr::attribute([name.clone()])]);
        let length = Expr::call("length", vec![trimmed]);
        let mut condition = Expr::call(">", vec![length, Expr::literal(Literal::Integer(0))]);
        if let Some(header) = header {
            // As in Spark, every line that equals the header is one: files of a directory each begin with it.
            let is_header =
                Expr::call("=", vec![Expr::attribute([name.clone()]), Expr::string(header)]);
            condition = Expr::call("and", vec![condition, Expr::call("not", vec![is_header])]);
        }
        let present = RelationNode::Filter { input: self.given(input), condition };
        let parsed = Expr::call(&format!("from_{format}"), args).alias("record");
        let mut records: Relation =
            RelationNode::Project { input: present.into(), exprs: vec![parsed] }.into();
        if drops {
            let corrupt = Expr::attribute(["record", CORRUPT]);
            let condition = Expr::call("isnull", vec![corrupt]);
            records = RelationNode::Filter { input: records, condition }.into();
        }
        let fields = schema.fields.iter().map(|field| {
            let key = Box::new(Expr::string(field.name.clone()));
            let child = Box::new(Expr::attribute(["record"]));
            Expr::from(ExprNode::ExtractValue { child, key }).alias(field.name.clone())
        });
        let project = RelationNode::Project { input: records, exprs: fields.collect() };
        self.relation(&project.into())
    }
}

fn is_true(options: &Options, key: &str) -> bool {
    options
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case(key) && value.eq_ignore_ascii_case("true"))
}

/// The first line that is not blank.
fn first_line(lines: &[RecordBatch]) -> Option<String> {
    let columns = lines.iter().filter_map(|batch| batch.columns().first()?.as_string_opt::<i32>());
    let mut texts = columns.flat_map(|column| column.iter().flatten());
    texts.find(|text| !text.trim().is_empty()).map(str::to_owned)
}
