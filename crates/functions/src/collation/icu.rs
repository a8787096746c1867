//! The orders of ICU's locales, from the Unicode Consortium's library: keys of texts, made once per collation.

use super::name::Collation;
use firesteel_common::{Result, SparkError};
use icu_collator::options::{CaseLevel, CollatorOptions, Strength};
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// An order of ICU.
pub(super) struct Order(CollatorBorrowed<'static>);

/// What makes two orders one: locale, strength, case level.
type Parts = (&'static str, u8, bool);

static ORDERS: LazyLock<Mutex<HashMap<Parts, Arc<Order>>>> = LazyLock::new(Mutex::default);

impl Order {
    /// How strings of a collation compare.
    ///
    /// # Errors
    /// When the library does not know the locale, which would be a mistake of ours.
    pub(super) fn comparing(collation: &Collation) -> Result<Arc<Self>> {
        // Case without accents is a level of its own between two others.
        let case_level = collation.ignores_accents() && !collation.ignores_case();
        Self::cached(collation, case_level)
    }

    /// How a string is looked for in another one: ICU's search knows strengths, but no level for case alone.
    ///
    /// # Errors
    /// As [`Self::comparing`].
    pub(super) fn searching(collation: &Collation) -> Result<Arc<Self>> {
        Self::cached(collation, false)
    }

    fn cached(collation: &Collation, case_level: bool) -> Result<Arc<Self>> {
        let strength = match (collation.ignores_accents(), collation.ignores_case()) {
            (true, _) => Strength::Primary,
            (false, true) => Strength::Secondary,
            (false, false) => Strength::Tertiary,
        };
        let parts = (collation.base(), strength as u8, case_level);
        let mut orders = ORDERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = orders.get(&parts) {
            return Ok(Arc::clone(known));
        }
        let mut options = CollatorOptions::default();
        options.strength = Some(strength);
        options.case_level = Some(if case_level { CaseLevel::On } else { CaseLevel::Off });
        let failed = |cause: String| {
            SparkError::internal(format!(
                "no order for the collation {}: {cause}",
                collation.name()
            ))
        };
        let locale = collation.locale();
        let locale: Locale = locale.parse().map_err(|_| failed(format!("no locale {locale}")))?;
        let collator = CollatorBorrowed::try_new(CollatorPreferences::from(&locale), options);
        let order = Arc::new(Self(collator.map_err(|cause| failed(cause.to_string()))?));
        orders.insert(parts, Arc::clone(&order));
        Ok(order)
    }

    /// The key of `text` in the place of what `bytes` held: keys compare as texts do.
    pub(super) fn write_key(&self, text: &str, bytes: &mut Vec<u8>) {
        bytes.clear();
        // Vectors take all they are given.
        let Ok(()) = self.0.write_sort_key_to(text, bytes);
    }

    /// The key as a text: a letter per byte, so that the order of bytes stays.
    pub(super) fn key(&self, text: &str, bytes: &mut Vec<u8>) -> String {
        self.write_key(text, bytes);
        bytes.iter().map(|byte| char::from(*byte)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(name: &str, left: &str, right: &str) -> Result<std::cmp::Ordering> {
        let order = Order::comparing(&Collation::parse(name)?)?;
        let mut bytes = Vec::new();
        let left = order.key(left, &mut bytes);
        Ok(left.cmp(&order.key(right, &mut bytes)))
    }

    #[test]
    fn levels_are_those_of_the_name() -> Result<()> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        for (name, left, right, expected) in [
            ("UNICODE", "a", "A", Less),
            ("UNICODE", "A", "á", Less),
            ("UNICODE_CI", "a", "A", Equal),
            ("UNICODE_CI", "a", "á", Less),
            ("UNICODE_AI", "a", "á", Equal),
            ("UNICODE_AI", "a", "A", Less),
            ("UNICODE_CI_AI", "a", "Á", Equal),
            ("de", "ä", "b", Less),
            ("sv", "ä", "z", Greater),
        ] {
            assert_eq!(compared(name, left, right)?, expected, "{name} {left} {right}");
        }
        Ok(())
    }

    #[test]
    fn every_collation_has_an_order() -> Result<()> {
        for own in super::super::name::all().iter().filter(|own| own.is_icu()) {
            Order::comparing(own)?;
        }
        Ok(())
    }
}
