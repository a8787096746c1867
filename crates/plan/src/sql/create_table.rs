//! CREATE TABLE and REPLACE TABLE, with the clauses that pipelines' tables share.

use super::error;
use super::parser::Parser;
use super::row_format::{FileFormat, RowFormat};
use crate::spec::{ColumnDefinition, Command, CreateTable, Expr, ExprNode, Layout, Name};
use firesteel_common::Result;
use firesteel_functions::collation::{Collation, with_collation};

/// Properties of a table that have a clause of their own, and what to do instead.
const RESERVED_PROPERTIES: &[(&str, &str)] = &[
    ("provider", "please use the USING clause to specify it"),
    ("location", "please use the LOCATION clause to specify it"),
    ("owner", "it will be set to the current user"),
    ("external", "please use CREATE EXTERNAL TABLE"),
    ("collation", "please use the DEFAULT COLLATION clause to specify it"),
    ("is_managed_location", "please remove it from the TBLPROPERTIES list."),
];

/// The clauses after a table's columns.
#[derive(Default)]
pub(super) struct TableClauses {
    seen: Vec<&'static str>,
    options: Vec<(String, String)>,
    partition_by: Vec<Expr>,
    partition_columns: Vec<ColumnDefinition>,
    layout: Layout,
    location: Option<String>,
    comment: Option<String>,
    properties: Vec<(String, String)>,
    rows: Option<RowFormat>,
    files: Option<FileFormat>,
    /// `DEFAULT COLLATION`, as Spark writes its name.
    collation: Option<String>,
}

impl TableClauses {
    pub(super) fn has(&self, clause: &str) -> bool {
        self.seen.contains(&clause)
    }
}

