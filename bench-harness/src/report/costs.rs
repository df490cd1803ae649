//! Warm reads, and what the guest itself takes.

use maud::{Markup, html};

use super::plot::px;
use super::text;
use super::view::Group;
use crate::verify::{Row, WarmReads};

pub(super) fn reads(reads: Option<&WarmReads>) -> Markup {
    let most = reads.map_or(0.0, |reads| {
        let all = reads
            .requests_per_second
            .max(reads.empty_requests_per_second);
        let fresh = reads.wasip2.as_ref();
        all.max(fresh.map_or(0.0, |fresh| fresh.requests_per_second))
    });
    html! {
        @if let Some(reads) = reads {
            section #reads aria-labelledby="reads-title" {
                h2 #reads-title { "Warm reads" }
                p {
                    "A list of 100 segments through the host, over sockets, beside a handler that does nothing in the same host"
                    @if reads.one_processor { ", which is kept to one processor" }
                    ". The median takes " (ratio(reads.p50_ms, reads.empty_p50_ms)) " times as long as the empty answer."
                }
                div.scroll {
                    table {
                        caption { "Warm reads and the empty handler" }
                        thead {
                            tr {
                                th scope="col" { "Handler" } th scope="col" { "Requests a second" }
                                th scope="col" .n { "p50" } th scope="col" .n { "p99" }
                            }
                        }
                        tbody {
                            (handler("list of 100", "edge", reads.requests_per_second, most, (reads.p50_ms, Some(reads.p99_ms))))
                            @if let Some(fresh) = &reads.wasip2 {
                                (handler("list of 100, WASIp2", "edge", fresh.requests_per_second, most, (fresh.p50_ms, Some(fresh.p99_ms))))
                            }
                            (handler("empty", "naive", reads.empty_requests_per_second, most, (reads.empty_p50_ms, None)))
                        }
                    }
                }
            }
        }
    }
}

fn ratio(one: f64, two: f64) -> String {
    match two > 0.0 {
        true => format!("{:.1}", one / two),
        false => "many".into(),
    }
}

/// One row; the times are p50 and p99.
fn handler(name: &str, class: &str, rate: f64, most: f64, times: (f64, Option<f64>)) -> Markup {
    let width = px(100.0 * rate / most.max(1e-9));
    html! {
        tr {
            th scope="row" { (name) }
            td {
                ul.bars { li { span.track { i class=(class) style={ "width:" (width) "%" } {} } span.value { b { (text::number(rate)) } } } }
            }
            td.n { (text::ms(times.0)) }
            td.n { @if let Some(p99) = times.1 { (text::ms(p99)) } @else { "–" } }
        }
    }
}

pub(super) fn guest(groups: &[Group<'_>]) -> Markup {
    let measured =
        |row: &&Row| row.figures.fuel.is_some() || row.figures.guest_memory_bytes.is_some();
    let rows: Vec<&Row> = groups
        .iter()
        .flat_map(|group| group.at_most().into_iter().filter(measured))
        .collect();
    html! {
        @if !rows.is_empty() {
            section #guest aria-labelledby="guest-title" {
                h2 #guest-title { "Fuel and memory of the component" }
                p { "Fuel is wasmtime’s count of what the guest executes, about one an instruction, the start of instances included." }
                div.scroll tabindex="0" role="group" aria-label="Table of fuel and memory" {
                    table {
                        caption { "Guest fuel and memory by scenario" }
                        thead {
                            tr {
                                th scope="col" { "Operation" } th scope="col" { "By" } th scope="col" .n { "Requests" }
                                th scope="col" .n { "Fuel" } th scope="col" .n { "Fuel a request" } th scope="col" .n { "Memory" }
                            }
                        }
                        tbody { @for row in rows { (line(row)) } }
                    }
                }
            }
        }
    }
}

fn line(row: &Row) -> Markup {
    let figures = &row.figures;
    let requests = figures.requests.max(1) as u64;
    let dash = || "–".to_owned();
    html! {
        tr {
            th scope="row" { (row.title) small { (text::setting(row)) } }
            td { (text::subject(row)) }
            td.n { (text::count(figures.requests as u64)) }
            td.n { (figures.fuel.map_or_else(dash, text::fuel)) }
            td.n { (figures.fuel.map_or_else(dash, |fuel| text::fuel(fuel / requests))) }
            td.n { (figures.guest_memory_bytes.map_or_else(dash, text::memory)) }
        }
    }
}
