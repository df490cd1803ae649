//! A way to NetBox that stands for a component with a call too many.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

type Onward = Client<HttpConnector, Full<Bytes>>;

/// Passes everything on to `netbox`; before it makes a VLAN it looks for one, as the service did that segment-edge replaces.
pub(crate) async fn that_looks_before_each_vlan(netbox: String) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        let onward: Onward = Client::builder(TokioExecutor::new()).build_http();
        while let Ok((stream, _)) = listener.accept().await {
            let (onward, netbox) = (onward.clone(), netbox.clone());
            let service = service_fn(move |request| {
                let (onward, netbox) = (onward.clone(), netbox.clone());
                async move { Ok::<_, Infallible>(pass(&onward, &netbox, request).await) }
            });
            let serve = hyper::server::conn::http1::Builder::new();
            tokio::spawn(serve.serve_connection(TokioIo::new(stream), service));
        }
    });
    Ok(url)
}

async fn pass(onward: &Onward, netbox: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (mut parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let path = parts.uri.path_and_query().unwrap().to_string();
    if parts.method == Method::POST && path == "/api/ipam/vlans/" {
        let look = Request::get(format!("{netbox}/api/ipam/vlans/?vid=1000"))
            .header(header::AUTHORIZATION, &parts.headers[header::AUTHORIZATION])
            .body(Full::default());
        let seen = onward.request(look.unwrap()).await.unwrap();
        seen.into_body().collect().await.unwrap();
    }
    parts.uri = format!("{netbox}{path}").parse().unwrap();
    parts.headers.remove(header::HOST);
    let request = Request::from_parts(parts, Full::new(body));
    let (parts, body) = onward.request(request).await.unwrap().into_parts();
    Response::from_parts(parts, Full::new(body.collect().await.unwrap().to_bytes()))
}
