//! One row of the table of settings, and the macro that writes the rows and the typed fields from one list.
//!
//! A row's key gives the flag (`room_retention` → `--room-retention`), the variable (`PARLOR_ROOM_RETENTION`) and the file
//! key; its doc comment is the help; its bounds are checked and shown. Flags, help, variables, file,
//! `parlor config` and `docs/settings.md` are all made from the same rows.

/// The settings of one subject, in the order they are shown.
#[derive(Debug)]
pub(super) struct Subject {
    pub title: &'static str,
    /// The doc comment of the struct.
    pub doc: &'static str,
    pub settings: &'static [Setting],
}

/// One setting, without a value.
#[derive(Debug)]
pub(super) struct Setting {
    pub key: &'static str,
    /// The doc comment. Its first paragraph is the help, the rest the details.
    pub doc: &'static str,
    /// The default as a person would write it; empty if `doc` says what happens without a value.
    pub default: &'static str,
    /// The unit of a number; empty if the value includes its unit.
    pub unit: &'static str,
    pub bounds: Bounds,
    pub shape: Shape,
    /// The name of the value in the help: `--port <N>`.
    pub placeholder: &'static str,
    /// The allowed values in words.
    pub allowed: fn(Bounds) -> String,
    /// A variable that other programs use too; our own goes before it.
    pub shared_variable: Option<&'static str>,
    /// Another name of the flag, without its dashes.
    pub other_flag: Option<&'static str>,
}

/// The smallest and the largest allowed value, as a person would write them; empty for a value without bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub min: &'static str,
    pub max: &'static str,
}

/// The form of a value in a TOML file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A TOML integer, or a string with the same digits.
    Number,
    /// A TOML string with a unit in it (`"10s"`, `"64KiB"`); or a bare integer.
    Quantity,
    /// `true` or `false`; as a flag it needs no value.
    Switch,
    /// A TOML string.
    Text,
    /// An array of strings, or one string with commas; as a flag it may be repeated.
    List,
    /// A TOML string that is never printed.
    Secret,
}

impl Subject {
    /// The doc comment on one line.
    pub fn about(&self) -> String {
        paragraphs(self.doc).join(" ")
    }
}

impl Setting {
    /// The flag with its dashes.
    pub fn flag(&self) -> String {
        format!("--{}", self.long())
    }

    /// The flag without its dashes.
    pub fn long(&self) -> String {
        self.key.replace('_', "-")
    }

    pub fn variable(&self) -> String {
        format!("PARLOR_{}", self.key.to_uppercase())
    }

    /// The allowed values with their unit.
    pub fn allowed(&self) -> String {
        self.with_unit(&(self.allowed)(self.bounds))
    }

    /// The default with its unit; `None` if `details` says what happens instead.
    pub fn shown_default(&self) -> Option<String> {
        (!self.default.is_empty()).then(|| self.with_unit(self.default))
    }

    /// The first paragraph of the doc comment, on one line.
    pub fn summary(&self) -> String {
        paragraphs(self.doc).into_iter().next().unwrap_or_default()
    }

    /// The paragraphs after the first, each on one line.
    pub fn details(&self) -> Vec<String> {
        paragraphs(self.doc).into_iter().skip(1).collect()
    }

    fn with_unit(&self, text: &str) -> String {
        if self.unit.is_empty() { text.to_owned() } else { format!("{text} {}", self.unit) }
    }
}

/// A doc comment's paragraphs, each on one line.
fn paragraphs(doc: &str) -> Vec<String> {
    let lines: Vec<&str> = doc.lines().map(str::trim).collect();
    lines
        .split(|line| line.is_empty())
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| paragraph.join(" "))
        .collect()
}
