//! Scales and axes.

/// A logarithmic scale onto a line of pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Log {
    /// A scale over all values above zero, widened to powers of ten, onto pixels `from` to `to`.
    pub(super) fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| *value > 0.0 && value.is_finite()) {
            low = low.min(value.log10().floor());
            high = high.max(value.log10().ceil());
        }
        if !low.is_finite() {
            (low, high) = (0.0, 1.0);
        }
        Self {
            low,
            high: high.max(low + 1.0),
            from,
            to,
        }
    }

    /// Where a value is; what is below the scale, zero too, is at its beginning.
    pub(super) fn at(&self, value: f64) -> f64 {
        let exponent = if value > 0.0 { value.log10() } else { self.low };
        let part = (exponent - self.low) / (self.high - self.low);
        self.from + part.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// The powers of ten, as value and place.
    pub(super) fn ticks(&self) -> Vec<(f64, f64)> {
        let mut ticks = Vec::new();
        let mut exponent = self.low;
        while exponent <= self.high {
            let value = 10_f64.powf(exponent);
            ticks.push((value, self.at(value)));
            exponent += 1.0;
        }
        ticks
    }
}

/// A length in pixels, short.
pub(super) fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A round step that divides a length into about four.
pub(super) fn step(length: f64) -> f64 {
    let rough = (length / 4.0).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    steps
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(rough)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_covers_its_values_in_powers_of_ten() {
        let scale = Log::over([0.0, 3.0, 250.0].into_iter(), 0.0, 300.0);
        let ticks = scale.ticks().into_iter().map(|(value, _)| value.round());
        assert_eq!(ticks.collect::<Vec<_>>(), [1.0, 10.0, 100.0, 1000.0]);
        assert_eq!((scale.at(0.0), scale.at(1000.0)), (0.0, 300.0));
        assert!((scale.at(10.0) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_step_is_round() {
        assert!((step(158.0) - 50.0).abs() < 1e-9);
        assert!((step(7.0) - 2.0).abs() < 1e-9);
    }
}
