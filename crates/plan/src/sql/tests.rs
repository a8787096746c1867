//! Whole texts: what is accepted, what is refused, and what comes out.
//!
//! Which texts Spark 4.2 accepts was asked of Spark itself, and so were the error conditions.

use super::*;
use crate::spec::*;
use firesteel_common::SparkError;

/// An expression in a compact form: calls as `f(a, b)`, columns as they are.
fn show(expr: &Expr) -> String {
    let list = |exprs: &[Expr]| exprs.iter().map(show).collect::<Vec<_>>().join(", ");
    let order = |order: &[SortOrder]| {
        let item = |item: &SortOrder| {
            let direction = if item.ascending { "asc" } else { "desc" };
            let nulls = match item.nulls_first {
                Some(true) => " first",
                Some(false) => " last",
                None => "",
            };
            format!("{} {direction}{nulls}", show(&item.child))
        };
        order.iter().map(item).collect::<Vec<_>>().join(", ")
    };
    match &expr.node {
        ExprNode::Literal(Literal::Integer(value)) => value.to_string(),
        ExprNode::Literal(Literal::String(value)) => format!("{value:?}"),
        ExprNode::Literal(Literal::Boolean(value)) => value.to_string(),
        ExprNode::Literal(Literal::Null(_)) => "null".into(),
        ExprNode::Literal(other) => format!("{other:?}"),
        ExprNode::Attribute { name, .. } => name.join("."),
        ExprNode::Star { target, except, .. } => {
            let target = target.as_ref().map(|name| name.join(".") + ".").unwrap_or_default();
            let except: Vec<_> = except.iter().map(|name| name.join(".")).collect();
            if except.is_empty() { format!("{target}*") } else { format!("{target}*-{except:?}") }
        }
        ExprNode::Function(function) => {
            let distinct = if function.distinct { "distinct " } else { "" };
            let mut out =
                format!("{}({distinct}{})", function.name.join("."), list(&function.args));
            if !function.within_group.is_empty() {
                out += &format!(" within[{}]", order(&function.within_group));
            }
            if let Some(filter) = &function.filter {
                out += &format!(" filter[{}]", show(filter));
            }
            match function.ignore_nulls {
                Some(true) => out += " ignore nulls",
                Some(false) => out += " respect nulls",
                None => {}
            }
            out
        }
        ExprNode::Cast { expr, to, mode } => {
            format!("{mode:?}({} as {})", show(expr), to.simple_string())
        }
        ExprNode::Alias { expr, names, .. } => format!("{} as {}", show(expr), names.join(",")),
        ExprNode::Lambda { body, params } => format!("{params:?}->{}", show(body)),
        ExprNode::Window(window) => {
            let mut out = format!("{} over(", show(&window.function));
            out += &window.reference.clone().unwrap_or_default();
            out += &format!("{}; {}", list(&window.partition_by), order(&window.order_by));
            if let Some(frame) = &window.frame {
                let bound = |bound: &FrameBound| match bound {
                    FrameBound::Value(value) => show(value),
                    other => format!("{other:?}"),
                };
                let unit = if frame.rows { "rows" } else { "range" };
                out += &format!("; {unit} {} {}", bound(&frame.lower), bound(&frame.upper));
            }
            out + ")"
        }
        ExprNode::ExtractValue { child, key } => format!("{}[{}]", show(child), show(key)),
        ExprNode::Subquery(subquery) => match &subquery.kind {
            SubqueryKind::Scalar => "scalar".into(),
            SubqueryKind::Exists => "exists".into(),
            SubqueryKind::In { values, negated } => {
                format!("{}[{}]", if *negated { "not in" } else { "in" }, list(values))
            }
            SubqueryKind::Table { .. } => "table".into(),
        },
        ExprNode::Named { name, value } => format!("{name}=>{}", show(value)),
        ExprNode::Row(exprs) => format!("row({})", list(exprs)),
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn check(text: &str, expect: &str) {
    match parse_expression(text) {
        Ok(expr) => assert_eq!(show(&expr), expect, "{text}"),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[track_caller]
fn relation(text: &str) -> Relation {
    match parse_statement(text) {
        Ok(Plan::Query(relation)) => relation,
        other => panic!("{text}: {other:?}"),
    }
}

#[track_caller]
fn command(text: &str) -> Command {
    match parse_statement(text) {
        Ok(Plan::Command(command)) => command,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn precedence() {
    check("a = 1 = 2 IS NULL", "isnull(=(=(a, 1), 2))");
    check("a + 1 IS NOT NULL", "isnotnull(+(a, 1))");
    check("NOT a = b AND c OR d", "or(and(not(=(a, b)), c), d)");
    check("a || b <> c", "not(=(concat(a, b), c))");
    check("- a * b - -5", "-(*(-(a), b), -5)");
    check("a & b | c ^ d << e", "|(&(a, b), ^(c, <<(d, e)))");
    check("a + b || c - d", "-(concat(+(a, b), c), d)");
    check("a * b DIV c % d", "%(div(*(a, b), c), d)");
    check("~ a + b", "+(~(a), b)");
    check("- a::int", "-(Session(a as int))");
    check("-1::int", "Session(-1 as int)");
    check("a BETWEEN b AND c AND d", "and(between(a, b, c), d)");
    check("a LIKE b || c OR d", "or(like(a, concat(b, c)), d)");
    check("1 -1", "-(1, 1)");
    check("a <= b == c", "=(<=(a, b), c)");
}

#[test]
fn predicates() {
    check("a NOT BETWEEN 1 AND 2", "not(between(a, 1, 2))");
    check("a NOT IN (1, 2)", "not(in(a, 1, 2))");
    check("(a, b) IN (SELECT 1, 2)", "in[a, b]");
    check("a NOT IN (SELECT 1)", "not in[a]");
    check("a IN ((SELECT 1))", "in(a, scalar)");
    check("a LIKE 'x' ESCAPE '!'", "like(a, \"x\", \"!\")");
    check("a LIKE ANY (b, 'y')", "or(like(a, b), like(a, \"y\"))");
    check("a NOT ILIKE ALL ('X', b)", "and(not(ilike(a, \"X\")), not(ilike(a, b)))");
    check("a LIKE ANY ('x', 'y')", "likeany(a, \"x\", \"y\")");
    check("a NOT ILIKE ALL ('X')", "notlikeall(lower(a), \"x\")");
    check("a REGEXP 'x'", "rlike(a, \"x\")");
    check("a IS NOT TRUE", "not(<=>(a, true))");
    check("a IS UNKNOWN", "isnull(a)");
    check("a IS DISTINCT FROM b", "not(<=>(a, b))");
    check("a IS NOT DISTINCT FROM b", "<=>(a, b)");
    check("exists(SELECT 1)", "exists");
    check("exists(a, x -> x)", "exists(a, [\"x\"]->x)");
}

#[test]
fn primaries() {
    check("CASE a WHEN 1 THEN b ELSE c END", "when(=(a, 1), b, c)");
    check("CASE WHEN a THEN b END", "when(a, b)");
    check("a.b.c[0].d", "a.b.c[0][\"d\"]");
    check("f(a).b", "f(a)[\"b\"]");
    check("a:b.c[0]::int", "Session(variant_get(a, \"$.b.c[0]\", \"variant\") as c as int)");
    check("t.* EXCEPT (a, b.c)", "t.*-[\"a\", \"b.c\"]");
    check("count(DISTINCT a, b) FILTER (WHERE c)", "count(distinct a, b) filter[c]");
    check("f(x => 1, 2)", "f(x=>1, 2)");
    check("(a, b AS c)", "row(a, b as c)");
    check("((a))", "a");
    check("first(a IGNORE NULLS)", "first(a) ignore nulls");
    check(
        "p(0.5) WITHIN GROUP (ORDER BY a DESC NULLS FIRST)",
        "p(Decimal { value: 5, precision: 1, scale: 1 }) within[a desc first]",
    );
    check(
        "sum(a) OVER (PARTITION BY b ORDER BY c ROWS 2 PRECEDING)",
        "sum(a) over(b; c asc; rows negative(2) CurrentRow)",
    );
    check("sum(a) OVER w", "sum(a) over(w; )");
    check("trim(LEADING 'x' FROM a)", "ltrim(\"x\", a)");
    check("substring(a FROM 1 FOR 2)", "substring(a, 1, 2)");
    check("position('a' IN b)", "locate(\"a\", b, 1)");
    check("extract(YEAR FROM a)", "extract(\"YEAR\", a)");
    check("dateadd(DAY, 1, a)", "timestampadd(\"DAY\", 1, a)");
    check("dateadd(a, 1)", "dateadd(a, 1)");
    check("current_date", "current_date()");
    check("user", "user");
    check("DATE'1970-01-02'", "Date(1)");
    check("TIMESTAMP'2020-01-01'", "Ansi(\"2020-01-01\" as timestamp)");
    check("INTERVAL '1-2' YEAR TO MONTH", "YearMonthInterval { months: 14, start: 0, end: 1 }");
    check("INTERVAL 1 DAY 2 HOURS", "DayTimeInterval { micros: 93600000000, start: 0, end: 1 }");
    check("INTERVAL -'1.5' SECOND", "DayTimeInterval { micros: -1500000, start: 3, end: 3 }");
    check("interval + 1", "+(interval, 1)");
    check("a AS b", "a as b");
    check("f(a) (x, y)", "f(a) as x,y");
    check("select", "select");
}

/// A relation by its nodes' names, the outermost first.
fn nodes(text: &str) -> String {
    fn walk(relation: &Relation, out: &mut Vec<String>) {
        use RelationNode::*;
        let debug = format!("{:?}", relation.node);
        let name = debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        out.push(name.to_owned());
        match relation.node.as_ref() {
            Project { input, .. }
            | Filter { input, .. }
            | Having { input, .. }
            | Qualify { input, .. }
            | Sort { input, .. }
            | SortAll { input, .. }
            | Limit { input, .. }
            | Offset { input, .. }
            | WindowClause { input, .. }
            | Deduplicate { input, .. }
            | Hint { input, .. }
            | RepartitionByExpression { input, .. }
            | Alias { input, .. } => walk(input, out),
            Aggregate(aggregate) => walk(&aggregate.input, out),
            Sample(sample) => walk(&sample.input, out),
            LateralView(view) => walk(&view.input, out),
            Pivot(pivot) => walk(&pivot.input, out),
            Unpivot(unpivot) => walk(&unpivot.input, out),
            With(with) => walk(&with.input, out),
            Join(join) => {
                out.push(format!("{:?}", join.join_type));
                walk(&join.left, out);
                walk(&join.right, out);
            }
            SetOperation(set) => {
                out.push(format!("{:?}{}", set.op, if set.all { "All" } else { "" }));
                walk(&set.left, out);
                walk(&set.right, out);
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(&relation(text), &mut out);
    out.join(" ")
}

#[test]
fn queries() {
    let cases = [
        ("SELECT 1", "Project OneRow"),
        ("SELECT DISTINCT a FROM t WHERE b", "Deduplicate Project Filter NamedTable"),
        ("SELECT a FROM t GROUP BY a HAVING b", "Having Aggregate NamedTable"),
        ("SELECT count(*) FROM t", "Project NamedTable"),
        ("SELECT count(*) FROM t HAVING a", "Having Aggregate NamedTable"),
        ("SELECT a FROM t QUALIFY b", "Qualify Project NamedTable"),
        ("SELECT a FROM t ORDER BY a LIMIT 1 OFFSET 2", "Limit Offset Sort Project NamedTable"),
        ("SELECT a FROM t CLUSTER BY b", "Sort RepartitionByExpression Project NamedTable"),
        ("SELECT a FROM (SELECT b) LIMIT 5", "Limit Project Alias Project OneRow"),
        ("SELECT /*+ BROADCAST(t), X */ a FROM t", "Hint Hint Project NamedTable"),
        (
            "SELECT a FROM t, u JOIN v ON b",
            "Project Join Inner NamedTable Join Inner NamedTable NamedTable",
        ),
        (
            "SELECT a FROM t LEFT ANTI JOIN u USING (x)",
            "Project Join LeftAnti NamedTable NamedTable",
        ),
        (
            "TABLE a UNION TABLE b INTERSECT TABLE c EXCEPT ALL TABLE d",
            "SetOperation ExceptAll SetOperation Union NamedTable SetOperation Intersect NamedTable NamedTable NamedTable",
        ),
        ("WITH a AS (SELECT 1) TABLE a ORDER BY 1", "With Sort NamedTable"),
        ("SELECT a FROM t LATERAL VIEW explode(b) x AS c", "Project LateralView NamedTable"),
        ("SELECT * FROM t TABLESAMPLE (10 PERCENT) s", "Project Alias Sample NamedTable"),
        ("SELECT * FROM t PIVOT (sum(a) FOR b IN (1))", "Project Pivot NamedTable"),
        ("SELECT * FROM range(3) r(x)", "Project Alias TableFunction"),
        ("SELECT * FROM csv.`/x.csv`", "Project DataSource"),
        ("FROM t |> WHERE a |> SELECT b", "Project Filter NamedTable"),
        ("SELECT a FROM t WINDOW w AS (ORDER BY b)", "WindowClause Project NamedTable"),
        ("((SELECT 1))", "Project OneRow"),
        (
            "SELECT * FROM (VALUES (1) a JOIN VALUES (2) b)",
            "Project Join Inner Alias InlineTable Alias InlineTable",
        ),
        ("SELECT 1 FROM", "Project OneRow"),
    ];
    for (text, expect) in cases {
        assert_eq!(nodes(text), expect, "{text}");
    }
}

#[test]
fn groupings() {
    let grouping =
        |clause: &str| match *relation(&format!("SELECT 1 FROM t GROUP BY {clause}")).node {
            RelationNode::Aggregate(aggregate) => aggregate.grouping,
            other => panic!("{other:?}"),
        };
    let shown = |sets: &[Vec<Expr>]| {
        sets.iter()
            .map(|set| set.iter().map(show).collect::<String>())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(matches!(grouping("ALL"), Grouping::All));
    assert!(matches!(grouping("a, b"), Grouping::By(exprs) if exprs.len() == 2));
    assert!(matches!(grouping("a, b WITH ROLLUP"), Grouping::Rollup(exprs) if exprs.len() == 2));
    assert!(matches!(grouping("a, CUBE (b, c)"), Grouping::Product(parts) if parts.len() == 2));
    let Grouping::Sets { exprs, sets } = grouping("ROLLUP ((a, b), c)") else { panic!() };
    assert_eq!((exprs.len(), shown(&sets).as_str()), (3, "abc ab "));
    let Grouping::Sets { sets, .. } = grouping("GROUPING SETS ((a, b), CUBE (c, d), ())") else {
        panic!()
    };
    assert_eq!(shown(&sets), "ab cd c d  ");
}

#[test]
fn statements() {
    assert!(matches!(command("USE DATABASE a"), Command::UseDatabase { name } if name == ["a"]));
    assert!(matches!(command("SHOW TABLES IN a LIKE 'x*'"),
        Command::ShowTables { database: Some(_), pattern: Some(p), extended: false } if p == "x*"));
    assert!(
        matches!(command("SET a.b = it's"), Command::Set { value: Some(v), .. } if v == "it's")
    );
    assert!(
        matches!(command("SET a.b=c d;"), Command::Set { key: Some(k), value: Some(v), .. } if k == "a.b" && v == "c d")
    );
    assert!(
        matches!(command("SET `a b`=`c;d`"), Command::Set { key: Some(k), value: Some(v), .. } if k == "a b" && v == "c;d")
    );
    assert!(matches!(
        command("EXPLAIN EXTENDED SELECT 1"),
        Command::Explain { mode: ExplainMode::Extended, .. }
    ));
    assert!(matches!(command("DESC SELECT 1"), Command::DescribeQuery { .. }));
    assert!(matches!(command("DESC t a"), Command::DescribeTable { column: Some(_), .. }));
    let Command::CreateView(view) = command("CREATE OR REPLACE TEMP VIEW v (a) AS SELECT 1 -- x")
    else {
        panic!()
    };
    assert_eq!(
        (view.kind, view.replace, view.text.as_deref()),
        (ViewKind::Temporary, true, Some("SELECT 1"))
    );
    let Command::CreateTable(table) = command(
        "CREATE TABLE t (a INT DEFAULT 1 + 1) USING csv OPTIONS (x = 1) PARTITIONED BY (a)",
    ) else {
        panic!()
    };
    assert_eq!(table.columns[0].default.as_deref(), Some("1 + 1"));
    assert_eq!(
        (table.format.as_deref(), table.partition_by.len(), table.query.is_some()),
        (Some("csv"), 1, false)
    );
    let Command::CreateTable(table) = command("CREATE TABLE t USING csv AS SELECT 1") else {
        panic!()
    };
    assert!(table.query.is_some());
    let Command::Insert(insert) =
        command("WITH a AS (SELECT 1) INSERT OVERWRITE t PARTITION (p = 1) (b) TABLE a")
    else {
        panic!()
    };
    assert_eq!((insert.overwrite, insert.partition.len(), insert.columns.len()), (true, 1, 1));
    assert!(matches!(
        command("MERGE INTO t USING s ON a WHEN MATCHED THEN DELETE"),
        Command::RowLevel { operation: "MERGE INTO TABLE", .. }
    ));
}

#[test]
fn types_and_schemas() {
    let shown = |text| parse_type(text).map(|found| found.simple_string());
    assert_eq!(shown("map<string,array<array<int>>>").unwrap(), "map<string,array<array<int>>>");
    assert_eq!(
        shown("struct<a: int, `b c` decimal(5)>").unwrap(),
        "struct<a:int,b c:decimal(5,0)>"
    );
    assert_eq!(shown("timestamp without time zone").unwrap(), "timestamp_ntz");
    assert_eq!(shown("interval day to second").unwrap(), "interval day to second");
    assert_eq!(shown("string collate utf8_lcase").unwrap(), "string collate UTF8_LCASE");
    let schema = parse_schema("a INT NOT NULL COMMENT 'x', `b c` STRING").unwrap();
    assert_eq!(schema.to_ddl(), "a INT NOT NULL COMMENT 'x',`b c` STRING");
    assert_eq!(parse_name("a.`b``.c`.d").unwrap(), ["a", "b`.c", "d"]);
}

#[test]
fn refusals() {
    let condition =
        |result: Result<Plan>| result.err().map(|error: SparkError| error.condition().to_owned());
    let cases = [
        ("", "PARSE_EMPTY_STATEMENT"),
        ("SELECT a FROM t WHERE a =", "PARSE_SYNTAX_ERROR"),
        ("SELECT a,, b", "PARSE_SYNTAX_ERROR"),
        ("SELECT 1 UNION BY NAME SELECT 2", "PARSE_SYNTAX_ERROR"),
        ("SELECT a AS 'b'", "PARSE_SYNTAX_ERROR"),
        ("SELECT a at time zone 'UTC'", "PARSE_SYNTAX_ERROR"),
        ("SELECT f(a", "PARSE_SYNTAX_ERROR"),
        ("SELECT 'abc", "PARSE_SYNTAX_ERROR"),
        ("SELECT 1 /* x", "UNCLOSED_BRACKETED_COMMENT"),
        ("SELECT é", "INVALID_IDENTIFIER"),
        ("SELECT a FROM t-u", "INVALID_IDENTIFIER"),
        ("SELECT CAST(a AS foo)", "UNSUPPORTED_DATATYPE"),
        ("SELECT 300Y", "INVALID_NUMERIC_LITERAL_RANGE"),
        ("SELECT DATE'2021-02-29'", "INVALID_TYPED_LITERAL"),
        ("SELECT FOO'x'", "UNSUPPORTED_TYPED_LITERAL"),
        ("SELECT a IN ()", "INVALID_SQL_SYNTAX.EMPTY_IN_PREDICATE"),
        ("SELECT a LIKE 'x' ESCAPE '!!'", "INVALID_ESC"),
        ("SELECT a ! IN (1)", "SYNTAX_DISCONTINUED.BANG_EQUALS_NOT"),
        (
            "SELECT a FROM t ORDER BY a SORT BY b",
            "UNSUPPORTED_FEATURE.COMBINATION_QUERY_RESULT_CLAUSES",
        ),
        ("COMMIT", "INVALID_STATEMENT_OR_CLAUSE"),
        ("SET a b=1", "INVALID_SET_SYNTAX"),
    ];
    for (text, expect) in cases {
        assert_eq!(condition(parse_statement(text)).as_deref(), Some(expect), "{text}");
    }
}

#[test]
fn message_is_laid_out_as_spark_does() {
    let error = parse_statement("SELECT a\nFROM t b c").unwrap_err();
    assert_eq!(
        error.to_string(),
        "[PARSE_SYNTAX_ERROR] Syntax error at or near 'c': extra input 'c'. SQLSTATE: 42601 (line 2, pos 9)\
         \n\n== SQL ==\nSELECT a\nFROM t b c\n---------^^^\n"
    );
    let parameters: Vec<_> = error.parameters().iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(parameters, ["'c'", ": extra input 'c'"]);
}

#[test]
fn expressions_know_their_place() {
    let Ok(Expr { origin: Some(origin), .. }) = parse_expression(" 1 / (0 + a) as b") else {
        panic!()
    };
    assert_eq!(origin.fragment(), "1 / (0 + a) as b");
    let ExprNode::Alias { expr, .. } = parse_expression("f(a)[1 / 0] as b").unwrap().node else {
        panic!()
    };
    let ExprNode::ExtractValue { key, .. } = expr.node else { panic!() };
    assert_eq!(key.origin.unwrap().fragment(), "1 / 0");
}

/// Depth is bounded and time is linear: none of these may hang or overflow a small stack.
#[test]
fn hostile_texts() {
    let nest = |open: &str, close: &str, n: usize| {
        format!("SELECT {}1{}", open.repeat(n), close.repeat(n))
    };
    let run = move || {
        for (open, close) in [
            ("(", ")"),
            ("f(", ")"),
            ("substring(", ", 1)"),
            ("trim(", ")"),
            ("(SELECT ", ")"),
            ("NOT ", ""),
            ("- ", ""),
            ("CASE WHEN ", " THEN 1 END"),
            ("CAST(", " AS INT)"),
            ("a[", "]"),
            ("(a LIKE ANY (", "))"),
            ("x -> ", ""),
            ("struct(", ")"),
            ("1 IN (", ")"),
            ("position(", " IN a)"),
            ("(1, ", ")"),
        ] {
            assert!(parse_statement(&nest(open, close, 60)).is_ok(), "{open}");
            let error = parse_statement(&nest(open, close, 100_000)).unwrap_err();
            assert_eq!(error.condition(), "FAILED_TO_PARSE_TOO_COMPLEX", "{open}");
        }
        let many = |piece: &str, n: usize| format!("SELECT 1{}", piece.repeat(n));
        assert!(parse_statement(&many(" AND a", 20_000)).is_ok());
        assert!(parse_statement(&many(", a + b AS c", 20_000)).is_ok());
        assert!(parse_statement(&many(" + 1", 1_000)).is_ok());
        assert!(parse_statement(&many(" + 1", 100_000)).is_err());
        assert!(parse_statement(&many(" UNION ALL SELECT 1", 1_000)).is_ok());
        assert!(parse_type(&"array<".repeat(100_000)).is_err());
        assert!(parse_statement(&"EXPLAIN ".repeat(100_000)).is_err());
        // Copies of copies: 2ⁿ expressions.
        let doubling = format!("SELECT {}a{}", "(".repeat(60), " LIKE ANY (b, 'y'))".repeat(60));
        assert!(parse_statement(&doubling).is_err());
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn every_query_of_the_tests_is_accepted() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../python/tests/tpch/queries");
    let mut n_queries = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for statement in split_statements(&std::fs::read_to_string(&path).unwrap()) {
            if let Err(error) = parse_statement(&statement) {
                panic!("{path:?}: {error}");
            }
            n_queries += 1;
        }
    }
    assert!(n_queries >= 22);
}
