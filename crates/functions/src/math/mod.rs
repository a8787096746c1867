//! Mathematical functions.

mod bases;
mod doubles;
mod extremes;
mod factorial;
pub(crate) mod hexadecimal;
mod java_exp;
mod java_log;
mod logarithm;
mod rounding;
mod width_bucket;

use crate::registry::FunctionDef;
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("acos", doubles::acos),
        def("acosh", doubles::acosh),
        def("asin", doubles::asin),
        def("asinh", doubles::asinh),
        def("atan", doubles::atan),
        def("atan2", doubles::atan2),
        def("atanh", doubles::atanh),
        def("bin", bases::bin),
        def("bround", rounding::bround),
        def("cbrt", doubles::cbrt),
        def("ceil", rounding::ceil),
        def("ceiling", rounding::ceil),
        def("conv", bases::conv),
        def("cos", doubles::cos),
        def("cosh", doubles::cosh),
        def("cot", doubles::cot),
        def("csc", doubles::csc),
        def("degrees", doubles::degrees),
        def("e", doubles::e),
        def("exp", doubles::exp),
        def("expm1", doubles::expm1),
        def("factorial", factorial::factorial),
        def("floor", rounding::floor),
        def("greatest", extremes::greatest),
        def("hex", hexadecimal::hex),
        def("hypot", doubles::hypot),
        def("least", extremes::least),
        def("ln", logarithm::ln),
        def("log", logarithm::log),
        def("log10", logarithm::log10),
        def("log1p", logarithm::log1p),
        def("log2", logarithm::log2),
        def("pi", doubles::pi),
        def("pow", doubles::power),
        def("power", doubles::power),
        def("radians", doubles::radians),
        def("rint", doubles::rint),
        def("round", rounding::round),
        def("sec", doubles::sec),
        def("sign", doubles::signum),
        def("signum", doubles::signum),
        def("sin", doubles::sin),
        def("sinh", doubles::sinh),
        def("sqrt", doubles::sqrt),
        def("tan", doubles::tan),
        def("tanh", doubles::tanh),
        def("unhex", hexadecimal::unhex),
        def("width_bucket", width_bucket::width_bucket),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    let mut kinds: Vec<&'static dyn AnyKind> = vec![
        &bases::BIN,
        &bases::CONV,
        &doubles::SIGNUM,
        &doubles::SIGN_OF_INTERVAL,
        &extremes::EXTREME,
        &factorial::FACTORIAL,
        &hexadecimal::HEX,
        &hexadecimal::UNHEX,
        &logarithm::LN,
        &logarithm::LOG,
        &logarithm::LOG10,
        &logarithm::LOG1P,
        &logarithm::LOG2,
        &rounding::OF_DECIMAL,
        &rounding::OF_DOUBLE,
        &rounding::OF_FLOAT,
        &rounding::OF_LONG,
        &rounding::WHOLE,
        &width_bucket::WIDTH_BUCKET,
    ];
    kinds.extend(doubles::OF_ONE);
    kinds.extend(doubles::OF_TWO);
    kinds
}
