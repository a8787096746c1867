//! English names of time zones, as the JDK has them from the Unicode Common Locale Data Repository.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Per line: name and abbreviation, the same in summer, and the zones, between tabs.
const TABLE: &str = include_str!("zone_names.tsv");

static NAMES: LazyLock<HashMap<&'static str, Names>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for line in TABLE.lines() {
        let mut parts = line.split('\t');
        let mut part = || parts.next().unwrap_or_default();
        let own = Names { full: part(), short: part(), full_summer: part(), short_summer: part() };
        names.extend(part().split(' ').map(|zone| (zone, own)));
    }
    names
});

/// What a zone is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    full: &'static str,
    short: &'static str,
    full_summer: &'static str,
    short_summer: &'static str,
}

impl Names {
    pub(crate) fn shown(self, summer: bool, full: bool) -> &'static str {
        match (summer, full) {
            (false, false) => self.short,
            (false, true) => self.full,
            (true, false) => self.short_summer,
            (true, true) => self.full_summer,
        }
    }
}

/// The names of the zone with this identifier. None: it is an offset, or has no name but itself.
pub(crate) fn find(id: &str) -> Option<Names> {
    NAMES.get(id).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let shown = |id, summer, full| find(id).map(|names| names.shown(summer, full));
        assert_eq!(shown("America/Los_Angeles", false, true), Some("Pacific Standard Time"));
        assert_eq!(shown("Europe/Berlin", true, false), Some("CEST"));
        assert_eq!(shown("UTC", false, true), Some("Coordinated Universal Time"));
        assert_eq!(shown("+02:00", false, true), None);
    }
}
