//! What the builders make of sample arguments comes back equal from its bytes.

use super::codec;
use crate::call::{AggregateCall, Arg, Call};
use crate::registry::{Builder, lookup, names, scalar_kinds};
use datafusion_common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion_expr::expr::Lambda;
use datafusion_expr::{Expr, WindowFunctionDefinition, col, lit};
use firesteel_common::{SessionSettings, SparkType, StructField, StructType};
use std::collections::HashSet;

fn samples() -> Vec<Arg> {
    let row = StructType::new(vec![
        StructField::new("a", SparkType::Integer, true),
        StructField::new("b", SparkType::string(), true),
    ]);
    let types = [
        SparkType::Integer,
        SparkType::string(),
        SparkType::Double,
        SparkType::Timestamp,
        SparkType::array(SparkType::Integer),
        SparkType::map(SparkType::string(), SparkType::Integer),
        SparkType::Boolean,
        SparkType::Decimal { precision: 10, scale: 2 },
        SparkType::Byte,
        SparkType::Long,
        SparkType::Float,
        SparkType::Binary,
        SparkType::Date,
        SparkType::TimestampNtz,
        SparkType::Time { precision: 6 },
        SparkType::CalendarInterval,
        SparkType::year_month_interval(),
        SparkType::day_time_interval(),
        SparkType::array(SparkType::string()),
        SparkType::array(SparkType::Struct(row.clone())),
        SparkType::Struct(row),
    ];
    let column = |data_type: SparkType| {
        Arg::new(col("c"), StructField::new("c", data_type, true).to_arrow())
    };
    let literal = |value: Expr, data_type: SparkType| {
        Arg::new(value, StructField::new("", data_type, false).to_arrow())
    };
    let mut args = vec![
        literal(lit(1i32), SparkType::Integer),
        literal(lit("HOUR"), SparkType::string()),
        literal(lit("a int"), SparkType::string()),
    ];
    args.extend(types.into_iter().map(column));
    args
}

/// Lambdas of one to three parameters that answer with a boolean or a number.
fn lambdas() -> Vec<Arg> {
    let bodies = [(lit(true), SparkType::Boolean), (lit(1i32), SparkType::Integer)];
    let parameters = |n: usize| (0..n).map(|position| format!("p{position}")).collect::<Vec<_>>();
    let lambda = |n: usize, body: Expr, data_type: SparkType| {
        let field = StructField::new("", data_type, false).to_arrow();
        Arg::new(Expr::Lambda(Lambda::new(parameters(n), body)), field)
    };
    let of_body = |(body, data_type): (Expr, SparkType)| {
        (1..=3).map(move |n| (n, body.clone(), data_type.clone()))
    };
    bodies.into_iter().flat_map(of_body).map(|(n, body, t)| lambda(n, body, t)).collect()
}

/// Calls of `name` that its builder takes.
fn calls(name: &'static str, builder: &Builder) -> Vec<Expr> {
    let settings = SessionSettings::default();
    let samples = samples();
    let mut found = Vec::new();
    let mut build = |args: Vec<Arg>| {
        let call = Call { name, args, settings: &settings, query_start_micros: 0 };
        match builder {
            Builder::Scalar(build) => found.extend(build(call)),
            Builder::Generator(build) => found.extend(build(call).map(|call| call.rows)),
            Builder::Aggregate(build) => found.extend(build(AggregateCall {
                call,
                distinct: false,
                filter: None,
                order_by: vec![],
                ignore_nulls: false,
            })),
            Builder::HigherOrder(function) => found.extend((function.build)(call)),
            Builder::Window(_) | Builder::Partition(_) => {}
        }
    };
    build(vec![]);
    for first in &samples {
        build(vec![first.clone()]);
        for second in &samples {
            build(vec![first.clone(), second.clone()]);
        }
        // Three arguments of one type, and where they differ in the usual ways.
        build(vec![first.clone(); 3]);
        build(vec![first.clone(), samples[3].clone(), samples[3].clone()]);
        build(vec![first.clone(), samples[4].clone(), samples[4].clone()]);
        build(vec![first.clone(), samples[0].clone(), samples[0].clone()]);
        build(vec![samples[1].clone(), first.clone(), first.clone()]);
        for lambda in lambdas() {
            build(vec![first.clone(), lambda.clone()]);
            build(vec![first.clone(), first.clone(), lambda.clone()]);
            build(vec![first.clone(), samples[0].clone(), lambda.clone()]);
        }
        build(vec![first.clone(); 4]);
        build(vec![first.clone(); 6]);
    }
    found
}