impl Parser<'_> {
    /// From TABLE on; the words before it are told by the arguments.
    pub(super) fn create_table(
        &mut self,
        replace: bool,
        is_temporary: bool,
        is_external: bool,
        start: usize,
    ) -> Result<Command> {
        self.expect("TABLE")?;
        let if_not_exists = !replace && self.if_not_exists()?;
        let name = self.identifier_reference()?;
        if self.is("LIKE") && self.is_name_ahead(1) && !replace && !is_temporary && !is_external {
            self.advance();
            let source = self.identifier_reference()?;
            return self.create_table_like(name, source, if_not_exists, start);
        }
        let (mut columns, mut has_constraint) = (Vec::new(), false);
        if self.is("(") && !self.is_query_paren() {
            self.advance();
            (columns, has_constraint) = self.table_elements()?;
            self.expect(")")?;
        }
        let format = self.table_provider()?;
        let clauses = self.table_clauses(start)?;
        let has_as = self.take("AS");
        let query =
            if has_as || !(self.is_end() || self.is(";")) { Some(self.query()?) } else { None };

        let formats = self.formats_described(&clauses);
        if format.is_some()
            && let Some(formats) = formats
        {
            let operation = format!("CREATE TABLE ... USING ... {formats}");
            let error = error::invalid_statement(&self.origin(start), &operation);
            self.statement_fault(error, start);
        }
        if is_temporary {
            self.temporary_table(
                format.is_some(),
                query.is_some(),
                if_not_exists,
                is_external,
                start,
            );
            return Ok(self.not_served("CREATE TEMPORARY TABLE"));
        }
        if query.is_some() {
            let what = if !columns.is_empty() {
                "Schema may not be specified in a Create Table As Select (CTAS) statement"
            } else if !clauses.partition_columns.is_empty() {
                "Partition column types may not be specified in Create Table As Select (CTAS)"
            } else if has_constraint {
                "Constraints may not be specified in a Create Table As Select (CTAS) statement"
            } else {
                ""
            };
            if !what.is_empty() {
                let error = error::not_allowed(
                    &self.origin(start),
                    &what.replace(
                        "Create Table As Select (CTAS)",
                        if replace {
                            "Replace Table As Select (RTAS)"
                        } else {
                            "Create Table As Select (CTAS)"
                        },
                    ),
                );
                self.statement_fault(error, start);
            }
        }
        if has_constraint {
            return Ok(self.not_served("CREATE TABLE with constraints"));
        }
        if clauses.collation.is_some() && query.is_some() {
            return Ok(self.not_served("CREATE TABLE … DEFAULT COLLATION … AS"));
        }
        let format = match (&clauses.rows, &clauses.files) {
            (None, None) => format,
            (None, Some(FileFormat::Named(name)))
                if matches!(name.as_str(), "parquet" | "orc" | "avro") =>
            {
                Some(name.clone())
            }
            (Some(_), _) => return Ok(self.not_served("CREATE TABLE … ROW FORMAT")),
            (None, Some(_)) => return Ok(self.not_served("CREATE TABLE … STORED AS")),
        };
        columns.extend(clauses.partition_columns);
        let mut properties = clauses.properties;
        if let Some(collation) = clauses.collation {
            for column in &mut columns {
                column.data_type = with_collation(&column.data_type, &collation);
            }
            // A name that users cannot give a property.
            properties.push(("collation".to_owned(), collation));
        }
        Ok(Command::CreateTable(CreateTable {
            name,
            columns,
            format,
            options: clauses.options,
            partition_by: clauses.partition_by,
            layout: clauses.layout,
            location: clauses.location,
            comment: clauses.comment,
            properties,
            query,
            if_not_exists,
            replace,
        }))
    }

    /// `[USING format]`.
    pub(super) fn table_provider(&mut self) -> Result<Option<String>> {
        if !self.take("USING") {
            return Ok(None);
        }
        Ok(Some(self.multipart_name()?.join(".")))
    }

    /// What is wrong with a temporary table, which is a view of a source in truth.
    fn temporary_table(
        &mut self,
        has_format: bool,
        has_query: bool,
        if_not_exists: bool,
        is_external: bool,
        start: usize,
    ) {
        let origin = self.origin(start);
        let error = if has_query {
            let what = "CREATE TEMPORARY TABLE ... AS ..., use CREATE TEMPORARY VIEW instead";
            error::not_allowed(&origin, what)
        } else if is_external {
            error::invalid_statement(&origin, "CREATE EXTERNAL TABLE ... USING")
        } else if if_not_exists {
            error::invalid_statement(&origin, "CREATE TEMPORARY TABLE IF NOT EXISTS")
        } else if !has_format {
            let message = "CREATE TEMPORARY TABLE without a provider is not allowed.";
            error::at(&origin, "_LEGACY_ERROR_TEMP_0046", message)
        } else {
            return;
        };
        self.statement_fault(error, start);
    }

    /// How an error names the formats of Hive that a table has.
    fn formats_described(&self, clauses: &TableClauses) -> Option<String> {
        let files = clauses.files.as_ref().map(|files| match files {
            FileFormat::Named(name) => format!("STORED AS {name}"),
            FileFormat::Classes => "STORED AS INPUTFORMAT OUTPUTFORMAT".to_owned(),
            FileFormat::Handler => "STORED BY".to_owned(),
        });
        let rows = clauses.rows.map(|rows| match rows {
            RowFormat::Serde => "ROW FORMAT SERDE",
            RowFormat::Delimited => "ROW FORMAT DELIMITED",
        });
        match (files, rows) {
            (Some(files), Some(rows)) => Some(format!("{rows} {files}")),
            (files, rows) => files.or_else(|| rows.map(str::to_owned)),
        }
    }

    /// Clauses in any order, each at most once.
    pub(super) fn table_clauses(&mut self, start: usize) -> Result<TableClauses> {
        let mut clauses = TableClauses::default();
        loop {
            let next = self.word_ahead(1);
            let clause = match self.word() {
                "OPTIONS" => {
                    self.advance();
                    clauses.options.extend(self.option_list()?);
                    "OPTIONS"
                }
                "PARTITIONED" => {
                    self.expect_all(&["PARTITIONED", "BY"])?;
                    self.partition_fields(&mut clauses, start)?;
                    "PARTITIONED BY"
                }
                "LOCATION" => {
                    self.advance();
                    clauses.location = Some(self.string()?);
                    "LOCATION"
                }
                "COMMENT" => {
                    self.advance();
                    clauses.comment = Some(self.string()?);
                    "COMMENT"
                }
                "TBLPROPERTIES" => {
                    self.advance();
                    let properties = self.property_list_with_values()?;
                    self.check_reserved(&properties, start);
                    clauses.properties.extend(properties);
                    "TBLPROPERTIES"
                }
                "STORED" => {
                    clauses.files = Some(self.file_format()?);
                    "STORED AS/BY"
                }
                "ROW" => {
                    clauses.rows = Some(self.row_format()?);
                    "ROW FORMAT"
                }
                "SKEWED" => {
                    self.skew()?;
                    let error =
                        error::invalid_statement(&self.origin(start), "CREATE TABLE ... SKEWED BY");
                    self.statement_fault(error, start);
                    continue;
                }
                "CLUSTERED" => {
                    self.expect_all(&["CLUSTERED", "BY"])?;
                    self.buckets(&mut clauses.layout)?;
                    "CLUSTERED BY"
                }
                "CLUSTER" if next == "BY" => {
                    self.expect_all(&["CLUSTER", "BY"])?;
                    let names = self.paren_list(Self::multipart_name)?;
                    clauses.layout.cluster_by =
                        names.into_iter().map(|name| name.join(".")).collect();
                    "CLUSTER BY"
                }
                "DEFAULT" => {
                    self.expect_all(&["DEFAULT", "COLLATION"])?;
                    let name = self.plain_name()?;
                    clauses.collation = Some(Collation::parse(&name)?.name());
                    "DEFAULT COLLATION"
                }
                _ => break,
            };
            self.clause_once(&mut clauses.seen, clause, start);
        }
        self.check_formats(clauses.rows, clauses.files.as_ref(), start);
        if clauses.has("CLUSTER BY") {
            let (condition, other) = if clauses.has("PARTITIONED BY") {
                ("SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED", "PARTITIONED BY")
            } else if clauses.has("CLUSTERED BY") {
                ("SPECIFY_CLUSTER_BY_WITH_BUCKETING_IS_NOT_ALLOWED", "CLUSTERED BY INTO BUCKETS")
            } else {
                return Ok(clauses);
            };
            let message = format!("Cannot specify both CLUSTER BY and {other}.");
            let error = error::at(&self.origin(start), condition, message);
            self.statement_fault(error, start);
        }
        Ok(clauses)
    }

    /// Notes a fault if a statement has `clause` for the second time.
    pub(super) fn clause_once(
        &mut self,
        seen: &mut Vec<&'static str>,
        clause: &'static str,
        start: usize,
    ) {
        if seen.contains(&clause) {
            let error = error::duplicate_clauses(&self.origin(start), clause);
            self.statement_fault(error, start);
        }
        seen.push(clause);
    }

    /// Properties that a table may not be given as such.
    fn check_reserved(&mut self, properties: &[(String, String)], start: usize) {
        let found = properties
            .iter()
            .find_map(|(key, _)| RESERVED_PROPERTIES.iter().find(|(reserved, _)| reserved == key));
        let Some((key, hint)) = found else { return };
        let message =
            format!("The feature is not supported: {key} is a reserved table property, {hint}.");
        let condition = "UNSUPPORTED_FEATURE.SET_TABLE_PROPERTY";
        let error = error::at(&self.origin(start), condition, message);
        self.statement_fault(error.with("property", *key).with("msg", *hint), start);
    }

    /// After `CLUSTERED BY`: `(a, b) [SORTED BY (c [ASC])] INTO n BUCKETS`.
    fn buckets(&mut self, layout: &mut Layout) -> Result<()> {
        let start = self.start();
        let columns = self.name_list()?;
        if self.take("SORTED") {
            self.expect("BY")?;
            layout.sort_by = self.paren_list(|p| {
                let name = p.name()?;
                if p.take_one_of(&["ASC", "DESC"]) == Some("DESC") {
                    let error = error::not_allowed(
                        &p.origin(start),
                        "Column ordering must be ASC, was 'DESC'",
                    );
                    p.fault(error);
                }
                Ok(name)
            })?;
        }
        self.expect("INTO")?;
        let n = self.integer()?;
        self.expect("BUCKETS")?;
        layout.bucket_by = Some((u32::try_from(n).unwrap_or_default(), columns));
        Ok(())
    }

    /// `SKEWED BY (a) ON ((1), (2)) [STORED AS DIRECTORIES]`.
    fn skew(&mut self) -> Result<()> {
        self.expect_all(&["SKEWED", "BY"])?;
        self.name_list()?;
        self.expect("ON")?;
        self.paren_list(|p| {
            if p.is("(") {
                p.paren_list(Self::constant).map(|_| ())
            } else {
                p.constant().map(|_| ())
            }
        })?;
        if self.is_all(&["STORED", "AS", "DIRECTORIES"]) {
            (0..3).for_each(|_| self.advance());
        }
        Ok(())
    }

    /// `(a, years(b))`, or in Hive's manner `(a INT)`, which adds the column to the table.
    fn partition_fields(&mut self, clauses: &mut TableClauses, start: usize) -> Result<()> {
        let mut has_expression = false;
        let mut typed = Vec::new();
        let fields = self.paren_list(|p| {
            let has_type = p.is_name() && !matches!(p.word_ahead(1), "," | ")" | "." | "(" | "-");
            if has_type {
                let column = p.partition_column()?;
                let name = Expr::attribute([column.name.clone()]);
                typed.push(column);
                return Ok(name);
            }
            has_expression = true;
            p.transform()
        })?;
        if has_expression && !typed.is_empty() {
            let what = "PARTITION BY: Cannot mix partition expressions and partition columns";
            let error = error::not_allowed(&self.origin(start), what);
            self.statement_fault(error, start);
        }
        clauses.partition_columns.extend(typed);
        clauses.partition_by.extend(fields);
        Ok(())
    }

    /// `name type [NOT NULL] [COMMENT '…']`.
    fn partition_column(&mut self) -> Result<ColumnDefinition> {
        let mut column = self.plain_column()?;
        if self.is_one_of(&["NOT", "!"]) {
            self.not()?;
            self.expect("NULL")?;
            column.nullable = false;
        }
        if self.take("COMMENT") {
            column.comment = Some(self.string()?);
        }
        Ok(column)
    }

    /// `a.b`, or a function of columns and constants: `bucket(4, a)`.
    fn transform(&mut self) -> Result<Expr> {
        let start = self.start();
        if self.is_name() && self.word_ahead(1) == "(" && !self.is_identifier_literal() {
            let name = self.plain_name()?;
            let args = self.paren_list(|p| {
                let is_column = p.is_name()
                    && !matches!(p.word(), "NULL" | "TRUE" | "FALSE")
                    && p.kind_ahead(1) != super::token::TokenKind::String
                    && !p.is_interval();
                if is_column { p.qualified_column() } else { p.constant() }
            })?;
            return Ok(self.call(&name, args, start));
        }
        self.qualified_column()
    }

    /// `a.b.c`, a column.
    fn qualified_column(&mut self) -> Result<Expr> {
        let start = self.start();
        let mut name = vec![self.plain_name()?];
        while self.take(".") {
            name.push(self.plain_name()?);
        }
        let node = ExprNode::Attribute { name, plan_id: None, is_metadata_column: false };
        Ok(self.expr(node, start))
    }

    /// After `CREATE TABLE name LIKE source`.
    fn create_table_like(
        &mut self,
        name: Name,
        source: Name,
        if_not_exists: bool,
        start: usize,
    ) -> Result<Command> {
        let (mut format, mut location, mut properties) = (None, None, Vec::new());
        let (mut rows, mut files) = (None, None);
        let mut seen = Vec::new();
        loop {
            let clause = match self.word() {
                "USING" => {
                    format = self.table_provider()?;
                    "PROVIDER"
                }
                "LOCATION" => {
                    self.advance();
                    location = Some(self.string()?);
                    "LOCATION"
                }
                "TBLPROPERTIES" => {
                    self.advance();
                    properties = self.property_list_with_values()?;
                    self.check_reserved(&properties, start);
                    "TBLPROPERTIES"
                }
                "ROW" => {
                    rows = Some(self.row_format()?);
                    "ROW FORMAT"
                }
                "STORED" => {
                    files = Some(self.file_format()?);
                    "STORED AS/BY"
                }
                _ => break,
            };
            self.clause_once(&mut seen, clause, start);
        }
        self.check_formats(rows, files.as_ref(), start);
        let origin = self.origin(start);
        if format.is_some() && (rows.is_some() || files.is_some()) {
            self.statement_fault(
                error::invalid_statement(&origin, "CREATE TABLE LIKE ... USING ..."),
                start,
            );
        }
        if rows == Some(RowFormat::Serde) && files.is_none() {
            let message = "'ROW FORMAT' must be used with 'STORED AS'.";
            self.statement_fault(error::at(&origin, "_LEGACY_ERROR_TEMP_0049", message), start);
        }
        if rows.is_some() || files.is_some() {
            return Ok(self.not_served("CREATE TABLE … LIKE … STORED AS"));
        }
        Ok(Command::CreateTableLike { name, source, if_not_exists, format, location, properties })
    }
}
