//! A pooler that sends reads to another PostgreSQL server than writes, as pgpool-II does: in
//! miniature, on loopback, without passwords.
//!
//! A statement that begins with SELECT goes to the other server, unless a transaction is open.
//! Statements are prepared on both (<https://www.postgresql.org/docs/15/protocol-flow.html>).

use std::collections::HashMap;
use std::net::SocketAddr;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A client's question whether the connection may be encrypted.
const SSL_REQUEST: i32 = 80_877_103;

/// See the module. Ends when dropped.
#[derive(Debug)]
pub struct Splitter {
    address: SocketAddr,
    service: JoinHandle<()>,
}

impl Splitter {
    /// In front of the server of `writes`; reads go to the server of `reads`.
    ///
    /// # Errors
    /// When a URL has no port, or nothing can be listened on.
    pub async fn start(writes: &str, reads: &str) -> anyhow::Result<Self> {
        let servers = [port(writes)?, port(reads)?];
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let service = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // A connection that breaks is its client's to notice.
                tokio::spawn(async move { serve(client, servers).await.ok() });
            }
        });
        Ok(Self { address, service })
    }

    /// The same database by way of the pooler.
    ///
    /// # Errors
    /// When `url` is none.
    pub fn in_front_of(&self, url: &str) -> anyhow::Result<String> {
        let mut url = url::Url::parse(url)?;
        url.set_port(Some(self.address.port()))
            .map_err(|()| anyhow::anyhow!("a URL with a port"))?;
        Ok(url.into())
    }
}

impl Drop for Splitter {
    fn drop(&mut self) {
        self.service.abort();
    }
}

fn port(url: &str) -> anyhow::Result<u16> {
    url::Url::parse(url)?.port().context("a port")
}

/// One message of the protocol.
struct Message {
    kind: u8,
    body: Vec<u8>,
}

impl Message {
    async fn read(from: &mut TcpStream) -> anyhow::Result<Self> {
        let kind = from.read_u8().await?;
        let length = usize::try_from(from.read_i32().await?)?;
        let mut body = vec![0; length.checked_sub(4).context("a length")?];
        from.read_exact(&mut body).await?;
        Ok(Self { kind, body })
    }

    fn write(&self, to: &mut Vec<u8>) -> anyhow::Result<()> {
        to.push(self.kind);
        to.extend(i32::try_from(self.body.len() + 4)?.to_be_bytes());
        to.extend(&self.body);
        Ok(())
    }

    /// The text at that place among those that begin it.
    fn text(&self, number: usize) -> String {
        let text = self.body.split(|byte| *byte == 0).nth(number);
        String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
    }
}

fn is_read(statement: &str) -> bool {
    let start: String = statement.trim_start().chars().take(6).collect();
    start.eq_ignore_ascii_case("select")
}

/// Copies a server's answer up to its end; whether a transaction is open then.
async fn answer(from: &mut TcpStream, to: Option<&mut TcpStream>) -> anyhow::Result<bool> {
    let mut all = Vec::new();
    let open = loop {
        let message = Message::read(from).await?;
        message.write(&mut all)?;
        if message.kind == b'Z' {
            break message.body != b"I";
        }
    };
    if let Some(to) = to {
        to.write_all(&all).await?;
    }
    Ok(open)
}

async fn serve(mut client: TcpStream, ports: [u16; 2]) -> anyhow::Result<()> {
    let greeting = loop {
        let length = client.read_i32().await?;
        let mut body = vec![
            0;
            usize::try_from(length)?
                .checked_sub(4)
                .context("a length")?
        ];
        client.read_exact(&mut body).await?;
        if body == SSL_REQUEST.to_be_bytes() {
            client.write_all(b"N").await?;
            continue;
        }
        break [&length.to_be_bytes()[..], &body].concat();
    };
    let mut writes = TcpStream::connect(("127.0.0.1", ports[0])).await?;
    let mut reads = TcpStream::connect(("127.0.0.1", ports[1])).await?;
    for server in [&mut writes, &mut reads] {
        server.write_all(&greeting).await?;
    }
    answer(&mut reads, None).await?;
    let mut in_transaction = answer(&mut writes, Some(&mut client)).await?;
    // Whether what was prepared under a name reads.
    let mut prepared: HashMap<String, bool> = HashMap::new();
    loop {
        let mut batch = Vec::new();
        let (mut prepares, mut executes, mut is_reading) = (false, false, false);
        loop {
            let message = Message::read(&mut client).await?;
            message.write(&mut batch)?;
            match message.kind {
                b'X' => return Ok(()),
                b'P' => {
                    prepares = true;
                    prepared.insert(message.text(0), is_read(&message.text(1)));
                }
                b'B' => {
                    executes = true;
                    let name = message.text(1);
                    is_reading = prepared.get(&name).copied().unwrap_or_default();
                }
                b'Q' => {
                    is_reading = is_read(&message.text(0));
                    break;
                }
                b'S' => break,
                _ => {}
            }
        }
        if prepares && !executes {
            reads.write_all(&batch).await?;
            answer(&mut reads, None).await?;
        }
        if is_reading && !in_transaction {
            reads.write_all(&batch).await?;
            answer(&mut reads, Some(&mut client)).await?;
        } else {
            writes.write_all(&batch).await?;
            in_transaction = answer(&mut writes, Some(&mut client)).await?;
        }
    }
}
