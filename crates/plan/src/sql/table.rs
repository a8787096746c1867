//! Relations: what stands in FROM.

use super::error;
use super::parser::Parser;
use super::token::{NumberKind, TokenKind};
use crate::spec::{
    DataSource, Expr, ExprNode, Join, JoinCondition, JoinType, LateralView, NamedTable, Relation,
    RelationNode, Sample, SortOrder, SubqueryKind, TableFunction,
};
use firesteel_common::{Result, SparkError};

/// Words that go on with a FROM clause and are therefore no alias without AS.
const NO_TABLE_ALIAS: &[&str] = &[
    "ANTI",
    "CROSS",
    "EXCEPT",
    "FULL",
    "INNER",
    "INTERSECT",
    "JOIN",
    "LATERAL",
    "LEFT",
    "NATURAL",
    "ON",
    "RIGHT",
    "SEMI",
    "MINUS",
    "UNION",
    "USING",
];

/// Formats that can be read as `` format.`path` ``.
const PATH_FORMATS: &[&str] =
    &["PARQUET", "CSV", "JSON", "ORC", "TEXT", "AVRO", "BINARYFILE", "XML"];

/// Name Spark gives to a subquery without one, so that its inner qualifiers do not leak.
const SUBQUERY_NAME: &str = "__auto_generated_subquery_name";

