//! The server as operators look at it.

use std::sync::Arc;

use parlor_kit::{Sample, ServerHandle};

/// A server with the figures that it does not know of itself.
#[derive(Clone)]
pub struct Watched {
    pub server: ServerHandle,
    more: Option<Arc<dyn Fn() -> Vec<Sample> + Send + Sync>>,
}

impl Watched {
    pub fn new(server: ServerHandle, more: Option<impl Fn() -> Vec<Sample> + Send + Sync + 'static>) -> Self {
        Watched { server, more: more.map(|more| Arc::new(more) as Arc<_>) }
    }

    /// Returns the figures of the server, without those of its apps.
    pub fn samples(&self) -> Vec<Sample> {
        let more = self.more.as_ref().map(|more| more()).unwrap_or_default();
        self.server.samples().into_iter().chain(more).collect()
    }
}

impl From<ServerHandle> for Watched {
    fn from(server: ServerHandle) -> Self {
        Watched { server, more: None }
    }
}
