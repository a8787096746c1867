//! The proleptic Gregorian calendar: days since 1970-01-01 and what people call them.

use firesteel_common::{ErrorKind, SparkError};

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
}

impl Civil {
    pub(crate) fn from_days(days: i64) -> Self {
        // Eras of 400 years, each beginning on the first of March.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * from_march + 2) / 5 + 1) as u32;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 } as u32;
        Self { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
    }

    /// The day, if the calendar has it.
    pub(crate) fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let (month, day) = (u32::try_from(month).ok()?, u32::try_from(day).ok()?);
        let exists = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    pub(crate) fn to_days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = i64::from((self.month + 9) % 12);
        let day_of_year = (153 * from_march + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
            - 719_468
    }

    /// So many months later, on the last day of the month if it has no such day.
    pub(crate) fn plus_months(self, months: i64) -> Self {
        let total = self.year * 12 + i64::from(self.month) - 1 + months;
        let (year, month) = (total.div_euclid(12), total.rem_euclid(12) as u32 + 1);
        Self { year, month, day: self.day.min(days_in_month(year, month)) }
    }

    pub(crate) fn quarter(self) -> u32 {
        (self.month - 1) / 3 + 1
    }

    /// 1 to 366.
    pub(crate) fn day_of_year(self) -> i64 {
        self.to_days() - Civil { year: self.year, month: 1, day: 1 }.to_days() + 1
    }

    pub(crate) fn is_last_of_month(self) -> bool {
        self.day == days_in_month(self.year, self.month)
    }
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Monday is 0.
pub(crate) fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

/// Year and number of the ISO week: weeks begin on Monday, the first has the year's first Thursday.
pub(crate) fn iso_week(days: i64) -> (i64, i64) {
    let thursday = days - weekday(days) + 3;
    let civil = Civil::from_days(thursday);
    (civil.year, (civil.day_of_year() - 1) / 7 + 1)
}

/// Days that a `date` can hold as `i32`.
pub(crate) fn to_date(days: i64) -> Result<i32, SparkError> {
    i32::try_from(days).map_err(|_| SparkError::new(ErrorKind::Arithmetic, "", "integer overflow"))
}

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// From Monday.
pub(crate) const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Monday 0 to Sunday 6 of a name as `next_day` takes it: `Mo`, `Mon`, `Monday`.
pub(crate) fn weekday_of_name(name: &str) -> Option<i64> {
    let name = name.trim().to_uppercase();
    let found = WEEKDAYS.iter().position(|day| {
        let day = day.to_uppercase();
        name == day || name == day[..3] || name == day[..2]
    });
    found.map(|position| position as i64)
}
