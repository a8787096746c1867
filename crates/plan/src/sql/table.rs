//! Relations: what stands in FROM.

use super::error;
use super::parser::{Parser, STRICT_WORDS};
use super::token::{NumberKind, TokenKind};
use crate::spec::{
    DataSource, Expr, ExprNode, Join, JoinCondition, JoinType, LateralView, NamedTable,
    NearestByJoin, Relation, RelationNode, Sample, SortOrder, SubqueryKind, TableFunction,
};
use firesteel_common::{Result, SparkError};

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
        let start = self.start();
        let mut input = self.lateral_views(left)?;
        let has_lateral = self.start() != start;
        let mut before = None;
        while self.is_pivot_or_unpivot() {
            let is_pivot = self.is("PIVOT");
            input = self.pivot_or_unpivot(input)?;
            let kind = match before {
                Some(_) => "UNPIVOT_WITH_PIVOT",
                None if has_lateral && is_pivot => "LATERAL_WITH_PIVOT",
                None if has_lateral => "LATERAL_WITH_UNPIVOT",
                None => "",
            };
            if !kind.is_empty() {
                // The pair of pivots is named rather than the lateral view.
                if kind == "UNPIVOT_WITH_PIVOT" {
                    self.forget_fault();
                }
                let error = self.not_in_from(kind, start);
                self.fault(error);
            }
            before = Some(is_pivot);
        }
        Ok(input)
    }

    /// One relation with its joins; and whether it is LATERAL.
    fn relation(&mut self) -> Result<(Relation, bool)> {
        let lateral = self.is("LATERAL") && self.word_ahead(1) != "VIEW" && self.take("LATERAL");
        let first_start = self.start();
        let mut left = self.relation_primary()?;
        if lateral {
            self.check_lateral(&left, first_start);
        }
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
                let error = self.incompatible_joins("NATURAL", "CROSS");
                self.fault(error);
                (JoinType::Cross, 2)
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
        let start = self.start();
        let lateral = self.take("LATERAL");
        if natural && lateral {
            let error = self.incompatible_joins("LATERAL", "NATURAL");
            self.fault(error);
        }
        if natural && matches!(join_type, JoinType::LeftSemi | JoinType::LeftAnti) {
            let message =
                format!("requirement failed: Unsupported natural join type {join_type:?}");
            let error = error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0064", message);
            self.fault(error);
        }
        let right_start = self.start();
        let right = self.nested(Self::relation_primary)?;
        if lateral {
            self.check_lateral(&right, right_start);
        }
        let condition = if natural {
            JoinCondition::Natural
        } else if self.take("ON") {
            JoinCondition::On(self.expression()?)
        } else if self.begins_nearest(0) {
            return self.nearest(left, right, join_type, lateral, start);
        } else if self.is_all(&["USING", "("]) {
            self.advance();
            let names = self.name_list()?;
            if lateral {
                let message = "The feature is not supported: JOIN USING with LATERAL correlation.";
                let condition = "UNSUPPORTED_FEATURE.LATERAL_JOIN_USING";
                let error = error::at(&self.origin(start), condition, message);
                self.fault(error);
            }
            JoinCondition::Using(names)
        } else {
            JoinCondition::None
        };
        Ok(RelationNode::Join(Join { left, right, join_type, condition, lateral }).into())
    }

    /// `(APPROX | EXACT) NEAREST [n] BY …`, `ahead` of here.
    fn begins_nearest(&self, ahead: usize) -> bool {
        let next = self.word_ahead(ahead + 2);
        matches!(self.word_ahead(ahead), "APPROX" | "EXACT")
            && self.word_ahead(ahead + 1) == "NEAREST"
            && (next == "BY" || matches!(self.kind_ahead(ahead + 2), TokenKind::Number(_)))
    }

    /// `(APPROX | EXACT) NEAREST [n] BY (DISTANCE | SIMILARITY) expression`.
    fn nearest(
        &mut self,
        left: Relation,
        right: Relation,
        join_type: JoinType,
        lateral: bool,
        start: usize,
    ) -> Result<Relation> {
        let mode = self.expect_one_of(&["APPROX", "EXACT"])?.to_lowercase();
        self.expect("NEAREST")?;
        let n_results = if self.is("BY") { 1 } else { self.integer()? };
        self.expect("BY")?;
        let direction = self.expect_one_of(&["DISTANCE", "SIMILARITY"])?.to_lowercase();
        let ranking = self.expression()?;
        let origin = self.origin(start);
        if lateral {
            let message =
                "The feature is not supported: JOIN with NEAREST BY and LATERAL correlation.";
            let condition = "UNSUPPORTED_FEATURE.LATERAL_JOIN_NEAREST_BY";
            self.fault(error::at(&origin, condition, message));
        }
        if !matches!(join_type, JoinType::Inner | JoinType::Left) {
            let message = format!(
                "Invalid nearest-by join. Unsupported nearest-by join type {join_type:?}. Supported types: \
                 INNER, LEFT OUTER."
            );
            let condition = "NEAREST_BY_JOIN.UNSUPPORTED_JOIN_TYPE";
            self.fault(error::at(&origin, condition, message));
        }
        let join = NearestByJoin {
            left,
            right,
            ranking,
            n_results: i32::try_from(n_results).unwrap_or(i32::MAX),
            join_type: if join_type == JoinType::Left { "left" } else { "inner" }.to_owned(),
            mode,
            direction,
        };
        Ok(RelationNode::NearestByJoin(Box::new(join)).into())
    }

    /// LATERAL is for what can refer to the relations before it: subqueries and table functions.
    fn check_lateral(&mut self, relation: &Relation, start: usize) {
        let mut inner = relation;
        while let RelationNode::Alias { input, .. } | RelationNode::Sample(Sample { input, .. }) =
            inner.node.as_ref()
        {
            inner = input;
        }
        let is_plain = matches!(
            inner.node.as_ref(),
            RelationNode::NamedTable(_)
                | RelationNode::InlineTable { .. }
                | RelationNode::DataSource(_)
        ) && !self.text_from(start).starts_with('(');
        if is_plain {
            let what = "LATERAL can only be used with subquery and table-valued functions.";
            let origin = self.origin(start);
            let kind = "LATERAL_WITHOUT_SUBQUERY_OR_TABLE_VALUED_FUNC";
            self.fault(error::invalid_syntax(&origin, kind, what));
        }
    }

    fn incompatible_joins(&self, first: &str, second: &str) -> SparkError {
        let message = format!("The join types {first} and {second} are incompatible.");
        error::at(&self.origin(self.start()), "INCOMPATIBLE_JOIN_TYPES", message)
            .with("joinType1", first)
            .with("joinType2", second)
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
            self.watermark()?;
            return self.aliased(sampled, default);
        }
        if self.is("VALUES") && self.kind() == TokenKind::Word && self.begins_values() {
            return self.inline_table();
        }
        if self.is("STREAM")
            && (self.word_ahead(1) == "(" || self.is_name_ahead(1) && !self.is_alias_ahead())
        {
            return self.stream();
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
        self.word_ahead(1) == "AS" || STRICT_WORDS.contains(&self.word_ahead(1)) || {
            matches!(self.word_ahead(1), "WHERE" | "GROUP" | "ORDER" | "LIMIT" | "HAVING")
        }
    }

    /// Whether the token `ahead` begins a value that cannot go on with an expression.
    fn is_value_ahead(&self, ahead: usize) -> bool {
        matches!(self.kind_ahead(ahead), TokenKind::Number(_) | TokenKind::String)
            || self.word_ahead(ahead) == "("
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
        // `s.IDENTIFIER('t')` is a name, unless a call follows.
        let is_literal = ahead > 0
            && self.word_ahead(ahead) == "IDENTIFIER"
            && self.kind_ahead(ahead + 2) == TokenKind::String
            && self.word_ahead(ahead + 3) == ")"
            && self.word_ahead(ahead + 4) != "(";
        self.is_name_ahead(ahead) && self.word_ahead(ahead + 1) == "(" && !is_literal
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
        self.watermark()?;
        self.aliased(sampled, None)
    }

    /// `name [FOR VERSION AS OF …] [TABLESAMPLE …] [alias]`.
    fn named_table(&mut self) -> Result<Relation> {
        let table = self.table_reference()?;
        let sampled = self.table_sample(table)?;
        self.watermark()?;
        self.aliased(sampled, None)
    }

    /// `[WATERMARK column DELAY OF interval]`, which is for streams.
    fn watermark(&mut self) -> Result<()> {
        let begins = self.is("WATERMARK")
            && (self.is_name_ahead(1) || self.word_ahead(1) == "(")
            && !matches!(self.word_ahead(1), "AS" | "ON" | "USING" | "WHERE" | "JOIN");
        if !begins || self.begins_alias_list() {
            return Ok(());
        }
        self.advance();
        self.expression()?;
        if self.take("AS") || (self.is_name() && !self.is("DELAY")) {
            self.name()?;
        }
        self.expect_all(&["DELAY", "OF"])?;
        self.interval()?;
        self.unserved("WATERMARK");
        Ok(())
    }

    /// `name (a, b)` where a clause is over, so that the word is an alias after all.
    fn begins_alias_list(&self) -> bool {
        let mut ahead = 2;
        if self.word_ahead(1) != "(" {
            return false;
        }
        while self.is_name_ahead(ahead) && self.word_ahead(ahead + 1) == "," {
            ahead += 2;
        }
        self.word_ahead(ahead + 1) == ")" && !self.is_name_ahead(ahead + 2)
    }

    /// `[CHANGES FROM VERSION a [INCLUSIVE | EXCLUSIVE] [TO VERSION b …]]`: what became of a table's rows. A
    /// stream may have CHANGES alone.
    fn changes(&mut self) -> Result<()> {
        let has_start = self.is_all(&["CHANGES", "FROM"])
            && matches!(
                self.word_ahead(2),
                "VERSION" | "SYSTEM_VERSION" | "TIMESTAMP" | "SYSTEM_TIME"
            );
        if !has_start {
            return Ok(());
        }
        self.advance();
        self.expect("FROM")?;
        self.change_bound()?;
        if self.take("TO") {
            self.change_bound()?;
        }
        self.unserved("CHANGES of a table");
        Ok(())
    }

    fn change_bound(&mut self) -> Result<()> {
        let kind =
            self.expect_one_of(&["VERSION", "SYSTEM_VERSION", "TIMESTAMP", "SYSTEM_TIME"])?;
        if matches!(kind, "VERSION" | "SYSTEM_VERSION") {
            self.version()?;
        } else {
            self.value()?;
        }
        self.take_one_of(&["INCLUSIVE", "EXCLUSIVE"]);
        Ok(())
    }

    /// A whole number or a string.
    fn version(&mut self) -> Result<Expr> {
        if !matches!(self.kind(), TokenKind::String | TokenKind::Number(NumberKind::Integer)) {
            return Err(self.unexpected());
        }
        self.primary_start()
    }

    /// `STREAM t` or `STREAM(t)` with options, watermark and alias; `STREAM f(…)`.
    fn stream(&mut self) -> Result<Relation> {
        self.expect("STREAM")?;
        self.unserved("STREAM in SQL");
        if self.is_function_table() {
            return self.function_table();
        }
        let is_call = self.take("(");
        let name = self.multipart_name()?;
        if is_call {
            self.expect(")")?;
        }
        self.changes()?;
        if self.take_all(&["IDENTIFIED", "BY"]) {
            self.name()?;
        }
        let table = NamedTable { name, options: Vec::new(), identifier: None, time_travel: None };
        if self.is_all(&["WITH", "("]) {
            self.advance();
            self.property_list()?;
        }
        self.watermark()?;
        self.aliased(RelationNode::NamedTable(table).into(), None)
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
        let is_literal = self.is_identifier_literal();
        if self.is("IDENTIFIER") && self.word_ahead(1) == "(" && !is_literal {
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
        let origin = self.origin(start);
        table.time_travel = self.time_travel()?;
        self.changes()?;
        if self.is_all(&["WITH", "("]) && !self.is_query_paren() {
            self.advance();
            table.options = self.property_list()?;
        }
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
        let start = self.start();
        (0..ahead + 3).for_each(|_| self.advance());
        let is_version = matches!(word, "VERSION" | "SYSTEM_VERSION");
        if is_version {
            return Ok(Some(Box::new(self.version()?)));
        }
        let time = self.value()?;
        if matches!(time.node, ExprNode::Attribute { .. }) {
            let message =
                "Invalid time travel spec: timestamp expression cannot refer to any columns.";
            let error = error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0056", message);
            self.fault(error.with("reason", "timestamp expression cannot refer to any columns"));
        }
        Ok(Some(Box::new(time)))
    }

    /// `[AS] name [(columns)]`.
    pub(super) fn aliased(&mut self, input: Relation, default: Option<&str>) -> Result<Relation> {
        // `AS (a, b)`: the alias is called `AS`.
        let has_alias = if self.is("AS") && self.word_ahead(1) != "(" {
            self.advance();
            true
        } else {
            self.is_name() && !(self.kind() == TokenKind::Word && self.ends_relation())
        };
        let (name, columns) = if has_alias {
            let name = self.strict_name()?;
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
    pub(super) fn ends_relation(&self) -> bool {
        STRICT_WORDS.contains(&self.word()) || self.begins_clause() || self.begins_nearest(0)
    }

    /// `VALUES (1, 'a'), (2, 'b') [alias]`.
    pub(super) fn inline_table(&mut self) -> Result<Relation> {
        let start = self.start();
        self.expect("VALUES")?;
        let row = |p: &mut Self| -> Result<Vec<Expr>> {
            let expr = p.expression()?;
            Ok(match expr.node {
                ExprNode::Row(exprs) => exprs,
                // As in Spark, a struct is a row here.
                ExprNode::Function(function) if matches!(function.name.as_slice(), [name] if name.eq_ignore_ascii_case("struct")) => {
                    function.args
                }
                _ => vec![expr],
            })
        };
        let mut rows = vec![row(self)?];
        // `, VALUES …` begins another relation.
        while self.is(",") && !(self.word_ahead(1) == "VALUES" && self.is_value_ahead(2)) {
            self.advance();
            rows.push(row(self)?);
        }
        let n_columns = rows.first().map_or(0, Vec::len);
        if let Some(at) = rows.iter().position(|row| row.len() != n_columns) {
            let n_found = rows[at].len();
            let message = format!(
                "Invalid inline table. Inline table expected {n_columns} columns but found {n_found} \
                 columns in row {at}."
            );
            let condition = "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH";
            let error = error::at(&self.origin(start), condition, message);
            self.fault(
                error
                    .with("expectedNumCols", n_columns.to_string())
                    .with("actualNumCols", n_found.to_string())
                    .with("rowIndex", at.to_string()),
            );
        }
        let n_columns = rows.iter().map(Vec::len).min().unwrap_or(0);
        let table = self.aliased(RelationNode::InlineTable { rows }.into(), None)?;
        if let RelationNode::Alias { columns, .. } = table.node.as_ref()
            && !columns.is_empty()
            && columns.len() != n_columns
        {
            let (expected, found) = (columns.len(), n_columns);
            let message = format!(
                "Invalid inline table. Inline table expected {expected} columns but found {found} \
                 columns in row 0."
            );
            let condition = "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH";
            let error = error::at(&self.origin(start), condition, message)
                .with("expectedNumCols", expected.to_string())
                .with("actualNumCols", found.to_string())
                .with("rowIndex", "0");
            self.fault(error);
        }
        Ok(table)
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
            if self.take("ON") {
                self.plain_name()?;
                let mut what = "colname";
                while self.take(".") {
                    self.plain_name()?;
                }
                if self.take("(") {
                    self.expect(")")?;
                    what = "function";
                }
                let message = format!("TABLESAMPLE(BUCKET x OUT OF y ON {what}) is not supported.");
                let error = error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0015", message);
                self.fault(error);
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
                let size_start = self.start();
                let limit = self.expression()?;
                let size = self.text_from(size_start);
                if !self.take("ROWS") {
                    let is_length = size.len() > 1
                        && size.ends_with(['b', 'B', 'k', 'K', 'm', 'M', 'g', 'G'])
                        && size[..size.len() - 1].bytes().all(|byte| byte.is_ascii_digit());
                    let (condition, message) = if is_length {
                        let message = "TABLESAMPLE(byteLengthLiteral) is not supported.".to_owned();
                        ("_LEGACY_ERROR_TEMP_0015", message)
                    } else {
                        let message = format!(
                            "{size} is not a valid byte length literal, expected syntax: DIGIT+ ('B' | 'K' \
                             | 'M' | 'G')."
                        );
                        ("_LEGACY_ERROR_TEMP_0016", message)
                    };
                    let error = error::at(&self.origin(start), condition, message);
                    self.fault(error);
                }
                self.expect(")")?;
                self.sample_seed()?;
                return Ok(RelationNode::Limit { input, limit }.into());
            }
        };
        self.expect(")")?;
        let seed = self.sample_seed()?;
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

    /// `[REPEATABLE (seed)]`.
    fn sample_seed(&mut self) -> Result<Option<i64>> {
        if !self.take_all(&["REPEATABLE", "("]) {
            return Ok(None);
        }
        let seed = self.integer()?;
        self.expect(")")?;
        Ok(Some(seed))
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
