//! docs/your-first-server.md, followed from an empty folder: its files are written, its changes applied, its commands run
//! and its conversations held, in its order. A block in a language that is unknown here is for reading only.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use parlor_testkit::http::status;
use parlor_testkit::process::{Process, Program, Signal};
use parlor_testkit::server::address_after;
use parlor_testkit::wire::{Opening, Refused, web_socket};
use parlor_testkit::{Heard, Peer};

const GUIDE: &str = "docs/your-first-server.md";
const STOP_WITHIN: Duration = Duration::from_secs(60);

#[test]
fn the_guide_leads_to_a_server() {
    let mut reader = Reader::new();
    let blocks = blocks(&fs::read_to_string(root().join(GUIDE)).unwrap());
    for block in &blocks {
        println!("{GUIDE}:{}", block.line);
        match block.language.as_str() {
            "sh" => block.code.lines().for_each(|command| reader.run(command)),
            "text" => block.code.lines().for_each(|line| reader.talk(line)),
            "rust" => fs::write(reader.folder.join(block.path.as_ref().unwrap()), &block.code).unwrap(),
            "toml" => reader.append(block.path.as_ref().unwrap(), &block.code),
            "diff" => reader.change(&block.code),
            _ => {}
        }
    }
    reader.stop();
    let of = |language: &str| blocks.iter().filter(|block| block.language == language).count();
    assert!(of("sh") > 10 && of("text") > 5 && of("diff") > 5, "the guide is read as it is written");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A code block.
struct Block {
    line: usize,
    language: String,
    /// The file that the line before it names: `` `src/main.rs`: ``.
    path: Option<String>,
    code: String,
}

fn blocks(guide: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = guide.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let code = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            let code = code.map(|line| format!("{line}\n")).collect();
            let path =
                before.strip_prefix('`').filter(|_| before.ends_with(':')).and_then(|rest| rest.split('`').next());
            blocks.push(Block { line: number + 1, language: language.into(), path: path.map(str::to_owned), code });
        } else if !line.is_empty() {
            before = line;
        }
    }
    blocks
}

/// Somebody who follows the guide.
struct Reader {
    folder: PathBuf,
    server: Option<(Process, SocketAddr)>,
    /// Terminals that speak to the server, and the last one's refusal.
    peers: Vec<Peer>,
    refused: Option<Refused>,
    _everything: tempfile::TempDir,
}

impl Reader {
    /// An empty folder where `parlor-kit` is this workspace's, and dependencies are built as here, so that they are built
    /// once.
    fn new() -> Self {
        let everything = tempfile::tempdir().unwrap();
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let profiles = &manifest[manifest.find("[profile.dev]").unwrap()..manifest.find("[profile.release]").unwrap()];
        let kit = root().join("crates/kit");
        fs::create_dir(everything.path().join(".cargo")).unwrap();
        let config = format!("{profiles}[patch.crates-io]\nparlor-kit = {{ path = {kit:?} }}\n");
        fs::write(everything.path().join(".cargo/config.toml"), config).unwrap();
        let folder = everything.path().to_owned();
        Reader { folder, server: None, peers: Vec::new(), refused: None, _everything: everything }
    }

    fn run(&mut self, command: &str) {
        let words: Vec<&str> = command.split(' ').collect();
        match words[..] {
            ["cargo", "new", ..] => self.cargo(&words[1..]),
            ["cd", folder] => {
                self.folder.push(folder);
                fs::copy(root().join("Cargo.lock"), self.folder.join("Cargo.lock")).unwrap();
            }
            ["cargo", "test"] => self.cargo(&["test", "--offline"]),
            ["cargo", "run"] => self.start(),
            ["cargo", "build", "--release"] => {} // the same takes minutes
            ["npx", "wscat", "-c", url] => self.connect(url),
            ["curl", "-d", ..] => self.post(command),
            ["sed", "-i", ..] => check(Command::new("sh").args(["-c", command]).current_dir(&self.folder)),
            _ => panic!("an unknown command: {command}"),
        }
    }

    fn cargo(&self, arguments: &[&str]) {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        check(Command::new(env!("CARGO")).args(arguments).current_dir(&self.folder).env("CARGO_TARGET_DIR", target));
    }

