//! People's names.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::characters::{is_digit, is_joiner, is_letter, is_mark, is_space, joiners_join};

/// A user's name as it is shown: 1–32 characters in Unicode's normalization form C.
///
/// It is made of letters of any script and the marks that belong to them, digits, spaces, `_`, `-` and `.`. Spaces of any
/// width become plain ones, runs of them one, and those at the ends go. The two joiners that some scripts spell with may
/// stand between characters beyond ASCII. Nothing else gets in: no controls, nothing that turns the direction of writing,
/// nothing unseen, no emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

impl Name {
    /// The most characters (Unicode scalar values) of a name, counted after normalization.
    pub const CHARS_MAX: usize = 32;

    /// Marks that may pile up on one character: no script needs more, and more climb into the neighbouring lines.
    const MARKS_MAX: usize = 8;

    /// Makes a name of what somebody typed. What it returns, parsed again, is the same.
    pub fn parse(typed: &str) -> Result<Self, NameError> {
        let name = tidied(typed)?;
        match name.chars().count() {
            0 => return Err(NameError::Empty),
            1..=Self::CHARS_MAX => {}
            _ => return Err(NameError::TooLong),
        }
        let (mut before, mut marks) = (' ', 0);
        for c in name.chars() {
            marks = if is_mark(c) { marks + 1 } else { 0 };
            let carries_marks = is_letter(before) || is_digit(before) || is_mark(before) || is_joiner(before);
            if marks > Self::MARKS_MAX || (marks > 0 && !carries_marks) {
                return Err(NameError::LooseMark);
            }
            if !(marks > 0 || is_letter(c) || is_digit(c) || is_joiner(c) || matches!(c, ' ' | '_' | '-' | '.')) {
                return Err(NameError::Forbidden(c));
            }
            before = c;
        }
        if joiners_join(&name) { Ok(Name(name)) } else { Err(NameError::LooseJoiner) }
    }

    /// The name of a guest: `guest-7`.
    pub fn guest(number: u64) -> Self {
        Name(format!("guest-{number}"))
    }

    /// Returns whether it is a guest's name.
    pub fn is_guest(&self) -> bool {
        self.0.strip_prefix("guest-").is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key that names have in common which count as the same.
    pub fn key(&self) -> NameKey {
        let once: String = self.0.nfkd().filter(|&c| !is_joiner(c)).flat_map(folded).collect();
        NameKey(once.nfkd().flat_map(folded).nfkc().collect())
    }
}

/// Names with the same key count as the same name: it knows no case (`STRASSE` is `straße`), no width (`Ａlice` is
/// `Alice`) and no joiners.
///
/// That is Unicode's compatibility caseless match (The Unicode Standard, §3.13, D146) but for two things: case is folded
/// by way of upper case, so that the dotless `ı` is `i` too, and the unseen is left out. Letters of different scripts that
/// merely look alike (Latin `a`, Cyrillic `а`) stay different: programs and careful people go by the id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct NameKey(String);

impl NameKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text can't be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    Empty,
    TooLong,
    /// A mark that has no letter to stand on, or one too many of them.
    LooseMark,
    LooseJoiner,
    Forbidden(char),
}

impl NameError {
    /// Returns the rule that is broken: a sentence without its subject, such as "must not be empty".
    pub fn rule(self) -> String {
        match self {
            NameError::Empty => "must not be empty".into(),
            NameError::TooLong => format!("must have at most {} characters", Name::CHARS_MAX),
            NameError::LooseMark => "must have its combining marks on letters, eight on one at most".into(),
            NameError::LooseJoiner => "must not have invisible characters that join nothing".into(),
            NameError::Forbidden(c) => {
                format!("must be made of letters, digits, spaces, '_', '-' and '.', not {}", c.escape_debug())
            }
        }
    }
}

impl NameError {
    /// Returns the least and the most characters of a name, if one of these bounds is broken.
    pub fn characters(self) -> (Option<usize>, Option<usize>) {
        match self {
            NameError::Empty => (Some(1), None),
            NameError::TooLong => (None, Some(Name::CHARS_MAX)),
            NameError::LooseMark | NameError::LooseJoiner | NameError::Forbidden(_) => (None, None),
        }
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a name {}", self.rule())
    }
}

impl std::error::Error for NameError {}

impl TryFrom<String> for Name {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Name::parse(&text)
    }
}

/// In form C, trimmed, single plain spaces inside. Stops early at what is far too long.
fn tidied(typed: &str) -> Result<String, NameError> {
    let mut name = String::new();
    let mut space_due = false;
    for (count, c) in typed.trim().nfc().enumerate() {
        if count > 8 * Name::CHARS_MAX {
            return Err(NameError::TooLong);
        }
        if is_space(c) {
            space_due = true;
            continue;
        }
        if std::mem::take(&mut space_due) && !name.is_empty() {
            name.push(' ');
        }
        name.push(c);
    }
    Ok(name)
}

/// Without case: the lower case of the upper case, which takes `ß` and `ς` along.
fn folded(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests;
