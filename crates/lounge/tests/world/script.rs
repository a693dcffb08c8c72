//! A script: settings, then steps. A line each; `#` begins a comment.

use std::collections::BTreeSet;
use std::fmt;

use crate::settings::{NAMES, Settings};
use crate::step::{Act, Step};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    pub settings: Settings,
    pub steps: Vec<Step>,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// The line that is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut script = Script::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix("with ") {
                Some(setting) => {
                    let (name, value) = setting.split_once(' ').ok_or_else(|| format!("no setting: {line}"))?;
                    let value = value.parse().map_err(|_| format!("no number: {line}"))?;
                    if !NAMES.iter().any(|(known, _)| *known == name) {
                        return Err(format!("there is no setting {name}"));
                    }
                    script.settings.set(name, value);
                }
                None => script.steps.push(Step::parse(line)?),
            }
        }
        Ok(script)
    }

    /// Returns the clients that do something.
    pub fn clients(&self) -> BTreeSet<String> {
        let name = |step: &Step| match step {
            Step::Client(client, Act::ComeAs(other)) => vec![client.clone(), other.clone()],
            Step::Client(client, _) => vec![client.clone()],
            Step::Pass(_)
            | Step::SetClock { .. }
            | Step::Kill(_)
            | Step::Journal(_)
            | Step::Panic(_)
            | Step::Settle => Vec::new(),
        };
        self.steps.iter().flat_map(name).collect()
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.0.iter().try_for_each(|(name, value)| writeln!(f, "with {name} {value}"))?;
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}