    /// Ends the server that runs, as Ctrl-C does, and starts the one that the files make.
    fn start(&mut self) {
        self.stop();
        self.cargo(&["build", "--offline"]);
        let program = Path::new(env!("CARGO_BIN_EXE_parlor")).with_file_name("first-server");
        let process = Program::new(program).args(["--port", "0"]).directory(&self.folder).hearing_errors().start();
        let address = process.lines().find_map(|line| address_after("ws://", &line)).unwrap();
        self.server = Some((process, address));
    }

    fn stop(&mut self) {
        let Some((mut process, _)) = self.server.take() else { return };
        process.signal(Signal::INT);
        for mut peer in self.peers.drain(..) {
            let last = std::iter::from_fn(|| Some(peer.hear())).find(|heard| !matches!(heard, Heard::Text(_)));
            assert!(matches!(last, Some(Heard::Close(1012, _))), "{last:?} instead of a goodbye");
        }
        assert!(process.ended_within(STOP_WITHIN).unwrap().success());
    }

    fn address(&self) -> SocketAddr {
        self.server.as_ref().unwrap().1
    }

    fn connect(&mut self, url: &str) {
        let path = url.trim_matches('\'').strip_prefix("ws://127.0.0.1:9998").unwrap();
        match web_socket(self.address(), path, &Opening::default()) {
            Ok(peer) => self.peers.push(peer),
            Err(refused) => self.refused = Some(refused),
        }
    }

    /// A line of the last terminal: said, heard, or wscat's own word.
    fn talk(&mut self, line: &str) {
        if let Some(Refused(status)) = self.refused.take() {
            return assert_eq!(line, format!("error: Unexpected server response: {status}"));
        }
        let peer = self.peers.last_mut().unwrap();
        match line.split_at(2) {
            ("> ", said) => peer.text(said),
            ("< ", heard) => peer.expect(heard),
            _ => panic!("neither said nor heard: {line}"),
        }
    }

    fn post(&self, command: &str) {
        let [_, body, url] = command.split('\'').collect::<Vec<_>>()[..] else { panic!("{command}") };
        let path = url.trim().strip_prefix("http://127.0.0.1:9998").unwrap();
        let form = "Content-Type: application/x-www-form-urlencoded";
        let length = body.len();
        let request =
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{form}\r\nContent-Length: {length}\r\n\r\n{body}");
        assert_eq!(status(&Peer::dial(self.address()).ask(&request)), 202);
    }

    fn append(&self, path: &str, code: &str) {
        let path = self.folder.join(path);
        let before = fs::read_to_string(&path).unwrap();
        assert!(before.ends_with("[dependencies]\n"), "{before}");
        fs::write(path, before + code).unwrap();
    }

    /// Applies a unified diff, each hunk at the line that its head names.
    fn change(&self, diff: &str) {
        let (head, hunks) = diff.split_once("\n@@ -").unwrap();
        let path = self.folder.join(head.rsplit(' ').next().unwrap());
        let before = fs::read_to_string(&path).unwrap();
        let before: Vec<&str> = before.lines().collect();
        let (mut after, mut taken) = (Vec::new(), 0);
        for hunk in hunks.split("\n@@ -") {
            let (head, lines) = hunk.split_once('\n').unwrap();
            let first: usize = head.split([',', ' ']).next().unwrap().parse().unwrap();
            after.extend(&before[taken..first - 1]);
            taken = first - 1;
            for line in lines.lines() {
                let (mark, text) = line.split_at(line.len().min(1)); // an empty line stands for an empty one
                if mark != "+" {
                    assert_eq!(before[taken], text, "{} line {}", path.display(), taken + 1);
                    taken += 1;
                }
                if mark != "-" {
                    after.push(text);
                }
            }
        }
        after.extend(&before[taken..]);
        fs::write(path, after.join("\n") + "\n").unwrap();
    }
}

/// Runs a command that must succeed.
fn check(command: &mut Command) {
    let output = command.output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}:\n{}{}", said(&output.stdout), said(&output.stderr));
}
