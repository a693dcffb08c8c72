//! README.md and README.zh.md, tried: their programs are examples that run, their frames are answered, and their commands
//! are run.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use parlor_testkit::process::Program;
use parlor_testkit::{Client, Launch};
use serde_json::Value;

const READMES: [&str; 2] = ["README.md", "README.zh.md"];

/// The programs of both, in their order.
const EXAMPLES: [&str; 2] = ["examples/guest.rs", "examples/hello.rs"];

const BINARY: &str = env!("CARGO_BIN_EXE_parlor");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The code between ```` ```language ```` and ```` ``` ````.
fn blocks(of: &str, language: &str) -> Vec<String> {
    let readme = read(of);
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
    assert!(!blocks.is_empty(), "{of} has no code in {language:?}");
    blocks
}

/// An example without its header and its lints.
fn program(path: &str) -> String {
    let source = read(path);
    let is_head = |line: &&str| line.starts_with("//!") || line.starts_with("#![allow(") || line.is_empty();
    let mut lines = source.lines().skip_while(is_head).peekable();
    assert!(lines.peek().is_some(), "{path} is empty");
    lines.map(|line| format!("{line}\n")).collect()
}

/// `tests/examples` runs them.
#[test]
fn their_programs_are_examples() {
    for readme in READMES {
        let blocks = blocks(readme, "rust");
        assert_eq!(blocks.len(), EXAMPLES.len());
        for (block, path) in blocks.iter().zip(EXAMPLES) {
            assert!(program(path) == *block, "{readme} and {path} differ:\n{block}");
        }
    }
}

/// The frames and the script of README.md are tried, here and by `tests/browser/readme.mjs`.
#[test]
fn both_have_the_same_code_and_links() {
    let [english, chinese] = READMES;
    for language in ["json", "js", "rust"] {
        assert_eq!(blocks(english, language), blocks(chinese, language), "{language}");
    }
    let without_comments = |readme| -> Vec<String> {
        let lines = blocks(readme, "sh").concat();
        lines.lines().map(|line| line.split('#').next().unwrap_or_default().trim().to_owned()).collect()
    };
    assert_eq!(without_comments(english), without_comments(chinese));
    let links = |readme| -> Vec<String> {
        let text = read(readme);
        let ends = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap_or_default().to_owned());
        ends.filter(|link| !link.starts_with("README")).collect()
    };
    assert_eq!(links(english), links(chinese));
    for link in links(english) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&link).exists(), "{link}");
    }
}

#[test]
fn their_frames_are_answered() {
    let server = Launch::new(BINARY).start();
    let mut client = Client::connect(server.address);
    let frames = blocks("README.md", "json").concat();
    let requests: Vec<&str> = frames.lines().filter_map(|line| line.strip_prefix("→ ")).collect();
    assert!(requests.len() > 1, "{frames}");
    for request in requests {
        client.ok(serde_json::from_str::<Value>(request).unwrap());
    }
    assert!(!client.all_of("message").is_empty());
}

/// Those that would serve for ever are given to `parlor config`, which reads the same settings.
#[test]
fn their_commands_run() {
    let directory = tempfile::tempdir().unwrap();
    let mut run = 0;
    for readme in READMES {
        let lines = blocks(readme, "sh").concat();
        let lines = lines.lines().filter_map(|line| line.split('#').next()?.trim().strip_prefix("parlor "));
        for line in lines {
            let serves = line.starts_with("--") && line != "--help";
            let words = serves.then_some("config").into_iter().chain(line.split_whitespace());
            let output = Program::new(BINARY).args(words).directory(directory.path()).output(b"");
            assert!(output.status.success(), "{readme}: parlor {line}: {output:?}");
            run += 1;
        }
    }
    assert!(run >= 8, "{run} commands were found");
    for readme in READMES {
        let text = read(readme);
        let examples: Vec<&str> =
            text.split("--example ").skip(1).map(|rest| rest.split('`').next().unwrap()).collect();
        assert!(examples.len() > 14, "{examples:?}");
        for example in examples.into_iter().filter(|name| *name != "guest") {
            let path = Path::new(BINARY).with_file_name("examples").join(example);
            let output = Program::new(path).args(["--help"]).output(b"");
            assert!(output.status.success() && !output.stdout.is_empty(), "{readme}: {example} --help: {output:?}");
        }
    }
}

#[test]
fn their_flags_and_subcommands_are_there() {
    let manifest = read("Cargo.toml");
    for name in ["test.sh", ".ci/run"] {
        let script = fs::metadata(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        assert!(is_executable(&script), "{name}");
    }
    let help = Program::new(BINARY).args(["--help"]).output(b"").stdout;
    let help = String::from_utf8(help).unwrap();
    for readme in READMES.map(read) {
        assert!(readme.contains("cargo run --release ") && manifest.contains("default-run = \"parlor\""));
        // What examples take, and the table of them.
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
