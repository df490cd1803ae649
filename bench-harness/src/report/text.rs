//! How figures are written.

use crate::verify::{Check, Figures, Manner, Row};

/// 12345 as `12,345`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with as many decimals as it takes to tell it: 0.42, 4.2, 42, 4,200.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => {
            let sign = if value < 0.0 { "-" } else { "" };
            // Saturates, and only times and rates come here.
            format!("{sign}{}", count(size.round() as u64))
        }
        size if size >= 9.995 => format!("{value:.1}"),
        0.0 => "0".into(),
        size if size < 0.0995 => format!("{value:.3}"),
        _ => format!("{value:.2}"),
    }
}

/// A figure without decimals that say nothing: `10.0 ms` as `10 ms`.
pub(super) fn round(figure: String) -> String {
    match figure.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            let number = number.trim_end_matches('0').trim_end_matches('.');
            format!("{number} {unit}")
        }
        _ => figure,
    }
}

/// Milliseconds; seconds from 10 s on.
pub(super) fn ms(value: f64) -> String {
    match value >= 10_000.0 {
        true => format!("{} s", number(value / 1_000.0)),
        false => format!("{} ms", number(value)),
    }
}

fn scaled(value: u64, step: u64, units: [&str; 4]) -> String {
    let (mut size, mut unit) = (value as f64, 0);
    while size >= step as f64 && unit + 1 < units.len() {
        size /= step as f64;
        unit += 1;
    }
    match unit {
        0 => format!("{value} {}", units[0]).trim_end().to_owned(),
        _ => format!("{size:.1} {}", units[unit]),
    }
}

/// Bytes on a wire or in a file, in powers of 1,000.
pub(super) fn bytes(value: u64) -> String {
    scaled(value, 1_000, ["B", "kB", "MB", "GB"])
}

/// Bytes of memory, in powers of 1,024.
pub(super) fn memory(value: u64) -> String {
    scaled(value, 1_024, ["B", "KiB", "MiB", "GiB"])
}

/// Guest fuel, in thousands, millions and billions.
pub(super) fn fuel(value: u64) -> String {
    scaled(value, 1_000, ["", "k", "M", "G"])
}

/// A share of one, in per cent.
pub(super) fn share(value: f64) -> String {
    format!("{} %", number(value * 100.0))
}

/// Calls and depth: `70 (49)`.
pub(super) fn calls(figures: &Figures) -> String {
    format!("{} ({})", figures.calls, figures.depth)
}

/// The time as a multiple of the floor; nothing where there is no floor.
pub(super) fn over_floor(figures: &Figures) -> Option<String> {
    (figures.floor_ms > 0.0).then(|| format!("× {:.2}", figures.wall_ms / figures.floor_ms))
}

pub(super) fn manner(manner: Manner) -> &'static str {
    match manner {
        Manner::OneByOne => "one by one",
        Manner::AtOnce => "at once",
        Manner::Bulk => "in one list",
    }
}

/// What a row started from: `100 segments, warm, at once`.
pub(super) fn setting(row: &Row) -> String {
    let state = if row.warm { "warm" } else { "cold" };
    let mut text = format!("{} segments, {state}", count(row.segments as u64));
    if let Some(how) = row.manner {
        text.push_str(", ");
        text.push_str(manner(how));
    }
    text
}

/// Who did it: `segment-edge`, `segment-edge, 4 instances`.
pub(super) fn subject(row: &Row) -> String {
    match row.instances {
        0 | 1 => row.subject.clone(),
        many => format!("{}, {many} instances", row.subject),
    }
}

/// A figure of a check in its unit.
fn of_check(what: &str, value: f64) -> String {
    let whole = value.max(0.0).round() as u64;
    match what {
        "latency-ms" => ms(value),
        "bytes" => bytes(whole),
        "memory-bytes" => memory(whole),
        "fuel" => fuel(whole),
        "hit-rate" => share(value),
        _ if value.fract() == 0.0 => count(whole),
        _ => number(value),
    }
}

/// What a target asks: `calls at most 3`.
pub(super) fn asked(check: &Check) -> String {
    let bound = if matches!(check.what.as_str(), "hit-rate" | "requests-per-second") {
        "at least"
    } else {
        "at most"
    };
    let figure = of_check(&check.what, check.target);
    format!("{} {bound} {figure}", check.what)
}

/// What was measured for a target.
pub(super) fn found(check: &Check) -> String {
    of_check(&check.what, check.found)
}

/// By how much a target was missed: `1, 33.3 %`.
pub(super) fn missed_by(check: &Check) -> String {
    let off = (check.found - check.target).abs();
    let figure = match check.what.as_str() {
        "hit-rate" => format!("{} points", number(off * 100.0)),
        what => of_check(what, off),
    };
    match check.target == 0.0 || check.what == "hit-rate" {
        true => figure,
        false => format!("{figure}, {}", share(off / check.target.abs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_as_long_as_they_need_to_be() {
        let all = [0.0, 0.004, 0.42, 4.2, 42.0, 420.4, 4200.0, 1_234_567.0];
        let all = all.map(number);
        assert_eq!(
            all,
            [
                "0",
                "0.004",
                "0.42",
                "4.20",
                "42.0",
                "420",
                "4,200",
                "1,234,567"
            ]
        );
        assert_eq!(
            (ms(9_999.0), ms(12_345.0)),
            ("9,999 ms".into(), "12.3 s".into())
        );
        assert_eq!(
            (bytes(999), bytes(43_107)),
            ("999 B".into(), "43.1 kB".into())
        );
        assert_eq!(
            (memory(100_663_296), fuel(999)),
            ("96.0 MiB".into(), "999".into())
        );
        assert_eq!(
            (fuel(12_300_000), share(0.994)),
            ("12.3 M".into(), "99.4 %".into())
        );
    }
}
