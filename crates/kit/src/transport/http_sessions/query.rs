//! Numbers in requests: parameters of the query, and `Last-Event-ID`.

use std::time::Duration;

use actix_web::HttpRequest;

use crate::transport::http_sessions::problem::Problem;

/// The longest wait of a poll.
const WAIT_MS_MAX: u64 = 30_000;

/// The largest number that JSON carries everywhere (RFC 8259 §6).
const NUMBER_MAX: u64 = (1 << 53) - 1;

/// A number of the query; `None` if it is not there. Of several, the last counts.
///
/// # Errors
/// If it is no number up to `max`.
fn number(request: &HttpRequest, name: &str, max: u64) -> Result<Option<u64>, Problem> {
    let mut parts = request.query_string().rsplit('&').filter_map(|part| part.split_once('='));
    let Some((_, value)) = parts.find(|(key, _)| *key == name) else { return Ok(None) };
    parse(value, max).map(Some).ok_or_else(|| Problem::number(name, 0, max))
}

fn parse(value: &str, max: u64) -> Option<u64> {
    let is_plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|number| is_plain && *number <= max)
}

/// The newest frame that the client has, by `ack` or by `Last-Event-ID`; the newer of the two.
///
/// # Errors
/// If one of them is no number.
pub fn acknowledged(request: &HttpRequest) -> Result<Option<u64>, Problem> {
    let ack = number(request, "ack", NUMBER_MAX)?;
    let Some(header) = request.headers().get("last-event-id") else { return Ok(ack) };
    let last = header.to_str().ok().and_then(|value| parse(value.trim(), NUMBER_MAX));
    let last = last.ok_or_else(|| Problem::number("Last-Event-ID", 0, NUMBER_MAX))?;
    Ok(Some(ack.map_or(last, |ack| ack.max(last))))
}

/// The number of a send.
///
/// # Errors
/// If it is no number.
pub fn send_number(request: &HttpRequest) -> Result<Option<u64>, Problem> {
    match number(request, "n", NUMBER_MAX)? {
        Some(0) => Err(Problem::number("n", 1, NUMBER_MAX)),
        n => Ok(n),
    }
}

/// How long a poll waits; not at all if it doesn't say.
///
/// # Errors
/// If it is no number, or too large.
pub fn wait(request: &HttpRequest) -> Result<Duration, Problem> {
    Ok(Duration::from_millis(number(request, "wait_ms", WAIT_MS_MAX)?.unwrap_or(0)))
}

/// The subprotocols that a client offers by `protocols`, best first, with commas between them. (A page can't set the header
/// that a WebSocket has for this.)
pub fn subprotocols(request: &HttpRequest) -> Vec<String> {
    let parts = request.query_string().split('&').filter_map(|part| part.split_once('='));
    let lists = parts.filter(|(key, _)| *key == "protocols").map(|(_, list)| list);
    lists.flat_map(|list| list.split(',')).filter(|offer| !offer.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asked(query: &str, last: Option<&str>) -> Result<Option<u64>, String> {
        let mut request = TestRequest::with_uri(&format!("/poll?{query}"));
        if let Some(last) = last {
            request = request.insert_header(("last-event-id", last));
        }
        acknowledged(&request.to_http_request()).map_err(|problem| format!("{problem:?}"))
    }

    #[test]
    fn numbers_are_digits_and_the_newer_one_counts() {
        assert_eq!(asked("", None), Ok(None));
        assert_eq!(asked("ack=7", None), Ok(Some(7)));
        assert_eq!(asked("new=1&ack=7&ack=8", None), Ok(Some(8)));
        assert_eq!(asked("ack=7", Some("9")), Ok(Some(9)));
        assert_eq!(asked("ack=9", Some("7")), Ok(Some(9)));
        for junk in
            ["ack=", "ack=-1", "ack=+1", "ack=1.0", "ack=0x1", "ack=99999999999999999999", "ack=9007199254740992"]
        {
            assert!(asked(junk, None).is_err_and(|problem| problem.contains("ack")), "{junk}");
        }
        assert!(asked("", Some("seven")).is_err_and(|problem| problem.contains("Last-Event-ID")));
    }

    #[test]
    fn sends_count_from_one_and_polls_do_not_wait_for_long() {
        let request = |query: &str| TestRequest::with_uri(&format!("/?{query}")).to_http_request();
        assert!(send_number(&request("n=0")).is_err());
        assert_eq!(send_number(&request("n=1")).unwrap(), Some(1));
        assert_eq!(wait(&request("")).unwrap(), Duration::ZERO);
        assert_eq!(wait(&request("wait_ms=30000")).unwrap(), Duration::from_secs(30));
        assert!(wait(&request("wait_ms=30001")).is_err());
    }
}
