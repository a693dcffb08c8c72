//! The binary itself: exit codes, and what goes to which stream.

#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "tests wait for what the server does, by the clock")]

use std::fs;
use std::net::SocketAddr;
use std::process::Output;
use std::time::Instant;

use parlor_testkit::Peer;
use parlor_testkit::process::Program;
use tempfile::TempDir;

#[test]
fn config_goes_to_standard_output_with_what_the_working_directory_holds() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("parlor.toml"), "retain = 7").unwrap();
    let output = parlor(&dir, &["config", "--port", "1"], &[("PARLOR_HOST", "::1")]);
    assert_eq!(output.status.code(), Some(0));
    let page = String::from_utf8(output.stdout).unwrap();
    for line in ["host = \"::1\"", "port = 1 ", "retain = 7 ", "# file ./parlor.toml, key retain"] {
        assert!(page.contains(line), "{line} is missing in {page}");
    }
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn wrong_usage_goes_to_standard_error_and_ends_with_2() {
    let dir = TempDir::new().unwrap();
    for args in [&["--port", "x"][..], &["--prot", "1"], &["--config", "nowhere.toml"], &["export"]] {
        let output = parlor(&dir, args, &[]);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(output.stdout, b"", "{args:?}");
        assert!(output.stderr.starts_with(b"error: "), "{args:?}");
    }
}

#[test]
fn help_and_version_go_to_standard_output_and_end_well() {
    let dir = TempDir::new().unwrap();
    for args in ["--help", "-h", "--version"] {
        let output = parlor(&dir, &[args], &[]);
        assert_eq!(output.status.code(), Some(0), "{args}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{args}");
    }
}

#[test]
fn a_variable_of_ours_that_is_no_setting_is_warned_of() {
    let dir = TempDir::new().unwrap();
    let output = parlor(&dir, &["config"], &[("PARLOR_PROT", "1")]);
    assert_eq!(output.status.code(), Some(0));
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("WARN") && log.contains("PARLOR_PROT"), "{log}");
}

#[test]
fn the_first_line_tells_that_the_server_is_open_to_the_network() {
    let dir = TempDir::new().unwrap();
    for (host, says) in [("0.0.0.0", "and to the network"), ("127.0.0.1", "for this machine alone")] {
        let args = ["--host", host, "--port", "0", "--journal", "memory"];
        let server = Program::new(env!("CARGO_BIN_EXE_parlor")).args(args).directory(dir.path()).start();
        let line = server.line().unwrap();
        assert!(line.contains("http://127.0.0.1:") && line.contains(says), "{line}");
    }
}

#[test]
fn the_log_begins_with_version_settings_and_journal() {
    let dir = TempDir::new().unwrap();
    let program = Program::new(env!("CARGO_BIN_EXE_parlor")).args(["--port", "0"]).directory(dir.path());
    let server = program.env("PARLOR_RETAIN", "7").hearing_errors().start();
    let log = [server.line().unwrap(), server.line().unwrap(), server.line().unwrap()];
    for (line, says) in log.iter().zip([
        concat!("Parlor ", env!("CARGO_PKG_VERSION")),
        "flags: --port; variables: PARLOR_RETAIN; file: none",
        "parlor.db, synchronous normal",
    ]) {
        assert!(line.contains("INFO") && line.contains(says), "{log:?}");
    }
}

#[test]
fn refused_connections_have_a_line_a_second_with_their_number() {
    const REFUSED: usize = 40;
    let dir = TempDir::new().unwrap();
    let args = ["--port", "0", "--journal", "memory"];
    let server = Program::new(env!("CARGO_BIN_EXE_parlor")).args(args).directory(dir.path()).hearing_errors().start();
    let open = std::iter::from_fn(|| server.line()).find(|line| line.contains("http://")).unwrap();
    let mut rest = open.split_once("http://").unwrap().1.split(|c: char| !c.is_ascii_digit() && !".:".contains(c));
    let address: SocketAddr = rest.next().unwrap().parse().unwrap();
    let since = Instant::now();
    for _ in 0..REFUSED {
        let head = Peer::dial(address).ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 421 "), "{head}");
    }
    let (mut lines, mut counted) = (0, 0);
    while counted < REFUSED {
        let line = server.line().unwrap();
        if !line.contains("refused") {
            continue;
        }
        assert!(line.contains("WARN") && line.contains("allowed-host") && !line.contains("evil"), "{line}");
        lines += 1;
        let number = line.split_whitespace().find_map(|word| word.parse::<usize>().ok());
        counted += number.unwrap_or(1);
    }
    assert_eq!(counted, REFUSED);
    assert!(lines <= 2 + since.elapsed().as_secs(), "{lines} lines");
}

/// Runs the binary in `dir`, with no variables but these.
fn parlor(dir: &TempDir, args: &[&str], vars: &[(&str, &str)]) -> Output {
    let program = Program::new(env!("CARGO_BIN_EXE_parlor")).args(args).directory(dir.path());
    vars.iter().fold(program, |program, (name, value)| program.env(name, value)).output(b"")
}
