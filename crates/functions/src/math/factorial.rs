//! `factorial(n)`: null outside 0 to 20.

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, primitives};
use crate::scalar_kernel::Kind;
use arrow::array::Array;
use arrow::datatypes::Int64Type;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

pub(super) fn factorial(call: Call<'_>) -> Result<Expr> {
    call.partial(&FACTORIAL, 1, &[Class::Integer], &SparkType::Long)
}

pub(super) static FACTORIAL: Kind<()> = Kind::new("factorial", |(), input| {
    let values = input.ints(0)?;
    primitives::<Int64Type>(input.n_rows, |row| {
        let n = get!(values, row).filter(|n| (0..=20).contains(n));
        Ok(n.map(|n| (1..=i64::from(n)).product()))
    })
});
