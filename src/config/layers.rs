//! The values given in each place, and the one in force.

use std::collections::BTreeMap;

use super::problem::Problem;
use super::setting::Setting;
use super::source::Source;
use super::value::Value;

/// A setting with the value in force.
#[derive(Debug)]
pub(super) struct InForce {
    pub setting: &'static Setting,
    /// The printed value; empty when nothing is set.
    pub text: String,
    pub source: Source,
}

/// All given values by setting, the one with the highest precedence first.
#[derive(Debug, Default)]
pub(super) struct Layers {
    given: BTreeMap<&'static str, Vec<(Source, String)>>,
    /// The file that was read.
    pub file: Option<String>,
    pub in_force: Vec<InForce>,
    pub problems: Vec<Problem>,
}

impl Layers {
    /// Adds a value of lower precedence than those given for this setting before.
    pub fn give(&mut self, setting: &'static Setting, source: Source, text: String) {
        self.given.entry(setting.key).or_default().push((source, text));
    }

    /// Takes the value in force. The values it overrides are checked too: a mistake in one of them would otherwise
    /// appear on the day when the flag before it is removed.
    pub fn settle<V: Value>(&mut self, setting: &'static Setting) -> Option<V> {
        let mut best = None;
        let given = self.given.remove(setting.key).unwrap_or_default();
        let given_count = given.len();
        let default = (Source::Default, setting.default.to_owned());
        for (at, (source, text)) in given.into_iter().chain([default]).enumerate() {
            // An empty text says "nothing set" only where it is the default.
            let parsed = if text.is_empty() && at < given_count { None } else { V::parse(&text, setting.bounds) };
            match parsed {
                Some(value) if at == 0 => best = Some((value, source)),
                Some(_) => {}
                None => self.problems.push(Problem::refused(setting, &text, source)),
            }
        }
        let (value, source) = best?;
        self.in_force.push(InForce { setting, text: value.print(), source });
        Some(value)
    }

    /// The text in force with its source, for a sentence about two settings that contradict each other.
    pub fn describe(&self, key: &str) -> String {
        let found = self.in_force.iter().find(|entry| entry.setting.key == key);
        found.map_or_else(|| key.to_owned(), |entry| format!("{key} = {} ({})", entry.shown(), entry.source))
    }
}

impl InForce {
    /// The text for a person. A secret prints itself as "(set)".
    pub fn shown(&self) -> &str {
        if self.text.is_empty() { "(not set)" } else { &self.text }
    }
}
