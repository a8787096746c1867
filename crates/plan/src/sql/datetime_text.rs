//! Text of date, timestamp and time literals.

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar; none if there is no such day.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years begin in March here, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Takes `min..=max` digits from the front.
fn digits<'a>(text: &'a str, min: usize, max: usize) -> Option<(i64, &'a str)> {
    let n = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(min..=max).contains(&n) {
        return None;
    }
    Some((text[..n].parse().ok()?, &text[n..]))
}

/// `[+-]yyyy[-[m]m[-[d]d]]` from the front: days, and the rest of the text.
fn date_prefix(text: &str) -> Option<(i64, bool, &str)> {
    let (sign, unsigned) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (year, mut rest) = digits(unsigned, 4, 7)?;
    let (mut month, mut day) = (1, 1);
    let mut is_full = false;
    if let Some(more) = rest.strip_prefix('-') {
        (month, rest) = digits(more, 1, 2)?;
        if let Some(more) = rest.strip_prefix('-') {
            (day, rest) = digits(more, 1, 2)?;
            is_full = true;
        }
    }
    Some((days(sign * year, month, day)?, is_full, rest))
}

/// Days of a DATE literal; what follows a full date after a space or `T` is not read.
pub(super) fn date(text: &str) -> Option<i32> {
    let (days, is_full, rest) = date_prefix(text.trim())?;
    let is_ended = rest.is_empty() || (is_full && rest.starts_with([' ', 'T']));
    if is_ended { i32::try_from(days).ok() } else { None }
}

/// `[h]h:[m]m[:[s]s[.f…]]` from the front: microseconds, and the rest of the text.
fn time_prefix(text: &str) -> Option<(i64, &str)> {
    let (hour, rest) = digits(text, 1, 2)?;
    let (minute, mut rest) = digits(rest.strip_prefix(':')?, 1, 2)?;
    let (mut second, mut micros) = (0, 0);
    if let Some(more) = rest.strip_prefix(':') {
        (second, rest) = digits(more, 1, 2)?;
        if let Some(more) = rest.strip_prefix('.') {
            let n = more.bytes().take_while(u8::is_ascii_digit).count();
            // Digits beyond the sixth are dropped.
            let kept: String = more[..n].chars().chain("000000".chars()).take(6).collect();
            micros = kept.parse().ok()?;
            rest = &more[n..];
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((((hour * 60 + minute) * 60 + second) * 1_000_000 + micros, rest))
}

/// A timestamp as it stands on the wall clock, and the text of its zone (empty: none).
pub(super) fn timestamp(text: &str) -> Option<(i64, &str)> {
    let (days, is_full, rest) = date_prefix(text.trim())?;
    let day_micros = days.checked_mul(86_400_000_000)?;
    if rest.is_empty() {
        return Some((day_micros, ""));
    }
    let rest = rest.strip_prefix([' ', 'T']).filter(|_| is_full)?;
    if rest.is_empty() {
        return Some((day_micros, ""));
    }
    let (micros, zone) = time_prefix(rest)?;
    let zone = zone.trim();
    is_zone(zone).then_some((day_micros.checked_add(micros)?, zone))
}

/// `tomorrow Europe/Berlin`: a word that depends on the clock, and a time zone.
pub(super) fn is_special_in_zone(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let is_special = words.next().is_some_and(|word| {
        let word = word.to_ascii_lowercase();
        matches!(word.as_str(), "epoch" | "now" | "today" | "tomorrow" | "yesterday")
    });
    let zone = words.next();
    is_special
        && words.next().is_none()
        && zone.is_some_and(|zone| {
            is_zone(zone) || matches!(zone, "EST" | "MST" | "HST" | "PST" | "CST")
        })
}

/// `10:11[:12.5]`, also with a `T` before it.
pub(super) fn is_time(text: &str) -> bool {
    let text = text.trim();
    let text = text.strip_prefix('T').unwrap_or(text);
    text.contains(':') && time_prefix(text).is_some_and(|(_, zone)| is_zone(zone.trim()))
}

/// `Z`, an offset, `UTC+1`, or the name of a region.
fn is_zone(zone: &str) -> bool {
    if zone.is_empty() || zone == "Z" || zone.parse::<chrono_tz::Tz>().is_ok() {
        return true;
    }
    let offset = ["UTC", "GMT", "UT"].iter().find_map(|prefix| zone.strip_prefix(prefix));
    let offset = offset.unwrap_or(zone);
    let Some(rest) = offset.strip_prefix(['+', '-']) else { return offset.is_empty() };
    let mut parts = rest.split(':');
    let in_range = |part: Option<&str>, max: u32| {
        part.is_none_or(|part| {
            matches!(part.len(), 1..=2) && part.parse::<u32>().is_ok_and(|value| value <= max)
        })
    };
    let compact = matches!(rest.len(), 4 | 6) && rest.bytes().all(|byte| byte.is_ascii_digit());
    compact
        || (in_range(parts.next(), 18)
            && in_range(parts.next(), 59)
            && in_range(parts.next(), 59)
            && parts.next().is_none())
}

/// Nanoseconds of a TIME literal.
pub(super) fn time(text: &str) -> Option<i64> {
    let text = text.trim();
    let (text, half) = match text.get(text.len().saturating_sub(2)..).map(str::to_ascii_uppercase) {
        Some(half) if half == "AM" || half == "PM" => {
            (text[..text.len() - 2].trim_end(), Some(half))
        }
        _ => (text, None),
    };
    let (micros, rest) = time_prefix(text)?;
    if !rest.is_empty() {
        return None;
    }
    const HOUR: i64 = 3_600_000_000;
    let micros = match half.as_deref() {
        Some(_) if !(HOUR..13 * HOUR).contains(&micros) => return None,
        Some("AM") => micros % (12 * HOUR),
        Some(_) => micros % (12 * HOUR) + 12 * HOUR,
        None => micros,
    };
    Some(micros * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times() {
        assert_eq!(date("1970-01-01"), Some(0));
        assert_eq!(date("2000-03-01"), Some(11_017));
        assert_eq!(date("1969-12-31 12:00"), Some(-1));
        assert_eq!(date("0001-01-01"), Some(-719_162));
        assert_eq!(date("2020"), Some(18_262));
        assert_eq!(date("2020-2"), Some(18_293));
        for bad in ["2020-13-01", "2021-02-29", "20", "2020-01-01x", "x", ""] {
            assert_eq!(date(bad), None, "{bad}");
        }
        assert_eq!(timestamp("1970-01-01 00:00:01.5"), Some((1_500_000, "")));
        assert_eq!(timestamp("1970-01-01T0:0:1.1234567Z"), Some((1_123_456, "Z")));
        assert_eq!(
            timestamp("1970-01-02 00:00 Europe/Berlin"),
            Some((86_400_000_000, "Europe/Berlin"))
        );
        assert_eq!(timestamp("1970-01-01 00:00:00+01:00"), Some((0, "+01:00")));
        for bad in ["1970-01-01 25:00:00", "1970-01-01 00:00:00 Nowhere/No", "1970-01 00:00"] {
            assert_eq!(timestamp(bad), None, "{bad}");
        }
        assert_eq!(time("10:11:12.5"), Some(36_672_500_000_000));
        assert_eq!(time("12:00 am"), Some(0));
        assert_eq!(time("25:00"), None);
    }
}
