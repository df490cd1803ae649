//! A segment's form in the API, written out: what a list of thousands spends its time on.

use std::io::Write;

use ipnet::IpNet;

use super::{Cidr, ClustersView, SegmentView};

impl SegmentView<'_> {
    /// Appends the JSON of its serde form, by far fewer instructions: a component is compiled for size, and a serializer then
    /// takes a hundred of them for a byte (measured as wasmtime fuel).
    pub fn write_json(&self, json: &mut Vec<u8>) {
        json.extend_from_slice(b"{\"id\":\"");
        number(json, self.id.0);
        json.extend_from_slice(b"\",\"site\":");
        text(json, self.site.as_str());
        json.extend_from_slice(b",\"vlan_id\":");
        number(json, self.vlan_id.get().into());
        json.extend_from_slice(b",\"epg_name\":");
        text(json, self.epg_name);
        json.extend_from_slice(b",\"segment\":\"");
        network(json, self.cidr);
        json.extend_from_slice(b"\",\"vrf\":");
        text(json, self.vrf.as_str());
        json.extend_from_slice(b",\"dhcp\":");
        truth(json, self.dhcp);
        json.extend_from_slice(b",\"description\":");
        text(json, self.description);
        json.extend_from_slice(b",\"cluster_name\":");
        match self.clusters {
            clusters if clusters.is_empty() => json.extend_from_slice(b"null"),
            ClustersView::Text(names) => text(json, names),
            ClustersView::List(names) => text(json, &names.to_string()),
        }
        json.extend_from_slice(b",\"allocated_at\":");
        text_or_null(json, self.allocated_at);
        json.extend_from_slice(b",\"released\":");
        truth(json, self.released);
        json.extend_from_slice(b",\"released_at\":");
        text_or_null(json, self.released_at);
        json.push(b'}');
    }
}

/// The JSON array of these segments.
#[must_use]
pub fn json_array<'a>(segments: impl Iterator<Item = SegmentView<'a>>) -> Vec<u8> {
    let mut json = vec![b'['];
    for segment in segments {
        if json.len() > 1 {
            json.push(b',');
        }
        segment.write_json(&mut json);
    }
    json.push(b']');
    json
}

fn number(json: &mut Vec<u8>, number: u64) {
    json.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn truth(json: &mut Vec<u8>, truth: bool) {
    json.extend_from_slice(if truth { b"true" } else { b"false" });
}

fn network(json: &mut Vec<u8>, cidr: Cidr) {
    match cidr.net() {
        IpNet::V4(net) => {
            for (n, octet) in net.addr().octets().into_iter().enumerate() {
                if n > 0 {
                    json.push(b'.');
                }
                number(json, octet.into());
            }
            json.push(b'/');
            number(json, net.prefix_len().into());
        }
        // Writing to memory does not fail.
        IpNet::V6(net) => drop(write!(json, "{net}")),
    }
}

fn text_or_null(json: &mut Vec<u8>, value: Option<&str>) {
    match value {
        Some(value) => text(json, value),
        None => json.extend_from_slice(b"null"),
    }
}

fn text(json: &mut Vec<u8>, text: &str) {
    // RFC 8259, section 7: these, and no others, must be escaped.
    if text.bytes().any(|b| b < b' ' || b == b'"' || b == b'\\') {
        // A text always has a JSON form, and writing to memory does not fail.
        drop(serde_json::to_writer(json, text));
    } else {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::segment::testing::any_segment;
    use crate::segment::{Description, EpgName, Segment};

    proptest! {
        #[test]
        fn it_is_the_serde_form(segments in proptest::collection::vec(any_segment(), 0..4), odd in any::<String>()) {
            let odd = |segment: Segment| Segment {
                description: Description::stored(&odd),
                epg_name: EpgName::stored(format!("\u{7f}\"\\\n{odd}")),
                ..segment
            };
            let more: Vec<Segment> = segments.iter().cloned().map(odd).collect();
            let names: Vec<String> = segments.iter().map(|s| s.clusters.to_string()).collect();
            let packed = segments.iter().zip(&names).map(|(segment, names)| SegmentView {
                clusters: ClustersView::Text(names),
                ..segment.view()
            });
            let all: Vec<SegmentView<'_>> = segments.iter().chain(&more).map(Segment::view).chain(packed).collect();
            let json = String::from_utf8(json_array(all.iter().copied())).unwrap();
            prop_assert_eq!(json, serde_json::to_string(&all).unwrap());
        }
    }
}
