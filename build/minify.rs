//! JavaScript and CSS with fewer bytes: without comments, and without space that means nothing. Names stay as they are.
//!
//! JavaScript is read token by token (ECMA-262, 12). Line ends stay wherever one might end a statement.

use Kind::{Comment, LineEnd, Literal, Number, Punctuator, Regex, Space, Word};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Word,
    Number,
    /// A string, or a template with all that stands in it.
    Literal,
    Regex,
    Punctuator,
    Comment,
    Space,
    /// Space with a line end in it.
    LineEnd,
}

/// After these words an expression begins, and so a `/` begins a regular expression.
const BEFORE_EXPRESSIONS: [&str; 11] =
    ["return", "typeof", "case", "in", "of", "await", "yield", "delete", "void", "throw", "else"];
/// Of several characters: those that must not be taken apart.
const LONG_PUNCTUATORS: [&str; 6] = ["=>", "++", "--", "?.", "**", "..."];

/// The script without comments and needless space. Comments that begin with `/*!` stay: licenses ask for that.
pub fn script(source: &str) -> String {
    let mut out = String::new();
    let (mut before, mut gap) = ((Punctuator, ""), None);
    for (kind, text) in tokens(source) {
        match kind {
            Comment if text.starts_with("/*!") => out += text,
            Comment if text.contains('\n') => gap = Some(LineEnd),
            Comment => gap = gap.or(Some(Space)),
            LineEnd => gap = Some(LineEnd),
            Space => gap = gap.or(Some(Space)),
            Word | Number | Literal | Regex | Punctuator => {
                if before.1 == "," && [")", "]", "}"].contains(&text) {
                    // The comma behind the last element. The semicolon behind the last statement stays: brotli likes it.
                    out.pop();
                }
                match gap.take() {
                    Some(LineEnd) if may_end_statement(before) && may_begin_statement(text) => out.push('\n'),
                    Some(_) if must_stay_apart(before, (kind, text)) => out.push(' '),
                    _ => {}
                }
                out += text;
                before = (kind, text);
            }
        }
    }
    out + "\n"
}

fn may_end_statement((kind, text): (Kind, &str)) -> bool {
    kind != Punctuator || [")", "]", "}", "++", "--"].contains(&text)
}

fn may_begin_statement(text: &str) -> bool {
    !matches!(
        text,
        ")" | "]" | "}" | "," | ";" | "." | "?." | "?" | ":" | "=" | "=>" | "&" | "|" | "*" | "%" | "<" | ">"
    )
}

fn must_stay_apart(before: (Kind, &str), next: (Kind, &str)) -> bool {
    let is_word = |kind| kind == Word || kind == Number;
    match (before, next) {
        ((before, _), (next, _)) if is_word(before) && is_word(next) => true,
        // `/a/ in b`, `1 .toString()`.
        ((Regex, _), (next, _)) => is_word(next),
        ((Number, _), (_, text)) => text.starts_with('.'),
        ((Punctuator, before), (_, next)) => {
            let same = |sign| before.ends_with(sign) && next.starts_with(sign);
            same('+') || same('-') || same('/') || (before == "?" && next.starts_with('.'))
        }
        ((Word | Literal | Comment | Space | LineEnd, _), _) => false,
    }
}

fn tokens(source: &str) -> Vec<(Kind, &str)> {
    let (mut out, mut at, mut before) = (Vec::new(), 0, (Punctuator, ""));
    while at < source.len() {
        let rest = &source[at..];
        let (kind, length) = token(rest, begins_expression(before));
        let text = &rest[..length];
        out.push((kind, text));
        if !matches!(kind, Comment | Space | LineEnd) {
            before = (kind, text);
        }
        at += length;
    }
    out
}

/// Whether what follows `before` is an operand, not an operator. `)` and `}` are taken for ends of operands.
fn begins_expression((kind, text): (Kind, &str)) -> bool {
    match kind {
        Punctuator => ![")", "]", "}", "++", "--"].contains(&text),
        Word => BEFORE_EXPRESSIONS.contains(&text),
        Number | Literal | Regex | Comment | Space | LineEnd => false,
    }
}