impl Parser<'_> {
    /// `FROM a, b JOIN c … [LATERAL VIEW …] [PIVOT …]`.
    pub(super) fn from_clause(&mut self) -> Result<Relation> {
        self.expect("FROM")?;
        let mut left = self.relation()?.0;
        let mut length = 0;
        while self.take(",") {
            length += 1;
            self.check_chain(length)?;
            let (right, lateral) = self.relation()?;
            left = RelationNode::Join(Join {
                left,
                right,
                join_type: JoinType::Inner,
                condition: JoinCondition::None,
                lateral,
            })
            .into();
        }
        let mut input = self.lateral_views(left)?;
        while self.is_pivot_or_unpivot() {
            input = self.pivot_or_unpivot(input)?;
        }
        Ok(input)
    }

    /// One relation with its joins; and whether it is LATERAL.
    fn relation(&mut self) -> Result<(Relation, bool)> {
        let lateral = self.is("LATERAL") && self.word_ahead(1) != "VIEW" && self.take("LATERAL");
        let mut left = self.relation_primary()?;
        let mut length = 0;
        loop {
            length += 1;
            self.check_chain(length)?;
            if let Some((join_type, natural)) = self.join_kind()? {
                left = self.join(left, join_type, natural)?;
            } else if self.is_pivot_or_unpivot() {
                left = self.pivot_or_unpivot(left)?;
            } else {
                return Ok((left, lateral));
            }
        }
    }

    /// `[NATURAL] [INNER | CROSS | LEFT [OUTER | SEMI | ANTI] | …] JOIN`, if it is next.
    pub(super) fn join_kind(&mut self) -> Result<Option<(JoinType, bool)>> {
        let natural = usize::from(self.is("NATURAL"));
        let word = |ahead: usize| self.word_ahead(natural + ahead);
        let (join_type, length) = match (word(0), word(1), word(2)) {
            ("JOIN", ..) => (JoinType::Inner, 1),
            ("INNER", "JOIN", _) => (JoinType::Inner, 2),
            ("CROSS", "JOIN", _) if natural == 1 => {
                let start = self.start();
                self.advance();
                self.advance();
                self.advance();
                let message = "The join types NATURAL and CROSS are incompatible.";
                return Err(error::at(&self.origin(start), "INCOMPATIBLE_JOIN_TYPES", message)
                    .with("joinType1", "NATURAL")
                    .with("joinType2", "CROSS"));
            }
            ("CROSS", "JOIN", _) => (JoinType::Cross, 2),
            ("LEFT", "JOIN", _) => (JoinType::Left, 2),
            ("LEFT", "OUTER", "JOIN") => (JoinType::Left, 3),
            ("RIGHT", "JOIN", _) => (JoinType::Right, 2),
            ("RIGHT", "OUTER", "JOIN") => (JoinType::Right, 3),
            ("FULL", "JOIN", _) => (JoinType::Full, 2),
            ("FULL", "OUTER", "JOIN") => (JoinType::Full, 3),
            ("SEMI", "JOIN", _) => (JoinType::LeftSemi, 2),
            ("LEFT", "SEMI", "JOIN") => (JoinType::LeftSemi, 3),
            ("ANTI", "JOIN", _) => (JoinType::LeftAnti, 2),
            ("LEFT", "ANTI", "JOIN") => (JoinType::LeftAnti, 3),
            _ if natural == 1 => {
                self.advance();
                return Err(self.unexpected());
            }
            _ => return Ok(None),
        };
        (0..natural + length).for_each(|_| self.advance());
        Ok(Some((join_type, natural == 1)))
    }

    /// After JOIN.
    pub(super) fn join(
        &mut self,
        left: Relation,
        join_type: JoinType,
        natural: bool,
    ) -> Result<Relation> {
        let lateral = self.take("LATERAL");
        let right = self.nested(Self::relation_primary)?;
        let condition = if natural {
            JoinCondition::Natural
        } else if self.take("ON") {
            JoinCondition::On(self.expression()?)
        } else if self.is_all(&["USING", "("]) {
            self.advance();
            JoinCondition::Using(self.name_list()?)
        } else {
            JoinCondition::None
        };
        Ok(RelationNode::Join(Join { left, right, join_type, condition, lateral }).into())
    }

    fn relation_primary(&mut self) -> Result<Relation> {
        if self.is("(") {
            let is_query = self.is_query_paren() && !self.is_values_join();
            self.advance();
            let (inner, default) = if is_query {
                (self.query()?, Some(SUBQUERY_NAME))
            } else {
                (self.nested(|p| Ok(p.relation()?.0))?, None)
            };
            self.expect(")")?;
            let sampled = self.table_sample(inner)?;
            return self.aliased(sampled, default);
        }
        if self.is("VALUES") && self.kind() == TokenKind::Word && self.begins_values() {
            return self.inline_table();
        }
        if self.is("STREAM")
            && (self.word_ahead(1) == "(" || self.is_name_ahead(1) && !self.is_alias_ahead())
        {
            return Err(SparkError::unsupported("STREAM in SQL"));
        }
        if self.is_identifier_call() {
            return self.function_table();
        }
        if self.is("IDENTIFIER") && self.word_ahead(1) == "(" {
            return self.named_table();
        }
        if self.is_function_table() {
            return self.function_table();
        }
        self.named_table()
    }

    /// `(VALUES (1) a JOIN …)`: a relation, although `(VALUES` begins like a query.
    fn is_values_join(&self) -> bool {
        if self.word_ahead(1) != "VALUES" {
            return false;
        }
        let (mut ahead, mut depth) = (1, 1_usize);
        while self.kind_ahead(ahead) != TokenKind::End {
            match self.word_ahead(ahead) {
                "(" => depth += 1,
                ")" if depth == 1 => return false,
                ")" => depth -= 1,
                "JOIN" if depth == 1 => return true,
                _ => {}
            }
            ahead += 1;
        }
        false
    }

    /// `STREAM s`: an alias of a table that is called `stream`, or the keyword? The keyword.
    fn is_alias_ahead(&self) -> bool {
        self.word_ahead(1) == "AS" || NO_TABLE_ALIAS.contains(&self.word_ahead(1)) || {
            matches!(self.word_ahead(1), "WHERE" | "GROUP" | "ORDER" | "LIMIT" | "HAVING")
        }
    }

    fn begins_values(&self) -> bool {
        !matches!(self.word_ahead(1), "," | ")" | "." | "AS" | ";")
            && self.kind_ahead(1) != TokenKind::End
    }

    /// `name(` with a name of any number of parts.
    fn is_function_table(&self) -> bool {
        let mut ahead = 0;
        while self.is_name_ahead(ahead) && self.word_ahead(ahead + 1) == "." {
            ahead += 2;
        }
        self.is_name_ahead(ahead) && self.word_ahead(ahead + 1) == "("
    }

    fn function_table(&mut self) -> Result<Relation> {
        let start = self.start();
        let mut name = Vec::new();
        if self.is_identifier_call() {
            name = self.identifier_reference()?;
        } else {
            name.push(self.plain_name()?);
            while self.take(".") {
                name.push(self.plain_name()?);
            }
        }
        self.expect("(")?;
        let args = if self.is(")") { Vec::new() } else { self.list(Self::function_argument)? };
        self.expect(")")?;
        let table = RelationNode::TableFunction(TableFunction { name, args });
        let sampled = self.table_sample(Relation::from(table).at(self.origin(start)))?;
        self.aliased(sampled, None)
    }

    /// `name [FOR VERSION AS OF …] [TABLESAMPLE …] [alias]`.
    fn named_table(&mut self) -> Result<Relation> {
        let table = self.table_reference()?;
        let sampled = self.table_sample(table)?;
        self.aliased(sampled, None)
    }

    /// A table's name, `` format.`path` `` or `IDENTIFIER(…)`, with options and time travel.
    pub(super) fn table_reference(&mut self) -> Result<Relation> {
        let start = self.start();
        let mut table = NamedTable {
            name: Vec::new(),
            options: Vec::new(),
            identifier: None,
            time_travel: None,
        };
        if self.is("IDENTIFIER") && self.word_ahead(1) == "(" {
            self.advance();
            self.expect("(")?;
            table.identifier = Some(Box::new(self.expression()?));
            self.expect(")")?;
        } else {
            let format = self.word();
            let is_path = PATH_FORMATS.contains(&format)
                && self.word_ahead(1) == "."
                && self.kind_ahead(2) == TokenKind::Quoted;
            table.name = self.multipart_name()?;
            if is_path && let [_, path] = table.name.as_slice() {
                return Ok(RelationNode::DataSource(DataSource {
                    format: Some(format.to_lowercase()),
                    schema: None,
                    options: Vec::new(),
                    paths: vec![path.clone()],
                    predicates: Vec::new(),
                })
                .into());
            }
        }
        if self.is_all(&["WITH", "("]) && !self.is_query_paren() {
            self.advance();
            table.options = self.property_list()?;
        }
        let origin = self.origin(start);
        table.time_travel = self.time_travel()?;
        Ok(Relation::from(RelationNode::NamedTable(table)).at(origin))
    }

    /// `[FOR] VERSION AS OF v`, `[FOR] TIMESTAMP AS OF t`.
    fn time_travel(&mut self) -> Result<Option<Box<Expr>>> {
        let ahead = usize::from(self.is("FOR"));
        let word = self.word_ahead(ahead);
        let found = matches!(word, "VERSION" | "SYSTEM_VERSION" | "TIMESTAMP" | "SYSTEM_TIME")
            && self.word_ahead(ahead + 1) == "AS"
            && self.word_ahead(ahead + 2) == "OF";
        if !found {
            return Ok(None);
        }
        (0..ahead + 3).for_each(|_| self.advance());
        Ok(Some(Box::new(self.value()?)))
    }

    /// `[AS] name [(columns)]`.
    pub(super) fn aliased(&mut self, input: Relation, default: Option<&str>) -> Result<Relation> {
        let has_alias = if self.take("AS") {
            true
        } else {
            self.is_name() && !(self.kind() == TokenKind::Word && self.ends_relation())
        };
        let (name, columns) = if has_alias {
            if self.kind() == TokenKind::Word && NO_TABLE_ALIAS.contains(&self.word()) {
                return Err(self.unexpected());
            }
            let name =
                if self.is_all(&["IDENTIFIER", "("]) && self.kind_ahead(2) == TokenKind::String {
                    self.identifier_reference()?.join(".")
                } else {
                    self.plain_name()?
                };
            let has_columns = self.is("(") && !self.is_query_paren();
            (name, if has_columns { self.name_list()? } else { Vec::new() })
        } else if let Some(default) = default {
            (default.to_owned(), Vec::new())
        } else {
            return Ok(input);
        };
        Ok(RelationNode::Alias { input, name, qualifier: Vec::new(), columns }.into())
    }

    /// Whether the word that is next is no alias of a relation.
    fn ends_relation(&self) -> bool {
        NO_TABLE_ALIAS.contains(&self.word()) || self.begins_clause()
    }

    /// `VALUES (1, 'a'), (2, 'b') [alias]`.
    pub(super) fn inline_table(&mut self) -> Result<Relation> {
        let start = self.start();
        self.expect("VALUES")?;
        let rows = self.list(|p| {
            let expr = p.expression()?;
            Ok(match expr.node {
                ExprNode::Row(exprs) => exprs,
                // As in Spark, a struct is a row here.
                ExprNode::Function(function)
                    if matches!(function.name.as_slice(), [name] if name.eq_ignore_ascii_case("struct")) =>
                {
                    function.args
                }
                _ => vec![expr],
            })
        })?;
        let n_columns = rows.first().map_or(0, Vec::len);
        if let Some(at) = rows.iter().position(|row| row.len() != n_columns) {
            let n_found = rows[at].len();
            let message = format!(
                "Invalid inline table. Inline table expected {n_columns} columns but found {n_found} \
                 columns in row {at}."
            );
            let condition = "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH";
            return Err(error::at(&self.origin(start), condition, message)
                .with("expectedNumCols", n_columns.to_string())
                .with("actualNumCols", n_found.to_string())
                .with("rowIndex", at.to_string()));
        }
        self.aliased(RelationNode::InlineTable { rows }.into(), None)
    }

    /// `TABLESAMPLE (10 PERCENT | 5 ROWS | BUCKET 1 OUT OF 4) [REPEATABLE (seed)]`.
    pub(super) fn table_sample(&mut self, input: Relation) -> Result<Relation> {
        if !self.is_all(&["TABLESAMPLE", "("]) {
            return Ok(input);
        }
        let start = self.start();
        self.advance();
        self.advance();
        if self.take(")") {
            let message = "TABLESAMPLE does not accept empty inputs.";
            return Err(error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0014", message));
        }
        let fraction = if self.take("BUCKET") {
            let numerator = self.integer()?;
            self.expect_all(&["OUT", "OF"])?;
            let denominator = self.integer()?;
            if self.is("ON") {
                let message = "TABLESAMPLE(BUCKET x OUT OF y ON colname) is not supported.";
                return Err(error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0015", message));
            }
            numerator as f64 / denominator as f64
        } else {
            let is_negative = self.is("-");
            let ahead = usize::from(is_negative);
            let is_number = matches!(
                self.kind_ahead(ahead),
                TokenKind::Number(NumberKind::Integer | NumberKind::Decimal)
            );
            if is_number && self.word_ahead(ahead + 1) == "PERCENT" {
                let percent: f64 = self.slice_ahead(ahead).parse().unwrap_or(f64::NAN);
                (0..ahead + 2).for_each(|_| self.advance());
                if is_negative { -percent / 100.0 } else { percent / 100.0 }
            } else {
                let limit = self.expression()?;
                if !self.take("ROWS") {
                    let message = "TABLESAMPLE(byteLengthLiteral) is not supported.";
                    return Err(error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0016", message));
                }
                self.expect(")")?;
                return Ok(RelationNode::Limit { input, limit }.into());
            }
        };
        self.expect(")")?;
        let seed = if self.take_all(&["REPEATABLE", "("]) {
            let seed = self.integer()?;
            self.expect(")")?;
            Some(seed)
        } else {
            None
        };
        // Rounding may put 100 PERCENT a little above one.
        let slack = 1e-6;
        if !(-slack..=1.0 + slack).contains(&fraction) {
            let message = format!("Sampling fraction ({fraction}) must be on interval [0, 1].");
            return Err(error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0064", message));
        }
        Ok(RelationNode::Sample(Sample {
            input,
            lower: 0.0,
            upper: fraction,
            with_replacement: false,
            seed,
            deterministic_order: false,
        })
        .into())
    }

    /// `LATERAL VIEW [OUTER] generator(…) table [AS a, b]`, any number.
    pub(super) fn lateral_views(&mut self, input: Relation) -> Result<Relation> {
        let mut input = input;
        let mut length = 0;
        while self.take_all(&["LATERAL", "VIEW"]) {
            length += 1;
            self.check_chain(length)?;
            let outer = self.is("OUTER") && self.word_ahead(1) != "(" && self.take("OUTER");
            let generator = self.column_or_call()?;
            if !matches!(generator.node, ExprNode::Function(_)) {
                return Err(self.unexpected());
            }
            // `explode(a) AS b`: in Spark the table is called `as` then; nobody can mean that.
            let table_alias = if self.is("AS") { None } else { Some(self.plain_name()?) };
            let has_columns = self.take("AS")
                || (self.is_name() && !self.begins_clause() && !self.ends_relation());
            let column_aliases =
                if has_columns { self.list(Self::plain_name)? } else { Vec::new() };
            input = RelationNode::LateralView(LateralView {
                input,
                generator,
                outer,
                table_alias,
                column_aliases,
            })
            .into();
        }
        Ok(input)
    }

    /// `TABLE` in an argument list begins a table and is no column.
    pub(super) fn begins_table_argument(&self) -> bool {
        self.word_ahead(1) == "(" || self.is_name_ahead(1)
    }

    /// `TABLE t`, `TABLE(t)`, `TABLE(query)` with PARTITION BY and ORDER BY.
    pub(super) fn table_argument(&mut self, start: usize) -> Result<Expr> {
        self.expect("TABLE")?;
        let relation = if self.is_query_paren() {
            self.expect("(")?;
            let query = self.query()?;
            self.expect(")")?;
            query
        } else if self.take("(") {
            let table = self.table_reference()?;
            self.expect(")")?;
            table
        } else {
            self.table_reference()?;
            let name = self.text_from(start)["TABLE".len()..].trim().to_owned();
            let message = format!(
                "Invalid SQL syntax: Syntax error: call to table-valued function is invalid because \
                 parentheses are missing around the provided TABLE argument `{name}`; please surround \
                 this with parentheses and try again."
            );
            let condition =
                "INVALID_SQL_SYNTAX.INVALID_TABLE_FUNCTION_IDENTIFIER_ARGUMENT_MISSING_PARENTHESES";
            return Err(error::at(&self.origin(start), condition, message)
                .with("argumentName", format!("`{name}`")));
        };
        let (mut partition_by, mut order_by) = (Vec::new(), Vec::new());
        let single_partition = self.take_all(&["WITH", "SINGLE", "PARTITION"]);
        if self.take_all(&["PARTITION", "BY"]) || self.take_all(&["DISTRIBUTE", "BY"]) {
            let expr = self.expression()?;
            partition_by = match expr.node {
                ExprNode::Row(exprs) => exprs,
                _ => vec![expr],
            };
        }
        if self.take_all(&["ORDER", "BY"]) || self.take_all(&["SORT", "BY"]) {
            order_by = if self.is("(") {
                self.paren_list(Self::sort_item)?
            } else {
                vec![self.sort_item()?]
            };
        }
        let order_by: Vec<SortOrder> = order_by;
        let kind = SubqueryKind::Table { partition_by, order_by, single_partition };
        Ok(self.subquery_expr(kind, relation, start))
    }
}
