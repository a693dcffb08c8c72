//! The table of all settings: every subject, in the order in which help, file and docs show them.

use super::connection::ConnectionSettings;
use super::game::GameSettings;
use super::identity::IdentitySettings;
use super::journal::JournalSettings;
use super::limits::LimitSettings;
use super::listen::ListenSettings;
use super::log::LogSettings;
use super::nodes::NodeSettings;
use super::presence::PresenceSettings;
use super::setting::{Setting, Subject};
use super::tls::TlsSettings;

pub(super) const SUBJECTS: &[Subject] = &[
    ListenSettings::SUBJECT,
    TlsSettings::SUBJECT,
    IdentitySettings::SUBJECT,
    JournalSettings::SUBJECT,
    NodeSettings::SUBJECT,
    LimitSettings::SUBJECT,
    ConnectionSettings::SUBJECT,
    PresenceSettings::SUBJECT,
    GameSettings::SUBJECT,
    LogSettings::SUBJECT,
];

pub(super) fn settings() -> impl Iterator<Item = &'static Setting> {
    SUBJECTS.iter().flat_map(|subject| subject.settings)
}

/// The most similar name, if one is similar enough.
pub(super) fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    /// The Jaro-Winkler similarity below which a hint would mislead: with as many names as there are, clap's 0.7 finds some
    /// for every word.
    const SIMILARITY_MIN: f64 = 0.75;
    names
        .map(|name| (strsim::jaro_winkler(given, name), name))
        .filter(|(similarity, _)| *similarity > SIMILARITY_MIN)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_are_unique() {
        let keys: BTreeSet<&str> = settings().map(|setting| setting.key).collect();
        assert_eq!(keys.len(), settings().count());
    }

    #[test]
    fn every_setting_is_told() {
        for setting in settings() {
            assert!(setting.summary().ends_with('.'), "{}", setting.key);
            assert!(
                setting.shown_default().is_some()
                    || ["origin", "allowed_host", "trusted_proxy", "keep_room", "secret"].contains(&setting.key),
                "{}",
                setting.key
            );
        }
    }

    #[test]
    fn the_nearest_name_is_near() {
        let near = |given: &str| nearest(given, settings().map(|setting| setting.key));
        assert_eq!(near("prot"), Some("port"));
        assert_eq!(near("forfeit-after"), Some("forfeit_after"));
        assert_eq!(near("zzz"), None);
    }
}
