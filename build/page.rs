//! The files that are served, made of those in static/.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::bundle::{Bundle, bundle};
use crate::minify;

const ENTRY: &str = "js/main.js";
/// The page that compares transports, and its entry.
const COMPARE: [&str; 2] = ["compare.html", "compare/main.js"];
/// Other files that this page loads.
const COMPARE_PARTS: [&str; 2] = ["compare.css", "vendor/uplot.js"];
/// The client for other pages, and the folder of its modules.
const CLIENT: [&str; 2] = ["client.js", "client/"];
const BOOT: &str = "js/boot.js";
const STYLES: [&str; 6] =
    ["style.css", "css/controls.css", "css/side.css", "css/talk.css", "css/stage.css", "css/board.css"];
/// Modules that are loaded when they are needed, each with all it imports.
const LAZY: [&str; 4] = ["vendor/lean-qr.js", "js/rich/emoji.js", "js/lang/zh.js", "client/http/fallback.js"];

/// Modules that can be imported by their own addresses: these lead to the ones that run, so that nothing is loaded twice.
const OPEN: [&str; 5] = ["js/avatar.js", "js/lobby.js", "js/names.js", "js/session.js", "js/store.js"];

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

    let lazy: BTreeMap<&str, String> = LAZY.map(|path| (path, add_lazy(&mut add, &scripts, path))).into();
    let Bundle { code, exports } = bundle(&scripts, ENTRY, &OPEN, &|path| {
        let name = lazy.get(path).unwrap_or_else(|| panic!("{path} is imported when needed, and not among those"));
        format!("./{name}")
    });
    let app = hashed("app.js", code.as_bytes());
    add(app.clone(), code.into_bytes(), Keep::Immutable);

    for path in OPEN {
        let forwarding = format!("export {{ {} }} from '../{app}';\n", exports[path].join(", "));
        add(path.to_owned(), forwarding.into_bytes(), Keep::Ask);
    }
    let (style, boot) = (minify::styles(&STYLES.map(text).concat()), minify::script(&text(BOOT)));
    add("index.html".to_owned(), html(&text("index.html"), &style, &boot, &app, &lazy[WORDS]).into_bytes(), Keep::Ask);
    let compare = add_lazy(&mut add, &scripts, COMPARE[1]);
    let mut page = text(COMPARE[0]).replace(COMPARE[1], &compare);
    for part in COMPARE_PARTS {
        let name = hashed(part, &sources[part]);
        assert_eq!(page.matches(part).count(), 1, "{} should ask for {part} once", COMPARE[0]);
        page = page.replace(part, &name);
        add(name, sources[part].clone(), Keep::Immutable);
    }
    add(COMPARE[0].to_owned(), page.into_bytes(), Keep::Ask);
    let client = client(&mut add, &scripts);
    add(CLIENT[0].to_owned(), client.into_bytes(), Keep::Ask);
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
        let is_inside = exports.contains_key(path) && path.starts_with("js/");
        if !files.contains_key(path) && !is_inside && path != BOOT && !STYLES.contains(&path.as_str()) {
            files.insert(path.clone(), File { content: content.clone(), keep });
        }
    }
    Files { by_path: files, inline_script: policy_hash(&boot), inline_style: policy_hash(&style) }
}

/// Adds a module that is loaded when it is needed, and returns the name under which it is served.
fn add_lazy(
    add: &mut impl FnMut(String, Vec<u8>, Keep) -> Option<File>,
    scripts: &BTreeMap<String, String>,
    path: &str,
) -> String {
    let is_alone = !scripts[path].lines().any(|line| line.starts_with("import "));
    let code = if is_alone {
        minify::script(&scripts[path])
    } else {
        bundle(scripts, path, &[path], &|other| panic!("{path} is loaded when needed, and may not load {other}")).code
    };
    let name = hashed(path, code.as_bytes());
    add(name.clone(), code.into_bytes(), Keep::Immutable);
    name
}

/// Adds the client's modules under a folder whose name changes with any of them, and returns the one that imports them: so a page
/// never gets modules of two versions. The modules' own addresses stay too.
fn client(add: &mut impl FnMut(String, Vec<u8>, Keep) -> Option<File>, scripts: &BTreeMap<String, String>) -> String {
    let modules = || scripts.iter().filter(|(path, _)| path.starts_with(CLIENT[1]));
    let all: String = modules().map(|(path, code)| format!("{path}\n{code}\n")).collect();
    let folder = format!("{}/", hashed(CLIENT[0], all.as_bytes()).trim_end_matches(".js"));
    for (path, code) in modules() {
        add(path.replacen(CLIENT[1], &folder, 1), code.clone().into_bytes(), Keep::Immutable);
    }
    let code = scripts[CLIENT[0]].replace(&format!("'./{}", CLIENT[1]), &format!("'./{folder}"));
    assert!(
        !code.contains(&format!("'./{}", CLIENT[1])) && code.contains(&folder),
        "{} imports its modules",
        CLIENT[0]
    );
    code
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
            out += &format!("<script type=\"module\" src=\"{app}\"></script>\n");
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

/// `js/x.js` as `js/x.0123456789ab.js`.
fn hashed(path: &str, content: &[u8]) -> String {
    let (stem, extension) = path.rsplit_once('.').expect("has an extension");
    let hash: String = Sha256::digest(content)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{stem}.{hash}.{extension}")
}

fn policy_hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
