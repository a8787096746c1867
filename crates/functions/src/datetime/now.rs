//! `current_date`, `current_timestamp`, `now`, `localtimestamp`, `current_timezone`: literals, because
//! Spark fixes them when the query begins.

use crate::call::Call;
use crate::time_zone::{MICROS_PER_DAY, Zone};
use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, lit};
use firesteel_common::Result;

pub(crate) fn current_date(call: Call<'_>) -> Result<Expr> {
    call.check_arity(0, 0)?;
    let zone = Zone::parse(&call.settings.time_zone)?;
    let days = zone.to_local(call.query_start_micros).div_euclid(MICROS_PER_DAY);
    Ok(lit(ScalarValue::Date32(Some(days as i32))))
}

pub(crate) fn current_timestamp(call: Call<'_>) -> Result<Expr> {
    call.check_arity(0, 0)?;
    let micros = Some(call.query_start_micros);
    Ok(lit(ScalarValue::TimestampMicrosecond(micros, Some("UTC".into()))))
}

pub(crate) fn local_timestamp(call: Call<'_>) -> Result<Expr> {
    call.check_arity(0, 0)?;
    let zone = Zone::parse(&call.settings.time_zone)?;
    let local = zone.to_local(call.query_start_micros);
    Ok(lit(ScalarValue::TimestampMicrosecond(Some(local), None)))
}

pub(crate) fn current_timezone(call: Call<'_>) -> Result<Expr> {
    call.check_arity(0, 0)?;
    Ok(lit(call.settings.time_zone.clone()))
}

/// `current_time([precision])`: the wall clock of the session.
pub(crate) fn current_time(call: Call<'_>) -> Result<Expr> {
    call.check_arity(0, 1)?;
    let precision = match call.args.first() {
        None => 6,
        Some(arg) => crate::implicit::literal_long(arg)
            .filter(|precision| (0..=6).contains(precision))
            .ok_or_else(|| crate::implicit::not_foldable("current_time", "precision"))?,
    };
    let zone = Zone::parse(&call.settings.time_zone)?;
    let micros = zone.to_local(call.query_start_micros).rem_euclid(MICROS_PER_DAY);
    let unit = 10i64.pow(6 - precision as u32);
    Ok(lit(ScalarValue::Time64Nanosecond(Some(micros / unit * unit * 1000))))
}
