//! Names: nobody has another's, and nobody is refused a free one.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization as _;

use super::Scene;
use crate::fault::{Checked, hold};

/// By folded name and user: until when, in running time, the user may hold it.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<String, BTreeMap<String, u64>>);

/// Two names are the same if they differ only in case and width.
pub fn folded(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ").nfkc().collect::<String>().to_lowercase()
}

impl Names {
    /// A user has, or may have, a name at this time.
    pub fn seen(&mut self, name: &str, user: &str, scene: &Scene) {
        let settings = &scene.settings;
        // Over a restart it may be a fifth longer.
        let reserved = settings.get("name_reservation") * 6 / 5;
        let until = scene.running + reserved.max(settings.get("presence_grace")) + 5000;
        let held = self.0.entry(folded(name)).or_default().entry(user.to_owned()).or_default();
        *held = until.max(*held);
    }

    /// Somebody was refused a name.
    pub fn check_taken(&self, name: &str, by: Option<&String>, scene: &Scene) -> Checked {
        let holders = self.0.get(&folded(name)).into_iter().flatten();
        let is_held = holders.clone().any(|(user, until)| Some(user) != by && *until >= scene.running);
        hold!("nobody-is-refused", is_held, "{name} is refused, and nobody has it: {:?}", holders.collect::<Vec<_>>());
        Ok(())
    }
}

/// Checks that no two users who are on have one name.
pub fn check_unique<'a>(online: impl Iterator<Item = (&'a str, &'a str)>) -> Checked {
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for (user, name) in online {
        let other = names.insert(folded(name), user);
        hold!("names-are-unique", other.is_none_or(|other| other == user), "two users have the name {name}");
    }
    Ok(())
}
