//! Where in JSON a place is: how deep, and whether in a string. Found by what is before it, whether or not that is valid.

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Nesting {
    depth: i64,
    in_string: bool,
    escaped: bool,
}

impl Nesting {
    /// Inside a string, or not, of JSON whose beginning isn't known.
    pub(crate) fn inside(in_string: bool) -> Self {
        Self { in_string, ..Self::default() }
    }

    /// Goes on behind a character.
    pub(crate) fn push(&mut self, c: char) {
        match c {
            _ if self.escaped => self.escaped = false,
            '\\' if self.in_string => self.escaped = true,
            '"' => self.in_string = !self.in_string,
            '{' | '[' if !self.in_string => self.depth += 1,
            '}' | ']' if !self.in_string => self.depth -= 1,
            _ => {}
        }
    }

    /// The same for bytes: what JSON is made of is ASCII.
    pub(crate) fn push_byte(&mut self, byte: u8) {
        self.push(char::from(byte));
    }

    /// Objects and arrays that are open.
    pub(crate) fn depth(&self) -> i64 {
        self.depth
    }

    pub(crate) fn in_string(&self) -> bool {
        self.in_string
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_outside_of_strings() {
        let at_the_end = |text: &str| {
            let mut nesting = Nesting::default();
            text.chars().for_each(|c| nesting.push(c));
            (nesting.depth(), nesting.in_string())
        };
        assert_eq!(at_the_end(r#"{"a":[1,{"#), (3, false));
        assert_eq!(at_the_end(r#"{"}\"]"#), (1, true));
        assert_eq!(at_the_end(r#"["a\\"]"#), (0, false));
        assert_eq!(at_the_end("]"), (-1, false));
    }
}
