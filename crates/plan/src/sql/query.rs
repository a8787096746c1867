//! Queries: WITH, set operations, SELECT and its clauses, ORDER BY and LIMIT.

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{
    Aggregate, CommonTable, Expr, ExprNode, Grouping, Relation, RelationNode, SetOperation,
    SetOperator, SortOrder, With,
};
use firesteel_common::{Result, SparkError};

/// Binding of INTERSECT, of the other set operations, and of `|>`.
const INTERSECT_LEVEL: u8 = 2;
const UNION_LEVEL: u8 = 1;
const PIPE_LEVEL: u8 = 0;
const PIPES_ARE_OFF: &str = "Operator pipe SQL syntax using |>";

impl Parser<'_> {
    /// `[WITH …] term [ORDER BY … LIMIT …]`.
    pub(super) fn query(&mut self) -> Result<Relation> {
        self.nested(|p| {
            if !p.is("WITH") {
                return p.query_without_ctes();
            }
            let (tables, recursive) = p.common_tables()?;
            let input = p.query_without_ctes()?;
            Ok(RelationNode::With(With { input, tables, recursive }).into())
        })
    }

    pub(super) fn query_without_ctes(&mut self) -> Result<Relation> {
        let term = self.query_term(PIPE_LEVEL)?;
        self.organized(term)
    }

    /// After WITH: the named queries.
    pub(super) fn common_tables(&mut self) -> Result<(Vec<CommonTable>, bool)> {
        let start = self.start();
        self.expect("WITH")?;
        let recursive = self.is("RECURSIVE")
            && self.is_name_ahead(1)
            && (self.word_ahead(1) != "AS" || self.word_ahead(2) != "(");
        if recursive {
            self.advance();
        }
        let tables = self.list(|p| {
            let name = p.name()?;
            let columns =
                if p.is("(") && !p.is_query_paren() { p.name_list()? } else { Vec::new() };
            let mut recursion_levels_max = None;
            if p.take("MAX") {
                p.expect_all(&["RECURSION", "LEVEL"])?;
                recursion_levels_max = i32::try_from(p.integer()?).ok();
                if !recursive {
                    let what = "Cannot specify MAX RECURSION LEVEL when the CTE is not marked as RECURSIVE";
                    let error = error::not_allowed(&p.origin(start), what);
                    p.fault(error);
                }
            }
            p.take("AS");
            p.expect("(")?;
            let query = p.query()?;
            p.expect(")")?;
            Ok(CommonTable { name, columns, query, recursion_levels_max })
        })?;
        let duplicate = tables.iter().enumerate().find(|(at, table)| {
            tables[..*at].iter().any(|other| other.name.eq_ignore_ascii_case(&table.name))
        });
        if let Some((_, table)) = duplicate {
            let name = format!("`{}`", table.name.to_lowercase());
            let message = format!("CTE definition can't have duplicate names: {name}.");
            let error = error::at(&self.origin(start), "DUPLICATED_CTE_NAMES", message);
            self.fault(error.with("duplicateNames", name));
        }
        Ok((tables, recursive))
    }

    /// Set operations and pipes: INTERSECT binds tightest and `|>` loosest, all associate to the left.
    fn query_term(&mut self, level_min: u8) -> Result<Relation> {
        let mut left = self.query_primary()?;
        let mut length = 0;
        loop {
            if level_min == PIPE_LEVEL && self.is("|>") {
                if !self.dialect.pipes {
                    let origin = self.origin(self.start());
                    return Err(error::not_allowed(&origin, PIPES_ARE_OFF));
                }
                self.advance();
                length += 1;
                self.check_chain(length)?;
                left = self.pipe_operator(left)?;
                continue;
            }
            let (op, level) = match self.word() {
                "INTERSECT" if self.dialect.equal_set_operators => {
                    (SetOperator::Intersect, UNION_LEVEL)
                }
                "INTERSECT" => (SetOperator::Intersect, INTERSECT_LEVEL),
                "UNION" => (SetOperator::Union, UNION_LEVEL),
                "EXCEPT" | "MINUS" => (SetOperator::Except, UNION_LEVEL),
                _ => return Ok(left),
            };
            if level < level_min || self.kind() != TokenKind::Word {
                return Ok(left);
            }
            length += 1;
            self.check_chain(length)?;
            self.advance();
            let all = self.set_quantifier();
            let right = self.query_term(level + 1)?;
            left = set_operation(left, right, op, all);
        }
    }

    /// `[ALL | DISTINCT]`. BY NAME is for DataFrames only, Spark's SQL has no such set operation.
    pub(super) fn set_quantifier(&mut self) -> bool {
        self.take_one_of(&["ALL", "DISTINCT"]) == Some("ALL")
    }

    pub(super) fn query_primary(&mut self) -> Result<Relation> {
        let is_word = self.kind() == TokenKind::Word;
        match self.word() {
            "SELECT" if is_word => self.select(),
            "FROM" if is_word => self.from_first(),
            "VALUES" if is_word => self.inline_table(),
            "TABLE" if is_word => {
                self.advance();
                self.table_reference()
            }
            "(" => {
                self.advance();
                let query = self.query()?;
                self.expect(")")?;
                Ok(query)
            }
            "MAP" | "REDUCE" if is_word => self.script_transform(None),
            _ => Err(self.unexpected()),
        }
    }

    /// `FROM t SELECT …`; without SELECT only in pipe syntax: `FROM t |> …`.
    fn from_first(&mut self) -> Result<Relation> {
        let from = self.from_clause()?;
        let mut query: Option<Relation> = None;
        let mut length = 0;
        // Several SELECTs over one FROM are united; without any it is all of FROM.
        while self.is_one_of(&["SELECT", "MAP", "REDUCE"]) {
            length += 1;
            self.check_chain(length)?;
            let next = if self.is("SELECT") {
                self.select_from(Some(from.clone()))?
            } else {
                self.script_transform(Some(from.clone()))?
            };
            let next = self.organized(next)?;
            query = Some(match query {
                Some(query) => set_operation(query, next, SetOperator::Union, true),
                None => next,
            });
        }
        Ok(query.unwrap_or(from))
    }

    fn select(&mut self) -> Result<Relation> {
        self.select_from(None)
    }

    /// SELECT with its clauses. `from` is given where FROM came first.
    pub(super) fn select_from(&mut self, from: Option<Relation>) -> Result<Relation> {
        self.expect("SELECT")?;
        if self.is_script_transform() {
            return self.script_transform(from);
        }
        let hints = self.hints()?;
        let distinct = self.select_quantifier();
        let items = self.list(Self::named_expression)?;
        let mut input = match from {
            Some(from) => from,
            None if self.is("FROM") => self.from_clause()?,
            None => RelationNode::OneRow.into(),
        };
        input = self.lateral_views(input)?;
        if self.take("WHERE") {
            let condition = self.expression()?;
            input = RelationNode::Filter { input, condition }.into();
        }
        let grouping = self.group_by()?;
        let having = if self.take("HAVING") { Some(self.expression()?) } else { None };
        let qualify = if self.take("QUALIFY") { Some(self.expression()?) } else { None };
        let windows = if self.begins_window_clause() {
            self.advance();
            self.window_definitions()?
        } else {
            Vec::new()
        };
        let qualify = match qualify {
            None if self.take("QUALIFY") => Some(self.expression()?),
            qualify => qualify,
        };
        let mut query: Relation = match (grouping, &having) {
            (None, None) => RelationNode::Project { input, exprs: items }.into(),
            (grouping, _) => RelationNode::Aggregate(Aggregate {
                input,
                grouping: grouping.unwrap_or_else(|| Grouping::By(Vec::new())),
                aggregates: items,
                prepend_grouping: false,
                pivot: None,
            })
            .into(),
        };
        if let Some(condition) = having {
            query = RelationNode::Having { input: query, condition }.into();
        }
        if let Some(condition) = qualify {
            query = RelationNode::Qualify { input: query, condition }.into();
        }
        if distinct {
            query = deduplicated(query);
        }
        if !windows.is_empty() {
            query = RelationNode::WindowClause { input: query, windows }.into();
        }
        for (name, parameters) in hints.into_iter().rev() {
            query = RelationNode::Hint { input: query, name, parameters }.into();
        }
        Ok(query)
    }

    /// ALL or DISTINCT, unless it is a column of that name.
    pub(super) fn select_quantifier(&mut self) -> bool {
        let names_column = self.kind_ahead(1) == TokenKind::End
            || matches!(self.word_ahead(1), "," | "." | "FROM" | ")" | "AS" | ";");
        if names_column {
            return false;
        }
        self.take_one_of(&["ALL", "DISTINCT"]) == Some("DISTINCT")
    }

    pub(super) fn group_by(&mut self) -> Result<Option<Grouping>> {
        if !self.take_all(&["GROUP", "BY"]) {
            return Ok(None);
        }
        if self.is("ALL") && !matches!(self.word_ahead(1), "," | "." | "(" | "+" | "-" | "*" | "/")
        {
            self.advance();
            return Ok(Some(Grouping::All));
        }
        let elements = self.list(Self::grouping_element)?;
        let all_plain = elements.iter().all(|element| matches!(element, Grouping::By(_)));
        if !all_plain {
            let product = if elements.len() == 1 {
                elements.into_iter().next().unwrap_or(Grouping::All)
            } else {
                Grouping::Product(elements)
            };
            return Ok(Some(product));
        }
        let exprs: Vec<Expr> = elements.into_iter().flat_map(grouping_exprs).collect();
        Ok(Some(if self.take_all(&["WITH", "ROLLUP"]) {
            Grouping::Rollup(exprs)
        } else if self.take_all(&["WITH", "CUBE"]) {
            Grouping::Cube(exprs)
        } else if self.is_all(&["GROUPING", "SETS", "("]) {
            self.advance();
            self.advance();
            let sets = self.paren_list(Self::grouping_set)?;
            Grouping::Sets { exprs, sets }
        } else {
            Grouping::By(exprs)
        }))
    }

    /// One element of GROUP BY: an expression, ROLLUP, CUBE or GROUPING SETS.
    pub(super) fn grouping_element(&mut self) -> Result<Grouping> {
        let is_cube = self.is("CUBE");
        let is_empty = self.word_ahead(1) == "(" && self.word_ahead(2) == ")";
        if (is_cube || self.is("ROLLUP")) && self.word_ahead(1) == "(" && !is_empty {
            self.advance();
            let start = self.start();
            let units = self.paren_list(Self::grouping_set)?;
            if units.iter().any(Vec::is_empty) {
                let name = if is_cube { "CUBE" } else { "ROLLUP" };
                let message = format!("Empty set in {name} grouping sets is not supported.");
                let error = error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0051", message);
                self.fault(error.with("element", name));
            }
            return Ok(rollup_or_cube(units, is_cube));
        }
        if self.is_all(&["GROUPING", "SETS", "("]) {
            self.advance();
            self.advance();
            let elements = self.paren_list(|p| {
                let is_nested = (p.is_one_of(&["CUBE", "ROLLUP"]) && p.word_ahead(1) == "(")
                    || p.is_all(&["GROUPING", "SETS", "("]);
                if is_nested {
                    let element = p.nested(Self::grouping_element)?;
                    Ok(sets_of(element))
                } else {
                    Ok(vec![p.grouping_set()?])
                }
            })?;
            return Ok(sets(elements.into_iter().flatten().collect()));
        }
        Ok(Grouping::By(vec![self.expression()?]))
    }

    /// `(a, b)`, `()` or `a`.
    fn grouping_set(&mut self) -> Result<Vec<Expr>> {
        if self.take_all(&["(", ")"]) {
            return Ok(Vec::new());
        }
        let expr = self.expression()?;
        Ok(match expr.node {
            ExprNode::Row(exprs) => exprs,
            _ => vec![expr],
        })
    }

    fn combined_result_clauses(&self, start: usize) -> SparkError {
        let message = "The feature is not supported: Combination of ORDER BY/SORT BY/DISTRIBUTE BY/CLUSTER \
                       BY.";
        let condition = "UNSUPPORTED_FEATURE.COMBINATION_QUERY_RESULT_CLAUSES";
        error::at(&self.origin(start), condition, message)
    }

    /// ORDER BY, SORT BY, DISTRIBUTE BY, CLUSTER BY, WINDOW, LIMIT and OFFSET over a query.
    pub(super) fn organized(&mut self, query: Relation) -> Result<Relation> {
        let start = self.start();
        let mut query = query;
        let order = if self.is_all(&["ORDER", "BY", "ALL"]) && self.ends_order_by_all() {
            (0..3).for_each(|_| self.advance());
            let (ascending, nulls_first) = self.sort_direction()?;
            query = RelationNode::SortAll { input: query, ascending, nulls_first }.into();
            Vec::new()
        } else if self.take_all(&["ORDER", "BY"]) {
            self.sort_items()?
        } else {
            Vec::new()
        };
        let cluster =
            if self.take_all(&["CLUSTER", "BY"]) { self.expressions()? } else { Vec::new() };
        let distribute =
            if self.take_all(&["DISTRIBUTE", "BY"]) { self.expressions()? } else { Vec::new() };
        let sort = if self.take_all(&["SORT", "BY"]) { self.sort_items()? } else { Vec::new() };
        query = match (order.is_empty(), sort.is_empty(), distribute.is_empty(), cluster.is_empty())
        {
            (true, true, true, true) => query,
            (false, true, true, true) => {
                RelationNode::Sort { input: query, order, global: true }.into()
            }
            (true, false, true, true) => {
                RelationNode::Sort { input: query, order: sort, global: false }.into()
            }
            (true, true, false, true) => distributed(query, distribute),
            (true, false, false, true) => {
                let input = distributed(query, distribute);
                RelationNode::Sort { input, order: sort, global: false }.into()
            }
            (true, true, true, false) => {
                let order = cluster.iter().cloned().map(ascending).collect();
                let input = distributed(query, cluster);
                RelationNode::Sort { input, order, global: false }.into()
            }
            _ => {
                let error = self.combined_result_clauses(start);
                self.fault(error);
                query
            }
        };
        if self.begins_window_clause() {
            self.advance();
            let windows = self.window_definitions()?;
            query = RelationNode::WindowClause { input: query, windows }.into();
        }
        let limit =
            if self.take("LIMIT") && !self.take("ALL") { Some(self.expression()?) } else { None };
        if self.take("OFFSET") {
            let offset = self.expression()?;
            query = RelationNode::Offset { input: query, offset }.into();
        }
        if let Some(limit) = limit {
            query = RelationNode::Limit { input: query, limit }.into();
        }
        Ok(query)
    }

    fn ends_order_by_all(&self) -> bool {
        let ahead = 3;
        self.kind_ahead(ahead) == TokenKind::End
            || matches!(
                self.word_ahead(ahead),
                "ASC" | "DESC" | "NULLS" | "LIMIT" | "OFFSET" | ")" | ";" | "|>" | "WINDOW"
            )
    }

    pub(super) fn begins_window_clause(&self) -> bool {
        if !self.is("WINDOW") || !self.is_name_ahead(1) {
            return false;
        }
        let is_literal = self.word_ahead(1) == "IDENTIFIER" && self.word_ahead(2) == "(";
        self.word_ahead(if is_literal { 5 } else { 2 }) == "AS" || self.word_ahead(2) == "-"
    }

    /// Whether the word that is next begins a clause after a select list or a relation, so that it is
    /// no alias. Words that Spark also allows as an alias are told apart by what follows them.
    pub(super) fn begins_clause(&self) -> bool {
        if self.kind() != TokenKind::Word {
            return false;
        }
        let next = self.word_ahead(1);
        let next_kind = self.kind_ahead(1);
        let before_operand = !matches!(next, "," | ")" | ";" | "." | "=" | "AS" | "FROM")
            && next_kind != TokenKind::End;
        match self.word() {
            "WHERE" | "HAVING" | "QUALIFY" => before_operand,
            "GROUP" | "ORDER" | "SORT" | "CLUSTER" | "DISTRIBUTE" => next == "BY",
            "LIMIT" | "OFFSET" => before_operand,
            "WINDOW" => self.begins_window_clause(),
            "UNION" | "INTERSECT" | "EXCEPT" | "MINUS" => before_operand,
            "LATERAL" => next == "VIEW",
            "PIVOT" | "UNPIVOT" => next == "(" || matches!(next, "INCLUDE" | "EXCLUDE"),
            "TABLESAMPLE" => next == "(",
            "SELECT" | "INSERT" | "MAP" | "REDUCE" => before_operand,
            "SET" | "WHEN" => before_operand,
            "DO" => self.ends_at_do,
            _ => false,
        }
    }
}

