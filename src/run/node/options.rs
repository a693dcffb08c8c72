//! Settings, as the options of the journal in Redis.

use std::path::Path;

use crate::config::{Config, RedisLocation};
use crate::run::storage::grace;
use parlor_redis::{RedisOptions, RedisUrl, Secret};

/// Reads the settings, and the file with the password.
///
/// # Errors
/// The reason why they can't be used, as a sentence for the operator.
pub fn of(config: &Config, location: &RedisLocation) -> Result<RedisOptions, String> {
    let url: RedisUrl =
        location.with_password().parse().map_err(|error| format!("{location}: it {error} (setting: journal)"))?;
    let (journal, nodes) = (&config.journal, &config.nodes);
    let file = nodes.redis_password_file.path().filter(|_| !location.has_password());
    let defaults = RedisOptions::new(url);
    Ok(RedisOptions {
        password: file.map(password).transpose()?,
        prefix: nodes.redis_prefix.to_string(),
        retain: journal.retain,
        retain_age: journal.retain_age,
        grace: grace(journal),
        patience: nodes.redis_patience,
        volatile: nodes.redis_volatile,
        wait_replicas: nodes.redis_wait_replicas,
        node: nodes.node_name.0.clone().unwrap_or_else(|| defaults.node.clone()),
        root_certificate: nodes.redis_ca.path().map(Path::to_owned),
        ..defaults
    })
}

fn password(file: &Path) -> Result<Secret, String> {
    let failed = |why: String| {
        format!("The password of Redis can't be read from {}: {why} (setting: redis-password-file)", file.display())
    };
    let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.contains('\n') {
        return Err(failed("it has to hold one line, and nothing else".to_owned()));
    }
    Ok(Secret::new(line))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::config::JournalLocation;

    fn options(args: &[&str]) -> Result<RedisOptions, String> {
        let args = ["parlor"].iter().chain(args).map(OsString::from);
        let config = Config::load(args, [], |_| Err(std::io::ErrorKind::NotFound.into())).unwrap().config;
        let JournalLocation::Redis(location) = &config.journal.journal else { panic!() };
        of(&config, location)
    }

    /// Settings are checked without knowledge of the crate.
    #[test]
    fn the_urls_that_settings_allow_can_be_used() {
        for url in [
            "redis://localhost",
            "redis://localhost/",
            "rediss://a:7000/3",
            "redis://:p@[::1]:1/2",
            "redis://ann:p%40@a",
            "redis://ann@a",
            "redis+sentinel://ann:p@a,b:1,[::1]:2/lounge",
            "rediss+sentinel://a/lounge/4",
        ] {
            options(&["--journal", url]).unwrap();
        }
    }

    #[test]
    fn a_password_comes_from_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("password");
        let read = |url: &str| options(&["--journal", url, "--redis-password-file", file.to_str().unwrap()]);
        assert!(read("redis://ann@a").unwrap_err().contains("redis-password-file"));
        for (text, password) in [("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("hunter 2\r\n", "hunter 2")] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(read("redis://ann@a").unwrap().password.unwrap().as_str(), password);
        }
        for text in ["", "\n", "hunter2\n\n", "hunter2\nmore\n"] {
            std::fs::write(&file, text).unwrap();
            let words = read("redis://ann@a").unwrap_err();
            assert!(words.contains("one line") && !words.contains("hunter"), "{words}");
        }
    }

    #[test]
    fn settings_reach_the_journal() {
        let args = ["--journal", "redis://a", "--redis-prefix", "{b}:", "--redis-patience", "2s", "--redis-volatile"];
        let more = ["--redis-wait-replicas", "2", "--node-name", "left", "--retain", "7", "--room-retention", "1m"];
        let options = options(&[&args[..], &more].concat()).unwrap();
        assert_eq!((&options.prefix[..], &options.node[..]), ("{b}:", "left"));
        assert_eq!((options.patience.as_secs(), options.grace.as_secs()), (2, 60));
        assert!(options.volatile && options.wait_replicas == 2 && options.retain == 7);
    }
}
