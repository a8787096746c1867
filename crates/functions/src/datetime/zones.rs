//! `from_utc_timestamp`, `to_utc_timestamp`, `convert_timezone`.

use crate::call::Call;
use crate::implicit::implicit;
use crate::scalar_kernel::{Kind, Nullable, at};
use crate::time_zone::Zone;
use arrow::datatypes::TimestampMicrosecondType;
use datafusion_expr::{Expr, lit};
use firesteel_common::{Result, SparkError, SparkType};

/// `from_utc_timestamp(t, zone)`: the instant whose UTC clock shows what `zone` shows at `t`;
/// `to_utc_timestamp` is its inverse.
pub(crate) fn shifted(call: Call<'_>, from_utc: bool) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let args = call.implicit(&[SparkType::Timestamp, SparkType::string()])?;
    let kernel = SHIFTED.kernel(from_utc, &SparkType::Timestamp);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static SHIFTED: Kind<bool> = Kind::new("utc_timestamp", |from_utc, input| {
    let instants = input.primitive::<TimestampMicrosecondType>(0)?;
    let names = input.string(1)?;
    let mut zones = Zones::default();
    input.primitives::<TimestampMicrosecondType>(|row| {
        let (Some(instant), Some(name)) = (at(instants, row), at(names, row)) else {
            return Ok(None);
        };
        let zone = zones.get(name)?;
        Ok(Some(if *from_utc { zone.to_local(instant) } else { zone.to_utc(instant) }))
    })
});

/// `convert_timezone([source,] target, timestamp_ntz)`: the wall clock of another zone.
pub(crate) fn convert_timezone(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let (name, settings) = ("convert_timezone", call.settings);
    let mut args = call.args.into_iter();
    let mut next = || args.next().ok_or_else(|| SparkError::internal("too few arguments"));
    let (first, second) = (next()?, next()?);
    let args = match args.next() {
        Some(clock) => vec![
            implicit(name, 0, first, &SparkType::string(), settings)?,
            implicit(name, 1, second, &SparkType::string(), settings)?,
            implicit(name, 2, clock, &SparkType::TimestampNtz, settings)?,
        ],
        None => vec![
            lit(settings.time_zone.clone()),
            implicit(name, 0, first, &SparkType::string(), settings)?,
            implicit(name, 1, second, &SparkType::TimestampNtz, settings)?,
        ],
    };
    let kernel = CONVERT.kernel((), &SparkType::TimestampNtz);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static CONVERT: Kind<()> = Kind::new("convert_timezone", |(), input| {
    let (sources, targets) = (input.string(0)?, input.string(1)?);
    let clocks = input.primitive::<TimestampMicrosecondType>(2)?;
    let (mut from, mut to) = (Zones::default(), Zones::default());
    input.primitives::<TimestampMicrosecondType>(|row| {
        let (Some(source), Some(target), Some(clock)) =
            (at(sources, row), at(targets, row), at(clocks, row))
        else {
            return Ok(None);
        };
        let instant = from.get(source)?.to_utc(clock);
        Ok(Some(to.get(target)?.to_local(instant)))
    })
});

/// Remembers the last zone: most columns name one only.
#[derive(Debug, Default)]
pub(crate) struct Zones {
    last: Option<(String, Zone)>,
}

impl Zones {
    pub(crate) fn get(&mut self, name: &str) -> Result<Zone> {
        if let Some((known, zone)) = &self.last
            && known == name
        {
            return Ok(*zone);
        }
        let zone = Zone::parse(name)?;
        self.last = Some((name.to_owned(), zone));
        Ok(zone)
    }
}