fn ascending(child: Expr) -> SortOrder {
    SortOrder { child: Box::new(child), ascending: true, nulls_first: None }
}

fn distributed(input: Relation, exprs: Vec<Expr>) -> Relation {
    RelationNode::RepartitionByExpression { input, exprs, partitions: None }.into()
}

pub(super) fn deduplicated(input: Relation) -> Relation {
    let columns = Vec::new();
    RelationNode::Deduplicate { input, columns, all_columns: true, within_watermark: false }.into()
}

pub(super) fn set_operation(
    left: Relation,
    right: Relation,
    op: SetOperator,
    all: bool,
) -> Relation {
    let (by_name, allow_missing_columns) = (false, false);
    let set = SetOperation { left, right, op, all, by_name, allow_missing_columns };
    RelationNode::SetOperation(set).into()
}

fn grouping_exprs(grouping: Grouping) -> Vec<Expr> {
    match grouping {
        Grouping::By(exprs) => exprs,
        _ => Vec::new(),
    }
}

/// ROLLUP and CUBE over plain expressions keep their form; over composite units they become sets.
fn rollup_or_cube(units: Vec<Vec<Expr>>, is_cube: bool) -> Grouping {
    if units.iter().all(|unit| unit.len() == 1) {
        let exprs = units.into_iter().flatten().collect();
        return if is_cube { Grouping::Cube(exprs) } else { Grouping::Rollup(exprs) };
    }
    sets(sets_of_units(&units, is_cube))
}

