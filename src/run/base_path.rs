//! The path below which everything is.

use crate::config::Config;
use parlor_kit::BasePath;

/// Takes the path that the settings give; `None` for the root.
///
/// # Errors
/// If the server allows less than the settings do.
pub fn of(config: &Config) -> Result<Option<BasePath>, String> {
    let path: BasePath =
        config.listen.base_path.as_str().parse().map_err(|error| format!("{error} (setting: base_path)"))?;
    Ok(Some(path).filter(|path| *path != BasePath::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_allows_what_the_settings_do() {
        for text in ["/", "/chat", "/a/B-1._~/c/", "", "chat", "//", "/a//b", "/..", "/a/.", "/a?b", "/%61", "/{a}"] {
            let flag = format!("--base-path={text}");
            let loaded = Config::load(["parlor".into(), flag.into()], [], |_| Err(std::io::ErrorKind::NotFound.into()));
            let path: Option<BasePath> = text.parse().ok();
            match loaded {
                Ok(loaded) => {
                    assert_eq!(
                        Some(loaded.config.listen.base_path.as_str()),
                        path.as_ref().map(BasePath::as_str),
                        "{text}"
                    );
                    assert_eq!(of(&loaded.config), Ok(path.filter(|path| path.as_str() != "/")));
                }
                Err(_) => assert_eq!(path, None, "{text}"),
            }
        }
    }
}
