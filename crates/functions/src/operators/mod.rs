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
