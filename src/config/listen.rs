//! Addresses, names and threads of the server.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::thread;
use std::time::Duration;

use super::base_path::BasePath;
use super::define::settings;
use super::host_names::{HostNames, is_name};
use super::optional_address::OptionalAddress;
use super::origin::OriginList;
use super::proxy::{ForwardedHeader, Networks};
use super::setting::{Bounds, Shape};
use super::value::{Quantity, Value};

/// Most threads that serve clients; the limit of `PerCpu` too.
const WORKERS_MAX: usize = 256;

settings! {
    /// Addresses, names and threads of the server.
    pub struct ListenSettings, "Listening" {
        /// Address or name to listen on; 0.0.0.0 and [::] take clients from other machines.
        ///
        /// Not used, nor is `port`, when systemd passes a listening socket (`LISTEN_FDS`): see docs/deploy.md. The default can be reached from this machine alone: a server should be open to the network only on request.
        host: Host = "127.0.0.1";

        /// Port to listen on; 0 takes any free one.
        ///
        /// In Kubernetes a service named `parlor` sets the variable `PARLOR_PORT` to an address, which is refused here:
        /// set `enableServiceLinks: false`, or give the service another name.
        port: u16 = "8080", from "0" to "65535";

        /// Path below which everything is, such as /chat/: for a server that shares its name with others.
        ///
        /// The page, its files, sockets and sessions are below it alone; / leads there, other paths get 404. /healthz, /readyz
        /// and /metrics answer at the root as well. Behind a proxy that cuts the path off, leave it at /: the page finds its own
        /// path. A missing slash at the end is added.
        base_path: BasePath = "/";

        /// Threads that serve clients; auto is one per CPU.
        ///
        /// More than 256 would only wait for each other: the state of an app is on one thread beside them.
        workers: Workers = "auto", from "1" to "256";

        /// Origin whose pages may connect beside the server's own, such as https://chat.example.org; * allows all. Repeatable.
        ///
        /// The server's own page may always connect. In a variable or in one flag, commas separate several origins.
        origin: OriginList = "";

        /// Refuse clients that send no Origin. Browsers always send one.
        require_origin: bool = "false";

        /// Host name by which browsers reach the server, such as intranet.example.org; * allows all. Repeatable.
        ///
        /// Requests for other names get 421: a foreign page could otherwise reach a server on a private address, by
        /// letting its own name point there (DNS rebinding). These names need no entry: IP addresses, localhost and the
        /// names below it, the hosts of `origin`, and `host`. With `--origin '*'` every name is allowed. /healthz and
        /// /readyz answer to every name.
        allowed_host: HostNames = "";

        /// Address or network of a reverse proxy, such as 10.0.0.0/8, which names its clients' addresses. Repeatable.
        ///
        /// Without it all clients of a proxy have the proxy's address and share its limits. The proxy has to write the header
        /// that forwarded_header names. It is read from the right, up to the first address that is not in this list. The
        /// header of any other peer is ignored.
        trusted_proxy: Networks = "";

        /// Header in which the trusted proxies name a client's address; the other one is ignored.
        forwarded_header: ForwardedHeader = "x-forwarded-for";

        /// Address and port for /metrics alone, such as 127.0.0.1:9090; none serves it beside the page.
        ///
        /// It answers to every Host name, and its connections are not counted.
        metrics_listen: OptionalAddress = "none";

        /// Longest time for stopping: requests are answered, all connections closed. `--drain` is the same flag.
        ///
        /// After half of it those are closed that still wait for an answer; at its end those are reset that don't read. Service
        /// managers kill a process that takes longer: systemd after 90 s, Docker after 10 s. 0s does not wait. A second signal
        /// ends the server at once.
        shutdown_timeout: Duration = "10s", from "0s" to "10m", or "drain";
    }
}

/// An IP address or a host name, without a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// The host for the resolver: without brackets around an IPv6 address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for Host {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "HOST";

    fn allowed(_: Bounds) -> String {
        "an IP address or a host name, without a port".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        let bracketed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let host = match bracketed {
            Some(inside) => inside.parse::<Ipv6Addr>().ok()?.to_string(),
            None => text.to_owned(),
        };
        (host.parse::<IpAddr>().is_ok() || is_name(&host)).then_some(Host(host))
    }

    fn print(&self) -> String {
        self.0.clone()
    }
}

/// The number of threads that serve clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// One for each CPU that this process may use, at most 256.
    PerCpu,
    Count(usize),
}

impl Workers {
    /// The number; asks the system for the CPUs if necessary, and takes 1 if it does not know.
    pub fn count(self) -> usize {
        match self {
            Workers::PerCpu => thread::available_parallelism().map_or(1, |cpus| cpus.get().min(WORKERS_MAX)),
            Workers::Count(count) => count,
        }
    }
}

impl Value for Workers {
    const SHAPE: Shape = Shape::Number;
    const PLACEHOLDER: &'static str = "N";

    fn allowed(bounds: Bounds) -> String {
        format!("auto, or {}", <usize as Value>::allowed(bounds))
    }

    fn parse(text: &str, bounds: Bounds) -> Option<Self> {
        if text == "auto" { Some(Workers::PerCpu) } else { usize::parse(text, bounds).map(Workers::Count) }
    }

    fn print(&self) -> String {
        match self {
            Workers::PerCpu => "auto".to_owned(),
            Workers::Count(count) => count.show(),
        }
    }
}
