//! When to ask a silent peer whether it is there, and when to give it up.

use crate::server::moment::Moment;
use parlor_core::Limits;

/// What a peer has been heard of.
#[derive(Clone, Copy, Debug)]
pub struct Pulse {
    heard_at: Moment,
    asked: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Need {
    Nothing,
    Ping,
    /// It counts as gone.
    GiveUp,
}

impl Pulse {
    pub fn new(now: Moment) -> Self {
        Pulse { heard_at: now, asked: false }
    }

    /// Any sign of life.
    pub fn heard(&mut self, at: Moment) {
        if at > self.heard_at {
            *self = Pulse::new(at);
        }
    }

    /// Asks for one ping for each silence: TCP repeats it if it is lost.
    pub fn check(&mut self, limits: &Limits, now: Moment) -> Need {
        let silence = now.since(self.heard_at);
        if silence >= limits.heartbeat_timeout {
            Need::GiveUp
        } else if silence >= limits.heartbeat && !self.asked {
            self.asked = true;
            Need::Ping
        } else {
            Need::Nothing
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
        let mut pulse = Pulse::new(Moment(1000));
        assert_eq!(pulse.check(&limits, Moment(1099)), Need::Nothing);
        assert_eq!(pulse.check(&limits, Moment(1100)), Need::Ping);
        assert_eq!(pulse.check(&limits, Moment(1200)), Need::Nothing);
        pulse.heard(Moment(1210));
        assert_eq!(pulse.check(&limits, Moment(1251)), Need::Nothing, "it has answered");
        assert_eq!(pulse.check(&limits, Moment(1310)), Need::Ping);
        assert_eq!(pulse.check(&limits, Moment(1460)), Need::GiveUp);
    }
}
