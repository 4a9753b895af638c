//! Opcodes (RFC 6455 §5.2, §11.8).

/// What a frame is, as the four bits of its header say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpCode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
    /// 3 to 7 and 11 to 15, which nothing negotiated gives a meaning.
    Reserved(u8),
}

/// The opcodes that have a name.
const NAMES: [(&str, OpCode); 6] = [
    ("continuation", OpCode::Continuation),
    ("text", OpCode::Text),
    ("binary", OpCode::Binary),
    ("close", OpCode::Close),
    ("ping", OpCode::Ping),
    ("pong", OpCode::Pong),
];

impl OpCode {
    /// Every name, in the order of the numbers.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().map(|(name, _)| name)
    }

    /// The opcode of that name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, opcode)| opcode)
    }

    /// Its name; a reserved one has none.
    pub fn name(self) -> Option<&'static str> {
        NAMES.into_iter().find(|(_, known)| *known == self).map(|(name, _)| name)
    }

    /// Opcodes with their top bit set are control frames, the reserved ones among them (§5.5).
    pub fn is_control(self) -> bool {
        u8::from(self) & 0x08 != 0
    }
}

impl From<OpCode> for u8 {
    #[inline]
    fn from(opcode: OpCode) -> Self {
        match opcode {
            OpCode::Continuation => 0,
            OpCode::Text => 1,
            OpCode::Binary => 2,
            OpCode::Close => 8,
            OpCode::Ping => 9,
            OpCode::Pong => 10,
            OpCode::Reserved(number) => number & 0x0f,
        }
    }
}

impl From<u8> for OpCode {
    /// The low four bits count.
    #[inline]
    fn from(number: u8) -> Self {
        match number & 0x0f {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            number => Self::Reserved(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_read_back() {
        for number in 0..16 {
            let opcode = OpCode::from(number);
            assert_eq!(u8::from(opcode), number);
            assert_eq!(opcode.is_control(), number >= 8);
            assert_eq!(opcode.name().and_then(OpCode::named), opcode.name().map(|_| opcode));
        }
        assert_eq!(OpCode::Reserved(11).name(), None);
    }
}
