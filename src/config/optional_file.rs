//! The path of a file that need not be named.

use std::path::{Path, PathBuf};

use super::setting::{Bounds, Shape};
use super::value::Value;

/// The path of a file, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionalFile(Option<PathBuf>);

impl OptionalFile {
    pub fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

impl Value for OptionalFile {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "PATH";

    fn allowed(_: Bounds) -> String {
        "none, or the path of a file".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        if text == "none" {
            return Some(OptionalFile(None));
        }
        // A system's path ends at a zero byte. A path that ends with a slash is a directory.
        let is_path = !text.is_empty() && !text.contains('\0') && !text.ends_with('/');
        is_path.then(|| OptionalFile(Some(PathBuf::from(text))))
    }

    fn print(&self) -> String {
        self.0.as_ref().map_or_else(|| "none".to_owned(), |path| path.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_path_or_is_none() {
        let parsed = |text| OptionalFile::parse(text, Bounds { min: "", max: "" }).map(|file| file.print());
        for text in ["none", "cert.pem", "/etc/parlor/cert.pem"] {
            assert_eq!(parsed(text).as_deref(), Some(text));
        }
        for text in ["", "certs/", "a\0b"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
