//! Host names: as setting, a list of them.

use super::setting::{Bounds, Shape};
use super::value::Value;

/// The longest name that DNS allows.
const NAME_MAX: usize = 253;

/// The names by which the server is reached besides those it knows of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostNames(Vec<HostName>);

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostName {
    /// `*`: any name.
    Any,
    /// In lower case, without a port and a final dot.
    Exact(String),
}

impl HostNames {
    pub fn as_slice(&self) -> &[HostName] {
        &self.0
    }
}

/// Tells whether this may be a host name, also one that DNS would not take.
pub(super) fn is_name(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !text.is_empty() && text.len() <= NAME_MAX && text.chars().all(is_allowed)
}

impl Value for HostNames {
    const SHAPE: Shape = Shape::List;
    const PLACEHOLDER: &'static str = "NAME";

    fn allowed(_: Bounds) -> String {
        "*, or a host name without scheme and port".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        if text.is_empty() {
            return Some(HostNames::default());
        }
        text.split(',').map(|part| HostName::parse(part.trim())).collect::<Option<_>>().map(HostNames)
    }

    fn print(&self) -> String {
        self.0.iter().map(HostName::as_str).collect::<Vec<_>>().join(",")
    }
}

impl HostName {
    pub fn as_str(&self) -> &str {
        match self {
            HostName::Any => "*",
            HostName::Exact(name) => name,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(HostName::Any);
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        is_name(name).then(|| HostName::Exact(name.to_ascii_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        HostNames::parse(text, Bounds { min: "", max: "" }).map(|names| names.print())
    }

    #[test]
    fn names_lose_case_and_a_final_dot() {
        assert_eq!(parsed("Chat.Example.org., intranet").as_deref(), Some("chat.example.org,intranet"));
        assert_eq!(parsed("*").as_deref(), Some("*"));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["https://a.example", "a.example:80", "a.example/", "a b", "a,,b", "*.example.org", "[::1]", "."] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
