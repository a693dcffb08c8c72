//! The output of `parlor config` and `parlor --help`.

use std::path::PathBuf;

use insta::assert_snapshot;

use super::{load, load_words};
use crate::config::*;

#[test]
fn what_config_prints_gives_the_same_config() {
    let args = "config --host [::1] --port 0 --workers 4 --origin https://a.example --origin * --require-origin \
        --journal memory --synchronous full --retain-age 36h --heartbeat 1500ms --frame-bytes 1000000 --log info,a=debug";
    let file = r#"forfeit_after = 90"#;
    let printed = load(args, &[("PARLOR_RETAIN", "5")], Some(file)).unwrap();
    let read_again = load("", &[], Some(&printed.to_toml())).unwrap();
    assert_eq!(printed.config, read_again.config);
    let defaults = load("", &[], None).unwrap();
    assert_eq!(defaults.config, load("", &[], Some(&defaults.to_toml())).unwrap().config);
    assert_snapshot!("config", printed.to_toml());
}

#[test]
fn what_config_prints_survives_odd_paths() {
    for path in ["a\"b", "a'b", "a\\b", "a#b", "a\nb", "ä/盤.db", "\u{7f}"] {
        let printed = load_words(&["--journal", path], &[], None).unwrap();
        assert_eq!(printed.config.journal.journal, JournalLocation::File(PathBuf::from(path)));
        let page = printed.to_toml();
        assert_eq!(load("", &[], Some(&page)).unwrap().config, printed.config, "{page}");
    }
}

#[test]
fn help_tells_every_setting() {
    let help = cli::definition().term_width(100).render_long_help().to_string();
    for setting in table::settings() {
        assert!(help.contains(&format!("{} ", setting.flag())) || help.contains(&format!("{}[", setting.flag())));
    }
    assert_snapshot!("help", help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"));
    let short = cli::definition().term_width(100).render_help().to_string();
    assert_snapshot!("help_short", short);
    cli::definition().debug_assert();
}

#[test]
fn sources_are_named_without_values() {
    let file = "room_retention = '7d'\nport = 9\nsecret = 'hunter2hunter2hunter2'";
    let loaded = load("--port 1 --host=::1", &[("PARLOR_RETAIN", "5"), ("RUST_LOG", "info")], Some(file)).unwrap();
    assert_snapshot!(loaded.sources(), @"flags: --host, --port; variables: PARLOR_RETAIN, RUST_LOG; file: ./parlor.toml (keys in force: secret, room_retention); all others have their defaults");
    assert_snapshot!(load("", &[], None).unwrap().sources(), @"flags: none; variables: none; file: none; all others have their defaults");
}
