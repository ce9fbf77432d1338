//! Conditions in words, as a command line has them: `delay=300ms rate=0s:2mbit,40s:500kbit queue=300ms loss=2% burst=3`.
use super::{Capacity, Conditions, Loss, Queue, Reordering};
use forwarder_core::time::Time;
use std::str::FromStr;
use std::time::Duration;

impl FromStr for Conditions {
    type Err = String;

    /// Words in any order; what is not named does nothing.
    fn from_str(text: &str) -> Result<Conditions, String> {
        let mut conditions = Conditions::wire(Duration::ZERO);
        let (mut share, mut mean) = (0.0, None);
        for word in text.split_whitespace() {
            let (name, value) = word
                .split_once('=')
                .ok_or(format!("{word} is not of the form name=value"))?;
            match name {
                "delay" => conditions.delay = duration(value)?,
                "jitter" => conditions.jitter = duration(value)?,
                "jitter_reorders" => conditions.jitter_reorders = value == "yes",
                "rate" => conditions.capacity = capacity(value)?,
                "queue" => conditions.queue = queue(value)?,
                "loss" => share = percent(value)?,
                "burst" => mean = Some(number(value)?),
                "reorder" => conditions.reordering = Some(reordering(value)?),
                "duplicate" => conditions.duplication = percent(value)?,
                _ => return Err(format!("a link has no {name}; it has delay, jitter, jitter_reorders, rate, queue, loss, burst, reorder and duplicate")),
            }
        }
        conditions.loss = loss(share, mean)?;
        Ok(conditions)
    }
}

fn loss(share: f64, mean: Option<f64>) -> Result<Loss, String> {
    match (share, mean) {
        (0.0, _) => Ok(Loss::None),
        (share, None) => Ok(Loss::Random(share)),
        (share, Some(mean)) if share < 1.0 && mean >= 1.0 && share / (1.0 - share) <= mean => {
            Ok(Loss::Bursts { share, mean })
        }
        (share, Some(mean)) => Err(format!("no bursts of {mean} packets lose {share} of all")),
    }
}

fn capacity(text: &str) -> Result<Capacity, String> {
    if !text.contains(':') {
        return Ok(Capacity::constant(rate(text)?));
    }
    let steps: Result<Vec<(Time, u64)>, String> = text
        .split(',')
        .map(|step| {
            let (from, to) = step
                .split_once(':')
                .ok_or(format!("{step} is not of the form 40s:500kbit"))?;
            Ok((Time::ZERO + duration(from)?, rate(to)?))
        })
        .collect();
    let steps = steps?;
    let is_in_order = steps.windows(2).all(|pair| pair[0].0 < pair[1].0);
    if !is_in_order || steps.first().is_none_or(|(from, _)| *from != Time::ZERO) {
        return Err(format!("the rates {text} do not begin at 0s and go forward"));
    }
    Ok(Capacity::schedule(&steps))
}

fn queue(text: &str) -> Result<Queue, String> {
    match text.strip_suffix("kB") {
        Some(size) => Ok(Queue::Bytes((number(size)? * 1_000.0) as usize)),
        None => duration(text).map(Queue::Lasting),
    }
}

fn reordering(text: &str) -> Result<Reordering, String> {
    let (share, by) = text
        .split_once('/')
        .ok_or(format!("{text} is not of the form 1%/20ms"))?;
    Ok(Reordering {
        share: percent(share)?,
        by: duration(by)?,
    })
}

fn duration(text: &str) -> Result<Duration, String> {
    let (value, unit) = match text.strip_suffix("ms") {
        Some(value) => (value, 1e-3),
        None => (
            text.strip_suffix('s')
                .ok_or(format!("{text} ends neither in ms nor in s"))?,
            1.0,
        ),
    };
    Duration::try_from_secs_f64(number(value)? * unit).map_err(|_| format!("{text} is no time that can pass"))
}

fn rate(text: &str) -> Result<u64, String> {
    let (value, unit) = match text.strip_suffix("kbit") {
        Some(value) => (value, 1e3),
        None => (
            text.strip_suffix("mbit")
                .ok_or(format!("{text} ends neither in kbit nor in mbit"))?,
            1e6,
        ),
    };
    Ok((number(value)? * unit) as u64)
}

fn percent(text: &str) -> Result<f64, String> {
    let value = number(
        text.strip_suffix('%')
            .ok_or(format!("{text} does not end in %"))?,
    )?;
    if value > 100.0 {
        return Err(format!("{text} is more than all"));
    }
    Ok(value / 100.0)
}

fn number(text: &str) -> Result<f64, String> {
    let value = text
        .parse::<f64>()
        .ok()
        .filter(|value| value.is_finite() && *value >= 0.0);
    value.ok_or(format!("{text} is no number from 0 on"))
}