/// The kind and the length of the token that `rest` begins with.
fn token(rest: &str, is_operand: bool) -> (Kind, usize) {
    let first = rest.chars().next().expect("there is more");
    let run = |matches: fn(char) -> bool| rest.find(|c| !matches(c)).unwrap_or(rest.len());
    match first {
        _ if first.is_whitespace() => {
            let length = run(char::is_whitespace);
            (if rest[..length].contains('\n') { LineEnd } else { Space }, length)
        }
        _ if rest.starts_with("//") => (Comment, rest.find('\n').unwrap_or(rest.len())),
        _ if rest.starts_with("/*") => (Comment, rest.find("*/").expect("a comment has an end") + 2),
        '/' if is_operand => (Regex, regex(rest)),
        '\'' | '"' => (Literal, until(rest, 1, first)),
        '`' => (Literal, template(rest)),
        '0'..='9' => (Number, run(|c| c.is_alphanumeric() || c == '_' || c == '.')),
        _ if is_of_word(first) => (Word, run(is_of_word)),
        _ => {
            let long = LONG_PUNCTUATORS.iter().find(|long| rest.starts_with(**long));
            (Punctuator, long.map_or(first.len_utf8(), |long| long.len()))
        }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '\\')
}

/// The length up to `end` and with it, from `start` on. A backslash hides what follows it.
fn until(rest: &str, start: usize, end: char) -> usize {
    let mut chars = rest[start..].char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == end {
            return start + at + c.len_utf8();
        }
    }
    panic!("this has no end: {}", rest.lines().next().unwrap_or_default());
}

fn regex(rest: &str) -> usize {
    let (mut chars, mut is_class) = (rest.char_indices().skip(1), false);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '[' => is_class = true,
            ']' => is_class = false,
            '/' if !is_class => {
                let flags = &rest[at + 1..];
                return at + 1 + flags.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(flags.len());
            }
            '\n' => break,
            _ => {}
        }
    }
    panic!("this is no regular expression: {}", rest.lines().next().unwrap_or_default());
}

fn template(rest: &str) -> usize {
    let mut at = 1;
    loop {
        let next = rest[at..].find(['\\', '`', '$']).map(|found| at + found).expect("a template has an end");
        at = match &rest[next..] {
            text if text.starts_with('`') => return next + 1,
            text if text.starts_with("${") => next + 2 + substitution(&rest[next + 2..]),
            text if text.starts_with('\\') => next + 1 + text[1..].chars().next().map_or(0, char::len_utf8),
            _ => next + 1,
        };
    }
}

/// The length of what stands between `${` and its `}`, with the latter.
fn substitution(rest: &str) -> usize {
    let (mut at, mut depth, mut before) = (0, 0_usize, (Punctuator, ""));
    loop {
        let (kind, length) = token(&rest[at..], begins_expression(before));
        let text = &rest[at..at + length];
        at += length;
        match text {
            "{" => depth += 1,
            "}" if depth == 0 => return at,
            "}" => depth -= 1,
            _ => {}
        }
        if !matches!(kind, Comment | Space | LineEnd) {
            before = (kind, text);
        }
    }
}

/// Styles without comments and needless space. Space stays inside of values and selectors, where it has a meaning.
pub fn styles(source: &str) -> String {
    let mut code = String::new();
    for (at, part) in source.split("/*").enumerate() {
        code += if at == 0 { part } else { part.split_once("*/").expect("a comment has an end").1 };
    }
    let mut out = String::new();
    for word in code.split_whitespace() {
        let is_apart = out.ends_with(['{', '}', ';', ',', ':']) || word.starts_with(['{', '}', ',']);
        // Before a block, `a :hover` and `a:hover` differ, so a space before a colon stays.
        if !out.is_empty() && !is_apart {
            out.push(' ');
        }
        out += word;
    }
    let strings = source.split('"').skip(1).step_by(2);
    strings.for_each(|string| assert!(out.contains(string), "space in {string:?} would be lost"));
    out.replace(";}", "}")
}
