//! Classes of characters: for names that people can read, tell apart and type.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// A letter of any script.
pub fn is_letter(c: char) -> bool {
    use GeneralCategory::{LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter, UppercaseLetter};
    let category = c.general_category();
    matches!(category, UppercaseLetter | LowercaseLetter | TitlecaseLetter | ModifierLetter | OtherLetter)
        && !is_ignorable(c)
}

/// A digit of any script: `7`, `٧`, `७`; not `²` or `Ⅶ`.
pub fn is_digit(c: char) -> bool {
    c.general_category() == GeneralCategory::DecimalNumber
}

/// A vowel sign, tone or accent written onto the character before it. Many scripts can't be written without.
pub fn is_mark(c: char) -> bool {
    use GeneralCategory::{NonspacingMark, SpacingMark};
    matches!(c.general_category(), NonspacingMark | SpacingMark) && !is_ignorable(c)
}

/// A space of any width.
pub fn is_space(c: char) -> bool {
    c.general_category() == GeneralCategory::SpaceSeparator
}

/// ZERO WIDTH NON-JOINER and JOINER: unseen, but Persian, Sinhala and others spell with them, and emoji are joined by them.
pub fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Returns whether the joiners in `text` stand where they do something: between two characters beyond ASCII.
pub fn joiners_join(text: &str) -> bool {
    let joinable = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !is_joiner(c));
    let (mut before, mut rest) = (None, text.chars());
    while let Some(c) = rest.next() {
        if is_joiner(c) && !(joinable(before) && joinable(rest.clone().next())) {
            return false;
        }
        before = Some(c);
    }
    true
}

/// Controls, line breaks, what turns the direction of writing, other unseen format characters, and code points that are
/// nobody's or private. Joiners are among them.
pub fn is_control_like(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, Surrogate, Unassigned};
    matches!(
        c.general_category(),
        Control | Format | LineSeparator | ParagraphSeparator | PrivateUse | Surrogate | Unassigned
    )
}

/// Letters, marks and symbols that nobody sees: fillers and the like (Unicode's `Default_Ignorable_Code_Point`, of those
/// categories, and two that are blank by design). Variation selectors, which emoji need, are not among them.
pub fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{034F}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FFA0}'
            | '\u{1D159}'
    )
}

/// Characters that choose between forms of the character before it.
pub fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn is_ignorable(c: char) -> bool {
    is_blank(c) || is_variation_selector(c)
}