/// Grouping sets of ROLLUP (all beginnings) or CUBE (all choices), the largest first.
fn sets_of_units(units: &[Vec<Expr>], is_cube: bool) -> Vec<Vec<Expr>> {
    let join = |units: Vec<&Vec<Expr>>| units.into_iter().flatten().cloned().collect();
    if !is_cube {
        return (0..=units.len()).rev().map(|n| join(units[..n].iter().collect())).collect();
    }
    // A cube of more units than this is refused by the resolver (GROUPING_SIZE_LIMIT_EXCEEDED).
    let n = units.len().min(12);
    (0..1_usize << n)
        .rev()
        .map(|mask| {
            let chosen = (0..n).filter(|at| mask >> (n - 1 - at) & 1 == 1).map(|at| &units[at]);
            join(chosen.collect())
        })
        .collect()
}

fn sets_of(grouping: Grouping) -> Vec<Vec<Expr>> {
    let single = |exprs: Vec<Expr>| exprs.into_iter().map(|expr| vec![expr]).collect::<Vec<_>>();
    match grouping {
        Grouping::By(exprs) => vec![exprs],
        Grouping::Rollup(exprs) => sets_of_units(&single(exprs), false),
        Grouping::Cube(exprs) => sets_of_units(&single(exprs), true),
        Grouping::Sets { sets, .. } => sets,
        Grouping::All | Grouping::Product(_) => Vec::new(),
    }
}

/// The expressions that are grouped by are those of the sets, each once, in order of appearance.
fn sets(sets: Vec<Vec<Expr>>) -> Grouping {
    let mut exprs: Vec<Expr> = Vec::new();
    for expr in sets.iter().flatten() {
        if !exprs.contains(expr) {
            exprs.push(expr.clone());
        }
    }
    Grouping::Sets { exprs, sets }
}
