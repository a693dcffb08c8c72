//! What the build makes of scripts and styles: fewer bytes, the same meaning.

#[allow(clippy::expect_used, clippy::panic, reason = "it is part of the build script, which stops the build")]
#[path = "../build/minify.rs"]
mod minify;

use minify::{script, styles};

fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(script(source).trim_end(), *expected, "of {source}");
    }
}

#[test]
fn space_and_comments_go() {
    check(&[
        ("const a = { b: 1, };", "const a={b:1};"),
        ("f(a, /* b */ c); // d", "f(a,c);"),
        ("/** Doc. */\nexport const a = 1;\n\n// b\nlet c;", "export const a=1;let c;"),
        ("/*! License */ a", "/*! License */a"),
        ("if (a) {\n  b();\n} else {\n  c();\n}", "if(a){b();}else{c();}"),
        ("return typeof a in b;", "return typeof a in b;"),
        ("const [a,, b,] = c;", "const[a,,b]=c;"),
    ]);
}

#[test]
fn a_line_end_stays_where_it_may_end_a_statement() {
    check(&[
        ("let a = b\nlet c", "let a=b\nlet c"),
        ("a++\nb", "a++\nb"),
        ("a\n++b", "a\n++b"),
        ("const f = () => {\n}\n(g)()", "const f=()=>{}\n(g)()"),
        ("return\na", "return\na"),
        ("a\n  .b()\n  ?.c()", "a.b()?.c()"),
        ("a /* b\n */ c", "a\nc"),
    ]);
}

#[test]
fn signs_that_would_become_another_stay_apart() {
    check(&[
        ("a + +b - -c + ++d", "a+ +b- -c+ ++d"),
        ("1 .toFixed()", "1 .toFixed()"),
        ("a ? .5 : b", "a? .5:b"),
        ("a / /b/g.exec(c)", "a/ /b/g.exec(c)"),
        ("/a/ in b", "/a/ in b"),
        ("async function *a() { yield* b; }", "async function*a(){yield*b;}"),
    ]);
}

#[test]
fn strings_templates_and_regular_expressions_stay_as_they_are() {
    check(&[
        ("a = 'b  //  c\\' d' + \"e /* f */ '\";", "a='b  //  c\\' d'+\"e /* f */ '\";"),
        ("`a  ${b  ? `c  }` : '}'}  // d`", "`a  ${b  ? `c  }` : '}'}  // d`"),
        ("`\\`  \\${  $  `  + a", "`\\`  \\${  $  `+a"),
        ("a = /[/\"]  \\/  '/u ; b", "a=/[/\"]  \\/  '/u;b"),
        ("(a) / b / c", "(a)/b/c"),
        ("a = b[0] / 2; c = '/'", "a=b[0]/2;c='/'"),
        ("f(/  a/); return /  b/", "f(/  a/);return/  b/"),
        ("'中  文'  + `字  ${中}`", "'中  文'+`字  ${中}`"),
    ]);
}

#[test]
#[should_panic(expected = "has no end")]
fn a_string_without_an_end_fails_the_build() {
    script("a = 'b");
}

#[test]
fn styles_keep_the_space_that_means_something() {
    for (source, expected) in [
        ("a :hover { color: red; }", "a :hover{color:red}"),
        ("a:hover, b > c {\n  margin: 0 auto;\n}\n", "a:hover,b > c{margin:0 auto}"),
        ("a { width: calc(1px + 2px); } /* b */ c {}", "a{width:calc(1px + 2px)}c{}"),
        ("a::before { content: \"· \"; }", "a::before{content:\"· \"}"),
        ("@media (min-width: 1px) and (b) { c { d: e } }", "@media (min-width:1px) and (b){c{d:e}}"),
    ] {
        assert_eq!(styles(source), expected, "of {source}");
    }
}

#[test]
#[should_panic(expected = "would be lost")]
fn space_in_a_string_of_styles_is_not_lost() {
    styles("a::before { content: \"b,  c\"; }");
}
