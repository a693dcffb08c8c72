//! Precedence of values.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{load, load_words, variables, words};
use crate::config::listen::Workers;
use crate::config::origin::OriginList;
use crate::config::*;

#[test]
fn without_anything_the_defaults_are_in_force() {
    let loaded = load("", &[], None).unwrap();
    assert_eq!(loaded.command, Command::Run);
    assert_eq!(loaded.warnings, [""; 0]);
    let config = loaded.config;
    assert_eq!(config.listen.host.as_str(), "127.0.0.1");
    assert_eq!(config.listen.port, 8080);
    assert_eq!(config.listen.workers, Workers::PerCpu);
    assert!((1..=256).contains(&config.listen.workers.count()));
    assert_eq!(config.listen.origin, OriginList::default());
    assert_eq!(config.identity.secret, None);
    assert_eq!(config.journal.journal, JournalLocation::File(PathBuf::from("./parlor.db")));
    assert_eq!(config.journal.synchronous, Synchronous::Normal);
    assert_eq!(config.journal.retain_age, None);
    assert_eq!(config.journal.room_retention, Duration::from_secs(30 * 86_400));
    assert_eq!(config.connection.heartbeat, Duration::from_secs(25));
    assert_eq!(config.connection.outbox_bytes.bytes(), 1 << 20);
    assert_eq!(config.limits.frame_bytes.bytes(), 65_536);
}

#[test]
fn every_row_reaches_the_config_and_its_default_is_written_as_it_is_printed() {
    let loaded = load("", &[], None).unwrap();
    let in_force: Vec<(&str, &str)> =
        loaded.in_force.iter().map(|entry| (entry.setting.key, entry.text.as_str())).collect();
    let rows: Vec<(&str, &str)> = table::settings().map(|setting| (setting.key, setting.default)).collect();
    assert_eq!(in_force, rows);
}

#[test]
fn bounds_are_themselves_allowed_and_nothing_beyond_them_is() {
    for setting in table::settings().filter(|setting| !setting.bounds.min.is_empty()) {
        // A secret's bounds are those of its length.
        if setting.shape == setting::Shape::Secret {
            continue;
        }
        for bound in [setting.bounds.min, setting.bounds.max] {
            let flag = format!("{}={bound}", setting.flag());
            // Alone it may not suit another setting, but it is never refused for itself.
            let said = load(&flag, &[], None).map_or_else(|error| error, |_| String::new());
            assert!(!said.contains("cannot be"), "{flag}: {said}");
        }
        let beyond = format!("{}={}0", setting.flag(), setting.bounds.max.trim_end_matches(char::is_alphabetic));
        let unit = setting.bounds.max.trim_start_matches(|c: char| c.is_ascii_digit());
        let said = load(&format!("{beyond}{unit}"), &[], None).unwrap_err();
        assert!(said.contains("cannot be"), "{beyond}{unit}: {said}");
    }
}

#[test]
fn a_flag_goes_before_a_variable_and_a_variable_before_the_file() {
    let port =
        |args: &str, vars: &[(&str, &str)], file: Option<&str>| load(args, vars, file).unwrap().config.listen.port;
    let (args, vars, file) = ("--port 1", [("PARLOR_PORT", "2")], Some("port = 3"));
    assert_eq!(port(args, &vars, file), 1);
    assert_eq!(port("", &vars, file), 2);
    assert_eq!(port("", &[], file), 3);
    assert_eq!(port("", &[], None), 8080);
}

#[test]
fn each_setting_can_come_from_each_place() {
    for setting in table::settings() {
        let text = match setting.key {
            "host" => "::1",
            "base_path" => "/chat/",
            "workers" => "3",
            "origin" => "https://a.example",
            "allowed_host" => "a.example",
            "trusted_proxy" => "10.0.0.0/8",
            "keep_room" => "hall",
            "forwarded_header" => "forwarded",
            "require_origin" => "true",
            "secret" => "sixteen bytes or more",
            "journal" => "memory",
            "synchronous" => "full",
            "log" => "debug",
            "metrics_listen" | "redirect_http" => "127.0.0.1:9090",
            "hsts" => "5m",
            "address_rate_per_second" => "2000",
            "redis_prefix" => "{chat}:",
            "redis_volatile" => "true",
            "redis_wait_replicas" => "2",
            "node_name" => "left",
            "node_listen" => "10.0.0.7:8081",
            "node_address" => "node7:8081",
            // A minute more than the default, or twice it, is fine for all of these.
            _ if setting.default.ends_with(['s', 'm', 'h', 'd']) => "61s",
            _ if setting.default.ends_with('B') => "1MiB",
            _ => "77",
        };
        let text = if setting.key == "retain_age" { "61s" } else { text };
        let file = format!("{} = {}", setting.key, print::value(setting, text));
        let flag = Source::Flag(setting.flag());
        let variable = Source::Variable(setting.variable());
        let key = Source::File { path: "./parlor.toml".to_owned(), key: setting.key.to_owned() };
        let from = |args: &[&str], vars: &[(&str, &str)], file: Option<&str>| {
            let loaded = load_words(args, vars, file).unwrap();
            let entry = loaded.in_force.into_iter().find(|entry| entry.setting.key == setting.key).unwrap();
            (entry.text, entry.source)
        };
        let base: &[&str] = match setting.key {
            // A timeout has to be more than the heartbeat.
            "heartbeat" => &["--heartbeat-timeout", "5m"],
            "tls_cert" => &["--tls-key", "key.pem"],
            "tls_key" => &["--tls-cert", "cert.pem"],
            "redirect_http" | "hsts" => &["--tls-cert", "cert.pem", "--tls-key", "key.pem"],
            key if key.starts_with("redis_") || key.starts_with("node_") => &["--journal", "rediss://a"],
            _ => &[],
        };
        let word = format!("{}={text}", setting.flag());
        let flag_words = [base, &[word.as_str()]].concat();
        let shown = if setting.key == "secret" { "(set)" } else { text };
        assert_eq!(from(&flag_words, &[], None), (shown.to_owned(), flag), "{}", setting.key);
        assert_eq!(from(base, &[(&setting.variable(), text)], None), (shown.to_owned(), variable));
        assert_eq!(from(base, &[], Some(&file)), (shown.to_owned(), key));
    }
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let vars = [("PARLOR_PORT", ""), ("PARLOR_CONFIG", ""), ("RUST_LOG", ""), ("PARLOR_SECRET", "")];
    let loaded = load("", &vars, Some("port = 3")).unwrap();
    assert_eq!(loaded.config.listen.port, 3);
    assert_eq!(loaded.config.identity.secret, None);
}

