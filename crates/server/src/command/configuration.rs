//! SET, RESET and SET TIME ZONE.

use super::{Answer, Cell};
use crate::session::Session;
use firesteel_common::conf::{ConfEntry, acted_on, host_time_zone};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec::{Expr, ExprNode, Literal};

const TIME_ZONE: &str = "spark.sql.session.timeZone";

/// `SET`, `SET -v`, `SET key` and `SET key = value`.
pub fn set(
    session: &Session,
    key: Option<String>,
    value: Option<String>,
    verbose: bool,
) -> Result<Answer> {
    let mut answer = Answer::with_columns(&["key", "value"]);
    match (key, value) {
        (Some(key), Some(value)) => {
            session.conf.write().set(&key, &value)?;
            answer.push([Cell::from(key), value.into()]);
        }
        (Some(key), None) => {
            let value = session.conf.read().effective(&key);
            answer.push([Cell::from(key), value.unwrap_or_else(|| "<undefined>".into()).into()]);
        }
        (None, _) if verbose => return Ok(set_verbose(session)),
        (None, _) => {
            for (key, value) in session.conf.read().all_explicit() {
                answer.push([Cell::from(key), value.into()]);
            }
        }
    }
    Ok(answer)
}

/// Every known key with its value and what Firesteel does with it.
fn set_verbose(session: &Session) -> Answer {
    let mut answer = Answer::with_columns(&["key", "value", "meaning", "Since version"]);
    let conf = session.conf.read();
    let mut entries: Vec<_> = ConfEntry::all().filter(|entry| entry.is_sql()).collect();
    entries.sort_unstable_by_key(|entry| entry.key);
    for entry in entries {
        let value = conf.effective(entry.key).unwrap_or_else(|| "<undefined>".to_owned());
        let meaning = acted_on().iter().find(|(key, _)| *key == entry.key);
        let meaning = meaning.map_or("Kept without effect.", |(_, meaning)| meaning);
        answer.push([Cell::from(entry.key), value.into(), meaning.into(), "".into()]);
    }
    answer
}

pub fn reset(session: &Session, key: Option<&str>) -> Result<Answer> {
    let mut conf = session.conf.write();
    match key {
        Some(key) => conf.unset(key)?,
        None => conf.reset(),
    }
    Ok(Answer::none())
}

/// The zone by name, by `LOCAL`, or by an interval such as `INTERVAL 2 HOURS`.
pub fn set_time_zone(session: &Session, zone: &Expr) -> Result<Answer> {
    let zone = match &zone.node {
        ExprNode::Literal(Literal::String(name)) if name.eq_ignore_ascii_case("local") => {
            host_time_zone()
        }
        ExprNode::Literal(Literal::String(name)) => name.clone(),
        ExprNode::Attribute { name, .. }
            if name.len() == 1 && name[0].eq_ignore_ascii_case("local") =>
        {
            host_time_zone()
        }
        ExprNode::Literal(Literal::DayTimeInterval { micros, .. }) => offset(*micros)?,
        ExprNode::Literal(Literal::CalendarInterval { months: 0, days: 0, micros }) => {
            offset(*micros)?
        }
        _ => return Err(SparkError::syntax("Invalid time zone displacement value.")),
    };
    session.conf.write().set(TIME_ZONE, &zone)?;
    Ok(Answer::with_columns(&["key", "value"]).row([Cell::from(TIME_ZONE), zone.into()]))
}

fn offset(micros: i64) -> Result<String> {
    let seconds = micros / 1_000_000;
    if seconds.abs() > 18 * 3_600 {
        return Err(SparkError::new(
            ErrorKind::Parse,
            "INVALID_INTERVAL_FORMAT.TIMEZONE_INTERVAL_OUT_OF_RANGE",
            "The interval value must be in the range of [-18, +18] hours with second precision.",
        ));
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    Ok(format!("{sign}{:02}:{:02}", seconds / 3_600, seconds / 60 % 60))
}
