//! A connection that a client cannot hold by doing nothing.
//!
//! hyper ends a connection whose next head does not come (`header_read_timeout`), but counts the
//! silence between two requests and the time a head takes as one, and has nothing against a client
//! that does not read its answer. Reverse proxies keep silent connections for a minute, a head takes
//! a moment: so the two are told apart here, and a write that makes no progress is an error.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::counts::Share;

/// What the client of a connection is expected to do, told by both sides of hyper: what it reads
/// from and what it calls.
#[derive(Debug)]
pub(super) struct Course(Mutex<State>);

#[derive(Debug)]
struct State {
    step: Step,
    head: Share,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Nothing: one request is over and no other has begun.
    Silent,
    /// To send the rest of a head.
    Head,
    /// To wait: its request is worked on, or its body is read, which has a deadline of its own.
    Served,
}

impl Course {
    pub(super) fn new(head: Share) -> Self {
        // The first head is awaited no longer than any other.
        let step = Step::Head;
        Self(Mutex::new(State { step, head }))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A whole head is there.
    pub(super) fn served(&self) {
        let mut state = self.state();
        state.step = Step::Served;
        state.head.give_back();
    }

    /// Its answer is made.
    pub(super) fn answered(&self) {
        self.state().step = Step::Silent;
    }
}

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Guarded {
    stream: TcpStream,
    course: Arc<Course>,
    head: Duration,
    write: Duration,
    head_by: Option<Pin<Box<Sleep>>>,
    write_by: Option<Pin<Box<Sleep>>>,
}

impl Guarded {
    pub(super) fn new(
        stream: TcpStream,
        course: Arc<Course>,
        head: Duration,
        write: Duration,
    ) -> Self {
        Self {
            stream,
            course,
            head,
            write,
            head_by: None,
            write_by: None,
        }
    }

    /// Passes a write on; one that is stuck for too long fails.
    fn wrote<T>(&mut self, cx: &mut Context<'_>, polled: Poll<Result<T>>) -> Poll<Result<T>> {
        if polled.is_ready() {
            self.write_by = None;
            return polled;
        }
        let write = self.write;
        let by = self.write_by.get_or_insert_with(|| Box::pin(sleep(write)));
        match by.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(late("the answer is not read"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

fn late(why: &'static str) -> Error {
    metrics::counter!("http_connections_refused_total").increment(1);
    Error::new(ErrorKind::TimedOut, why)
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let read = buffer.filled().len() - before;
        let mut begins = false;
        let step = {
            let mut state = self.course.state();
            if read > 0 && state.step == Step::Silent {
                state.step = Step::Head;
                begins = true;
            }
            if state.step == Step::Head && !state.head.grow(read) {
                return Poll::Ready(Err(Error::other("no room for more unfinished requests")));
            }
            state.step
        };
        if begins || step != Step::Head {
            // Each head has its own time.
            self.head_by = None;
        }
        if step != Step::Head {
            return polled;
        }
        let head = self.head;
        let by = self.head_by.get_or_insert_with(|| Box::pin(sleep(head)));
        // Looked at whether or not something came: a little now and then is no better than nothing.
        match by.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(late("the head does not end"))),
            Poll::Pending => polled,
        }
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.wrote(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.wrote(cx, polled)
    }
}
