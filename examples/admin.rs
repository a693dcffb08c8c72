//! A page and an HTTP route that speak into a running app.
//! 网页与 HTTP 接口,可向运行中的应用发送公告。
//!
//! Run / 运行: `cargo run --release --example admin`, then open http://127.0.0.1:8010, or
//! `curl --data 'hello' http://127.0.0.1:8010/announce`
//! Original client / 原版客户端: any HTTP client; listeners at ws://127.0.0.1:8010/ws hear the bare text.
//!
//! There is no login here: whoever reaches the port may announce. Pages of other sites may not.

use actix_web::{HttpRequest, HttpResponse, web};
use parlor_kit::{App, Client, ClientId, Close, Handle, Hub, Limits, Message, Mount, Server};

struct Board;

impl App<String> for Board {
    type Request = Message;

    fn new_client(&mut self, _client: &Client, _hub: &mut Hub<'_, String>) {}

    fn message_received(&mut self, _client: ClientId, _message: Message, _hub: &mut Hub<'_, String>) {}

    fn client_left(&mut self, _client: ClientId, _close: &Close, _hub: &mut Hub<'_, String>) {}

    fn told(&mut self, announcement: String, hub: &mut Hub<'_, String>) {
        hub.send_all(announcement);
    }

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

fn announce(request: &HttpRequest, body: String, board: &Handle<String>) -> HttpResponse {
    let site = request.headers().get("sec-fetch-site").map_or("none", |site| site.to_str().unwrap_or("cross-site"));
    if !["none", "same-origin"].contains(&site) {
        return HttpResponse::Forbidden().body("pages of other sites may not announce\n");
    }
    if body.trim().is_empty() {
        return HttpResponse::BadRequest().body("the body must be the text to announce\n");
    }
    match board.tell(body) {
        Ok(()) => HttpResponse::Accepted().body("announced\n"),
        Err(error) => HttpResponse::ServiceUnavailable().body(format!("not announced: {error}\n")),
    }
}

fn main() -> std::process::ExitCode {
    let mount = Mount::new(&["/ws"], || Board);
    let board = mount.handle();
    let server = Server::new().page("/", include_str!("pages/admin.html")).mount(mount);
    let server = server.routes(move |config| {
        let board = board.clone();
        let answer = move |request: HttpRequest, body: String| std::future::ready(announce(&request, body, &board));
        config.route("/announce", web::post().to(answer));
    });
    server.main(8010)
}
