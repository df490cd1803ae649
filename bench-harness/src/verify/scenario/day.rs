//! A day of 300 operations in a fixed order, nine of ten of them reads.

use super::Played;
use super::common::claim;
use crate::verify::anyone::Anyone;
use crate::verify::ground::{Ground, Laid, wanted};
use crate::verify::subject::{Id, Manner};

/// The same day for everybody, every time.
const SEED: u64 = 4;
const OPERATIONS: usize = 300;

/// What this day knows of what it did.
struct Diary {
    /// Segments that stay.
    kept: Vec<Id>,
    /// Segments made today.
    made: Vec<Id>,
    /// Clusters that have a segment.
    clusters: Vec<usize>,
    /// Numbers given out, to names, segments and clusters.
    next: usize,
}

pub(super) async fn play(
    subject: &mut dyn Anyone,
    ground: &Ground,
    laid: &Laid,
) -> anyhow::Result<Played> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut diary = Diary {
        kept: laid.segments.clone(),
        made: Vec::new(),
        clusters: Vec::new(),
        next: 0,
    };
    let mut played = Played::default();
    for n in 0..OPERATIONS {
        played.requests += 1;
        if n % 10 == 9 {
            write(subject, &mut random, &mut diary).await?;
            continue;
        }
        let before = ground.ledger().count();
        match random.u8(..100) {
            0..50 => {
                let at = random.usize(..diary.kept.len().max(1));
                let id = diary.kept.get(at).copied().unwrap_or_default();
                subject.get(id).await?;
            }
            50..85 => {
                subject.list().await?;
            }
            _ => {
                // Two requests: sites and VRFs.
                subject.references().await?;
                played.requests += 1;
                played.counted += 1;
                played.hits += usize::from(ground.ledger().count() == before);
            }
        }
        played.counted += 1;
        played.hits += usize::from(ground.ledger().count() == before);
    }
    Ok(played)
}

async fn write(
    subject: &mut dyn Anyone,
    random: &mut fastrand::Rng,
    diary: &mut Diary,
) -> anyhow::Result<()> {
    let number = diary.next;
    diary.next += 1;
    let one = Manner::OneByOne;
    match random.u8(..5) {
        0 if !diary.made.is_empty() => {
            let id = diary.made.swap_remove(0);
            subject.delete(&[id], one).await
        }
        1 if !diary.clusters.is_empty() => {
            let cluster = diary.clusters.swap_remove(0);
            subject.release(&[claim(cluster)], one).await
        }
        2 => {
            subject.allocate(&[claim(number)], one).await?;
            diary.clusters.push(number);
            Ok(())
        }
        3 => {
            let at = number % diary.kept.len().max(1);
            let id = diary.kept.get(at).copied().unwrap_or_default();
            subject
                .rename(&[(id, format!("V_DAY_{number}"))], one)
                .await
        }
        _ => {
            let made = subject.create(&[wanted(number)], one).await?;
            diary.made.extend(made);
            Ok(())
        }
    }
}
