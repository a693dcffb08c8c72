//! The path below which the server has everything.

use super::setting::{Bounds, Shape};
use super::value::Value;

/// A path with a slash at its beginning and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for BasePath {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "PATH";

    fn allowed(_: Bounds) -> String {
        "/, or a path that begins with / such as /chat/: letters, digits and - . _ ~ between the slashes, no . or .. alone"
            .to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        let inside = text.strip_prefix('/')?;
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        if inside.is_empty() {
            return (text == "/").then(|| BasePath(text.to_owned()));
        }
        let is_of_segment = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let is_segment = |segment: &str| !["", ".", ".."].contains(&segment) && segment.chars().all(is_of_segment);
        inside.split('/').all(is_segment).then(|| BasePath(format!("/{inside}/")))
    }

    fn print(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        BasePath::parse(text, Bounds { min: "", max: "" }).map(|path| path.print())
    }

    #[test]
    fn a_slash_at_the_end_is_added() {
        for (text, path) in
            [("/", "/"), ("/chat", "/chat/"), ("/chat/", "/chat/"), ("/a/B-1._~/c", "/a/B-1._~/c/"), ("/.a", "/.a/")]
        {
            assert_eq!(parsed(text).as_deref(), Some(path));
        }
    }

    #[test]
    fn what_is_no_path_or_could_be_read_in_two_ways_is_refused() {
        for text in [
            "",
            "chat",
            "chat/",
            "//",
            "//chat/",
            "/chat//",
            "/a//b",
            "/..",
            "/a/../b",
            "/a/./b",
            "/a?b",
            "/a#b",
            "/a b",
            "/%61",
            "/\u{e4}",
            "/{a}",
            "/a\\b",
            "http://a/b",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
