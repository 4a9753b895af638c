//! Which of several messages stands for which of several expectations, where they may come in any order: what meets more
//! than one gives way to what meets only one.

/// A matching that grows message by message.
#[derive(Debug)]
pub(super) struct Matching {
    /// For each expectation the message that stands for it.
    owners: Vec<Option<usize>>,
    /// For each message that was taken the expectations that it meets.
    meets: Vec<Vec<usize>>,
}

impl Matching {
    pub(super) fn new(expectations: usize) -> Self {
        Self { owners: vec![None; expectations], meets: Vec::new() }
    }

    /// Whether each expectation has its message.
    pub(super) fn is_whole(&self) -> bool {
        self.owners.iter().all(Option::is_some)
    }

    /// The expectations that have none.
    pub(super) fn missing(&self) -> impl Iterator<Item = usize> {
        self.owners.iter().enumerate().filter(|(_, owner)| owner.is_none()).map(|(number, _)| number)
    }

    /// Takes a message that meets these. Returns false where all of them have theirs, and none can have another.
    pub(super) fn add(&mut self, meets: Vec<usize>) -> bool {
        let message = self.meets.len();
        self.meets.push(meets);
        let mut seen = vec![false; self.owners.len()];
        let is_taken = self.place(message, &mut seen);
        if !is_taken {
            self.meets.pop();
        }
        is_taken
    }

    /// Finds an expectation for a message, another of whose messages finds another one. No deeper than there are expectations.
    fn place(&mut self, message: usize, seen: &mut [bool]) -> bool {
        for at in 0..self.meets[message].len() {
            let expectation = self.meets[message][at];
            if std::mem::replace(&mut seen[expectation], true) {
                continue;
            }
            let is_free = match self.owners[expectation] {
                None => true,
                Some(owner) => self.place(owner, seen),
            };
            if is_free {
                self.owners[expectation] = Some(message);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_meets_more_than_one_gives_way() {
        let mut matching = Matching::new(3);
        assert!(matching.add(vec![0, 1]) && matching.add(vec![0, 2]));
        assert_eq!(matching.missing().collect::<Vec<_>>(), [2]);
        // The first has gone on to 1, and the second goes on to 2.
        assert!(matching.add(vec![0]) && matching.is_whole());
        assert!(!matching.add(vec![0, 1, 2]));
        let mut matching = Matching::new(2);
        assert!(matching.add(vec![0]) && !matching.add(vec![0]) && !matching.add(vec![]) && matching.add(vec![1]));
    }
}
