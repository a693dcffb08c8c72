//! Sentences about mistakes. Snapshots freeze them.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use insta::assert_snapshot;

use super::{load, refusal, variables, words};
use crate::config::*;

#[test]
fn a_setting_may_stand_before_or_behind_the_subcommand_but_not_both() {
    assert_eq!(load("--port 1 config", &[], None).unwrap().config.listen.port, 1);
    assert_eq!(load("config --port 1", &[], None).unwrap().config.listen.port, 1);
    assert_snapshot!(refusal("--port 1 --config a config --port 2 --config b", &[], None), @r"
    error: flag --port is given twice, before and after the subcommand
    error: flag --config is given twice, before and after the subcommand
    error: file a (flag --config) cannot be read: entity not found
    ");
}

#[test]
fn a_bad_value_names_itself_its_place_and_what_is_allowed() {
    let said = [
        refusal("--port 80x", &[], None),
        refusal("--port -1", &[], None),
        refusal("", &[("PARLOR_PORT", "tcp://10.0.0.1:80")], None),
        refusal("", &[], Some("port = 65536")),
        refusal("", &[], Some("port = [1]")),
        refusal("", &[("RUST_LOG", "a=b=c")], None),
        refusal("--retain 0", &[], None),
        refusal("--heartbeat 10sec", &[], None),
        refusal("--retain-age never", &[], None),
        refusal("--frame-bytes 64KB", &[], None),
        refusal("--workers 0", &[], None),
        refusal("--host 127.0.0.1:80", &[], None),
        refusal("--origin chat.example.org", &[], None),
        refusal("--require-origin=yes", &[], None),
        refusal("--synchronous off", &[], None),
        refusal("--journal dir/", &[], None),
        refusal("", &[], Some("[limits]\nmax_rooms = 3")),
    ];
    assert_snapshot!(said.join("\n"), @r#"
    error: port cannot be "80x" (flag --port); allowed: 0 to 65535
    error: port cannot be "-1" (flag --port); allowed: 0 to 65535
    error: port cannot be "tcp://10.0.0.1:80" (variable PARLOR_PORT); allowed: 0 to 65535
    error: port cannot be "65536" (file ./parlor.toml, key port); allowed: 0 to 65535
    error: port cannot be "[1]" (file ./parlor.toml, key port); allowed: 0 to 65535
    error: log cannot be "a=b=c" (variable RUST_LOG); allowed: off, error, warn, info, debug or trace, or MODULE=LEVEL, with commas between several
    error: retain cannot be "0" (flag --retain); allowed: 1 to 1000000000 events
    error: heartbeat cannot be "10sec" (flag --heartbeat); allowed: 100ms to 1h
    error: retain_age cannot be "never" (flag --retain-age); allowed: none, or 1s to 36500d
    error: frame_bytes cannot be "64KB" (flag --frame-bytes); allowed: 1KiB to 64MiB
    error: workers cannot be "0" (flag --workers); allowed: auto, or 1 to 256
    error: host cannot be "127.0.0.1:80" (flag --host); allowed: an IP address or a host name, without a port
    error: origin cannot be "chat.example.org" (flag --origin); allowed: *, or scheme://host[:port] without a path
    error: require_origin cannot be "yes" (flag --require-origin); allowed: true or false
    error: synchronous cannot be "off" (flag --synchronous); allowed: normal or full
    error: journal cannot be "dir/" (flag --journal); allowed: memory, the path of a file, or the URL of a Redis such as redis://localhost:6379
    error: file ./parlor.toml has a table "limits"; all settings stand at the top level, without tables
    "#);
}

#[test]
fn an_empty_value_is_no_value_but_in_a_variable() {
    assert_snapshot!(refusal("--journal= --origin= --log=", &[], Some("secret = ''")), @r#"
    error: origin cannot be "" (flag --origin); allowed: *, or scheme://host[:port] without a path
    error: secret cannot be what was given, which is not shown (file ./parlor.toml, key secret); allowed: 16 to 4096 bytes
    error: journal cannot be "" (flag --journal); allowed: memory, the path of a file, or the URL of a Redis such as redis://localhost:6379
    error: log cannot be "" (flag --log); allowed: off, error, warn, info, debug or trace, or MODULE=LEVEL, with commas between several
    "#);
}

#[test]
fn a_bad_value_is_told_even_when_another_goes_before_it() {
    assert_snapshot!(refusal("--port 1", &[("PARLOR_PORT", "x")], Some("port = 'y'")), @r#"
    error: port cannot be "x" (variable PARLOR_PORT); allowed: 0 to 65535
    error: port cannot be "y" (file ./parlor.toml, key port); allowed: 0 to 65535
    "#);
}

#[test]
fn all_problems_are_told_at_once() {
    assert_snapshot!(refusal("--port x", &[("PARLOR_RETAIN", "y")], Some("prot = 1\nretian = 2\nzzz = 3\nhost = 4")), @r#"
    error: host cannot be "4" (file ./parlor.toml, key host); allowed: an IP address or a host name, without a port
    error: file ./parlor.toml has an unknown key "prot"; the nearest is "port"
    error: file ./parlor.toml has an unknown key "retian"; the nearest is "retain"
    error: file ./parlor.toml has an unknown key "zzz"; `parlor config` lists all keys
    error: port cannot be "x" (flag --port); allowed: 0 to 65535
    error: retain cannot be "y" (variable PARLOR_RETAIN); allowed: 1 to 1000000000 events
    "#);
}

#[test]
fn settings_that_do_not_suit_each_other_are_refused_together() {
    assert_snapshot!(refusal("--heartbeat 60s", &[], Some("frame_bytes = '2MiB'")), @r"
    error: heartbeat_timeout = 1m (default) has to be more than heartbeat = 1m (flag --heartbeat): every silent client would be dropped before it could answer a ping
    error: outbox_bytes = 1MiB (default) has to be at least frame_bytes = 2MiB (file ./parlor.toml, key frame_bytes): a frame that may come in has to fit on its way out
    ");
}

/// Each contradiction is found wherever its halves were given, and not where the bound is just kept.
#[test]
fn each_contradiction_names_its_bound() {
    for (wrong, right, bound) in [
        (
            "--heartbeat 10s --heartbeat-timeout 10s",
            "--heartbeat 10s --heartbeat-timeout 10001ms",
            "more than heartbeat = 10s",
        ),
        ("--frame-bytes 1048577 --body-chars 1", "--frame-bytes 1MiB --body-chars 1", "at least frame_bytes = 1048577"),
        ("--presence-room 1000 --outbox-bytes 640KiB", "--presence-room 1000 --outbox-bytes 770KiB", "at least 770KiB"),
        ("--frame-bytes 1000000 --body-chars 43009", "--frame-bytes 1000000 --body-chars 43008", "at most 43008"),
        (
            "--max-clients-per-address 10 --address-rate-per-second 199",
            "--max-clients-per-address 10 --address-rate-per-second 200",
            "at least 200",
        ),
        ("--frame-bytes 253KiB --body-chars 1000000", "--frame-bytes 252KiB --body-chars 1000000", "at most 252KiB"),
    ] {
        let words: Vec<&str> = wrong.split_whitespace().collect();
        let (first, second) = words.split_at(2);
        let variable = |flag: &str| format!("PARLOR_{}", flag[2..].to_uppercase().replace('-', "_"));
        let key = |flag: &str| flag[2..].replace('-', "_");
        let by_variable = [(variable(second[0]), second[1])];
        let by_variable: Vec<(&str, &str)> = by_variable.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let file = format!("{} = '{}'\n{} = '{}'", key(first[0]), first[1], key(second[0]), second[1]);
        for said in
            [refusal(wrong, &[], None), refusal(&first.join(" "), &by_variable, None), refusal("", &[], Some(&file))]
        {
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(said.contains(bound) && said.contains(&format!("{} = ", key(first[0]))), "{said}");
        }
        load(right, &[], None).unwrap();
    }
}

#[test]
fn tls_needs_a_whole_pair() {
    assert_snapshot!(refusal("--tls-cert cert.pem", &[], None), @"error: tls_cert = cert.pem (flag --tls-cert) needs --tls-key too: a certificate and its key are used together");
    assert_snapshot!(refusal("", &[("PARLOR_TLS_KEY", "key.pem")], None), @"error: tls_key = key.pem (variable PARLOR_TLS_KEY) needs --tls-cert too: a certificate and its key are used together");
    assert_snapshot!(refusal("--redirect-http 127.0.0.1:80", &[], None), @"error: redirect_http = 127.0.0.1:80 (flag --redirect-http) needs --tls-cert and --tls-key: without them the server speaks plain HTTP");
    assert_snapshot!(refusal("", &[], Some("hsts = '5m'")), @"error: hsts = 5m (file ./parlor.toml, key hsts) needs --tls-cert and --tls-key: without them the server speaks plain HTTP");
    let wrong = refusal("--tls-cert certs/ --hsts 1000d --redirect-http 80", &[], None);
    for said in
        ["tls_cert cannot be \"certs/\"", "hsts cannot be \"1000d\"", "redirect_http cannot be \"80\"", "none, or"]
    {
        assert!(wrong.contains(said), "{said} is missing in {wrong}");
    }
    load("--tls-cert cert.pem --tls-key key.pem --hsts 730d --redirect-http [::]:80", &[], None).unwrap();
}

#[test]
fn files_that_cannot_be_used_say_so() {
    assert_snapshot!(refusal("--config nowhere.toml", &[], None), @"error: file nowhere.toml (flag --config) cannot be read: entity not found");
    assert_snapshot!(refusal("", &[("PARLOR_CONFIG", "nowhere.toml")], None), @"error: file nowhere.toml (variable PARLOR_CONFIG) cannot be read: entity not found");
    assert_snapshot!(refusal("", &[], Some("port = 1\nport = 2")), @"error: file ./parlor.toml is not valid TOML at line 2, column 1: duplicate key");
    let denied = |_: &Path| Err(io::ErrorKind::PermissionDenied.into());
    assert_snapshot!(Config::load(words(""), variables(&[]), denied).unwrap_err(), @"error: file ./parlor.toml (read by default) cannot be read: permission denied");
}

#[test]
fn a_secret_is_never_shown() {
    let hidden = "hunter2";
    let said = [
        refusal("--secret hunter2", &[], None),
        refusal("", &[("PARLOR_SECRET", hidden)], None),
        refusal("", &[], Some("secret = 'hunter2'")),
        refusal("", &[], Some("secret = ['hunter2']")),
        refusal("", &[], Some("secret = 'hunter2")),
        refusal("", &[], Some("secret = hunter2")),
    ];
    assert_snapshot!(said.join("\n"), @r"
    error: secret cannot be what was given, which is not shown (flag --secret); allowed: 16 to 4096 bytes
    error: secret cannot be what was given, which is not shown (variable PARLOR_SECRET); allowed: 16 to 4096 bytes
    error: secret cannot be what was given, which is not shown (file ./parlor.toml, key secret); allowed: 16 to 4096 bytes
    error: secret cannot be what was given, which is not shown (file ./parlor.toml, key secret); allowed: 16 to 4096 bytes
    error: file ./parlor.toml is not valid TOML at line 1, column 18: invalid literal string, expected `'`
    error: file ./parlor.toml is not valid TOML at line 1, column 10: string values must be quoted, expected literal string
    ");
    let loaded = load("--secret hunter2hunter2hunter2", &[], None).unwrap();
    assert_eq!(loaded.config.identity.secret.as_ref().unwrap().as_bytes(), b"hunter2hunter2hunter2");
    for page in [said.join(""), loaded.to_toml(), format!("{loaded:?}")] {
        assert!(!page.contains(hidden), "{page}");
    }
    assert!(loaded.to_toml().contains("# secret = (set)                        # flag --secret\n"));
}

#[test]
fn the_password_of_a_redis_is_never_shown() {
    let said = [
        refusal("--journal redis://ann:hunter2@a:x", &[], None),
        refusal("", &[("PARLOR_JOURNAL", "redis://:hunter2@a/b/c")], None),
        refusal("", &[], Some("journal = 'redis:hunter2@a'")),
        refusal("copy redis://ann:hunt/er2@a parlor.db", &[], None),
    ];
    assert_snapshot!(said.join("\n"), @r#"
    error: journal cannot be "redis://(not shown)@a:x" (flag --journal); allowed: memory, the path of a file, or the URL of a Redis such as redis://localhost:6379
    error: journal cannot be "redis://(not shown)@a/b/c" (variable PARLOR_JOURNAL); allowed: memory, the path of a file, or the URL of a Redis such as redis://localhost:6379
    error: journal cannot be "redis:(not shown)@a" (file ./parlor.toml, key journal); allowed: memory, the path of a file, or the URL of a Redis such as redis://localhost:6379
    error: FROM cannot be "redis://(not shown)@a"; allowed: memory, the path of a file, or the URL of a Redis such as redis://localhost:6379
    "#);
    let loaded = load("config --journal redis://ann:hunter2@a:1/2", &[], None).unwrap();
    let copy = load("copy redis://ann:hunter2@a:1/2 rediss://:hunter2@b", &[], None).unwrap();
    for page in [said.join(""), loaded.to_toml(), loaded.sources(), format!("{loaded:?}{copy:?}")] {
        assert!(!page.contains("hunt"), "{page}");
    }
    assert!(loaded.to_toml().contains("journal = \"redis://ann@a:1/2\""));
}

#[test]
fn settings_for_nodes_need_a_redis() {
    let all = "--redis-password-file a --redis-ca b --redis-prefix {c} --redis-patience 1s --redis-volatile \
        --redis-wait-replicas 1 --node-name d --node-listen auto:1 --node-address e:1";
    let said = refusal(all, &[], None);
    assert_eq!(said.lines().count(), 9, "{said}");
    assert_snapshot!(refusal("--node-name d", &[("PARLOR_REDIS_VOLATILE", "true")], Some("journal = 'memory'")), @r#"
    error: redis_volatile = true (variable PARLOR_REDIS_VOLATILE) needs a Redis as the journal, such as --journal redis://localhost, not journal = memory (file ./parlor.toml, key journal)
    error: node_name = d (flag --node-name) needs a Redis as the journal, such as --journal redis://localhost, not journal = memory (file ./parlor.toml, key journal)
    "#);
    load(&format!("{all} --journal rediss://a"), &[], None).unwrap();
    let of_server = Some("journal = 'rediss://a'\nredis_ca = 'b'\nnode_name = 'c'");
    load("export lobby --journal old.db", &[], of_server).unwrap();
}

#[test]
fn a_redis_contradicts_what_it_cannot_keep() {
    let said = [
        refusal("--journal redis://:hunter2@a --redis-password-file b", &[], None),
        refusal("--journal redis://a --redis-ca b", &[], None),
        refusal("--journal redis://a --synchronous full", &[], None),
        refusal("--journal redis://a --node-listen 0.0.0.0:1", &[], None),
        refusal("--journal redis://a --node-listen [::]:1", &[], None),
    ];
    assert_snapshot!(said.join("\n"), @r#"
    error: redis_password_file = b (flag --redis-password-file) names a password, and journal = redis://a (flag --journal) has one too, which is not shown: give one of them
    error: redis_ca = b (flag --redis-ca) needs a URL that begins with rediss: as the journal, not journal = redis://a (flag --journal): without TLS there is no certificate
    error: synchronous = full (flag --synchronous) is for a file and can't be kept by journal = redis://a (flag --journal): Redis itself says what a loss of power may cost, by `appendfsync always`
    error: node_listen = 0.0.0.0:1 (flag --node-listen) is every address of this machine: name the one by which other nodes reach it with --node-address
    error: node_listen = [::]:1 (flag --node-listen) is every address of this machine: name the one by which other nodes reach it with --node-address
    "#);
    load("--journal redis://a --node-listen 0.0.0.0:1 --node-address b:1", &[], None).unwrap();
    load("--journal redis://ann@a --redis-password-file b", &[], None).unwrap();
}

#[cfg(unix)]
#[test]
fn what_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStringExt;

    let bad = || OsString::from_vec(vec![b'a', 0xff]);
    let args = [OsString::from("parlor"), OsString::from("--journal"), bad()];
    let vars = [(OsString::from("PARLOR_HOST"), bad()), (bad(), bad())];
    let error = Config::load(args, vars, |_| Err(io::ErrorKind::NotFound.into())).unwrap_err();
    assert_snapshot!(error, @r"
    error: journal is not valid UTF-8 (flag --journal)
    error: host is not valid UTF-8 (variable PARLOR_HOST)
    ");
}

#[test]
fn wrong_usage_is_told_and_ends_with_2() {
    assert_snapshot!(refusal("--prot 1", &[], None), @r"
    error: unexpected argument '--prot' found

      tip: a similar argument exists: '--port'

    Usage: parlor --port <N>

    For more information, try '--help'.
    ");
    assert_snapshot!(refusal("--port 1 --port 2", &[], None), @r"
    error: the argument '--port <N>' cannot be used multiple times

    Usage: parlor [OPTIONS] [COMMAND]

    For more information, try '--help'.
    ");
    assert_snapshot!(refusal("--port", &[], None), @r"
    error: a value is required for '--port <N>' but none was supplied

    For more information, try '--help'.
    ");
    assert_snapshot!(refusal("export", &[], None), @r"
    error: the following required arguments were not provided:
      <ROOM>

    Usage: parlor export <ROOM>

    For more information, try '--help'.
    ");
    assert_snapshot!(refusal("export lobby --port 1", &[], None), @r"
    error: unexpected argument '--port' found

      tip: to pass '--port' as a value, use '-- --port'

    Usage: parlor export <ROOM>

    For more information, try '--help'.
    ");
    assert_snapshot!(refusal("confgi", &[], None), @r"
    error: unrecognized subcommand 'confgi'

      tip: a similar subcommand exists: 'config'

    Usage: parlor [OPTIONS] [COMMAND]

    For more information, try '--help'.
    ");
    let code = |args: &str| {
        let no_file = |_: &Path| Err(io::ErrorKind::NotFound.into());
        Config::load(words(args), variables(&[]), no_file).unwrap_err().exit_code()
    };
    assert_eq!((code("--prot 1"), code("--port x"), code("--help"), code("--version")), (2, 2, 0, 0));
}

#[test]
fn what_may_be_a_mistake_is_warned_of() {
    let vars = [("PARLOR_PROT", "1"), ("PARLOR_", "1"), ("PARLOR_SERVICE_HOST", "1"), ("UNRELATED", "1")];
    let warnings = load("--frame-bytes 1KiB", &vars, None).unwrap().warnings;
    assert_snapshot!(warnings.join("\n"), @r"
    variable PARLOR_ is none of Parlor's settings and has no effect
    variable PARLOR_PROT is none of Parlor's settings and has no effect; the nearest is PARLOR_PORT
    variable PARLOR_SERVICE_HOST is none of Parlor's settings and has no effect
    body_chars = 4096 (default) doesn't fit into frame_bytes = 1KiB (flag --frame-bytes) in every script: frame_bytes is what counts then
    ");
}

#[test]
fn settings_that_weaken_each_other_are_warned_of() {
    let args = "--journal memory --synchronous full --forwarded-header forwarded \
        --name-reservation 1d --user-retention 1h --forfeit-after 2h --room-retention 1h";
    assert_snapshot!(load(args, &[], None).unwrap().warnings.join("\n"), @r"
    forwarded_header = forwarded (flag --forwarded-header) has no effect with trusted_proxy = (not set) (default)
    synchronous = full (flag --synchronous) has no effect with journal = memory (flag --journal): nothing outlives the process
    name_reservation = 1d (flag --name-reservation) is more than user_retention = 1h (flag --user-retention): a user's name is free when the user is forgotten
    forfeit_after = 2h (flag --forfeit-after) is more than room_retention = 1h (flag --room-retention): a game that both players left is deleted before it is lost
    ");
    let args = "--trusted-proxy 127.0.0.1 --forwarded-header forwarded";
    assert_eq!(load(args, &[], None).unwrap().warnings, [""; 0]);
}
