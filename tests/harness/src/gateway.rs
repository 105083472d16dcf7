//! What stands before the proxy where browsers insist on https: ends TLS and passes plain http on.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// See the module. Its certificate is its own word only. Stops when dropped.
#[derive(Debug)]
pub(crate) struct Gateway {
    server: AbortHandle,
    port: u16,
}

impl Gateway {
    /// Speaks for the proxy called `name` that listens at `proxy`; port 0 takes any.
    pub(crate) async fn start(name: &str, proxy: SocketAddr, port: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let port = listener.local_addr()?.port();
        let acceptor = TlsAcceptor::from(Arc::new(self_signed(name)?));
        let server = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                tokio::spawn(pass_on(acceptor.clone(), browser, proxy));
            }
        });
        Ok(Self {
            server: server.abort_handle(),
            port,
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn self_signed(name: &str) -> anyhow::Result<ServerConfig> {
    let made = rcgen::generate_simple_self_signed([name.to_owned()])?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der());
    let key = key.map_err(|error| anyhow::anyhow!("{error}"))?;
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .context("the certificate")
}

/// One connection. A proxy that does not answer costs the browser its connection, as without us.
async fn pass_on(
    acceptor: TlsAcceptor,
    browser: TcpStream,
    proxy: SocketAddr,
) -> std::io::Result<()> {
    let mut proxy = TcpStream::connect(proxy).await?;
    let mut browser = acceptor.accept(browser).await?;
    copy_bidirectional(&mut browser, &mut proxy).await?;
    Ok(())
}
