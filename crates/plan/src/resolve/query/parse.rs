//! `spark.read.json(df)` and `spark.read.csv(df)`: rows from a column of strings.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Literal, Options, Relation, RelationNode};
use firesteel_common::{Result, SparkError, SparkType, StructType};

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
            return Err(wrong_input(&input));
        };
        if !column.field.data_type.is_string() {
            return Err(wrong_input(&input));
        }
        let name = column.field.name.clone();
        let schema = match schema {
            Some(schema) => schema.clone(),
            None => {
                let lines = self.exact(input.clone())?;
                let lines = self.env.collect(lines.plan)?;
                self.env.infer_from_strings(format, options, lines)?
            }
        };
        let ddl = Expr::string(SparkType::Struct(schema).sql());
        let pairs = options
            .iter()
            .flat_map(|(key, value)| [Expr::string(key), Expr::string(value)])
            .collect();
        let mut args = vec![Expr::attribute([name.clone()]), ddl];
        if !options.is_empty() {
            args.push(Expr::call("map", pairs));
        }
        // A blank line is no record.
        let trimmed = Expr::call("trim", vec![Expr::attribute([name])]);
        let length = Expr::call("length", vec![trimmed]);
        let present = RelationNode::Filter {
            input: self.given(input),
            condition: Expr::call(">", vec![length, Expr::literal(Literal::Integer(0))]),
        };
        let parsed = Expr::call(&format!("from_{format}"), args).alias("record");
        let records = RelationNode::Project { input: present.into(), exprs: vec![parsed] };
        let star = crate::spec::ExprNode::Star {
            target: Some(vec!["record".to_owned()]),
            plan_id: None,
            except: Vec::new(),
        };
        let project = RelationNode::Project { input: records.into(), exprs: vec![star.into()] };
        self.relation(&project.into())
    }
}

fn wrong_input(input: &Resolved) -> SparkError {
    SparkError::analysis(
        "",
        format!(
            "The input must have exactly one column of type string, got {}.",
            SparkType::Struct(input.schema()).simple_string()
        ),
    )
}
