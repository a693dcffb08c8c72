//! README.md, tried: its program is an example that runs, its frames are answered, and what it tells people to type is there.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use parlor_testkit::process::Program;
use parlor_testkit::{Client, Launch};
use serde_json::Value;

/// The programs of README.md, in its order.
const EXAMPLES: [&str; 2] = ["examples/guest.rs", "examples/hello.rs"];

const BINARY: &str = env!("CARGO_BIN_EXE_parlor");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The code between ```` ```language ```` and ```` ``` ````.
fn blocks(language: &str) -> Vec<String> {
    let readme = read("README.md");
    let mut blocks = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        if let Some(found) = line.strip_prefix("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if found == language {
                blocks.push(code.join("\n") + "\n");
            }
        }
    }
    assert!(!blocks.is_empty(), "README.md has no code in {language:?}");
    blocks
}

/// `tests/examples.rs` runs them. An example may begin with an attribute for the linter, which README.md leaves out.
#[test]
fn its_programs_are_examples() {
    let blocks = blocks("rust");
    assert_eq!(blocks.len(), EXAMPLES.len());
    for (block, path) in blocks.iter().zip(EXAMPLES) {
        let text = read(path);
        let program =
            text.split_once("\n\n").filter(|(first, _)| first.starts_with("#![")).map_or(&*text, |(_, rest)| rest);
        assert!(program == block, "README.md and {path} differ:\n{block}");
    }
}

#[test]
fn its_frames_are_answered() {
    let server = Launch::new(BINARY).start();
    let mut client = Client::connect(server.address);
    let frames = blocks("json").concat();
    let requests: Vec<&str> = frames.lines().filter_map(|line| line.strip_prefix("→ ")).collect();
    assert!(requests.len() > 1, "{frames}");
    for request in requests {
        client.ok(serde_json::from_str::<Value>(request).unwrap());
    }
    assert!(!client.all_of("message").is_empty());
}

#[test]
fn its_commands_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = read("README.md");
    let manifest = read("Cargo.toml");
    assert!(readme.contains("cargo run --release ") && manifest.contains("default-run = \"parlor\""));
    for example in readme.split("--example ").skip(1).map(|rest| rest.split('`').next().unwrap()) {
        assert!(root.join(format!("examples/{example}.rs")).exists(), "{example}");
    }
    for name in ["test.sh", ".ci/run"] {
        let script = fs::metadata(root.join(name)).unwrap();
        assert!(is_executable(&script), "{name}");
    }
    let help = Program::new(BINARY).args(["--help"]).output(b"").stdout;
    let help = String::from_utf8(help).unwrap();
    let ours = readme.lines().filter(|line| !line.contains("cargo "));
    let words = ours.flat_map(|line| line.split(|c: char| !(c.is_ascii_lowercase() || c == '-')));
    for flag in words.filter(|word| word.starts_with("--") && word.len() > 2 && !word.ends_with('-')) {
        assert!(help.contains(flag), "`parlor --help` has no {flag}");
    }
    let commands = readme.split("parlor ").skip(1).map(|rest| rest.split(['`', ' ', '\n']).next().unwrap());
    for command in commands.filter(|word| word.chars().all(|c| c.is_ascii_lowercase()) && !word.is_empty()) {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "there is no `parlor {command}`");
    }
}

/// The plain form of a cargo command covers the root package alone.
#[test]
fn the_script_tests_the_whole_workspace() {
    let script = read("test.sh");
    let commands = ["build", "clippy", "doc", "test"].map(|command| format!("cargo {command} "));
    let calls: Vec<&str> =
        script.lines().filter(|line| commands.iter().any(|command| line.contains(command))).collect();
    assert!(calls.len() >= 4, "{calls:?}");
    for call in calls {
        assert!(call.contains("--workspace"), "{call}");
    }
}

#[cfg(unix)]
fn is_executable(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(file: &fs::Metadata) -> bool {
    file.is_file()
}
