//! `sort_array(array [, ascending])`: nulls first when ascending, last when descending.

use super::taken::{Taken, comparable, rows_of};
use crate::call::Call;
use crate::implicit::{implicit, not_foldable, not_orderable, unexpected_type};
use crate::scalar_kernel::{Kind, Nullable};
use arrow::array::{Array, AsArray};
use datafusion_expr::{Expr, lit};
use firesteel_common::{Result, SparkError, SparkType};

pub(crate) fn sort_array(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let settings = call.settings;
    let mut args = call.args.into_iter();
    let array = args.next().ok_or_else(|| SparkError::internal("sort_array without argument"))?;
    let result = array.spark_type()?;
    let SparkType::Array { element, .. } = &result else {
        return Err(unexpected_type("sort_array", 0, &array, "ARRAY"));
    };
    if matches!(**element, SparkType::Map { .. }) {
        return Err(not_orderable("sort_array", &result));
    }
    let ascending = match args.next() {
        Some(ascending) if ascending.expr.any_column_refs() => {
            return Err(not_foldable("sort_array", "ascendingOrder"));
        }
        Some(ascending) => implicit("sort_array", 1, ascending, &SparkType::Boolean, settings)?,
        None => lit(true),
    };
    let kernel = SORT.kernel((), &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![array.expr, ascending]))
}

pub(super) static SORT: Kind<()> = Kind::new("sort_array", |(), input| {
    let list = input.list(0)?;
    let ascending = input.args[1].as_boolean();
    let (_, rows) = comparable(list.values())?;
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        if list.is_null(row) || ascending.is_null(row) {
            taken.end_null();
            continue;
        }
        let mut elements: Vec<_> = rows_of(list, row).collect();
        if ascending.value(row) {
            elements.sort_by(|a, b| rows.row(*a).cmp(&rows.row(*b)));
        } else {
            elements.sort_by(|a, b| rows.row(*b).cmp(&rows.row(*a)));
        }
        taken.extend(elements);
        taken.end_list();
    }
    taken.finish(list.values(), input.result)
});
