//! What differs between two sequences, as between two texts line by line (Myers, "An O(ND) Difference Algorithm", 1986).

/// A line of one of them, or of both; what stands in both is the first's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit<T> {
    Both(T),
    /// Only in the first.
    Gone(T),
    /// Only in the second.
    New(T),
    /// So many that are in both were left out.
    LeftOut(u64),
}

/// Texts that differ in more lines than these are told as one that went and one that came: to find more costs the square of it.
const MOST: usize = 1000;

/// Lines in both that are shown around what differs.
const AROUND: usize = 3;

/// All that differs, with a little around it; nothing where nothing does.
pub(crate) fn between<T: Copy + PartialEq>(before: &[T], after: &[T]) -> Vec<Edit<T>> {
    let edits = all(before, after);
    let differs = |edit: &Edit<T>| !matches!(edit, Edit::Both(_));
    let near = |at: usize| edits[at.saturating_sub(AROUND)..edits.len().min(at + AROUND + 1)].iter().any(differs);
    let mut shown = Vec::new();
    for (at, edit) in edits.iter().enumerate() {
        match shown.last_mut() {
            _ if near(at) => shown.push(*edit),
            Some(Edit::LeftOut(count)) => *count += 1,
            _ => shown.push(Edit::LeftOut(1)),
        }
    }
    if edits.iter().any(differs) { shown } else { Vec::new() }
}

/// The way from one to the other, with all that is in both.
pub(crate) fn all<T: Copy + PartialEq>(before: &[T], after: &[T]) -> Vec<Edit<T>> {
    let start = before.iter().zip(after).take_while(|(before, after)| before == after).count();
    let (before_rest, after_rest) = (&before[start..], &after[start..]);
    let same_end = before_rest.iter().rev().zip(after_rest.iter().rev()).take_while(|(before, after)| before == after);
    let end = same_end.count();
    let (gone, new) = (&before_rest[..before_rest.len() - end], &after_rest[..after_rest.len() - end]);
    let mut edits: Vec<Edit<T>> = before[..start].iter().copied().map(Edit::Both).collect();
    match path(gone, new) {
        Some(between) => edits.extend(between),
        None => {
            edits.extend(gone.iter().copied().map(Edit::Gone));
            edits.extend(new.iter().copied().map(Edit::New));
        }
    }
    edits.extend(before[before.len() - end..].iter().copied().map(Edit::Both));
    edits
}

/// The shortest way from one to the other; `None` where it is too long to be looked for.
fn path<T: Copy + PartialEq>(before: &[T], after: &[T]) -> Option<Vec<Edit<T>>> {
    let most = (before.len() + after.len()).min(MOST);
    // How far each diagonal has come, for each number of edits; the middle is the diagonal of no edit.
    let mut reached = vec![0usize; 2 * most + 3];
    let middle = most + 1;
    let mut trace = Vec::new();
    for edits in 0..=most {
        trace.push(reached[middle - edits - 1..=middle + edits + 1].to_vec());
        for step in 0..=edits {
            let diagonal = middle + 2 * step - edits;
            let down = step == 0 || (step < edits && reached[diagonal - 1] < reached[diagonal + 1]);
            let mut x = if down { reached[diagonal + 1] } else { reached[diagonal - 1] + 1 };
            let mut y = x + middle - diagonal;
            while x < before.len() && y < after.len() && before[x] == after[y] {
                (x, y) = (x + 1, y + 1);
            }
            reached[diagonal] = x;
            if x >= before.len() && y >= after.len() {
                return Some(walk_back(before, after, &trace));
            }
        }
    }
    None
}

fn walk_back<T: Copy>(before: &[T], after: &[T], trace: &[Vec<usize>]) -> Vec<Edit<T>> {
    let (mut x, mut y) = (before.len(), after.len());
    let mut edits = Vec::new();
    for (count, reached) in trace.iter().enumerate().rev() {
        // In `reached` the diagonal of no edit is at `count + 1`.
        let diagonal = (count + 1 + x) - y;
        let down = diagonal == 1 || (diagonal < 2 * count + 1 && reached[diagonal - 1] < reached[diagonal + 1]);
        let from = if down { diagonal + 1 } else { diagonal - 1 };
        let (from_x, from_y) = match count {
            0 => (0, 0),
            _ => (reached[from], reached[from] + count + 1 - from),
        };
        while x > from_x && y > from_y {
            (x, y) = (x - 1, y - 1);
            edits.push(Edit::Both(before[x]));
        }
        if count > 0 {
            edits.push(if down { Edit::New(after[from_y]) } else { Edit::Gone(before[from_x]) });
        }
        (x, y) = (from_x, from_y);
    }
    edits.reverse();
    edits
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    fn shown(before: &str, after: &str) -> String {
        let lines = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
        let (before, after): (&'static str, &'static str) =
            (Box::leak(before.to_owned().into_boxed_str()), Box::leak(after.to_owned().into_boxed_str()));
        let edits = between(&lines(before), &lines(after)).into_iter().map(|edit| match edit {
            Edit::Both(line) => format!(" {line}"),
            Edit::Gone(line) => format!("-{line}"),
            Edit::New(line) => format!("+{line}"),
            Edit::LeftOut(count) => format!("…{count}"),
        });
        edits.collect::<Vec<_>>().join(",")
    }

    #[test]
    fn what_differs_is_shown_with_a_little_around_it() {
        assert_eq!(shown("a b c", "a x c"), " a,-b,+x, c");
        assert_eq!(shown("a b c", "a b c"), "");
        assert_eq!(shown("", "a"), "+a");
        assert_eq!(shown("1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 x"), "…5, 6, 7, 8,-9,+x");
        assert_eq!(shown("a b c a b b a", "c b a b a c"), "-a,-b, c,+b, a, b,-b, a,+c");
    }

    #[test]
    fn each_text_can_be_had_back() {
        let mut random = StdRng::seed_from_u64(3);
        for _ in 0..300 {
            let mut text = |most| -> Vec<&str> {
                (0..random.random_range(0..most)).map(|_| ["a", "b", "c"][random.random_range(0..3)]).collect()
            };
            let (before, after) = (text(30), text(30));
            let edits = all(&before, &after);
            let of = |wanted: fn(&Edit<&str>) -> bool| -> Vec<&str> {
                let line = |edit: &Edit<&'static str>| match *edit {
                    Edit::Both(line) | Edit::Gone(line) | Edit::New(line) => line,
                    Edit::LeftOut(_) => "",
                };
                edits.iter().filter(|edit| wanted(edit)).map(line).collect()
            };
            assert_eq!(of(|edit| !matches!(edit, Edit::New(_))), before);
            assert_eq!(of(|edit| !matches!(edit, Edit::Gone(_))), after);
        }
        let (before, after) = (vec!["a"; 3000], vec!["b"; 3000]);
        assert_eq!(all(&before, &after).len(), 6000);
    }
}
