//! Somebody who speaks HTTP by hand: half requests, foreign names, answers nobody reads.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Longest an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection from an address of this machine, with something said.
///
/// # Errors
/// When there is no connection, or it ends at once.
pub async fn say(
    from: impl Into<Ipv4Addr>,
    to: SocketAddr,
    text: &str,
) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from.into(), 0).into())?;
    let mut stream = socket.connect(to).await?;
    stream.write_all(text.as_bytes()).await?;
    Ok(stream)
}

/// The status of the next answer.
///
/// # Errors
/// When none comes.
pub async fn status(stream: &mut TcpStream) -> anyhow::Result<u16> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(timeout(PATIENCE, stream.read_u8()).await??);
    }
    let line = String::from_utf8(line)?;
    let status = line.split(' ').nth(1).context(line.clone())?;
    Ok(status.parse()?)
}

/// One whole exchange on a connection of its own.
///
/// # Errors
/// When no answer comes.
pub async fn ask(from: impl Into<Ipv4Addr>, to: SocketAddr, head: &str) -> anyhow::Result<u16> {
    let text = format!("{head}connection: close\r\n\r\n");
    let mut stream = say(from, to, &text).await?;
    status(&mut stream).await
}
