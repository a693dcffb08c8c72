//! The files that are served, made of those in static/.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::bundle::{Bundle, bundle};

const ENTRY: &str = "js/main.js";
const BOOT: &str = "js/boot.js";
const STYLES: [&str; 6] =
    ["style.css", "css/controls.css", "css/side.css", "css/talk.css", "css/stage.css", "css/board.css"];
/// Modules that are loaded when they are needed. They import nothing.
const LAZY: [&str; 3] = ["vendor/lean-qr.js", "js/rich/emoji.js", "js/lang/zh.js"];

/// The module whose address the boot script finds in the HTML.
const WORDS: &str = "js/lang/zh.js";

/// How long a browser may keep a file without asking.
#[derive(Clone, Copy, Debug)]
pub enum Keep {
    /// For ever: another content has another name.
    Immutable,
    /// For a week: nothing depends on its being the newest.
    Week,
    /// It asks each time.
    Ask,
}

pub struct File {
    pub content: Vec<u8>,
    pub keep: Keep,
}

pub struct Files {
    pub by_path: BTreeMap<String, File>,
    /// The `sha256-…` of the scripts and the styles that stand in the HTML, for the content security policy.
    pub inline_script: String,
    pub inline_style: String,
}

pub fn assemble(sources: &BTreeMap<String, Vec<u8>>) -> Files {
    let text = |path: &str| String::from_utf8(sources[path].clone()).expect("UTF-8");
    let scripts: BTreeMap<String, String> =
        sources.keys().filter(|path| path.ends_with(".js")).map(|path| (path.clone(), text(path))).collect();
    let mut files = BTreeMap::new();
    let mut add = |path: String, content: Vec<u8>, keep: Keep| files.insert(path, File { content, keep });

    for path in LAZY {
        assert!(!scripts[path].lines().any(|line| line.starts_with("import ")), "{path} must import nothing");
        add(hashed(path, &sources[path]), sources[path].clone(), Keep::Immutable);
    }
    let Bundle { code, exports } = bundle(&scripts, ENTRY, &|path| {
        assert!(LAZY.contains(&path), "{path} is imported when needed, and not among those");
        format!("/{}", hashed(path, &sources[path]))
    });
    let app = hashed("app.js", code.as_bytes());
    add(app.clone(), code.into_bytes(), Keep::Immutable);

    // A module's own address leads to the one that runs, so that nothing is loaded twice.
    for (path, names) in exports.iter().filter(|(path, _)| path.starts_with("js/") && *path != ENTRY) {
        add(path.clone(), forwarding(path, names, &app).into_bytes(), Keep::Ask);
    }
    let (style, boot) = (without_comments(&STYLES.map(text).concat()), text(BOOT));
    add(
        "index.html".to_owned(),
        html(&text("index.html"), &style, &boot, &app, &hashed(WORDS, &sources[WORDS])).into_bytes(),
        Keep::Ask,
    );
    for (path, content) in sources {
        let keep = if path.starts_with("icons/")
            || path.ends_with(".ico")
            || path.ends_with(".svg")
            || path.ends_with(".webmanifest")
        {
            Keep::Week
        } else {
            Keep::Ask
        };
        if !files.contains_key(path) && path != ENTRY && path != BOOT && !STYLES.contains(&path.as_str()) {
            files.insert(path.clone(), File { content: content.clone(), keep });
        }
    }
    Files { by_path: files, inline_script: policy_hash(&boot), inline_style: policy_hash(&style) }
}

/// Styles without comments and indentation.
fn without_comments(css: &str) -> String {
    let mut out = String::new();
    for (at, part) in css.split("/*").enumerate() {
        out += if at == 0 { part } else { part.split_once("*/").expect("a comment ends").1 };
    }
    out.lines().map(str::trim_start).filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect()
}

/// The HTML with what it would otherwise ask for first.
fn html(source: &str, style: &str, boot: &str, app: &str, words: &str) -> String {
    assert!(!style.contains("</style") && !boot.contains("</script"), "what stands in the HTML must not end it");
    let mut out = String::new();
    for line in source.lines() {
        if line.contains("rel=\"stylesheet\"") {
            if line.contains(STYLES[0]) {
                out += &format!("<style>{style}</style>\n");
            }
        } else if line.contains(BOOT) {
            out += &format!("<script>{boot}</script>\n");
        } else if line.contains(WORDS) {
            out += &line.replace(WORDS, words);
            out.push('\n');
        } else if line.contains(ENTRY) {
            out += &format!("<script type=\"module\" src=\"/{app}\"></script>\n");
        } else {
            out += line;
            out.push('\n');
        }
    }
    for (what, found) in [("styles", "<style>"), ("boot script", "<script>"), ("app", app), ("Chinese words", words)] {
        assert_eq!(out.matches(found).count(), 1, "index.html should ask for the {what} once");
    }
    out
}

fn forwarding(path: &str, names: &[String], app: &str) -> String {
    let (own, default): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| *name != "default");
    let own: Vec<&str> = own.iter().map(|name| name.as_str()).collect();
    let default =
        if default.is_empty() { String::new() } else { format!("export default modules['{path}'].default;\n") };
    format!(
        "import {{ modules }} from '/{app}';\nexport const {{ {} }} = modules['{path}'];\n{default}",
        own.join(", ")
    )
}

/// `js/x.js` as `js/x.0123456789ab.js`.
fn hashed(path: &str, content: &[u8]) -> String {
    let (stem, extension) = path.rsplit_once('.').expect("has an extension");
    let hash: String = Sha256::digest(content)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{stem}.{hash}.{extension}")
}

fn policy_hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