#[test]
fn ids_are_unique() {
    let mut seen = HashSet::new();
    for kind in scalar_kinds() {
        assert!(seen.insert(kind.id()), "{} twice", kind.id());
    }
}

#[test]
fn functions_come_back_equal() {
    let codec = codec();
    let mut seen = HashSet::new();
    for name in names() {
        let builder = &lookup(name).expect("a name of the registry").builder;
        for expr in calls(name, builder) {
            expr.apply(|inner| {
                let mut bytes = Vec::new();
                let next = Ok(TreeNodeRecursion::Continue);
                match inner {
                    Expr::ScalarFunction(call) => codec.encode_udf(&call.func, &mut bytes)?,
                    Expr::AggregateFunction(call) => codec.encode_udaf(&call.func, &mut bytes)?,
                    Expr::HigherOrderFunction(call) => {
                        codec.encode_higher_order(&call.func, &mut bytes)?;
                    }
                    _ => return next,
                }
                if !seen.insert(bytes.clone()) {
                    return next;
                }
                match inner {
                    Expr::ScalarFunction(call) => {
                        assert_eq!(call.func, codec.decode_udf(call.func.name(), &bytes)?);
                    }
                    Expr::AggregateFunction(call) => {
                        assert_eq!(call.func, codec.decode_udaf(call.func.name(), &bytes)?);
                    }
                    Expr::HigherOrderFunction(call) => {
                        assert_eq!(call.func, codec.decode_higher_order(call.func.name(), &bytes)?);
                    }
                    _ => {}
                }
                next
            })
            .unwrap_or_else(|error| panic!("{name} does not travel: {error}"));
        }
    }
    assert!(seen.len() > 300, "{} different functions only", seen.len());
}

#[test]
fn window_functions_come_back_equal() {
    let (codec, settings) = (codec(), SessionSettings::default());
    for name in names() {
        let Builder::Window(build) = &lookup(name).expect("a name of the registry").builder else {
            continue;
        };
        let samples = samples();
        for args in [vec![], vec![samples[0].clone()], vec![samples[3].clone(), samples[0].clone()]]
        {
            let call = Call { name, args, settings: &settings, query_start_micros: 0 };
            let Ok(call) = build(call) else { continue };
            let WindowFunctionDefinition::WindowUDF(function) = call.function else { continue };
            let mut bytes = Vec::new();
            codec.encode_udwf(&function, &mut bytes).expect(name);
            assert_eq!(codec.decode_udwf(name, &bytes).expect(name), function);
            let ignoring = crate::window::ignoring_nulls(&function).expect("a function of ours");
            let mut bytes = Vec::new();
            codec.encode_udwf(&ignoring, &mut bytes).expect(name);
            let back = codec.decode_udwf(name, &bytes).expect(name);
            assert_eq!(back.as_ref(), &ignoring);
            assert_ne!(back, function);
        }
    }
}

#[test]
fn filtered_aggregates_come_back_equal() {
    let function = crate::filtered(datafusion_functions_aggregate::count::count_udaf());
    let mut bytes = Vec::new();
    codec().encode_udaf(&function, &mut bytes).expect("it travels");
    assert_eq!(codec().decode_udaf("count", &bytes).expect("its bytes").as_ref(), &function);
}

#[test]
fn broken_bytes_are_errors() {
    let codec = codec();
    for bytes in [
        &b""[..],
        b"\x01",
        b"\x02",
        b"\x02\x07",
        b"\x03x",
        b"\x01[{\"id\":\"no such\"},null]",
        b"\x01[\"no such\",null]",
        b"\x01[{\"id\":\"size\",\"name\":\"size\",\"result\":1,\"nullable\":\"Always\",\"volatile\":false},true]",
    ] {
        assert!(codec.decode_udf("x", bytes).is_err());
        assert!(codec.decode_udaf("x", bytes).is_err());
        assert!(codec.decode_udwf("x", bytes).is_err());
        assert!(codec.decode_higher_order("x", bytes).is_err());
    }
}
