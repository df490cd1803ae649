//! Real sockets: HTTP/1.1 with keep-alive, no Nagle delay, a graceful end.

use super::running::Handler;
use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use wasmtime_wasi_http::Error;

/// Pause after a failed accept (too many open files): trying again at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A listening socket and its connections.
pub(super) struct Server {
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) async fn start(listen: SocketAddr, handler: Handler) -> std::io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let addr = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, handler, stopped));
        Ok(Self {
            addr,
            stop,
            accepting: Some(accepting),
        })
    }

    pub(super) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Closes the socket and waits for the connections, each of which ends after the request it is serving.
    pub(super) async fn stop(mut self) {
        let _ = self.stop.send(true);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
        }
    }
}

async fn accept(listener: TcpListener, handler: Handler, stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    let mut closing = stopped.clone();
    loop {
        tokio::select! {
            () = stop_asked(&mut closing) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    connections.spawn(serve(stream, client, handler.clone(), stopped.clone()));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn serve(
    stream: TcpStream,
    client: SocketAddr,
    handler: Handler,
    mut stopped: watch::Receiver<bool>,
) {
    // Without it a response of two segments waits for the client's delayed acknowledgement, 40 ms.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: http::Request<hyper::body::Incoming>| {
        let handler = handler.clone();
        async move {
            let request = request.map(|body| body.map_err(Error::Hyper).boxed_unsync());
            Ok::<_, Infallible>(handler.handle(request, Some(client)).await)
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop_asked(&mut stopped) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Ends when the server is told to stop, or is gone.
async fn stop_asked(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}
