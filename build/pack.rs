//! The table of files that the binary is compiled with, each in up to three encodings.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use crate::page::{Files, Keep};

/// Compressed is what is text, and gets shorter by it.
const COMPRESSED: [&str; 7] = ["html", "css", "js", "svg", "json", "webmanifest", "txt"];

pub fn table(files: &Files, out: &Path) -> String {
    let directory = out.join("files");
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("OUT_DIR is writable");
    let mut table = String::from("pub static FILES: &[File] = &[\n");
    for (number, (path, file)) in files.by_path.iter().enumerate() {
        let include = |suffix: &str, bytes: &[u8]| {
            let at = directory.join(format!("{number}{suffix}"));
            fs::write(&at, bytes).expect("OUT_DIR is writable");
            format!("include_bytes!({:?})", at.to_string_lossy())
        };
        let compressed = |bytes: Vec<u8>, suffix: &str| {
            if bytes.len() < file.content.len() {
                format!("Some({})", include(suffix, &bytes))
            } else {
                "None".to_owned()
            }
        };
        let is_text = path.rsplit_once('.').is_some_and(|(_, extension)| COMPRESSED.contains(&extension));
        let (brotli, gzip) = if is_text {
            (compressed(brotli(&file.content), ".br"), compressed(gzip(&file.content), ".gz"))
        } else {
            ("None".to_owned(), "None".to_owned())
        };
        let tag: String = Sha256::digest(&file.content)[..12].iter().map(|byte| format!("{byte:02x}")).collect();
        let keep = match file.keep {
            Keep::Immutable => "public, max-age=31536000, immutable",
            Keep::Week => "public, max-age=604800",
            Keep::Ask => "no-cache",
        };
        let identity = include("", &file.content);
        table += &format!(
            "File {{ path: {path:?}, tag: {tag:?}, keep: {keep:?}, identity: {identity}, brotli: {brotli}, gzip: {gzip} }},\n"
        );
    }
    table += "];\n";
    table += &format!(
        "pub const INLINE_SCRIPT: &str = {:?};\npub const INLINE_STYLE: &str = {:?};\n",
        files.inline_script, files.inline_style
    );
    table
}

/// RFC 7932, as small as it gets.
fn brotli(content: &[u8]) -> Vec<u8> {
    let params =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut out, &params).expect("memory takes all");
    out
}

/// RFC 1952.
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).and_then(|()| encoder.finish()).expect("memory takes all")
}