#[test]
fn rust_log_is_honoured_after_our_own_variable_and_before_the_file() {
    let log = |vars: &[(&str, &str)]| {
        let loaded = load("", vars, Some("log = \"error\"")).unwrap();
        let entry = loaded.in_force.last().unwrap();
        format!("{} ({})", entry.text, entry.source)
    };
    assert_eq!(log(&[("RUST_LOG", "debug"), ("PARLOR_LOG", "trace")]), "trace (variable PARLOR_LOG)");
    assert_eq!(log(&[("RUST_LOG", "debug")]), "debug (variable RUST_LOG)");
    assert_eq!(log(&[]), "error (file ./parlor.toml, key log)");
}

#[test]
fn the_highest_place_that_names_origins_gives_all_of_them() {
    let origins = |args: &str, vars: &[(&str, &str)], file: Option<&str>| {
        let loaded = load(args, vars, file).unwrap();
        loaded.config.listen.origin.as_slice().iter().map(|origin| origin.as_str().to_owned()).collect::<Vec<_>>()
    };
    let file = Some("origin = [\"http://f\", \"http://g\"]");
    let vars = [("PARLOR_ORIGIN", "http://v,http://w")];
    assert_eq!(origins("--origin http://a --origin *", &vars, file), ["http://a", "*"]);
    assert_eq!(origins("--origin http://a config --origin http://b", &vars, file), ["http://a", "http://b"]);
    assert_eq!(origins("", &vars, file), ["http://v", "http://w"]);
    assert_eq!(origins("", &[], file), ["http://f", "http://g"]);
    assert_eq!(origins("", &[], Some("origin = \"http://one\"")), ["http://one"]);
    assert_eq!(origins("", &[], Some("origin = []")), [""; 0]);
}

#[test]
fn a_switch_needs_no_value_and_takes_one() {
    let on = |args: &str| load(args, &[("PARLOR_REQUIRE_ORIGIN", "true")], None).unwrap().config.listen.require_origin;
    assert!(on("") && on("--require-origin") && on("--require-origin=true"));
    assert!(!on("--require-origin=false"));
}

#[test]
fn limits_take_what_load_tools_pass() {
    let limits = load(
        "--rate-per-second 1000000000 --rate-burst 1000000000 --max-clients 1000000 --max-clients-per-address 1000000",
        &[],
        None,
    )
    .unwrap()
    .config
    .limits;
    assert_eq!((limits.rate_per_second, limits.rate_burst), (1_000_000_000, 1_000_000_000));
    assert_eq!((limits.max_clients, limits.max_clients_per_address), (1_000_000, 1_000_000));
}

#[test]
fn the_file_is_the_one_named_by_flag_then_variable_then_the_default() {
    let port = |args: &str, vars: &[(&str, &str)]| {
        let read = |path: &Path| match path.to_str() {
            Some("/flag.toml") => Ok("port = 1".to_owned()),
            Some("/variable.toml") => Ok("port = 2".to_owned()),
            Some("./parlor.toml") => Ok("port = 3".to_owned()),
            _ => Err(io::ErrorKind::NotFound.into()),
        };
        Config::load(words(args), variables(vars), read).unwrap().config.listen.port
    };
    let vars = [("PARLOR_CONFIG", "/variable.toml")];
    assert_eq!(port("--config /flag.toml", &vars), 1);
    assert_eq!(port("config --config /flag.toml", &vars), 1);
    assert_eq!(port("", &vars), 2);
    assert_eq!(port("", &[]), 3);
}

#[test]
fn commands() {
    let command = |args: &str| load(args, &[], None).unwrap().command;
    assert_eq!(command("--port 1"), Command::Run);
    assert_eq!(command("config --port 1"), Command::Config);
    assert_eq!(command("export lobby --journal a.db"), Command::Export { room: "lobby".to_owned() });
    assert_eq!(command("--journal a.db export lobby"), Command::Export { room: "lobby".to_owned() });
    assert_eq!(command("import"), Command::Import);
    assert_eq!(command("backup copy.db"), Command::Backup { file: "copy.db".into() });
    let Command::Copy { from, to } = command("copy a.db redis://:hunter2@b --redis-prefix {c}:") else { panic!() };
    assert_eq!(from, JournalLocation::File("a.db".into()));
    assert!(matches!(to, JournalLocation::Redis(to) if to.with_password() == "redis://:hunter2@b"));
}
