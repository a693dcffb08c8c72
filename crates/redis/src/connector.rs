//! The way to a Redis: by address or by its sentinels, plain or over TLS.

use std::path::PathBuf;
use std::time::Duration;

use redis::{
    Client, Connection, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, RedisConnectionInfo, RedisError,
    RedisResult, TlsCertificates, io::tcp::TcpSettings,
};

use crate::error::OpenError;
use crate::options::RedisOptions;
use crate::secret::Secret;
use crate::url::{Host, RedisUrl};

/// Makes connections to the primary.
#[derive(Debug)]
pub(crate) struct Connector {
    url: RedisUrl,
    password: Option<Secret>,
    certificates: TlsCertificates,
}

impl Connector {
    pub fn new(options: &RedisOptions) -> Result<Self, OpenError> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| OpenError::Certificate(format!("{}: {error}", path.display())))
        };
        let root_cert = options.root_certificate.as_ref().map(read).transpose()?;
        let url = options.url.clone();
        if url.tls {
            // It may be installed already; without one, rustls panics where several are built in.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let password = options.password.clone().or_else(|| url.password.clone());
        Ok(Connector { url, password, certificates: TlsCertificates { client_tls: None, root_cert } })
    }

    /// Tells whether sentinels say which Redis is the primary.
    pub fn has_sentinels(&self) -> bool {
        self.url.primary.is_some()
    }

    /// Opens a connection to the primary.
    pub fn connect(&self, timeout: Duration) -> RedisResult<Connection> {
        match &self.url.primary {
            None => {
                let host = self.url.hosts.first().ok_or_else(no_host)?;
                self.open(host, self.url.db, self.password.as_ref(), timeout)
            }
            Some(name) => {
                let mut connection =
                    self.open(&self.ask_sentinels(name, timeout)?, self.url.db, self.password.as_ref(), timeout)?;
                check_role(&mut connection, timeout)?;
                Ok(connection)
            }
        }
    }

    fn ask_sentinels(&self, name: &str, timeout: Duration) -> RedisResult<Host> {
        let mut last = no_host();
        for sentinel in &self.url.hosts {
            match self.ask_sentinel(sentinel, name, timeout) {
                Ok(host) => return Ok(host),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Sentinels mostly have no password; one that asks for one gets that of Redis.
    fn ask_sentinel(&self, sentinel: &Host, name: &str, timeout: Duration) -> RedisResult<Host> {
        let ask = |password| -> RedisResult<Option<(String, u16)>> {
            let mut connection = self.open(sentinel, 0, password, timeout)?;
            connection.set_read_timeout(Some(timeout))?;
            redis::cmd("SENTINEL").arg("get-master-addr-by-name").arg(name).query(&mut connection)
        };
        let found = match ask(None) {
            Err(error) if error.code() == Some("NOAUTH") => ask(self.password.as_ref()),
            found => found,
        };
        match found? {
            Some((name, port)) => Ok(Host { name, port }),
            None => Err((
                ErrorKind::MasterNameNotFoundBySentinel,
                "the sentinels know no primary of this name",
                name.to_owned(),
            )
                .into()),
        }
    }

    fn open(&self, host: &Host, db: i64, password: Option<&Secret>, timeout: Duration) -> RedisResult<Connection> {
        let (name, port) = (host.name.clone(), host.port);
        let address = if self.url.tls {
            ConnectionAddr::TcpTls { host: name, port, insecure: false, tls_params: None }
        } else {
            ConnectionAddr::Tcp(name, port)
        };
        let mut settings = RedisConnectionInfo::default().set_db(db).set_lib_name("parlor", env!("CARGO_PKG_VERSION"));
        if let Some(password) = password {
            settings = settings.set_password(password.as_str());
            if let Some(user) = &self.url.user {
                settings = settings.set_username(user);
            }
        }
        // A large batch would wait for the acknowledgement of its first half.
        let tcp = TcpSettings::default().set_nodelay(true);
        let info: ConnectionInfo = address.into_connection_info()?.set_redis_settings(settings).set_tcp_settings(tcp);
        let client =
            if self.url.tls { Client::build_with_tls(info, self.certificates.clone())? } else { Client::open(info)? };
        client.get_connection_with_timeout(timeout)
    }
}

fn no_host() -> RedisError {
    (ErrorKind::EmptySentinelList, "the address names no host").into()
}

/// A sentinel may name a Redis that is a replica by now, or still.
fn check_role(connection: &mut Connection, timeout: Duration) -> RedisResult<()> {
    connection.set_read_timeout(Some(timeout))?;
    let info: String = redis::cmd("INFO").arg("replication").query(connection)?;
    if info.lines().any(|line| line.trim_end() == "role:master") {
        return Ok(());
    }
    Err((ErrorKind::Io, "the Redis that the sentinels name is a replica").into())
}
