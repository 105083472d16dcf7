//! What lies between the proxy and GoTo in a server room: servers with certificates of all kinds, a
//! forward proxy, and an authority of the company's own. Each keeps what it receives.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// When a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Now.
    Now,
    /// It ended years ago.
    Ended,
    /// It begins in many years.
    NotBegun,
}

/// A company's own certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(name: &str) -> anyhow::Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Ok(Self(CertifiedIssuer::self_signed(
            params,
            KeyPair::generate()?,
        )?))
    }

    /// Writes its certificate as PEM.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_pem(&self, file: &Path) -> anyhow::Result<()> {
        let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
        let encoded = STANDARD.encode(self.0.der());
        for line in encoded.as_bytes().chunks(64) {
            text.push_str(std::str::from_utf8(line)?);
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
        std::fs::write(file, text)?;
        Ok(())
    }

    fn server(&self, host: &str, validity: Validity) -> anyhow::Result<Arc<ServerConfig>> {
        let mut params = CertificateParams::new([host.to_owned()])?;
        (params.not_before, params.not_after) = match validity {
            Validity::Now => (date_time_ymd(2020, 1, 1), date_time_ymd(2099, 1, 1)),
            Validity::Ended => (date_time_ymd(2010, 1, 1), date_time_ymd(2011, 1, 1)),
            Validity::NotBegun => (date_time_ymd(2098, 1, 1), date_time_ymd(2099, 1, 1)),
        };
        let key = KeyPair::generate()?;
        let made = params.signed_by(&key, &self.0)?;
        let key = PrivateKeyDer::try_from(key.serialize_der());
        let key = key.map_err(|error| anyhow::anyhow!("{error}"))?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![made.der().clone()], key)
            .context("the certificate")?;
        Ok(Arc::new(config))
    }
}

/// A server or forward proxy on loopback; what it received is kept. Ends with the test process.
#[derive(Clone, Debug)]
pub struct Outside {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Outside {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The head of each request, after TLS was taken off.
    pub fn heard(&self) -> Vec<String> {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn keep(&self, head: String) {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(head);
    }

    fn listen(
        serve: impl Fn(&Self, TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let outside = Self {
            address: listener.local_addr()?,
            heard: Arc::default(),
        };
        let (here, serve) = (outside.clone(), Arc::new(serve));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (here, serve) = (here.clone(), serve.clone());
                // A client that breaks off is what some tests are about.
                thread::spawn(move || drop(serve(&here, stream)));
            }
        });
        Ok(outside)
    }

    /// Refuses every request by plain http, as a token endpoint does: `invalid_grant`.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn http() -> anyhow::Result<Self> {
        Self::listen(|here, mut stream| {
            // Who greets in TLS is told in plain text that this is no request, as web servers do.
            let mut first = [0];
            stream.peek(&mut first)?;
            if first == [0x16] {
                let mut greeting = [0; 4096];
                let _ = stream.read(&mut greeting)?;
                return stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
            }
            here.refuse(stream, None)
        })
    }

    /// Answers every request by plain http with a JSON document.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn json(body: &str) -> anyhow::Result<Self> {
        let body = body.to_owned();
        Self::listen(move |here, stream| here.answer(stream, "200 OK", "", &body))
    }

    /// The same as [`Self::http`] by https as `host`; `date` is what it says the time is.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn https(
        authority: &Authority,
        host: &str,
        validity: Validity,
        date: Option<&str>,
    ) -> anyhow::Result<Self> {
        let config = authority.server(host, validity)?;
        let date = date.map(str::to_owned);
        Self::listen(move |here, stream| {
            let connection =
                ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
            here.refuse(StreamOwned::new(connection, stream), date.as_deref())
        })
    }

    /// A forward proxy that connects to `target` whatever it is asked for, if the login is right.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn forward_proxy(target: SocketAddr, login: Option<&str>) -> anyhow::Result<Self> {
        let wanted = login.map(|login| format!("basic {}", STANDARD.encode(login)).to_lowercase());
        Self::listen(move |here, stream| here.forward(stream, target, wanted.as_deref()))
    }

    /// The same, spoken to by https as `host`.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn forward_proxy_by_https(
        authority: &Authority,
        host: &str,
        plain: &Self,
    ) -> anyhow::Result<Self> {
        let config = authority.server(host, Validity::Now)?;
        let plain = plain.address;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let outside = Self {
            address: listener.local_addr()?,
            heard: Arc::default(),
        };
        thread::spawn(move || {
            runtime.block_on(async move {
                let acceptor = tokio_rustls::TlsAcceptor::from(config);
                while let Ok((stream, _)) = listener.accept().await {
                    let acceptor = acceptor.clone();
                    tokio::spawn(async move {
                        let mut inside = tokio::net::TcpStream::connect(plain).await?;
                        let mut stream = acceptor.accept(stream).await?;
                        tokio::io::copy_bidirectional(&mut stream, &mut inside).await
                    });
                }
            });
        });
        Ok(outside)
    }

    fn refuse(&self, stream: impl Read + Write, date: Option<&str>) -> std::io::Result<()> {
        let date = date.map_or_else(String::new, |date| format!("date: {date}\r\n"));
        self.answer(
            stream,
            "400 Bad Request",
            &date,
            r#"{"error":"invalid_grant"}"#,
        )
    }

    fn answer(
        &self,
        stream: impl Read + Write,
        status: &str,
        more: &str,
        body: &str,
    ) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        self.keep(head(&mut stream)?);
        let length = body.len();
        write!(
            stream.get_mut(),
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{more}\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )?;
        stream.get_mut().flush()
    }

    fn forward(
        &self,
        stream: TcpStream,
        target: SocketAddr,
        wanted: Option<&str>,
    ) -> std::io::Result<()> {
        let mut client = BufReader::new(stream);
        let head = head(&mut client)?;
        self.keep(head.clone());
        let lower = head.to_lowercase();
        let welcome =
            wanted.is_none_or(|wanted| lower.contains(&format!("authorization: {wanted}\r\n")));
        if !head.starts_with("CONNECT ") || !welcome {
            let status = if welcome {
                "403 Forbidden"
            } else {
                "407 Proxy Authentication Required"
            };
            return write!(
                client.get_mut(),
                "HTTP/1.1 {status}\r\nproxy-authenticate: Basic realm=\"way out\"\r\ncontent-length: 0\r\n\r\n"
            );
        }
        let server = TcpStream::connect(target)?;
        write!(
            client.get_mut(),
            "HTTP/1.1 200 Connection established\r\n\r\n"
        )?;
        let (mut from, mut to) = (client.get_mut().try_clone()?, server.try_clone()?);
        let up = thread::spawn(move || std::io::copy(&mut from, &mut to));
        let (mut from, mut to) = (server, client.into_inner());
        std::io::copy(&mut from, &mut to)?;
        to.shutdown(std::net::Shutdown::Both)?;
        drop(up.join());
        Ok(())
    }
}

/// The lines up to the first empty one.
fn head(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}
