//! When to ask a silent peer whether it is there, and when to give it up.

use crate::moment::Moment;
use parlor_core::Limits;

/// The last sign of life of a peer, and whether it was pinged since.
#[derive(Clone, Copy, Debug)]
pub struct Heartbeat {
    heard_at: Moment,
    asked: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum HeartbeatAction {
    Nothing,
    Ping,
    /// It counts as gone.
    GiveUp,
}

impl Heartbeat {
    pub fn new(now: Moment) -> Self {
        Heartbeat { heard_at: now, asked: false }
    }

    /// Any sign of life.
    pub fn heard(&mut self, at: Moment) {
        if at > self.heard_at {
            *self = Heartbeat::new(at);
        }
    }

    /// Asks for one ping for each silence: TCP repeats it if it is lost.
    pub fn check(&mut self, limits: &Limits, now: Moment) -> HeartbeatAction {
        let silence = now.since(self.heard_at);
        if silence >= limits.heartbeat_timeout {
            HeartbeatAction::GiveUp
        } else if silence >= limits.heartbeat && !self.asked {
            self.asked = true;
            HeartbeatAction::Ping
        } else {
            HeartbeatAction::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_silent_peer_is_asked_once_then_given_up() {
        let limits =
            Limits::default().heartbeat(Duration::from_millis(100)).heartbeat_timeout(Duration::from_millis(250));
        let mut heartbeat = Heartbeat::new(Moment(1000));
        assert_eq!(heartbeat.check(&limits, Moment(1099)), HeartbeatAction::Nothing);
        assert_eq!(heartbeat.check(&limits, Moment(1100)), HeartbeatAction::Ping);
        assert_eq!(heartbeat.check(&limits, Moment(1200)), HeartbeatAction::Nothing);
        heartbeat.heard(Moment(1210));
        assert_eq!(heartbeat.check(&limits, Moment(1251)), HeartbeatAction::Nothing, "it has answered");
        assert_eq!(heartbeat.check(&limits, Moment(1310)), HeartbeatAction::Ping);
        assert_eq!(heartbeat.check(&limits, Moment(1460)), HeartbeatAction::GiveUp);
    }
}
