//! Operators: arithmetic, comparison and logic.

pub(crate) mod arithmetic;
pub(crate) mod comparison;
mod concat;
pub(crate) mod decimal_arithmetic;
mod floating_arithmetic;
mod integer_arithmetic;
mod logic;
mod temporal;
pub(crate) mod unary;

use crate::registry::FunctionDef;
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("+", arithmetic::add),
        def("-", arithmetic::subtract),
        def("*", arithmetic::multiply),
        def("/", arithmetic::divide),
        def("%", arithmetic::remainder),
        def("mod", arithmetic::remainder),
        def("div", arithmetic::integral_divide),
        def("pmod", arithmetic::positive_modulus),
        def("try_add", arithmetic::try_add),
        def("try_subtract", arithmetic::try_subtract),
        def("try_multiply", arithmetic::try_multiply),
        def("try_divide", arithmetic::try_divide),
        def("try_mod", arithmetic::try_remainder),
        def("negative", unary::negative),
        def("positive", unary::positive),
        def("abs", unary::abs),
        def("=", comparison::equal),
        def("==", comparison::equal),
        def("!=", comparison::not_equal),
        def("<>", comparison::not_equal),
        def("<", comparison::less),
        def("<=", comparison::less_or_equal),
        def(">", comparison::greater),
        def(">=", comparison::greater_or_equal),
        def("<=>", comparison::null_safe_equal),
        def("equal_null", comparison::null_safe_equal),
        def("and", logic::and),
        def("&&", logic::and),
        def("or", logic::or),
        def("not", logic::not),
        def("!", logic::not),
        def("istrue", logic::is_true),
        def("isfalse", logic::is_false),
        def("isunknown", logic::is_unknown),
        def("isnottrue", logic::is_not_true),
        def("isnotfalse", logic::is_not_false),
        def("isnotunknown", logic::is_not_unknown),
        def("||", concat::concat),
        def("concat", concat::concat),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![
        &concat::ARRAYS,
        &concat::BYTES,
        &concat::TEXTS,
        &decimal_arithmetic::DECIMALS,
        &decimal_arithmetic::WHOLE_OF_DECIMALS,
        &floating_arithmetic::DOUBLES,
        &floating_arithmetic::FLOATS,
        &integer_arithmetic::BYTES,
        &integer_arithmetic::INTS,
        &integer_arithmetic::LONGS,
        &integer_arithmetic::SHORTS,
        &temporal::CLOCKS_APART,
        &temporal::CLOCK_AND_INTERVAL,
        &temporal::DATES_APART,
        &temporal::DATE_AND_DAYS,
        &temporal::DATE_AND_INTERVAL,
        &temporal::QUOTIENT,
        &temporal::SCALED,
        &temporal::SCALED_CALENDAR,
        &temporal::SUM_CALENDAR,
        &temporal::SUM_MICROS,
        &temporal::SUM_MONTHS,
        &temporal::TIMES_APART,
        &temporal::TIME_AND_INTERVAL,
        &unary::OF_BYTE,
        &unary::OF_CALENDAR,
        &unary::OF_DECIMAL,
        &unary::OF_DOUBLE,
        &unary::OF_FLOAT,
        &unary::OF_INT,
        &unary::OF_LONG,
        &unary::OF_MICROS,
        &unary::OF_MONTHS,
        &unary::OF_SHORT,
    ]
}
