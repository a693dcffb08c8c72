//! Sessions over HTTP: where they are mounted, and the form of their frames.

/// Sessions over plain HTTP for an app, beside its WebSockets: for networks that let no WebSocket through. See
/// [`Mount::http_sessions`](crate::Mount::http_sessions).
///
/// ```
/// use parlor_kit::HttpSessions;
///
/// let chat = HttpSessions::new("/api/sessions"); // the app's messages are JSON
/// let lines = HttpSessions::new("/lines/sessions").text(); // they are any text
/// assert_ne!(chat, lines);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSessions {
    pub(crate) path: String,
    pub(crate) form: FrameForm,
    pub(crate) greets: bool,
}

/// The form of an app's messages in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameForm {
    /// Each is JSON already, and stands as it is.
    Json,
    /// Each is any text, and stands as a JSON string.
    Text,
}

impl HttpSessions {
    /// Serves sessions at `path`, a pattern of actix-web's router as in [`Mount::new`](crate::Mount::new), and below it. The
    /// app's messages, in both directions, are JSON in text messages: they stand in the answers as they are, as the
    /// `frame` of `{"n":1,"frame":{…}}`.
    pub fn new(path: &str) -> Self {
        HttpSessions { path: path.trim_end_matches('/').to_owned(), form: FrameForm::Json, greets: false }
    }

    /// For an app whose messages are any text: each stands as a JSON string, in both directions.
    #[must_use]
    pub fn text(mut self) -> Self {
        self.form = FrameForm::Text;
        self
    }

    /// For an app that greets every client, perhaps after it has asked its journal: the answer that opens a session waits for
    /// the app's first message, for up to 10 s. Without this it does not wait beyond `new_client`.
    #[must_use]
    pub fn greets(mut self) -> Self {
        self.greets = true;
        self
    }
}
