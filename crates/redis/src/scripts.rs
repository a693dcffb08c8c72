//! The scripts that run in Redis, each atomic. The files say what they take and give.

use redis::{Connection, RedisResult, Script, ScriptInvocation};

use crate::reply::Parts;

/// The scripts, with the key that tells them the prefix of all keys.
pub(crate) struct Scripts {
    state: String,
    pub agree: Script,
    pub begin: Script,
    pub commit: Script,
    pub follow: Script,
    pub leave: Script,
    pub page: Script,
    pub renew: Script,
    pub scan: Script,
    pub settle: Script,
    pub states: Script,
    pub tidy: Script,
}

/// The version of the keys: a program does not open those of a newer one.
pub(crate) const SCHEMA: u64 = 1;

macro_rules! script {
    ($file:literal) => {
        Script::new(concat!(include_str!("scripts/prelude.lua"), "\n", include_str!(concat!("scripts/", $file))))
    };
}

impl Scripts {
    pub fn new(prefix: &str) -> Self {
        Scripts {
            state: format!("{prefix}state"),
            agree: script!("agree.lua"),
            begin: script!("begin.lua"),
            commit: script!("commit.lua"),
            follow: script!("follow.lua"),
            leave: script!("leave.lua"),
            page: script!("page.lua"),
            renew: script!("renew.lua"),
            scan: script!("scan.lua"),
            settle: script!("settle.lua"),
            states: script!("states.lua"),
            tidy: script!("tidy.lua"),
        }
    }

    /// Begins a call of one of them.
    pub fn call<'a>(&self, script: &'a Script) -> ScriptInvocation<'a> {
        script.key(&self.state)
    }

    /// The name of a key.
    pub fn key(&self, name: &str) -> String {
        let prefix = self.state.strip_suffix("state").unwrap_or_default();
        format!("{prefix}{name}")
    }
}

/// Runs a script and returns the parts of its answer.
pub(crate) fn run(call: &ScriptInvocation<'_>, connection: &mut Connection) -> RedisResult<Parts> {
    Parts::of(call.invoke(connection)?)
}
