//! `docs/settings.md`, written from the table. `UPDATE_DOCS=1 cargo test guide` rewrites it.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use super::setting::{Setting, Shape};
use super::table::SUBJECTS;
use super::{Config, print};

const PAGE: &str = "docs/settings.md";

const INTRODUCTION: &str = "\
<!-- Written from src/config by `UPDATE_DOCS=1 cargo test guide`: change it there. -->
# Settings

Every setting can be given in three ways. In this order of precedence:

1. as a flag: `parlor --room-retention 7d`
2. as a variable: `PARLOR_ROOM_RETENTION=7d`. An empty variable counts as not set. A `PARLOR_` variable that is no setting
   is logged as a warning.
3. as a key in a TOML file: `room_retention = \"7d\"`. The file is the one named by `--config` or `PARLOR_CONFIG`, or else
   `./parlor.toml` if it is there. Unknown keys and tables are refused.

`parlor config` prints the settings in force and the source of each, in a form that can be used as the file. Secrets are
never printed. `parlor --help` prints the text of this page.

Every given value is checked, also one that another overrides. All mistakes are reported at once, each with its source and the
allowed values, and the exit code is 2. So are settings that contradict each other. A flag that is given twice is a mistake,
except for lists; the source of the highest precedence gives the whole list.

Times are `250ms`, `10s`, `5m`, `12h` or `30d`; a bare number is seconds. Sizes are `64KiB`, `1MiB` or `1GiB`; a bare number
is bytes.
";

/// A settings file, tried by a test below.
const SCHOOL: &str = "\
# A school of 1,000 people behind one address, each with up to four connections.
max_clients_per_address = 4000
max_rooms_per_address = 8000
room_creation_burst = 2000
room_creation_interval = \"500ms\"
user_creation_burst = 4000
user_creation_interval = \"250ms\"
";

fn presets() -> String {
    format!(
        "\n## Preset: a school behind one address\n\nThe limits of one address keep a single person from taking everything. \
         Where everybody shares an address, they have\nto be as large as the house:\n\n```toml\n{SCHOOL}```\n\n\
         A proxy of your own needs no such preset: name it with `trusted_proxy`, and each client has its own address.\n"
    )
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for subject in SUBJECTS {
        let _ = write!(page, "\n## {}\n\n{}\n", subject.title, subject.about());
        for setting in subject.settings {
            page.push_str(&section(setting));
        }
    }
    page.push_str(&presets());
    page
}

fn section(setting: &Setting) -> String {
    let key = setting.key;
    let default = setting.shown_default().map_or_else(|| "not set".to_owned(), |default| format!("`{default}`"));
    let example = match setting.shape {
        Shape::Secret => format!("{key} = \"…\""),
        Shape::List => format!("{key} = [\"…\", \"…\"]"),
        Shape::Number | Shape::Quantity | Shape::Switch | Shape::Text => {
            format!("{key} = {}", print::value(setting, setting.default))
        }
    };
    let value = if setting.shape == Shape::Switch { String::new() } else { format!(" {}", setting.placeholder) };
    let mut section = format!(
        "\n### {key}\n\n`{}{value}` · `{}` · `{example}`\n\nDefault: {default}. Allowed: {}.\n\n{}\n",
        setting.flag(),
        setting.variable(),
        setting.allowed(),
        setting.summary(),
    );
    for paragraph in setting.details() {
        let _ = write!(section, "\n{paragraph}\n");
    }
    section
}

#[test]
fn guide_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if env::var_os("UPDATE_DOCS").is_some_and(|value| !value.is_empty()) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, page()).unwrap();
    }
    let current = fs::read_to_string(&path).unwrap_or_default();
    assert!(current == page(), "{PAGE} is not what src/config says: run `UPDATE_DOCS=1 cargo test guide`");
}

#[test]
fn presets_are_settings_as_they_stand() {
    let read = |_: &Path| Ok(SCHOOL.to_owned());
    let loaded = Config::load(["parlor".into()], [], read).unwrap();
    assert_eq!(loaded.config.limits.max_clients_per_address, 4000);
    assert_eq!(loaded.warnings, [""; 0]);
}
