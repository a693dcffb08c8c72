//! The scripts that read and write a whole journal.

use redis::{Script, ScriptInvocation};

/// The scripts, with the key that tells them the prefix of all keys.
pub(super) struct DumpScripts {
    state: String,
    pub clear: Script,
    pub finish: Script,
    pub gone: Script,
    pub hold: Script,
    pub import: Script,
    pub leave: Script,
    pub log: Script,
    pub put_log: Script,
    pub put_records: Script,
    pub put_values: Script,
    pub retire: Script,
    pub settle: Script,
    pub take: Script,
    pub values: Script,
}

macro_rules! script {
    ($file:literal) => {
        Script::new(concat!(
            include_str!("../scripts/prelude.lua"),
            "\n",
            include_str!("../scripts/dump_prelude.lua"),
            "\n",
            include_str!(concat!("../scripts/", $file))
        ))
    };
}

impl DumpScripts {
    pub fn new(prefix: &str) -> Self {
        DumpScripts {
            state: format!("{prefix}state"),
            clear: script!("dump_clear.lua"),
            finish: script!("dump_finish.lua"),
            gone: script!("dump_gone.lua"),
            hold: script!("dump_hold.lua"),
            import: script!("dump_import.lua"),
            leave: script!("dump_leave.lua"),
            log: script!("dump_log.lua"),
            put_log: script!("dump_put_log.lua"),
            put_records: script!("dump_put_records.lua"),
            put_values: script!("dump_put_values.lua"),
            retire: script!("dump_retire.lua"),
            settle: script!("dump_settle.lua"),
            take: script!("dump_take.lua"),
            values: script!("dump_values.lua"),
        }
    }

    /// Begins a call of one of them.
    pub fn call<'a>(&self, script: &'a Script) -> ScriptInvocation<'a> {
        script.key(&self.state)
    }
}
